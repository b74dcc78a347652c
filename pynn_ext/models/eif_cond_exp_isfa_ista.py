"""Adaptive exponential integrate-and-fire cell (Brette and Gerstner 2005, J. Neurophysiol. 94:3637),
exponential conductances.

``cm dv/dt = cm/tau_m (v_rest - v + delta_T exp((v - v_thresh) / delta_T)) - w + I_syn + i_offset + i_inj``,
``tau_w dw/dt = a (v - v_rest) - w``; at v >= v_spike: v = v_reset, w += b. Fourth-order Runge-Kutta, four
substeps inside each step being unnecessary because v is capped at v_spike in the exponential, as in NEST's
``aeif_cond_exp``. With delta_T = 0 the spike current is zero."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import COND_PARAMETERS, EXPONENTIAL, EXPONENTIAL_RECEPTORS, SYNAPTIC_CURRENT

ADEX_PARAMETERS = {
    **{name: unit for name, unit in COND_PARAMETERS.items() if name != "v_reset"},
    "v_reset": "volt",
    "v_spike": "volt",
    "a": "siemens",
    "b": "amp",
    "delta_T": "volt",
    "tau_w": "second",
}
# PyNN gives a in nS and everything else in units that go together; the cap also keeps the exponent finite
EXPONENT = "clip((clip(v, -1*volt, v_spike) - v_thresh)/(delta_T + 1e-9*mV), -50, 50)"
ADEX_MEMBRANE = (
    f"dv/dt = (v_rest - v + delta_T*exp({EXPONENT}))/tau_m + ({SYNAPTIC_CURRENT} - w)/cm"
    " : volt (unless refractory)\n"
    "dw/dt = (a*1e-3*(v - v_rest) - w)/tau_w : amp\n"
)


class EIF_cond_exp_isfa_ista(Cell, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    cell_model = CellModel(
        name="EIF_cond_exp_isfa_ista",
        equations=ADEX_MEMBRANE + EXPONENTIAL,
        parameters=ADEX_PARAMETERS,
        receptors=EXPONENTIAL_RECEPTORS,
        threshold="v >= v_spike",
        reset="v = v_reset\nw += b",
        refractory="tau_refrac",
        method="rk4",
    )
