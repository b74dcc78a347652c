"""Groups of the interpreted engine: cells, spike times and Poisson sources, as in `core/core.cpp` but on whole
NumPy columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..network import ArraySource, CellGroup, PoissonSource, SourceGroup
from .groups import INPUT, cell_substeps, refractory_period

if TYPE_CHECKING:
    from .brian import Program
    from .cell_unit import CellPlan

Indices = npt.NDArray[np.int32]
NOBODY: Indices = np.empty(0, np.int32)
MASK = (1 << 64) - 1


def mix(z: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the finalizer of splitmix64 of each number."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def exponential(
    seed: int, stream: int, source: npt.NDArray[Any], draw: npt.NDArray[np.uint64]
) -> npt.NDArray[np.float64]:
    """Return the unit-exponential draws that the core makes: a hash of seed, stream, source and number."""
    start = np.array([(seed + 0x9E3779B97F4A7C15 * (stream + 1)) & MASK], dtype=np.uint64)
    key = mix(mix(start) + source.astype(np.uint64) * np.uint64(0xD1342543DE82EF95))
    bits = mix(key + draw * np.uint64(0x9E3779B97F4A7C15))
    return -np.log(((bits >> np.uint64(11)) + np.uint64(1)) * 2.0**-53)


class InterpretedGroup:
    """One group and its spikes of the last `slots` steps: `fired[s]` holds those of step ``s``, as indices."""

    def __init__(self, group: CellGroup | SourceGroup, timestep: float) -> None:
        self.group, self.timestep = group, timestep
        self.fired: dict[int, Indices] = {}
        self.slots = 0
        self._revision = -1
        self._log: list[tuple[int, Indices]] = []

    def refresh(self) -> None:
        """Bring what is derived from the group's parameters up to date."""
        if self._revision != self.group.revision:
            self._prepare()
            self._revision = self.group.revision

    def _prepare(self) -> None:
        raise NotImplementedError

    def at(self, step: int) -> Indices:
        """Return who fired at `step`, in the order of emission."""
        return self.fired.get(step, NOBODY)

    def forget(self, step: int) -> None:
        """Make room for the spikes of `step`: those that no delay reaches are dropped."""
        self.fired.pop(step - self.slots, None)

    def emit(self, step: int, index: Indices) -> None:
        """Record that `index` fired at `step`."""
        if index.size:
            self.fired[step] = np.concatenate([self.at(step), index])
            if self.group.spikes is not None:
                self._log.append((step, index))

    def source_step(self, step: int, seed: int) -> None:
        """Emit what a source fires during `step`; cells fire by `advance`."""

    def collect(self) -> None:
        """Move the spikes of a chunk to the group's log."""
        if self._log and self.group.spikes is not None:
            steps = np.repeat([step for step, _ in self._log], [len(index) for _, index in self._log])
            self.group.spikes.append(steps * self.timestep, np.concatenate([index for _, index in self._log]))
        self._log = []

    def reset(self) -> None:
        """Forget spikes under way."""
        self.fired, self._log = {}, []


class InterpretedCells(InterpretedGroup):
    """Cells: the statements of their model, run by Brian2's NumPy target."""

    group: CellGroup

    def __init__(self, group: CellGroup, timestep: float) -> None:
        super().__init__(group, timestep)
        self.injected: npt.NDArray[np.float64] | None = None
        self._substeps = cell_substeps(group.model, timestep)
        self._key: Any = None

    def open_input(self) -> npt.NDArray[np.float64]:
        """Return the column of injected current, made on first use."""
        if self.injected is None:
            self.injected = np.zeros(self.group.size)
            self._revision = -1
        return self.injected

    def _prepare(self) -> None:
        from . import brian
        from .cell_unit import cell_plan

        cells = self.group
        arrays = {name for name, column in cells.parameters.items() if column.ndim}
        if self.injected is not None:
            arrays.add(INPUT)
        if self._key != arrays:
            self._plan = cell_plan(cells.model, frozenset(arrays))
            self._statements = brian.Statements(self._plan.variables)
            self._write_programs(self._plan)
            self._key = arrays
        idle = np.zeros(1) if self.injected is None else self.injected
        self._bind({**cells.parameters, **cells.state, INPUT: idle})
        if self._plan.exact is not None:
            self._propagators(self._plan.exact)
        self._period = refractory_period(cells, self.timestep)

    def _write_programs(self, plan: CellPlan) -> None:
        model, statements = self.group.model, self._statements
        whole = [model.before, plan.update]
        ending = [model.after, f"_cond = {model.threshold}"]
        if self._substeps == 1:
            whole, ending = [], whole + ending
        self._inner = statements.program("\n".join(filter(None, whole))) if whole else None
        self._ending = statements.program("\n".join(filter(None, ending)))
        self._restart = statements.program(model.reset, whole=False) if model.reset else None

    def _programs(self) -> list[Program]:
        return [p for p in (self._inner, self._ending, self._restart) if p is not None]

    def _bind(self, columns: dict[str, npt.NDArray[np.float64]]) -> None:
        self._step, self._time = np.array([self.timestep]), np.zeros(1)
        self._columns = {f"P_{name}": np.atleast_1d(column) for name, column in columns.items()}
        for program in self._programs():
            program.namespace.update(self._columns, P_dt=self._step, P_t=self._time)
        if self._inner is not None:
            self._inner.namespace["P_dt"] = self._step / self._substeps

    def _propagators(self, exact: Any) -> None:
        """Compute exp(M h), as `prepare` of the compiled unit does."""
        from scipy.linalg import expm

        program = self._statements.program("\n".join(f"_m_{i}_{j} = {text}" for i, j, text in exact.entries))
        count = self.group.size if self._plan.propagators_vary else 1
        matrix = np.zeros((count, exact.order, exact.order))
        program(**self._columns, P_dt=self._step, P_t=self._time)
        for i, j, _ in exact.entries:
            matrix[:, i, j] = program.namespace[f"_m_{i}_{j}"]
        result = expm(matrix * self.timestep)
        names = {
            f"P_{name}": result[:, i, j].copy()
            for name, (i, j) in zip(exact.propagators, exact.picks, strict=True)
        }
        for program in self._programs():
            program.namespace.update(names)

    def advance(self, step: int) -> None:
        """Integrate from `step` to the next; who fires gets the next index."""
        cells = self.group
        countdown, everybody = cells.refractory_steps, np.ones(cells.size, dtype=bool)
        ready = countdown <= 0 if cells.model.refractory else everybody
        self._time[0] = step * self.timestep
        if self._inner is not None:
            for _ in range(self._substeps):
                self._inner(P_not_refractory=ready)
        self._ending(P_not_refractory=ready)
        if cells.model.refractory:
            np.maximum(countdown - 1, 0, out=countdown)
        fired = np.nonzero(self._ending.namespace["_cond"] & ready)[0].astype(np.int32)
        if fired.size:
            if self._restart is not None:
                self._restart(P_not_refractory=everybody, _idx=fired)
            if cells.model.refractory:
                countdown[fired] = self._period[fired]
        self.emit(step + 1, fired)


class InterpretedArray(InterpretedGroup):
    """Sources of given spike times; what is logged are the times as given, not rounded to the grid."""

    group: ArraySource

    def _prepare(self) -> None:
        """Nothing is derived."""

    def refresh(self) -> None:
        """As for every group; the position is the group's own."""
        super().refresh()
        self._first = self.group.position

    def source_step(self, step: int, seed: int) -> None:
        """Emit the spikes of the next step, and before step 0 those of step 0."""
        source = self.group
        last = max(int(np.searchsorted(source.steps, step + 1, side="right")), source.position)
        due = slice(source.position, last)
        for s in (step, step + 1):
            index = source.index[due][source.steps[due] == s]
            if index.size:
                self.fired[s] = np.concatenate([self.at(s), index])
        source.position = last

    def collect(self) -> None:
        """Log the emitted spikes with their exact times."""
        source, last = self.group, self.group.position
        if source.spikes is not None:
            emitted = slice(self._first, last)
            source.spikes.append(source.times[emitted].copy(), source.index[emitted].copy())
        self._first = last


class InterpretedPoisson(InterpretedGroup):
    """Poisson sources with the draws of the core."""

    group: PoissonSource

    def _prepare(self) -> None:
        source = self.group
        self._rate = source.rate * self.timestep * 1e-3
        self._start = source.start / self.timestep
        self._stop = np.minimum((source.start + source.duration) / self.timestep, 1e18)

    def source_step(self, step: int, seed: int) -> None:
        """Use up hazard and emit, several times in a step if need be."""
        source = self.group
        spent = np.maximum(np.minimum(step + 1, self._stop) - np.maximum(step, self._start), 0.0)
        source.hazard -= self._rate * spent
        active = np.nonzero((source.hazard <= 0.0) & (self._rate > 0.0) & (spent > 0.0))[0]
        self._draw(seed, active[source.draws[active] == 0])
        fired = []
        while (active := active[source.hazard[active] <= 0.0]).size:
            fired.append(active.astype(np.int32))
            self._draw(seed, active)
        if fired:
            self.emit(step + 1, np.sort(np.concatenate(fired)))

    def _draw(self, seed: int, index: npt.NDArray[Any]) -> None:
        source = self.group
        source.hazard[index] += exponential(seed, source.stream, index, source.draws[index])
        source.draws[index] += np.uint64(1)


def interpreted_group(group: CellGroup | SourceGroup, timestep: float) -> InterpretedGroup:
    """Return what runs a group."""
    if isinstance(group, CellGroup):
        return InterpretedCells(group, timestep)
    if isinstance(group, ArraySource):
        return InterpretedArray(group, timestep)
    assert isinstance(group, PoissonSource)
    return InterpretedPoisson(group, timestep)
