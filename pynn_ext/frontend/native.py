"""A user's own cell type from Brian2 equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyNN.models import BaseCellType

from ..errors import NetworkError, suggestion
from ..models.base import Cell
from ..network import CellModel

UNITS = {
    "volt": "mV",
    "amp": "nA",
    "siemens": "uS",
    "second": "ms",
    "farad": "nF",
    "hertz": "kHz",
    "1": "dimensionless",
}


def native_cell_type(
    name: str,
    equations: str,
    parameters: Mapping[str, tuple[float, str]],
    threshold: str = "",
    reset: str = "",
    refractory: str = "",
    receptors: Mapping[str, str] | None = None,
    initial_values: Mapping[str, float] | None = None,
    method: str = "exponential_midpoint",
    conductance_based: bool = True,
    before: str = "",
    after: str = "",
) -> type[BaseCellType]:
    """Make a cell type from equations in Brian2's syntax.

    Parameters
    ----------
    name : str
        Name of the new class.
    equations : str
        Differential equations; ``i_inj`` (amp) is the injected current, ``(unless refractory)`` clamps a
        variable.
    parameters : mapping of str to (float, str)
        Default value in PyNN's units (mV, ms, nA, nF, uS, kHz) and Brian2 unit name (``"volt"``,
        ``"second"``, ...).
    threshold, reset : str
        Condition and statements of a spike; ``rand()`` is a uniform number in (0, 1]. Without a condition the cells
        do not fire.
    refractory : str
        Name of the parameter with the refractory period, or for example ``"2 ms"``.
    receptors : mapping of str to str
        Receptor name to the state variable that an arriving spike increases by its weight.
    initial_values : mapping of str to float
        Initial values of state variables, in PyNN's units; 0 if not given.
    method : str
        ``"exact"``, ``"exponential_midpoint"``, or a Brian2 state updater such as ``"rk4"``.
    conductance_based : bool
        Whether weights are conductances (uS) and must not be negative.
    before, after : str
        Statements executed before and after the integration of each step; ``rand()`` may stand in those after it.
        Equations that only declare variables, ``"x : 1"``, with statements make a cell whose step is an update.

    Returns
    -------
    class
        To be used like any cell type: ``Population(10, cell_type(tau=5.0))``.

    Raises
    ------
    NetworkError
        If a name is no identifier, or a receptor acts on an unknown variable. Errors in the equations are
        raised by the first run.
    """
    for identifier in (name, *parameters):
        if not identifier.isidentifier():
            raise NetworkError(f"'{identifier}' is not a valid name", where="native_cell_type")
    targets = dict(receptors or {})
    model = CellModel(
        name=name,
        equations=equations,
        parameters={n: unit for n, (_, unit) in parameters.items()},
        receptors={receptor: (variable, 1.0) for receptor, variable in targets.items()},
        threshold=threshold,
        reset=reset,
        refractory=refractory,
        before=before,
        after=after,
        method=method,
    )
    for variable in (*targets.values(), *(initial_values or {})):
        if variable not in model.state_variables:
            raise NetworkError(
                f"there is no state variable '{variable}'",
                where=name,
                remedy=suggestion(variable, model.state_variables),
            )
    start = {variable: 0.0 for variable in model.state_variables} | dict(initial_values or {})
    units = {n: UNITS.get(unit, "dimensionless") for n, (_, unit) in parameters.items()}
    attributes: dict[str, Any] = {
        "cell_model": model,
        "default_parameters": {n: float(value) for n, (value, _) in parameters.items()},
        "default_initial_values": start,
        "recordable": ["spikes", *model.state_variables],
        "units": {variable: model.state_units.get(variable, "dimensionless") for variable in start} | units,
        "receptor_types": tuple(targets),
        "conductance_based": conductance_based,
        "injectable": "i_inj" in equations,
        "translations": {},
    }
    return type(name, (Cell, BaseCellType), attributes)
