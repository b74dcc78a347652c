"""Leaky integrate-and-fire cell with alpha-shaped synaptic conductances.

As `IF_cond_exp`, but ``dg/dt = (x - g) / tau_syn``, ``dx/dt = -x / tau_syn``; a spike adds ``e w`` to x, so
that g peaks at w after tau_syn. The conductances are
exact, v takes the same exponential step with those of the middle of the step."""

import math

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import COND_MEMBRANE, COND_PARAMETERS

ALPHA = """dgsyn_exc/dt = (x_exc - gsyn_exc)/tau_syn_E : siemens
dx_exc/dt = -x_exc/tau_syn_E : siemens
dgsyn_inh/dt = (x_inh - gsyn_inh)/tau_syn_I : siemens
dx_inh/dt = -x_inh/tau_syn_I : siemens"""
ALPHA_RECEPTORS = {"excitatory": ("x_exc", math.e), "inhibitory": ("x_inh", math.e)}


class IF_cond_alpha(Cell, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_cond_alpha",
        equations=COND_MEMBRANE + ALPHA,
        parameters=COND_PARAMETERS,
        receptors=ALPHA_RECEPTORS,
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
    )
