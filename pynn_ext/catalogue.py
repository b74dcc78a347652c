"""What is known about each standard model, gathered from the classes themselves: for ``pynn-ext models`` and the docs.

Nothing is listed here: names, parameters, units, equations and methods are the models' own, what a backend accepts
is asked of its module, and the text is the docstring of the model's file.
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import asdict, dataclass
from typing import Any

from .errors import UsageError, suggestion
from .learning import procedures
from .models.base import Cell, Electrode, Neuron, Receptor, Source, Synapse
from .models.composition import Membrane, Response
from .models.registry import all_models
from .network import CellModel, SynapseModel
from .network.cells import PYNN_UNITS
from .plugins import backend_names, load_backend

KINDS = {
    Cell: "cell",
    Neuron: "neuron",
    Receptor: "receptor",
    Source: "source",
    Synapse: "synapse",
    Electrode: "current",
}
TITLES = {
    "cell": "Cells",
    "neuron": "Neurons of a PointNeuron",
    "receptor": "Receptors of a PointNeuron",
    "source": "Spike sources",
    "synapse": "Synapses",
    "part": "Parts of plastic synapses",
    "current": "Current sources",
    "procedure": "Learning procedures",
}
METHODS = {
    "exact": "exact, by matrix propagators",
    "exponential_midpoint": "exponential steps with the other variables at the midpoint, second order",
    "update": "none: a time step, whatever its length, is one update",
}
#: What begins with a year or holds one, in parentheses, with the names before it where they stand outside.
CITATION = re.compile(
    r"((?:[A-Z][\w'-]+(?:, | and | et al\. | ))+)\(((?:19|20)\d\d\b[^();]*)"
    r"|\(([^();]*[A-Z][^();]*\b(?:19|20)\d\d\b[^();]*)"
)


@dataclass(frozen=True)
class Entry:
    """A standard model.

    Attributes
    ----------
    name, kind, summary : str
        Kind is one of ``cell``, ``neuron`` and ``receptor`` (of a `PointNeuron`), ``source``, ``synapse``, ``part``
        (of a plastic synapse), ``current``, ``procedure``.
    parameters : dict
        Default value of each parameter: a number, or text for anything else.
    units : dict of str to str
        Unit of each parameter and state variable, ``""`` for none.
    recordable, receptors : list of str
    equations : str
        Equations and statements of the model, as an engine takes them; empty where a class implements it.
    method : str
        How the equations are integrated.
    source : str
        Docstring of the model's file: mechanism, citation, differences from other simulators.
    file : str
        Name of that file's module.
    status : str
        ``exact``, ``verified`` or ``inferred``, and what its numbers were checked against.
    part : bool
        Whether it can be the neuron of a `PointNeuron`.
    pynn : bool
        Whether it is a standard model of PyNN.
    backends : list of str
        Names of the backends that accept it.
    """

    name: str
    kind: str
    summary: str
    parameters: dict[str, Any]
    units: dict[str, str]
    recordable: list[str]
    receptors: list[str]
    equations: str
    method: str
    source: str
    file: str
    status: str
    part: bool
    pynn: bool
    backends: list[str]

    @property
    def grade(self) -> str:
        """The first word of the status."""
        return self.status.partition(" ")[0].rstrip(":,")

    @property
    def citation(self) -> str:
        """Where the model comes from: the first work that its source names."""
        found = CITATION.search(" ".join(self.source.split()))
        if not found:
            return "PyNN" if self.pynn else ""
        names, rest, whole = found.groups()
        return (whole or f"{names.strip()} {rest}").strip()

    @property
    def described(self) -> str:
        """Summary with the citation, on one line."""
        known = self.citation in self.summary.replace("(", "")  # as the empty one is
        return self.summary if known else f"{self.summary} ({self.citation})"

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {**asdict(self), "citation": self.citation, "described": self.described}


def entries() -> list[Entry]:
    """Return all standard models, by kind and name; imports every backend."""
    accepted = {backend: accepted_by(load_backend(backend)) for backend in backend_names()}
    order = list(TITLES)
    found = [
        describe(model, [backend for backend, names in accepted.items() if name in names])
        for name, model in all_models().items()
    ]
    return sorted(found, key=lambda entry: (order.index(entry.kind), entry.name))


def entry(name: str) -> Entry:
    """Return the model called `name`; raises `UsageError` if there is none."""
    found = {entry.name: entry for entry in (*entries(), *procedure_entries())}
    if name not in found:
        raise UsageError(f"there is no model named {name!r}", remedy=suggestion(name, found))
    return found[name]


def procedure_entries() -> list[Entry]:
    """Return all learning procedures, by name; they work through PyNN's interface, so every backend has them that has
    the models they need."""
    found = []
    accepted = {backend: accepted_by(load_backend(backend)) for backend in sorted(backend_names())}
    for name, procedure in sorted(procedures().items()):
        arguments = _arguments(procedure)
        parameters = {a.name: a.default for a in arguments if isinstance(a.default, int | float)}
        found.append(
            Entry(
                name=name, kind="procedure", summary=first_sentence(inspect.getdoc(procedure) or ""),
                parameters=parameters, units=dict.fromkeys(parameters, ""),
                recordable=list(procedure.variables), receptors=[], equations="", method="",
                source=inspect.cleandoc(sys.modules[procedure.__module__].__doc__ or ""),
                file=procedure.__module__, status=procedure.status, part=False, pynn=False,
                backends=[backend for backend, names in accepted.items() if names.issuperset(procedure.needs)],
            )
        )  # fmt: skip
    return found


def _arguments(procedure: type) -> list[inspect.Parameter]:
    """Return the arguments of a class, with those that it hands on to its bases."""
    found: dict[str, inspect.Parameter] = {}
    for cls in procedure.__mro__:
        if "__init__" in cls.__dict__:
            own = inspect.signature(cls).parameters
            found |= {name: argument for name, argument in own.items() if name not in found}
            if not any(argument.kind is argument.VAR_KEYWORD for argument in own.values()):
                break
    return list(found.values())


def refusals(backend: str) -> dict[str, str]:
    """Return the standard models of PyNN that a backend does not have, and why."""
    from pyNN.standardmodels import ModelNotAvailable

    return {
        name: first_sentence(model.__doc__ or "")
        for name, model in vars(load_backend(backend)).items()
        if inspect.isclass(model) and issubclass(model, ModelNotAvailable)
    }


def accepted_by(backend: Any) -> set[str]:
    """Return the names of our models that the module of a backend offers."""
    return {
        name
        for name, model in all_models().items()
        if inspect.isclass(offered := getattr(backend, name, None)) and issubclass(offered, model)
    }


def describe(model: type, backends: list[str]) -> Entry:
    """Return the entry of a model."""
    equations, method = _equations(model)
    defaults = _defaults(model)
    recordable = [name for name in _listed(model, "recordable") if name != "spikes"]
    if issubclass(model, Cell | Source):
        recordable = ["spikes", *recordable]
    source = inspect.cleandoc(sys.modules[model.__module__].__doc__ or "")
    alone = [m.__module__ for m in all_models().values()].count(model.__module__) == 1
    return Entry(
        name=model.__name__,
        kind=kind_of(model),
        summary=first_sentence(source if alone else inspect.getdoc(model) or source),
        parameters={n: v if isinstance(v, int | float | str) else _shown(v) for n, v in defaults.items()},
        units={name: _unit(model, name) for name in (*defaults, *recordable) if name != "spikes"},
        recordable=recordable,
        receptors=_listed(model, "receptor_types") if issubclass(model, Cell) else [],
        equations=equations,
        method=method,
        source=source,
        file=model.__module__,
        status=getattr(model, "status", ""),
        part=issubclass(model, Neuron),
        pynn=any(c.__module__.startswith("pyNN.") and c.__name__ == model.__name__ for c in model.__mro__),
        backends=backends,
    )


def _listed(model: type, attribute: str) -> list[str]:
    """Names that a class holds; an instance of `PointNeuron` has those of its parts."""
    value = getattr(model, attribute, ())
    return [] if isinstance(value, property) else list(value)


def kind_of(model: type) -> str:
    """Return the kind of a model: a key of `TITLES`."""
    return next((kind for base, kind in KINDS.items() if issubclass(model, base)), "part")


def first_sentence(text: str) -> str:
    """Return the first sentence of a docstring, on one line, without its full stop."""
    return " ".join(text[: sentence_end(text)].split()).rstrip(".: ")


def sentence_end(text: str) -> int:
    """Where the first sentence of a docstring ends: with its paragraph, or at a full stop outside parentheses before a
    capital letter, since "Nat. Commun." and "et al. 2018" are no ends."""
    depth, end = 0, text.find("\n\n")
    paragraph = text if end < 0 else text[:end]
    for at, character in enumerate(paragraph):
        depth += (character in "([") - (character in ")]")
        following = paragraph[at + 1 :].lstrip()
        if character == "." and depth <= 0 and paragraph[at + 1 : at + 2].isspace():
            if following[:1].isupper() or following[:1] in ("`", "*", '"'):
                return at + 1
    return len(paragraph)


def _defaults(model: Any) -> dict[str, Any]:
    """Default of each parameter; those of a synapse made of parts are arguments of its class."""
    if model.default_parameters or not issubclass(model, Synapse):
        return dict(model.default_parameters)
    arguments = inspect.signature(model.__init__).parameters
    if "weight" not in arguments:
        arguments = next(
            p for c in model.__mro__ if "weight" in (p := inspect.signature(c.__init__).parameters)
        )
    return {name: arguments[name].default for name in model.base_translations}


def _shown(value: Any) -> str:
    if value is None:
        return "smallest"
    return str(list(value.value)) if hasattr(value, "value") else str(value)


def _unit(model: type, name: str) -> str:
    """Unit of a parameter or variable: the nearest class that says one, else that of the equations."""
    for cls in model.__mro__:
        units = cls.__dict__.get("units")
        if isinstance(units, dict) and name in units:
            return str(units[name])
    response = getattr(model, "response", None)
    if isinstance(response, Response) and name in response.parameters:
        return PYNN_UNITS[response.parameters[name]]
    cell = getattr(model, "cell_model", None)
    return str(cell.state_units.get(name, "")) if isinstance(cell, CellModel) else ""


def _equations(model: Any) -> tuple[str, str]:
    """Equations and method of integration."""
    cell, synapse = getattr(model, "cell_model", None), getattr(model, "synapse_model", None)
    if isinstance(cell, CellModel):
        steps = f", in steps of at most {cell.max_step:g} ms" if cell.max_step else ""
        steps += ", where one of third order fails on trial" if cell.tolerance else ""
        return _cell_text(cell), METHODS.get(cell.method, f"Brian2's state updater {cell.method}") + steps
    membrane, response = getattr(model, "membrane", None), getattr(model, "response", None)
    if isinstance(membrane, Membrane):
        parts = {"": membrane.equations, "threshold": membrane.threshold, "reset": membrane.reset}
        steps = f", in steps of at most {membrane.max_step:g} ms" if membrane.max_step else ""
        method = METHODS.get(membrane.method, f"Brian2's state updater {membrane.method}") + steps
        return _titled(parts), f"exact with linear receptors, else {method}" if membrane.linear else method
    if isinstance(response, Response):
        factor = "" if response.factor == 1 else f"*{response.factor:.9g}"
        spike = f"{response.target} += weight{factor}"
        return _titled({"": response.equations, "at a spike": spike, "current": response.current}), ""
    if isinstance(synapse, SynapseModel):
        return _synapse_text(synapse), "in every step" if synapse.coupling else "from spike to spike"
    return "", ""


def _cell_text(cell: CellModel) -> str:
    receptors = [
        f"{variable} += weight{'' if factor == 1 else f'*{factor:.9g}'}"
        for variable, factor in cell.receptors.values()
    ]
    parts = {
        "": cell.equations,
        **{
            f"at a spike of receptor {name}": text
            for name, text in zip(cell.receptors, receptors, strict=True)
        },
        "first in each step, in C++ for 64 cells": cell.kernel.source if cell.kernel else "",
        "before each step": cell.before,
        "after each step": cell.after,
        "threshold": cell.threshold,
        "reset": cell.reset,
        "refractory": cell.refractory,
    }
    return _titled(parts)


def _synapse_text(synapse: SynapseModel) -> str:
    traces = {**synapse.pre_traces, **synapse.post_traces}
    parts = {
        "traces": "\n".join(f"d{name}/dt = -{name}/{tau}" for name, tau in traces.items()),
        "when a spike is transmitted": synapse.on_transmit,
        "at a presynaptic spike": synapse.on_pre,
        "at a postsynaptic spike": synapse.on_post,
        "in every step, both ways" if synapse.symmetric else "in every step": synapse.coupling
        and f"{synapse.couples_to} += {synapse.coupling}",
        "when brought back to scale = 1": synapse.on_rescale,
    }
    return _titled(parts) or "transmitted = weight"


def _titled(parts: dict[str, str]) -> str:
    """Non-empty parts, each below a comment that names it."""
    return "\n".join(
        f"# {title}\n{text.strip()}" if title else text.strip() for title, text in parts.items() if text
    )
