"""Projections: connectors hand over blocks of connections, which become one `Connections` per pair of
populations.

Positions in ``pre`` and ``post`` (which may be views or assemblies) are mapped to cells of the populations;
after that the arrays of `Connections` are the only copy, and reading and writing attributes goes through
them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import LazyArray
from pyNN.space import Space

from ..errors import NetworkError, PynnExtError, suggestion
from ..network import CellGroup, Connections
from .connecting import Progress
from .described import SHORT, Described, with_parameters
from .pieces import INDICES, Connection, Member, Piece, members
from .projection_checks import (
    check_limits,
    check_name,
    check_positions,
    check_receptor,
    check_shape,
    check_weight,
    explained,
    one_fraction,
)
from .state import ID
from .synapse_recording import RecordedSynapses, present

__all__ = ["Connection", "Projection"]
COMBINE = {"sum": np.add, "min": np.minimum, "max": np.maximum}


class Projection(RecordedSynapses, Described, common.Projection):
    __doc__ = common.Projection.__doc__
    rounded_delays = 0

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
        self._pieces: list[Piece] = []
        self.procedures: list[Any] = []
        self._listed: tuple[int, np.ndarray] | None = None
        self._collected: list[tuple[Any, Any, dict[str, Any]]] = []
        if getattr(getattr(synapse_type, "synapse_model", None), "coupling", ""):
            receptor_type = (
                None  # a name such as "source_section.gap" says where; a point neuron has one place
            )
        check_receptor(presynaptic_population, postsynaptic_population, receptor_type, label)
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            Space() if space is None else space,
            label,
        )
        weight = self.synapse_type.parameter_space["weight"].base_value
        if isinstance(weight, float):
            check_weight(weight, str(self.label))
        with Progress(str(self.label)) as self._progress:
            try:
                connector.connect(self)
            except errors.ConnectionError as error:
                raise explained(error, weight, str(self.label)) from error
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
        first = (
            presynaptic_indices[0] if np.size(presynaptic_indices) and np.ndim(presynaptic_indices) else None
        )
        if isinstance(first, ID):  # CSAConnector gives cells, not positions
            presynaptic_indices = self.pre.id_to_index(presynaptic_indices)
        if isinstance(postsynaptic_index, ID):
            postsynaptic_index = int(self.post.id_to_index(postsynaptic_index))
        self._progress.update(postsynaptic_index / self.post.size)
        sources = np.atleast_1d(np.asarray(presynaptic_indices, dtype=np.int64))
        targets = np.full(len(sources), postsynaptic_index, dtype=np.int64)
        self._collected.append((sources, targets, parameters))

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
        ends = {"pre": (pre, self.pre.size), "post": (post, self.post.size)}
        check_positions(ends, str(self.label))
        if "weight" in columns:
            check_weight(columns["weight"], str(self.label))
        check_limits(columns, self.synapse_type, str(self.label))
        steps = self._steps(columns.pop("delay", self._simulator.state.dt), len(pre))
        fraction = one_fraction(columns.pop("dendritic_delay_fraction", 1.0), str(self.label))
        for pre_member in members(self.pre):
            for post_member in members(self.post):
                self._add_piece(pre_member, post_member, pre, post, steps, columns, fraction)

    def _steps(self, delays: Any, count: int = 1) -> Any:
        """Return delays (ms) in steps; how many were rounded is counted.

        A single delay stands for those of `count` connections."""
        state = self._simulator.state
        steps, rounded = state.delay_steps(delays, str(self.label))
        self._report_rounded(rounded * (1 if np.ndim(delays) else count))
        return steps

    def _report_rounded(self, rounded: int) -> None:
        if rounded:
            self.rounded_delays += rounded
            self.annotations["rounded_delays"] = self.rounded_delays
            self._simulator.state.report_rounded("delays", self.rounded_delays, str(self.label))

    def _add_piece(
        self,
        pre_member: Member,
        post_member: Member,
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
        for name, value in self.synapse_type.parameters_from_source(self.pre.size).items():
            own[name] = value[pre[pick]]
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
            self._modulator(),
        )
        self._take(Piece(connections, pre_member, post_member))

    def _take(self, piece: Piece) -> None:
        """Make a block part of the network."""
        self.synapse_type.check(piece.connections, self._simulator.state.dt)
        self._simulator.state.network.add_connections(piece.connections)
        self._pieces.append(piece)

    def _modulator(self) -> CellGroup | None:
        """Return the cells whose state modulates the plasticity."""
        population = getattr(self.synapse_type, "modulator", None)
        return None if population is None else population.group

    def _from_target(self, group: CellGroup) -> dict[str, Any]:
        cell_parameters = {n: (float(c) if c.ndim == 0 else c) for n, c in group.parameters.items()}
        return self.synapse_type.parameters_from_target(cell_parameters, self.receptor_type)

    def _short(self) -> str:
        synapse = self.synapse_type
        plasticity = synapse.describe(SHORT) if hasattr(synapse, "weight_dependence") else None
        lines = [
            f'Projection "{self.label}" of {len(self)} connections',
            f"    From      : {self.pre.label} ({self.pre.size} cells)",
            f"    To        : {self.post.label} ({self.post.size} cells), {self.receptor_type}",
            f"    Connector : {self._connector.describe()}",
            f"    Synapses  : {plasticity or with_parameters(synapse, dict(synapse.parameter_space.items()))}",
        ]
        return "\n".join(lines)

    # --- reading and writing -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def _listing(self) -> np.ndarray:
        """Order in which connections are listed: by postsynaptic, then by presynaptic position."""
        post = self._all("postsynaptic_index")
        if len(self._pieces) == 1 and self._pieces[0].pre.in_order:
            small = post.astype(np.uint16 if self.post.size <= 65536 else np.uint32)  # sorted by radix
            return np.argsort(small, kind="stable")
        return np.lexsort((self._all("presynaptic_index"), post))

    def _all(self, name: str) -> np.ndarray:
        if name not in INDICES and (learned := self.learned(name)):
            pre, post = (self._all(index).astype(np.int64) for index in INDICES)
            return learned.at(pre, post, str(self.label))
        state = self._simulator.state
        return np.concatenate([np.empty(0), *(present(piece, name, state) for piece in self._pieces)])

    def get(self, attribute_names: Any, format: str, *args: Any, **kwargs: Any) -> Any:
        """As PyNN's; an unknown name gets a suggestion."""
        for name in [attribute_names] if isinstance(attribute_names, str) else attribute_names:
            self.check_readable(name)
        return super().get(attribute_names, format, *args, **kwargs)

    def listed(self, name: str) -> np.ndarray:
        """Return the values of ``get(name, format="list")`` as an array."""
        return self._all(name)[self._listing()]

    def _get_attributes_as_list(self, names: list[str]) -> list[tuple[float, ...]]:
        order = self._listing()
        return list(zip(*(self._all(name)[order].tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(self, names: list[str], multiple_synapses: str = "sum") -> list[np.ndarray]:
        order = self._listing()
        pre, post = (self._all(name)[order].astype(np.int64) for name in INDICES)
        # connections of one pair follow one another in the listing
        begins = np.flatnonzero(np.diff(pre, prepend=-1) | np.diff(post, prepend=-1))
        arrays = []
        for name in names:
            values = self._all(name)[order]
            array = np.full(self.shape, np.nan)
            if multiple_synapses in COMBINE and len(begins) < len(values):
                values = COMBINE[multiple_synapses].reduceat(values, begins)
            elif multiple_synapses == "last":
                values = values[np.append(begins[1:], len(values)) - 1] if len(values) else values
            else:
                values = values[begins]
            array[pre[begins], post[begins]] = values
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
        for name, value in attributes.items():
            check_name(name, self.synapse_type, str(self.label))
            check_shape(name, value, len(self), self.shape, str(self.label))
        if all(isinstance(value, float | int) for value in attributes.values()):
            self._set_attributes(attributes)  # a procedure may do this in every step
        else:
            super().set(**attributes)

    def _dense(self, value: Any) -> Any:
        """Return a value as a number, or as an array of all pairs of cells."""
        if isinstance(value, float | int):
            return float(value)
        lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=self.shape)
        return lazy.evaluate(simplify=True)

    def _set_attributes(self, parameter_space: Any) -> None:
        timestep = self._simulator.state.dt
        for name, value in parameter_space.items():
            dense = self._dense(value)
            for piece in self._pieces:
                if np.ndim(dense) == 0:
                    self._write(piece, name, dense)
                else:
                    pre, post = (piece.read(n, timestep).astype(np.int64) for n in INDICES)
                    self._write(piece, name, dense[pre, post])

    def _write(self, piece: Piece, name: str, value: Any) -> None:
        if name == "weight":
            check_weight(value, str(self.label))
        check_limits({name: value}, self.synapse_type, str(self.label))
        if name == "delay":
            piece.write_delays(self._steps(value, len(piece)))
        elif name == "dendritic_delay_fraction":
            piece.connections.dendritic_delay_fraction = one_fraction(value, str(self.label))
            piece.connections.revision += 1
        else:
            if name != "weight":
                piece.connections.bring_to(self._simulator.state.t)
            piece.write(name, value)
        self.synapse_type.check(piece.connections, self._simulator.state.dt)

    def _write_one(self, piece: Piece, name: str, connection: Connection, value: Any) -> None:
        check_name(name, self.synapse_type, str(self.label))
        if name == "weight":
            check_weight(value, str(self.label))
        check_limits({name: value}, self.synapse_type, str(self.label))
        if name == "delay":
            piece.delay_one(connection.index, int(self._steps(value)))
            self._simulator.state.unsettled.add(piece)
        elif name == "dendritic_delay_fraction":
            one_fraction([value, piece.connections.dendritic_delay_fraction], str(self.label))
        else:
            if name != "weight":
                piece.connections.bring_to(self._simulator.state.t)
            piece.write_one(name, connection, float(value))

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
                piece.connections.bring_to(self._simulator.state.t)
                n = len(piece)
                piece.write(variable, in_layout[start : start + n])
                start += n
            self.initial_values[variable] = value

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"connection {i} of {len(self)}")
        order = sum(piece.order for piece in self._pieces)
        if self._listed is None or self._listed[0] != order:
            for piece in self._pieces:
                piece.settle()
            self._listed = (sum(piece.order for piece in self._pieces), self._listing())
        position = int(self._listed[1][i])
        for piece in self._pieces:
            if position < len(piece):
                return piece.hold(self, position)
            position -= len(piece)
        raise PynnExtError("the listing of connections does not match them", where=str(self.label))

    def __iter__(self) -> Iterator[Connection]:
        return self.connections

    @property
    def connections(self) -> Iterator[Connection]:
        """All connections, in the order of ``get(format="list")``."""
        return (self[i] for i in range(len(self)))
