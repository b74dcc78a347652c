"""The clocked router: virtual channels, credits, and a pipeline of allocators.

A flit at the front of an input virtual channel goes through routing (head only), VC allocation (head only),
switch allocation, switch traversal and the link, each for a number of cycles. Both allocators are separable
and iterate once: every resource grants the requester next in round-robin order, every requester accepts the
grant next in its own order, and the two pointers move only for pairs that matched (iSLIP: McKeown 1999,
IEEE/ACM Trans. Networking 7, 188). A virtual channel belongs to one packet from its allocation until its
tail is sent. A credit returns when a flit leaves a buffer and is usable ``credit_delay`` cycles after its
arrival. A speculative router asks both allocators at once (Peh & Dally 2001, HPCA). The router equals the
``iq`` router of BookSim2 (Jiang et al. 2013, ISPASS) cycle by cycle.

Only what can change is looked at: time jumps from event to event, and a router whose requests all failed
sleeps until a flit or a credit arrives, because the same requests would fail again.
"""

from __future__ import annotations

from ..jit import kernel
from .routing import branch_ports, vc_range
from .state import (
    CREDIT,
    EJECT,
    FLIT,
    FREE_EVENT,
    IN_FLIGHT,
    INJECT_CREDIT,
    N_ACTIVE,
    N_TERMINALS,
    NONE,
    NOW,
    PENDING,
    STEPS,
    UNASKED,
    WAKE,
    WAKE_TERMINAL,
    Parameters,
    State,
)
from .wheel import awaken, awaken_terminal, next_time, note_arrival, release, schedule, turn


@kernel
def new_head(ivc: int, packet: int, time: int, par: Parameters, s: State) -> None:
    """A head flit is at the front: route it, and let its branches ask for a virtual channel."""
    router = ivc // (par.ports * par.vcs)
    ports = branch_ports(router, packet, par, s)
    s.ivc["need"][ivc] = ports
    s.ivc["popped"][ivc] = 0
    ready = time + par.route_delay
    for port in range(par.ports):
        if (ports >> port) & 1:
            branch = ivc * par.ports + port
            s.branch["vc"][branch] = NONE
            s.branch["sent"][branch] = 0
            s.branch["vc_when"][branch] = ready
            s.branch["vc_result"][branch] = UNASKED
            s.branch["sw_when"][branch] = ready
            s.branch["sw_result"][branch] = UNASKED
    if ready > time:
        schedule(ready, WAKE, router, 0, par, s)


@kernel
def arrive(ivc: int, packet: int, time: int, par: Parameters, s: State) -> None:
    """Append a flit to an input buffer."""
    s.buffer[ivc, (s.ivc["first"][ivc] + s.ivc["count"][ivc]) % par.depth] = packet
    s.ivc["count"][ivc] += 1
    router = ivc // (par.ports * par.vcs)
    if s.ivc["count"][ivc] == 1 and s.ivc["need"][ivc] == 0:
        s.occupied[router, s.router["occupied"][router]] = ivc
        s.router["occupied"][router] += 1
        new_head(ivc, packet, time, par, s)
    awaken(router, time, par, s)


@kernel
def return_credit(ivc: int, time: int, par: Parameters, s: State) -> None:
    """A buffer slot is free: tell whoever feeds it."""
    channel = ivc // par.vcs
    vc = ivc % par.vcs
    router, port = channel // par.ports, channel % par.ports
    arrival = time + 1 + s.port["latency"][port]
    if par.local <= port < par.local + par.cores:
        terminal = router * par.cores + port - par.local
        schedule(arrival, INJECT_CREDIT, terminal * par.vcs + vc, 0, par, s)
    else:
        sender = s.neighbour[router, port - par.direction]
        back = par.direction + ((port - par.direction) ^ 1)
        out = (sender * par.ports + back) * par.vcs + vc
        schedule(arrival + par.credit_delay, CREDIT, out, 0, par, s)


@kernel
def send(branch: int, time: int, par: Parameters, s: State) -> None:
    """The switch is granted: a copy of a flit leaves through one output port."""
    ivc, port = branch // par.ports, branch % par.ports
    router = ivc // (par.ports * par.vcs)
    packet = s.buffer[ivc, s.ivc["first"][ivc]]
    channel = router * par.ports + port
    out = channel * par.vcs + s.branch["vc"][branch]
    tail = s.branch["sent"][branch] == s.message["flits"][packet] - 1
    head = s.branch["sent"][branch] == 0
    arrival = time + par.crossbar_delay + 1 + s.port["latency"][port]
    if par.local <= port < par.local + par.cores:
        schedule(arrival, EJECT, out, 4 * packet + 2 * int(head) + int(tail), par, s)
    else:
        there = s.neighbour[router, port - par.direction] * par.ports
        there += par.direction + ((port - par.direction) ^ 1)
        schedule(arrival, FLIT, there * par.vcs + s.branch["vc"][branch], packet, par, s)
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
    for other in range(par.ports):
        if (s.ivc["need"][ivc] >> other) & 1 and s.branch["sent"][ivc * par.ports + other] <= s.ivc["popped"][
            ivc
        ]:
            return  # another branch still needs this flit
    s.ivc["first"][ivc] = (s.ivc["first"][ivc] + 1) % par.depth
    s.ivc["count"][ivc] -= 1
    s.ivc["popped"][ivc] += 1
    return_credit(ivc, time, par, s)
    if s.ivc["need"][ivc] == 0:
        if s.ivc["count"][ivc] > 0:
            new_head(ivc, s.buffer[ivc, s.ivc["first"][ivc]], time + 1, par, s)
        else:
            n = s.router["occupied"][router] - 1
            for k in range(n):
                if s.occupied[router, k] == ivc:
                    s.occupied[router, k] = s.occupied[router, n]
                    break
            s.router["occupied"][router] = n


@kernel
def allocate_vcs(router: int, time: int, par: Parameters, s: State) -> int:
    """Let the waiting heads ask for virtual channels; results go to ``vc_result``. Returns the grants."""
    width = par.ports * par.vcs
    asking = 0
    for k in range(s.router["occupied"][router]):
        ivc = s.occupied[router, k]
        for port in range(par.ports):
            branch = ivc * par.ports + port
            if not (s.ivc["need"][ivc] >> port) & 1 or s.branch["vc"][branch] != NONE:
                continue
            if s.branch["vc_result"][branch] != UNASKED or s.branch["vc_when"][branch] > time:
                continue
            s.asking[asking] = branch
            asking += 1
            first, last = vc_range(router, port, s.buffer[ivc, s.ivc["first"][ivc]], par, s)
            for vc in range(port * par.vcs + first, port * par.vcs + last + 1):
                out = router * width + vc
                if s.out["owner"][out] != NONE:
                    continue
                distance = (ivc - router * width - s.out["grant"][out]) % width
                if s.candidate["branch"][vc] < 0 or distance < s.candidate["distance"][vc]:
                    s.candidate["branch"][vc] = branch
                    s.candidate["distance"][vc] = distance
    granted = 0
    for k in range(asking):
        branch = s.asking[k]
        ivc, port = branch // par.ports, branch % par.ports
        taken, nearest = NONE, width
        for vc in range(port * par.vcs, (port + 1) * par.vcs):
            distance = (vc - s.ivc["accept"][ivc]) % width
            if s.candidate["branch"][vc] == branch and distance < nearest:
                taken, nearest = vc, distance
        if taken != NONE:
            s.out["grant"][router * width + taken] = (ivc - router * width + 1) % width
            s.ivc["accept"][ivc] = (taken + 1) % width
            granted += 1
        s.branch["vc_result"][branch] = taken
        s.branch["vc_when"][branch] = time + par.vc_delay - 1
        s.branch["vc_now"][branch] = time if taken != NONE else NONE
    for k in range(asking):
        port = s.asking[k] % par.ports
        for vc in range(port * par.vcs, (port + 1) * par.vcs):
            s.candidate["branch"][vc] = NONE
    return granted


@kernel
def may_ask_switch(branch: int, time: int, par: Parameters, s: State) -> bool:
    """Whether a branch has what the switch allocator demands: a credit and a link that is free."""
    ivc, port = branch // par.ports, branch % par.ports
    router = ivc // (par.ports * par.vcs)
    channel = router * par.ports + port
    if s.channel["free_at"][channel] > time:
        return False
    if s.branch["vc"][branch] != NONE:
        return s.out["credits"][channel * par.vcs + s.branch["vc"][branch]] > 0
    first, last = vc_range(router, port, s.buffer[ivc, s.ivc["first"][ivc]], par, s)
    for out in range(channel * par.vcs + first, channel * par.vcs + last + 1):
        if s.out["owner"][out] == NONE and s.out["credits"][out] > 0:
            return True
    return False


@kernel
def allocate_switch(router: int, time: int, par: Parameters, s: State) -> int:
    """Match input with output ports; results go to ``sw_result``. Returns the grants."""
    asking = 0
    for k in range(s.router["occupied"][router]):
        ivc = s.occupied[router, k]
        held = s.ivc["count"][ivc] + s.ivc["popped"][ivc]
        entry = (ivc - router * par.ports * par.vcs) // par.vcs
        turn = (ivc % par.vcs - s.channel["turn"][router * par.ports + entry]) % par.vcs
        for port in range(par.ports):
            branch = ivc * par.ports + port
            if not (s.ivc["need"][ivc] >> port) & 1 or s.branch["sent"][branch] >= held:
                continue
            if s.branch["sw_result"][branch] != UNASKED or s.branch["sw_when"][branch] > time:
                continue
            if s.branch["vc"][branch] == NONE and not par.speculative:
                continue
            s.asking[asking] = branch
            asking += 1
            if not may_ask_switch(branch, time, par, s):
                continue
            if s.branch["vc"][branch] == NONE:
                turn += par.vcs  # speculation gives way to a packet that holds its channel
            if s.wish["branch"][entry, port] == NONE or turn < s.wish["turn"][entry, port]:
                s.wish["branch"][entry, port] = branch
                s.wish["turn"][entry, port] = turn
    for k in range(asking):
        branch = s.asking[k]
        s.branch["sw_result"][branch] = NONE
        s.branch["sw_when"][branch] = time + par.switch_delay - 1
    granted = match_ports(router, par, s) if asking else 0
    for k in range(asking):
        branch = s.asking[k]
        entry = (branch // par.ports - router * par.ports * par.vcs) // par.vcs
        s.wish["branch"][entry, branch % par.ports] = NONE
    return granted


@kernel
def match_ports(router: int, par: Parameters, s: State) -> int:
    """One iteration of iSLIP over the requests ``(input port, output port)``."""
    for port in range(par.ports):
        s.grant[port] = NONE
        nearest = par.ports
        for entry in range(par.ports):
            if s.wish["branch"][entry, port] != NONE:
                distance = (entry - s.channel["grant"][router * par.ports + port]) % par.ports
                if distance < nearest:
                    s.grant[port], nearest = entry, distance
    granted = 0
    for entry in range(par.ports):
        taken, nearest = NONE, par.ports
        for port in range(par.ports):
            distance = (port - s.channel["accept"][router * par.ports + entry]) % par.ports
            if s.grant[port] == entry and distance < nearest:
                taken, nearest = port, distance
        if taken != NONE:
            granted += 1
            branch = s.wish["branch"][entry, taken]
            s.channel["grant"][router * par.ports + taken] = (entry + 1) % par.ports
            s.channel["accept"][router * par.ports + entry] = (taken + 1) % par.ports
            s.channel["turn"][router * par.ports + entry] = (branch // par.ports + 1) % par.vcs
            s.branch["sw_result"][branch] = taken
    return granted


@kernel
def grant_holds(branch: int, time: int, par: Parameters, s: State) -> bool:
    """Whether a switch grant is still good when it takes effect."""
    ivc, port = branch // par.ports, branch % par.ports
    channel = ivc // (par.ports * par.vcs) * par.ports + port
    vc = s.branch["vc"][branch]
    if vc == NONE:
        if s.branch["vc_now"][branch] != time:
            return False  # misspeculation
        vc = s.branch["vc_result"][branch] % par.vcs
    return s.out["credits"][channel * par.vcs + vc] > 0


@kernel
def take_effect(router: int, time: int, par: Parameters, s: State) -> None:
    """Allocations that end in this cycle: channels are taken, and flits leave."""
    moving = 0
    width = par.ports * par.vcs
    for k in range(s.router["occupied"][router]):
        ivc = s.occupied[router, k]
        for port in range(par.ports):
            if not (s.ivc["need"][ivc] >> port) & 1:
                continue
            branch = ivc * par.ports + port
            if s.branch["sw_result"][branch] != UNASKED and s.branch["sw_when"][branch] <= time:
                if s.branch["sw_result"][branch] >= 0 and grant_holds(branch, time, par, s):
                    s.asking[moving] = branch
                    moving += 1
                else:
                    s.branch["sw_result"][branch] = UNASKED
                    s.branch["sw_when"][branch] = time + 1
            if s.branch["vc_result"][branch] != UNASKED and s.branch["vc_when"][branch] <= time:
                vc = s.branch["vc_result"][branch]
                s.branch["vc_result"][branch] = UNASKED
                s.branch["vc_when"][branch] = time + 1
                if vc != NONE and s.out["owner"][router * width + vc] == NONE:
                    s.out["owner"][router * width + vc] = ivc
                    s.branch["vc"][branch] = vc % par.vcs
                    if not par.speculative:
                        s.branch["sw_when"][branch] = time + 1
    for k in range(moving):
        send(s.asking[k], time, par, s)


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
            awaken(target // (par.ports * par.vcs), time, par, s)
        elif kind == EJECT:
            eject(target, value, time, par, s)
        elif kind == INJECT_CREDIT:
            s.queue_credits[target] += 1
            awaken_terminal(target // par.vcs, time, par, s)
        elif kind == WAKE:
            awaken(target, time, par, s)
        else:
            awaken_terminal(target, time, par, s)
        following = s.event["next"][event]
        s.event["next"][event] = s.scalars[FREE_EVENT]
        s.scalars[FREE_EVENT] = event
        s.scalars[PENDING] -= 1
        event = following


@kernel
def eject(out: int, value: int, time: int, par: Parameters, s: State) -> None:
    """A flit is at its core: note the arrival of a tail, return the credit."""
    channel = out // par.vcs
    router, port = channel // par.ports, channel % par.ports
    schedule(time + 1 + s.port["latency"][port] + par.credit_delay, CREDIT, out, 0, par, s)
    packet = value // 4
    if value % 4:
        terminal = router * par.cores + port - par.local
        for delivery in range(s.message["begin"][packet], s.message["end"][packet]):
            if s.delivery["destination"][delivery] == terminal:
                note_arrival(delivery, value & 2, value & 1, time, s)


@kernel
def advance(until: int, drain: int, par: Parameters, s: State) -> None:
    """Let everything happen that happens before ``until``; with ``drain``, stop when all is delivered or stuck."""
    while s.scalars[NOW] < until:
        time = s.scalars[NOW]
        deliver(time, par, s)
        release(time, par, s)
        for k in range(s.scalars[N_TERMINALS]):
            inject(s.active_terminals[time & 1, k], time, par, s)
        for k in range(s.scalars[N_ACTIVE]):
            step(s.active[time & 1, k], time, par, s)
        s.scalars[STEPS] += s.scalars[N_ACTIVE]
        following = next_time(until, par, s)
        if drain and (s.scalars[IN_FLIGHT] == 0 or following == until):
            turn(time + 1, s)
            return
        turn(following, s)
