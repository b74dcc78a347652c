"""Fast Hebbian weights: what fired together is remembered in the synapse for half a second.

A presynaptic spike transmits ``weight + f``; a postsynaptic spike changes the fast part, ``f += eta x``, up to w_max; x
counts presynaptic spikes with decay tau_pre, and ``df/dt = -f/tau``. The weight itself does not change. Updated from
spike to spike, exactly: f is kept on a scale on which it is constant.

With f as a matrix, one presynaptic pattern x_s and one postsynaptic pattern v_s at a time, the drive ``f x_t =
sum_(s<t) exp(-(t - s)/tau) (x_t . x_s) v_s`` is that of linear attention: the state of the Dragon Hatchling language
model during inference (Kosowski et al. 2025, "The dragon hatchling", arXiv 2509.26507). Only the synapse is here, not
that model; its times are inferred."""

from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..network import Scale, SynapseModel
from .base import Synapse


class FastHebbianSynapse(Synapse, StandardSynapseType):
    """Synapse with a fast Hebbian part that decays.

    Parameters
    ----------
    weight : float
        Constant part, in units of the weight.
    delay : float
        ms.
    eta : float
        Change of the fast part per unit of the presynaptic trace, in units of the weight.
    tau, tau_pre : float
        Decay of the fast part and of the trace (ms).
    w_max : float
        Largest fast part.
    """

    status: ClassVar[str] = (
        "verified: equal to its equations and, volley by volley, to linear attention; times inferred"
    )
    units: ClassVar[dict[str, str]] = {
        "eta": "as the weight", "tau": "ms", "tau_pre": "ms", "w_max": "as the weight", "f": "as the weight"
    }  # fmt: skip
    default_parameters: ClassVar[dict[str, Any]] = {
        "weight": 0.0, "delay": None, "eta": 1.0, "tau": 500.0, "tau_pre": 20.0, "w_max": 1e6
    }  # fmt: skip
    default_initial_values: ClassVar[dict[str, Any]] = {"f": 0.0}
    synapse_model = SynapseModel(
        "FastHebbianSynapse",
        parameters={"eta": "1", "tau": "1", "tau_pre": "1", "w_max": "1"},
        state={"f": 0.0},
        pre_traces={"x": "tau_pre"},
        on_transmit="transmitted = weight + f/scale",
        on_post="f = clip(f + eta*x*scale, 0, w_max*scale)",
        scale=Scale("tau"),
        on_rescale="f = f/scale",
        observed=("f",),
    )
