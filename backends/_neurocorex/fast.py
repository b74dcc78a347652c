"""The clock domain of 100 MHz: memories, weight sums, parameter loaders, read-back, transmitters.

`fast_edge` is one rising edge of ``clk100``. Every process reads the values before the edge; those that are
written by one process and read by another are saved first. The order of the calls is chosen so that all
other reads precede the writes.
"""

from __future__ import annotations

from pynn_ext.chip.fixed import wrap
from pynn_ext.chip.jit import kernel

from .learning import ages_aa, ages_ff, repeat, skip_column, weight_update_aa, weight_update_ff
from .registers import *  # every register has its own name
from .sorter import sorter_edge

#: Period of the weight read-back in fast cycles.
CLOCKS_PER_READ = 2100
#: Fast cycles from the start bit of a byte until the transmitter is ready again: 10 bits of 101 cycles.
TX_CYCLES = 1010
#: Edges that are evaluated after the last activity of the core (a write takes 2), and of the decoder (the longest
#: chain of registers, from the trigger to the stop of the emulation, takes 11).
SETTLING, HOST_SETTLING = 4, 16


@kernel
def read_word(memory: Bytes, port: Words, m: int, source: int) -> None:
    """Read port of memory `source`; beyond the last word there are zeros."""
    address = port[m, RADDR]
    port[m, ROUT] = memory[source, address] if address < WORDS else 0


@kernel
def write_word(cycle: int, memory: Bytes, port: Words, m: int, writes: Words) -> None:
    """Write port of a memory; `writes` logs weights as (cycle, memory, address, value)."""
    if port[m, WE] == 1 and port[m, WADDR] < WORDS:
        memory[m, port[m, WADDR]] = port[m, WDATA]
        if m <= W_FF:
            count = writes[0, 0] + 1
            writes[0, 0] = count
            writes[count, 0], writes[count, 1] = cycle, m
            writes[count, 2], writes[count, 3] = port[m, WADDR], port[m, WDATA]


@kernel
def memory_edge(r: Words, memory: Bytes, port: Words, writes: Words, everything: bool) -> None:
    """Block memories, read first, then written: all of them, or only those that a pass is using."""
    lateral = everything or r[LAT_ACTIVE] + r[TOGGLE] + port[W_AA, WE] > 0
    inputs = everything or r[FF_ACTIVE] + port[W_FF, WE] > 0
    ages = everything or r[TPRE_ACTIVE] + r[MISSED] + port[TPRE_AA, WE] > 0
    ages_too = everything or r[TPRE_ACTIVE_FF] + r[MISSED_FF] + port[TPRE_FF, WE] > 0
    cycle = r[CYCLE]
    if lateral:
        for m in (W_AA, APRE_AA, EN_AA):
            read_word(memory, port, m, m)
    if inputs:
        for m in (W_FF, APRE_FF, EN_FF):
            read_word(memory, port, m, m)
    if everything or r[LAT_ACC_DONE] == 0:
        read_word(memory, port, ACC_AA, W_AA)
    if everything or r[ACC_DONE] == 0:
        read_word(memory, port, ACC_FF, W_FF)
    if ages:
        read_word(memory, port, TPRE_AA, TPRE_AA)
        write_word(cycle, memory, port, TPRE_AA, writes)
        write_word(cycle, memory, port, APRE_AA, writes)
    if ages_too:
        read_word(memory, port, TPRE_FF, TPRE_FF)
        write_word(cycle, memory, port, TPRE_FF, writes)
        write_word(cycle, memory, port, APRE_FF, writes)
    if lateral:
        write_word(cycle, memory, port, W_AA, writes)
    if inputs:
        write_word(cycle, memory, port, W_FF, writes)
    if everything:
        write_word(cycle, memory, port, EN_AA, writes)
        write_word(cycle, memory, port, EN_FF, writes)


@kernel
def load_flags(r: Words, port: Words) -> None:
    """Process process_stdp_flag_read: a byte of enable bits, most significant bit first, lateral bits before."""
    if r[LOADER] != INIT_WEIGHT:
        r[WRITE_INDEX] = port[EN_AA, WE] = port[EN_FF, WE] = 0
        return
    bit, loading, buffer = r[BIT_COUNT], r[LOADING], r[BYTE_BUFFER]
    if r[WRITE_EN_FLAG] == 1:
        r[BYTE_BUFFER], r[BIT_COUNT], r[LOADING] = r[OUT_FLAG], 0, 1
    if loading == 0:
        port[EN_AA, WE] = port[EN_FF, WE] = 0
        return
    lateral = r[WRITE_INDEX] < WORDS
    m, other = (EN_AA, EN_FF) if lateral else (EN_FF, EN_AA)
    port[other, WE] = 0
    port[m, WE] = 1
    port[m, WDATA] = (buffer >> (7 - bit)) & 1
    port[m, WADDR] = r[WRITE_INDEX] if lateral else r[WRITE_INDEX] - WORDS
    r[WRITE_INDEX] = (r[WRITE_INDEX] + 1) & 0xFFFF
    r[BIT_COUNT] = bit + 1
    if bit == 7:
        r[LOADING] = 0


@kernel
def load_parameters(r: Words, arrays: Words) -> None:
    """Processes Neuron_param_loader and Neuron_debug_loaders."""
    if r[WRITE_EN_PARAM] == 1:
        arrays[VTHR + r[PARAM_PHASE], r[THR_INDEX]] = wrap(r[OUT_PARAM], POTENTIAL_BITS)
        if r[THR_INDEX] < LAST:
            r[THR_INDEX] += 1
        else:
            r[THR_INDEX] = 0
            r[PARAM_PHASE] = (r[PARAM_PHASE] + 1) & 3
    if r[WRITE_EN_DEBUG] == 1 and r[DEBUG_INDEX] < 2:
        if r[DEBUG_INDEX] == 0:
            r[I_BIAS] = wrap(r[OUT_DEBUG], POTENTIAL_BITS)
        else:
            r[N_DEBUG] = r[OUT_DEBUG] & 255
        r[DEBUG_INDEX] += 1
    elif r[DEBUG_INDEX] == 2:
        r[DEBUG_INDEX] = 0


@kernel
def read_back(r: Words, port: Words, pulse: int, word: int) -> None:
    """The read_weight branch of accumulation_process: one input weight per pulse to the transmitter."""
    if r[READ_STATE] == 0:
        r[READ_WRITE] = 0
        if pulse == 1:
            r[READ_FLAT] = r[READ_ROW] * SLOTS + r[READ_COL]
            r[READ_STATE] = 1
            r[READ_COL] = (r[READ_COL] + 1) % SLOTS
            if r[READ_COL] == 0:
                r[READ_ROW] = (r[READ_ROW] + 1) % SLOTS
    elif r[READ_STATE] == 1:
        port[ACC_FF, RADDR] = r[READ_FLAT]
        if r[READ_WAIT] == 1:
            r[READ_STATE], r[READ_WAIT] = 2, 0
        else:
            r[READ_WAIT] = 1
    else:
        r[READ_DATA], r[READ_WRITE], r[READ_STATE] = word & 255, 1, 0


@kernel
def read_timer(r: Words) -> None:
    """Pulses every CLOCKS_PER_READ cycles until all words are read."""
    active = r[READ_ACTIVE]
    if r[READ_W] == 1 and r[READ_LAST] == 0:
        r[READ_ACTIVE], r[READ_COUNT] = 1, 0
        if active == 0:
            r[READ_COUNTER] = 0
    r[READ_LAST] = r[READ_W]
    if active == 0:
        r[READ_PULSE] = r[READ_DONE] = 0
    elif r[READ_COUNTER] == CLOCKS_PER_READ - 1:
        r[READ_COUNTER], r[READ_PULSE] = 0, 1
        r[READ_COUNT] += 1
        if r[READ_COUNT] == WORDS:
            r[READ_ACTIVE], r[READ_DONE] = 0, 1
    else:
        r[READ_COUNTER] += 1
        r[READ_PULSE] = 0


@kernel
def sum_inputs(r: Words, arrays: Words, port: Words, pulse: int, word: int) -> None:
    """Process accumulation_process: the column of the popped address is added to the input sums."""
    first = r[FIRST_EDGE]
    r[FIRST_EDGE] = 0
    if r[LOADER] == READ_WEIGHT:
        read_back(r, port, pulse, word)
    if r[LOADER] != STDP_UPDATE:
        return
    row, source = r[ACC_INDEX], r[OUT_ADDRESS]
    handover = first == 1 and r[INDEX] == LAST
    if handover:
        arrays[WEIGHT_FF_PREV] = arrays[WEIGHT_FF]
        arrays[WEIGHT_FF] = 0
    elif r[ACTIVATE_TRIGGER] == 0:
        arrays[WEIGHT_FF_PREV] = 0
        arrays[WEIGHT_FF] = 0
    if r[WRITE_EN_INPUT] == 1:
        r[ACC_INDEX] = r[ACC_DONE] = 0
        port[ACC_FF, RADDR] = source
    elif r[ACC_DONE] == 0:
        if row > 0 and not handover and r[ACTIVATE_TRIGGER] == 1:
            arrays[WEIGHT_FF, row - 1] = wrap(arrays[WEIGHT_FF, row - 1] + word, SUM_BITS)
        if row <= LAST:
            r[ACC_INDEX] = row + 1
            port[ACC_FF, RADDR] = (min(row + 1, LAST) * SLOTS + source) & 0xFFFF
        else:
            r[ACC_INDEX], r[ACC_DONE] = 0, 1


@kernel
def sum_lateral(r: Words, arrays: Words, port: Words, first: int, fired: int, word: int) -> None:
    """Process lat_accumulation_process: the column of the neuron that fired is added to the lateral sums.

    The RTL leaves out row ``INDEX``, which belongs to the neuron before the one that fired; corrected, the row
    of the neuron itself is left out.
    """
    if r[LOADER] != STDP_UPDATE:
        return
    trig, row, here = r[TRIG_SPIKE], r[LAT_ACC_INDEX], r[INDEX]
    handover = first == 1 and here == LAST
    if handover:
        arrays[WEIGHT_PREV] = arrays[WEIGHT]
        arrays[WEIGHT] = 0
    r[SPIKE_OUT_PREV] = r[SPIKE_OUT]
    repeat(r, SPIKE_COUNTER, FLAG_SPIKE, trig == 1)
    if fired:
        r[LAT_ACC_INDEX], r[LAT_ACC_DONE], r[TRIG_SPIKE] = 0, 0, 1
        port[ACC_AA, RADDR] = row * SLOTS + here
    elif r[LAT_ACC_DONE] == 0:
        left_out = here + 1 if r[CLEAN] else here
        if row > 0 and row - 1 != left_out and 4 < here < LAST and not handover:
            arrays[WEIGHT, row - 1] = wrap(arrays[WEIGHT, row - 1] + word, SUM_BITS)
        if row <= LAST:
            r[LAT_ACC_INDEX] = row + 1
            port[ACC_AA, RADDR] = min(row + 1, LAST) * SLOTS + here
        else:
            r[LAT_ACC_INDEX], r[LAT_ACC_DONE] = 0, 1
    else:
        r[TRIG_SPIKE] = 0


@kernel
def transmit(r: Words, tx: int, start: int, data: int, sent: Words) -> None:
    """One transmitter (Weight_Tx_AA.vhd, UART_TX_CTRL): 8N1; logs (cycle of the start bit, byte)."""
    cycle = r[CYCLE]
    ready = cycle > r[tx + TX_BUSY_UNTIL]
    if r[tx + TX_START] == 1 and ready:
        r[tx + TX_BUSY_UNTIL] = cycle + TX_CYCLES
        selected = TX_WEIGHT if r[READ_W] == 1 else TX_SPIKE
        if selected == tx:
            count = sent[0, 0] + 1
            sent[0, 0] = count
            sent[count, 0] = cycle + 1
            sent[count, 1] = data
    if r[tx + TX_WAITING] == 0:
        r[tx + TX_START] = 0
        if start == 1:
            r[tx + TX_WAITING], r[tx + TX_COUNTER] = 1, 0
    elif r[tx + TX_COUNTER] < 1:
        r[tx + TX_START] = 0
        r[tx + TX_COUNTER] = 1
    elif ready:
        r[tx + TX_START], r[tx + TX_COUNTER], r[tx + TX_WAITING] = 1, 0, 0


@kernel
def core_busy(r: Words) -> bool:
    """Whether a pass is under way or one of its counters has come to its end."""
    if r[LOADER] == STDP_UPDATE:
        passes = r[TPRE_ACTIVE] + r[LAT_ACTIVE] + r[FF_ACTIVE] + r[TOGGLE] + r[MISSED]
        if passes + r[FLAG_SPIKE] + r[FLAG_NO_SPIKE] > 0 or r[ACC_DONE] + r[LAT_ACC_DONE] < 2:
            return True
    return r[TPRE_ACTIVE_FF] + r[MISSED_FF] + r[FLAG_SPIKE_FF] + r[FLAG_NO_SPIKE_FF] > 0


@kernel
def host_busy(r: Words, state: Words) -> bool:
    """Whether bytes are on their way in the loaders, the read-back or the transmitters."""
    if r[LOADER] == INIT_WEIGHT and r[LOADING] == 1 or r[LOADER] == READ_WEIGHT and r[READ_STATE] > 0:
        return True
    ends = r[READ_PULSE] + r[READ_DONE] + state[STDP_FIFO, F_RD]
    return r[TX_WAITING + TX_SPIKE] + r[TX_WAITING + TX_WEIGHT] + ends > 0


@kernel
def host_woken(r: Words) -> bool:
    """Whether a slow edge has given the decoder or a transmitter something to do."""
    synchronising = r[TRIGGER] + r[TRIG_SYNC1] + r[TRIG_SYNC2] + r[STRETCHED] + r[STRETCH_FLAG]
    return synchronising + r[EN_SOUT] + r[SOUT_SYNC0] > 0


@kernel
def synchronisers(r: Words, written: int) -> None:
    """Trigger pulse to the input queue, and the pulse that carries a popped spike to the slow clock."""
    r[TRIG_FIFO] = 1 if r[TRIG_SYNC2] == 0 and r[TRIG_SYNC_PREV] == 1 else 0
    r[TRIG_SYNC_PREV], r[TRIG_SYNC2], r[TRIG_SYNC1] = r[TRIG_SYNC2], r[TRIG_SYNC1], r[TRIGGER]
    if written == 1 and r[STRETCH_FLAG] == 0:
        r[STRETCH_LATCH] = r[STRETCH_FLAG] = 1
    elif r[STRETCHED] == 1:
        r[STRETCH_LATCH] = r[STRETCH_FLAG] = 0


@kernel
def core_edge(r: Words, arrays: Words, port: Words, words: Words, everything: bool) -> None:
    """All processes of ``Core_engine.vhd`` at the fast clock; `words` are the words read at the last edge."""
    fired = r[SPIKE_OUT] == 1 and (r[SPIKE_OUT_PREV] == 0 or r[FLAG_SPIKE] == 1)
    arrived = r[S_IN] == 1 and r[SPIKE_IN_PREV] == 0
    first, pulse, skip, restart = r[FIRST_EDGE], r[READ_PULSE], r[SKIP_FLAG], r[TRIG_SPIKE_FF] == 1
    if everything:
        load_flags(r, port)
    if everything or first or r[ACC_DONE] == 0:
        sum_inputs(r, arrays, port, pulse, words[ACC_FF])
    if everything:
        read_timer(r)
    sum_lateral(r, arrays, port, first, fired, words[ACC_AA])
    if everything or fired or r[LAT_ACTIVE] + r[TOGGLE] + port[W_AA, WE] > 0:
        weight_update_aa(r, arrays, port, fired, words[W_AA], words[APRE_AA], words[EN_AA])
    if everything or fired or arrived or r[FF_ACTIVE] + port[W_FF, WE] > 0:
        weight_update_ff(r, arrays, port, fired, arrived, words[W_FF], words[APRE_FF], words[EN_FF])
    ages_ff(r, arrays, port, skip, words[TPRE_FF])
    skip_column(r, restart)
    ages_aa(r, arrays, port, fired, words[TPRE_AA])
    if everything:
        load_parameters(r, arrays)


@kernel
def fast_edge(
    r: Words, arrays: Words, memory: Bytes, port: Words, fifo: Words, fifo_state: Words, words: Words, strobe: int,
    writes: Words, sent: Words,
) -> None:  # fmt: skip
    """One rising edge of the 100 MHz clock; `strobe` is 1 if a byte of the host is valid before the edge.

    While HOST_SETTLE is 0 the decoder, the loaders and the transmitters rest, and are left out. While REFRESH is not 0
    all memories are read, also at ports that nobody uses: a pass begins with the word that was read before it.
    """
    everything = r[HOST_SETTLE] > 0
    refresh = everything or r[REFRESH] > 0
    for m in range(PORTS):
        words[m] = port[m, ROUT]
    read_write, read_data, read_done, falling = r[READ_WRITE], r[READ_DATA], r[READ_DONE], r[SOUT_FALLING]
    trigger, written = r[TRIG_FIFO], r[WRITE_EN_INPUT]
    memory_edge(r, memory, port, writes, refresh)
    if everything:
        transmit(r, TX_SPIKE, falling, r[OUT_VEC], sent)
        transmit(r, TX_WEIGHT, read_write, read_data, sent)
    core_edge(r, arrays, port, words, everything)
    if everything:
        synchronisers(r, written)
        sorter_edge(r, fifo, fifo_state, strobe, read_done, trigger)
        r[SOUT_FALLING] = 1 if r[SOUT_SYNC1] == 1 and r[SOUT_SYNC0] == 0 else 0
        r[SOUT_SYNC1], r[SOUT_SYNC0] = r[SOUT_SYNC0], r[EN_SOUT]
