"""The plasticity engines of the core at 100 MHz: weight updates, spike ages and enable bits.

Each function is one clocked process of ``Core_engine.vhd`` and handles one edge. Signals take their new value
after the edge, so a process reads the old values first; where a signal is assigned twice in one edge the later
assignment wins, which is why a pass that is started again while it runs goes on where it is.

* ``weight_update_aa``: a neuron that fires potentiates its own row (presynaptic spike inside the window), then
  depresses its column (postsynaptic spike inside the window).
* ``weight_update_ff``: the same for input weights. The RTL potentiates the transposed entry and writes
  depression into row 3; with `CLEAN` set the entries of the synapse itself are used.
* ``ages_aa``, ``ages_ff``: one pass over 96 rows per slow cycle ages the traces of one column.
"""

from __future__ import annotations

from pynn_ext.chip.fixed import saturate, wrap
from pynn_ext.chip.jit import kernel

from .registers import *  # every register has its own name

#: Length of a slow cycle in fast cycles as the repetition counters of the core count it; a pass is repeated
#: every PASS_PERIOD + 2 edges, two more than a slow cycle has.
PASS_PERIOD = 1000


@kernel
def write(port: Words, memory: int, address: int, data: int) -> None:
    """Set up a write, executed by the memory at the next edge; the address has 16 bits."""
    port[memory, WE] = 1
    port[memory, WADDR] = address & 0xFFFF
    port[memory, WDATA] = data


@kernel
def read(port: Words, memory: int, address: int) -> None:
    """Set up a read, executed by the memory at the next edge; the address has 16 bits."""
    port[memory, RADDR] = address & 0xFFFF


@kernel
def advance(r: Words, row: int, column: int) -> None:
    """Step the row and column counters of a loader through the memory."""
    if r[column] < LAST:
        r[column] += 1
    else:
        r[column] = 0
        r[row] = r[row] + 1 if r[row] < LAST else 0


@kernel
def potentiated(weight: int, params: Words, clean: int) -> int:
    """Weight after potentiation; the RTL wraps from 127 to -128, corrected it saturates."""
    step = wrap(params[2], WEIGHT_BITS)
    return saturate(weight + step, WEIGHT_BITS) if clean else wrap(weight + step, WEIGHT_BITS)


@kernel
def depressed(weight: int, params: Words, clean: int) -> int:
    """Weight after depression; the RTL lifts all below -1 to -1, corrected it stops at 0 and lifts nothing."""
    step = wrap(params[2] >> 8, WEIGHT_BITS)
    if clean:
        return min(max(weight - step, min(weight, 0)), 127)
    return max(wrap(weight - step, WEIGHT_BITS), -1)


@kernel
def load(r: Words, port: Words, memory: int, enable: int, word: int, row: int, column: int) -> None:
    """Weights arrive from the host, one per edge at most."""
    if r[enable] == 1:
        write(port, memory, r[row] * SLOTS + r[column], wrap(r[word], WEIGHT_BITS))
        advance(r, row, column)
    else:
        port[memory, WE] = port[memory, WADDR] = 0


@kernel
def weight_update_aa(
    r: Words, arrays: Words, port: Words, fired: int, weight: int, apre: int, enabled: int
) -> None:
    """Process AA_weight_loader; `fired` starts a pass, the others are the words read last."""
    if r[LOADER] == INIT_WEIGHT:
        load(r, port, W_AA, WRITE_EN_AA_W, OUT_WEIGHT_AA, ROW_AA, COL_AA)
    if r[LOADER] != STDP_UPDATE:
        return
    i, active, toggle, here = r[LAT_INDEX], r[LAT_ACTIVE], r[TOGGLE], r[INDEX]
    if fired and r[LAT_DONE] == 1:
        r[LAT_INDEX], r[LAT_DONE], r[LAT_ACTIVE], r[TOGGLE] = 0, 0, 1, 0
    elif toggle == 1 and active == 0:
        r[LAT_INDEX], r[LAT_DONE], r[LAT_ACTIVE] = 0, 0, 1
    if active == 0:
        port[W_AA, WE] = 0
        return
    if toggle == 0 and i < LAST:
        read(port, W_AA, (here + 1) * SLOTS + i)
        read(port, APRE_AA, i * SLOTS + here)
        read(port, EN_AA, (here + 1) * SLOTS + i)
    elif toggle == 1 and i <= LAST:
        read(port, W_AA, (i + 1) * SLOTS + here)
        read(port, APRE_AA, here * SLOTS + i)
        read(port, EN_AA, (i + 1) * SLOTS + here)
    else:
        port[W_AA, RADDR] = port[APRE_AA, RADDR] = port[EN_AA, RADDR] = 0
    if i == 0:
        r[LAT_INDEX] = 1
        return
    params, clean = arrays[STDP_PARAMS], r[CLEAN]
    if apre == 1 and toggle == 0 and enabled == 1:
        write(port, W_AA, (here + 1) * SLOTS + i - 2, potentiated(weight, params, clean))
    elif toggle == 1 and i > 1 and enabled == 1 and arrays[APOST, i - 2] == 1 and i - 2 != here:
        write(port, W_AA, (i - 1) * SLOTS + here, depressed(weight, params, clean))
    else:
        port[W_AA, WE] = 0
    if i <= LAST:
        r[LAT_INDEX] = i + 1
    else:
        r[LAT_ACTIVE], r[LAT_DONE] = 0, 1
        r[TOGGLE] = 1 if r[SPIKE_OUT] == 1 and toggle == 0 else 0


@kernel
def address_ff(r: Words, arrays: Words, port: Words, i: int) -> None:
    """Set the read addresses of one step of a pass over the input weights."""
    here, clean = r[INDEX], r[CLEAN]
    if r[TOGGLE_FF] == 0 and i < LAST:
        entry = (here + 1) * SLOTS + i if clean else i * SLOTS + here
        read(port, W_FF, entry)
        read(port, EN_FF, entry)
        read(port, APRE_FF, i * SLOTS + here)
        r[APOST_READ_FF] = 0
    elif r[TOGGLE_FF] == 1 and 0 < i <= LAST:
        entry = (i + 1) * SLOTS + r[NEURON_ADDR] if clean else r[NEURON_ADDR] * SLOTS + i
        read(port, W_FF, entry)
        read(port, EN_FF, entry)
        port[APRE_FF, RADDR] = 0
        r[APOST_READ_FF] = arrays[APOST, i - 1]
    else:
        port[W_FF, RADDR] = port[EN_FF, RADDR] = port[APRE_FF, RADDR] = 0


@kernel
def weight_update_ff(
    r: Words, arrays: Words, port: Words, fired: int, arrived: int, weight: int, apre: int, enabled: int
) -> None:
    """Process FF_weight_loader; `fired` or `arrived` (an input spike) starts a pass."""
    if r[LOADER] == INIT_WEIGHT:
        load(r, port, W_FF, WRITE_EN_FF_W, OUT_WEIGHT_FF, ROW_FF, COL_FF)
    if r[LOADER] != STDP_UPDATE:
        return
    i, active, toggle, here = r[FF_INDEX], r[FF_ACTIVE], r[TOGGLE_FF], r[INDEX]
    apost = r[APOST_READ_FF]
    start = (fired or arrived) and r[FF_DONE] == 1
    if active == 1:
        address_ff(r, arrays, port, i)
    if start:
        r[FF_INDEX], r[FF_DONE], r[FF_ACTIVE], r[TOGGLE_FF] = 0, 0, 1, 0 if fired else 1
    if active == 0:
        port[W_FF, WE] = 0
        return
    if i == 0:
        r[FF_INDEX] = 1
        return
    params, clean = arrays[STDP_PARAMS], r[CLEAN]
    if apre == 1 and toggle == 0 and enabled == 1:
        entry = (here + 1) * SLOTS + i - 2 if clean else (i - 2) * SLOTS + here
        write(port, W_FF, entry, potentiated(weight, params, clean))
    elif toggle == 1 and apost == 1 and enabled == 1:
        entry = (i - 1) * SLOTS + r[NEURON_ADDR] if clean else (here + 1) * SLOTS + i - 2
        write(port, W_FF, entry, depressed(weight, params, clean))
    else:
        port[W_FF, WE] = 0
    if i <= LAST:
        r[FF_INDEX] = i + 1
    else:
        r[FF_ACTIVE], r[FF_DONE] = 0, 1


@kernel
def repeat(r: Words, counter: int, flag: int, running: int) -> None:
    """One edge of a repetition counter: `flag` is up for one edge after PASS_PERIOD counts."""
    if r[counter] == PASS_PERIOD:
        r[counter], r[flag] = 0, 1
    else:
        if running or r[counter] > 0:
            r[counter] += 1
        r[flag] = 0


@kernel
def write_age(port: Words, tpre: int, apre: int, address: int, age: int, near: int, near_too: int) -> None:
    """Set up the write of an age and, if `near_too`, of the bit that says the spike is inside the window."""
    write(port, tpre, address, wrap(age, WEIGHT_BITS))
    if near_too:
        write(port, apre, address, near)
    else:
        port[apre, WE] = 0


@kernel
def end_of_row(r: Words, before: int, index: int, active: int, missed: int, event: int) -> None:
    """Step the row counter of a pass from `before`; an event's pass is followed by one over its column."""
    if before <= LAST:
        r[index] = before + 1
    else:
        r[missed] = 1 if event and r[missed] == 0 else 0
        r[active] = 0


@kernel
def ages_ff(r: Words, arrays: Words, port: Words, skip: int, age: int) -> None:
    """Process tpre_updater_FF: ages of the input spikes; `skip` and `age` are the values before the edge."""
    event, here, source = r[S_IN], r[INDEX], r[NEURON_ADDR]
    quiet = 1 - event
    again_quiet, again_event = r[FLAG_NO_SPIKE_FF], r[FLAG_SPIKE_FF]
    trig_event, trig_quiet = r[TRIG_SPIKE_FF], r[TRIG_NO_SPIKE_FF]
    index, active, missed = r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF], r[MISSED_FF]
    if quiet == 1 and (r[EN_TPRE_PREV_FF] == 0 or again_quiet == 1) and r[START_FLAG] == 1:
        r[TRIG_NO_SPIKE_FF], r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF] = 1, 0, 1
    elif event == 1 and (r[SPIKE_IN_PREV] == 0 or again_event == 1):
        r[TRIG_SPIKE_FF], r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF] = 1, 0, 1
    elif missed == 1 and active == 0:
        r[TPRE_INDEX_FF], r[TPRE_ACTIVE_FF] = 0, 1
    else:
        r[TRIG_NO_SPIKE_FF] = r[TRIG_SPIKE_FF] = 0
    r[SPIKE_IN_PREV], r[EN_TPRE_PREV_FF] = event, quiet
    repeat(r, SPIKE_COUNTER_FF, FLAG_SPIKE_FF, trig_event == 1)
    repeat(r, NO_SPIKE_COUNTER_FF, FLAG_NO_SPIKE_FF, trig_quiet == 1)
    if active == 0:
        port[TPRE_FF, WE] = port[APRE_FF, WE] = 0
        return
    before = port[TPRE_FF, RADDR]
    if index > LAST:
        port[TPRE_FF, RADDR] = 0
    elif event == 1 and missed == 0:
        read(port, TPRE_FF, source * SLOTS + index)
    else:
        read(port, TPRE_FF, index * SLOTS + (source if event == 1 else here))
    longest = wrap(arrays[STDP_PARAMS, 0], WEIGHT_BITS)
    if index > 0 and event == 1 and missed == 0:
        write_age(port, TPRE_FF, APRE_FF, before, 0, 1, True)
    elif index > 1:
        if age >= 0 and missed == 1 and index - 2 != source:
            write_age(port, TPRE_FF, APRE_FF, (index - 2) * SLOTS + source, age + 1, 1, False)
        elif 0 <= age < longest and missed == 0 and skip == 0:
            write_age(port, TPRE_FF, APRE_FF, (index - 2) * SLOTS + here, age + 1, 1, False)
        elif age >= 0 and age >= longest:
            write_age(port, TPRE_FF, APRE_FF, (index - 2) * SLOTS + here, -1, 0, True)
        else:
            port[TPRE_FF, WE] = port[APRE_FF, WE] = 0
    end_of_row(r, index, TPRE_INDEX_FF, TPRE_ACTIVE_FF, MISSED_FF, event == 1)


@kernel
def skip_column(r: Words, restart: int) -> None:
    """Process tpre_skip_flag_FF_tracker: the column of the popped address is not aged once per input spike."""
    if r[SKIP_COUNTER] == PASS_PERIOD:
        r[SKIP_FLAG], r[SKIP_ONCE] = 0, 1
        r[SKIP_COUNTER] += 1
    elif restart:
        r[SKIP_COUNTER] = r[SKIP_FLAG] = r[SKIP_ONCE] = 0
    elif r[INDEX] == r[OUT_ADDRESS] and r[SKIP_ONCE] == 0 and r[TRIGGER_SEEN] == 1:
        r[SKIP_COUNTER] += 1
        r[SKIP_FLAG] = 1
    else:
        r[SKIP_FLAG] = 0


@kernel
def forget_aa(r: Words, arrays: Words, port: Words) -> None:
    """Loading the lateral weights clears the ages, one word per weight."""
    if r[WRITE_EN_AA_W] == 1:
        write_age(port, TPRE_AA, APRE_AA, r[ROW_TPRE] * SLOTS + r[COL_TPRE], -1, 0, True)
        arrays[TPOST, :] = -1
        arrays[APOST, :] = 0
        advance(r, ROW_TPRE, COL_TPRE)
    else:
        port[TPRE_AA, WE] = port[APRE_AA, WE] = port[TPRE_AA, WADDR] = port[APRE_AA, WADDR] = 0


@kernel
def age_post(arrays: Words, here: int, longest: int) -> None:
    """One step of a neuron's own spike age."""
    age = arrays[TPOST, here]
    if 0 <= age < longest:
        arrays[TPOST, here] = age + 1
    elif age >= 0:
        arrays[TPOST, here] = -1
        arrays[APOST, here] = 0


@kernel
def ages_aa(r: Words, arrays: Words, port: Words, fired: int, age: int) -> None:
    """Process tpre_updater: ages of the neurons' spikes; `fired` and `age` are the values before the edge."""
    if r[LOADER] == INIT_WEIGHT:
        forget_aa(r, arrays, port)
    if r[LOADER] != STDP_UPDATE:
        return
    event, quiet, here = r[SPIKE_OUT], r[EN_TPRE], r[INDEX]
    trig_quiet = r[TRIG_NO_SPIKE]
    index, active, missed = r[TPRE_INDEX], r[TPRE_ACTIVE], r[MISSED]
    if quiet == 1 and (r[EN_TPRE_PREV] == 0 or r[FLAG_NO_SPIKE] == 1) and r[START_FLAG] == 1:
        r[TRIG_NO_SPIKE], r[TPRE_INDEX], r[TPRE_ACTIVE] = 1, 0, 1
        age_post(arrays, here, wrap(arrays[STDP_PARAMS, 1] >> 8, WEIGHT_BITS))
    elif fired:
        r[TPRE_INDEX], r[TPRE_ACTIVE] = 0, 1
        arrays[TPOST, here] = 0
        arrays[APOST, here] = 1
    elif missed == 1 and active == 0:
        r[TPRE_INDEX], r[TPRE_ACTIVE] = 0, 1
    else:
        r[TRIG_NO_SPIKE] = 0
    r[EN_TPRE_PREV] = quiet
    repeat(r, NO_SPIKE_COUNTER, FLAG_NO_SPIKE, trig_quiet == 1)
    if active == 0:
        port[TPRE_AA, WE] = port[APRE_AA, WE] = 0
        return
    before = port[TPRE_AA, RADDR]
    if index > LAST:
        port[TPRE_AA, RADDR] = 0
    elif event == 1 and missed == 0:
        read(port, TPRE_AA, here * SLOTS + index)
    elif event == 1 or quiet == 1:
        read(port, TPRE_AA, index * SLOTS + here)
    longest = wrap(arrays[STDP_PARAMS, 1], WEIGHT_BITS)
    if index > 0 and event == 1 and missed == 0:
        write_age(port, TPRE_AA, APRE_AA, before, 0, 1, True)
    elif index > 1:
        entry = (index - 2) * SLOTS + here
        if age >= 0 and missed == 1 and index - 2 != here:
            write_age(port, TPRE_AA, APRE_AA, entry, age + 1, 1, True)
        elif 0 <= age < longest and missed == 0:
            write_age(port, TPRE_AA, APRE_AA, entry, age + 1, 1, True)
        elif age >= 0 and age >= longest:
            write_age(port, TPRE_AA, APRE_AA, entry, -1, 0, True)
        else:
            port[TPRE_AA, WE] = port[APRE_AA, WE] = 0
    end_of_row(r, index, TPRE_INDEX, TPRE_ACTIVE, MISSED, event == 1)
