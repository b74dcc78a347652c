"""Adaptive exponential integrate-and-fire cell with exponentially decaying synaptic conductances.

``cm dv/dt = cm/tau_m (v_rest - v + delta_T exp((v - v_thresh) / delta_T)) - w + I_syn + i_offset + i_inj``,
``tau_w dw/dt = a (v - v_rest) - w``; at v >= v_spike: v = v_reset, w += b (Brette and Gerstner 2005, J.
Neurophysiol. 94:3637). Fourth-order Runge-Kutta in steps of at most 0.1 ms.

As in NEST's ``aeif_cond_exp``, v on the right-hand side is capped at v_spike, so that the upstroke, which
passes v_spike by many orders of magnitude within a step, leaves no trace in w; with delta_T = 0 there is no
spike current and the cell fires at v_thresh; w goes on during the refractory period, with v clamped.
Differences: a spike and its reset fall on the end of the step (NEST resets within it), and there is at most
one spike in a step. NEURON's ``AdExpIF`` has no such cap."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell
from .if_cond_exp import COND_PARAMETERS, EXPONENTIAL, EXPONENTIAL_RECEPTORS

MEMBRANE_PARAMETERS = {
    **{name: unit for name, unit in COND_PARAMETERS.items() if not name.endswith(("_E", "_I"))},
    "v_spike": "volt",
    "a": "siemens",
    "b": "amp",
    "delta_T": "volt",
    "tau_w": "second",
}
ADEX_PARAMETERS = {**COND_PARAMETERS, **MEMBRANE_PARAMETERS}
CAPPED = "clip(v, -1*volt, v_spike)"
# the bounds keep exp finite for a small delta_T; 1e-9 mV is nothing unless delta_T = 0
SPIKE_CURRENT = f"delta_T*exp(clip(({CAPPED} - v_thresh)/(delta_T + 1e-9*mV), -50, 50))"


def adex_membrane(synaptic_current: str) -> str:
    """Return the equations of v and w."""
    # PyNN gives a in nS and everything else in units that go together
    return (
        f"dv/dt = (v_rest - {CAPPED} + {SPIKE_CURRENT})/tau_m + ({synaptic_current} + i_offset + i_inj - w)/cm"
        " : volt (unless refractory)\n"
        f"dw/dt = (a*1e-3*({CAPPED} - v_rest) - w)/tau_w : amp\n"
    )


ADEX_MEMBRANE = adex_membrane(f"gsyn_exc*(e_rev_E - {CAPPED}) + gsyn_inh*(e_rev_I - {CAPPED})")
ADEX_THRESHOLD = "v >= v_spike*int(delta_T > 0*volt) + v_thresh*int(delta_T <= 0*volt)"


class EIF_cond_exp_isfa_ista(Cell, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="EIF_cond_exp_isfa_ista",
        equations=ADEX_MEMBRANE + EXPONENTIAL,
        parameters=ADEX_PARAMETERS,
        receptors=EXPONENTIAL_RECEPTORS,
        threshold=ADEX_THRESHOLD,
        reset="v = v_reset\nw += b",
        refractory="tau_refrac",
        method="rk4",
        max_step=0.1,
    )
