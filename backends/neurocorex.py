"""NeuroCoreX: 90 neurons on a small FPGA, every register of the published RTL in every clock cycle.

A core of Oak Ridge National Laboratory for the Digilent CMOD A7-35T board: leaky integrate-and-fire neurons in turn,
all-to-all and input weights of 8 bits, pair-based plasticity with rectangular windows, programmed over a
serial line. ``import pyNN.neurocorex as sim`` runs a PyNN script on a model of the RTL; `sim.write_stream` writes the
bytes that make a board do the same, `sim.run_on_board` sends them.

Time contract: clocked. A step lasts 96 slow cycles of 10 us whatever happens in it, the board runs in real time, and
"cycle-accurate" means cycles of its 100 MHz clock: equal to GHDL's simulation of the RTL in all recorded traces.

The model is that of the RTL with its defects. ``setup(clean=True)`` corrects those of the arithmetic: a neuron that
fires blanks the input of its successor; the lateral current is held where no other neuron fired, and accumulates
over steps; the synapse to the neuron before is lost instead of the self-connection; potentiation wraps at 127 and
depression lifts weights below -1; plasticity of input weights works on other synapses. It keeps the linear leak
without a floor, the wrap of potentials and sums, the drift of the plasticity timers (1002 cycles in a slow cycle of
1000), the single input spike per step, and the last input spike that is not processed.

Not modelled: bits on the serial line that are cut or disturbed; what the FPGA does with addresses of input spikes
from 96 on (the model does what the RTL simulation does); timing below a clock cycle, and the clock domain crossing
(slow registers see fast ones after a coincident edge, as in the RTL simulation).
Power is the estimate of Vivado, not a measurement.

Sources: github.com/ORNL/NeuroCoreX, commit a688f2c (RTL, implementation reports, notebooks); A. Gautam et al.,
NeuroCoreX, arXiv:2506.14138 (2025), which describes an earlier RTL with exponential synapses and leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynn_ext.chip.contracts import Clocked
from pynn_ext.chip.formats import Format
from pynn_ext.chip.record import arithmetic, energy, limit, timing

from ._neurocorex import formats
from ._neurocorex.registers import NEURONS

ESTIMATE = "implementation report of Vivado 2023.1, an estimate, medium confidence"


@dataclass(frozen=True)
class Chip:
    """The chip as its RTL describes it."""

    name: str = "NeuroCoreX"
    neurons: int = limit(NEURONS, "neurons", source="LIF_unit.vhd, N0")
    input_addresses: int = limit(
        93,
        "spike sources",
        source="Core_engine.vhd: columns 2..94 of the input weights; 95 fills empty steps",
    )
    input_spikes_per_step: int = limit(
        1, "input spikes that enter in a step", source="uart_rx_sorter_input.vhd, process_time_keeper"
    )
    input_queue_words: int = limit(
        1026, "input spikes that can wait", source="fifo_generator_0.xci: 1024 words and two output stages"
    )
    delay_steps: int = limit(1, "delay of every synapse", "step", source="Core_engine.vhd, weight_prev")
    plasticity_window_max: int = limit(
        127, "longest window of plasticity", "steps", source="Core_engine.vhd, tpre_AA_max (signed, 8 bits)"
    )
    potential: Format = arithmetic(
        formats.POTENTIAL, "potential, threshold, currents, leak, bias",
        source="LIF_unit.vhd, clif_BIT_WIDTH; Core_engine.vhd, mul_result sll 10",
    )  # fmt: skip
    weight: Format = arithmetic(
        formats.WEIGHT, "weights and ages; with clean=True they saturate", source="weight_matrix.vhd"
    )
    weight_sum: Format = arithmetic(
        formats.SUM, "sums of weights of a step; as a current the magnitude wraps at 128.0",
        source="Core_engine.vhd, weight_matrix",
    )  # fmt: skip
    input_factor: Format = arithmetic(
        Format(8, signed=False),
        "common factor of the input weights",
        source="Core_engine.vhd, Syn_amp_FF(7 downto 0)",
    )
    time: Clocked = timing(
        Clocked(100e3, 96), "slow clock and its cycles in a step",
        source="clock_divider.vhd: toggles every 500 cycles; Trig_LIF.vhd, counter_max",
    )  # fmt: skip
    fast_clock_hz: float = timing(
        100e6,
        "fast clock: weights, plasticity, serial line",
        "Hz",
        source="clk_wiz_0.xci: 12 MHz x 62.5 / 7.5",
    )
    baud: int = timing(
        1_000_000, "serial line", "bit/s", source="uart_rx_ctrl.vhd, UART_TX_GPIO_SRC.vhd; notebooks"
    )
    power_w: float = energy(0.305, "power, the static part included", "W", source=ESTIMATE)
    static_power_w: float = energy(0.074, "static power", "W", source=ESTIMATE)

    @property
    def step_ms(self) -> float:
        """Time step (ms)."""
        return 1e3 * self.time.step_s


CHIP = Chip()

_NEAREST = (
    "its cell adds weights to the potential and has no synaptic current that decays; IF_curr_delta is nearest"
)
LACKS = {
    **{name: _NEAREST for name in ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha")},
    "EIF_cond_exp_isfa_ista": "it has no exponential term and no adaptation; IF_curr_delta is nearest",
    "TsodyksMarkramSynapse": "it has no short-term plasticity; StaticSynapse is nearest",
    "DCSource": "it has a bias of one neuron only: i_offset of one cell; a spike source is nearest",
}
MODELS = (
    "IF_curr_delta", "StaticSynapse", "STDPMechanism", "SpikePairRule",
    "AdditiveWeightDependence",
)  # fmt: skip


def engine(network: Any, *, report: Any, threads: int = 1, **options: Any) -> Any:
    """Return the engine that runs `network` on the chip; Numba is imported here."""
    from functools import partial

    from pynn_ext.mapping.engine import ChipEngine

    from ._neurocorex.program import NeuroCoreXProgram

    return ChipEngine(
        network,
        partial(NeuroCoreXProgram, chip=CHIP, report=report),
        report=report,
        threads=threads,
        **options,
    )


def _program() -> Any:
    from pynn_ext.errors import NetworkError

    program = getattr(simulator.state.engine, "program", None)
    if program is None or not program.steps:
        raise NetworkError("nothing has run yet", where="NeuroCoreX", remedy="call run() before it")
    return program


def write_stream(path: str | Path) -> int:
    """Write the bytes that make a board repeat what was run: weights, parameters, flags, input spikes.

    Parameters
    ----------
    path : str or Path
        File; it is written whole or not at all.

    Returns
    -------
    int
        Number of bytes; each takes 10 us on the line.
    """
    from ._neurocorex import stream

    data = _program().stream()
    stream.write_stream(data, path)
    return len(data)


def run_on_board(port: str, timeout: float = 2.0) -> Any:
    """Send the same bytes to a board and return its spikes.

    Parameters
    ----------
    port : str
        Serial port, for example ``/dev/ttyUSB1``; needs pyserial.
    timeout : float
        Seconds without a byte after which the answer is complete.

    Returns
    -------
    ndarray of 0 and 1, shape (steps, 90)
        The last few spikes are missing: the chip does not send an incomplete byte.
    """
    from ._neurocorex import stream

    program = _program()
    expected = 1 + program.steps * CHIP.neurons // 8
    answer = stream.exchange(port, program.stream(), expected, timeout + program.steps * CHIP.step_ms * 1e-3)
    return stream.decode_spikes(answer)


def check_trace(connections: Any, name: str, options: Any) -> None:
    """Raise an error: no trace can be read."""
    from pynn_ext.mapping.engine import refuse_trace

    refuse_trace(connections, name)


from pynn_ext.frontend.chips import ChipSimulator  # noqa: E402
from pynn_ext.models.base import Cell, Electrode, Neuron, Receptor, Synapse  # noqa: E402
from pynn_ext.models.modulation import Modulation  # noqa: E402
from pynn_ext.models.stdp import TimingDependence, WeightDependence  # noqa: E402

KINDS = {
    Cell | Neuron | Receptor: _NEAREST,
    TimingDependence: "it learns by pairs of spikes in rectangular windows; SpikePairRule is nearest",
    WeightDependence: "amounts do not depend on the weight; AdditiveWeightDependence is nearest",
    Modulation: "nothing modulates its learning; a rule without modulator is nearest",
    Synapse: "its synapses add their weight, and learn by pairs of spikes; STDPMechanism is nearest",
    Electrode: LACKS["DCSource"],
}

simulator = ChipSimulator(
    __name__,
    "neurocorex",
    engine,
    models=MODELS,
    lacks=LACKS,
    kinds=KINDS,
    options={"clean": False, "leak": 0.0},
    check_trace=check_trace,
)
globals().update(simulator.namespace())
__all__ = sorted([*simulator.namespace(), "CHIP", "run_on_board", "write_stream"])  # noqa: PLE0605
