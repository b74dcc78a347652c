"""sPyNNaker: functions that say how a machine is filled, its sign of inhibitory weights, ``record("all")``, ``name()``.

How many neurons go on a core is SpiNNaker's affair: elsewhere the functions and methods for it do nothing, and say so
once. Projections are those of `_spinnaker_projection`. Its ``gsyn_exc`` and ``gsyn_inh`` of
cells with synaptic currents are PyNN's ``isyn_exc`` and, with the sign turned, ``isyn_inh``. Models of its
``extra_models`` are those of PyNN and of this package where they are the same, rules of plasticity by
`_spinnaker_plasticity`, cells those of `_spinnaker_cells`. ``record(..., indexes=[...])`` records a view of these
cells. Not translated: Izhikevich cells with synaptic time constants, structural plasticity.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from . import without_effect
from ._spinnaker_cells import cell_types, in_order, without_state
from ._spinnaker_plasticity import RULES, mechanism
from ._spinnaker_projection import projection
from ._spinnaker_results import CONVERTOR, convert_data, matrix_of

BACKEND = "spiNNaker"
MODULES = ("pyNN.spiNNaker", "pyNN.spynnaker", "spynnaker8", "spynnaker.pyNN")
WITHOUT_EFFECT = (
    "set_number_of_neurons_per_core",
    "set_number_of_neurons_per_dimension_per_core",
    "set_number_of_synapse_cores",
    "set_allow_delay_extensions",
)
#: Methods of populations for the same purpose.
METHODS = ("set_max_atoms_per_core", "set_constraint", "add_placement_constraint")
#: Its names for the synaptic currents of cells without conductances.
CURRENTS = {"gsyn_exc": "isyn_exc", "gsyn_inh": "isyn_inh"}
#: Names of `pyNN.space` that sPyNNaker has in its own module.
STRUCTURES = ("Line", "Grid2D", "Grid3D", "Cuboid", "Sphere", "RandomStructure")
#: Names in ``extra_models`` and what they are here.
SAME = {"IFCurDelta": "IF_curr_delta"}

#: Keywords of populations, and what they say.
ABOUT_THE_MACHINE = {
    "seed": "seeds a source on SpiNNaker (setup has rng_seed)",
    "splitter": "says how SpiNNaker is filled",
    "splitter_object": "says how SpiNNaker is filled",
    "in_partition": "says how SpiNNaker is filled",
    "n_synapse_cores": "says how SpiNNaker is filled",
    "max_rate": "says how SpiNNaker is filled",
    "n_colour_bits": "is about SpiNNaker's packets",
}


def additions(backend: Any, name: str) -> dict[str, Any]:
    """Return what sPyNNaker has beyond PyNN, made of what `backend` has."""
    from pyNN import space

    return {
        "name": lambda: name,
        **_populations(backend),
        "Projection": projection(backend.Projection),
        **({"STDPMechanism": mechanism(backend)} if hasattr(backend, "STDPMechanism") else {}),
        "extra_models": _Models(backend, name),
        "external_devices": _Devices(name),
        **cell_types(backend),
        **({"KernelConnector": _kernel_connector} if hasattr(backend, "KernelConnector") else {}),
        **{structure: getattr(space, structure) for structure in STRUCTURES},
        **{
            function: without_effect(function, f"says how SpiNNaker is filled: no effect on {name}")
            for function in WITHOUT_EFFECT
        },
    }


def _kernel_connector(*args: Any, **kwargs: Any) -> Any:
    raise UnsupportedError(
        "sPyNNaker's KernelConnector is not the connector of that name here",
        remedy="write its connections as a list for FromListConnector",
    )


def _about_splitting(name: str) -> Any:
    """Return a stand-in for a class that says how a population is split, which no other backend asks."""
    if not name.startswith("Splitter"):
        raise AttributeError(f"no '{name}' among what stands for sPyNNaker's splitters")
    return type(name, (), {"__init__": lambda self, *args, **kwargs: None})


SPLITTERS = "spynnaker.pyNN.extra_algorithms"
HELPERS: dict[str, dict[str, Any]] = {
    **{
        package: {"neo_convertor": CONVERTOR}
        for package in ("spynnaker8.utilities", "spynnaker.pyNN.utilities")
    },
    **{
        f"{package}.neo_convertor": vars(CONVERTOR)
        for package in ("spynnaker8.utilities", "spynnaker.pyNN.utilities")
    },
    SPLITTERS: {},
    f"{SPLITTERS}.splitter_components": {"__getattr__": _about_splitting},
}


def _recorder(base: Any) -> Any:
    class Recorder(base):  # type: ignore[misc]
        __doc__ = base.__doc__

        def record(self, variables: Any, *args: Any, **kwargs: Any) -> None:
            """Record variables; ``"all"`` are all that the cells have."""
            celltype = self.population.celltype
            if variables == "all":
                variables = [*celltype.recordable, *(CURRENTS if _has_currents(celltype) else ())]
            super().record(_with_own_names(variables, celltype), *args, **kwargs)

        def get(self, variables: Any, *args: Any, **kwargs: Any) -> Any:
            """Return the data; synaptic currents have sPyNNaker's names, and are positive."""
            celltype = self.population.celltype
            block = super().get(_with_own_names(variables, celltype), *args, **kwargs)
            if _has_currents(celltype):
                for signal in (signal for segment in block.segments for signal in segment.analogsignals):
                    if signal.name == CURRENTS["gsyn_inh"]:
                        np.negative(signal.magnitude, out=signal.magnitude)
                    signal.name = next((n for n, own in CURRENTS.items() if own == signal.name), signal.name)
            return block

    return Recorder


def _has_currents(celltype: Any) -> bool:
    return celltype.can_record(CURRENTS["gsyn_exc"]) and not celltype.can_record("gsyn_exc")


def _with_own_names(variables: Any, celltype: Any) -> Any:
    """Return names of variables as PyNN has them."""
    if not _has_currents(celltype) or variables is None:
        return variables
    if isinstance(variables, str):
        return CURRENTS.get(variables, variables)
    return [CURRENTS.get(name, name) for name in variables]


class _Cells:
    """What populations and views have beyond PyNN's."""

    def set(self, **parameters: Any) -> None:
        """As PyNN's; spike times come in any order, and state may be set, as `initialize` does."""
        parameters, state = without_state(self.celltype, parameters)  # type: ignore[attr-defined]
        if state:
            self.initialize(**state)  # type: ignore[attr-defined]
        if "spike_times" in parameters:
            parameters["spike_times"] = in_order(parameters["spike_times"])
        if parameters:
            super().set(**parameters)  # type: ignore[misc]

    def spinnaker_get_data(self, variable: Any, as_matrix: bool = False, view_indexes: Any = None) -> Any:
        """Return what was recorded since the last reset, as `convert_data` does.

        With `as_matrix` a signal is a matrix with a row for each time and a column for each cell; `view_indexes` are
        the cells to return.
        """
        [variable] = [variable] if isinstance(variable, str) else variable
        block = self.get_data(variable)  # type: ignore[attr-defined]
        rows = convert_data(block, variable, len(block.segments) - 1)
        if view_indexes is not None:
            rows = rows[np.isin(rows[:, 0], view_indexes)]
        return matrix_of(rows) if as_matrix else rows


for _method in METHODS:
    setattr(_Cells, _method, without_effect(_method, "says how SpiNNaker is filled: no effect here"))


def _populations(backend: Any) -> dict[str, Any]:
    """Return populations and their views."""
    population, base = _population(backend.Population), backend.PopulationView
    view: Any = type(base.__name__, (_Cells, base), {"__doc__": base.__doc__})
    view._view_class = population._view_class = view
    return {"Population": population, "PopulationView": view}


def _population(base: Any) -> Any:
    class Population(_Cells, base):  # type: ignore[misc]
        __doc__ = base.__doc__
        _recorder_class = _recorder(base._recorder_class)

        def __init__(
            self, size: Any, cellclass: Any, cellparams: Any = None, *args: Any,
            additional_parameters: Any = None, **kwargs: Any,
        ) -> None:  # fmt: skip
            if cellparams is None and isinstance(cellclass, type):
                cellparams = {}  # PyNN's own backends want a dictionary beside a class
            for key in {**kwargs, **(additional_parameters or {})}.keys() & ABOUT_THE_MACHINE.keys():
                kwargs.pop(key, None)
                print(
                    f"pynn-ext: {key} of a population {ABOUT_THE_MACHINE[key]}: no effect here",
                    file=sys.stderr,
                )
            super().__init__(size, cellclass, cellparams, *args, **kwargs)
            own = getattr(self.celltype, "own_initial_values", {})
            if own:
                self.initialize(**own)

        def record(
            self, variables: Any, to_file: Any = None, sampling_interval: float | None = None,
            indexes: Any = None, **kwargs: Any,
        ) -> None:  # fmt: skip
            """Record variables, of the cells at `indexes` only if they are given."""
            if indexes is None:
                super().record(variables, to_file, sampling_interval, **kwargs)
            else:
                self[np.atleast_1d(indexes)].record(variables, to_file, sampling_interval, **kwargs)

    return Population


class _Models:
    """``extra_models``: what is the same here, and an error for the rest."""

    def __init__(self, backend: Any, name: str) -> None:
        self._backend, self._name = backend, name

    def __getattr__(self, model: str) -> Any:
        if model.startswith("__"):
            raise AttributeError(model)
        if model in RULES:
            return RULES[model]
        found = getattr(self._backend, SAME.get(model, model), None)
        if found is None:
            raise UnsupportedError(
                f"sPyNNaker's extra model {model} is not one of {self._name}",
                remedy="pynn-ext models lists what there is",
            )
        return found


class _Devices:
    """``external_devices``: sensors, motors and sockets on SpiNNaker's links."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, device: str) -> Any:
        if device.startswith("__"):
            raise AttributeError(device)
        raise UnsupportedError(
            f"external_devices.{device} belongs to the machine SpiNNaker; {self._name} has no live input or output",
            remedy="read the spikes after the run, or between runs with callbacks",
        )
