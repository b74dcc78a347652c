"""Loihi: 128 asynchronous cores of 1024 compartments, in the chip's integers.

Time contract: barrier. A step lasts until its slowest core and message are done, then the barrier ends it; spikes are
never late, and a step takes another time each time. "Cycle-accurate" means event times in ns, for the chip has no
clock. The arithmetic (`_loihi.compartments`, `_loihi.weights`) equals brian2-loihi, nengo-loihi and Lava to the bit
wherever they agree with each other; learning (`_loihi.learning`) is that of Lava, whose order of roundings and random
numbers the chip need not share.

``setup`` takes ``chips`` (a number, or ``"auto"`` for as many as are needed), ``costs`` (``"davies"``, published before
silicon, or ``"sanafe"``, fitted to silicon), ``timing`` (``"simple"``, ``"detailed"`` or ``"cycle"``), ``partition``
and ``placement`` (methods of `pynn_ext.mapping`), and ``epoch`` (steps between updates of weights). The usual time
step is 1 ms.

Cells with two synaptic time constants, and alpha functions, take two or three compartments joined by addition; the
chip has such joins, but no description of them to the bit is public.

Not modelled: other joins, the chip's own noise and rounding generators (not public), graded reward,
links between chips, the embedded processors, and what the host needs to send input and change biases.

Sources: M. Davies et al., IEEE Micro 38(1):82-99 (2018); M. Davies et al., Proc. IEEE 109(5) (2021); nengo-loihi 1.1.0
(limits of the builder); J. Boyle et al., IEEE TCAD 44(8) (2025); E. P. Frady et al., NICE 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Chip:
    """Limits of the chip; `sources` says where each number comes from."""

    name: str = "Loihi"
    cores: int = 128
    cores_per_tile: int = 4
    tile_columns: int = 8
    tile_rows: int = 4
    compartments: int = 1024
    accumulators: int = 8 * 1024
    input_axons: int = 4096
    output_axons: int = 4096
    memory_words: int = 16384
    word_bits: int = 64
    weight_bits: int = 8
    list_header_bits: int = 10
    list_block: int = 64
    profiles: int = 32
    delay_max: int = 62
    refractory_max: int = 62
    threshold_bits: int = 17
    current_bits: int = 24
    accumulator_bits: int = 22
    decay_bits: int = 12
    sources: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {
                "cores": "Davies 2018",
                "cores_per_tile": "Davies 2018, 1 to 32 tiles",
                "tile_columns": "SANA-FE arch/loihi.yaml",
                "tile_rows": "SANA-FE arch/loihi.yaml",
                "compartments": "Davies 2018, p. 86",
                "accumulators": "nengo-loihi: 8 delay slots for 1024 compartments; more slots leave fewer",
                "input_axons": "Davies 2018, p. 89, constraint 4",
                "output_axons": "Davies 2018, p. 89, constraint 3",
                "memory_words": "Davies 2018, p. 89, constraint 2: 128 KB",
                "word_bits": "nengo-loihi, block.py",
                "weight_bits": "Davies 2018, p. 87: 1 to 9 bits with sign",
                "list_header_bits": "nengo-loihi, bits_per_axon: 4 + 6",
                "list_block": "nengo-loihi, bits_per_axon",
                "profiles": "nengo-loihi, hardware builder",
                "delay_max": "Davies 2018, p. 92",
                "refractory_max": "nengo-loihi: register of 6 bits, 1 means none",
                "threshold_bits": "Lava, nengo-loihi",
                "current_bits": "nengo-loihi U_BITS and sign",
                "accumulator_bits": "nengo-loihi Q_BITS and sign",
                "decay_bits": "Davies 2018; Lava",
            }
        )
    )


CHIP = Chip()
MODELS = (
    "IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "StaticSynapse",
    "STDPMechanism", "SpikePairRule", "AdditiveWeightDependence", "DCSource", "StepCurrentSource", "ACSource",
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
    "MultiplicativeWeightDependence": "not done yet; nearest: AdditiveWeightDependence",
    "GutigWeightDependence": "weights enter a rule as products, not as powers; nearest: AdditiveWeightDependence",
    "NoisyCurrentSource": "the chip's noise has another distribution; nearest: SpikeSourcePoisson",
}
TIMINGS = ("simple", "detailed", "cycle")
OPTIONS = {
    "chip": CHIP, "chips": "auto", "costs": "davies", "timing": "simple", "partition": "greedy", "placement": "refine",
    "epoch": 1,
}  # fmt: skip


def program(network: Any, roundings: Any, chip: Chip = CHIP, **settings: Any) -> Any:
    """Return a network as a program of the chip.

    Raises
    ------
    MappingError
        With everything that does not fit.
    """
    from pynn_ext.backends._loihi.costs import SETS
    from pynn_ext.backends._loihi.program import LoihiProgram

    from pynn_ext.errors import NetworkError, suggestion

    for name, known in (("costs", SETS), ("timing", TIMINGS)):
        if settings[name] not in known:
            raise NetworkError(
                f"{name}={settings[name]!r}", where="setup", remedy=suggestion(settings[name], known)
            )
    return LoihiProgram(network, roundings, chip, settings)


def engine(network: Any, **options: Any) -> Any:
    """Return the engine for a network."""
    from pynn_ext.mapping.engine import ChipEngine

    return ChipEngine(network, program, **options)


from pynn_ext.frontend.chips import ChipSimulator  # noqa: E402

simulator = ChipSimulator(__name__, "loihi", engine, models=MODELS, lacks=LACKS, options=OPTIONS)
globals().update(simulator.namespace())
__all__ = sorted(simulator.namespace())  # noqa: PLE0605
