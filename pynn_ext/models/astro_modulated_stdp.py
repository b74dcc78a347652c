"""Pair plasticity whose depression an astrocyte sets (Ivanov and Michmizos 2021, NeurIPS, NALSM).

x and y count the spikes of the pre- and the postsynaptic side with decay tau, each spike worth `amplitude`. An
excitatory synapse (and one from the input) is potentiated by A_plus and depressed by A_minus ::

    postsynaptic spike: w += A_plus x        presynaptic spike: w -= A_minus y

and one with `inhibitory` = 1, whose weight is negative, the other way round: ``w -= A_minus x``, ``w += A_plus y``.
The weight stays in [w_min, w_max]. A_minus is the state of an astrocyte. That may be the signal of a population, given
as `modulator`: a `ModulatorPool` that the spikes of the network and of its input reach. Or the learning procedure
`Astrocyte` follows the activity of the network and sets it while the network runs. Without either it is constant, and
the rule is ordinary additive STDP.

Pairs of the same step do not count, and all of the delay is dendritic, so that a synapse sees a postsynaptic spike a
delay later; the authors' code has no delay in its rule."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from .base import Synapse
from .modulation import GainModulation, direct
from .pairing import Rule
from .stdp import WeightDependence

RULE = Rule(
    {"x": "tau"},
    {"y": "tau"},
    on_pre="amplitude*(inhibitory*A_plus - (1 - inhibitory)*A_minus)*y",
    on_post="amplitude*((1 - inhibitory)*A_plus - inhibitory*A_minus)*x",
)
PARAMETERS = ("A_plus", "A_minus", "amplitude", "tau", "w_min", "w_max", "inhibitory")


class AstroModulatedSTDP(Synapse, StandardSynapseType):
    """Additive pair plasticity with a depression that may be set while the network runs.

    Parameters
    ----------
    modulator : Population, optional
        One cell, or as many as there are postsynaptic ones, whose signal takes the place of A_minus.
    variable : str, optional
        Their state variable; pools name theirs.
    weight : float
        In units of the weight, as are A_plus, A_minus, w_min and w_max.
    delay : float
        ms.
    A_plus, A_minus : float
        Potentiation, and depression (the astrocyte's).
    amplitude : float
        Worth of a spike in the traces.
    tau : float
        Decay of the traces (ms).
    inhibitory : float
        1 for the rule of inhibitory synapses, else 0.
    """

    status: ClassVar[str] = (
        "verified: changes equal to the equations; a branching factor of 1 after learning is not reproduced"
    )
    units: ClassVar[dict[str, str]] = {
        "A_plus": "as the weight", "A_minus": "as the weight", "tau": "ms", "w_min": "as the weight",
        "w_max": "as the weight",
    }  # fmt: skip
    default_parameters: ClassVar[dict[str, Any]] = {
        "weight": 0.0, "delay": None, "A_plus": 0.15, "A_minus": 0.15, "amplitude": 0.1, "tau": 10.0, "w_min": 0.0,
        "w_max": 3.0, "inhibitory": 0.0,
    }  # fmt: skip
    synapse_model = direct(
        RULE, WeightDependence, name="AstroModulatedSTDP", parameters=dict.fromkeys(PARAMETERS, "1")
    )

    def __init__(self, modulator: Any = None, variable: str = "", **parameters: Any) -> None:
        super().__init__(**parameters)
        self.modulator = modulator
        if modulator is not None:
            astrocyte = GainModulation(modulator, variable)
            rule = RULE.with_name("A_minus", "signal")
            self.synapse_model = direct(
                rule,
                WeightDependence,
                name="AstroModulatedSTDP with a modulator",
                parameters=dict.fromkeys(PARAMETERS, "1"),
                modulator_state={"signal": astrocyte.variable},
                observed=("signal",),
            )
