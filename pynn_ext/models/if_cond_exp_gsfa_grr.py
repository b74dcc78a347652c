"""Integrate-and-fire cell with spike-frequency adaptation and a relative refractory mechanism (Muller et al.
2007, Neural Comput. 19:2958).

As `IF_cond_exp` with two more conductances (nS) that each spike of the cell increases: ``dg_s/dt = -g_s /
tau_sfa``, ``dg_r/dt = -g_r / tau_rr``; their currents are ``g_s (e_rev_sfa - v)`` and ``g_r (e_rev_rr - v)``.
"""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import COND_PARAMETERS, EXPONENTIAL, EXPONENTIAL_RECEPTORS, SYNAPTIC_CURRENT

ADAPTATION = "1e-3*(g_s*(e_rev_sfa - v) + g_r*(e_rev_rr - v))"


class IF_cond_exp_gsfa_grr(Cell, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    status = "verified against NEURON, and closed forms"
    cell_model = CellModel(
        name="IF_cond_exp_gsfa_grr",
        equations=f"dv/dt = (v_rest - v)/tau_m + ({SYNAPTIC_CURRENT} + {ADAPTATION})/cm : volt (unless refractory)\n"
        "dg_s/dt = -g_s/tau_sfa : siemens\n"
        "dg_r/dt = -g_r/tau_rr : siemens\n" + EXPONENTIAL,
        parameters={
            **COND_PARAMETERS,
            "tau_sfa": "second",
            "e_rev_sfa": "volt",
            "q_sfa": "siemens",
            "tau_rr": "second",
            "e_rev_rr": "volt",
            "q_rr": "siemens",
        },
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_thresh",
        reset="v = v_reset\ng_s += q_sfa\ng_r += q_rr",
        refractory="tau_refrac",
    )
