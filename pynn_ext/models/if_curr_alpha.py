"""Leaky integrate-and-fire cell with alpha-shaped synaptic currents.

As `IF_curr_exp`, but ``di/dt = (x - i) / tau_syn``, ``dx/dt = -x / tau_syn``; a spike adds ``e w`` to x, so
that i peaks at w after tau_syn. Integrated exactly, as NEST's ``iaf_psc_alpha``."""

import math

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_curr_exp import CURRENT_MEMBRANE, LIF_PARAMETERS


class IF_curr_alpha(Cell, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_curr_alpha",
        equations=CURRENT_MEMBRANE
        + "disyn_exc/dt = (x_exc - isyn_exc)/tau_syn_E : amp\n"
        + "dx_exc/dt = -x_exc/tau_syn_E : amp\n"
        + "disyn_inh/dt = (x_inh - isyn_inh)/tau_syn_I : amp\n"
        + "dx_inh/dt = -x_inh/tau_syn_I : amp",
        parameters=LIF_PARAMETERS,
        receptors={"excitatory": ("x_exc", math.e), "inhibitory": ("x_inh", math.e)},
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
        method="exact",
    )
