"""Populations and views on top of the network's groups of cells and sources.

A parameter or state variable is a column of the group; a view writes to part of it. `Population` itself is
the root of its views.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence
from pyNN.standardmodels import StandardCellType
from pyNN.standardmodels.base import ModelNotAvailable

from ..errors import NetworkError, pynn_error, suggestion
from ..models.base import Source
from ..network import ArraySource, CellGroup, SourceGroup
from ..network.cells import column_name
from .state import ID, unknown_parameter


def _each(value: Any, n: int) -> list[np.ndarray]:
    """Return `n` arrays from one sequence for all, or an array of sequences."""
    given = value if isinstance(value, np.ndarray) and value.ndim else [value] * n
    return [np.array(getattr(one, "value", one), dtype=float) for one in given]


class _Columns:
    """Parameters and initial values of a population or view, read from and written to the group's columns."""

    celltype: Any
    size: int

    @property
    def root(self) -> Any:
        """The population at the root of a view."""
        return getattr(self, "grandparent", self)

    @property
    def root_index(self) -> Any:
        """Indices in `root`: a slice for a whole population, else an integer array."""
        if self.root is self:
            return slice(None)
        return self.index_in_grandparent(np.arange(self.size))  # type: ignore[attr-defined]

    def _get_parameters(self, *names: str) -> ParameterSpace:
        known = self.celltype.get_parameter_names()
        for name in names:
            if name not in known:
                raise unknown_parameter(name, self.celltype, self.label)  # type: ignore[attr-defined]
        return self._get_native_parameters(*names)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        return ParameterSpace(
            {name: self.root.read(name, self.root_index) for name in names}, shape=(self.size,)
        )

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        sequences = any(map(self._is_sequence, parameter_space.keys()))
        try:
            parameter_space.evaluate(simplify=not sequences)
        except ValueError as error:
            raise errors.InvalidParameterValueError(f"{self.root.label}: {error}") from error
        for name, value in parameter_space.items():
            self.root.write(name, value, self.root_index)

    def _is_sequence(self, name: str) -> bool:
        """Whether one value of a parameter is a sequence of numbers."""
        return isinstance(self.celltype.default_parameters.get(name), ArrayParameter)

    def _set_initial_value_array(self, variable: str, value: LazyArray) -> None:
        self.root.write_initial(variable, value.evaluate(simplify=True), self.root_index)

    def _check_shapes(self, values: dict[str, Any]) -> None:
        """Refuse arrays of values whose length is not the number of cells."""
        for name, value in values.items():
            if self._is_sequence(name) or not isinstance(value, np.ndarray | list | tuple):
                continue
            if np.ndim(value) == 1 and len(value) != self.size:
                raise pynn_error(
                    "InvalidDimensionsError",
                    f"{len(value)} values of '{name}' for {self.size} cells",
                    where=self.label,  # type: ignore[attr-defined]
                    limit="an array holds one value for each cell",
                    remedy=f"give {self.size} values, or one number",
                )

    def find_units(self, variable: Any) -> str:
        """Return the unit of a variable or parameter."""
        known = getattr(self.celltype, "units", {})
        return known.get(variable.name) or self.celltype.cell_model.state_units[column_name(variable.name)]

    def set(self, **parameters: Any) -> None:
        """As PyNN's; an unknown name gets a suggestion, and ``AMPA={"tau_syn": 2.0}`` sets ``AMPA.tau_syn``."""
        known = self.celltype.get_parameter_names()
        nested = {name.partition(".")[0] for name in known if "." in name}
        for name in [n for n, value in parameters.items() if isinstance(value, dict) and n in nested]:
            parameters.update({f"{name}.{own}": value for own, value in parameters.pop(name).items()})
        for name in parameters:
            if name not in known:
                raise unknown_parameter(name, self.celltype, self.label)  # type: ignore[attr-defined]
        self._check_shapes(parameters)
        super().set(**parameters)  # type: ignore[misc]

    def initialize(self, **initial_values: Any) -> None:
        """As PyNN's; arrays of the wrong length say so."""
        self._check_shapes(initial_values)
        super().initialize(**initial_values)  # type: ignore[misc]

    def _get_view(self, selector: Any, label: str | None = None) -> Any:
        return self._view_class(self, selector, label)  # type: ignore[attr-defined]


class PopulationView(_Columns, common.PopulationView):
    """As PyNN's; `initialize` and `initial_values` work."""

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        if not isinstance(selector, slice):
            selector = np.array(selector)  # a copy, because PyNN sorts it in place
        if not (isinstance(selector, slice) or len(selector)) or not len(parent.all_cells[selector]):
            raise NetworkError(
                "a view without cells",
                where=label or f"view of '{parent.label}'",
                limit=f"'{parent.label}' has {parent.size} cells",
                remedy="select at least one of them",
            )
        super().__init__(parent, selector, label)

    def __hash__(self) -> int:
        # PyNN compares views by their cells and forgets this; a view of all cells equals the population
        return hash(self.root)

    @property
    def initial_values(self) -> dict[str, LazyArray]:
        """Initial values of the cells of the view."""
        index = self.root_index
        return {
            name: LazyArray(np.broadcast_to(value.evaluate(), (self.root.size,))[index], shape=(self.size,))
            for name, value in self.root.initial_values.items()
        }

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of the cells of the view."""
        self._check_shapes(initial_values)
        for variable, value in initial_values.items():
            own = LazyArray(value, shape=(self.size,), dtype=float)
            self._set_initial_value_array(variable, own)
            whole = self.root.initial_values.get(variable, LazyArray(0.0, shape=(self.root.size,)))
            values = np.array(np.broadcast_to(whole.evaluate(), (self.root.size,)), dtype=float)
            values[self.root_index] = own.evaluate(simplify=True)
            self.root.initial_values[variable] = LazyArray(values, shape=(self.root.size,))


class Population(_Columns, common.Population):
    __doc__ = common.Population.__doc__

    def __init__(self, size: Any, cellclass: Any, *args: Any, **kwargs: Any) -> None:
        if np.all([isinstance(n, int | np.integer) for n in np.ravel(size)]) and np.prod(size) < 1:
            raise NetworkError(
                f"a population of size {size}",
                where=kwargs.get("label") or "Population",
                limit="a population has at least one cell",
                remedy="leave it out, or give a positive size",
            )
        if isinstance(cellclass, type) and issubclass(cellclass, ModelNotAvailable):
            cellclass()  # says why, and what is nearest
        if isinstance(cellclass, type) and not (args or kwargs.get("cellparams")):
            cellclass = cellclass()  # PyNN wants a dictionary beside a class, an empty one at least
            kwargs.pop("cellparams", None)
        super().__init__(size, cellclass, *args, **kwargs)

    def _create_cells(self) -> None:
        state = self._simulator.state
        # the cells of a population share a class, which holds their parent: 20000 are made in milliseconds
        cell = type("ID", (ID,), {"parent": self})
        self.all_cells = np.empty(self.size, dtype=object)
        self.all_cells[:] = list(map(cell, range(state.id_counter, state.id_counter + self.size)))
        self._mask_local = np.ones(self.size, dtype=bool)
        state.id_counter += self.size
        self.group = self._new_group()
        state.network.add_group(self.group)
        native = isinstance(self.celltype, StandardCellType)
        space = self.celltype.native_parameters if native else self.celltype.parameter_space
        self._check_shapes({name: value.base_value for name, value in space.items()})
        space.shape = (self.size,)
        self._set_parameters(space)

    def _new_group(self) -> CellGroup | SourceGroup:
        if isinstance(self.celltype, Source):
            return self.celltype.source_group(self.size, self.label)
        tables = dict(getattr(self.celltype, "tables", {}))
        dtype = self._simulator.state.network.dtype
        return CellGroup(self.size, self.celltype.cell_model, self.label, tables=tables, dtype=dtype)

    def _set_cell_initial_value(self, id: Any, variable: str, value: float) -> None:
        index = self.id_to_index(id)
        self._get_view(slice(index, index + 1)).initialize(**{variable: value})

    # --- columns -------------------------------------------------------------------------------------------

    def read(self, name: str, index: Any) -> Any:
        """Return a parameter of the cells in `index`: a number if all of them share it, else an array."""
        group = self.group
        if isinstance(group, ArraySource):
            return np.array(
                [Sequence(t) for t in np.array(self._trains, dtype=object)[index]], dtype=Sequence
            )
        if isinstance(group, SourceGroup):
            column = getattr(group, name)[index]
            if column.dtype == object:
                return np.array([Sequence(values) for values in column], dtype=Sequence)
            return float(column[0]) if len(column) and np.all(column == column[0]) else column.copy()
        assert isinstance(group, CellGroup)
        if self._is_sequence(name):
            parts = [
                np.broadcast_to(group.parameters[part], (self.size,))[index] for part in self._parts(name)
            ]
            rows = np.transpose(parts) if parts else [()] * len(np.arange(self.size)[index])
            return np.array([Sequence(row) for row in rows], dtype=Sequence)
        column = group.parameters[column_name(name)]
        return float(column) if column.ndim == 0 else column[index].copy()

    def write(self, name: str, value: Any, index: Any) -> None:
        """Set a parameter of the cells in `index`."""
        group = self.group
        if isinstance(group, ArraySource):
            self._write_trains(value, index)
            return
        if isinstance(group, SourceGroup):
            column = getattr(group, name)
            if self._is_sequence(name):
                column = column.copy() if len(column) else np.empty(self.size, dtype=object)
                members = np.arange(self.size)[index]
                for member, values in zip(members, _each(value, len(members)), strict=True):
                    column[member] = values
            else:
                self._check(name, value)
                column = column.copy() if len(column) else np.zeros(self.size)
                column[index] = value
            setattr(group, name, column)
            group.revision += 1
        else:
            assert isinstance(group, CellGroup)
            if self._is_sequence(name):
                self._write_parts(name, value, index)
                return
            self._check(name, value)
            group.set_parameter(column_name(name), value, index)

    def _parts(self, name: str) -> list[str]:
        """Return the columns of a parameter that is an array for each cell: one for each of its values."""
        known = self.celltype.cell_model.parameters
        numbered = (f"{name}_{k}" for k in itertools.count())
        return list(itertools.takewhile(known.__contains__, numbered))

    def _write_parts(self, name: str, value: Any, index: Any) -> None:
        assert isinstance(self.group, CellGroup)
        parts, arrays = self._parts(name), _each(value, len(np.arange(self.size)[index]))
        for array in arrays:
            if len(array) != len(parts):
                raise pynn_error(
                    "InvalidDimensionsError",
                    f"{len(array)} values of {name}",
                    where=self.label,
                    limit=f"the cells were made with {len(parts)}",
                    remedy="give as many, with amplitude 0 where fewer are wanted",
                )
        for part, values in zip(parts, np.transpose(arrays), strict=True):
            self._check(part, values)
            self.group.set_parameter(part, values, index)

    def write_initial(self, variable: str, value: Any, index: Any) -> None:
        """Set the initial and present value of a state variable of the cells in `index`."""
        if not isinstance(self.group, CellGroup):
            return
        column = column_name(variable)
        if column not in self.group.state:
            raise NetworkError(
                f"there is no state variable '{variable}'",
                where=self.label,
                remedy=suggestion(variable, self.group.state),
            )
        if not np.all(np.isfinite(value)):
            raise NetworkError(f"an initial value of '{variable}' is not finite", where=self.label)
        self.group.set_initial(column, value, index)

    def _check(self, name: str, value: Any) -> None:
        """Refuse values without meaning."""
        values = np.asarray(value, dtype=float)
        own = name.rpartition(".")[2]
        positive = (
            own.startswith("tau_") and own not in ("tau_refrac", "tau_facil") or own in ("cm", "delta_v")
        )
        bad = None
        if np.isnan(values).any():
            bad, limit = "nan", "every cell needs a number"
        elif positive and (values <= 0).any():
            bad, limit = f"{values.min():g}", "it must be positive"
        elif own in ("tau_refrac", "rate", "duration", "lambda0") and (values < 0).any():
            bad, limit = f"{values.min():g}", "it must not be negative"
        if bad is not None:
            raise pynn_error(
                "InvalidParameterValueError",
                f"{name} = {bad}",
                where=self.label,
                limit=limit,
                remedy=f"correct the values of '{name}'",
            )

    def _write_trains(self, value: Any, index: Any) -> None:
        members = np.arange(self.size)[index]
        trains = _each(value, len(members))
        for member, times in zip(members, trains, strict=True):
            self._check_train(int(member), times)
        if not hasattr(self, "_trains"):
            self._trains = [np.empty(0)] * self.size
        for member, times in zip(members, trains, strict=True):
            self._trains[member] = times
        state = self._simulator.state
        assert isinstance(self.group, ArraySource)
        self.group.set_times(trains, state.dt, state.network.step, members)
        if state.network.step > 0 and self not in state.spike_sources:
            state.spike_sources.append(self)

    def rewind(self) -> None:
        """Time begins anew: the present spike times hold from step 0, without what an earlier set had
        emitted."""
        assert isinstance(self.group, ArraySource)
        self.group.set_times(self._trains, self._simulator.state.dt, 0)

    def _check_train(self, member: int, times: np.ndarray) -> None:
        problem = None
        if not np.all(np.isfinite(times)):
            problem, limit, remedy = "a spike time is not a number", "times are finite", "remove it"
        elif times.size and times.min() < 0:
            problem, limit = f"a spike at {times.min():g} ms", "a simulation begins at t = 0"
            remedy = "remove it, or shift all times"
        elif np.any(np.diff(times) < 0):
            at = int(np.argmax(np.diff(times) < 0))
            problem = f"spike times {times[at]:g}, {times[at + 1]:g} are not in order"
            limit, remedy = "times must not decrease", "sort them"
        if problem:
            where = f"{self.label}[{member}]"
            raise pynn_error("InvalidParameterValueError", problem, where=where, limit=limit, remedy=remedy)
