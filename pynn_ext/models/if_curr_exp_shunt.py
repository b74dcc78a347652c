"""Leaky integrate-and-fire cell whose input is divided by a shunt (Liu, Ding and Yu 2025, Training deep spiking
networks without normalization, DeepEISNN).

``dv/dt = (v_rest - v) / tau_m + (gain (isyn_exc + isyn_inh) / max(isyn_shunt, shunt_min) + i_offset + i_inj) / cm``,
``di/dt = -i / tau_syn``. The weights of ``shunting`` synapses are positive and their sum has no unit: it divides what
arrives in nA. The currents decay exactly, v takes an exponential step with the currents of the middle of the step.

The paper replaces a shunt of zero by the smallest other one of the sample; here its least value is shunt_min."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType, cells

from ..network import CellModel
from .base import Cell
from .if_curr_exp import LIF_PARAMETERS


class IF_curr_exp_shunt(Cell, StandardCellType):
    """Leaky integrate-and-fire cell with exponential currents and divisive (shunting) inhibition."""

    status = "exact: constant input in closed form; otherwise of second order"
    conductance_based = False
    injectable = True
    default_parameters: ClassVar[dict[str, Any]] = {
        **cells.IF_curr_exp.default_parameters,
        **{"gain": 1.0, "shunt_min": 1.0, "tau_syn_shunt": 5.0},
    }
    default_initial_values: ClassVar[dict[str, float]] = {
        **{"v": -65.0, "isyn_exc": 0.0, "isyn_inh": 0.0, "isyn_shunt": 0.0}
    }
    recordable: ClassVar[list[str]] = ["spikes", "v", "isyn_exc", "isyn_inh", "isyn_shunt"]
    units: ClassVar[dict[str, str]] = {
        **cells.IF_curr_exp.units,
        **{
            "gain": "",
            "shunt_min": "",
            "tau_syn_shunt": "ms",
            "isyn_exc": "nA",
            "isyn_inh": "nA",
            "isyn_shunt": "",
        },
    }
    cell_model = CellModel(
        name="IF_curr_exp_shunt",
        equations="dv/dt = (v_rest - v)/tau_m + (gain*(isyn_exc + isyn_inh)/clip(isyn_shunt, shunt_min, 1e300)"
        " + i_offset + i_inj)/cm : volt (unless refractory)\n"
        "disyn_exc/dt = -isyn_exc/tau_syn_E : amp\n"
        "disyn_inh/dt = -isyn_inh/tau_syn_I : amp\n"
        "disyn_shunt/dt = -isyn_shunt/tau_syn_shunt : 1",
        parameters={**LIF_PARAMETERS, "gain": "1", "shunt_min": "1", "tau_syn_shunt": "second"},
        receptors={
            **{
                "excitatory": ("isyn_exc", 1.0),
                "inhibitory": ("isyn_inh", 1.0),
                "shunting": ("isyn_shunt", 1.0),
            }
        },
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory="tau_refrac",
    )
