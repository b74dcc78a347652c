"""Loihi: 128 asynchronous cores of 1024 compartments, in the chip's integers.

Time contract: barrier. A step lasts until its slowest core and message are done, then the barrier ends it; spikes are
never late, and a step takes another time each time. "Cycle-accurate" means event times in ns, for the chip has no
clock. The arithmetic (`_loihi.compartments`, `_loihi.weights`) equals brian2-loihi, nengo-loihi and Lava to the bit
wherever they agree with each other; learning (`_loihi.learning`) is that of Lava, whose order of roundings and random
numbers the chip need not share.

``setup`` takes ``chip`` (a revision: a record, or what differs, such as ``{"weight_bits": 4}``), ``chips`` (a number,
or ``"auto"`` for as many as are needed), ``costs`` (``"davies"``, published before silicon, or ``"sanafe"``, fitted to
silicon), ``timing`` (``"simple"``, ``"detailed"`` or ``"cycle"``), ``partition`` and ``placement`` (methods of
`pynn_ext.mapping`), ``epoch`` (steps between updates of weights) and ``arithmetic`` (``"chip"``, or ``"float"`` for
the quantised network in floating point). The usual time step is 1 ms.

Cells with two synaptic time constants, and alpha functions, take two or three compartments joined by addition; the
chip has such joins, but no description of them to the bit is public.

Not modelled: other joins, the chip's own noise and rounding generators (not public), graded reward,
links between chips, the embedded processors, and what the host needs to send input and change biases.

Sources: M. Davies et al., IEEE Micro 38(1):82-99 (2018); M. Davies et al., Proc. IEEE 109(5) (2021); nengo-loihi 1.1.0
(limits of the builder); J. Boyle et al., IEEE TCAD 44(8) (2025); E. P. Frady et al., NICE 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pynn_ext.chip.contracts import Barrier
from pynn_ext.chip.formats import Format
from pynn_ext.chip.record import arithmetic, energy, limit, revision, timing

from ._loihi import formats
from ._loihi.costs import SETS

DAVIES_2018, NENGO = "Davies 2018", "nengo-loihi 1.1.0"


@dataclass(frozen=True)
class Chip:
    """The chip; ``dataclasses.replace`` makes another revision."""

    name: str = "Loihi"
    cores: int = limit(128, "cores of a chip", source=DAVIES_2018)
    cores_per_tile: int = limit(4, "cores at a router", source=f"{DAVIES_2018}: 1 to 32 tiles")
    tile_columns: int = limit(8, "routers in a row", source="SANA-FE 2.2.9, arch/loihi.yaml")
    tile_rows: int = limit(4, "routers in a column", source="SANA-FE 2.2.9, arch/loihi.yaml")
    compartments: int = limit(1024, "compartments of a core", source=f"{DAVIES_2018}, p. 86")
    accumulators: int = limit(
        8192, "accumulators of a core, one for each compartment and step of delay",
        source=f"{NENGO}: 8 for each of 1024 compartments; more delays leave fewer compartments",
    )  # fmt: skip
    input_axons: int = limit(4096, "input axons of a core", source=f"{DAVIES_2018}, p. 89, constraint 4")
    output_axons: int = limit(4096, "output axons of a core", source=f"{DAVIES_2018}, p. 89, constraint 3")
    memory_words: int = limit(
        16384, "words of synaptic memory of a core", source=f"{DAVIES_2018}, p. 89, constraint 2: 128 KB"
    )
    word_bits: int = limit(64, "width of a word", "bit", source=f"{NENGO}, block.py")
    weight_bits: int = limit(
        8, "width of a stored weight", "bit", source=f"{DAVIES_2018}, p. 87: 1 to 9 with sign"
    )
    list_header_bits: int = limit(10, "header of a list", "bit", source=f"{NENGO}, bits_per_axon: 4 + 6")
    list_block: int = limit(64, "synapses of a block of a list", source=f"{NENGO}, bits_per_axon")
    profiles: int = limit(
        32, "sets of decays, threshold and refractoriness of a core", source=f"{NENGO}, hardware builder"
    )
    delay_max: int = limit(62, "longest delay", "steps", source=f"{DAVIES_2018}, p. 92")
    refractory_max: int = limit(
        62, "longest refractory period", "steps", source=f"{NENGO}: register of 6 bits, 1 means none"
    )
    accumulator: Format = arithmetic(
        formats.ACCUMULATOR, "accumulator of a step", source=f"{NENGO}, Q_BITS and sign; wraps there alone"
    )
    current: Format = arithmetic(formats.CURRENT, "synaptic current u", source=f"{NENGO}, U_BITS and sign")
    potential: Format = arithmetic(
        formats.POTENTIAL, "membrane potential v", source=f"{NENGO} and Lava 0.10.0; saturates"
    )
    decay: Format = arithmetic(formats.DECAY, "decays of u and v", source=f"{DAVIES_2018}; Lava 0.10.0")
    threshold: Format = arithmetic(formats.THRESHOLD, "threshold", source=f"Lava 0.10.0, {NENGO}")
    bias: Format = arithmetic(formats.BIAS, "bias, times 2^0 to 2^7", source=f"Lava 0.10.0, {NENGO}")
    weight: Format = arithmetic(
        formats.WEIGHT, "effective weight, times 2^-8 to 2^7; mixed signs in steps of 2",
        source=f"brian2-loihi 0.5.2, {NENGO}",
    )  # fmt: skip
    trace: Format = arithmetic(formats.TRACE, "traces of learning", source=f"{DAVIES_2018}; Lava 0.10.0")
    time: Barrier = timing(
        Barrier(), "a step lasts until its slowest core and message are done", source=f"{DAVIES_2018}, p. 86"
    )
    leakage_w: float = energy(
        3.34 / 32, "leakage of a chip", "W", source="E. P. Frady et al., NICE 2020: 3.34 W for 32 chips"
    )


CHIP = Chip()
#: Energy and time of operations: sets that disagree, of which one is chosen.
COSTS = SETS
MODELS = (
    "IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "StaticSynapse",
    "STDPMechanism", "DopamineSTDP", "DopaminePool", "ModulatorPool", "DCSource", "StepCurrentSource", "ACSource",
)  # fmt: skip
LACKS = {
    "IF_cond_exp": "synapses add currents, there are no conductances; nearest: IF_curr_exp",
    "IF_cond_alpha": "synapses add currents, there are no conductances; nearest: IF_curr_exp",
    "IF_cond_exp_gsfa_grr": "there are no conductances and no adaptation; nearest: IF_curr_exp",
    "HH_cond_exp": "a compartment has one linear leak and no gates; nearest: IF_curr_exp",
    "EIF_cond_exp_isfa_ista": "a compartment is linear below threshold; nearest: IF_curr_exp",
    "EIF_cond_alpha_isfa_ista": "a compartment is linear below threshold; nearest: IF_curr_exp",
    "Izhikevich": "a compartment is linear below threshold; nearest: IF_curr_exp",
    "TsodyksMarkramSynapse": "synapses have no short-term plasticity; nearest: StaticSynapse",
    "NoisyCurrentSource": "the chip's noise has another distribution; nearest: SpikeSourcePoisson",
}
TIMINGS = ("simple", "detailed", "cycle")
OPTIONS = {
    "chip": CHIP, "chips": "auto", "costs": "davies", "timing": "simple", "partition": "greedy", "placement": "refine",
    "epoch": 1, "arithmetic": "chip",
}  # fmt: skip


def program(network: Any, roundings: Any, chip: Any = CHIP, placer: Any = None, **settings: Any) -> Any:
    """Return a network as a program of the chip.

    Raises
    ------
    NetworkError
        If there is no such chip, or a setting has a value that it cannot have.
    MappingError
        With everything that does not fit.
    """
    from pynn_ext.backends._loihi.program import LoihiProgram
    from pynn_ext.backends._loihi.settings import checked

    record = revision(chip, CHIP, {CHIP.name.lower(): CHIP})
    checked(record, CHIP, {"costs": COSTS, "timing": TIMINGS}, settings)
    return LoihiProgram(network, roundings, record, settings, placer)


def engine(network: Any, **options: Any) -> Any:
    """Return the engine for a network."""
    from pynn_ext.backends._loihi.floating_engine import FloatingEngine
    from pynn_ext.backends._loihi.placement import Placer

    from pynn_ext.errors import NetworkError, suggestion
    from pynn_ext.mapping.engine import ChipEngine

    engines = {"chip": ChipEngine, "float": FloatingEngine}
    arithmetic = options.pop("arithmetic", "chip")
    if arithmetic not in engines:
        raise NetworkError(
            f"arithmetic={arithmetic!r}", where="setup", remedy=suggestion(str(arithmetic), engines)
        )
    return engines[arithmetic](network, program, placer=Placer(), **options)


def check_trace(connections: Any, name: str, options: Any) -> None:
    """Raise an error if a trace of plastic synapses cannot be recorded."""
    if options["arithmetic"] == "float":
        from pynn_ext.backends._loihi.floating_engine import refuse_trace

        refuse_trace(connections, name)
    from pynn_ext.backends._loihi import plasticity

    plasticity.check_trace(connections, name)


from pynn_ext.frontend.chips import ChipSimulator  # noqa: E402
from pynn_ext.models.base import Cell, Electrode, Neuron, Receptor, Synapse  # noqa: E402
from pynn_ext.models.modulation import Modulation  # noqa: E402
from pynn_ext.models.registry import all_models  # noqa: E402
from pynn_ext.models.stdp import TimingDependence, WeightDependence  # noqa: E402

#: Steps on the way to the chip. Its interconnect is no step: behind a barrier spikes are never late.
STAGES = {"quantised, in floating point": {"arithmetic": "float"}}
#: All synapses and rules may be tried: which of them are sums of products is seen from their statements.
RULES = [
    name
    for name, model in all_models().items()
    if issubclass(model, Synapse | TimingDependence | WeightDependence | Modulation) and name not in LACKS
]
KINDS = {
    Receptor: "a compartment has exponential currents and no other receptors; nearest: IF_curr_exp",
    Cell | Neuron: "a compartment is one linear leaky integrator; nearest: IF_curr_exp",
    Electrode: "the host sets biases, which are constant in a step; nearest: DCSource",
}
simulator = ChipSimulator(
    __name__,
    "loihi",
    engine,
    models=(*MODELS, *RULES),
    lacks=LACKS,
    kinds=KINDS,
    options=OPTIONS,
    stages=STAGES,
    check_trace=check_trace,
)
globals().update(simulator.namespace())
__all__ = sorted(simulator.namespace())  # noqa: PLE0605
