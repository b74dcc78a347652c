"""Connectors that are given their connections one by one, as rows ``(pre, post, parameter, …)``."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy, deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.connectors as pynn
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.random import RandomDistribution
from pyNN.standardmodels import StandardSynapseType

from ..errors import pynn_error
from .connecting import tell
from .connection_maps import Index
from .described import DescribedConnector
from .synapse_values import DistanceMap, SynapseValues, Values, column_bounds

Rows = npt.NDArray[Any]


class FromListConnector(DescribedConnector, pynn.FromListConnector):
    __doc__ = pynn.FromListConnector.__doc__

    conn_list: Rows

    def connect(self, projection: Any) -> None:
        """Create the connections, sorted by target.

        Raises
        ------
        pyNN.errors.ConnectionError
            If an index is not a position in the population.
        """
        known = projection.synapse_type.get_parameter_names()
        for name in self.column_names:
            if name not in known:
                raise ValueError(
                    f"{name} is not a valid parameter for {type(projection.synapse_type).__name__}"
                )
        self.conn_list = np.atleast_2d(self.conn_list)
        if self.conn_list.size == 0:
            return
        for column, side in enumerate(("source", "target")):
            _check_range(self.conn_list[:, column], projection.shape[column], side, str(projection.label))
        # PyNN sorts with the same call; it is not stable, so the order of equal targets depends on it
        self.conn_list = self.conn_list[np.argsort(self.conn_list[:, 1])]
        connect_rows(self, projection, self.conn_list, self.column_names)
        if self.callback is not None:
            self.callback(1.0)


class FromFileConnector(pynn.FromFileConnector, FromListConnector):
    __doc__ = pynn.FromFileConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Read the file and create its connections, sorted by target."""
        if self.distributed:
            self.file.rename(f"{self.file.name}.{projection._simulator.state.mpi_rank}")
        columns = self.file.get_metadata().get("columns", ("weight", "delay"))
        self.column_names = [name for name in columns if name not in ("i", "j")]
        self.conn_list = self.file.read()
        FromListConnector.connect(self, projection)


def _check_range(index: Rows, size: int, side: str, where: str) -> None:
    """Raise unless every index is a whole number in ``[0, size)``."""
    bad = np.flatnonzero(~((index >= 0) & (index < size) & (index == np.floor(index))))
    if bad.size:
        raise pynn_error(
            "ConnectionError",
            f"{side} index out of range: {index[bad[0]]:.15g} in row {bad[0]} of the connection list",
            where=where,
            limit=f"the population of the {side}s has {size} cells, numbered from 0",
            remedy="correct the list; indices are positions in the population, not IDs",
        )


def connect_rows(connector: Any, projection: Any, rows: Rows, column_names: Iterable[str]) -> None:
    """Create the connections ``(pre, post, *parameters)`` in the order of `rows`.

    Parameters that are not among `column_names` are those of the synapse type.
    """
    if not len(rows):
        return
    pre, post = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    columns: Values = {name: rows[:, k] for k, name in enumerate(column_names, 2)}
    space = projection.synapse_type.parameter_space
    rest = {name: value for name, value in space.items() if name not in columns}
    drawn = {name for name, value in rest.items() if isinstance(value.base_value, RandomDistribution)}
    fixed = {name: value for name, value in rest.items() if name not in drawn}
    columns |= _evaluated_on_pairs(projection, fixed, pre, post)
    values = (
        _drawn_by_target(projection, columns, post)
        if drawn
        else _native(projection, space, columns, len(rows))
    )
    projection._connect_block(pre, post, values, connector.location_selector)


def _evaluated_on_pairs(projection: Any, values: dict[str, LazyArray], pre: Index, post: Index) -> Values:
    """Evaluate expressions of distance or index, and matrices, for the given pairs.

    PyNN hands such an expression the number of the row instead of the distance, or fails.
    """
    maps: dict[str, LazyArray] = {}
    for name, value in values.items():
        value = deepcopy(value)
        value.shape = projection.shape
        if isinstance(value.base_value, IndexBasedExpression):
            value.base_value = copy(value.base_value)
            value.base_value.projection = projection
        elif callable(value.base_value):
            value = value(LazyArray(DistanceMap(projection), shape=projection.shape))
        maps[name] = value
    return SynapseValues(maps).sample(pre, post)


def _native(projection: Any, space: ParameterSpace, columns: Values, n: int) -> Values:
    """Translate standard parameters, all of them given, to native ones."""
    synapse_type = projection.synapse_type
    given = ParameterSpace({name: columns[name] for name in space.keys()}, space.schema, shape=(n,))
    if isinstance(synapse_type, StandardSynapseType):
        given = synapse_type.translate(given, copy=False)
    values: Values = {}
    for name, value in given.items():
        if value.is_homogeneous:
            values[name] = value.evaluate(simplify=True)
        else:  # lazyarray reduces an array of length 1 to a number
            values[name] = np.atleast_1d(np.asarray(value.evaluate(), dtype=np.float64))
    return values


def _drawn_by_target(projection: Any, columns: Values, post: Index) -> Values:
    """Let each target draw the parameters that are not listed, as PyNN does: from a copy of the generator."""
    synapse_type = projection.synapse_type
    bounds = column_bounds(post).tolist()
    parts: dict[str, list[npt.NDArray[np.float64]]] = {}
    for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
        tell(projection, start / len(post))
        space = deepcopy(synapse_type.parameter_space)
        for name in columns:
            space._parameters[name].base_value = 0.0  # replaced below; a matrix would not take the new shape
        space.shape = (stop - start,)
        space.update(**{n: v[start:stop] if isinstance(v, np.ndarray) else v for n, v in columns.items()})
        if isinstance(synapse_type, StandardSynapseType):
            space = synapse_type.translate(space)
        space.evaluate()
        for name, value in space.items():
            part = np.broadcast_to(np.asarray(value, dtype=np.float64), stop - start)
            parts.setdefault(name, []).append(part)
    return {name: np.concatenate(values) for name, values in parts.items()}
