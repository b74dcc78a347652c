"""Leaky integrate-and-fire cell of the FACETS hardware, stage 1: `IF_cond_exp` with the leak as a conductance (nS), and
with the capacitance, refractory period and excitatory reversal potential that PyNN documents for it (0.2 nF, 1
ms, 0 mV)."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import EXPONENTIAL, EXPONENTIAL_RECEPTORS


class IF_facets_hardware1(Cell, cells.IF_facets_hardware1):
    __doc__ = cells.IF_facets_hardware1.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_facets_hardware1",
        equations="dv/dt = (1e-3*g_leak*(v_rest - v) + gsyn_exc*(0*mV - v) + gsyn_inh*(e_rev_I - v) + i_inj)/(0.2*nF)"
        " : volt (unless refractory)\n" + EXPONENTIAL,
        parameters={
            "g_leak": "siemens",
            "tau_syn_E": "second",
            "tau_syn_I": "second",
            "v_reset": "volt",
            "e_rev_I": "volt",
            "v_rest": "volt",
            "v_thresh": "volt",
        },
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="1 ms",
    )
