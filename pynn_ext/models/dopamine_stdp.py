"""STDP that dopamine gates through an eligibility trace (Izhikevich 2007, Cereb. Cortex 17:2443).

x and y count the spikes of the pre- and the postsynaptic side with decay tau_plus and tau_minus. A pair changes
the eligibility, not the weight: at a presynaptic spike ``c -= A_minus y``, at a postsynaptic one ``c += A_plus
x``, ``dc/dt = -c/tau_c``. The weight follows ``dw/dt = c (n - b)``, n being the concentration of a `DopaminePool`,
and stays in [w_min, w_max].

It is event-driven and exact, as `EligibilityModulation` says, of which this is the case of pairs that change c by
amounts in units of the weight. NEST's ``stdp_dopamine_synapse`` brings a synapse up to date at its own spikes, at
releases and at the end of an interval of its volume transmitter."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from .base import Synapse
from .modulation import EligibilityModulation, eligible
from .pairing import Rule
from .stdp import WeightDependence

PAIRS = Rule({"x": "tau_plus"}, {"y": "tau_minus"}, "-A_minus*y", "A_plus*x")
PARAMETERS = ("A_plus", "A_minus", "tau_plus", "tau_minus", "tau_c", "b", "w_min", "w_max")


class DopamineSTDP(Synapse, StandardSynapseType):
    """STDP with eligibility traces, gated by dopamine.

    Parameters
    ----------
    modulator : Population
        Of `DopaminePool`: one cell, or as many as there are postsynaptic ones.
    weight : float
        In units of the weight, as are w_min and w_max.
    delay : float
        ms.
    dendritic_delay_fraction : float
        As that of `STDPMechanism`.
    A_plus, A_minus : float
        What a pair adds to the eligibility, in units of the weight (dopamine has a time integral of 1 per spike).
    tau_plus, tau_minus, tau_c : float
        Decay of the two spike traces and of the eligibility (ms).
    b : float
        Concentration without effect (kHz).
    w_min, w_max : float
        Bounds of the weight.
    """

    status = "verified against NEST: stdp_dopamine_synapse, to nine digits"
    default_parameters: ClassVar[dict[str, Any]] = {
        "weight": 0.0, "delay": None, "dendritic_delay_fraction": 1.0, "A_plus": 1.0, "A_minus": 1.5, "tau_plus": 20.0,
        "tau_minus": 20.0, "tau_c": 1000.0, "b": 0.0, "w_min": 0.0, "w_max": 200.0,
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("tau_plus", "tau_minus", "tau_c", "delay"), "ms"),
        **dict.fromkeys(("A_plus", "A_minus", "w_min", "w_max"), "as the weight"),
        "b": "kHz",
        "c": "as the weight",
        "n": "kHz",
    }
    synapse_model = eligible(
        PAIRS,
        WeightDependence,
        {"n": "n"},
        "tau_n",
        name="DopamineSTDP",
        parameters=dict.fromkeys(PARAMETERS, "1"),
    )

    def __init__(self, modulator: Any = None, **parameters: Any) -> None:
        self.modulator = EligibilityModulation(modulator, "n").population  # which refuses others
        super().__init__(**parameters)
