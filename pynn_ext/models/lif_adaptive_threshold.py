"""Leaky integrate-and-fire neuron whose threshold grows with every spike (Diehl and Cook 2015, Front. Comput. Neurosci.
9:99).

``dv/dt = (v_rest - v) / tau_m + (i_syn + i_offset + i_inj) / cm``; a spike at ``v > v_thresh + theta - offset``, then
v = v_reset and ``theta += theta_plus``; ``dtheta/dt = -theta / tau_theta``. With adapt = 0 theta stands still, as in
a test after learning. With slowing = 1 the growth is ``theta_plus 10 mV / |theta - 10 mV|`` (Hao et al. 2020, Neural
Netw. 121:387).

By itself it has exponential conductances, as in the two papers; v takes an exponential step with the conductances of
the middle of the step, and is exact with current-based receptors."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType

from .composition import Membrane
from .neuron_cell import NeuronCell


class LIF_adaptive_threshold(NeuronCell, StandardCellType):
    """Leaky integrate-and-fire neuron with a threshold that grows with every spike, and exponential conductances."""

    status = "exact: threshold after n spikes, in closed form"
    conductance_based = True
    default_parameters: ClassVar[dict[str, Any]] = {
        **{
            "cm": 1.0,
            "tau_m": 100.0,
            "tau_refrac": 5.0,
            "v_rest": -65.0,
            "v_reset": -65.0,
            "v_thresh": -52.0,
        },
        **{
            "i_offset": 0.0,
            "offset": 20.0,
            "theta_plus": 0.05,
            "tau_theta": 1e7,
            "adapt": 1.0,
            "slowing": 0.0,
        },
        **{"tau_syn_E": 1.0, "tau_syn_I": 2.0, "e_rev_E": 0.0, "e_rev_I": -100.0},
    }
    default_initial_values: ClassVar[dict[str, float]] = {"v": -65.0, "theta": 20.0}
    recordable: ClassVar[list[str]] = ["spikes", "v", "theta"]
    units: ClassVar[dict[str, str]] = {
        **{"cm": "nF", "tau_m": "ms", "tau_refrac": "ms", "v_rest": "mV", "v_reset": "mV", "v_thresh": "mV"},
        **{
            "i_offset": "nA",
            "offset": "mV",
            "theta_plus": "mV",
            "tau_theta": "ms",
            "adapt": "",
            "slowing": "",
        },
        **{"v": "mV", "theta": "mV"},
    }
    membrane = Membrane(
        equations="dv/dt = (v_rest - v)/tau_m + (i_syn + i_offset + i_inj)/cm : volt (unless refractory)\n"
        "dtheta/dt = -adapt*theta/tau_theta : volt",
        parameters={
            **{"v_rest": "volt", "cm": "farad", "tau_m": "second", "tau_refrac": "second", "i_offset": "amp"},
            **{"v_reset": "volt", "v_thresh": "volt", "offset": "volt", "theta_plus": "volt"},
            **{"tau_theta": "second", "adapt": "1", "slowing": "1"},
        },
        threshold="v > v_thresh + theta - offset",
        # 1e-9 mV keeps the growth finite at theta = 10 mV
        reset="v = v_reset\n"
        "theta += adapt*theta_plus*(1 - slowing + slowing*10*mV/(abs(theta - 10*mV) + 1e-9*mV))",
        linear=True,
    )
