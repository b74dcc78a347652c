"""Adaptive exponential integrate-and-fire neuron, for use in a `PointNeuron`: the equations, the cap on v and the
integration of `EIF_cond_exp_isfa_ista`, with any receptors."""

from pyNN.standardmodels import cells

from .base import Neuron
from .composition import Membrane
from .eif_cond_exp_isfa_ista import ADEX_THRESHOLD, CAPPED, MEMBRANE_PARAMETERS, adex_membrane


class AdExp(Neuron, cells.AdExp):
    __doc__ = cells.AdExp.__doc__
    status = "verified against NEST, and closed forms"
    membrane = Membrane(
        equations=adex_membrane("i_syn"),
        parameters=MEMBRANE_PARAMETERS,
        threshold=ADEX_THRESHOLD,
        reset="v = v_reset\nw += b",
        potential=CAPPED,
        method="rk4",
        max_step=0.1,
    )
