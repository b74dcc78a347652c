"""Plasticity that depends on the postsynaptic potential (Clopath, Buesing, Vasilaki and Gerstner 2010, Nat. Neurosci.
13:344; NEST's ``clopath_synapse``).

x counts the presynaptic spikes with decay tau_x. With `ltp` and `ltd` of the postsynaptic cell, see `voltage_traces` ::

    dw/dt = A_LTP x/tau_x ltp(t)          presynaptic spike:  w -= A_LTD ltd(t) [(u_bar_bar - u_zero)^2/u_ref_squared]

the bracket with homeostatic = 1. The weight stays in [w_min, w_max]. The cell has to have these variables:
`AdEx_clopath` has them.

Potentiation is a product of a decaying trace and a signal, so it needs no step for each synapse: its integral over an
excursion of the potential is kept once for each cell, and given to the synapses when the excursion ends, or a
presynaptic spike comes. In time steps of h, ltp is taken as constant in a step.

A synapse with delay d and dendritic fraction f sees the presynaptic spike of t at t + (1 - f) d, and the potential of t
at t + f d. With f = 1, as in NEST, it compares the spike of t with the potential of t - d; the default is 0, with which
it compares what is at the cell body when the spike arrives there. Before the first step the potential was its initial
value (in NEST it had no effect). In single precision the change of a weight
is that of double precision to 1e-4, and what is below 6e-8 of the weight is lost at each event."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardSynapseType

from ..network import Scale, SynapseModel
from .base import Synapse

# clip(): of two spikes in a step the second finds nothing new, and x does not know the first
POTENTIATED = (
    "met = x*scale*integral\n"
    "weight = clip(weight + A_LTP/tau_x*clip(met - counted, 0, 1e300), w_min, w_max)\n"
)
PATHWAY = {"weight", "delay", "dendritic_delay_fraction"}
HOMEOSTASIS = "(1 + homeostatic*((u_bar_bar - u_zero)**2/u_ref_squared - 1))"


class ClopathSTDP(Synapse, StandardSynapseType):
    """Voltage-based plasticity.

    Parameters
    ----------
    weight : float
        In units of the weight, as are w_min and w_max.
    delay : float
        ms.
    dendritic_delay_fraction : float
        As that of `STDPMechanism`, from 0 to 1; of it the potential is late.
    A_LTP : float
        Amplitude of potentiation, in units of the weight per mV^2.
    A_LTD : float
        Amplitude of depression, in units of the weight per mV.
    tau_x : float
        Decay of the presynaptic trace (ms).
    homeostatic : float
        1 if depression grows with the mean potential, else 0.
    u_ref_squared, u_zero : float
        Its reference (mV^2), and where the mean potential counts from (mV): the resting potential, or 0 as in NEST.
    w_min, w_max : float
        Bounds of the weight.
    """

    status: ClassVar[str] = "verified against NEST: clopath_synapse"
    default_parameters: ClassVar[dict[str, Any]] = {
        "weight": 0.0, "delay": None, "dendritic_delay_fraction": 0.0, "A_LTP": 8e-5, "A_LTD": 14e-5, "tau_x": 15.0,
        "homeostatic": 0.0, "u_ref_squared": 60.0, "u_zero": -70.6, "w_min": 0.0, "w_max": 3.0,
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "weight": "mV", "delay": "ms", "A_LTP": "weight/mV^2", "A_LTD": "weight/mV", "tau_x": "ms",
        "u_ref_squared": "mV^2", "u_zero": "mV", "w_min": "as the weight", "w_max": "as the weight",
    }  # fmt: skip
    synapse_model = SynapseModel(
        "ClopathSTDP",
        parameters={name: "1" for name in default_parameters if name not in PATHWAY},
        state={"counted": 0.0},
        pre_traces={"x": "tau_x"},
        post_state={"ltp": "ltp", "ltd": "ltd", "u_bar_bar": "u_bar_bar"},
        on_pre=f"{POTENTIATED}weight = clip(weight - A_LTD*ltd*{HOMEOSTASIS}, w_min, w_max)\n"
        "counted = clip(counted, met, 1e300) + scale*integral",
        scale=Scale("tau_x", "ltp"),
        on_rescale=f"{POTENTIATED}counted = 0",
        needs="AdEx_clopath, or another cell with voltage traces",
    )
