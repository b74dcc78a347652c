"""What goes into a network on chip, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NetworkError


def scatter(numbers: np.ndarray) -> np.ndarray:
    """Return 64 well mixed bits for each number (SplitMix64: Steele et al. 2014, OOPSLA)."""
    bits = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@dataclass(frozen=True)
class Messages:
    """Messages, one array entry each.

    Parameters
    ----------
    generated : array of int, shape (n,)
        When each is put into the queue of its source, in the mesh's unit of time.
    source : array of int, shape (n,)
        Terminal, ``router * cores + core``.
    destination : array of int, shape (n,) or (deliveries,)
        Terminal; with ``first_delivery`` the destinations of all messages one after another.
    flits : int or array of int, shape (n,)
        Flits of each packet.
    first_delivery : array of int, shape (n + 1,), optional
        Where the destinations of each message start: a multicast. Without it every message has one.
    ties : array of int, shape (n,), optional
        Bits that decide: 1 rightwards and 2 upwards when both ways round a torus are equally long, 4 x before y
        in XY-YX routing, those above the virtual channel of a handshake router. Without it they are scattered
        by the number of the message.

    Notes
    -----
    Messages of one source with the same time leave in the order given.
    """

    generated: np.ndarray
    source: np.ndarray
    destination: np.ndarray
    flits: np.ndarray | int = 1
    first_delivery: np.ndarray | None = None
    ties: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("generated", "source", "destination", "flits", "first_delivery", "ties"):
            value = getattr(self, name)
            if value is not None:
                array = np.atleast_1d(np.asarray(value))
                if array.size and array.dtype.kind not in "iu":
                    raise NetworkError(
                        f"Messages: {name} is of type {array.dtype}",
                        limit="integers are needed",
                        remedy="convert times to the mesh's unit first",
                    )
                object.__setattr__(self, name, array.astype(np.int64))
        n = len(self.generated)
        if self.first_delivery is None:
            object.__setattr__(self, "first_delivery", np.arange(n + 1))
        object.__setattr__(self, "flits", np.broadcast_to(self.flits, n).astype(np.int64))
        self._check(n)

    def _check(self, n: int) -> None:
        assert self.first_delivery is not None
        if len(self.source) != n or (self.ties is not None and len(self.ties) != n):
            raise NetworkError(f"Messages: {n} times but {len(self.source)} sources", limit="one each")
        first = self.first_delivery
        if (
            len(first) != n + 1
            or first[0] != 0
            or first[-1] != len(self.destination)
            or (np.diff(first) < 1).any()
        ):
            raise NetworkError(
                f"Messages: {len(self.destination)} destinations do not fit {n} messages",
                limit="first_delivery rises from 0 to the number of destinations, one or more for each message",
            )
        if n and (self.generated.min() < 0 or np.min(self.flits) < 1):
            raise NetworkError("Messages: a negative time or a packet without flits", limit="flits >= 1")

    def __len__(self) -> int:
        return len(self.generated)

    def unicast(self) -> Messages:
        """Return one message for each delivery: what a source does that replicates its multicasts."""
        assert self.first_delivery is not None
        who = np.repeat(np.arange(len(self)), np.diff(self.first_delivery))
        ties = None if self.ties is None else self.ties[who]
        flits = np.asarray(self.flits)[who]
        return Messages(self.generated[who], self.source[who], self.destination, flits, ties=ties)


@dataclass(frozen=True)
class Trace:
    """Every delivery of a run, one array entry each; times in the mesh's unit, -1 where not yet.

    Attributes
    ----------
    message : array of int
        Which message, counted from the first that was given.
    source, destination : array of int
    generated, injected, head_arrived, arrived : array of int
        Put into the source queue; head flit sent into the router; head flit, and tail flit, at the destination.
    hops : array of int
        Links between routers on the way.
    blocked : array of int
        Time lost to other traffic inside the network: ``arrived - injected`` beyond an empty network's.
    """

    message: np.ndarray
    source: np.ndarray
    destination: np.ndarray
    generated: np.ndarray
    injected: np.ndarray
    head_arrived: np.ndarray
    arrived: np.ndarray
    hops: np.ndarray
    blocked: np.ndarray

    def __len__(self) -> int:
        return len(self.message)

    @property
    def latency(self) -> np.ndarray:
        """Time from generation to arrival, for the deliveries that have arrived."""
        there = self.arrived >= 0
        return self.arrived[there] - self.generated[there]
