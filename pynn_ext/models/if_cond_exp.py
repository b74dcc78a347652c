"""Leaky integrate-and-fire cell with exponentially decaying synaptic conductances.

``dv/dt = (v_rest - v) / tau_m + (g_e (e_rev_E - v) + g_i (e_rev_I - v) + i_offset + i_inj) / cm``, ``dg/dt =
-g / tau_syn``. The conductances decay exactly; v takes an exponential step with the conductances of the
middle of the step, which is of second order."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_curr_exp import LIF_PARAMETERS

COND_PARAMETERS = {**LIF_PARAMETERS, "e_rev_E": "volt", "e_rev_I": "volt"}
SYNAPTIC_CURRENT = "gsyn_exc*(e_rev_E - v) + gsyn_inh*(e_rev_I - v) + i_offset + i_inj"
COND_MEMBRANE = f"dv/dt = (v_rest - v)/tau_m + ({SYNAPTIC_CURRENT})/cm : volt (unless refractory)\n"
EXPONENTIAL = "dgsyn_exc/dt = -gsyn_exc/tau_syn_E : siemens\ndgsyn_inh/dt = -gsyn_inh/tau_syn_I : siemens"
EXPONENTIAL_RECEPTORS = {"excitatory": ("gsyn_exc", 1.0), "inhibitory": ("gsyn_inh", 1.0)}


class IF_cond_exp(Cell, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_cond_exp",
        equations=COND_MEMBRANE + EXPONENTIAL,
        parameters=COND_PARAMETERS,
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
    )
