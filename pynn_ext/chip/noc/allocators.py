"""The two allocators of the pipelined router: virtual channels to heads, and the switch to flits.

Both are separable and iterate once (iSLIP: McKeown 1999, IEEE/ACM Trans. Networking 7, 188): every resource
grants the requester next in round-robin order, every requester accepts the grant next in its own order, and
the two pointers move only for pairs that matched. Of the virtual channels of one input port that want the
same output port, the next in round-robin order asks.
"""

from __future__ import annotations

from ..jit import kernel
from .routing import vc_range
from .state import NONE, UNASKED, Parameters, State


@kernel
def behind(place: int, pointer: int, size: int) -> int:
    """Return how far a place is behind a round-robin pointer."""
    distance = place - pointer
    return distance if distance >= 0 else distance + size


@kernel
def after(place: int, size: int) -> int:
    """Return the next place of a ring."""
    return place + 1 if place + 1 < size else 0


@kernel
def ask_vcs(ivc: int, port: int, par: Parameters, s: State) -> None:
    """Enter a head as candidate for the free virtual channels that it may take and is the first to be granted."""
    router = s.ivc["router"][ivc]
    width = par.ports * par.vcs
    first, last = vc_range(router, port, s.buffer[ivc, s.ivc["first"][ivc]], par, s)
    for vc in range(port * par.vcs + first, port * par.vcs + last + 1):
        out = router * width + vc
        if s.out["owner"][out] == NONE:
            distance = behind(s.ivc["place"][ivc], s.out["grant"][out], width)
            if s.candidate["ivc"][vc] == NONE or distance < s.candidate["distance"][vc]:
                s.candidate["ivc"][vc] = ivc
                s.candidate["distance"][vc] = distance


@kernel
def accept_vc(ivc: int, port: int, time: int, par: Parameters, s: State) -> int:
    """Take the nearest of the virtual channels granted; the result goes to ``vc_result``. Returns the grants."""
    branch = ivc * par.ports + port
    width = par.ports * par.vcs
    taken, nearest = NONE, width
    for vc in range(port * par.vcs, (port + 1) * par.vcs):
        if s.candidate["ivc"][vc] == ivc:
            distance = behind(vc, s.ivc["accept"][ivc], width)
            if distance < nearest:
                taken, nearest = vc, distance
    s.branch["vc_result"][branch] = NONE
    s.branch["vc_when"][branch] = time + par.vc_delay - 1
    if taken == NONE:
        return 0
    s.out["grant"][s.ivc["router"][ivc] * width + taken] = after(s.ivc["place"][ivc], width)
    s.ivc["accept"][ivc] = after(taken, width)
    s.branch["vc_result"][branch] = taken - port * par.vcs
    s.branch["vc_now"][branch] = time
    return 1


@kernel
def allocate_vcs(router: int, time: int, par: Parameters, s: State) -> int:
    """Match heads that wait with free virtual channels; return how many were granted."""
    asking = 0
    for k in range(s.router["occupied"][router]):
        ivc = s.occupied[router, k]
        for port in range(s.ivc["low"][ivc], s.ivc["high"][ivc]):
            branch = ivc * par.ports + port
            if (
                s.branch["vc"][branch] == NONE
                and s.branch["vc_result"][branch] == UNASKED
                and s.branch["vc_when"][branch] <= time
                and (s.ivc["need"][ivc] >> port) & 1
            ):
                s.asking[asking, 0], s.asking[asking, 1] = ivc, port
                asking += 1
                ask_vcs(ivc, port, par, s)
    granted = 0
    for k in range(asking):
        granted += accept_vc(s.asking[k, 0], s.asking[k, 1], time, par, s)
    for k in range(asking):
        port = s.asking[k, 1]
        for vc in range(port * par.vcs, (port + 1) * par.vcs):
            s.candidate["ivc"][vc] = NONE
    return granted


@kernel
def may_ask_switch(ivc: int, port: int, time: int, par: Parameters, s: State) -> bool:
    """Whether a branch has what the switch allocator demands: a credit and a link that is free."""
    router = s.ivc["router"][ivc]
    channel = router * par.ports + port
    if s.channel["free_at"][channel] > time:
        return False
    vc = s.branch["vc"][ivc * par.ports + port]
    if vc != NONE:
        return s.out["credits"][channel * par.vcs + vc] > 0
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
        for port in range(s.ivc["low"][ivc], s.ivc["high"][ivc]):
            branch = ivc * par.ports + port
            if (
                s.branch["sw_result"][branch] != UNASKED
                or s.branch["sw_when"][branch] > time
                or s.branch["sent"][branch] >= held
                or not (s.ivc["need"][ivc] >> port) & 1
                or (s.branch["vc"][branch] == NONE and not par.speculative)
            ):
                continue
            s.branch["sw_result"][branch] = NONE
            s.branch["sw_when"][branch] = time + par.switch_delay - 1
            if may_ask_switch(ivc, port, time, par, s):
                ask_switch(ivc, port, par, s)
                asking += 1
    return match_ports(router, par, s) if asking else 0


@kernel
def ask_switch(ivc: int, port: int, par: Parameters, s: State) -> None:
    """Enter a request for the switch, if no virtual channel of the same input port goes before it."""
    entry = s.ivc["entry"][ivc]
    turn = behind(s.ivc["vc"][ivc], s.channel["turn"][s.ivc["router"][ivc] * par.ports + entry], par.vcs)
    if s.branch["vc"][ivc * par.ports + port] == NONE:
        turn += par.vcs  # speculation gives way to a packet that holds its channel
    if s.wish["ivc"][port, entry] == NONE or turn < s.wish["turn"][port, entry]:
        s.wish["ivc"][port, entry] = ivc
        s.wish["turn"][port, entry] = turn


@kernel
def match_ports(router: int, par: Parameters, s: State) -> int:
    """One iteration of iSLIP over the wishes ``(output port, input port)``, which are cleared."""
    ports = par.ports
    for entry in range(ports):
        s.grant["port"][entry] = NONE
    for port in range(ports):
        granted, nearest = NONE, ports
        for entry in range(ports):
            if s.wish["ivc"][port, entry] != NONE:
                distance = behind(entry, s.channel["grant"][router * ports + port], ports)
                if distance < nearest:
                    granted, nearest = entry, distance
        if granted != NONE:
            distance = behind(port, s.channel["accept"][router * ports + granted], ports)
            if s.grant["port"][granted] == NONE or distance < s.grant["distance"][granted]:
                s.grant["port"][granted], s.grant["distance"][granted] = port, distance
    matched = 0
    for entry in range(ports):
        port = s.grant["port"][entry]
        if port != NONE:
            ivc = s.wish["ivc"][port, entry]
            s.channel["grant"][router * ports + port] = after(entry, ports)
            s.channel["accept"][router * ports + entry] = after(port, ports)
            s.channel["turn"][router * ports + entry] = after(s.ivc["vc"][ivc], par.vcs)
            s.branch["sw_result"][ivc * ports + port] = port
            matched += 1
    s.wish["ivc"][:] = NONE
    return matched
