"""The event wheel: what happens at which time, and which routers and sources must be looked at.

Events lie in a ring of lists, one list for each time up to the longest latency ahead. The order inside a list
does not matter: each event has its own target.
"""

from __future__ import annotations

from typing import Any

from ..borrow import borrowed
from ..jit import kernel
from .state import (
    FREE_EVENT,
    IN_FLIGHT,
    N_ACTIVE,
    N_LOGGED,
    N_NEXT,
    N_NEXT_TERMINALS,
    N_TERMINALS,
    NONE,
    NOW,
    PENDING,
    UNRELEASED,
    Parameters,
    State,
)


@kernel
def schedule(time: int, kind: int, target: int, value: int, par: Parameters, s: State) -> None:
    """Put an event into the wheel; ``time`` is later than now and at most one turn ahead."""
    event = s.scalars[FREE_EVENT]
    s.scalars[FREE_EVENT] = s.event["next"][event]
    slot = time & (s.bucket.shape[0] - 1)
    s.event["next"][event] = s.bucket[slot]
    s.event["target"][event] = target * 8 + kind
    s.event["value"][event] = value
    s.bucket[slot] = event
    s.scalars[PENDING] += 1


@kernel
def retire(event: int, s: State) -> int:
    """Free an event; return the next of its time."""
    following = s.event["next"][event]
    s.event["next"][event] = s.scalars[FREE_EVENT]
    s.scalars[FREE_EVENT] = event
    s.scalars[PENDING] -= 1
    return following


@kernel
def enlist(item: int, time: int, seen: Any, lists: Any, now: int, later: int, s: State) -> None:
    """Put an item once into the list of this cycle or the next; ``now`` and ``later`` are the scalars that count."""
    if seen[item] < time:
        seen[item] = time
        count = later if time > s.scalars[NOW] else now
        lists[time & 1, s.scalars[count]] = item
        s.scalars[count] += 1


@kernel
def awaken(router: int, time: int, par: Parameters, s: State) -> None:
    """Look at a router now or in the next cycle."""
    enlist(router, time, s.router["active_at"], s.active, N_ACTIVE, N_NEXT, s)


@kernel
def awaken_terminal(terminal: int, time: int, par: Parameters, s: State) -> None:
    """Look at a source queue now or in the next cycle."""
    seen = s.terminal["active_at"]
    enlist(terminal, time, seen, s.active_terminals, N_TERMINALS, N_NEXT_TERMINALS, s)


@kernel
def release(time: int, par: Parameters, s: State) -> None:
    """Move the messages that are generated at this time to their source queues."""
    k = s.scalars[UNRELEASED]
    while k < s.release_order.shape[0] and s.message["generated"][s.release_order[k]] <= time:
        packet = s.release_order[k]
        terminal = s.message["source"][packet]
        if s.terminal["first"][terminal] == NONE:
            s.terminal["first"][terminal] = packet
        else:
            s.message["next"][s.terminal["last"][terminal]] = packet
        s.terminal["last"][terminal] = packet
        awaken_terminal(terminal, time, par, s)
        k += 1
    s.scalars[UNRELEASED] = k


@kernel
def next_time(until: int, par: Parameters, s: State) -> int:
    """Return the next time at which anything happens, at most ``until``: idle time is skipped."""
    time = s.scalars[NOW] + 1
    if s.scalars[N_NEXT] > 0 or s.scalars[N_NEXT_TERMINALS] > 0:
        return time
    best = until
    if s.scalars[UNRELEASED] < s.release_order.shape[0]:
        best = min(best, max(time, s.message["generated"][s.release_order[s.scalars[UNRELEASED]]]))
    if s.scalars[PENDING] > 0:
        span = s.bucket.shape[0]
        for ahead in range(span):
            if time + ahead >= best or s.bucket[(time + ahead) & (span - 1)] != NONE:
                return min(best, time + ahead)
    return best


@kernel
def turn(following: int, s: State) -> None:
    """Go to another time; the lists of the next cycle become the lists of this one."""
    s.scalars[N_ACTIVE], s.scalars[N_NEXT] = s.scalars[N_NEXT], 0
    s.scalars[N_TERMINALS], s.scalars[N_NEXT_TERMINALS] = s.scalars[N_NEXT_TERMINALS], 0
    s.scalars[NOW] = following


@kernel
def end_cycle(until: int, drain: int, par: Parameters, s: State) -> bool:
    """Go to the next time at which anything happens; return whether a ``drain`` is over, all delivered or stuck."""
    following = next_time(until, par, s)
    over = drain and (s.scalars[IN_FLIGHT] == 0 or following == until)
    turn(s.scalars[NOW] + 1 if over else following, s)
    return bool(over)


@kernel
def note_arrival(delivery: int, head: int, tail: int, time: int, s: State) -> None:
    """The first or last flit of a packet is at its core."""
    if head:
        s.delivery["head_arrived"][delivery] = time
    if tail:
        s.delivery["arrived"][delivery] = time
        s.log[s.scalars[N_LOGGED]] = delivery
        s.scalars[N_LOGGED] += 1
        s.scalars[IN_FLIGHT] -= 1


@kernel
def lend(s: State) -> State:
    """Return the state without the owners of its arrays, so that calls do not count references."""
    return State(
        borrowed(s.scalars),
        borrowed(s.neighbour),
        borrowed(s.port),
        borrowed(s.buffer),
        borrowed(s.ivc),
        borrowed(s.branch),
        borrowed(s.out),
        borrowed(s.channel),
        borrowed(s.router),
        borrowed(s.occupied),
        borrowed(s.terminal),
        borrowed(s.queue_credits),
        borrowed(s.asking),
        borrowed(s.candidate),
        borrowed(s.wish),
        borrowed(s.grant),
        borrowed(s.bucket),
        borrowed(s.event),
        borrowed(s.active),
        borrowed(s.active_terminals),
        borrowed(s.message),
        borrowed(s.delivery),
        borrowed(s.log),
        borrowed(s.release_order),
    )
