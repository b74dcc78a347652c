"""sPyNNaker's cells: initial values stand among the parameters, sources take their first parameter without a name, and
the times of `SpikeSourceArray` come in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN.parameters import Sequence
from pyNN.standardmodels import StandardCellType


def cell_types(backend: Any) -> dict[str, Any]:
    """Return the backend's cell types that have state as sPyNNaker's, and both its sources."""
    types = {name: _with_state(cell) for name, cell in vars(backend).items() if _has_state(cell)}
    types["SpikeSourceArray"] = _source(backend.SpikeSourceArray, "spike_times", in_order)
    types["SpikeSourcePoisson"] = _source(backend.SpikeSourcePoisson, "rate", lambda value: value)
    return types


def _has_state(member: Any) -> bool:
    if not (isinstance(member, type) and issubclass(member, StandardCellType)):
        return False
    cell: Any = member
    return bool(cell.default_initial_values)


def _like(base: Any, init: Callable[..., None]) -> Any:
    return type(base.__name__, (base,), {"__doc__": base.__doc__, "__init__": init})


def _with_state(base: Any) -> Any:
    """Return a cell type whose parameters may include initial values; `Population` takes them from it."""

    def init(self: Any, *args: Any, **parameters: Any) -> None:
        parameters, self.own_initial_values = without_state(base, parameters)
        base.__init__(self, *args, **parameters)

    return _like(base, init)


def without_state(celltype: Any, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return parameters and initial values apart; the latter are called ``v`` or, in older scripts, ``v_init``."""
    state = celltype.default_initial_values.keys() - celltype.default_parameters.keys()
    names = {called: name for name in sorted(state) for called in (name, f"{name}_init")}
    parameters = {name: value for name, value in values.items() if name not in names}
    return parameters, {names[called]: values[called] for called in values if called in names}


def _source(base: Any, parameter: str, taken: Callable[[Any], Any]) -> Any:
    """Return a type of sources whose first argument may have no name and is changed by `taken`."""

    def init(self: Any, *args: Any, **parameters: Any) -> None:
        parameters |= dict(zip([parameter], args, strict=False))
        if parameter in parameters:
            parameters[parameter] = taken(parameters[parameter])
        base.__init__(self, **parameters)

    return _like(base, init)


def in_order(times: Any) -> Any:
    """Return spike times (ms), of one cell or a list of those of each, in ascending order."""
    if isinstance(times, Sequence):
        return Sequence(np.sort(times.value))
    if not isinstance(times, list | tuple | np.ndarray):
        return times
    if len(times) and all(np.ndim(t) == 0 and not isinstance(t, Sequence) for t in times):
        return np.sort(np.asarray(times, dtype=float)).tolist()
    return [in_order(t) for t in times]
