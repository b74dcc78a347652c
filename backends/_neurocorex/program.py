"""A network of the front end as a program of the chip, and its emulation step by step.

Potentials are shifted so that rest is 0 and multiplied by one scale s (chip units per mV) for the whole chip::

    threshold word = (v_thresh - v_rest) s 2^10        weight = w s, a whole number from -128 to 127
    refractory     = tau_refrac / 0.96 ms, at least 1  bias   = i_offset 0.96 ms / cm s 2^10, of one neuron

How s is chosen, and where cells and sources are, is in `fitting`. Input weights may be larger by a common factor of up
to 255.

Time. A spike that enters in step k is in the potential after step k + 1: a delay of one step. A neuron fires in
the step after the one that lifts it to its threshold; as its potential is above threshold at the end of step k, the
spike has the time k + 1, and reaches other neurons after one step, too. The potential that is recorded with a
spike is the one above threshold; the next one is the reset.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from pynn_ext.chip.energy import Ledger, femtojoules
from pynn_ext.chip.fixed import wrap
from pynn_ext.chip.record import digest
from pynn_ext.errors import UnsupportedError
from pynn_ext.mapping import Problem, Roundings, raise_if_any
from pynn_ext.mapping.engine import Emitted, Program
from pynn_ext.mapping.quantize import round_half_up
from pynn_ext.network import CellGroup, Connections, Network

from . import stream
from .board import STEP_CYCLES, Board
from .fitting import LARGEST_WEIGHT, PAD, PLASTIC, TIMESTEP, Layout, choose_scale, problems
from .kernel import SLOW_CYCLE
from .registers import POTENTIAL_BITS
from .stream import FIRST_SLOT, MAX_WAIT, NEURONS

ONE = 1024
LARGEST_FACTOR = 255
LONGEST_WINDOW = 127
#: Cycle of the first packet: after the state queues are filled, and when in a step the next packet is handed over.
FIRST_PACKET = 95_000
HANDOVER = 95_700
#: Cycles between bytes handed straight to the decoder.
SPACING = 20

Report = Callable[[str, str, str], None]


class NeuroCoreXProgram(Program):
    """A network on the chip.

    Parameters
    ----------
    network : Network
    roundings : Roundings
    chip : Chip
        Record of the chip.
    clean : bool
        Correct the defects of the RTL's arithmetic.
    leak : float
        What all potentials lose in each step (mV), without a floor.
    report : callable
        As `State.report`, for what can only be seen while the network runs.

    Raises
    ------
    MappingError
        With everything that does not fit.
    """

    def __init__(
        self, network: Network, roundings: Roundings, *, chip: Any, clean: bool = False, leak: float = 0.0,
        report: Report = lambda change, where, remedy: None,
    ) -> None:  # fmt: skip
        self.network, self.chip, self.clean, self._report = network, chip, clean, report
        self.layout = Layout(network)
        found = list(problems(network, self.layout))
        if not self.layout.cells:
            found.append(
                Problem("network", "no cells", "the chip runs neurons", "add a Population of IF_curr_delta")
            )
        raise_if_any(found, "NeuroCoreX")
        self.roundings = roundings
        self.words = stream.Program()
        self._neurons(leak)
        self._synapses()
        self.reset()

    # --- quantisation --------------------------------------------------------------------------------------

    def _column(self, name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([group.parameter(name) for group in self.layout.cells])

    def _blocks(self, lateral: bool) -> list[Connections]:
        blocks = [block for block in self.network.connections if len(block)]
        return [block for block in blocks if isinstance(block.pre, CellGroup) == lateral]

    def _told(self, name: str, got: npt.NDArray[np.float64], unit: str, asked: Any = None) -> None:
        """Enter a rounding for each population."""
        asked, first = self._column(name) if asked is None else asked, 0
        for group in self.layout.cells:
            part = slice(first, first + group.size)
            self.roundings.add(group.label, name, asked[part], got[part], unit)
            first += group.size

    def _neurons(self, leak: float) -> None:
        height = self._column("v_thresh") - self._column("v_rest")
        lateral = [block.get("weight") for block in self._blocks(True)]
        lateral += [np.abs(block.get("w_max")) for block in self._blocks(True) if block.model.name == PLASTIC]
        self.scale = choose_scale(height, np.concatenate([np.zeros(1), *lateral]))
        slots = slice(FIRST_SLOT, FIRST_SLOT + len(height))
        self.words.vthr[slots] = round_half_up(height * self.scale * ONE)
        self._told("v_thresh", self._column("v_rest") + self.words.vthr[slots] / (self.scale * ONE), "mV")
        steps = round_half_up(self._column("tau_refrac") / TIMESTEP)
        self.words.tref[slots] = steps
        self._told("tau_refrac", np.maximum(steps, 1) * TIMESTEP, "ms")
        self.words.tau[8] = round_half_up(leak * self.scale * ONE)
        asked = height * -np.expm1(-TIMESTEP / self._column("tau_m"))
        got = np.full(len(height), self.words.tau[8] / (self.scale * ONE))
        asked = np.where(np.abs(asked - got) * self.scale * ONE < 0.5, got, asked)  # less than the last bit
        self._told("leak at threshold (tau_m)", got, "mV per step", asked)
        rate = self._column("i_offset") / self._column("cm") * TIMESTEP
        biased = np.flatnonzero(rate)
        if len(biased):
            self.words.ndebug = int(biased[0]) + 1
            self.words.ibias = int(round_half_up(rate[biased[0]] * self.scale * ONE))
            got = np.where(rate, self.words.ibias / (self.scale * ONE), 0.0)
            self._told("i_offset", got, "mV per step", rate)

    def _synapses(self) -> None:
        inputs = np.concatenate(
            [np.zeros(1), *(np.abs(block.get("weight")) for block in self._blocks(False))]
        )
        factor = int(np.ceil(inputs.max() * self.scale / LARGEST_WEIGHT - 1e-9))
        self.words.tref[0] = self.factor = min(max(factor, 1), LARGEST_FACTOR)
        for name, blocks, unit in (
            ("w_aa", self._blocks(True), self.scale),
            ("w_ff", self._blocks(False), self.scale / self.factor),
        ):
            matrix = getattr(self.words, name)
            for block in blocks:
                rows, columns = self.layout.place(block)
                weights = round_half_up(block.get("weight") * unit)
                lost = (columns == rows + (-1 if self.clean else 0)) & (name == "w_aa")
                weights[lost] = 0
                clipped = np.clip(weights, -128, 127)
                np.add.at(matrix, (rows, columns), clipped)
                count = int(
                    np.count_nonzero(clipped != weights) + np.count_nonzero(lost & (block.get("weight") != 0))
                )
                self.roundings.add(block.label, "weight", block.get("weight"), clipped / unit, "mV", count)
            sums = np.clip(matrix, -128, 127)
            if np.any(sums != matrix):
                self.roundings.add("network", f"{name}, sums of parallel synapses", matrix / unit, sums / unit, "mV",
                                   int(np.count_nonzero(sums != matrix)))  # fmt: skip
            matrix[:] = sums
        self._plasticity([block for block in self._blocks(True) if block.model.name == PLASTIC])

    def _plasticity(self, blocks: list[Connections]) -> None:
        """Windows and steps of the rule, which the chip has once, and the enable bits."""
        rule = ("tau_plus", "tau_minus", "A_plus", "A_minus", "w_min", "w_max")
        values = {name: np.concatenate([block.get(name) for block in blocks]) for name in rule if blocks}
        if not blocks:
            return
        differ = [name for name in rule[:4] if np.ptp(values[name]) > 1e-12]
        raise_if_any(
            [
                Problem("network", f"several values of {name}", "the chip has one rule", "use one")
                for name in differ
            ],
            "NeuroCoreX",
        )
        span = values["w_max"] - values["w_min"]
        windows, steps = [], []
        for tau, rate in (("tau_plus", "A_plus"), ("tau_minus", "A_minus")):
            window = int(np.clip(round_half_up(values[tau][0] / TIMESTEP), 1, LONGEST_WINDOW))
            step = int(np.clip(round_half_up(values[rate][0] * span.max() * self.scale), 0, LARGEST_WEIGHT))
            windows.append(window)
            steps.append(step)
            self.roundings.add("network", f"{tau} (a window)", values[tau], window * TIMESTEP, "ms")
            self.roundings.add("network", f"{rate} (a step)", values[rate] * span, step / self.scale, "mV")
        low, high = (0 if self.clean else -1) / self.scale, LARGEST_WEIGHT / self.scale
        self.roundings.add("network", "w_min", values["w_min"], low, "mV")
        self.roundings.add("network", "w_max", values["w_max"], high, "mV")
        self.words.stdp[1] = windows[0] | windows[1] << 8
        self.words.stdp[2] = steps[0] | steps[1] << 8
        for block in blocks:
            self.words.stdp_aa[self.layout.place(block)] = 1

    # --- the chip ------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Power up and program the chip."""
        self.board = board = Board(clean=self.clean, keep_trace=False)
        for name in ("w_aa", "w_ff", "stdp_aa", "stdp_ff"):
            board.memory(name)[:] = getattr(self.words, name)
        for name in ("vthr", "tref", "tau", "stdp"):
            board.array(name)[:] = getattr(self.words, name)
        board.set_bias(self.words.ibias, self.words.ndebug)
        self.waiting: deque[tuple[int, int]] = deque()
        self.packets: list[tuple[int, int]] = []
        self.steps = self.late = self.latest = self.wraps = self.spikes = 0
        self._v = np.zeros(NEURONS, np.int64)
        self._start = 0

    def advance(self, step: int, emitted: Emitted) -> Emitted:
        """One time step: at most one input spike enters, the others wait their turn."""
        for group, index in emitted:
            first = self.layout.start[id(self.network.groups[group])]
            self.waiting.extend((self.steps, first + int(i)) for i in index)
        packet = b"\0" + bytes([self._next_address(), 0])
        if self.steps == 0:
            self._begin(packet)
        else:
            at = self._start + (self.steps - 1) * STEP_CYCLES + HANDOVER
            self.board.deliver(packet, at + SPACING * np.arange(3))
        self.board.run(self._start + self.steps * STEP_CYCLES + HANDOVER - SPACING)
        self.steps += 1
        self._count()
        return self._fired()

    def _next_address(self) -> int:
        if not self.waiting:
            return PAD
        since, address = self.waiting.popleft()
        self.packets.append((self.steps, address))
        if since < self.steps:
            self.late += 1
            self.latest = max(self.latest, self.steps - since)
            change = f"input spikes enter up to {self.latest} steps late, because one enters per step of {TIMESTEP} ms"
            self._report(change, "input", "fewer or slower sources")
        return address

    def _begin(self, packet: bytes) -> None:
        self.board.run(FIRST_PACKET - SPACING)
        self.board.deliver(b"\x30" + packet, FIRST_PACKET + SPACING * np.arange(4))
        while not self.board.register("trigger_seen"):
            self.board.run(self.board.cycle + SLOW_CYCLE)
        self._start = self.board.last_slow_edge()

    def _count(self) -> None:
        """Compare the new potentials with what they would be in a wider register."""
        last = self.board.last_step()
        bias = np.zeros(NEURONS, np.int64)
        bias[self.words.ndebug - 1] = self.words.ibias
        wide = self._v + bias - self.words.tau[8] + last.isyn[0] + last.isyn_ff[0]
        here = slice(0, self.layout.neurons)
        wrapped = ~last.spikes[0] & (wide != last.v[0])
        self.wraps += int(np.count_nonzero(wrapped[here]))
        self.spikes += int(np.count_nonzero(last.spikes[0][here]))
        self._v = last.v[0]
        if np.any(wrapped[here]):
            change = (
                f"potentials left the range of ±128 chip units ({128 / self.scale:.4g} mV) and wrapped around"
            )
            self._report(change, "v", "smaller weights, or setup(leak=…) that balances them")

    def _fired(self) -> Emitted:
        """Cells above threshold and not refractory, which fire in the step that comes."""
        bias = np.zeros(NEURONS, np.int64)
        bias[self.words.ndebug - 1] = self.words.ibias
        slots = slice(FIRST_SLOT, FIRST_SLOT + NEURONS)
        potential = wrap(self._v + bias, POTENTIAL_BITS)
        fires = (potential >= self.board.array("vthr")[slots]) & (self.board.array("t_ref_ctr")[slots] == 0)
        found = []
        for number, group in enumerate(self.network.groups):
            if isinstance(group, CellGroup):
                first = self.layout.start[id(group)]
                index = np.flatnonzero(fires[first : first + group.size]).astype(np.int32)
                if index.size:
                    found.append((number, index))
        return found

    # --- state ---------------------------------------------------------------------------------------------

    def variables(self, group: int) -> tuple[str, ...]:
        """The potential is all that the chip keeps of a cell and a script can see."""
        return ("v",)

    def read(self, group: int, variable: str) -> npt.NDArray[np.float64]:
        """Return potentials (mV)."""
        cells = self.network.groups[group]
        assert isinstance(cells, CellGroup)
        first = self.layout.start[id(cells)]
        return cells.parameter("v_rest") + self._v[first : first + cells.size] / (self.scale * ONE)

    def write(self, group: int, variable: str, values: npt.NDArray[np.float64]) -> None:
        """Refuse potentials other than the present ones: the chip has no way to set them."""
        if np.any(np.abs(values - self.read(group, variable)) > 1e-6):
            raise UnsupportedError(
                "a potential was set",
                where=self.network.groups[group].label,
                limit="NeuroCoreX starts at rest and its potentials cannot be written",
                remedy="leave out initialize(v=...)",
            )

    def adopt(self, before: Program, groups: dict[int, int]) -> None:
        """Refuse to go on with another program: the chip forgets all potentials when it is programmed."""
        assert isinstance(before, NeuroCoreXProgram)
        if before.steps:
            raise UnsupportedError(
                "the network was changed after a run",
                where="NeuroCoreX",
                limit="the chip can be programmed between emulations only, and each begins at rest",
                remedy="call reset() before the change",
            )

    def store_weights(self) -> None:
        """Copy the weights that the chip has learned."""
        for block in self._blocks(True):
            if block.model.name == PLASTIC:
                learned = self.board.memory("w_aa")[self.layout.place(block)] / self.scale
                asked = round_half_up(block.get("weight") * self.scale) / self.scale
                block.columns["weight"] = np.where(learned == asked, block.get("weight"), learned)

    def stream(self) -> bytes:
        """Return the bytes that make the board do what was run: program, spikes, and empty steps to the end."""
        packets, last = [], -1
        for step, address in [*self.packets, (self.steps, PAD)]:
            while step - last > MAX_WAIT:
                packets.append((MAX_WAIT - 1, PAD))
                last += MAX_WAIT
            packets.append((step - last - 1, address))
            last = step
        return self.words.to_bytes() + stream.spikes(packets)

    def report(self) -> dict[str, Any]:
        """Return use, time and energy."""
        chip, seconds = self.chip, self.steps * self.chip.time.step_s
        ledger = Ledger("core")
        ledger.spend("core", self.steps, femtojoules((chip.power_w - chip.static_power_w) * chip.time.step_s))
        ledger.flow("static", chip.static_power_w, seconds)
        return {
            "chip": chip.name, "chip_sha256": digest(chip), "time_contract": chip.time.name, "clean": self.clean,
            "scale_per_mV": self.scale, "input_factor": self.factor,
            "neurons": self.layout.neurons, "sources": self.layout.sources, "steps": self.steps,
            "fast_cycles": self.steps * STEP_CYCLES, "time_s": seconds, **ledger.report(),
            "spikes": self.spikes, "input_spikes": len(self.packets), "input_spikes_late": self.late,
            "largest_lateness_steps": self.latest, "input_spikes_waiting": len(self.waiting),
            "wrapped_potentials": self.wraps,
        }  # fmt: skip
