"""Dopamine that spikes release into a volume (Izhikevich 2007, Cereb. Cortex 17:2443; NEST's ``volume_transmitter``).

A spike that arrives at the receptor ``dopamine`` with weight w makes ``n += w/tau_n``, and ``dn/dt = -n/tau_n``,
so that a spike of weight 1 has a time integral of 1. The pool is a population of its own: the spikes of any other
population release through an ordinary Projection with its delay, and n is recorded as any variable is. One cell
acts on all synapses that name it, or one cell each on those of one postsynaptic cell."""

from typing import ClassVar

from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from .base import Cell


class DopaminePool(Cell, StandardCellType):
    """Concentration of a modulator.

    Parameters
    ----------
    tau_n : float
        Decay of the concentration (ms).
    """

    status = "verified against NEST: stdp_dopamine_synapse, to nine digits"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {"tau_n": 200.0}
    default_initial_values: ClassVar[dict[str, float]] = {"n": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "n"]
    units: ClassVar[dict[str, str]] = {"tau_n": "ms", "n": "kHz"}
    signal = "n"
    signal_decay = "tau_n"
    cell_model = CellModel(
        name="DopaminePool",
        equations="dn/dt = -n/tau_n : 1\nreleased : 1",
        parameters={"tau_n": "second"},
        receptors={"dopamine": ("released", 1.0)},
        before="n = n + released/tau_n*ms\nreleased = 0",
        threshold="",
        method="exponential_midpoint",
    )
