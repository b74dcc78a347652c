"""sPyNNaker: functions that say how a machine is filled, its sign of inhibitory weights, ``record("all")``, ``name()``.

How many neurons go on a core is SpiNNaker's affair: elsewhere the functions for it do nothing, and say so once.
sPyNNaker takes the magnitude of weights and lets the receptor decide; PyNN wants negative ones for inhibitory synapses
onto cells with synaptic currents, so that is what becomes of a positive number. Its ``gsyn_exc`` and ``gsyn_inh`` of
such cells are PyNN's ``isyn_exc`` and, with the sign turned, ``isyn_inh``. Models of its ``extra_models`` are
those of PyNN and of this package where they are the same, rules of plasticity by `_spinnaker_plasticity`. ``record(...,
indexes=[...])`` records a view of these cells. Not translated: Izhikevich cells with synaptic time
constants, structural plasticity.
"""

from __future__ import annotations

import sys
from copy import copy
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from . import without_effect
from ._spinnaker_plasticity import RULES, mechanism

BACKEND = "spiNNaker"
MODULES = ("pyNN.spiNNaker", "pyNN.spynnaker", "spynnaker8", "spynnaker.pyNN")
WITHOUT_EFFECT = (
    "set_number_of_neurons_per_core",
    "set_number_of_neurons_per_dimension_per_core",
    "set_number_of_synapse_cores",
    "set_allow_delay_extensions",
)
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
        "Population": _population(backend.Population),
        "Projection": _projection(backend.Projection),
        **({"STDPMechanism": mechanism(backend)} if hasattr(backend, "STDPMechanism") else {}),
        "extra_models": _Models(backend, name),
        "external_devices": _Devices(name),
        "SpikeSourceArray": _positional(backend.SpikeSourceArray, "spike_times"),
        "SpikeSourcePoisson": _positional(backend.SpikeSourcePoisson, "rate"),
        **{structure: getattr(space, structure) for structure in STRUCTURES},
        **{
            function: without_effect(function, f"says how SpiNNaker is filled: no effect on {name}")
            for function in WITHOUT_EFFECT
        },
    }


def convert_data(block: Any, name: str, run: int = 0) -> np.ndarray:
    """Return what was recorded in a run as rows, by cell and then time.

    Parameters
    ----------
    block : neo.Block
        As `get_data` returns it.
    name : str
        Name of the variable, or ``"spikes"``.
    run : int
        Number of the segment.

    Returns
    -------
    ndarray, shape (n, 2) or (n, 3)
        Index of the cell, time (ms) and, except for spikes, value.
    """
    if name == "spikes":
        return convert_spiketrains(block.segments[run].spiketrains)
    signal = block.segments[run].filter(name=name)[0]
    times = signal.times.rescale("ms").magnitude
    cells = np.repeat(signal.array_annotations["channel_index"], len(times))
    return np.column_stack([cells, np.tile(times, signal.shape[1]), signal.magnitude.T.ravel()])


def convert_spiketrains(spiketrains: Any) -> np.ndarray:
    """Return spike trains as rows of index of the cell and time (ms), shape (n, 2)."""
    if not len(spiketrains):
        return np.empty((0, 2))
    cells = [np.full(len(train), train.annotations["source_index"]) for train in spiketrains]
    times = [train.rescale("ms").magnitude for train in spiketrains]
    return np.column_stack([np.concatenate(cells), np.concatenate(times)])


def convert_spikes(block: Any, run: int = 0) -> np.ndarray:
    """Return the spikes of a run, see `convert_data`."""
    return convert_data(block, "spikes", run)


def count_spikes(block: Any) -> int:
    """Return the number of spikes of the first run."""
    return sum(map(len, block.segments[0].spiketrains))


_CONVERTOR = SimpleNamespace(
    convert_data=convert_data, convert_spikes=convert_spikes, convert_spiketrains=convert_spiketrains,
    count_spikes=count_spikes,
)  # fmt: skip


def _about_splitting(name: str) -> Any:
    """Return a stand-in for a class that says how a population is split, which no other backend asks."""
    if not name.startswith("Splitter"):
        raise AttributeError(f"no '{name}' among what stands for sPyNNaker's splitters")
    return type(name, (), {"__init__": lambda self, *args, **kwargs: None})


SPLITTERS = "spynnaker.pyNN.extra_algorithms"
HELPERS: dict[str, dict[str, Any]] = {
    **{
        package: {"neo_convertor": _CONVERTOR}
        for package in ("spynnaker8.utilities", "spynnaker.pyNN.utilities")
    },
    **{
        f"{package}.neo_convertor": vars(_CONVERTOR)
        for package in ("spynnaker8.utilities", "spynnaker.pyNN.utilities")
    },
    SPLITTERS: {},
    f"{SPLITTERS}.splitter_components": {"__getattr__": _about_splitting},
}


def _positional(base: Any, parameter: str) -> Any:
    """Return the class of sources, which takes its first parameter without a name as well."""

    def init(self: Any, *args: Any, **parameters: Any) -> None:
        base.__init__(self, **dict(zip([parameter], args, strict=False)), **parameters)

    return type(base.__name__, (base,), {"__doc__": base.__doc__, "__init__": init})


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


def _population(base: Any) -> Any:
    class Population(base):  # type: ignore[misc]
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

        def record(
            self, variables: Any, to_file: Any = None, sampling_interval: float | None = None,
            indexes: Any = None, **kwargs: Any,
        ) -> None:  # fmt: skip
            """Record variables, of the cells at `indexes` only if they are given."""
            if indexes is None:
                super().record(variables, to_file, sampling_interval, **kwargs)
            else:
                self[np.atleast_1d(indexes)].record(variables, to_file, sampling_interval, **kwargs)

        def spinnaker_get_data(self, variable: str) -> np.ndarray:
            """Return what was recorded since the last reset, as `convert_data` does."""
            block = self.get_data(variable)
            return convert_data(block, variable, len(block.segments) - 1)

    return Population


def _projection(base: Any) -> Any:
    class Projection(base):  # type: ignore[misc]
        __doc__ = base.__doc__

        def __init__(
            self, presynaptic_population: Any, postsynaptic_population: Any, connector: Any,
            synapse_type: Any = None, source: Any = None, receptor_type: str | None = None,
            space: Any = None, label: str | None = None,
        ) -> None:  # fmt: skip
            if receptor_type == "inhibitory" and not postsynaptic_population.conductance_based:
                synapse_type = _negative(synapse_type)
            super().__init__(
                presynaptic_population, postsynaptic_population, connector, synapse_type, source,
                receptor_type, label=label, **({} if space is None else {"space": space}),
            )  # fmt: skip

    return Projection


def _negative(synapse_type: Any) -> Any:
    """Return the synapse with a negative weight if it is a positive number; weights in a connector's list are taken as
    they are. The script may use its own object elsewhere, so that is left alone."""
    parameters: Any = getattr(synapse_type, "parameter_space", None)
    weight = parameters["weight"] if parameters is not None else None
    value = getattr(weight, "base_value", None)
    if weight is None or not isinstance(value, int | float) or value <= 0 or weight.operations:
        return synapse_type
    if hasattr(synapse_type, "weight_dependence"):  # bounds of the weight are turned with it
        changed = copy(synapse_type)
        bounds = synapse_type.weight_dependence.parameter_space
        turned = {name: -bounds[name] for name in ("w_min", "w_max")}
        changed.weight, changed.weight_dependence = -value, _changed(synapse_type.weight_dependence, **turned)
        return changed
    return _changed(synapse_type, weight=-value)


def _changed(model: Any, **values: Any) -> Any:
    """Return a copy of a model with other values of parameters."""
    changed = copy(model)
    changed.parameter_space = copy(model.parameter_space)
    changed.parameter_space._parameters = dict(model.parameter_space._parameters)
    changed.parameter_space.update(**values)
    return changed


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
