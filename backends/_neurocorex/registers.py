"""The state of the chip: every register and memory of the RTL that can influence an output.

Scalar registers live in one array of 64-bit integers and are named by their index; register arrays of 96 words
are rows of a second array; block memories of 96 x 96 words are rows of a third. Names are those of the VHDL,
where a signal of that name exists. Power-up values are the initial values of the VHDL; the chip has no reset.

Source: ORNL/NeuroCoreX, commit a688f2c, ``vhdl_src`` (BSD-3-Clause, copyright of the NeuroCoreX authors,
Oak Ridge National Laboratory).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import formats

Words = NDArray[np.int64]
Bytes = NDArray[np.int8]

SLOTS = 96
WORDS = SLOTS * SLOTS
LAST = SLOTS - 1
NEURONS = 90
POTENTIAL_BITS, WEIGHT_BITS, SUM_BITS = (
    form.bits for form in (formats.POTENTIAL, formats.WEIGHT, formats.SUM)
)

# The loader states of the core, and the states of the neuron controller.
INIT_WEIGHT, STDP_UPDATE, READ_WEIGHT = range(3)
SYNC_RESET_A, SYNC_RESET_B, SET, READY, RUN = range(5)

# Block memories.
(W_AA, W_FF, TPRE_AA, TPRE_FF, APRE_AA, APRE_FF, EN_AA, EN_FF, MEMORIES) = range(9)

# Register arrays.
(
    VTHR,
    TREF_MAX,
    TAU_MEM,
    STDP_PARAMS,
    T_REF_CTR,
    TPOST,
    APOST,
    SPIKES_L,
    SPIKES_L_PREV,
    WEIGHT,
    WEIGHT_PREV,
    WEIGHT_FF,
    WEIGHT_FF_PREV,
    ARRAYS,
) = range(14)

# Memory ports: for each memory a row of PORT with these columns.
(WE, WADDR, WDATA, RADDR, ROUT, PORT_COLUMNS) = range(6)
# A weight memory has a second read port; its columns are in an extra row after those of the memories.
(ACC_AA, ACC_FF, PORTS) = range(MEMORIES, MEMORIES + 3)

# First-in first-out memories: a row of FIFO and a row of FIFO_STATE each.
(V_FIFO, ISYN_FIFO, ISYN_FF_FIFO, SPIKE_FIFO, STDP_FIFO, INPUT_FIFO, FIFOS) = range(7)
(F_WR, F_RD, F_DIN, F_DOUT, F_HEAD, F_COUNT, F_VALID1, F_STAGE1, F_VALID2, F_DEPTH, FIFO_COLUMNS) = range(11)
FIFO_WORDS = 4096

# Scalar registers.
(
    CYCLE,
    CLEAN,
    SETTLE,
    HOST_SETTLE,
    REFRESH,
    SPIKE_SEEN,
    # -- command decoder (uart_rx_sorter_input.vhd)
    RX_DATA,
    ADRS_FLAG,
    SORTER_STATE,
    PATTERN_STATE,
    PATTERN_THR,
    PATTERN_DEBUG,
    EN_FF_W,
    EN_AA_W,
    EN_PARAM,
    EN_DEBUG,
    UPDATE_TIME_FLAG,
    SPIKE_TIME,
    SPIKE_ADDRESS,
    NI_ST,
    NI,
    OUT_WEIGHT_FF,
    OUT_WEIGHT_AA,
    OUT_PARAM,
    OUT_DEBUG,
    OUT_FLAG,
    OUT_ADDRESS,
    COUNTER_FF,
    COUNTER_AA,
    COUNTER_THR,
    COUNTER_DEBUG,
    COUNTER_FLAG,
    TRIGGER_RESET,
    READ_W,
    FLAG_READ_START,
    WRITE_EN_FF_W,
    WRITE_EN_AA_W,
    WRITE_EN_INPUT,
    WRITE_EN_PARAM,
    WRITE_EN_DEBUG,
    ACTIVATE_TRIGGER,
    EMULATION_ON,
    COUNTER_TRIGGER,
    COUNTER_TRIGGER_PREV,
    FLAG_READ_FIFO,
    FLAG_WR_LAST,
    BEGIN_TRIGGER,
    FLAG_TRIGGER_ACTIVE,
    FLAG_TRIGGER_COUNT,
    FLAG_TRIGGER_COUNTER,
    WRITE_EN_FLAG,
    WRITE_EN_FLAG_INT,
    # -- trigger synchroniser and clock domain interface
    TRIG_SYNC1,
    TRIG_SYNC2,
    TRIG_SYNC_PREV,
    TRIG_FIFO,
    STRETCH_LATCH,
    STRETCH_FLAG,
    STRETCHED,
    # -- debug registers
    DEBUG_INDEX,
    I_BIAS,
    N_DEBUG,
    # -- core, fast clock
    THR_INDEX,
    PARAM_PHASE,
    BYTE_BUFFER,
    BIT_COUNT,
    LOADING,
    WRITE_INDEX,
    ROW_AA,
    COL_AA,
    ROW_FF,
    COL_FF,
    ROW_TPRE,
    COL_TPRE,
    FIRST_EDGE,
    ACC_INDEX,
    ACC_DONE,
    LAT_ACC_INDEX,
    LAT_ACC_DONE,
    SPIKE_OUT_PREV,
    SPIKE_IN_PREV,
    SPIKE_COUNTER,
    SPIKE_COUNTER_FF,
    NO_SPIKE_COUNTER,
    NO_SPIKE_COUNTER_FF,
    FLAG_SPIKE,
    FLAG_SPIKE_FF,
    FLAG_NO_SPIKE,
    FLAG_NO_SPIKE_FF,
    TRIG_SPIKE,
    TRIG_SPIKE_FF,
    TRIG_NO_SPIKE,
    TRIG_NO_SPIKE_FF,
    MISSED,
    MISSED_FF,
    LAT_INDEX,
    LAT_DONE,
    LAT_ACTIVE,
    TOGGLE,
    FF_INDEX,
    FF_DONE,
    FF_ACTIVE,
    TOGGLE_FF,
    APOST_READ_FF,
    TPRE_INDEX,
    TPRE_ACTIVE,
    TPRE_INDEX_FF,
    TPRE_ACTIVE_FF,
    APRE_WDATA,
    APRE_WDATA_FF,
    APRE_WE_FF,
    EN_TPRE_PREV,
    EN_TPRE_PREV_FF,
    SKIP_FLAG,
    SKIP_ONCE,
    SKIP_COUNTER,
    # -- weight read-back
    READ_LAST,
    READ_ACTIVE,
    READ_COUNT,
    READ_COUNTER,
    READ_PULSE,
    READ_DONE,
    READ_STATE,
    READ_WAIT,
    READ_ROW,
    READ_COL,
    READ_FLAT,
    READ_DATA,
    READ_WRITE,
    # -- transmitters: spikes and weights, six registers each
    TX_SPIKE,
    TX_SPIKE_1,
    TX_SPIKE_2,
    TX_SPIKE_3,
    TX_WEIGHT,
    TX_WEIGHT_1,
    TX_WEIGHT_2,
    TX_WEIGHT_3,
    SOUT_SYNC0,
    SOUT_SYNC1,
    SOUT_FALLING,
    # -- slow clock: trigger generator, core, neuron controller, spike packer
    TRIGGER,
    TRIGGER_COUNTER,
    START_FLAG,
    TRIGGER_SEEN,
    LOADER,
    SIN_LATCH,
    SIN_PREV,
    SIN_1ST,
    SIN_2ND,
    SIN,
    SIN_INTERNAL_1ST,
    SIN_INTERNAL_2ND,
    SIN_INTERNAL,
    CORE_IIN,
    CORE_VIN,
    CORE_ISYN_IN,
    CORE_ISYN_IN_FF,
    VIN_2ND,
    ISYN_OUT,
    ISYN_OUT_FF,
    W_COMB,
    W_COMB_FF,
    INDEX,
    SPIKE_OUT,
    EN_TPRE,
    PORT_VOUT,
    PORT_ISYN_OUT,
    PORT_ISYN_OUT_FF,
    STATE,
    COUNTER0,
    IIN,
    VIN,
    ISYN_IN,
    ISYN_IN_FF,
    S_IN,
    NEURON_ADDR,
    SEND_MARKER,
    SPIKE_INDEX,
    SPIKE_BUFFER,
    SPIKE_READY_NEXT,
    PENDING_A,
    PENDING_B,
    OUT_VEC,
    EN_SOUT,
    REGISTERS,
) = range(185)

# One transmitter's registers, relative to TX_SPIKE or TX_WEIGHT.
(TX_WAITING, TX_COUNTER, TX_START, TX_BUSY_UNTIL) = range(4)


class Chip(NamedTuple):
    """The whole state, as arrays that the kernels share.

    Attributes
    ----------
    r : ndarray of int64, shape (REGISTERS,)
    arrays : ndarray of int64, shape (ARRAYS, 96)
    memory : ndarray of int8, shape (MEMORIES, 9216)
        Row-major: word ``row * 96 + column``.
    port : ndarray of int64, shape (PORTS, PORT_COLUMNS)
        Registered write port and read address of each memory, and the word read last.
    fifo : ndarray of int64, shape (FIFOS, FIFO_WORDS)
    fifo_state : ndarray of int64, shape (FIFOS, FIFO_COLUMNS)
    """

    r: NDArray[np.int64]
    arrays: NDArray[np.int64]
    memory: NDArray[np.int8]
    port: NDArray[np.int64]
    fifo: NDArray[np.int64]
    fifo_state: NDArray[np.int64]


def power_up() -> Chip:
    """Return the state right after configuration of the FPGA."""
    r = np.zeros(REGISTERS, np.int64)
    for register in (
        ADRS_FLAG, FLAG_READ_START, ACC_DONE, LAT_ACC_DONE, LAT_DONE, FF_DONE, SEND_MARKER, SOUT_SYNC0, SOUT_SYNC1
    ):  # fmt: skip
        r[register] = 1
    r[STATE] = SET
    r[SETTLE] = r[HOST_SETTLE] = 16  # the first edges are evaluated one by one
    arrays = np.zeros((ARRAYS, SLOTS), np.int64)
    arrays[VTHR], arrays[TREF_MAX], arrays[TPOST] = 512, 4, -1
    memory = np.zeros((MEMORIES, WORDS), np.int8)
    memory[W_AA], memory[W_FF], memory[TPRE_AA], memory[TPRE_FF] = 6, 1, -1, -1
    fifo_state = np.zeros((FIFOS, FIFO_COLUMNS), np.int64)
    fifo_state[:, F_DEPTH] = 1024
    fifo_state[[SPIKE_FIFO, STDP_FIFO], F_DEPTH] = 4096
    return Chip(
        r, arrays, memory, np.zeros((PORTS, PORT_COLUMNS), np.int64),
        np.zeros((FIFOS, FIFO_WORDS), np.int64), fifo_state,
    )  # fmt: skip
