"""A pass over one column of ages that nothing can disturb, done at once.

In most slow cycles nobody fires, and the ages of one column grow by one, row by row, in 98 edges. If these edges
end before anything else can happen (the next slow edge, a byte, a counter's end) and no other process reads
the column, the outcome does not depend on when it is computed. Rows 0 to 94 take part.
"""

from __future__ import annotations

from numba import njit

from .learning import PASS_PERIOD, byte
from .registers import *  # every register has its own name

#: Edges from the first row's address to the last row's write, and some more.
PASS_EDGES = 100


@njit(cache=True)
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
        value = -1 if over else byte(age + 1)
        memory[tpre, entry] = value
        port[tpre, WADDR], port[tpre, WDATA] = entry, value
        if over or near:
            memory[apre, entry] = 0 if over else 1
            port[apre, WADDR], port[apre, WDATA] = entry, 0 if over else 1
    port[tpre, RADDR] = port[tpre, WE] = port[apre, WE] = 0
    port[tpre, ROUT] = memory[tpre, 0]


@njit(cache=True)
def quiet_pass_aa(r: Words, arrays: Words, memory: Bytes, port: Words, room: int) -> None:
    """Finish the pass over lateral ages that has just begun, if it cannot be disturbed within `room` edges."""
    begun = r[TPRE_ACTIVE] == 1 and r[TPRE_INDEX] == 0 and port[TPRE_AA, WE] + port[APRE_AA, WE] == 0
    disturbed = r[SPIKE_OUT] + r[MISSED] + r[LAT_ACTIVE] + r[TOGGLE] + r[EN_PARAM] + r[WRITE_EN_PARAM] > 0
    counting = r[NO_SPIKE_COUNTER] + PASS_EDGES < PASS_PERIOD and r[SPIKE_COUNTER] + PASS_EDGES < PASS_PERIOD
    if (
        not begun
        or disturbed
        or not counting
        or r[EN_TPRE] == 0
        or r[LOADER] != STDP_UPDATE
        or room < PASS_EDGES
    ):
        return
    age_column(memory, port, TPRE_AA, APRE_AA, r[INDEX], byte(arrays[STDP_PARAMS, 1]), True, True)
    r[TPRE_INDEX], r[TPRE_ACTIVE] = LAST + 1, 0


@njit(cache=True)
def quiet_pass_ff(r: Words, arrays: Words, memory: Bytes, port: Words, room: int, skipping: bool) -> None:
    """Finish the pass over ages of input spikes that has just begun, as `quiet_pass_aa`."""
    begun = r[TPRE_ACTIVE_FF] == 1 and r[TPRE_INDEX_FF] == 0 and port[TPRE_FF, WE] + port[APRE_FF, WE] == 0
    disturbed = r[S_IN] + r[MISSED_FF] + r[FF_ACTIVE] + r[SPIKE_OUT] + r[EN_PARAM] + r[WRITE_EN_PARAM] > 0
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
    age_column(memory, port, TPRE_FF, APRE_FF, r[INDEX], byte(arrays[STDP_PARAMS, 0]), not skipping, False)
    r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF] = LAST + 1, 0
