"""Passes that nothing can disturb, done at once.

In most slow cycles nobody fires, and the ages of one column grow by one, row by row, in 98 edges. When a neuron
fires, its column is added to the sums, its row is potentiated, then its column depressed, and the ages of its
row and then of its column are renewed, in 200 edges. If these edges end before anything else can happen (the next
slow edge, a byte, a counter's end), the outcome follows from the order in which the processes read and write:
every entry is read before another process writes it. Rows 0 to 94 take part, in the sums all 96.
"""

from __future__ import annotations

from pynn_ext.chip.fixed import wrap
from pynn_ext.chip.jit import kernel

from .learning import PASS_PERIOD, depressed, potentiated
from .registers import *  # every register has its own name

#: Edges from the first row's address to the last row's write, and some more.
PASS_EDGES = 100
#: The same for a neuron that fires: two passes, one after the other.
EVENT_EDGES = 210
#: Edges from the one that sees the spike to the write of entry 0: of the first pass, and of the second.
FIRST_WRITE, SECOND_WRITE = 4, 102


@kernel
def age_column(
    memory: Bytes, port: Words, tpre: int, apre: int, here: int, longest: int, grow: bool, near: bool
) -> None:
    """Age the column `here`; with `near` a growing age also sets the bit that the spike is near."""
    for row in range(LAST):
        entry = row * SLOTS + here
        age = int(memory[tpre, entry])
        if age < 0 or (age < longest and not grow):
            continue
        over = age >= longest
        value = -1 if over else wrap(age + 1, WEIGHT_BITS)
        memory[tpre, entry] = value
        port[tpre, WADDR], port[tpre, WDATA] = entry, value
        if over or near:
            memory[apre, entry] = 0 if over else 1
            port[apre, WADDR], port[apre, WDATA] = entry, 0 if over else 1
    port[tpre, RADDR] = port[tpre, WE] = port[apre, WE] = 0
    port[tpre, ROUT] = memory[tpre, 0]


@kernel
def quiet_pass_aa(r: Words, arrays: Words, memory: Bytes, port: Words, room: int) -> None:
    """Finish the pass over lateral ages that has just begun, if it cannot be disturbed within `room` edges."""
    begun = r[TPRE_ACTIVE] == 1 and r[TPRE_INDEX] == 0 and port[TPRE_AA, WE] + port[APRE_AA, WE] == 0
    disturbed = r[SPIKE_OUT] + r[MISSED] + r[LAT_ACTIVE] + r[TOGGLE] + r[EN_PARAM] + r[WRITE_EN_PARAM] > 0
    counting = r[NO_SPIKE_COUNTER] + PASS_EDGES < PASS_PERIOD  # the other counter needs a spike to act
    if (
        not begun
        or disturbed
        or not counting
        or r[EN_TPRE] == 0
        or r[LOADER] != STDP_UPDATE
        or room < PASS_EDGES
    ):
        return
    age_column(
        memory, port, TPRE_AA, APRE_AA, r[INDEX], wrap(arrays[STDP_PARAMS, 1], WEIGHT_BITS), True, True
    )
    r[TPRE_INDEX], r[TPRE_ACTIVE] = LAST + 1, 0


@kernel
def quiet_pass_ff(r: Words, arrays: Words, memory: Bytes, port: Words, room: int, skipping: bool) -> None:
    """Finish the pass over ages of input spikes that has just begun, as `quiet_pass_aa`."""
    begun = r[TPRE_ACTIVE_FF] == 1 and r[TPRE_INDEX_FF] == 0 and port[TPRE_FF, WE] + port[APRE_FF, WE] == 0
    disturbed = r[S_IN] + r[MISSED_FF] + r[FF_ACTIVE] + r[EN_PARAM] + r[WRITE_EN_PARAM] > 0
    # a neuron that fires in this slow cycle but has not been seen yet will read the column
    disturbed = disturbed or r[SPIKE_OUT] != r[SPIKE_SEEN]
    counting = (
        r[NO_SPIKE_COUNTER_FF] + PASS_EDGES < PASS_PERIOD and r[SPIKE_COUNTER_FF] + PASS_EDGES < PASS_PERIOD
    )
    steady = r[SKIP_FLAG] == skipping and (not skipping or r[SKIP_COUNTER] + PASS_EDGES < PASS_PERIOD)
    if (
        not begun
        or disturbed
        or not counting
        or not steady
        or r[SKIP_COUNTER] == PASS_PERIOD
        or room < PASS_EDGES
    ):
        return
    age_column(
        memory,
        port,
        TPRE_FF,
        APRE_FF,
        r[INDEX],
        wrap(arrays[STDP_PARAMS, 0], WEIGHT_BITS),
        not skipping,
        False,
    )
    r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF] = LAST + 1, 0


@kernel
def only_ages(r: Words, port: Words, skipping: bool) -> bool:
    """Whether nothing but quiet passes over ages, which are past their beginning, and counters run."""
    if (
        r[HOST_SETTLE] + r[REFRESH] + r[FIRST_EDGE] > 0
        or r[LOADER] != STDP_UPDATE
        or r[SKIP_FLAG] != skipping
    ):
        return False
    if r[EN_TPRE] * r[EN_TPRE_PREV] * r[EN_TPRE_PREV_FF] * r[ACC_DONE] * r[LAT_ACC_DONE] == 0:
        return False
    inputs = r[S_IN] + r[SPIKE_IN_PREV] + r[SPIKE_OUT_PREV] + r[MISSED] + r[MISSED_FF]
    others = r[LAT_ACTIVE] + r[FF_ACTIVE] + r[TOGGLE] + port[W_AA, WE] + port[W_FF, WE]
    ends = r[FLAG_SPIKE] + r[FLAG_SPIKE_FF] + r[FLAG_NO_SPIKE] + r[FLAG_NO_SPIKE_FF]
    begun = r[TRIG_SPIKE] + r[TRIG_SPIKE_FF] + r[TRIG_NO_SPIKE] + r[TRIG_NO_SPIKE_FF]
    if inputs + others + ends + begun > 0:
        return False
    early = r[TPRE_ACTIVE] == 1 and r[TPRE_INDEX] < 2 or r[TPRE_ACTIVE_FF] == 1 and r[TPRE_INDEX_FF] < 2
    return not early


@kernel
def age_rows(
    memory: Bytes, port: Words, tpre: int, apre: int, here: int, longest: int, grow: bool, near: bool, index: int,
    edges: int,
) -> None:  # fmt: skip
    """Evaluate edges in the middle of a quiet pass over the column `here`, as `learning.ages_aa` and `ages_ff` do
    one at a time; the address of the row `index` comes next."""
    address, word = port[tpre, RADDR], port[tpre, ROUT]
    for k in range(index, index + edges):
        age, word = word, int(memory[tpre, address])
        if port[tpre, WE] == 1:
            memory[tpre, port[tpre, WADDR]] = port[tpre, WDATA]
        if port[apre, WE] == 1:
            memory[apre, port[apre, WADDR]] = port[apre, WDATA]
        address = k * SLOTS + here
        over = age >= max(longest, 0)
        grows = 0 <= age < longest and grow
        port[tpre, WE], port[apre, WE] = int(over or grows), int(over or grows and near)
        if over or grows:
            port[tpre, WADDR], port[tpre, WDATA] = (
                (k - 2) * SLOTS + here,
                -1 if over else wrap(age + 1, WEIGHT_BITS),
            )
            if over or near:
                port[apre, WADDR], port[apre, WDATA] = (k - 2) * SLOTS + here, 0 if over else 1
    port[tpre, RADDR], port[tpre, ROUT] = address, word


@kernel
def pass_edges(r: Words, arrays: Words, memory: Bytes, port: Words, room: int, skipping: bool) -> int:
    """Evaluate up to `room` edges of the passes that run; return how many."""
    lateral, inputs = r[TPRE_ACTIVE] == 1, r[TPRE_ACTIVE_FF] == 1
    edges = room
    if lateral:
        edges = min(edges, LAST + 1 - r[TPRE_INDEX])
    if inputs:
        edges = min(edges, LAST + 1 - r[TPRE_INDEX_FF])
    if edges <= 0:
        return 0
    here, params = r[INDEX], arrays[STDP_PARAMS]
    if lateral:
        longest = wrap(params[1], WEIGHT_BITS)
        age_rows(memory, port, TPRE_AA, APRE_AA, here, longest, True, True, r[TPRE_INDEX], edges)
        r[TPRE_INDEX] += edges
    if inputs:
        longest = wrap(params[0], WEIGHT_BITS)
        age_rows(memory, port, TPRE_FF, APRE_FF, here, longest, not skipping, False, r[TPRE_INDEX_FF], edges)
        r[TPRE_INDEX_FF] += edges
    return edges


@kernel
def put(memory: Bytes, port: Words, m: int, entry: int, value: int, cycle: int, writes: Words) -> None:
    """Write a weight and log it."""
    port[m, WADDR], port[m, WDATA] = entry & 0xFFFF, value
    if 0 <= entry < WORDS:
        memory[m, entry] = value
        count = writes[0, 0] + 1
        writes[0, 0] = count
        writes[count, 0], writes[count, 1], writes[count, 2], writes[count, 3] = cycle, m, entry, value


@kernel
def event_sums(r: Words, arrays: Words, memory: Bytes, port: Words) -> None:
    """Add the column of the neuron that fired to the lateral sums."""
    here = r[INDEX]
    left_out = here + 1 if r[CLEAN] else here
    for row in range(SLOTS):
        if row != left_out and 4 < here < LAST:
            arrays[WEIGHT, row] = wrap(arrays[WEIGHT, row] + int(memory[W_AA, row * SLOTS + here]), SUM_BITS)
    r[LAT_ACC_INDEX], r[LAT_ACC_DONE] = 0, 1
    port[ACC_AA, RADDR] = LAST * SLOTS + here


@kernel
def event_weights(r: Words, arrays: Words, memory: Bytes, port: Words, writes: Words) -> None:
    """Potentiate the row of the neuron that fired, and the input weights; then depress its column.

    The first step of a pass sees the word left from the pass before, word 0, and may write it one entry too early.
    """
    here, clean, params, start = r[INDEX], r[CLEAN], arrays[STDP_PARAMS], r[CYCLE]
    for k in range(-1, LAST):
        entry = (here + 1) * SLOTS + k
        source, seen = (0, 0) if k < 0 else (entry, k * SLOTS + here)
        if source < WORDS and memory[APRE_AA, seen] == 1 and memory[EN_AA, source] == 1:
            value = potentiated(int(memory[W_AA, source]), params, clean)
            put(memory, port, W_AA, entry, value, start + k + FIRST_WRITE, writes)
        if not clean:
            entry = k * SLOTS + here
            source = max(entry, 0)
        if k < 0:
            source = 0
        if source < WORDS and memory[APRE_FF, seen] == 1 and memory[EN_FF, source] == 1:
            value = potentiated(int(memory[W_FF, source]), params, clean)
            put(memory, port, W_FF, entry, value, start + k + FIRST_WRITE, writes)
    for k in range(LAST):
        entry = (k + 1) * SLOTS + here
        if memory[EN_AA, entry] == 1 and arrays[APOST, k] == 1 and k != here:
            value = depressed(int(memory[W_AA, entry]), params, clean)
            put(memory, port, W_AA, entry, value, start + k + SECOND_WRITE, writes)
    r[LAT_INDEX], r[LAT_ACTIVE], r[LAT_DONE], r[TOGGLE] = LAST + 1, 0, 1, 0
    r[FF_INDEX], r[FF_ACTIVE], r[FF_DONE], r[APOST_READ_FF] = LAST + 1, 0, 1, 0


@kernel
def event_ages(r: Words, arrays: Words, memory: Bytes, port: Words) -> None:
    """Renew the row of ages of the neuron that fired, and age its column, without a limit except its own entry's."""
    here, longest = r[INDEX], wrap(arrays[STDP_PARAMS, 1], WEIGHT_BITS)
    for column in range(SLOTS):
        entry = here * SLOTS + column
        memory[TPRE_AA, entry], memory[APRE_AA, entry] = 0, 1
        port[TPRE_AA, WADDR], port[TPRE_AA, WDATA], port[APRE_AA, WADDR], port[APRE_AA, WDATA] = (
            entry,
            0,
            entry,
            1,
        )
    for row in range(LAST):
        entry = row * SLOTS + here
        age = int(memory[TPRE_AA, entry])
        if age >= 0 and (row != here or age >= longest):
            value, near = (wrap(age + 1, WEIGHT_BITS), 1) if row != here else (-1, 0)
            memory[TPRE_AA, entry], memory[APRE_AA, entry] = value, near
            port[TPRE_AA, WADDR], port[TPRE_AA, WDATA] = entry, value
            port[APRE_AA, WADDR], port[APRE_AA, WDATA] = entry, near
    r[TPRE_INDEX], r[TPRE_ACTIVE], r[MISSED] = LAST + 1, 0, 0


@kernel
def event_passes(r: Words, arrays: Words, memory: Bytes, port: Words, writes: Words, room: int) -> None:
    """Finish what a neuron's spike has just begun, if it cannot be disturbed within `room` edges."""
    begun = r[LAT_ACTIVE] * r[FF_ACTIVE] * r[TPRE_ACTIVE] == 1 and r[LAT_ACC_DONE] == 0 and r[TOGGLE_FF] == 0
    first = r[LAT_INDEX] + r[FF_INDEX] + r[TPRE_INDEX] + r[LAT_ACC_INDEX] == 0
    disturbed = r[TOGGLE] + r[MISSED] + r[S_IN] + r[EN_PARAM] + r[WRITE_EN_PARAM] + r[MISSED_FF] > 0
    writing = port[W_AA, WE] + port[W_FF, WE] + port[TPRE_AA, WE] + port[APRE_AA, WE] > 0
    # the ages of input spikes must not change before their entries are read
    behind = r[TPRE_ACTIVE_FF] == 1 and r[TPRE_INDEX_FF] > 0 or port[TPRE_FF, WE] + port[APRE_FF, WE] > 0
    counting = (
        r[SPIKE_COUNTER] + EVENT_EDGES < PASS_PERIOD
    )  # the other counter needs a cycle without spike to act
    if not begun or not first or disturbed or writing or behind or not counting or room < EVENT_EDGES:
        return
    if r[LOADER] != STDP_UPDATE or r[SPIKE_OUT] == 0 or r[ACC_DONE] == 0:
        return
    r[SPIKE_SEEN] = 1
    event_sums(r, arrays, memory, port)
    event_weights(r, arrays, memory, port, writes)
    event_ages(r, arrays, memory, port)
    for m in (W_AA, W_FF, TPRE_AA, EN_AA, EN_FF, APRE_AA, APRE_FF):
        port[m, RADDR], port[m, ROUT] = 0, memory[m, 0]
    port[ACC_AA, ROUT] = memory[W_AA, port[ACC_AA, RADDR]]
