"""Izhikevich's simple model (2003, IEEE Trans. Neural Netw. 14:1569).

``dv/dt = 0.04 v^2 + 5 v + 140 - u + I``, ``du/dt = a (b v - u)``; at v >= 30 mV: v = c, u += d. Forward Euler
with the old values of v and u, as NEST's ``izhikevich``, whatever the time step. i_offset is in nA, and 1 nA
is worth 1000 mV/ms as in pyNN.nest (1 pA = 1 mV/ms).

Weights are in mV. A spike that arrives at t raises v before the step from t to t + dt, so that the sample at t
is still without it; NEST shows it in the sample at t and is equal from t + dt on, except that a cell which the
jump alone takes to 30 mV fires one step later here."""

from pyNN.standardmodels import cells

from ..network import CellModel
from .base import Cell


class Izhikevich(Cell, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    status = "verified against NEST and NEURON, and closed forms"
    cell_model = CellModel(
        name="Izhikevich",
        equations="dv/dt = (0.04/mV*v*v + 5*v + 140*mV)/ms - u + (i_offset + i_inj)/pF : volt\n"
        "du/dt = a*(b*v - u) : volt/second\n"
        "jump : volt",
        parameters={"a": "hertz", "b": "hertz", "c": "volt", "d": "volt/second", "i_offset": "amp"},
        receptors={"excitatory": ("jump", 1.0), "inhibitory": ("jump", 1.0)},
        threshold="v >= 30*mV",
        reset="v = c\nu += d",
        before="v += jump\njump = 0*volt",
        method="euler",
    )
