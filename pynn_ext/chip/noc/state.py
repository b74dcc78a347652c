"""The memory of a network on chip: one named tuple of arrays, so that a run can be saved and continued.

Indices are flat. A *channel* is ``router * ports + port``; a virtual channel ``channel * vcs + vc``, at the
input side of a router an *ivc*, at the output side an *out*, what the router knows of the buffer that it leads
to; a *branch* is ``ivc * ports + port``, a packet on its way from an input to one output port; a *terminal* is
``router * cores + core``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NONE = -1
UNASKED = -2  # no request of this branch is with the allocator

#: Kinds of events.
FLIT, CREDIT, EJECT, INJECT_CREDIT, WAKE, WAKE_TERMINAL = range(6)

#: Places of ``State.scalars``.
NOW, UNRELEASED, FREE_EVENT, N_ACTIVE, N_NEXT, N_TERMINALS, N_NEXT_TERMINALS, PENDING = range(8)
IN_FLIGHT, N_LOGGED = range(8, 10)

#: Orders of dimensions.
XY, YX, XY_YX = range(3)


class Parameters(NamedTuple):
    """What the kernels need of a ``Mesh``, as integers."""

    columns: int
    rows: int
    cores: int
    ports: int
    direction: int  # the port towards +x; -x, +y and -y follow
    local: int  # the port of the first core
    vcs: int
    depth: int
    torus: int
    order: int
    route_delay: int
    vc_delay: int
    switch_delay: int
    crossbar_delay: int
    credit_delay: int
    speculative: int


class State(NamedTuple):
    """Everything that changes while a network on chip runs, and its tables."""

    scalars: np.ndarray
    neighbour: np.ndarray  # (router, direction)
    port: np.ndarray
    buffer: np.ndarray  # (ivc, depth) packets, one entry for each flit
    ivc: np.ndarray
    branch: np.ndarray
    out: np.ndarray
    channel: np.ndarray
    router: np.ndarray
    occupied: np.ndarray  # (router, ports * vcs) the ivcs that hold a packet
    terminal: np.ndarray
    queue_credits: np.ndarray  # (terminal * vcs,)
    # scratch of the allocators
    asking: np.ndarray
    candidate: np.ndarray
    wish: np.ndarray
    grant: np.ndarray
    # wheel of events
    bucket: np.ndarray
    event: np.ndarray
    active: np.ndarray  # (2, router) for odd and even times
    active_terminals: np.ndarray  # (2, terminal)
    # traffic
    message: np.ndarray
    delivery: np.ndarray
    log: np.ndarray  # deliveries in the order of their arrival
    release_order: np.ndarray  # messages in the order of their generation


def record(**defaults: int) -> np.ndarray:
    """Return one record of 64-bit integers."""
    return np.array([tuple(defaults.values())], dtype=[(name, np.int64) for name in defaults])


PORT = record(latency=1, interval=1)
#: ``need`` has a bit for each output port that the packet in front has not left through, all of them from
#: ``low`` to before ``high``; ``popped`` counts its flits that have left the buffer,
#: the last at ``popped_at``; ``accept`` points to the
#: output channel whose grant is taken first. Where it is: ``router``, the port by which one enters (``entry``),
#: ``place`` among the virtual channels of the router and ``vc`` among those of the port.
IVC = record(
    first=0,
    count=0,
    need=0,
    low=0,
    high=0,
    popped=0,
    popped_at=NONE,
    accept=0,
    router=0,
    entry=0,
    place=0,
    vc=0,
)
#: ``vc`` is the output virtual channel held. Of each allocator: when the request is made or takes effect, and
#: its result; ``vc_now`` is the time of the last success.
BRANCH = record(vc=NONE, sent=0, vc_when=0, vc_result=UNASKED, vc_now=NONE, sw_when=0, sw_result=UNASKED)
#: ``owner`` is the ivc whose packet holds the channel, ``grant`` points to the ivc that is granted first.
OUT = record(credits=0, owner=NONE, grant=0)
#: ``traffic`` counts flits sent; ``grant`` and ``accept`` are the pointers of the switch allocator, ``turn`` the
#: virtual channel of an input port that goes first.
CHANNEL = record(free_at=0, traffic=0, grant=0, accept=0, turn=0)
ROUTER = record(occupied=0, active_at=NONE)
TERMINAL = record(first=NONE, last=NONE, sent=0, vc=NONE, free_at=0, active_at=NONE)
CANDIDATE = record(ivc=NONE, distance=0)
WISH = record(ivc=NONE, turn=0)
GRANT = record(port=NONE, distance=0)
EVENT = record(next=NONE, target=0, value=0)
#: ``begin`` and ``end`` bound the deliveries; ``next`` is the message behind in the source queue.
MESSAGE = record(generated=0, source=0, flits=1, ties=0, begin=0, end=0, injected=NONE, next=NONE)
DELIVERY = record(destination=0, head_arrived=NONE, arrived=NONE)

#: The arrays that grow with the messages.
GROWING = {"message": MESSAGE[:0], "delivery": DELIVERY[:0], "log": np.zeros(0, np.int64)}
GROWING["release_order"] = GROWING["log"]


def allocate(par: Parameters, neighbour: np.ndarray, latency: np.ndarray, interval: np.ndarray) -> State:
    """Return the state of an empty network.

    Parameters
    ----------
    par : Parameters
    neighbour : array of int, shape (routers, 4)
    latency, interval : array of int, shape (ports,)

    Returns
    -------
    State
    """
    routers = par.columns * par.rows
    channels, terminals = routers * par.ports, routers * par.cores
    ivcs, width = channels * par.vcs, par.ports * par.vcs
    longest = (
        int(latency.max()) + int(interval.max()) + par.crossbar_delay + par.credit_delay + par.route_delay
    )
    span = 1 << (longest + 3).bit_length()
    events = 2 * ivcs * (par.depth + 2) + terminals * (par.vcs * par.depth + 4) + 64

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    port = np.repeat(PORT, par.ports)
    port["latency"], port["interval"] = latency, interval
    ivc = np.repeat(IVC, ivcs)
    ivc["router"], ivc["place"] = np.divmod(np.arange(ivcs), width)
    ivc["entry"], ivc["vc"] = np.divmod(ivc["place"], par.vcs)
    out = np.repeat(OUT, ivcs)
    out["credits"] = par.depth
    event = np.repeat(EVENT, events)
    event["next"][:-1] = np.arange(1, events)
    return State(
        scalars=zeros(10),
        neighbour=neighbour.astype(np.int64),
        port=port,
        buffer=zeros(ivcs, par.depth),
        ivc=ivc,
        branch=np.repeat(BRANCH, ivcs * par.ports),
        out=out,
        channel=np.repeat(CHANNEL, channels),
        router=np.repeat(ROUTER, routers),
        occupied=zeros(routers, width),
        terminal=np.repeat(TERMINAL, terminals),
        queue_credits=zeros(terminals * par.vcs) + par.depth,
        asking=zeros(width * par.ports, 2),
        candidate=np.repeat(CANDIDATE, width),
        wish=np.repeat(WISH, par.ports * par.ports).reshape(par.ports, par.ports),
        grant=np.repeat(GRANT, par.ports),
        bucket=zeros(span) + NONE,
        event=event,
        active=zeros(2, routers),
        active_terminals=zeros(2, terminals),
        **{name: empty.copy() for name, empty in GROWING.items()},
    )
