"""Leaky integrate-and-fire cell whose potential jumps at each input spike.

``dv/dt = (v_rest - v) / tau_m + (i_offset + i_inj) / cm``, integrated exactly; the weights (mV) that arrive
at t are added at the end of the step, so v(t) is unchanged and v(t + dt) holds the whole jump. Input during
the refractory period is lost. As NEST's ``iaf_psc_delta``, except that NEST shows the jump, and a spike that it
causes, already at t."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell


class IF_curr_delta(Cell, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__
    status = "exact: closed forms"
    cell_model = CellModel(
        name="IF_curr_delta",
        equations="dv/dt = (v_rest - v)/tau_m + (i_offset + i_inj)/cm : volt (unless refractory)\njump : volt",
        parameters={
            "v_rest": "volt",
            "cm": "farad",
            "tau_m": "second",
            "tau_refrac": "second",
            "i_offset": "amp",
            "v_reset": "volt",
            "v_thresh": "volt",
        },
        receptors={"excitatory": ("jump", 1.0), "inhibitory": ("jump", 1.0)},
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
        after="v += jump\njump = 0*volt",
        method="exact",
    )
