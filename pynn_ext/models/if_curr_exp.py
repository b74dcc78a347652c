"""Leaky integrate-and-fire cell with exponentially decaying synaptic currents.

``dv/dt = (v_rest - v) / tau_m + (isyn_exc + isyn_inh + i_offset + i_inj) / cm``, ``di/dt = -i / tau_syn``,
integrated exactly (Rotter and Diesmann 1999, Biol. Cybern. 81:381), as NEST's ``iaf_psc_exp``."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell

LIF_PARAMETERS = {
    "v_rest": "volt",
    "cm": "farad",
    "tau_m": "second",
    "tau_refrac": "second",
    "tau_syn_E": "second",
    "tau_syn_I": "second",
    "i_offset": "amp",
    "v_reset": "volt",
    "v_thresh": "volt",
}
CURRENT_MEMBRANE = (
    "dv/dt = (v_rest - v)/tau_m + (isyn_exc + isyn_inh + i_offset + i_inj)/cm : volt (unless refractory)\n"
)


class IF_curr_exp(Cell, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_curr_exp",
        equations=CURRENT_MEMBRANE
        + "disyn_exc/dt = -isyn_exc/tau_syn_E : amp\n"
        + "disyn_inh/dt = -isyn_inh/tau_syn_I : amp",
        parameters=LIF_PARAMETERS,
        receptors={"excitatory": ("isyn_exc", 1.0), "inhibitory": ("isyn_inh", 1.0)},
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
        method="exact",
    )
