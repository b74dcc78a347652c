"""The clocked router: virtual channels, credits, and a pipeline of allocators.

A flit at the front of an input virtual channel goes through routing (head only), VC allocation (head only),
switch allocation, switch traversal and the link, each for a number of cycles. A virtual channel belongs to
one packet from its allocation until its tail is sent. A credit returns when a flit leaves a buffer and is
usable ``credit_delay`` cycles after its arrival. A speculative router asks both allocators at once (Peh &
Dally 2001, HPCA). With stages of one cycle the router equals the ``iq`` router of BookSim2 (Jiang et al.
2013, ISPASS) in every cycle; stages of several cycles are pipelined, which BookSim2's are not.

Only what can change is looked at: time jumps from event to event, and a router whose requests all failed
sleeps until a flit or a credit arrives, because the same requests would fail again.
"""

from __future__ import annotations

from ..jit import kernel
from .allocators import after, allocate_switch, allocate_vcs
from .routing import branch_ports
from .state import (
    CREDIT,
    EJECT,
    FLIT,
    INJECT_CREDIT,
    N_ACTIVE,
    N_TERMINALS,
    NONE,
    NOW,
    UNASKED,
    WAKE,
    WAKE_TERMINAL,
    Parameters,
    State,
)
from .wheel import awaken, awaken_terminal, end_cycle, lend, note_arrival, release, retire, schedule


@kernel
def new_head(ivc: int, packet: int, time: int, par: Parameters, s: State) -> None:
    """A head flit is at the front: route it, and let its branches ask for a virtual channel."""
    router = s.ivc["router"][ivc]
    ports = branch_ports(router, packet, par, s)
    s.ivc["need"][ivc] = ports
    s.ivc["popped"][ivc] = 0
    ready = time + par.route_delay
    low, high = 0, par.ports
    while not (ports >> low) & 1:
        low += 1
    while not (ports >> (high - 1)) & 1:
        high -= 1
    s.ivc["low"][ivc], s.ivc["high"][ivc] = low, high
    for port in range(low, high):
        branch = ivc * par.ports + port
        s.branch["vc"][branch] = NONE
        s.branch["sent"][branch] = 0
        s.branch["vc_when"][branch] = ready
        s.branch["vc_result"][branch] = UNASKED
        s.branch["sw_when"][branch] = ready
        s.branch["sw_result"][branch] = UNASKED
    if ready > time:
        schedule(ready, WAKE, router, 0, par, s)
    elif time == s.scalars[NOW]:
        awaken(router, time, par, s)


@kernel
def arrive(ivc: int, packet: int, time: int, par: Parameters, s: State) -> None:
    """Append a flit to an input buffer."""
    place = s.ivc["first"][ivc] + s.ivc["count"][ivc]
    s.buffer[ivc, place if place < par.depth else place - par.depth] = packet
    s.ivc["count"][ivc] += 1
    router = s.ivc["router"][ivc]
    if s.ivc["need"][ivc] != 0:
        awaken(router, time, par, s)
    elif s.ivc["count"][ivc] == 1:
        s.occupied[router, s.router["occupied"][router]] = ivc
        s.router["occupied"][router] += 1
        new_head(ivc, packet, time, par, s)


@kernel
def return_credit(ivc: int, time: int, par: Parameters, s: State) -> None:
    """A buffer slot is free: tell whoever feeds it."""
    router, port, vc = s.ivc["router"][ivc], s.ivc["entry"][ivc], s.ivc["vc"][ivc]
    arrival = time + 1 + s.port["latency"][port]
    if par.local <= port < par.local + par.cores:
        terminal = router * par.cores + port - par.local
        schedule(arrival, INJECT_CREDIT, terminal, vc, par, s)
    else:
        sender = s.neighbour[router, port - par.direction]
        back = par.direction + ((port - par.direction) ^ 1)
        out = (sender * par.ports + back) * par.vcs + vc
        schedule(arrival + par.credit_delay, CREDIT, out, 0, par, s)


@kernel
def send(ivc: int, port: int, time: int, par: Parameters, s: State) -> None:
    """The switch is granted: a copy of a flit leaves through one output port."""
    branch = ivc * par.ports + port
    router = s.ivc["router"][ivc]
    packet = s.buffer[ivc, s.ivc["first"][ivc]]
    channel = router * par.ports + port
    vc = s.branch["vc"][branch]
    out = channel * par.vcs + vc
    tail = s.branch["sent"][branch] == s.message["flits"][packet] - 1
    arrival = time + par.crossbar_delay + 1 + s.port["latency"][port]
    if par.local <= port < par.local + par.cores:
        head = s.branch["sent"][branch] == 0
        schedule(arrival, EJECT, out, 4 * packet + 2 * int(head) + int(tail), par, s)
    else:
        there = s.neighbour[router, port - par.direction] * par.ports
        there += par.direction + ((port - par.direction) ^ 1)
        schedule(arrival, FLIT, there * par.vcs + vc, packet, par, s)
    s.out["credits"][out] -= 1
    s.channel["traffic"][channel] += 1
    s.branch["sent"][branch] += 1
    s.branch["sw_when"][branch] = time + 1
    s.branch["sw_result"][branch] = UNASKED
    if s.port["interval"][port] > 1:
        s.channel["free_at"][channel] = time + s.port["interval"][port]
        schedule(time + s.port["interval"][port], WAKE, router, 0, par, s)
    if tail:
        s.out["owner"][out] = NONE
        s.ivc["need"][ivc] &= ~(1 << port)
    for other in range(s.ivc["low"][ivc], s.ivc["high"][ivc]):
        if (s.ivc["need"][ivc] >> other) & 1 and s.branch["sent"][ivc * par.ports + other] <= s.ivc["popped"][
            ivc
        ]:
            return  # another branch still needs this flit
    pop(ivc, time, par, s)


@kernel
def pop(ivc: int, time: int, par: Parameters, s: State) -> None:
    """The flit in front has left through every port that it had to: free its slot."""
    router = s.ivc["router"][ivc]
    s.ivc["first"][ivc] = after(s.ivc["first"][ivc], par.depth)
    s.ivc["count"][ivc] -= 1
    s.ivc["popped"][ivc] += 1
    return_credit(ivc, time, par, s)
    if s.ivc["need"][ivc] != 0:
        return
    if s.ivc["count"][ivc] > 0:
        new_head(ivc, s.buffer[ivc, s.ivc["first"][ivc]], time + 1, par, s)
        return
    last = s.router["occupied"][router] - 1
    for k in range(last):
        if s.occupied[router, k] == ivc:
            s.occupied[router, k] = s.occupied[router, last]
            break
    s.router["occupied"][router] = last


@kernel
def grant_holds(ivc: int, port: int, time: int, par: Parameters, s: State) -> bool:
    """Whether a switch grant is still good when it takes effect."""
    branch = ivc * par.ports + port
    vc = s.branch["vc"][branch]
    if vc == NONE:
        if s.branch["vc_now"][branch] != time:
            return False  # misspeculation
        vc = s.branch["vc_result"][branch]
    return s.out["credits"][(s.ivc["router"][ivc] * par.ports + port) * par.vcs + vc] > 0


@kernel
def take_effect(router: int, time: int, par: Parameters, s: State) -> None:
    """Allocations that end in this cycle: channels are taken, and flits leave."""
    moving = 0
    for k in range(s.router["occupied"][router]):
        ivc = s.occupied[router, k]
        for port in range(s.ivc["low"][ivc], s.ivc["high"][ivc]):
            branch = ivc * par.ports + port
            if s.branch["sw_result"][branch] != UNASKED and s.branch["sw_when"][branch] <= time:
                if s.branch["sw_result"][branch] != NONE and grant_holds(ivc, port, time, par, s):
                    s.asking[moving, 0], s.asking[moving, 1] = ivc, port
                    moving += 1
                else:
                    s.branch["sw_result"][branch] = UNASKED
                    s.branch["sw_when"][branch] = time + 1
            if s.branch["vc_result"][branch] != UNASKED and s.branch["vc_when"][branch] <= time:
                vc = s.branch["vc_result"][branch]
                s.branch["vc_result"][branch] = UNASKED
                s.branch["vc_when"][branch] = time + 1
                out = (router * par.ports + port) * par.vcs + vc
                if vc != NONE and s.out["owner"][out] == NONE:
                    s.out["owner"][out] = ivc
                    s.branch["vc"][branch] = vc
                    if not par.speculative:
                        s.branch["sw_when"][branch] = time + 1
    for k in range(moving):
        send(s.asking[k, 0], s.asking[k, 1], time, par, s)


@kernel
def step(router: int, time: int, par: Parameters, s: State) -> None:
    """One cycle of one router."""
    progress = allocate_vcs(router, time, par, s)
    progress += allocate_switch(router, time, par, s)
    take_effect(router, time, par, s)
    if s.router["occupied"][router] > 0 and (progress > 0 or par.vc_delay > 1 or par.switch_delay > 1):
        awaken(router, time + 1, par, s)


@kernel
def inject(terminal: int, time: int, par: Parameters, s: State) -> None:
    """Send one flit of the packet at the head of a source queue, if there is a credit."""
    packet = s.terminal["first"][terminal]
    if packet == NONE or s.terminal["free_at"][terminal] > time:
        return
    vc = s.terminal["vc"][terminal]
    if s.terminal["sent"][terminal] == 0:
        for turn in range(1, par.vcs + 1):
            candidate = (vc + turn) % par.vcs
            if s.queue_credits[terminal * par.vcs + candidate] > 0:
                vc = candidate
                break
    if vc < 0 or s.queue_credits[terminal * par.vcs + vc] == 0:
        return
    if s.terminal["sent"][terminal] == 0:
        s.message["injected"][packet] = time
    s.terminal["vc"][terminal] = vc
    s.queue_credits[terminal * par.vcs + vc] -= 1
    s.terminal["sent"][terminal] += 1
    port = par.local + terminal % par.cores
    ivc = (terminal // par.cores * par.ports + port) * par.vcs + vc
    schedule(time + 1 + s.port["latency"][port], FLIT, ivc, packet, par, s)
    if s.terminal["sent"][terminal] == s.message["flits"][packet]:
        s.terminal["first"][terminal] = s.message["next"][packet]
        s.terminal["sent"][terminal] = 0
    if s.terminal["first"][terminal] != NONE:
        s.terminal["free_at"][terminal] = time + s.port["interval"][port]
        if s.port["interval"][port] > 1:
            schedule(time + s.port["interval"][port], WAKE_TERMINAL, terminal, 0, par, s)
        else:
            awaken_terminal(terminal, time + 1, par, s)


@kernel
def deliver(time: int, par: Parameters, s: State) -> None:
    """Let the events of this time happen."""
    slot = time & (s.bucket.shape[0] - 1)
    event = s.bucket[slot]
    s.bucket[slot] = NONE
    while event != NONE:
        kind, target, value = (
            s.event["target"][event] & 7,
            s.event["target"][event] >> 3,
            s.event["value"][event],
        )
        if kind == FLIT:
            arrive(target, value, time, par, s)
        elif kind == CREDIT:
            s.out["credits"][target] += 1
            awaken(s.ivc["router"][target], time, par, s)
        elif kind == EJECT:
            eject(target, value, time, par, s)
        elif kind == INJECT_CREDIT:
            s.queue_credits[target * par.vcs + value] += 1
            awaken_terminal(target, time, par, s)
        elif kind == WAKE:
            awaken(target, time, par, s)
        else:
            awaken_terminal(target, time, par, s)
        event = retire(event, s)


@kernel
def eject(out: int, value: int, time: int, par: Parameters, s: State) -> None:
    """A flit is at its core: note the arrival of a tail, return the credit."""
    router, port = s.ivc["router"][out], s.ivc["entry"][out]
    schedule(time + 1 + s.port["latency"][port] + par.credit_delay, CREDIT, out, 0, par, s)
    packet = value >> 2
    if value & 3:
        terminal = router * par.cores + port - par.local
        for delivery in range(s.message["begin"][packet], s.message["end"][packet]):
            if s.delivery["destination"][delivery] == terminal:
                note_arrival(delivery, value & 2, value & 1, time, s)


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
