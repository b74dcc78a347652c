"""The clock domain of 100 kHz: trigger, neurons in turn, state queues, spike packing.

`slow_edge` is one rising edge of ``clk_lif``, which the divider makes from ``clk100``: slow registers see the
fast registers after the coincident edge, and the fast domain sees slow registers one edge later.

A time step is 96 slow cycles. Potential, current and input current of the neurons circulate through three
queues; in slow cycle ``INDEX`` the core decides neuron ``INDEX - 4``::

    fire      = v >= threshold  and  refractory counter = 0        (signed, 18 bits)
    v'        = 0 if fire else v - leak + i_lateral + i_input      (modulo 2^18)
    i_lateral = i + w_lateral    if another neuron fired in the last step, else held from the neuron before
    i_input   = w_input * factor if an input spike is due          (blanked when the neuron before fires)

With `CLEAN` set the held current is 0, lateral current does not accumulate and nothing is blanked.
"""

from __future__ import annotations

from pynn_ext.chip.fixed import wrap
from pynn_ext.chip.jit import kernel

from .registers import *  # every register has its own name
from .sorter import queue_edge

#: Slow cycles of a time step.
STEP_SLOW_CYCLES = 96


@kernel
def q10(total: int, factor: int) -> int:
    """Weight sum times factor as an 18-bit current: the product is shifted to Q7.10 and cut.

    Seventeen low bits are kept and the sign is that of the 36-bit product after the shift, so the magnitude
    wraps at 128.0 while the sign stays.
    """
    product = total * factor
    return ((product << 10) & 0x1FFFF) - (0x20000 if (product >> 25) & 1 else 0)


@kernel
def trigger_generator(r: Words) -> None:
    """A trigger of one slow cycle every 96, while the emulation is on; the count is kept when it stops."""
    if r[ACTIVATE_TRIGGER] == 1:
        r[TRIGGER] = 1 if r[TRIGGER_COUNTER] == STEP_SLOW_CYCLES - 1 else 0
        r[TRIGGER_COUNTER] = (r[TRIGGER_COUNTER] + 1) % STEP_SLOW_CYCLES
    else:
        r[TRIGGER] = 0


@kernel
def core_start(r: Words, trigger: int, seen: int, active: int) -> None:
    """Process Core_run_start."""
    if trigger == 1 and seen == 0:
        r[START_FLAG], r[TRIGGER_SEEN], r[LOADER] = 1, 1, STDP_UPDATE
    elif active == 0 and seen == 1:
        r[START_FLAG], r[TRIGGER_SEEN], r[LOADER] = 0, 0, INIT_WEIGHT
    elif r[READ_W] == 1:
        r[LOADER] = READ_WEIGHT
    elif seen == 0 and active == 0:
        r[LOADER] = INIT_WEIGHT


@kernel
def input_latch(r: Words, arrived: int, active: int, here: int) -> None:
    """Process Spike_FF_updater."""
    latched = r[SIN_LATCH]
    if arrived == 1 and active == 1:
        r[SIN_LATCH] = 1
    if here == LAST:
        r[SIN_PREV], r[SIN_LATCH] = latched, 0


@kernel
def currents(r: Words, fire: int, factor: int) -> None:
    """Choose the currents that enter the potential one cycle later."""
    lateral, feedforward, clean = r[SIN_INTERNAL] > 0, r[SIN] == 1, r[CLEAN] == 1
    if lateral:
        held = 0 if clean else r[CORE_ISYN_IN]
        r[ISYN_OUT] = wrap(held + q10(r[W_COMB], 1), POTENTIAL_BITS)
    elif clean:
        r[ISYN_OUT] = 0
    if feedforward:
        r[ISYN_OUT_FF] = 0 if fire and not clean else q10(r[W_COMB_FF], factor)
    elif clean or not lateral:
        r[ISYN_OUT_FF] = 0


@kernel
def fetch_sums(r: Words, arrays: Words, before: int, here: int) -> None:
    """Load the sums of the neuron decided four cycles later; `before` is SIN_PREV before the edge."""
    if here <= LAST - 4:
        r[SIN], r[SIN_2ND], r[SIN_1ST] = r[SIN_2ND], r[SIN_1ST], before
        r[SIN_INTERNAL], r[SIN_INTERNAL_2ND] = r[SIN_INTERNAL_2ND], r[SIN_INTERNAL_1ST]
        r[SIN_INTERNAL_1ST] = arrays[SPIKES_L_PREV, here + 4]
        r[W_COMB], r[W_COMB_FF] = arrays[WEIGHT_PREV, here + 4], arrays[WEIGHT_FF_PREV, here + 4]
    elif here == LAST - 3:
        r[SIN_INTERNAL], r[W_COMB_FF] = r[SIN_INTERNAL_2ND], 0
    else:
        r[SIN_INTERNAL] = r[W_COMB] = r[W_COMB_FF] = 0


@kernel
def decide(r: Words, arrays: Words, fire: int, here: int, isyn: int, isyn_ff: int, active: int) -> None:
    """Spike or new potential of the neuron in turn; counts the spikes of the other neurons."""
    if here == LAST:
        arrays[SPIKES_L_PREV] = arrays[SPIKES_L]
        arrays[SPIKES_L] = 0
    r[SPIKE_OUT], r[EN_TPRE] = (1, 0) if fire else (0, 1)
    if fire:
        r[PORT_VOUT] = 0
        arrays[T_REF_CTR, here] = 1
        arrays[SPIKES_L] += 1
        arrays[SPIKES_L, here] -= 1
        return
    count, longest = arrays[T_REF_CTR, here], arrays[TREF_MAX, here]
    if 1 <= count < longest:
        arrays[T_REF_CTR, here] = count + 1
    elif count >= longest:
        arrays[T_REF_CTR, here] = 0
    r[PORT_VOUT] = (
        wrap(r[VIN_2ND] - arrays[TAU_MEM, 8] + isyn + isyn_ff, POTENTIAL_BITS) if active == 1 else 0
    )


@kernel
def lif_update(
    r: Words, arrays: Words, ports: tuple[int, ...], before: int, trigger: int, seen: int, active: int
) -> None:
    """Process LIF_updater; `ports` are vin, iin, isyn_in and isyn_in_FF before the edge."""
    here, isyn, isyn_ff = r[INDEX], r[ISYN_OUT], r[ISYN_OUT_FF]
    ready = 3 < here < LAST - 1 and arrays[T_REF_CTR, here] == 0
    fire = ready and r[VIN_2ND] >= arrays[VTHR, here]
    currents(r, fire, arrays[TREF_MAX, 0] & 255)
    fetch_sums(r, arrays, before, here)
    decide(r, arrays, fire, here, isyn, isyn_ff, active)
    r[VIN_2ND] = wrap(r[CORE_VIN] + r[CORE_IIN], POTENTIAL_BITS)
    r[CORE_VIN], r[CORE_IIN], r[CORE_ISYN_IN], r[CORE_ISYN_IN_FF] = ports
    r[PORT_ISYN_OUT] = isyn if active == 1 else 0
    r[PORT_ISYN_OUT_FF] = isyn_ff if active == 1 else 0
    r[INDEX] = here + 1 if active == 1 and trigger == 0 and seen == 1 else 0


@kernel
def pack_spike(r: Words, state: Words, spike: int) -> None:
    """Append a spike bit, least significant first; the first byte of an emulation is the marker 0xFF."""
    buffer, ready = r[SPIKE_BUFFER], r[SPIKE_READY_NEXT]
    bit = 1 << r[SPIKE_INDEX]
    r[SPIKE_BUFFER] = buffer | bit if spike == 1 else buffer & ~bit
    r[SPIKE_READY_NEXT] = 1 if r[SPIKE_INDEX] == 7 else 0
    r[SPIKE_INDEX] = (r[SPIKE_INDEX] + 1) % 8
    state[SPIKE_FIFO, F_WR] = 0
    if r[SEND_MARKER] == 1 and ready == 0:
        state[SPIKE_FIFO, F_DIN], state[SPIKE_FIFO, F_WR], r[SEND_MARKER] = 0xFF, 1, 0
    elif ready == 1:
        state[SPIKE_FIFO, F_DIN], state[SPIKE_FIFO, F_WR] = buffer, 1


@kernel
def queues_in(state: Words, v: int, isyn: int, isyn_ff: int) -> None:
    """Words that enter the state queues at the next edge in which they are enabled."""
    state[V_FIFO, F_DIN], state[ISYN_FIFO, F_DIN], state[ISYN_FF_FIFO, F_DIN] = v, isyn, isyn_ff


@kernel
def queues_enable(state: Words, write: int, read: int) -> None:
    """Enable inputs of the state queues; -1 leaves one as it is."""
    for f in range(V_FIFO, ISYN_FF_FIFO + 1):
        if write >= 0:
            state[f, F_WR] = write
        if read >= 0:
            state[f, F_RD] = read


@kernel
def control_run(r: Words, state: Words, heads: tuple[int, ...], outputs: tuple[int, ...]) -> None:
    """The RUN state of the neuron controller: the neurons' states go round once per step."""
    count, active = r[COUNTER0], r[ACTIVATE_TRIGGER]
    if count >= NEURONS + 5:
        r[COUNTER0] = 0
        queues_enable(state, 0, 1)
        state[SPIKE_FIFO, F_WR] = 0
        return
    r[COUNTER0] = count + 1
    r[S_IN], r[NEURON_ADDR] = (r[STRETCHED], r[OUT_ADDRESS]) if count == 1 else (0, 0)
    r[IIN] = r[I_BIAS] if count == r[N_DEBUG] else 0
    queues_enable(state, -1, 1 if count < NEURONS - 1 else 0)
    if 0 < count < NEURONS + 1:
        r[VIN], r[ISYN_IN], r[ISYN_IN_FF] = heads
    if active == 0 and count == NEURONS + 4:
        r[COUNTER0], r[STATE], r[SPIKE_INDEX] = 0, SYNC_RESET_A, 0
        state[SPIKE_FIFO, F_WR] = 0
    elif count >= 5:
        queues_enable(state, 1, -1)
        queues_in(state, outputs[0], outputs[1], outputs[2])
        pack_spike(r, state, outputs[3])
    else:
        queues_enable(state, 0, -1)
        state[SPIKE_FIFO, F_WR] = 0
        queues_in(state, 0, 0, 0)


@kernel
def control(r: Words, state: Words, heads: tuple[int, ...], outputs: tuple[int, ...], trigger: int) -> None:
    """Process lif_ctrl: fill the queues with zeros, wait for the trigger, run, fill again."""
    if r[STATE] == RUN:
        control_run(r, state, heads, outputs)
    elif r[STATE] == READY:
        if trigger == 1:
            queues_enable(state, -1, 1)
            r[STATE] = RUN
        else:
            r[COUNTER0] = 0
            queues_enable(state, 0, 0)
    elif r[STATE] == SYNC_RESET_A:
        r[VIN] = r[ISYN_IN] = r[ISYN_IN_FF] = 0
        queues_enable(state, 0, -1)
        r[SEND_MARKER], r[STATE] = 1, SYNC_RESET_B
    elif r[COUNTER0] == NEURONS - 1 and r[STATE] == SET:
        state[V_FIFO, F_DIN] = 0
        r[COUNTER0] += 1
    elif r[COUNTER0] < NEURONS:
        r[COUNTER0] += 1
        queues_enable(state, 1, 1 if r[STATE] == SYNC_RESET_B else 0)
        queues_in(state, 0, 0, 0)
    else:
        r[COUNTER0], r[STATE] = 0, READY
        queues_enable(state, 0, 0)
        state[V_FIFO, F_DIN] = 0


@kernel
def send_spikes(r: Words, state: Words, word: int, empty: int) -> None:
    """Process Spike_transmitter: hands a byte to the serial line when that is free."""
    state[SPIKE_FIFO, F_RD] = 0
    if r[PENDING_A] == 1:
        r[PENDING_A], r[PENDING_B] = 0, 1
    elif r[PENDING_B] == 1:
        r[OUT_VEC], r[EN_SOUT], r[PENDING_B] = word, 1, 0
    elif not empty and r[CYCLE] >= r[TX_SPIKE + TX_BUSY_UNTIL]:
        state[SPIKE_FIFO, F_RD], r[PENDING_A], r[EN_SOUT] = 1, 1, 0
    else:
        r[EN_SOUT] = 0


@kernel
def slow_edge(r: Words, arrays: Words, fifo: Words, state: Words) -> None:
    """One rising edge of the 100 kHz clock."""
    trigger, seen, active = r[TRIGGER], r[TRIGGER_SEEN], r[ACTIVATE_TRIGGER]
    ports = (r[VIN], r[IIN], r[ISYN_IN], r[ISYN_IN_FF])
    outputs = (r[PORT_VOUT], r[PORT_ISYN_OUT], r[PORT_ISYN_OUT_FF], r[SPIKE_OUT])
    heads = (state[V_FIFO, F_DOUT], state[ISYN_FIFO, F_DOUT], state[ISYN_FF_FIFO, F_DOUT])
    word, empty, before, here = (
        state[SPIKE_FIFO, F_DOUT],
        state[SPIKE_FIFO, F_COUNT] == 0,
        r[SIN_PREV],
        r[INDEX],
    )
    for f in range(V_FIFO, SPIKE_FIFO + 1):
        queue_edge(fifo, state, f)
    core_start(r, trigger, seen, active)
    input_latch(r, r[S_IN], active, here)
    lif_update(r, arrays, ports, before, trigger, seen, active)
    control(r, state, heads, outputs, trigger)
    send_spikes(r, state, word, empty)
    trigger_generator(r)
    r[STRETCHED] = r[STRETCH_LATCH]
