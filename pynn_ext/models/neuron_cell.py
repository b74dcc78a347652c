"""Neurons that are cells by themselves, too.

``PointNeuron(GLIF(...), AMPA=ExpPSR(...))`` gives such a neuron any receptors; ``Population(10, GLIF(...))`` the two of
``IF_curr_exp``, exponential currents ``excitatory`` and ``inhibitory`` with the time constants tau_syn_E and tau_syn_I,
or those of ``IF_cond_exp`` where `conductance_based` says so."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import Cell, Neuron
from .composition import Membrane, standalone

SYNAPTIC_DEFAULTS = {"tau_syn_E": 5.0, "tau_syn_I": 5.0}
REVERSALS = {"e_rev_E": 0.0, "e_rev_I": -70.0}
SYNAPTIC_UNITS = {
    **{"tau_syn_E": "ms", "tau_syn_I": "ms", "e_rev_E": "mV", "e_rev_I": "mV"},
    **{"isyn_exc": "nA", "isyn_inh": "nA", "gsyn_exc": "uS", "gsyn_inh": "uS"},
}


class NeuronCell(Cell, Neuron):
    """Base of these neurons; a class with a `membrane` gets its receptors, and their defaults unless it has some."""

    conductance_based: ClassVar[bool] = False
    injectable: ClassVar[bool] = True
    recordable: ClassVar[list[str]]
    default_initial_values: ClassVar[dict[str, float]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        membrane = cls.__dict__.get("membrane")
        if isinstance(membrane, Membrane):
            variables = [f"{'gsyn' if cls.conductance_based else 'isyn'}_{side}" for side in ("exc", "inh")]
            reversals = REVERSALS if cls.conductance_based else {}
            cls.default_parameters = {**SYNAPTIC_DEFAULTS, **reversals, **cls.default_parameters}
            cls.default_initial_values = {**cls.default_initial_values, **dict.fromkeys(variables, 0.0)}
            cls.recordable = [*cls.recordable, *variables]
            cls.units = {**SYNAPTIC_UNITS, **cls.units}
            cls.cell_model = standalone(cls.__name__, membrane, cls.conductance_based)
        super().__init_subclass__(**kwargs)

    def _use(self, membrane: Membrane) -> None:
        """Give this instance a membrane of its own."""
        self.membrane = membrane  # type: ignore[misc]
        self.cell_model = standalone(  # type: ignore[misc]
            type(self).__name__, membrane, self.conductance_based
        )
