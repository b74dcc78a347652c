"""A network on chip as one record of parameters, and what follows from them without traffic."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ...errors import NetworkError
from .state import XY, XY_YX, YX, Parameters

ORDERS = {"xy": XY, "yx": YX, "xy-yx": XY_YX}
ROUTERS = ("pipelined", "handshake")
MULTICASTS = ("replicate", "tree")


@dataclass(frozen=True)
class Mesh:
    """A mesh or torus of routers. All times are integers of one unit, a clock cycle or a fraction of a nanosecond.

    Parameters
    ----------
    columns, rows : int
        Routers in x and y. Router ``y * columns + x``.
    cores : int
        Terminals at each router (a concentrated mesh). Terminal ``router * cores + core``.
    torus : bool
        Wrap-around links in both dimensions.
    virtual_channels, buffer : int
        Virtual channels of each port, and flits that the buffer of each holds.
    routing : {'xy', 'yx', 'xy-yx'}
        Order of the dimensions; 'xy-yx' draws it for each packet.
    multicast : {'replicate', 'tree'}
        A message to many is sent once for each destination by its source, or forked by the routers.
    router : {'pipelined', 'handshake'}
        Allocators and credits, or reservations and a two-phase handshake on each link.
    route_delay, vc_delay, switch_delay, crossbar_delay : int
        Stages of the pipelined router. ``route_delay`` 0 is look-ahead routing.
    credit_delay : int
        Time from the arrival of a credit at a router until it counts.
    speculative : bool
        Ask for the switch together with the virtual channel.
    latency_x, latency_y, latency_core : int
        Time on the links between columns, between rows, and between router and core.
    interval_x, interval_y, interval_core : int
        Least time between two flits on one link.

    Raises
    ------
    NetworkError
        For a combination that cannot be built or can deadlock.

    Notes
    -----
    An asynchronous chip is a mesh with a small unit of time, a short pipeline (``route_delay=0``,
    ``speculative=True``: two units) and the rest of its time for one hop in ``latency_x`` and ``latency_y``.
    """

    columns: int
    rows: int
    cores: int = 1
    torus: bool = False
    virtual_channels: int = 1
    buffer: int = 8
    routing: str = "xy"
    multicast: str = "replicate"
    router: str = "pipelined"
    route_delay: int = 1
    vc_delay: int = 1
    switch_delay: int = 1
    crossbar_delay: int = 1
    credit_delay: int = 1
    speculative: bool = False
    latency_x: int = 1
    latency_y: int = 1
    latency_core: int = 1
    interval_x: int = 1
    interval_y: int = 1
    interval_core: int = 1

    def __post_init__(self) -> None:
        least = dict.fromkeys(("route_delay", "credit_delay"), 0)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "int":
                self._demand(
                    value >= least.get(field.name, 1), field.name, f"at least {least.get(field.name, 1)}"
                )
        self._demand(self.routing in ORDERS, "routing", f"one of {', '.join(ORDERS)}")
        self._demand(self.router in ROUTERS, "router", f"one of {', '.join(ROUTERS)}")
        self._demand(self.multicast in MULTICASTS, "multicast", f"one of {', '.join(MULTICASTS)}")
        self._demand(self.cores <= 32, "cores", "at most 32 at a router")
        split = self.torus or self.routing == "xy-yx"
        self._demand(
            not split or self.virtual_channels > 1, "virtual_channels", "2 or more here, or it deadlocks"
        )
        self._demand(not (self.torus and self.routing == "xy-yx"), "routing", "'xy' or 'yx' on a torus")
        self._demand(not (self.torus and self.multicast == "tree"), "multicast", "'replicate' on a torus")
        even = self.interval_x == self.interval_y
        self._demand(even or self.routing != "xy-yx", "interval_y", "equal to interval_x with XY-YX routing")
        self._demand(not (self.speculative and self.vc_delay > 1), "vc_delay", "1 with speculative=True")
        if self.router == "handshake":
            used = ("columns", "rows", "cores", "virtual_channels", "buffer", "routing", "router")
            for field in fields(self):
                default = field.name in used or getattr(self, field.name) == field.default
                self._demand(
                    default,
                    field.name,
                    f"{field.default!r} here: a handshake router has no such part",
                )
            self._demand(self.routing != "xy-yx", "routing", "'xy' or 'yx' with the handshake router")

    def _demand(self, holds: bool, name: str, limit: str) -> None:
        if not holds:
            raise NetworkError(
                f"{name}={getattr(self, name)!r} is not possible",
                where="Mesh",
                limit=limit,
                remedy=f"change {name}",
            )

    @property
    def routers(self) -> int:
        """Number of routers."""
        return self.columns * self.rows

    @property
    def terminals(self) -> int:
        """Number of cores in all."""
        return self.routers * self.cores

    @property
    def pipeline(self) -> int:
        """Time a head flit needs in an empty router, without the link."""
        if self.router == "handshake":
            return 1
        stages = (self.vc_delay, self.switch_delay)
        return self.route_delay + (max(stages) if self.speculative else sum(stages)) + self.crossbar_delay

    def parameters(self) -> Parameters:
        """Return what the kernels need.

        A router of several cores numbers their ports before the four directions, one of a single core after
        them: the round-robin order of the allocators of BookSim2's ``cmesh`` and ``mesh``.
        """
        local, direction = (0, self.cores) if self.cores > 1 else (4, 0)
        return Parameters(
            columns=self.columns,
            rows=self.rows,
            cores=self.cores,
            ports=4 + self.cores,
            direction=direction,
            local=local,
            vcs=self.virtual_channels,
            depth=self.buffer,
            torus=int(self.torus),
            order=ORDERS[self.routing],
            route_delay=self.route_delay,
            vc_delay=self.vc_delay,
            switch_delay=self.switch_delay,
            crossbar_delay=self.crossbar_delay,
            credit_delay=self.credit_delay,
            speculative=int(self.speculative),
        )

    def per_port(self, what: str) -> np.ndarray:
        """Return 'latency' or 'interval' of the link at each port of a router."""
        x, y, core = (getattr(self, f"{what}_{end}") for end in ("x", "y", "core"))
        directions, cores = [x, x, y, y], [core] * self.cores
        return np.array(cores + directions if self.cores > 1 else directions + cores)

    def neighbours(self) -> np.ndarray:
        """Return the router next to each in +x, -x, +y, -y, shape (routers, 4); -1 where there is none."""
        y, x = np.divmod(np.arange(self.routers), self.columns)
        found = []
        for step_x, step_y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            to_x, to_y = x + step_x, y + step_y
            inside = (to_x >= 0) & (to_x < self.columns) & (to_y >= 0) & (to_y < self.rows)
            there = to_y % self.rows * self.columns + to_x % self.columns
            found.append(np.where(inside | self.torus, there, -1))
        return np.stack(found, axis=1)

    def hops(self, source: np.ndarray, destination: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the links in x and in y between pairs of terminals."""
        found = []
        start, end = np.asarray(source) // self.cores, np.asarray(destination) // self.cores
        for size, a, b in (
            (self.columns, start % self.columns, end % self.columns),
            (self.rows, start // self.columns, end // self.columns),
        ):
            distance = np.abs(a - b)
            found.append(np.minimum(distance, size - distance) if self.torus else distance)
        return found[0], found[1]

    def path(self, source: int, destination: int) -> list[tuple[int, int]]:
        """Return the links on the way between two terminals: router and direction, 0 to 3 for +x, -x, +y, -y.

        With routing ``"xy-yx"`` it is the way in x first. On a torus two ways of equal length are taken to go up.
        """
        at, end = source // self.cores, destination // self.cores
        neighbours, links = self.neighbours(), []
        for axis in (1, 0) if self.routing == "yx" else (0, 1):
            size = (self.columns, self.rows)[axis]
            here, there = (divmod(router, self.columns)[1 - axis] for router in (at, end))
            step = there - here
            if self.torus and abs(step) * 2 > size:
                step -= int(np.sign(step)) * size
            for _ in range(abs(step)):
                links.append((at, 2 * axis + (step < 0)))
                at = int(neighbours[links[-1]])
        return links

    def transit(self, source: np.ndarray, destination: np.ndarray, flits: np.ndarray | int = 1) -> np.ndarray:
        """Return the time from injection to the arrival of the tail in an empty network.

        For the pipelined router with one unit for each link, H hops, F flits and a pipeline of P:
        ``2 + (P + 1)(H + 1) + F - 1``; for the handshake router ``2 H + 2 F``.

        Notes
        -----
        Holds if no buffer is too short for the round trip of a credit, which delays later flits of a packet.
        """
        x, y = self.hops(source, destination)
        if self.router == "handshake":
            return 2 * (x + y) + 2 * np.asarray(flits)
        way = x * (self.pipeline + self.latency_x) + y * (self.pipeline + self.latency_y)
        lead = (
            self.pipeline - self.crossbar_delay - self.switch_delay
        )  # what a head waits for and a body does not
        last = np.asarray(flits) - 1
        tail = last * max(self.interval_core, self.switch_delay)
        ends = ((y, self.interval_y, 0 * y), (x, self.interval_x, y))
        if self.routing == "yx":
            ends = ((x, self.interval_x, 0 * x), (y, self.interval_y, x))
        for hops, interval, after in ends:
            slow = last * max(interval, self.switch_delay) - lead * (1 + after)
            tail = np.where(hops > 0, np.maximum(tail, slow), tail)
        return 1 + way + self.pipeline + 2 * self.latency_core + tail
