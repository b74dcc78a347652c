"""A mesh without a clock, and the cores at its ends, event by event.

Links carry one flit after the other, each after a latency and at most one in an interval. At the end of a link is a
buffer; a credit for each of its places travels back over the link when it is free. The message at the head of a buffer
asks for the link it needs next (dimension order, x first); a link that is free and has a credit takes one of those that
ask, in turn. A message is one flit.

A core makes its messages one after another. One that is ready waits until the mesh takes it, and only then does the
core go on with the next. What arrives is worked off in the order of arrival, one message at a time, while the core
goes on making messages; the credit of a message returns when the core begins with it. So a core that is too slow fills
the buffers before it and, in the end, holds up the sources. There may be several equal meshes side by side,
planes; the k-th message of a core takes plane ``k mod planes``. Receivers make progress whatever sources do, and
dimension order has no cycles, so nothing can lock up.

What happens at one time happens in a fixed order: cores that are done with a message, cores that have made one,
arrivals, credits, and then links that choose.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from ...errors import NetworkError
from ..borrow import borrowed
from ..jit import kernel

NONE = -1

#: Kinds of events, in their order at one time; an event is ``time, kind, target`` in one integer.
WORKED, MADE, ARRIVAL, CREDIT, CHOICE = range(5)
TARGET_BITS, KIND_BITS = 24, 3

#: Columns of ``Tables.link``: credits left; when it is free; a choice is due; who asks, one bit for each port; who is
#: first in turn; flits carried; of the buffer at its end: first place, flits there, flits there or on the way;
#: latency; interval; where it leads: router (NONE for a core), and port or core.
CREDITS, FREE_AT, DUE, ASKING, TURN, CARRIED, FIRST, HELD, TAKEN, LATENCY, INTERVAL, ROUTER, PORT = range(13)
#: Of ``Tables.core``: piece of work in hand, first piece of the next core, busy with what has arrived; queue.
AT, END, BUSY, HEAD, TAIL = range(5)
#: Of ``Tables.work``: link into the mesh (NONE without a message), link out of it; times it takes; who is behind in
#: the queue; when what happened.
INTO, OUT_OF, MAKING, WORKING, AFTER, READY, INJECTED, ARRIVED, BEGUN, DONE = range(10)


class Tables(NamedTuple):
    """Everything that the kernels read and change."""

    link: (
        np.ndarray
    )  # (links, 13): of each router to +x, -x, +y, -y and its cores, then of the cores into the mesh
    buffer: np.ndarray  # (links, places) pieces of work
    entry: np.ndarray  # (routers, ports) link that comes in
    core: np.ndarray  # (cores, 5)
    work: np.ndarray  # (rows, 10)
    heap: np.ndarray  # events
    size: np.ndarray  # (2,): events in the heap, columns of the mesh


@kernel
def push(time: int, kind: int, target: int, s: Tables) -> None:
    """Put an event into the heap."""
    event = (((time << KIND_BITS) | kind) << TARGET_BITS) | target
    at = s.size[0]
    s.size[0] += 1
    while at > 0 and s.heap[(at - 1) >> 1] > event:
        s.heap[at] = s.heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    s.heap[at] = event


@kernel
def pop(s: Tables) -> int:
    """Take the first event out of the heap."""
    first, s.size[0] = s.heap[0], s.size[0] - 1
    size, last, at = s.size[0], s.heap[s.size[0]], 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and s.heap[below + 1] < s.heap[below]:
            below += 1
        if s.heap[below] >= last:
            break
        s.heap[at] = s.heap[below]
        at = below
    s.heap[at] = last
    return int(first)


@kernel
def ask(link: int, time: int, s: Tables) -> None:
    """Let a link choose as soon as it is free, if it has a credit."""
    if s.link[link, CREDITS] > 0 and not s.link[link, DUE]:
        s.link[link, DUE] = 1
        push(max(time, s.link[link, FREE_AT]), CHOICE, link, s)


@kernel
def request(link: int, time: int, s: Tables) -> None:
    """The message at the head of a router's buffer asks for the link it needs next."""
    router, columns = s.link[link, ROUTER], s.size[1]
    ports = s.entry.shape[1]
    last = s.work[s.buffer[link, s.link[link, FIRST]], OUT_OF]
    target = last // ports
    x, y = target % columns - router % columns, target // columns - router // columns
    port = last % ports
    if x != 0:
        port = int(x < 0)
    elif y != 0:
        port = 2 + int(y < 0)
    wanted = router * ports + port
    s.link[wanted, ASKING] |= 1 << s.link[link, PORT]
    ask(wanted, time, s)


@kernel
def release(link: int, time: int, s: Tables) -> int:
    """Take the message at the head of a buffer out, and let a credit travel back; return the message."""
    row = s.buffer[link, s.link[link, FIRST]]
    s.link[link, FIRST] = (s.link[link, FIRST] + 1) % s.buffer.shape[1]
    s.link[link, HELD] -= 1
    s.link[link, TAKEN] -= 1
    push(time + s.link[link, LATENCY], CREDIT, link, s)
    return int(row)


@kernel
def carry(row: int, link: int, time: int, s: Tables) -> None:
    """Send a message over a link; its place in the buffer at the end is reserved."""
    place = (s.link[link, FIRST] + s.link[link, TAKEN]) % s.buffer.shape[1]
    s.buffer[link, place] = row
    s.link[link, TAKEN] += 1
    s.link[link, CREDITS] -= 1
    s.link[link, CARRIED] += 1
    s.link[link, FREE_AT] = time + s.link[link, INTERVAL]
    push(time + s.link[link, LATENCY], ARRIVAL, link, s)


@kernel
def choose(link: int, time: int, s: Tables) -> None:
    """A link takes one of the messages that ask for it, in turn."""
    s.link[link, DUE] = 0
    asking, ports = s.link[link, ASKING], s.entry.shape[1]
    if asking == 0 or s.link[link, CREDITS] == 0:
        return
    if link >= s.entry.size:  # into the mesh
        core = asking - 1
        row = s.core[core, AT]
        s.link[link, ASKING] = 0
        s.work[row, INJECTED] = time
        carry(row, link, time, s)
        s.core[core, AT] += 1
        make(core, time, s)
        return
    port = s.link[link, TURN]
    while not (asking >> port) & 1:
        port = (port + 1) % ports
    s.link[link, TURN] = (port + 1) % ports
    s.link[link, ASKING] = asking & ~(1 << port)
    came = s.entry[link // ports, port]
    carry(release(came, time, s), link, time, s)
    if s.link[came, HELD] > 0:
        request(came, time, s)
    if s.link[link, ASKING]:
        ask(link, time, s)


@kernel
def make(core: int, time: int, s: Tables) -> None:
    """A core begins with its next piece of work."""
    row = s.core[core, AT]
    if row < s.core[core, END]:
        push(time + s.work[row, MAKING], MADE, core, s)


@kernel
def made(core: int, time: int, s: Tables) -> None:
    """What a core has made is ready."""
    row = s.core[core, AT]
    s.work[row, READY] = time
    link = s.work[row, INTO]
    if link == NONE:
        s.core[core, AT] += 1
        make(core, time, s)
    else:
        s.link[link, ASKING] = core + 1
        ask(link, time, s)


@kernel
def take(core: int, time: int, s: Tables) -> None:
    """A core begins with what has arrived first."""
    row = s.core[core, HEAD]
    s.core[core, BUSY] = row != NONE
    if row == NONE:
        return
    s.core[core, HEAD] = s.work[row, AFTER]
    release(s.work[row, OUT_OF], time, s)
    s.work[row, BEGUN] = time
    s.work[row, DONE] = time + s.work[row, WORKING]
    push(s.work[row, DONE], WORKED, core, s)


@kernel
def arrive(link: int, time: int, s: Tables) -> None:
    """A message is in the buffer at the end of a link."""
    s.link[link, HELD] += 1
    if s.link[link, ROUTER] != NONE:
        if s.link[link, HELD] == 1:
            request(link, time, s)
        return
    core = s.link[link, PORT]
    row = s.buffer[link, (s.link[link, FIRST] + s.link[link, HELD] - 1) % s.buffer.shape[1]]
    s.work[row, ARRIVED] = time
    if s.core[core, HEAD] == NONE:
        s.core[core, HEAD] = row
    else:
        s.work[s.core[core, TAIL], AFTER] = row
    s.core[core, TAIL] = row
    if not s.core[core, BUSY]:
        take(core, time, s)


@kernel
def run(s: Tables) -> int:
    """Go on until nothing is left to do; return the number of events."""
    s = Tables(
        borrowed(s.link), borrowed(s.buffer), borrowed(s.entry), borrowed(s.core), borrowed(s.work),
        borrowed(s.heap), borrowed(s.size),
    )  # fmt: skip
    for core in range(s.core.shape[0]):
        make(core, 0, s)
    events = 0
    while s.size[0] > 0:
        event = pop(s)
        events += 1
        target, kind = event & ((1 << TARGET_BITS) - 1), (event >> TARGET_BITS) & ((1 << KIND_BITS) - 1)
        time = event >> (TARGET_BITS + KIND_BITS)
        if kind == ARRIVAL:
            arrive(target, time, s)
        elif kind == CHOICE:
            choose(target, time, s)
        elif kind == CREDIT:
            s.link[target, CREDITS] += 1
            if s.link[target, ASKING]:
                ask(target, time, s)
        elif kind == MADE:
            made(target, time, s)
        else:
            take(target, time, s)
    return events


@dataclass(frozen=True)
class AsynchronousMesh:
    """A mesh without a clock. All times are integers of one small unit.

    Parameters
    ----------
    columns, rows : int
        Routers in x and y. Router ``y * columns + x``.
    cores : int
        Cores at each router. Core ``router * cores + place``.
    planes : int
        Equal meshes that take turns.
    buffer, buffer_core : int
        Flits that the buffer at the end of each link into a router holds, and of each link into a core.
    latency_x, latency_y, latency_core : int
        Time from router to router in x and in y, and between router and core, with the router's own.
    interval_x, interval_y, interval_core : int
        Least time between two flits on one link.

    Raises
    ------
    NetworkError
        If a number is below 1, or there are more than 59 cores at a router.
    """

    columns: int
    rows: int
    cores: int = 1
    planes: int = 1
    buffer: int = 8
    buffer_core: int = 8
    latency_x: int = 1
    latency_y: int = 1
    latency_core: int = 1
    interval_x: int = 1
    interval_y: int = 1
    interval_core: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value, most = getattr(self, field.name), 59 if field.name == "cores" else 1 << 20
            if not 1 <= value <= most:
                raise NetworkError(
                    f"{field.name}={value}",
                    where="AsynchronousMesh",
                    limit=f"1 to {most}",
                    remedy=f"change {field.name}",
                )

    @property
    def terminals(self) -> int:
        """Number of cores in all."""
        return self.columns * self.rows * self.cores

    def hops(self, source: np.ndarray, destination: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the links in x and in y between pairs of cores."""
        start, end = np.asarray(source) // self.cores, np.asarray(destination) // self.cores
        x = np.abs(start % self.columns - end % self.columns)
        return x, np.abs(start // self.columns - end // self.columns)

    def transit(self, source: np.ndarray, destination: np.ndarray) -> np.ndarray:
        """Return the time from injection to arrival in an empty mesh."""
        x, y = self.hops(source, destination)
        return 2 * self.latency_core + x * self.latency_x + y * self.latency_y
