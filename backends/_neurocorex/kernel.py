"""The two clock domains together: edges one by one while something happens, whole stretches while only counters run.

Between two events most cycles change nothing but a few counters. `idle_cycles` is the number of edges up to
the next one at which anything else can change (a slow edge, a byte of the host, a counter that reaches its
end); `skip` adds them to the counters, so that the state after it is that of the edges one by one.
"""

from __future__ import annotations

from pynn_ext.chip.borrow import borrowed
from pynn_ext.chip.jit import kernel

from .fast import CLOCKS_PER_READ, HOST_SETTLING, SETTLING, core_busy, fast_edge, host_busy, host_woken
from .learning import PASS_PERIOD
from .passes import event_passes, only_ages, pass_edges, quiet_pass_aa, quiet_pass_ff
from .registers import *  # every register has its own name
from .slow import slow_edge
from .sorter import CLOCKS_PER_FLAG_BYTE, LOAD_FLAGS

#: Fast cycles of a slow cycle, and the number of the first rising edge of the slow clock.
SLOW_CYCLE = 1000
FIRST_SLOW_EDGE = 500
#: Free rows the log of writes must have before an edge, which may stand for two passes over lateral weights and
#: one over input weights.
LOG_MARGIN = 400


@kernel
def running(r: Words, state: Words) -> tuple[bool, bool, bool, bool]:
    """Which counters run: (lateral, skipped column, read-back, enable bits)."""
    skipping = r[INDEX] == r[OUT_ADDRESS] and r[SKIP_ONCE] == 0 and r[TRIGGER_SEEN] == 1
    flags = r[FLAG_TRIGGER_ACTIVE] == 1 and (r[SORTER_STATE] == LOAD_FLAGS or state[STDP_FIFO, F_COUNT] > 0)
    return r[LOADER] == STDP_UPDATE, skipping, r[READ_ACTIVE] == 1, flags


@kernel
def undisturbed(r: Words, end: int, strobe: int) -> int:
    """Edges before the next slow edge, the next byte and the end."""
    cycle = r[CYCLE]
    slow = FIRST_SLOW_EDGE + SLOW_CYCLE * ((cycle - FIRST_SLOW_EDGE) // SLOW_CYCLE + 1)
    return min(end - cycle, slow - cycle - 1, strobe - cycle - 1)


@kernel
def idle_cycles(r: Words, state: Words, end: int, strobe: int) -> int:
    """Edges that can be skipped; 0 if the next one must be evaluated."""
    count = undisturbed(r, end, strobe)
    lateral, skipping, reading, flags = running(r, state)
    if lateral:
        if r[SPIKE_COUNTER] > 0:
            count = min(count, PASS_PERIOD - r[SPIKE_COUNTER])
        if r[NO_SPIKE_COUNTER] > 0:
            count = min(count, PASS_PERIOD - r[NO_SPIKE_COUNTER])
    if r[SPIKE_COUNTER_FF] > 0:
        count = min(count, PASS_PERIOD - r[SPIKE_COUNTER_FF])
    if r[NO_SPIKE_COUNTER_FF] > 0:
        count = min(count, PASS_PERIOD - r[NO_SPIKE_COUNTER_FF])
    if skipping or r[SKIP_COUNTER] == PASS_PERIOD:
        count = min(count, PASS_PERIOD - r[SKIP_COUNTER])
    if reading:
        count = min(count, CLOCKS_PER_READ - 1 - r[READ_COUNTER])
    if flags:
        count = min(count, CLOCKS_PER_FLAG_BYTE - 1 - r[FLAG_TRIGGER_COUNTER])
    return count


@kernel
def skip(r: Words, state: Words, count: int) -> None:
    """Add `count` idle edges to the counters."""
    lateral, skipping, reading, flags = running(r, state)
    r[CYCLE] += count
    if lateral and r[SPIKE_COUNTER] > 0:
        r[SPIKE_COUNTER] += count
    if lateral and r[NO_SPIKE_COUNTER] > 0:
        r[NO_SPIKE_COUNTER] += count
    if r[SPIKE_COUNTER_FF] > 0:
        r[SPIKE_COUNTER_FF] += count
    if r[NO_SPIKE_COUNTER_FF] > 0:
        r[NO_SPIKE_COUNTER_FF] += count
    if skipping:
        r[SKIP_COUNTER] += count
    if reading:
        r[READ_COUNTER] += count
    if flags:
        r[FLAG_TRIGGER_COUNTER] += count


@kernel
def record(r: Words, row: Words) -> None:
    """One line of the trace: the registers after a slow edge."""
    row[0], row[1], row[2], row[3] = r[CYCLE], r[INDEX], r[TRIGGER], r[ACTIVATE_TRIGGER]
    row[4], row[5], row[6], row[7], row[8] = r[VIN], r[CORE_VIN], r[CORE_IIN], r[VIN_2ND], r[PORT_VOUT]
    row[9], row[10], row[11] = r[CORE_ISYN_IN], r[ISYN_OUT], r[PORT_ISYN_OUT]
    row[12], row[13], row[14] = r[CORE_ISYN_IN_FF], r[ISYN_OUT_FF], r[PORT_ISYN_OUT_FF]
    row[15], row[16], row[17], row[18] = r[W_COMB], r[W_COMB_FF], r[SIN], r[SIN_INTERNAL]
    row[19], row[20] = r[SPIKE_OUT], r[S_IN]


@kernel
def settle(r: Words, state: Words, slow: bool, loader: int) -> None:
    """How many more edges must be evaluated, in the core and in everything around it; `loader` is the state of the
    loaders before the edge."""
    r[SETTLE] = SETTLING if slow or r[SETTLE] == 0 or core_busy(r) else r[SETTLE] - 1
    r[REFRESH] = SETTLING if slow else max(r[REFRESH] - 1, 0)
    if host_busy(r, state) or slow and (host_woken(r) or r[LOADER] != loader):
        r[HOST_SETTLE] = HOST_SETTLING
    elif r[HOST_SETTLE] > 0:
        r[HOST_SETTLE] -= 1


@kernel
def run_cycles(
    chip: Chip,
    end: int,
    data: Words,
    strobes: Words,
    position: int,
    jump: int,
    words: Words,
    trace: Words,
    writes: Words,
    sent: Words,
) -> int:
    """Run to cycle `end`, or until a log is full.

    Parameters
    ----------
    chip : Chip
    end : int
        Last fast cycle to evaluate.
    data, strobes : ndarray
        Bytes of the host, and the edge at which the decoder takes each; the last strobe is never reached.
    position : int
        Next byte.
    jump : bool
        Skip idle cycles; the state is the same without.
    words : ndarray, shape (PORTS,)
        Scratch.
    trace, writes, sent : ndarray
        Logs; row 0, column 0 is the number of rows in use, the rows follow.

    Returns
    -------
    int
        Next byte.
    """
    r, arrays, memory = borrowed(chip.r), borrowed(chip.arrays), borrowed(chip.memory)
    port, fifo, state = borrowed(chip.port), borrowed(chip.fifo), borrowed(chip.fifo_state)
    words, trace, writes, sent = borrowed(words), borrowed(trace), borrowed(writes), borrowed(sent)
    while r[CYCLE] < end and trace[0, 0] + 2 < len(trace) and writes[0, 0] + LOG_MARGIN < len(writes):
        if len(sent) - sent[0, 0] < 3:
            break
        if jump and r[SETTLE] + r[HOST_SETTLE] == 0:
            count = idle_cycles(r, state, end, strobes[position])
            if count > 0:
                skip(r, state, count)
                continue
        if jump and r[TPRE_ACTIVE] + r[TPRE_ACTIVE_FF] > 0:
            skipping = running(r, state)[1]
            if only_ages(r, port, skipping):
                room = idle_cycles(r, state, end, strobes[position])
                count = pass_edges(r, arrays, memory, port, room, skipping)
                if count > 0:
                    skip(r, state, count)
                    continue
        r[CYCLE] += 1
        strobe = 1 if strobes[position] == r[CYCLE] else 0
        if strobe == 1:
            r[RX_DATA] = data[position]
            position += 1
        if not jump or strobe + r[READ_ACTIVE] + r[FLAG_TRIGGER_ACTIVE] > 0:
            r[HOST_SETTLE] = HOST_SETTLING
        fast_edge(r, arrays, memory, port, fifo, state, words, strobe, writes, sent)
        slow, loader = r[CYCLE] % SLOW_CYCLE == FIRST_SLOW_EDGE, r[LOADER]
        if slow:
            slow_edge(r, arrays, fifo, state)
            r[FIRST_EDGE] = 1
            trace[0, 0] += 1
            record(r, trace[trace[0, 0]])
        settle(r, state, slow, loader)
        if slow:
            r[SPIKE_SEEN] = 0
        if jump and r[TPRE_ACTIVE] + r[TPRE_ACTIVE_FF] > 0:
            room = undisturbed(r, end, strobes[position])
            event_passes(r, arrays, memory, port, writes, room)
            quiet_pass_aa(r, arrays, memory, port, room)
            quiet_pass_ff(r, arrays, memory, port, room, running(r, state)[1])
    return position
