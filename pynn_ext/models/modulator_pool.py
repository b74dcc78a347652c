"""A signal that modulates plasticity: what arrives, filtered, and a level that may be set while the network runs.

``dm/dt = (level - m)/tau``; a spike that arrives at the receptor ``release`` with weight w, of either sign, makes ``m
+= w/tau``. With spikes it is a trace of activity or of errors, without any a gate: ``population.set(level=0.0)`` closes
it with time constant tau. With the spikes of a network at weight w and those of its input at -w it is the astrocyte of
`AstroModulatedSTDP`, ``level`` being its bias (Ivanov and Michmizos 2021, NeurIPS; there in steps of 1 ms)."""

from typing import ClassVar

from pyNN.standardmodels import StandardCellType

from ..network import CellModel
from .base import Cell


class ModulatorPool(Cell, StandardCellType):
    """A filtered signal.

    Parameters
    ----------
    tau : float
        Time constant (ms).
    level : float
        What m tends to.
    """

    status: ClassVar[str] = "exact: closed form"
    conductance_based = False
    injectable = False
    default_parameters: ClassVar[dict[str, float]] = {"tau": 100.0, "level": 0.0}
    default_initial_values: ClassVar[dict[str, float]] = {"m": 0.0}
    recordable: ClassVar[list[str]] = ["spikes", "m"]
    units: ClassVar[dict[str, str]] = {"tau": "ms"}
    signal = "m"
    cell_model = CellModel(
        name="ModulatorPool",
        equations="dm/dt = (level - m)/tau : 1\nreleased : 1",
        parameters={"tau": "second", "level": "1"},
        receptors={"release": ("released", 1.0)},
        before="m = m + released/tau*ms\nreleased = 0",
        threshold="",
        method="exponential_midpoint",
    )
