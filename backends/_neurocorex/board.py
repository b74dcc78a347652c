"""The board as a host sees it: bytes in, bytes out, and every register in between.

Bytes enter the serial line at 1 Mbaud (1000 cycles each) and reach the command decoder 984 cycles after the
falling edge of their start bit (two synchronising registers, and samples 103 cycles apart, `uart_rx_ctrl.vhd`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pynn_ext.errors import NetworkError

from . import registers as reg
from .kernel import FIRST_SLOW_EDGE, LOG_MARGIN, SLOW_CYCLE, run_cycles
from .registers import LAST, NEURONS, SLOTS

#: Cycles of a character of ten bits, and from the start bit's edge to the edge at which the decoder takes the byte.
CHARACTER_CYCLES = 1000
RECEIVE_CYCLES = 984
STEP_CYCLES = 96 * SLOW_CYCLE
NEVER = 1 << 62

#: Columns of `Board.trace`: signals after each rising edge of the slow clock.
TRACE = (
    "cycle", "index", "trigger", "active", "port_vin", "vin", "iin", "vin_2nd", "port_vout", "isyn_in", "isyn_out",
    "port_isyn_out", "isyn_in_ff", "isyn_out_ff", "port_isyn_out_ff", "w_comb", "w_comb_ff", "sin", "sin_internal",
    "spike", "port_spike_in",
)  # fmt: skip
MEMORIES = ("w_aa", "w_ff", "tpre_aa", "tpre_ff", "apre_aa", "apre_ff", "stdp_aa", "stdp_ff")
ARRAYS = (
    "vthr", "tref", "tau", "stdp", "t_ref_ctr", "tpost", "apost", "spikes_l", "spikes_l_prev", "weight",
    "weight_prev", "weight_ff", "weight_ff_prev",
)  # fmt: skip
_CHUNK = 96 * 64
_V, _I, _IFF, _SPIKE = (
    TRACE.index(name) for name in ("port_vout", "port_isyn_out", "port_isyn_out_ff", "spike")
)


@dataclass(frozen=True)
class Steps:
    """The completed time steps.

    Attributes
    ----------
    cycle : ndarray, shape (steps,)
        Fast cycle at which the step starts.
    v, isyn, isyn_ff : ndarray, shape (steps, 90)
        Potential, lateral and input current after the step, Q7.10.
    spikes : ndarray of bool, shape (steps, 90)
    """

    cycle: NDArray[np.int64]
    v: NDArray[np.int64]
    isyn: NDArray[np.int64]
    isyn_ff: NDArray[np.int64]
    spikes: NDArray[np.bool_]


class Board:
    """A NeuroCoreX from power-up on, exact in every clock cycle.

    Parameters
    ----------
    clean : bool
        Correct the defects of the arithmetic that the module `pynn_ext.backends.neurocorex` lists.
    keep_trace : bool
        Keep every slow cycle for `trace`; the completed steps are kept in any case.
    jump : bool
        Skip cycles in which only counters change. The results are the same without, about 30 times later.
    """

    def __init__(self, *, clean: bool = False, keep_trace: bool = True, jump: bool = True) -> None:
        self._chip = reg.power_up()
        self._chip.r[reg.CLEAN] = int(clean)
        self._keep, self._jump = keep_trace, jump
        self._data: list[int] = []
        self._strobes: list[int] = []
        self._words = np.zeros(reg.PORTS, np.int64)
        self._traces: list[NDArray[np.int64]] = []
        self._writes: list[NDArray[np.int64]] = []
        self._sent: list[NDArray[np.int64]] = []
        self._steps: list[NDArray[np.int64]] = []
        self._pending = np.zeros((0, len(TRACE)), np.int64)

    @property
    def cycle(self) -> int:
        """Fast clock cycles since power-up (10 ns each)."""
        return int(self._chip.r[reg.CYCLE])

    def memory(self, name: str) -> NDArray[np.int8]:
        """Return one of `MEMORIES` as a writable view, shape (96, 96)."""
        return self._chip.memory[MEMORIES.index(name)].reshape(SLOTS, SLOTS)

    def array(self, name: str) -> NDArray[np.int64]:
        """Return one of `ARRAYS` as a writable view, shape (96,)."""
        return self._chip.arrays[ARRAYS.index(name)]

    def register(self, name: str) -> int:
        """Return a scalar register by the name it has in `registers`, in any case."""
        return int(self._chip.r[getattr(reg, name.upper())])

    def queue(self, name: str, port: str) -> int:
        """Return a port of a queue: ``("v", "din")`` is `F_DIN` of `V_FIFO` in `registers`."""
        row, column = getattr(reg, f"{name.upper()}_FIFO"), getattr(reg, f"F_{port.upper()}")
        return int(self._chip.fifo_state[row, column])

    def set_bias(self, current: int, neuron: int) -> None:
        """Set the bias (Q7.10) of neuron number `neuron` (1 to 90), as the debug message does."""
        self._chip.r[reg.I_BIAS], self._chip.r[reg.N_DEBUG] = current, neuron

    def last_slow_edge(self) -> int:
        """Return the cycle of the last rising edge of the slow clock."""
        return (self.cycle - FIRST_SLOW_EDGE) // SLOW_CYCLE * SLOW_CYCLE + FIRST_SLOW_EDGE

    def state(self) -> bytes:
        """Return every register and memory word as bytes, for comparisons."""
        registers = self._chip.r.copy()
        registers[[reg.SETTLE, reg.HOST_SETTLE, reg.REFRESH, reg.SPIKE_SEEN]] = (
            0  # bookkeeping of the model, not a register of the chip
        )
        return registers.tobytes() + b"".join(part.tobytes() for part in self._chip[1:])

    def send(self, data: bytes, at: int | None = None, every: int = CHARACTER_CYCLES) -> int:
        """Put bytes on the serial line.

        Parameters
        ----------
        data : bytes
        at : int, optional
            Cycle of the first start bit; at once by default, and never before the line is free.
        every : int
            Cycles from byte to byte, at least 1000.

        Returns
        -------
        int
            Cycle at which the decoder has the last byte.
        """
        if every < CHARACTER_CYCLES:
            raise NetworkError(
                f"a byte every {every} cycles",
                where="NeuroCoreX",
                limit="1000 cycles at 1 Mbaud",
                remedy="send slower",
            )
        start = self.cycle if at is None else max(at, self.cycle)
        if self._strobes:
            start = max(start, self._strobes[-1] - RECEIVE_CYCLES + every)
        return self.deliver(data, start + RECEIVE_CYCLES + every * np.arange(len(data)))

    def deliver(self, data: bytes, cycles: ArrayLike) -> int:
        """Hand bytes to the command decoder, each at its own cycle, without a serial line."""
        strobes = [int(cycle) for cycle in np.asarray(cycles, np.int64)]
        ordered = [self.cycle, *self._strobes[-1:], *strobes]
        if any(late <= early for early, late in zip(ordered[:-1], ordered[1:], strict=True)):
            raise NetworkError(
                "bytes must arrive one after the other, and later than now", where="NeuroCoreX"
            )
        self._data += list(data)
        self._strobes += strobes
        return ordered[-1]

    def run(self, until: int) -> None:
        """Run to fast cycle `until`."""
        data = np.array([*self._data, 0], np.int64)
        strobes = np.array([*self._strobes, NEVER], np.int64)
        position = 0
        while self.cycle < until:
            slow = min(_CHUNK, (until - self.cycle) // SLOW_CYCLE + 2)
            trace = np.zeros((slow + 2, len(TRACE)), np.int64)
            writes = np.zeros((min(LOG_MARGIN * slow, 1 << 18) + 2 * LOG_MARGIN, 4), np.int64)
            sent = np.zeros((slow + 4, 2), np.int64)
            position = run_cycles(
                self._chip, until, data, strobes, position, self._jump, self._words, trace, writes, sent
            )
            self._collect(*(log[1 : log[0, 0] + 1].copy() for log in (trace, writes, sent)))
        del self._data[:position], self._strobes[:position]

    def _collect(self, trace: NDArray[np.int64], writes: NDArray[np.int64], sent: NDArray[np.int64]) -> None:
        """Append the logs of a stretch, and take the completed steps out of them."""
        self._writes.append(writes)
        self._sent.append(sent)
        if self._keep:
            self._traces.append(trace)
        rows = np.concatenate([self._pending, trace])
        ends = np.flatnonzero(rows[:, 1] == LAST)
        ends = ends[ends >= NEURONS]
        turns = ends[:, None] - NEURONS + np.arange(NEURONS)
        if len(ends):
            steps = np.empty((len(ends), 5, NEURONS), np.int64)
            steps[:, 0] = (rows[ends, 0] - LAST * SLOW_CYCLE)[:, None]
            for k, column in enumerate((_V, _I, _IFF, _SPIKE), 1):
                steps[:, k] = rows[turns, column]
            self._steps.append(steps)
            rows = rows[ends[-1] + 1 :]
        self._pending = rows[-SLOTS:].copy()

    @property
    def trace(self) -> NDArray[np.int64]:
        """Signals after every slow edge so far, columns `TRACE`; empty without `keep_trace`."""
        return np.concatenate(self._traces) if self._traces else np.zeros((0, len(TRACE)), np.int64)

    def steps(self) -> Steps:
        """Return the completed steps of all emulations so far."""
        self._steps = [np.concatenate([np.zeros((0, 5, NEURONS), np.int64), *self._steps])]
        return _named(self._steps[0])

    def last_step(self) -> Steps:
        """Return the step completed last, as a table of one step."""
        return _named(self._steps[-1][-1:])

    def weight_writes(self, name: str) -> NDArray[np.int64]:
        """Return the writes to memory ``"w_aa"`` or ``"w_ff"``: rows (cycle, address, value)."""
        writes = np.concatenate(self._writes) if self._writes else np.zeros((0, 4), np.int64)
        return writes[writes[:, 1] == MEMORIES.index(name)][:, [0, 2, 3]]

    def sent(self) -> NDArray[np.int64]:
        """Return the bytes of the chip: rows (cycle of the start bit, byte)."""
        return np.concatenate(self._sent) if self._sent else np.zeros((0, 2), np.int64)

    def answer(self, since: int = 0) -> bytes:
        """Return the bytes whose start bit fell after cycle `since`."""
        rows = self.sent()
        return rows[rows[:, 0] > since, 1].astype(np.uint8).tobytes()


def _named(steps: NDArray[np.int64]) -> Steps:
    return Steps(steps[:, 0, 0], steps[:, 1], steps[:, 2], steps[:, 3], steps[:, 4].astype(bool))
