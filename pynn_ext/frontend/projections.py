"""Projections: connectors hand over blocks of connections, which become one `Connections` per pair of
populations.

Positions in ``pre`` and ``post`` (which may be views or assemblies) are mapped to cells of the populations;
after that the arrays of `Connections` are the only copy, and reading and writing attributes goes through
them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyNN import common
from pyNN.parameters import LazyArray
from pyNN.space import Space

from ..errors import NetworkError, PynnExtError, pynn_error, suggestion
from ..network import CellGroup, Connections

INDICES = ("presynaptic_index", "postsynaptic_index")


@dataclass(frozen=True)
class _Member:
    """A population at one end of a projection: `cells` are its indices there, the first at position
    `start`."""

    population: Any
    cells: np.ndarray
    start: int

    def positions(self, cells: np.ndarray) -> np.ndarray:
        """Return the positions in the projection of cells of the population."""
        inverse = np.full(self.population.size, -1, dtype=np.int64)
        inverse[self.cells] = self.start + np.arange(len(self.cells))
        return inverse[cells]


def _members(end: Any) -> list[_Member]:
    members, start = [], 0
    for part in getattr(end, "populations", [end]):
        cells = np.arange(part.root.size)[part.root_index]
        members.append(_Member(part.root, cells, start))
        start += part.size
    return members


@dataclass(frozen=True)
class _Piece:
    """The connections between one member of each end."""

    connections: Connections
    pre: _Member
    post: _Member

    def read(self, name: str, timestep: float) -> np.ndarray:
        """Return a column, or indices in the projection, in the order of the layout."""
        c = self.connections
        if name == "presynaptic_index":
            return self.pre.positions(c.pre_indices()).astype(float)
        if name == "postsynaptic_index":
            return self.post.positions(c.post_index).astype(float)
        if name == "delay":
            return c.delays() * timestep
        if name == "dendritic_delay_fraction":
            return np.full(len(c), c.dendritic_delay_fraction)
        return c.get(name)


class Connection(common.Connection):
    """One connection of a projection; its attributes read and write the projection's arrays."""

    def __init__(self, projection: Any, piece: _Piece, index: int) -> None:
        object.__setattr__(self, "_at", (projection, piece, index))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        projection, piece, index = self._at
        known = (*INDICES, *projection.synapse_type.get_parameter_names())
        if name not in known:
            raise AttributeError(f"a connection has no attribute '{name}'; {suggestion(name, known)}")
        value = piece.read(name, projection._simulator.state.dt)[index]
        return int(value) if name in INDICES else float(value)

    def __setattr__(self, name: str, value: float) -> None:
        projection, piece, index = self._at
        values = np.array(piece.read(name, projection._simulator.state.dt), dtype=float)
        values[index] = value
        projection._write(piece, name, values)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Return the named attributes."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):
    __doc__ = common.Projection.__doc__

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        space = Space() if space is None else space
        self._pieces: list[_Piece] = []
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            space,
            label,
        )
        self._collected: list[tuple[Any, Any, dict[str, Any]]] = []
        connector.connect(self)
        self._build()

    def _connect_block(
        self, pre_index: Any, post_index: Any, parameters: dict[str, Any], location_selector: Any = None
    ) -> None:
        """Take over connections: positions at both ends, and one value or one per connection of each
        parameter."""
        self._refuse_locations(location_selector)
        self._collected.append((np.asarray(pre_index), np.asarray(post_index), parameters))

    def _convergent_connect(
        self,
        presynaptic_indices: Any,
        postsynaptic_index: int,
        location_selector: Any = None,
        **parameters: Any,
    ) -> None:
        """Take over the connections of one postsynaptic cell, as PyNN's connectors hand them over."""
        self._refuse_locations(location_selector)
        pre = np.atleast_1d(np.asarray(presynaptic_indices, dtype=np.int64))
        self._collected.append((pre, np.full(len(pre), postsynaptic_index, dtype=np.int64), parameters))

    def _refuse_locations(self, location_selector: Any) -> None:
        if location_selector is not None:
            raise NetworkError(
                "a location_selector was given",
                where=str(self.label),
                limit="point neurons have no locations",
            )

    def _build(self) -> None:
        names = list(self._collected[0][2]) if self._collected else []
        lengths = [len(pre) for pre, _, _ in self._collected]
        pre = np.concatenate([p for p, _, _ in self._collected]) if lengths else np.empty(0, np.int64)
        post = np.concatenate([p for _, p, _ in self._collected]) if lengths else np.empty(0, np.int64)
        columns: dict[str, Any] = {}
        for name in names:
            values = [parameters[name] for _, _, parameters in self._collected]
            if all(np.ndim(v) == 0 for v in values) and len({float(v) for v in values}) == 1:
                columns[name] = float(values[0])
            else:
                columns[name] = np.concatenate(
                    [np.broadcast_to(v, (n,)) for v, n in zip(values, lengths, strict=True)]
                )
        self._collected = []
        if "weight" in columns:
            self._check_weight(columns["weight"])
        steps = self._simulator.state.delay_steps(
            columns.pop("delay", self._simulator.state.dt), str(self.label)
        )
        fraction = columns.pop("dendritic_delay_fraction", 1.0)
        for pre_member in _members(self.pre):
            for post_member in _members(self.post):
                self._add_piece(
                    pre_member, post_member, pre, post, steps, columns, float(np.ravel(fraction)[0])
                )

    def _add_piece(
        self,
        pre_member: _Member,
        post_member: _Member,
        pre: np.ndarray,
        post: np.ndarray,
        steps: np.ndarray,
        columns: dict[str, Any],
        fraction: float,
    ) -> None:
        a, b = pre - pre_member.start, post - post_member.start
        inside = (a >= 0) & (a < len(pre_member.cells)) & (b >= 0) & (b < len(post_member.cells))
        if not inside.any():
            return
        group = post_member.population.group
        if not isinstance(group, CellGroup):
            raise NetworkError(
                "the target is a spike source", where=str(self.label), limit="sources receive no spikes"
            )
        whole = bool(inside.all())
        pick = slice(None) if whole else inside
        own = {name: value if np.ndim(value) == 0 else value[pick] for name, value in columns.items()}
        cells_pre, cells_post = pre_member.cells[a[pick]], post_member.cells[b[pick]]
        for name, value in self._from_target(group).items():
            own[name] = value if np.ndim(value) == 0 else value[cells_post]
        connections = Connections.build(
            pre_member.population.group,
            group,
            self.receptor_type,
            self.synapse_type.synapse_model,
            cells_pre,
            cells_post,
            steps if np.ndim(steps) == 0 else steps[pick],
            own,
            fraction,
            str(self.label),
        )
        self._simulator.state.network.add_connections(connections)
        self._pieces.append(_Piece(connections, pre_member, post_member))

    def _from_target(self, group: CellGroup) -> dict[str, Any]:
        cell_parameters = {n: (float(c) if c.ndim == 0 else c) for n, c in group.parameters.items()}
        return self.synapse_type.parameters_from_target(cell_parameters, self.receptor_type)

    def _check_weight(self, weight: Any) -> None:
        bad = ~np.isfinite(np.asarray(weight, dtype=float))
        if bad.any():
            raise pynn_error(
                "InvalidWeightError",
                f"{int(bad.sum())} of {bad.size} weights are not finite",
                where=str(self.label),
                limit="a weight is a number",
                remedy="check the array or expression that the weights come from",
            )

    # --- reading and writing -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return sum(len(piece.connections) for piece in self._pieces)

    def _listing(self) -> np.ndarray:
        """Order in which connections are listed: by postsynaptic, then by presynaptic position."""
        pre, post = (self._all(name) for name in INDICES)
        return np.lexsort((pre, post))

    def _all(self, name: str) -> np.ndarray:
        timestep = self._simulator.state.dt
        return np.concatenate([np.empty(0), *(piece.read(name, timestep) for piece in self._pieces)])

    def _get_attributes_as_list(self, names: list[str]) -> list[tuple[float, ...]]:
        order = self._listing()
        return list(zip(*(self._all(name)[order].tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(self, names: list[str], multiple_synapses: str = "sum") -> list[np.ndarray]:
        order = self._listing()
        pre, post = (self._all(name)[order].astype(np.int64) for name in INDICES)
        arrays = []
        for name in names:
            values = self._all(name[:-1] if name in ("weights", "delays") else name)[order]
            array = np.full(self.shape, np.nan)
            if multiple_synapses == "first":
                pairs, first = np.unique(pre * self.shape[1] + post, return_index=True)
                array.ravel()[pairs] = values[first]
            else:
                array[pre, post] = values
                combine = {"sum": np.add, "min": np.minimum, "max": np.maximum}.get(multiple_synapses)
                if combine is not None:
                    start = {"sum": 0.0, "min": np.inf, "max": -np.inf}[multiple_synapses]
                    array[pre, post] = start
                    combine.at(array, (pre, post), values)
            arrays.append(array)
        return arrays

    def _value_list_to_array(self, attributes: dict[str, Any]) -> dict[str, Any]:
        flat = [
            n
            for n, v in attributes.items()
            if isinstance(v, list) or (isinstance(v, np.ndarray) and v.ndim == 1)
        ]
        return super()._value_list_to_array(attributes) if flat else attributes

    def set(self, **attributes: Any) -> None:
        """As PyNN's; an unknown name gets a suggestion."""
        known = self.synapse_type.get_parameter_names()
        for name in attributes:
            if name not in known:
                raise pynn_error(
                    "InvalidParameterValueError",
                    f"{type(self.synapse_type).__name__} has no parameter '{name}'",
                    where=str(self.label),
                    remedy=suggestion(name, known),
                )
        super().set(**attributes)

    def _set_attributes(self, parameter_space: Any) -> None:
        for name, value in parameter_space.items():
            lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=self.shape)
            dense = lazy.evaluate(simplify=True)
            timestep = self._simulator.state.dt
            for piece in self._pieces:
                if np.ndim(dense) == 0:
                    self._write(piece, name, dense)
                else:
                    pre, post = (piece.read(n, timestep).astype(np.int64) for n in INDICES)
                    self._write(piece, name, dense[pre, post])

    def _write(self, piece: _Piece, name: str, value: Any) -> None:
        if name == "weight":
            self._check_weight(value)
        if name == "delay":
            piece.connections.set_delays(self._simulator.state.delay_steps(value, str(self.label)))
        elif name == "dendritic_delay_fraction":
            piece.connections.dendritic_delay_fraction = float(np.ravel(value)[0])
            piece.connections.revision += 1
        else:
            piece.connections.set(name, value)

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of synaptic state variables: numbers, or arrays in the order of
        ``get(format="list")``."""
        for variable, value in initial_values.items():
            known = self.synapse_type.synapse_model.state
            if variable not in known:
                raise NetworkError(
                    f"there is no synaptic state variable '{variable}'",
                    where=str(self.label),
                    remedy=suggestion(variable, known) if known else "this synapse type has no state",
                )
            values = LazyArray(value, shape=(len(self),), dtype=float).evaluate(simplify=False)
            in_layout = np.empty(len(self))
            in_layout[self._listing()] = values
            start = 0
            for piece in self._pieces:
                n = len(piece.connections)
                piece.connections.set(variable, in_layout[start : start + n])
                start += n
            self.initial_values[variable] = value

    def __getitem__(self, i: int) -> Connection:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]  # type: ignore[return-value]
        if not -len(self) <= i < len(self):
            raise IndexError(f"connection {i} of {len(self)}")
        position = int(self._listing()[i])
        for piece in self._pieces:
            if position < len(piece.connections):
                return Connection(self, piece, position)
            position -= len(piece.connections)
        raise PynnExtError("the listing of connections does not match them", where=str(self.label))

    @property
    def connections(self) -> Iterator[Connection]:
        """All connections, in the order of ``get(format="list")``."""
        bounds = np.cumsum([0, *(len(piece.connections) for piece in self._pieces)])
        for position in self._listing():
            k = int(np.searchsorted(bounds, position, side="right")) - 1
            yield Connection(self, self._pieces[k], int(position - bounds[k]))
