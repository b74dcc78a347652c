"""STDP that dopamine gates through an eligibility trace (Izhikevich 2007, Cereb. Cortex 17:2443).

x and y count the spikes of the pre- and the postsynaptic side with decay tau_plus and tau_minus. A pair changes
the eligibility, not the weight: at a presynaptic spike ``c -= A_minus y``, at a postsynaptic one ``c += A_plus
x``, ``dc/dt = -c/tau_c``. The weight follows ``dw/dt = c (n - b)``, n being the concentration of a `DopaminePool`,
and stays in [w_min, w_max].

It is event-driven and exact: while n decays, over a time e that begins with c0 and n0, ``w += c0 (n0/s (1 - e^(-e
s)) - b tau_c (1 - e^(-e/tau_c)))`` with ``s = 1/tau_c + 1/tau_n``. All synapses are brought up to date in the step
after a release, and when a run ends, so that weights are those of that moment; the cost is one pass over the
synapses per release. NEST's ``stdp_dopamine_synapse`` brings a synapse up to date at its own spikes and at the end
of an interval of its volume transmitter."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..errors import UnsupportedError
from ..network import SynapseModel
from .base import Synapse

PART = """gained = {n}/s*(exp({time}/tau_n) - exp(-{time}/tau_c)) - b*tau_c*(1 - exp(-{time}/tau_c))
weight = clip(weight + c*gained, w_min, w_max)
c = c*exp(-{time}/tau_c)
"""
# the time before the last step, which ended with a release, and the rest; n at the end of each
UP_TO_DATE = (
    "s = 1/tau_c + 1/tau_n\n"
    "older = clip(t/ms - last - dt/ms, 0, 1e300)\n"
    "newer = t/ms - last - older\n"
    + PART.format(time="older", n="(n*exp(dt/ms/tau_n) - jump)")
    + PART.format(time="newer", n="n")
    + "last = t/ms\n"
)
# at a spike nothing was released since: a step with a release begins with bringing all synapses up to date
AT_SPIKE = (
    "s = 1/tau_c + 1/tau_n\nelapsed = t/ms - last\n" + PART.format(time="elapsed", n="n") + "last = t/ms\n"
)


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
    synapse_model = SynapseModel(
        "DopamineSTDP",
        parameters={
            name: "1"
            for name in (
                "A_plus", "A_minus", "tau_plus", "tau_minus", "tau_c", "tau_n", "b", "w_min", "w_max",
            )
        },
        state={"c": 0.0, "last": 0.0},
        pre_traces={"x": "tau_plus"},
        post_traces={"y": "tau_minus"},
        modulator_state={"n": "n", "jump": "jump", "due": "due"},
        on_pre=AT_SPIKE + "c = c - A_minus*y",
        on_post=AT_SPIKE + "c = c + A_plus*x",
        on_step=UP_TO_DATE,
        on_step_when="due",
        observed={"c": "tau_c", "n": ""},
    )  # fmt: skip

    def __init__(self, modulator: Any = None, **parameters: Any) -> None:
        if "n" not in getattr(getattr(modulator, "group", None), "state", {}):
            raise UnsupportedError(
                "DopamineSTDP was given no modulator",
                limit="its weights follow the concentration n of a Population of DopaminePool",
                remedy="for example modulator=sim.Population(1, sim.DopaminePool())",
            )
        self.modulator = modulator
        super().__init__(**parameters)

    def parameters_from_target(self, cell_parameters: dict[str, Any], receptor: str) -> dict[str, Any]:
        """Return ``tau_n`` of the modulator."""
        tau = self.modulator.group.parameters["tau_n"]
        return {"tau_n": float(tau) if tau.ndim == 0 else tau}
