"""Leaky integrate-and-fire neuron with a gain: ``dv/dt = (v_rest - v) / tau_m + (gain (i_syn + i_offset) + i_inj) /
cm``.

What gain control sets (Duong et al. 2023, arXiv:2305.19869, where single neurons adapt by their gains alone). Exact
with current-based receptors, as `IF_curr_exp`, which it is for a gain of 1."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import StandardCellType, cells

from .composition import Membrane
from .lif import LIF
from .neuron_cell import NeuronCell


class IF_curr_exp_gain(NeuronCell, StandardCellType):
    """Leaky integrate-and-fire neuron with exponential currents and a gain on its input."""

    status = "exact: IF_curr_exp with the product of gain and weights, to rounding"
    default_parameters: ClassVar[dict[str, Any]] = {**cells.LIF.default_parameters, "gain": 1.0}
    default_initial_values: ClassVar[dict[str, float]] = {"v": -65.0}
    recordable: ClassVar[list[str]] = ["spikes", "v"]
    units: ClassVar[dict[str, str]] = {**cells.LIF.units, "gain": ""}
    membrane = Membrane(
        equations="dv/dt = (v_rest - v)/tau_m + (gain*(i_syn + i_offset) + i_inj)/cm : volt (unless refractory)",
        parameters={**LIF.membrane.parameters, "gain": "1"},
        threshold="v >= v_thresh",
        reset="v = v_reset",
        linear=True,
    )
