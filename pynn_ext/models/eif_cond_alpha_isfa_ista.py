"""Adaptive exponential integrate-and-fire cell with alpha-shaped synaptic conductances: see
`EIF_cond_exp_isfa_ista`."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .eif_cond_exp_isfa_ista import ADEX_MEMBRANE, ADEX_PARAMETERS, ADEX_THRESHOLD
from .if_cond_alpha import ALPHA, ALPHA_RECEPTORS


class EIF_cond_alpha_isfa_ista(Cell, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="EIF_cond_alpha_isfa_ista",
        equations=ADEX_MEMBRANE + ALPHA,
        parameters=ADEX_PARAMETERS,
        receptors=ALPHA_RECEPTORS,
        threshold=ADEX_THRESHOLD,
        reset="v = v_reset\nw += b",
        refractory="tau_refrac",
        method="rk4",
        max_step=0.1,
    )
