"""How a group of the network becomes a record of the core: cells, spike times and Poisson sources."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ..network import ArraySource, CellGroup, CellModel, PoissonSource, RenewalSource, SourceGroup, counting
from ..network.cells import padded
from ..network.draws import keys
from . import cache
from .histories import Histories
from .library import GroupRecord, address, core, function, pointers

INPUT = "i_inj"
KEYS = "_keys"  # as in `cell_unit`, which imports Brian2
FINER = 2  # steps of the model's method for one on trial


class GroupDriver:
    """One group, its record, and the arrays derived from its parameters.

    `refresh` brings the record up to date with the group; it does nothing unless the group's `revision` has
    changed."""

    kind = 0
    counted = False  # whether spikes are kept as counts of each source

    def __init__(self, group: CellGroup | SourceGroup, timestep: float) -> None:
        self.group, self.timestep = group, timestep
        self.record = GroupRecord(cells=group.size, kind=self.kind)
        self._revision = -1

    def refresh(self, step: int) -> None:
        """Bring the record up to date before a run that begins at `step`."""
        self.record.logged = self.group.spikes is not None
        if self._revision != self.group.revision:
            self._prepare(step)
            self._revision = self.group.revision

    def _prepare(self, step: int) -> None:
        raise NotImplementedError

    def reseed(self, seed: int) -> None:
        """Draw from another seed from now on."""

    def keep(self, slots: int, listed: bool, step: int) -> None:
        """Keep spikes for `slots` steps, and as lists if they are looked up by such."""
        record = self.record
        core().set_slots(ctypes.byref(record), slots, step)
        if (record.counted, record.listed) != (self.counted, listed):
            core().set_form(ctypes.byref(record), self.counted, listed, step)

    def look_ahead(self, step: int, n: int, seed: int) -> None:
        """Get ready for the next `n` steps."""

    def collect(self) -> None:
        """Move the spikes of a run from the core's log to the group's."""
        n = self.record.logs
        if not n or self.group.spikes is None:
            return
        times, index = np.empty(n), np.empty(n, np.int32)
        core().take_log(ctypes.byref(self.record), self.timestep, address(times), address(index))
        self.group.spikes.append(times, index)

    def reset(self) -> None:
        """Forget spikes under way."""
        core().clear_group(ctypes.byref(self.record))

    def close(self) -> None:
        """Free what belongs to the core."""
        core().free_group(ctypes.byref(self.record))


class CellDriver(GroupDriver):
    """A group of cells: picks or makes the unit for its model, and derives propagators and refractory
    steps."""

    def __init__(self, group: CellGroup, timestep: float, seed: int) -> None:
        super().__init__(group, timestep)
        self.cells, self.seed = group, seed
        self.histories = Histories(group)
        self.injected: np.ndarray[Any, Any] | None = None
        self.coupled: np.ndarray[Any, Any] | None = None
        self._fed: str | None = None
        self._idle = np.zeros((), dtype=group.dtype)
        self._period = np.zeros(-(-group.size // 64) * 64, dtype=np.int32)

    def reseed(self, seed: int) -> None:
        """Draw from another seed from now on."""
        if seed != self.seed:
            self.seed, self._revision = seed, -1

    def reset(self) -> None:
        """Forget spikes under way, and the past of the state."""
        super().reset()
        self.histories.forget()

    def open_input(self) -> np.ndarray[Any, Any]:
        """Return the column of injected current, made on first use."""
        if self.injected is None:
            self.injected = padded(self.cells.size, dtype=self.cells.dtype)
            self._revision = -1
        return self.injected

    def open_coupling(self) -> np.ndarray[Any, Any]:
        """Return the column of injected and coupled current, made on first use."""
        if self.coupled is None:
            self.coupled = padded(self.cells.size, dtype=self.cells.dtype)
            self._revision = -1
        return self.coupled

    def feed(self, variable: str | None) -> None:
        """Let the unit itself add what comes to this receptor variable as counts of spikes, if it can."""
        if variable != self._fed:
            self._fed, self._revision = variable, -1

    def _prepare(self, step: int) -> None:
        cells, model = self.cells, self.cells.model
        arrays = {name for name, column in cells.parameters.items() if column.ndim}
        inputs = [column for column in (self.coupled, self.injected) if column is not None]
        if inputs:
            arrays.add(INPUT)
        substeps = cell_substeps(model, self.timestep)
        parts = cell_parts(model, arrays, substeps, str(cells.dtype))
        library, notes = cache.library(
            [*parts, self._fed] if self._fed else parts,
            lambda: _cell(parts, model, frozenset(arrays), cells.dtype, self._fed),
        )
        columns = {
            **{name: self._converted(column) for name, column in cells.parameters.items()},
            **cells.state,
            INPUT: inputs[0] if inputs else self._idle,
            **{f"T_{name}": np.ascontiguousarray(table).ravel() for name, table in cells.tables.items()},
        }
        columns.update(self._propagators(library, notes, columns))
        if KEYS in notes["columns"]:
            columns[KEYS] = keys(self.seed, cells.stream, np.arange(-(-cells.size // 64) * 64))
        self._columns = [columns[name] for name in notes["columns"]]
        self._pointers = pointers(self._columns)
        self._library = library
        self._period[: cells.size] = cells.refractory_period(self.timestep)
        self.record.update = function(library, "update")
        self.record.columns, self.record.n_columns = ctypes.addressof(self._pointers), len(self._columns)
        states = [i for i, name in enumerate(notes["columns"]) if name in cells.state]
        self._states = np.array(states, dtype=np.int64)
        self.record.states, self.record.n_states = address(self._states), len(states)
        self.record.fed = next(
            (address(cells.state[name]) for name in notes["feeds"] if name == self._fed), None
        )
        self.record.ready = address(cells.refractory_steps)
        self.record.period = address(self._period)

    def _converted(self, column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return a parameter or propagator in the precision of the state."""
        cells = self.cells
        if column.dtype == cells.dtype:
            return column
        return padded(cells.size, column, cells.dtype) if column.ndim else column.astype(cells.dtype)

    def _propagators(
        self, library: ctypes.CDLL, notes: dict[str, Any], columns: dict[str, Any]
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Compute the propagators of exact integration, in double precision whatever the state has."""
        cells, varying = self.cells, notes["varying"]
        found = {
            name: padded(cells.size) if name in varying else np.zeros(()) for name in notes["propagators"]
        }
        if found:
            known = {**columns, **cells.parameters, **found}
            count = -(-cells.size // 64) * 64 if varying else 1
            given = pointers([known.get(name, self._idle) for name in notes["columns"]])
            library.prepare(given, ctypes.c_int64(count), ctypes.c_double(self.timestep))
        return {name: self._converted(column) for name, column in found.items()}


def _described(model: CellModel) -> dict[str, Any]:
    """Return everything of a model that its unit depends on, as JSON can hold it."""
    found = asdict(replace(model, kernel=None))
    if model.kernel is not None:
        found["kernel"] = [model.kernel.source, *model.kernel.tables]
    return found


def cell_substeps(model: CellModel, timestep: float) -> int:
    """Return into how many integration steps a time step is divided."""
    return max(1, math.ceil(timestep / model.max_step - 1e-9)) if model.max_step else 1


def trials(substeps: int) -> int:
    """Return how many steps are tried where `substeps` of the model's method would be made."""
    return math.ceil(substeps / FINER)


def cell_parts(model: CellModel, arrays: Collection[str], substeps: int, dtype: str) -> list[Any]:
    """Return all that a unit is made from, as JSON can hold it."""
    return ["cell", _described(model), sorted(arrays), substeps, dtype]


def _cell(
    parts: list[Any], model: CellModel, arrays: frozenset[str], dtype: Any, fed: str | None
) -> tuple[str, dict[str, Any]]:
    """Return source and description of a unit, as it was prepared or generated now; of one that feeds a receptor, if it
    can."""
    from . import prepared

    source, notes = prepared.find(parts) or generate_cell(model, arrays, parts[3], dtype)
    if fed in notes["feeds"]:
        source = f"#define PYNN_EXT_FED {notes['columns'].index(fed)}\n{source}"
    return source, notes


def generate_cell(
    model: CellModel, arrays: frozenset[str], substeps: int, dtype: Any
) -> tuple[str, dict[str, Any]]:
    """Generate a unit: its source, and what the engine must know to call it."""
    from .cell_unit import cell_unit

    unit = cell_unit(model, arrays, substeps, dtype)
    return unit.source, {
        "columns": unit.columns,
        "propagators": unit.propagators,
        "varying": unit.varying,
        "feeds": unit.feeds,
    }


class ArrayDriver(GroupDriver):
    """Sources of given spike times; what is logged are the times as given, not rounded to the grid."""

    kind = 1
    group: ArraySource

    def refresh(self, step: int) -> None:
        """As for every group; the position is the group's own."""
        super().refresh(step)
        self.record.position = self._first = self.group.position

    def _prepare(self, step: int) -> None:
        source = self.group
        self.record.steps, self.record.index = address(source.steps), address(source.index)
        self.record.total = len(source.steps)

    def collect(self) -> None:
        """Log the emitted spikes with their exact times."""
        first, last = self._first, self.record.position
        if self.group.spikes is not None:
            self.group.spikes.append(self.group.times[first:last].copy(), self.group.index[first:last].copy())
        self.group.position = self._first = last
        self.record.logs = 0


class PoissonDriver(GroupDriver):
    """Poisson sources: rates per step, and windows in steps; see `counting` for those with high rates."""

    kind = 2
    group: PoissonSource

    def __init__(self, group: PoissonSource, timestep: float, seed: int) -> None:
        super().__init__(group, timestep)
        self.seed = seed

    def reseed(self, seed: int) -> None:
        """Draw from another seed from now on."""
        if seed != self.seed:
            self.seed, self._revision = seed, -1

    def _prepare(self, step: int) -> None:
        source = self.group
        self._rate = source.rate * self.timestep * 1e-3
        self._start = source.start / self.timestep
        self._stop = np.minimum((source.start + source.duration) / self.timestep, 1e18)
        self.record.rate, self.record.start = address(self._rate), address(self._start)
        self.record.stop, self.record.hazard = address(self._stop), address(source.hazard)
        self.record.draws, self.record.stream = address(source.draws), source.stream
        self.record.open_from, self.record.open_to = (
            self._start.max(initial=0.0),
            self._stop.min(initial=1e18),
        )
        self.counted = counting.counts(self._rate)
        if self.counted:
            self._count()

    def _count(self) -> None:
        source, blocks = self.group, -(-self.group.size // 64) * 64
        level, table, self._thresholds = counting.levels(self._rate)
        self._level = np.concatenate([level, np.zeros(blocks - source.size, np.int64), table.reshape(-1)])
        self._keys = counting.quad_keys(self.seed, source.stream, blocks)
        self.record.keys, self.record.thresholds = address(self._keys), address(self._thresholds)
        self.record.level, self.record.levels = address(self._level), len(table)


class RenewalDriver(GroupDriver):
    """Renewal processes: their spikes of each chunk are made ahead of it."""

    kind = 1
    group: RenewalSource

    def _prepare(self, step: int) -> None:
        """The group itself follows its parameters."""

    def look_ahead(self, step: int, n: int, seed: int) -> None:
        """Make the spikes of the next `n` steps."""
        self._steps, self._index = self.group.advance(step, step + n, self.timestep, seed)
        self.record.steps, self.record.index = address(self._steps), address(self._index)
        self.record.total, self.record.position = len(self._steps), 0


def driver(group: CellGroup | SourceGroup, timestep: float, seed: int) -> GroupDriver:
    """Return the driver for a group."""
    if isinstance(group, CellGroup):
        return CellDriver(group, timestep, seed)
    if isinstance(group, ArraySource):
        return ArrayDriver(group, timestep)
    if isinstance(group, RenewalSource):
        return RenewalDriver(group, timestep)
    assert isinstance(group, PoissonSource)
    return PoissonDriver(group, timestep, seed)
