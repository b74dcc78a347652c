"""The router without a pipeline: reservations of outputs, and a two-phase handshake on every link.

Heads in front of a buffer reserve their output port, first those of the input port whose turn it is. An output
keeps one reservation for each virtual channel and serves them one after another, moving on every second
cycle. An input port sends at most one flit a cycle, for one of the reservations that are being served. The
flit leaves if the link is idle and the buffer behind it was not full in the cycle before; it is stored one
cycle later, its acknowledgement is seen another cycle later, and so a link carries at most one flit in two
cycles. A reservation ends when its tail has left. A packet keeps its virtual channel, drawn for each message,
on the whole way.

This is the router of Noxim (Catania et al. 2016, ACM Trans. Model. Comput. Simul. 27, 4), except that it takes in
turn what Noxim draws: the reservation that an input port serves when several outputs serve it.
"""

from __future__ import annotations

from ..jit import kernel
from .allocators import after
from .routing import branch_ports
from .state import (
    FLIT,
    N_ACTIVE,
    N_TERMINALS,
    NONE,
    NOW,
    WAKE_TERMINAL,
    Parameters,
    State,
)
from .wheel import awaken, awaken_terminal, end_cycle, lend, note_arrival, release, retire, schedule

CYCLES_PER_FLIT = 2  # of a link: request, acknowledgement


@kernel
def store(ivc: int, packet: int, time: int, par: Parameters, s: State) -> None:
    """Append a flit to an input buffer."""
    place = s.ivc["first"][ivc] + s.ivc["count"][ivc]
    s.buffer[ivc, place if place < par.depth else place - par.depth] = packet
    s.ivc["count"][ivc] += 1
    awaken(s.ivc["router"][ivc], time, par, s)


@kernel
def deliver(time: int, par: Parameters, s: State) -> None:
    """Let the events of this time happen."""
    slot = time & (s.bucket.shape[0] - 1)
    event = s.bucket[slot]
    s.bucket[slot] = NONE
    while event != NONE:
        kind, target = s.event["target"][event] & 7, s.event["target"][event] >> 3
        if kind == FLIT:
            store(target, s.event["value"][event], time, par, s)
        else:
            awaken_terminal(target, time, par, s)
        event = retire(event, s)


@kernel
def inject(terminal: int, time: int, par: Parameters, s: State) -> None:
    """A source: its flit on the link is taken in if the buffer has room; then the next is put on the link."""
    packet = s.terminal["first"][terminal]
    if packet == NONE or s.terminal["free_at"][terminal] > time:
        return
    vc = (s.message["ties"][packet] >> 3) % par.vcs
    port = par.local + terminal % par.cores
    ivc = (terminal // par.cores * par.ports + port) * par.vcs + vc
    if s.terminal["vc"][terminal] != NONE:
        if s.ivc["count"][ivc] == par.depth:
            awaken_terminal(terminal, time + 1, par, s)
            return
        store(ivc, packet, time, par, s)
        s.terminal["vc"][terminal] = NONE
        s.terminal["sent"][terminal] += 1
        if s.terminal["sent"][terminal] == s.message["flits"][packet]:
            s.terminal["first"][terminal] = s.message["next"][packet]
            s.terminal["sent"][terminal] = 0
    packet = s.terminal["first"][terminal]
    if packet == NONE:
        return
    if s.terminal["sent"][terminal] == 0:
        s.message["injected"][packet] = time
    s.terminal["vc"][terminal] = 0
    s.terminal["free_at"][terminal] = time + CYCLES_PER_FLIT
    schedule(time + CYCLES_PER_FLIT, WAKE_TERMINAL, terminal, 0, par, s)


@kernel
def nth_port(k: int, par: Parameters) -> int:
    """Return Noxim's k-th port: -y, +x, +y, -x, the cores, and one that is missing but has its turn."""
    if k >= 4:
        return par.local + k - 4 if k < par.ports else NONE
    return par.direction + (3, 0, 2, 1)[k]


@kernel
def reserve(router: int, time: int, par: Parameters, s: State) -> int:
    """Heads in front reserve their output port; return how many buffers hold flits."""
    waiting = 0
    for i in range(par.ports + 1):
        entry = nth_port((time + i) % (par.ports + 1), par)
        if entry == NONE:
            continue
        for k in range(par.vcs):
            vc = (time + k) % par.vcs
            ivc = (router * par.ports + entry) * par.vcs + vc
            if s.ivc["count"][ivc] == 0:
                continue
            waiting += 1
            if s.ivc["need"][ivc] != 0:
                continue
            ports, port = branch_ports(router, s.buffer[ivc, s.ivc["first"][ivc]], par, s), 0
            while not (ports >> port) & 1:
                port += 1
            channel = router * par.ports + port
            if s.out["owner"][channel * par.vcs + vc] == NONE:
                s.out["owner"][channel * par.vcs + vc] = ivc
                s.out["grant"][channel * par.vcs + s.channel["grant"][channel]] = vc
                s.channel["grant"][channel] += 1
                s.ivc["need"][ivc] = ports
                s.ivc["popped"][ivc] = 0
    return waiting


@kernel
def end_reservation(channel: int, par: Parameters, s: State) -> None:
    """Take the reservation being served off the list of an output port."""
    here, left = s.channel["turn"][channel], s.channel["grant"][channel] - 1
    s.out["owner"][channel * par.vcs + s.out["grant"][channel * par.vcs + here]] = NONE
    for k in range(here, left):
        s.out["grant"][channel * par.vcs + k] = s.out["grant"][channel * par.vcs + k + 1]
    s.channel["grant"][channel] = left
    if here >= left:
        s.channel["turn"][channel] = 0


@kernel
def send(ivc: int, port: int, time: int, par: Parameters, s: State) -> None:
    """The flit in front leaves, if the link is idle and the next buffer was not full."""
    router, vc = s.ivc["router"][ivc], s.ivc["vc"][ivc]
    channel = router * par.ports + port
    if s.ivc["count"][ivc] == 0 or s.channel["free_at"][channel] > time:
        return
    packet = s.buffer[ivc, s.ivc["first"][ivc]]
    head = s.ivc["popped"][ivc] == 0
    tail = s.ivc["popped"][ivc] == s.message["flits"][packet] - 1
    if par.local <= port < par.local + par.cores:
        note_arrival(s.message["begin"][packet], head, tail, time, s)
    else:
        there = s.neighbour[router, port - par.direction] * par.ports
        there = (there + par.direction + ((port - par.direction) ^ 1)) * par.vcs + vc
        if s.ivc["count"][there] + int(s.ivc["popped_at"][there] == time) >= par.depth:
            return
        schedule(time + CYCLES_PER_FLIT, FLIT, there, packet, par, s)
    s.channel["free_at"][channel] = time + CYCLES_PER_FLIT
    s.channel["traffic"][channel] += 1
    s.ivc["first"][ivc] = after(s.ivc["first"][ivc], par.depth)
    s.ivc["count"][ivc] -= 1
    s.ivc["popped"][ivc] += 1
    s.ivc["popped_at"][ivc] = time
    if tail:
        s.ivc["need"][ivc] = 0
        end_reservation(channel, par, s)


@kernel
def step(router: int, time: int, par: Parameters, s: State) -> None:
    """One cycle of one router."""
    waiting = reserve(router, time, par, s)
    for k in range(par.ports):
        entry = nth_port(k, par)
        served = 0
        for port in range(par.ports):
            channel = router * par.ports + port
            if s.channel["grant"][channel] > 0:
                vc = s.out["grant"][channel * par.vcs + s.channel["turn"][channel]]
                ivc = s.out["owner"][channel * par.vcs + vc]
                if s.ivc["entry"][ivc] == entry:
                    s.asking[served, 0], s.asking[served, 1] = ivc, port
                    served += 1
        if served > 0:
            chosen = (time // CYCLES_PER_FLIT) % served
            send(s.asking[chosen, 0], s.asking[chosen, 1], time, par, s)
    for channel in range(router * par.ports, (router + 1) * par.ports):
        if s.channel["grant"][channel] > 0:
            waiting += 1
            if time % 2 == 0:
                s.channel["turn"][channel] = after(s.channel["turn"][channel], s.channel["grant"][channel])
    if waiting > 0:
        awaken(router, time + 1, par, s)


@kernel
def advance(until: int, drain: int, par: Parameters, s: State) -> None:
    """Let everything happen that happens before ``until``; with ``drain``, stop when all is delivered or stuck."""
    s = lend(s)
    while s.scalars[NOW] < until:
        time = s.scalars[NOW]
        deliver(time, par, s)
        release(time, par, s)
        for k in range(s.scalars[N_TERMINALS]):
            inject(s.active_terminals[time & 1, k], time, par, s)
        for k in range(s.scalars[N_ACTIVE]):
            step(s.active[time & 1, k], time, par, s)
        if end_cycle(until, drain, par, s):
            return
