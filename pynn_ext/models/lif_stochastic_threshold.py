"""Leaky integrate-and-fire neuron with escape noise in place of a sharp threshold (Gerstner et al. 2014, Neuronal
Dynamics, section 9.1).

``dv/dt = (v_rest - v) / tau_m + (i_syn + i_offset + i_inj) / cm``. In a step the neuron fires with probability ``1 -
exp(-dt lambda0 exp((v - v_thresh) / delta_v))``, at the end of the step, with v of that time. lambda0 is the rate at
threshold, in Hz as in PyNN's ``GIF_cond_exp``. NEST's ``pp_psc_delta`` and sPyNNaker's stochastic thresholds follow
the same law. v is exact with current-based receptors."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType

from .composition import Membrane
from .neuron_cell import NeuronCell


class LIF_stochastic_threshold(NeuronCell, StandardCellType):
    """Leaky integrate-and-fire neuron with escape noise and exponential currents."""

    status = "exact: distribution of intervals, in closed form"
    default_parameters: ClassVar[dict[str, Any]] = {
        **{"cm": 1.0, "tau_m": 20.0, "tau_refrac": 2.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0},
        **{"i_offset": 0.0, "lambda0": 100.0, "delta_v": 1.0},
    }
    default_initial_values: ClassVar[dict[str, float]] = {"v": -65.0}
    recordable: ClassVar[list[str]] = ["spikes", "v"]
    units: ClassVar[dict[str, str]] = {
        **{"cm": "nF", "tau_m": "ms", "tau_refrac": "ms", "v_rest": "mV", "v_reset": "mV", "v_thresh": "mV"},
        **{"i_offset": "nA", "lambda0": "Hz", "delta_v": "mV", "v": "mV"},
    }
    membrane = Membrane(
        equations="dv/dt = (v_rest - v)/tau_m + (i_syn + i_offset + i_inj)/cm : volt (unless refractory)",
        parameters={
            **{"v_rest": "volt", "cm": "farad", "tau_m": "second", "tau_refrac": "second", "i_offset": "amp"},
            **{"v_reset": "volt", "v_thresh": "volt", "lambda0": "hertz", "delta_v": "volt"},
        },
        # lambda0 is in Hz and everything else in units that go together
        threshold="rand() < 1 - exp(-dt*1e-3*lambda0*exp(clip((v - v_thresh)/delta_v, -500, 500)))",
        reset="v = v_reset",
        linear=True,
    )
