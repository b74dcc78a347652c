"""Leaky integrate-and-fire neuron, for use in a `PointNeuron`.

``dv/dt = (v_rest - v) / tau_m + (i_syn + i_offset + i_inj) / cm``. Exact with current-based receptors; otherwise v
takes an exponential step with the conductances of the middle of the step, as in `IF_cond_exp`."""

from pyNN.standardmodels import cells

from .base import Neuron
from .composition import Membrane


class LIF(Neuron, cells.LIF):
    __doc__ = cells.LIF.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    membrane = Membrane(
        equations="dv/dt = (v_rest - v)/tau_m + (i_syn + i_offset + i_inj)/cm : volt (unless refractory)",
        parameters={
            "v_rest": "volt",
            "cm": "farad",
            "tau_m": "second",
            "tau_refrac": "second",
            "i_offset": "amp",
            "v_reset": "volt",
            "v_thresh": "volt",
        },
        threshold="v >= v_thresh",
        reset="v = v_reset",
        linear=True,
    )
