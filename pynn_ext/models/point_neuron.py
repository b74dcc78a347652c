"""A neuron with any number of named receptors: ``PointNeuron(LIF(...), AMPA=ExpPSR(...), GABA=AlphaPSR(...))``.

The equations are composed from those of the parts (see `composition`). Parameters and variables of a receptor have
its name in front, as in ``get("AMPA.tau_syn")`` and ``record("AMPA.gsyn")``; ``set`` takes
``**{"AMPA.tau_syn": 2.0}`` or ``AMPA={"tau_syn": 2.0}``. Receptor types are in alphabetical order, and currents and
conductances cannot be mixed, as PyNN has it. The places of synapses (``locations``) have no meaning in a point."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType, cells

from ..errors import NetworkError
from ..network.cells import column_name
from .base import Cell, Neuron, Receptor
from .composition import compose
from .neuron_cell import SYNAPTIC_UNITS, NeuronCell


class PointNeuron(Cell, cells.PointNeuron):
    __doc__ = cells.PointNeuron.__doc__
    status = "verified against NEST and NEURON, and closed forms"

    def __init__(self, neuron: Any, **receptors: Any) -> None:
        _check(neuron, receptors)
        cells.PointNeuron.__init__(self, neuron, **receptors)
        names = self.receptor_types
        self.cell_model = compose(  # type: ignore[misc]
            f"PointNeuron({', '.join([type(neuron).__name__, *names])})",
            neuron.membrane,
            {name: receptors[name].response for name in names},
        )
        own = set(neuron.default_parameters) - _of_own_receptors(neuron)
        self.default_parameters = {  # type: ignore[misc]
            **{name: value for name, value in neuron.default_parameters.items() if name in own},
            **{
                f"{receptor}.{name}": receptors[receptor].default_parameters[name]
                for receptor in names
                for name in receptors[receptor].response.parameters
            },
        }
        self.translations = {name: _unchanged(name) for name in self.default_parameters}

    @property
    def conductance_based(self) -> bool:
        """Whether the receptors are conductances."""
        return any(r.conductance_based for r in self.post_synaptic_receptors.values())

    @property
    def injectable(self) -> bool:
        """Whether currents can be injected."""
        return bool(self.neuron.injectable)

    @property
    def recordable(self) -> list[str]:
        """What can be recorded of the neuron and of its receptors."""
        return [name for name in super().recordable if name == "spikes" or self._has(name)]

    @property
    def default_initial_values(self) -> dict[str, float]:
        """Initial values of the variables of the neuron and of its receptors."""
        return {name: value for name, value in super().default_initial_values.items() if self._has(name)}

    def _has(self, variable: str) -> bool:
        return column_name(variable) in self.cell_model.state_variables

    @property
    def native_parameters(self) -> ParameterSpace:
        """All parameters in one layer, named as in ``get("AMPA.tau_syn")``."""
        found = {}
        for name in self.default_parameters:
            receptor, _, own = name.rpartition(".")
            space = self.parameter_space[receptor] if receptor else self.parameter_space
            found[name] = deepcopy(space[own])
        return ParameterSpace(found, shape=self.parameter_space.shape)

    def get_parameter_names(self) -> list[str]:
        """Return the names of all parameters."""
        return list(self.default_parameters)

    def has_parameter(self, name: str) -> bool:
        """Return whether there is a parameter `name`."""
        return name in self.default_parameters

    simple_parameters = StandardCellType.simple_parameters
    scaled_parameters = StandardCellType.scaled_parameters
    computed_parameters = StandardCellType.computed_parameters
    computed_parameters_include = StandardCellType.computed_parameters_include


def _check(neuron: Any, receptors: dict[str, Any]) -> None:
    """Refuse parts that do not make a point neuron."""
    problem = None
    if not isinstance(neuron, Neuron):
        problem = f"{neuron!r} is no neuron"
        limit, remedy = "the first argument is a neuron such as LIF(...)", "see 'pynn-ext models'"
    for name, receptor in receptors.items():
        if not isinstance(receptor, Receptor):
            problem = f"{name}={receptor!r} is no receptor"
            limit, remedy = "a receptor is for example ExpPSR(tau_syn=2.0)", "see 'pynn-ext models'"
        elif name.startswith("_") or not name.isascii():
            problem, limit = f"a receptor named '{name}'", "names are ASCII and begin with a letter"
            remedy = "choose another name"
    if not problem and len({r.conductance_based for r in receptors.values()}) > 1:
        kinds = {True: "a conductance", False: "a current"}
        problem = ", ".join(f"{name} is {kinds[r.conductance_based]}" for name, r in receptors.items())
        limit = "PyNN allows conductance-based or current-based receptors in one cell, not both"
        remedy = "choose receptors of one kind"
    space, defaults = getattr(neuron, "parameter_space", {}), getattr(neuron, "default_parameters", {})
    given = [n for n in _of_own_receptors(neuron) if space[n].base_value != defaults[n]]
    if given and not problem:
        problem = f"{type(neuron).__name__} was given {', '.join(sorted(given))}"
        limit, remedy = (
            "these belong to the receptors it has without a PointNeuron",
            "give them to the receptors",
        )
    if problem:
        raise NetworkError(problem, where="PointNeuron", limit=limit, remedy=remedy)


def _of_own_receptors(neuron: Any) -> set[str]:
    """Return the parameters of the receptors that a neuron has when it is a cell by itself."""
    return set(SYNAPTIC_UNITS) & set(neuron.default_parameters) if isinstance(neuron, NeuronCell) else set()


def _unchanged(name: str) -> dict[str, Any]:
    """Return PyNN's translation of a parameter to itself; a dotted name is no expression."""
    return {
        "translated_name": name,
        "forward_transform": lambda **values: values[name],
        "reverse_transform": lambda **values: values[name],
        "type": "simple",
    }
