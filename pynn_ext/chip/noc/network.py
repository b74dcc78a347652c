"""Running a network on chip: all at once, or step by step in a loop with what its cores do."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ...errors import NetworkError
from . import handshake, pipelined
from .mesh import Mesh
from .messages import Messages, Trace, scatter
from .state import (
    DELIVERY,
    GROWING,
    IN_FLIGHT,
    MESSAGE,
    N_LOGGED,
    NONE,
    NOW,
    UNRELEASED,
    State,
    allocate,
)

FOREVER = 1 << 62


class Network:
    """A network on chip that can be given messages, advanced, saved and restored.

    Parameters
    ----------
    mesh : Mesh
    keep : bool
        Keep the trace of messages that have been delivered. Without, it is dropped once nothing is in flight.

    Examples
    --------
    >>> network = Network(Mesh(4, 4))
    >>> network.send(Messages([0], [0], [5]))
    >>> network.drain()
    >>> network.trace().latency.tolist()
    [17]
    """

    def __init__(self, mesh: Mesh, keep: bool = True) -> None:
        self.mesh, self.keep = mesh, keep
        self._parameters = mesh.parameters()
        self._state: State = allocate(
            self._parameters, mesh.neighbours(), mesh.per_port("latency"), mesh.per_port("interval")
        )
        self._advance = {"pipelined": pipelined, "handshake": handshake}[mesh.router].advance
        self._past: list[Trace] = []
        self._sent = 0  # messages before those in the state
        self._rows = 0  # rows of the trace before those in the state

    @property
    def now(self) -> int:
        """The time up to which everything has happened."""
        return int(self._state.scalars[NOW])

    @property
    def in_flight(self) -> int:
        """Deliveries that have not arrived, in source queues or on their way."""
        return int(self._state.scalars[IN_FLIGHT])

    @property
    def traffic(self) -> np.ndarray:
        """Flits that left through each port, shape (routers, ports): +x, -x, +y, -y, then the cores."""
        counts = self._state.channel["traffic"].reshape(self.mesh.routers, -1)
        at = self._parameters.direction
        order = [*range(at, at + 4), *(self._parameters.local + np.arange(self.mesh.cores))]
        return counts[:, order].copy()

    def send(self, messages: Messages) -> None:
        """Hand over messages; none may be generated before ``now``.

        Raises
        ------
        NetworkError
            For a message from the past, to nowhere, or of a tree too long for the buffers.
        """
        if self.mesh.multicast == "replicate":
            messages = messages.unicast()
        self._check(messages)
        if self.in_flight == 0:
            self._archive()
        s, n = self._state, len(messages)
        assert messages.first_delivery is not None
        base, first = len(s.message), len(s.delivery)
        ties = messages.ties
        if ties is None:
            ties = (scatter(self._sent + base + np.arange(n)) >> np.uint64(32)).astype(np.int64)
        message = np.repeat(MESSAGE, n)
        for name in ("generated", "source", "flits"):
            message[name] = getattr(messages, name)
        message["ties"] = ties
        message["begin"] = messages.first_delivery[:-1] + first
        message["end"] = messages.first_delivery[1:] + first
        delivery = np.repeat(DELIVERY, len(messages.destination))
        delivery["destination"] = messages.destination
        grown = {
            "message": np.concatenate([s.message, message]),
            "delivery": np.concatenate([s.delivery, delivery]),
        }
        grown["log"] = np.append(s.log, np.full(len(delivery), NONE))
        waiting = np.concatenate([s.release_order[s.scalars[UNRELEASED] :], base + np.arange(n)])
        grown["release_order"] = waiting[np.argsort(grown["message"]["generated"][waiting], kind="stable")]
        s.scalars[UNRELEASED] = 0
        s.scalars[IN_FLIGHT] += len(messages.destination)
        self._state = s._replace(**grown)

    def advance(self, until: int) -> np.ndarray:
        """Let everything happen before a time; return the deliveries that arrived, in the order of arrival.

        Returns
        -------
        array of int
            Rows of ``trace()`` as it will be when nothing of it has been dropped.
        """
        return self._run(until, 0)

    def drain(self) -> np.ndarray:
        """Go on until everything has been delivered; return the deliveries that arrived.

        Raises
        ------
        NetworkError
            If messages wait for each other for ever.
        """
        arrived = self._run(FOREVER, 1)
        if self.in_flight:
            raise NetworkError(
                f"deadlock: {self.in_flight} deliveries never arrive",
                where="Network.drain",
                limit=f"nothing moves after time {self.now}",
                remedy="more virtual channels or shorter packets",
            )
        return arrived

    def _run(self, until: int, drain: int) -> np.ndarray:
        s = self._state
        before = s.scalars[N_LOGGED]
        if not drain or self.in_flight:
            self._advance(until, drain, self._parameters, s)
        return self._rows + s.log[before : s.scalars[N_LOGGED]]

    def trace(self) -> Trace:
        """Return every delivery since the start, in the order in which the messages were given."""
        traces = [*self._past, self._present()]
        return Trace(*(np.concatenate([getattr(t, f.name) for t in traces]) for f in fields(Trace)))

    def rows(self, arrived: np.ndarray) -> Trace:
        """Return the rows of the trace that ``advance`` or ``drain`` returned last."""
        present = self._present()
        return Trace(*(getattr(present, f.name)[arrived - self._rows] for f in fields(Trace)))

    def save(self) -> dict[str, np.ndarray]:
        """Return all state as arrays, for ``numpy.savez`` and ``restore``."""
        arrays = {f"state.{name}": value.copy() for name, value in self._state._asdict().items()}
        past = [t for t in self._past] or [_empty()]
        for field in fields(Trace):
            arrays[f"past.{field.name}"] = np.concatenate([getattr(t, field.name) for t in past])
        arrays["sent"] = np.array([self._sent])
        return arrays

    @classmethod
    def restore(cls, mesh: Mesh, arrays: dict[str, np.ndarray], keep: bool = True) -> Network:
        """Return a network that goes on where another was saved.

        Raises
        ------
        NetworkError
            If the arrays were saved from another mesh.
        """
        network = cls(mesh, keep)
        for name, value in network._state._asdict().items():
            saved = arrays.get(f"state.{name}")
            fixed = name in ("neighbour", "port")
            if (
                saved is None
                or (name not in GROWING and saved.shape != value.shape)
                or (fixed and not np.array_equal(saved, value))
            ):
                raise NetworkError(
                    f"the saved array {name!r} does not fit",
                    where="Network.restore",
                    limit="arrays of the same mesh",
                    remedy="restore with the mesh it was saved with",
                )
        network._state = State(**{name: arrays[f"state.{name}"].copy() for name in State._fields})
        network._past = [Trace(*(arrays[f"past.{field.name}"].copy() for field in fields(Trace)))]
        network._sent = int(arrays["sent"][0])
        network._rows = len(network._past[0])
        return network

    def _check(self, messages: Messages) -> None:
        terminals, depth = self.mesh.terminals, self.mesh.buffer
        for name in ("source", "destination"):
            ends = getattr(messages, name)
            if len(ends) and not (0 <= ends.min() and ends.max() < terminals):
                wrong = ends[(ends < 0) | (ends >= terminals)][0]
                raise NetworkError(
                    f"{name} {wrong}", where="Network.send", limit=f"terminals are 0 to {terminals - 1}"
                )
        if len(messages) and messages.generated.min() < self.now:
            raise NetworkError(
                f"a message generated at {messages.generated.min()}",
                where="Network.send",
                limit=f"the network is at {self.now} already",
                remedy="send before advancing",
            )
        if self.mesh.multicast == "tree" and np.max(messages.flits, initial=1) > depth:
            raise NetworkError(
                f"a packet of {np.max(messages.flits)} flits",
                where="Network.send",
                limit=f"a tree can deadlock if a packet is longer than a buffer of {depth}",
                remedy="a deeper buffer, or multicast='replicate'",
            )

    def _present(self) -> Trace:
        """The trace of what is in the state."""
        message, delivery = self._state.message, self._state.delivery
        who = np.repeat(np.arange(len(message)), message["end"] - message["begin"])
        source, destination, arrived = message["source"][who], delivery["destination"], delivery["arrived"]
        injected = message["injected"][who]
        x, y = self.mesh.hops(source, destination)
        transit = self.mesh.transit(source, destination, message["flits"][who])
        return Trace(
            message=self._sent + who,
            source=source,
            destination=destination.copy(),
            generated=message["generated"][who],
            injected=injected,
            head_arrived=delivery["head_arrived"].copy(),
            arrived=arrived.copy(),
            hops=x + y,
            blocked=np.where(arrived >= 0, arrived - injected - transit, NONE),
        )

    def _archive(self) -> None:
        """Move what has been delivered out of the state, so that a long run does not slow down."""
        s = self._state
        if len(s.message) == 0:
            return
        if self.keep:
            self._past.append(self._present())
            self._rows += len(self._past[-1])
        self._sent += len(s.message)
        s.scalars[[UNRELEASED, N_LOGGED]] = 0
        self._state = s._replace(**{name: empty.copy() for name, empty in GROWING.items()})


def _empty() -> Trace:
    return Trace(*(np.zeros(0, np.int64) for _ in fields(Trace)))


def simulate(mesh: Mesh, messages: Messages) -> Trace:
    """Run messages through an empty network until all have arrived.

    Parameters
    ----------
    mesh : Mesh
    messages : Messages

    Returns
    -------
    Trace
    """
    network = Network(mesh)
    network.send(messages)
    network.drain()
    return network.trace()
