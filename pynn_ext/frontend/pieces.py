"""What a projection consists of: one block of connections per pair of populations, and access to single ones.

A projection counts cells by their position in ``pre`` and ``post``; a block counts them by their index in a
population and keeps its connections sorted by source, delay and target. So a new delay moves connections
within the block. New delays of single connections are therefore collected and take effect together when the
block is needed next, and whoever holds a connection keeps holding the same one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from weakref import WeakSet

import numpy as np
from pyNN import common

from ..errors import suggestion
from ..network import Connections

INDICES = ("presynaptic_index", "postsynaptic_index")


class Member:
    """A population at one end of a projection.

    Parameters
    ----------
    population : Population
        The population itself, never a view.
    cells : ndarray
        Indices in the population of the cells that belong to the end.
    start : int
        Position in the end of the first of them.
    """

    def __init__(self, population: Any, cells: np.ndarray, start: int) -> None:
        self.population, self.cells, self.start = population, cells, start

    @cached_property
    def _position_of(self) -> np.ndarray:
        inverse = np.full(self.population.size, -1, dtype=np.int64)
        inverse[self.cells] = self.start + np.arange(len(self.cells))
        return inverse

    @cached_property
    def in_order(self) -> bool:
        """Whether positions increase with indices."""
        return bool(np.all(np.diff(self.cells) > 0))

    def positions(self, cells: Any) -> Any:
        """Return the positions in the end of cells of the population."""
        return self._position_of[cells]


def members(end: Any) -> list[Member]:
    """Return the populations that a population, view or assembly consists of."""
    found, start = [], 0
    for part in getattr(end, "populations", [end]):
        found.append(Member(part.root, np.arange(part.root.size)[part.root_index], start))
        start += part.size
    return found


class Piece:
    """The connections between one member of each end, in the order of their block."""

    def __init__(self, connections: Connections, pre: Member, post: Member) -> None:
        self._connections, self.pre, self.post = connections, pre, post
        self._new_delays: dict[int, int] = {}
        self._held: WeakSet[Connection] = WeakSet()
        self.order = 0  # increases when connections move

    @property
    def connections(self) -> Connections:
        """The block, with all new delays in effect."""
        self.settle()
        return self._connections

    def __len__(self) -> int:
        return len(self._connections)

    def settle(self) -> None:
        """Put the delays that were set one by one into effect."""
        if self._new_delays:
            steps = self._connections.delays()
            steps[list(self._new_delays)] = list(self._new_delays.values())
            self._new_delays = {}
            self.rearrange(lambda block: block.set_delays(steps))

    def rearrange(self, change: Callable[[Connections], np.ndarray | None]) -> None:
        """Apply a change that may sort the block anew; held connections move along."""
        block = self._connections
        order = change(block)
        if order is None:
            return
        moved = np.empty(len(block), dtype=np.int64)
        moved[order] = np.arange(len(block))
        for connection in self._held:
            connection.index = int(moved[connection.index])
        self.order += 1

    # --- all connections -----------------------------------------------------------------------------------

    def read(self, name: str, timestep: float) -> np.ndarray:
        """Return a column, or positions in the projection."""
        block = self.connections
        if name == "presynaptic_index":
            return self.pre.positions(block.pre_indices()).astype(float)
        if name == "postsynaptic_index":
            return self.post.positions(block.post_index).astype(float)
        if name == "delay":
            return block.delays() * timestep
        if name == "dendritic_delay_fraction":
            return np.full(len(block), block.dendritic_delay_fraction)
        return block.get(name)

    def write(self, name: str, value: Any) -> None:
        """Set a column; `value` is a number or one per connection."""
        block = self.connections
        taus = (*block.model.pre_traces.values(), *block.model.post_traces.values())
        if name in taus:
            self.rearrange(lambda block: block.set(name, value))
        else:
            block.set(name, value)

    def write_delays(self, steps: Any) -> None:
        """Set all delays (steps)."""
        self._new_delays = {}
        self.rearrange(lambda block: block.set_delays(steps))

    # --- single connections --------------------------------------------------------------------------------

    def hold(self, projection: Any, index: int) -> Connection:
        """Return the connection at `index`."""
        connection = Connection(projection, self, index)
        self._held.add(connection)
        return connection

    def read_one(self, name: str, index: int, timestep: float) -> float:
        """Return one value of a column."""
        block = self._connections
        if name == "postsynaptic_index":
            return int(self.post.positions(block.post_index[index]))
        if name == "dendritic_delay_fraction":
            return float(block.dendritic_delay_fraction)
        if name in ("presynaptic_index", "delay"):
            row = int(np.searchsorted(block.offsets, index, side="right")) - 1
            cell, delay_class = divmod(row, len(block.delay_steps))
            if name == "presynaptic_index":
                return int(self.pre.positions(cell))
            return float(self._new_delays.get(index, block.delay_steps[delay_class]) * timestep)
        column = block.columns[name]
        return float(column if column.ndim == 0 else column[index])

    def write_one(self, name: str, connection: Connection, value: float) -> None:
        """Set one value of a column, and what it returns to on reset."""
        block = self._connections
        if name in (*block.model.pre_traces.values(), *block.model.post_traces.values()):
            self.settle()
            values = block.get(name).copy()
            values[connection.index] = value
            self.write(name, values)
            return
        column = block.columns[name]
        if column.ndim == 0:
            column = block.columns[name] = np.full(len(block), float(column), dtype=block.dtype)
        elif column.dtype != block.dtype:
            column = block.columns[name] = column.astype(block.dtype)
        column[connection.index] = value
        if name in block.initial:
            block.initial[name][connection.index] = value
        block.revision += 1

    def delay_one(self, index: int, steps: int) -> None:
        """Set one delay (steps)."""
        self._new_delays[index] = steps


class Connection(common.Connection):
    """One connection of a projection; its attributes read and write the projection's arrays."""

    _projection: Any
    _piece: Piece
    index: int

    def __init__(self, projection: Any, piece: Piece, index: int) -> None:
        self.__dict__.update(_projection=projection, _piece=piece, index=index)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = (*INDICES, *self._projection.synapse_type.get_parameter_names())
        if name not in known:
            raise AttributeError(f"a connection has no attribute '{name}'; {suggestion(name, known)}")
        return self._piece.read_one(name, self.index, self._projection._simulator.state.dt)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "index":
            self.__dict__["index"] = value
        else:
            self._projection._write_one(self._piece, name, self, value)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Return the named attributes."""
        return tuple(getattr(self, name) for name in names)
