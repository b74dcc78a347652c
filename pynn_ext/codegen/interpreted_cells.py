"""Cells of the interpreted engine, as in `core/core.cpp` but on whole NumPy columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup
from ..network.draws import drawn, keys
from ..network.emitters import Emitter
from .groups import FINER, INPUT, cell_substeps, trials
from .histories import Histories

if TYPE_CHECKING:
    from .brian import Program
    from .cell_unit import CellPlan


class InterpretedCells(Emitter):
    """Cells: the statements of their model, run by Brian2's NumPy target."""

    group: CellGroup

    def __init__(self, group: CellGroup, timestep: float, seed: int) -> None:
        super().__init__(group, timestep)
        self._keys = keys(seed, group.stream, np.arange(group.size))
        self.histories = Histories(group)
        self.injected: npt.NDArray[np.float64] | None = None
        self.coupled: npt.NDArray[np.float64] | None = None
        self._substeps = cell_substeps(group.model, timestep)
        self._key: Any = None

    def reset(self) -> None:
        """Forget spikes under way, and the past of the state."""
        super().reset()
        self.histories.forget()

    def open_input(self) -> npt.NDArray[np.float64]:
        """Return the column of injected current, made on first use."""
        if self.injected is None:
            self.injected = np.zeros(self.group.size, dtype=self.group.dtype)
            self._revision = -1
        return self.injected

    def open_coupling(self) -> npt.NDArray[np.float64]:
        """Return the column of injected and coupled current, made on first use."""
        if self.coupled is None:
            self.coupled = np.zeros(self.group.size, dtype=self.group.dtype)
            self._revision = -1
        return self.coupled

    def _prepare(self) -> None:
        from . import brian
        from .cell_unit import cell_plan

        cells = self.group
        arrays = {name for name, column in cells.parameters.items() if column.ndim}
        inputs = [column for column in (self.coupled, self.injected) if column is not None]
        if inputs:
            arrays.add(INPUT)
        if self._key != arrays:
            self._plan = cell_plan(cells.model, frozenset(arrays), cells.dtype)
            self._statements = brian.Statements(self._plan.variables)
            self._write_programs(self._plan)
            self._key = arrays
        self._bind({**cells.parameters, **cells.state, INPUT: inputs[0] if inputs else np.zeros(1)})
        if self._plan.exact is not None:
            self._propagators(self._plan.exact)
        self._period = cells.refractory_period(self.timestep)

    def _write_programs(self, plan: CellPlan) -> None:
        from .cell_unit import NEVER, draw_names

        model, statements = self.group.model, self._statements
        self._draws = {
            f"P_{name}": np.zeros(self.group.size, dtype=self.group.dtype) for name in draw_names(plan.draws)
        }
        whole = [model.before, plan.update]
        ending = [plan.after, f"_cond = {plan.threshold or NEVER}"]
        self._tried = self._finer = None
        if self._substeps == 1:
            whole, ending = [], whole + ending
        elif plan.trial is not None:
            self._tried = statements.program("\n".join(filter(None, [model.before, plan.trial.code])))
            self._finer = statements.program(
                "\n".join(filter(None, [model.before, plan.trial.finer])), whole=False
            )
            whole = []
        self._inner = statements.program("\n".join(filter(None, whole))) if whole else None
        self._ending = statements.program("\n".join(filter(None, ending)))
        self._restart = statements.program(plan.reset, whole=False) if plan.reset else None

    def _programs(self) -> list[Program]:
        programs = (self._inner, self._tried, self._finer, self._ending, self._restart)
        return [p for p in programs if p is not None]

    def _bind(self, columns: dict[str, npt.NDArray[np.float64]]) -> None:
        dtype = self.group.dtype
        self._step, self._time = np.array([self.timestep], dtype=dtype), np.zeros(1)
        self._columns = {
            f"P_{name}": np.atleast_1d(column.astype(dtype, copy=False)) for name, column in columns.items()
        }
        for program in self._programs():
            program.namespace.update(self._columns, **self._draws, P_dt=self._step, P_t=self._time)
        if self._inner is not None:
            self._inner.namespace["P_dt"] = self._step / self._substeps
        if self._tried is not None and self._finer is not None:
            tried = self._step / trials(self._substeps)
            self._tried.namespace["P_dt"], self._finer.namespace["P_dt"] = tried, tried / FINER

    def _propagators(self, exact: Any) -> None:
        """Compute exp(M h), as `prepare` of the compiled unit does."""
        from scipy.linalg import expm

        program = self._statements.program("\n".join(f"_m_{i}_{j} = {text}" for i, j, text in exact.entries))
        count = self.group.size if self._plan.varying else 1
        matrix = np.zeros((count, exact.order, exact.order))
        exact_values = {f"P_{name}": np.atleast_1d(column) for name, column in self.group.parameters.items()}
        program(**{**self._columns, **exact_values}, P_dt=np.array([self.timestep]), P_t=self._time)
        for i, j, _ in exact.entries:
            matrix[:, i, j] = program.namespace[f"_m_{i}_{j}"]
        result, varying = expm(matrix * self.timestep), self._plan.varying
        names = {
            f"P_{name}": result[slice(None if name in varying else 1), i, j].astype(self.group.dtype)
            for name, (i, j) in zip(exact.propagators, exact.picks, strict=True)
        }
        for program in self._programs():
            program.namespace.update(names)

    def _try(self, ready: npt.NDArray[np.bool_]) -> None:
        """Make a step on trial, and finer ones from the same state for cells that fail."""
        assert self._tried is not None and self._finer is not None and self._plan.trial is not None
        before = {name: column.copy() for name, column in self.group.state.items()}
        with np.errstate(all="ignore"):
            self._tried(P_not_refractory=ready)
        excess = [self._tried.namespace[name] for name in self._plan.trial.excess]
        failed = np.flatnonzero(~np.all([values <= 0 for values in excess], axis=0))
        if not failed.size:
            return
        for name, column in before.items():
            self.group.state[name][failed] = column[failed]
        for _ in range(FINER):
            self._finer(P_not_refractory=ready, _idx=failed)
            self._time[0] += self.timestep / trials(self._substeps) / FINER

    def advance(self, step: int) -> None:
        """Integrate from `step` to the next; who fires gets the next index."""
        cells = self.group
        countdown, everybody = cells.refractory_steps, np.ones(cells.size, dtype=bool)
        ready = countdown <= 0 if cells.model.refractory else everybody
        self._time[0] = step * self.timestep
        for k, column in enumerate(self._draws.values()):
            column[:] = drawn(self._keys, np.uint64(step * len(self._draws) + k))
        if cells.model.kernel is not None:
            cells.model.kernel.function({**cells.parameters, **cells.state}, cells.tables, self.timestep)
        if self._inner is not None:
            for _ in range(self._substeps):
                self._inner(P_not_refractory=ready)
        if self._tried is not None:
            for k in range(trials(self._substeps)):
                self._time[0] = (step + k / trials(self._substeps)) * self.timestep
                self._try(ready)
            self._time[0] = step * self.timestep
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
