"""sPyNNaker's projections: the sign of inhibitory weights, and how connections are listed.

sPyNNaker takes the magnitude of weights and lets the receptor decide what they do. PyNN wants negative ones for
inhibitory synapses onto cells with synaptic currents: there they are ``-|w|``, whether they come as a number, an array,
drawn or in a connector's list, and are read as ``|w|``.

Its ``get`` lists connections by source and then target, each a list, with cells numbered in their population, also
where the projection connects views; a matrix has a row and a column for each cell of the populations. PyNN numbers
within views and lists as the simulator likes (here by target)."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

ENDS = ("source", "target")  #: what sPyNNaker calls them in a list of attributes
INDICES = (("source", "presynaptic_index"), ("target", "postsynaptic_index"))


def minus_magnitude(value: Any) -> Any:
    """Return ``-|w|`` of a number or an array."""
    return -abs(value)


def projection(base: Any) -> Any:
    """Return the backend's `Projection` as sPyNNaker's."""

    class Projection(base):  # type: ignore[misc]
        __doc__ = base.__doc__

        def __init__(
            self, presynaptic_population: Any, postsynaptic_population: Any, connector: Any,
            synapse_type: Any = None, source: Any = None, receptor_type: str | None = None,
            space: Any = None, label: str | None = None,
        ) -> None:  # fmt: skip
            self._turned = receptor_type == "inhibitory" and not postsynaptic_population.conductance_based
            if self._turned:
                synapse_type = _negative(synapse_type)
            super().__init__(
                presynaptic_population, postsynaptic_population, connector, synapse_type, source,
                receptor_type, label=label, **({} if space is None else {"space": space}),
            )  # fmt: skip

        def _connect_block(self, pre: Any, post: Any, parameters: dict[str, Any], *args: Any) -> None:
            super()._connect_block(pre, post, self._signed(parameters), *args)

        def _convergent_connect(self, pre: Any, post: Any, *args: Any, **parameters: Any) -> None:
            super()._convergent_connect(pre, post, *args, **self._signed(parameters))

        def _signed(self, parameters: dict[str, Any]) -> dict[str, Any]:
            """Return values of parameters as PyNN has them."""
            if not self._turned or "weight" not in parameters:
                return parameters
            return {**parameters, "weight": _turned(parameters["weight"], self.shape)}

        def set(self, **attributes: Any) -> None:
            """As PyNN's; inhibitory weights are magnitudes."""
            super().set(**self._signed(attributes))

        def get(
            self, attribute_names: Any, format: str, gather: bool = True, with_address: bool = True,
            multiple_synapses: str = "last",
        ) -> Any:  # fmt: skip
            """Return attributes of the connections, as sPyNNaker does.

            Returns
            -------
            list or ndarray
                ``"list"``: a list ``[source, target, value, …]`` for each connection, or its only value if there is one
                and no address. Otherwise a matrix for each attribute, shape (cells of the source, cells of the target).
            """
            names = [attribute_names] if isinstance(attribute_names, str) else list(attribute_names)
            if format == "list":
                return self._rows([*ENDS, *names] if with_address else names, gather)
            found = super().get(names, "array", gather, multiple_synapses=multiple_synapses)
            matrices = [self._whole(name, matrix) for name, matrix in zip(names, found, strict=True)]
            return matrices[0] if len(matrices) == 1 else tuple(matrices)

        def _rows(self, names: list[str], gather: bool) -> list[Any]:
            """Return attributes of all connections by source and then target, the ends among them."""
            own = [name for name in dict.fromkeys(names) if name not in ENDS]
            if hasattr(self, "listed"):  # a backend of this package: without a tuple for each connection
                for name in own:
                    self.check_readable(name)
                table = {name: self.listed(by) for name, by in (*INDICES, *zip(own, own, strict=True))}
            else:
                found = super().get(own, "list", gather, with_address=True)
                table = dict(zip([*ENDS, *own], np.reshape(found, (-1, 2 + len(own))).T, strict=True))
            for name, end in zip(ENDS, (self.pre, self.post), strict=True):
                table[name] = _positions(end)[table[name].astype(np.int64)]
            order = np.lexsort((table["target"], table["source"]))
            columns = [self._unsigned(name, table[name])[order].tolist() for name in names]
            return columns[0] if len(columns) == 1 else [list(row) for row in zip(*columns, strict=True)]

        def _whole(self, name: str, matrix: np.ndarray) -> np.ndarray:
            """Return a matrix of the cells of the populations for one of those that are connected."""
            whole = np.full((_size(self.pre), _size(self.post)), np.nan)
            whole[np.ix_(_positions(self.pre), _positions(self.post))] = self._unsigned(name, matrix)
            return whole

        def _unsigned(self, name: str, values: np.ndarray) -> np.ndarray:
            return np.abs(values) if self._turned and name == "weight" else values

    return Projection


def _positions(end: Any) -> np.ndarray:
    """Return where the cells of a population or view are in the population; those of an assembly are in itself."""
    places = np.arange(end.size)
    return np.asarray(end.index_in_grandparent(places)) if hasattr(end, "grandparent") else places


def _size(end: Any) -> int:
    return int(getattr(end, "grandparent", end).size)


def _turned(value: Any, shape: tuple[int, int]) -> Any:
    """Return ``-|w|`` of weights in any form that PyNN takes."""
    if isinstance(value, int | float | np.ndarray):
        return minus_magnitude(value)
    if isinstance(value, list | tuple):
        return minus_magnitude(np.asarray(value, dtype=float))
    if isinstance(value, RandomDistribution | str):
        value = LazyArray(value, shape=shape, dtype=float)
    if isinstance(value, LazyArray):
        changed = copy(value)
        changed.operations = [*value.operations, (minus_magnitude, None)]
        return changed
    return value


def _negative(synapse_type: Any) -> Any:
    """Return the synapse with negative weights. The script may use its own object elsewhere, so that is left alone."""
    parameters: Any = getattr(synapse_type, "parameter_space", None)
    weight = parameters["weight"] if parameters is not None else None
    if weight is None or _is_negative(weight):
        return synapse_type
    plain = isinstance(weight.base_value, int | float) and not weight.operations
    value = minus_magnitude(weight.base_value) if plain else _turned(weight, weight.shape)
    if hasattr(synapse_type, "weight_dependence"):  # bounds of the weight are turned with it
        bounds = synapse_type.weight_dependence.parameter_space
        turned = {name: -bounds[name] for name in ("w_min", "w_max")}
        changed = copy(synapse_type)
        changed.weight, changed.weight_dependence = value, _changed(synapse_type.weight_dependence, **turned)
        return changed
    return _changed(synapse_type, weight=value)


def _is_negative(weight: LazyArray) -> bool:
    value = weight.base_value
    return isinstance(value, int | float) and value <= 0 and not weight.operations


def _changed(model: Any, **values: Any) -> Any:
    """Return a copy of a model with other values of parameters."""
    changed = copy(model)
    changed.parameter_space = copy(model.parameter_space)
    changed.parameter_space._parameters = dict(model.parameter_space._parameters)
    changed.parameter_space.update(**values)
    return changed
