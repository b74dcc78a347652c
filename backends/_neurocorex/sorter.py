"""The command decoder and the queue of input spikes (``uart_rx_sorter_input.vhd``), and the chip's queues.

The first byte of a message selects the command by its upper four bits; the data follow. Spikes wait in a
queue of 24-bit words ``(dt, address)``; once per time step at most one is popped, when more than ``dt`` steps
have passed since the last one. Enable bits wait in a queue that is emptied one byte per 1600 cycles.
"""

from __future__ import annotations

from pynn_ext.chip.jit import kernel

from .registers import *  # every register has its own name

#: Cycles between two bytes of enable bits, and bytes of a whole set.
CLOCKS_PER_FLAG_BYTE = 1600
FLAG_BYTES = 2 * WORDS // 8
END_OF_SPIKES = 0xFFFFFF

LOAD_FF, LOAD_AA, LOAD_PARAMETERS, SPIKES, LOAD_DEBUG, READ_BACK, LOAD_FLAGS = range(7)


@kernel
def push(fifo: Words, state: Words, f: int) -> None:
    """Append the word at the input unless the queue is full."""
    if state[f, F_COUNT] < state[f, F_DEPTH]:
        fifo[f, (state[f, F_HEAD] + state[f, F_COUNT]) % FIFO_WORDS] = state[f, F_DIN]
        state[f, F_COUNT] += 1


@kernel
def pop(fifo: Words, state: Words, f: int) -> int:
    """Remove and return the oldest word."""
    word = fifo[f, state[f, F_HEAD]]
    state[f, F_HEAD] = (state[f, F_HEAD] + 1) % FIFO_WORDS
    state[f, F_COUNT] -= 1
    return word


@kernel
def queue_edge(fifo: Words, state: Words, f: int) -> None:
    """One edge of a standard queue: the word read is valid after the edge, flags are registered."""
    reading = state[f, F_RD] == 1 and state[f, F_COUNT] > 0
    writing = state[f, F_WR] == 1 and state[f, F_COUNT] < state[f, F_DEPTH]
    if reading:
        state[f, F_DOUT] = pop(fifo, state, f)
    if writing:
        push(fifo, state, f)


@kernel
def lookahead_edge(fifo: Words, state: Words, f: int) -> None:
    """One edge of a first-word-fall-through queue: two more words wait in the output stages."""
    waiting = state[f, F_COUNT] > 0
    writing = state[f, F_WR] == 1 and state[f, F_COUNT] < state[f, F_DEPTH]
    move = state[f, F_VALID1] == 1 and (state[f, F_VALID2] == 0 or state[f, F_RD] == 1)
    fetch = waiting and (state[f, F_VALID1] == 0 or move)
    if move:
        state[f, F_DOUT], state[f, F_VALID2] = state[f, F_STAGE1], 1
    elif state[f, F_RD] == 1:
        state[f, F_VALID2] = 0
    if fetch:
        state[f, F_STAGE1], state[f, F_VALID1] = pop(fifo, state, f), 1
    elif move:
        state[f, F_VALID1] = 0
    if writing:
        push(fifo, state, f)


@kernel
def decode_weight(r: Words, out: int, counter: int, enable: int) -> None:
    """A byte of a weight matrix; the byte after the last one is swallowed."""
    if r[counter] < WORDS:
        r[out], r[enable] = r[RX_DATA], 1
        r[counter] += 1
    else:
        r[out] = r[enable] = r[counter] = 0
        r[ADRS_FLAG] = 1


@kernel
def decode_word(r: Words, out: int, phase: int, enable: int, counter: int, words: int) -> None:
    """A byte of an 18-bit word, low byte first; after `words` words the next byte is a command."""
    if r[phase] == 0:
        r[out] = r[out] & ~0xFF | r[RX_DATA]
    elif r[phase] == 1:
        r[out] = r[out] & ~0xFF00 | r[RX_DATA] << 8
    else:
        r[out] = r[out] & 0xFFFF | (r[RX_DATA] & 3) << 16
    r[enable] = 1 if r[phase] == 2 else 0
    if r[phase] == 2:
        r[counter] += 1
        if r[counter] >= words:
            r[counter], r[ADRS_FLAG] = 0, 1
    r[phase] = (r[phase] + 1) % 3


@kernel
def decode_spike(r: Words) -> None:
    """A byte of an input spike: steps to wait, address low, address high; all ones end the packet."""
    r[UPDATE_TIME_FLAG] = 0
    if r[PATTERN_STATE] == 0:
        r[SPIKE_TIME] = r[RX_DATA]
    elif r[PATTERN_STATE] == 1:
        r[SPIKE_ADDRESS] = r[RX_DATA]
    else:
        word = r[SPIKE_TIME] << 16 | r[RX_DATA] << 8 | r[SPIKE_ADDRESS]
        r[NI_ST] = word
        if word == END_OF_SPIKES:
            r[ADRS_FLAG] = r[TRIGGER_RESET] = 1
        else:
            r[UPDATE_TIME_FLAG], r[TRIGGER_RESET] = 1, 0
    r[PATTERN_STATE] = (r[PATTERN_STATE] + 1) % 3


@kernel
def decode_flags(r: Words, fifo_state: Words) -> None:
    """A byte of enable bits; the byte after the last one is swallowed."""
    if r[COUNTER_FLAG] < FLAG_BYTES:
        fifo_state[STDP_FIFO, F_WR], fifo_state[STDP_FIFO, F_DIN] = 1, r[RX_DATA]
        r[COUNTER_FLAG] += 1
    else:
        r[COUNTER_FLAG] = fifo_state[STDP_FIFO, F_WR] = 0
        r[ADRS_FLAG] = 1


@kernel
def decode(r: Words, fifo_state: Words, strobe: int, read_done: int) -> None:
    """Process sorter_process."""
    if strobe == 0 and read_done == 0:
        r[EN_FF_W] = r[EN_AA_W] = r[EN_PARAM] = r[EN_DEBUG] = r[UPDATE_TIME_FLAG] = 0
        fifo_state[STDP_FIFO, F_WR] = 0
        return
    command = r[SORTER_STATE]
    if r[ADRS_FLAG] == 1:
        r[SORTER_STATE], r[ADRS_FLAG] = r[RX_DATA] >> 4, 0
    elif command == LOAD_FF:
        decode_weight(r, OUT_WEIGHT_FF, COUNTER_FF, EN_FF_W)
    elif command == LOAD_AA:
        decode_weight(r, OUT_WEIGHT_AA, COUNTER_AA, EN_AA_W)
    elif command == LOAD_PARAMETERS:
        decode_word(r, OUT_PARAM, PATTERN_THR, EN_PARAM, COUNTER_THR, 4 * SLOTS)
    elif command == SPIKES:
        decode_spike(r)
    elif command == LOAD_DEBUG:
        decode_word(r, OUT_DEBUG, PATTERN_DEBUG, EN_DEBUG, COUNTER_DEBUG, 2)
    elif command == READ_BACK:
        r[READ_W] = 1 - read_done
        r[FLAG_READ_START] = read_done
        if read_done == 1:
            r[ADRS_FLAG] = 1
    elif command == LOAD_FLAGS:
        decode_flags(r, fifo_state)
    else:
        r[ADRS_FLAG] = 1


@kernel
def enables(
    r: Words, enable_ff: int, enable_aa: int, enable_param: int, enable_debug: int, popped: int, address: int
) -> None:
    """Process process_trigger: one strobe at a time; a pop in the same edge keeps the others up."""
    if enable_ff == 1:
        r[WRITE_EN_FF_W] = 1
    elif enable_aa == 1:
        r[WRITE_EN_AA_W] = 1
    elif enable_param == 1:
        r[WRITE_EN_PARAM] = 1
    elif enable_debug == 1:
        r[WRITE_EN_DEBUG] = 1
    elif popped == 1:
        r[WRITE_EN_INPUT], r[OUT_ADDRESS] = 1, address
    else:
        r[WRITE_EN_FF_W] = r[WRITE_EN_AA_W] = r[WRITE_EN_INPUT] = r[WRITE_EN_PARAM] = r[WRITE_EN_DEBUG] = 0


@kernel
def keep_time(r: Words, state: Words, empty: int, trigger: int) -> None:
    """Processes process_activate_fifo, process_time_keeper and process_activate_triger_module."""
    idle = r[EMULATION_ON] == 0 and empty
    steps, before = r[COUNTER_TRIGGER], r[COUNTER_TRIGGER_PREV]
    if trigger == 1 and not empty:
        r[COUNTER_TRIGGER] = (steps + 1) & 0xFFFFFF
    elif idle:
        r[COUNTER_TRIGGER] = 0
    r[FLAG_READ_FIFO] = 0
    if idle:
        r[COUNTER_TRIGGER_PREV] = 0
    elif (steps - before) & 0xFFFFFF > state[INPUT_FIFO, F_DOUT] >> 16:
        r[FLAG_READ_FIFO], r[COUNTER_TRIGGER_PREV] = 1, steps
    if not empty:
        r[ACTIVATE_TRIGGER] = r[EMULATION_ON] = 1
    elif r[EMULATION_ON] == 1 and r[TRIGGER_RESET] == 0:
        r[ACTIVATE_TRIGGER] = 1
    else:
        r[ACTIVATE_TRIGGER] = r[EMULATION_ON] = 0


@kernel
def fill_queue(r: Words, state: Words, arrived: int, full: int, pop_now: int, head: int) -> None:
    """Process process_update_array: a decoded spike enters the queue, the head leaves it."""
    writing = arrived == 1 and not full
    if writing:
        state[INPUT_FIFO, F_DIN] = r[NI_ST]
    state[INPUT_FIFO, F_WR] = 1 if writing else 0
    if pop_now == 1:
        r[NI] = head & 0xFFFF
    state[INPUT_FIFO, F_RD] = pop_now


@kernel
def empty_flag_queue(r: Words, state: Words, command: int, written: int, empty: int, word: int) -> None:
    """Processes process_STDP_flag_Tx and process_read_STDP_fifo (the former's state is frozen when idle)."""
    reading = state[STDP_FIFO, F_RD]
    if r[WRITE_EN_FLAG_INT] == 1:
        r[WRITE_EN_FLAG], r[WRITE_EN_FLAG_INT], r[OUT_FLAG] = 1, 0, word
    elif reading == 1:
        r[WRITE_EN_FLAG_INT] = 1
    else:
        r[WRITE_EN_FLAG] = 0
    state[STDP_FIFO, F_RD] = 0
    if command != LOAD_FLAGS and empty:
        r[BEGIN_TRIGGER] = 0
        return
    begin, active = r[BEGIN_TRIGGER], r[FLAG_TRIGGER_ACTIVE]
    r[BEGIN_TRIGGER] = 1 if written == 1 and r[FLAG_WR_LAST] == 0 else 0
    r[FLAG_WR_LAST] = written
    if active == 0:
        if begin == 1:
            r[FLAG_TRIGGER_ACTIVE], r[FLAG_TRIGGER_COUNT], r[FLAG_TRIGGER_COUNTER] = 1, 0, 0
    elif r[FLAG_TRIGGER_COUNTER] == CLOCKS_PER_FLAG_BYTE - 1:
        r[FLAG_TRIGGER_COUNTER], state[STDP_FIFO, F_RD] = 0, 1
        r[FLAG_TRIGGER_COUNT] += 1
        if empty or r[FLAG_TRIGGER_COUNT] == FLAG_BYTES:
            r[FLAG_TRIGGER_ACTIVE] = 0
    else:
        r[FLAG_TRIGGER_COUNTER] += 1


@kernel
def sorter_edge(r: Words, fifo: Words, state: Words, strobe: int, read_done: int, trigger: int) -> None:
    """One rising edge of the 100 MHz clock in the decoder."""
    ff, aa, param, debug = r[EN_FF_W], r[EN_AA_W], r[EN_PARAM], r[EN_DEBUG]
    arrived, pop_now, popped, address = r[UPDATE_TIME_FLAG], r[FLAG_READ_FIFO], state[INPUT_FIFO, F_RD], r[NI]
    command, written, flags_empty = r[SORTER_STATE], state[STDP_FIFO, F_WR], state[STDP_FIFO, F_COUNT] == 0
    empty, full = state[INPUT_FIFO, F_VALID2] == 0, state[INPUT_FIFO, F_COUNT] == state[INPUT_FIFO, F_DEPTH]
    head, flags = state[INPUT_FIFO, F_DOUT], state[STDP_FIFO, F_DOUT]
    enables(r, ff, aa, param, debug, popped, address)
    keep_time(r, state, empty, trigger)
    lookahead_edge(fifo, state, INPUT_FIFO)
    fill_queue(r, state, arrived, full, pop_now, head)
    queue_edge(fifo, state, STDP_FIFO)
    empty_flag_queue(r, state, command, written, flags_empty, flags)
    decode(r, state, strobe, read_done)
