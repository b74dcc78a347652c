"""Meta-dynamic neuron: a quadratic neuron whose four constants are learned (Zhang, Cheng, Zhang and Xu, MDN-SNN).

One time step, whatever its length, with what the cell is told in it::

    I = sigma(bias + jump)                   sigma logistic, jump the spikes of the step
    v <- v + (v^2 - v - u + I),   u <- u + a (b v - u)          with the old v and u on the right
    a spike if v > v_thresh, then v = c, u <- u + d

That is the form of the authors' published code. With delta > 0 the spike is drawn with probability ``sigma((v -
v_thresh) / delta)`` instead; that is inferred, and is no claim about the "probabilistic meta neuron" of later work,
whose equations are not public. delta = 0, the default, draws nothing."""

from __future__ import annotations

from typing import ClassVar

from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from .base import Cell


class MetaDynamicNeuron(Cell, StandardCellType):
    """Quadratic neuron of the meta-dynamic network; a step of the grid is a step of the model."""

    status = "exact: the authors' update step by step; probabilistic firing (delta > 0) is inferred"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {
        **{"a": 0.02, "b": 0.2, "c": 0.0, "d": 0.08, "bias": 0.0, "v_thresh": 0.5, "delta": 0.0}
    }
    default_initial_values: ClassVar[dict[str, float]] = {"v": 0.0, "u": 0.08}
    recordable: ClassVar[list[str]] = ["spikes", "v", "u"]
    units: ClassVar[dict[str, str]] = dict.fromkeys((*default_parameters, "v", "u"), "")
    cell_model = CellModel(
        name="MetaDynamicNeuron",
        equations="v : 1\nu : 1\njump : 1",
        parameters=dict.fromkeys(default_parameters, "1"),
        receptors={"excitatory": ("jump", 1.0), "inhibitory": ("jump", 1.0)},
        after="drive = 1/(1 + exp(-clip(bias + jump, -700, 700)))\n"
        "jump = 0\n"
        "old = v\n"
        "v = old*old - u + drive\n"
        "u = u + a*(b*old - u)",
        # the sharp threshold for delta = 0; rand() is never 0
        threshold="rand() <= int(delta <= 0)*int(v > v_thresh) + int(delta > 0)"
        "/(1 + exp(-clip((v - v_thresh)/(delta + int(delta <= 0)), -700, 700)))",
        reset="v = c\nu += d",
        method="update",
    )
