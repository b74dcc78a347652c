"""Cells: a model is equations as text, a group is one column per parameter and per state variable.

Everything is in PyNN's units, which are coherent (mV, ms, nA, nF, uS, kHz = 1/ms), so that the equations hold
for the plain numbers and nothing is ever converted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from .kernels import Kernel
from .probes import SpikeLog

PADDING = 64  # columns are padded to whole vector blocks, so that no engine needs a scalar remainder loop

LINE = 64  # bytes of a line of the cache

PYNN_UNITS = {"volt": "mV", "amp": "nA", "siemens": "uS", "second": "ms", "volt/second": "mV/ms"}

# a differential equation, or a declaration
STATE_LINE = re.compile(r"^\s*(?:d(\w+)\s*/\s*dt\s*=|(\w+)\s*:)", re.MULTILINE)

FloatArray = npt.NDArray[Any]
DOUBLE = np.dtype(np.float64)


def column_name(name: str) -> str:
    """Return the name of a column: what PyNN calls ``AMPA.gsyn`` is ``AMPA_gsyn`` in the equations."""
    return name.replace(".", "_")


@dataclass(frozen=True)
class CellModel:
    """A point neuron as text.

    Parameters
    ----------
    name : str
        Name of the model, for messages.
    equations : str
        Differential equations in Brian2's syntax. ``i_inj`` is the injected current; ``(unless refractory)``
        clamps a variable during the refractory period. A line ``name : unit`` declares a state variable
        without dynamics.
    parameters : mapping of str to str
        Parameter name to Brian2 unit name (``"volt"``, ``"second"``, ``"amp"``, ``"farad"``, ``"siemens"``,
        ``"hertz"``, ``"1"`` or an expression such as ``"volt/second"``).
    receptors : mapping of str to (str, float)
        Receptor name to the state variable that an arriving spike increases, and the factor on its weight.
    threshold, reset : str
        Brian2 condition and statements, evaluated after the step; a cell without a condition does not fire. In them
        and in `after`, each ``rand()`` is a uniform number in (0, 1] of its own, for every cell and step.
    refractory : str
        Name of the parameter that holds the refractory period, or a fixed one such as ``"2 ms"``; empty for
        none.
    before, after : str
        Statements executed before and after the integration of each step (before the threshold is tested).
    method : str
        ``"exact"`` (linear equations, matrix propagators), ``"exponential_midpoint"`` (conditionally linear,
        second order), the name of a Brian2 state updater (``"rk4"``, ``"euler"``, ...), or ``"update"`` where no
        equation is differential and the statements are all.
    max_step : float
        Longest integration step (ms); a longer time step is divided. 0 for no limit.
    tolerance : mapping of str to float
        Where time steps are divided, a step of third order is tried first, as long as two; it is kept for cells whose
        estimated error is at most this, for each of these variables (PyNN's units). Empty for no such trial.
    kernel : Kernel or None
        What is done in each step before all this, written by hand.
    """

    name: str
    equations: str
    parameters: Mapping[str, str]
    receptors: Mapping[str, tuple[str, float]]
    threshold: str
    reset: str = ""
    refractory: str = ""
    before: str = ""
    after: str = ""
    method: str = "exponential_midpoint"
    max_step: float = 0.0
    tolerance: Mapping[str, float] = field(default_factory=dict)
    kernel: Kernel | None = None

    @cached_property
    def state_variables(self) -> tuple[str, ...]:
        """Names of all state variables, in the order of the equations."""
        return tuple(a or b for a, b in STATE_LINE.findall(self.equations))

    @cached_property
    def state_units(self) -> dict[str, str]:
        """PyNN unit of each state variable."""
        units = {}
        for line in self.equations.splitlines():
            match = STATE_LINE.match(line)
            if match:
                unit = line.rsplit(":", 1)[1].split("(")[0].strip()
                units[match.group(1) or match.group(2)] = PYNN_UNITS.get(unit, "dimensionless")
        return units


def padded(size: int, fill: float | FloatArray = 0.0, dtype: Any = np.float64) -> FloatArray:
    """Return a column of `size` values on top of a buffer whose length is a multiple of `PADDING`.

    The padding repeats the last value, so that arithmetic on whole blocks stays ordinary. The column begins at a line
    of the cache.
    """
    whole, line = -(-max(size, 1) // PADDING) * PADDING, LINE // np.dtype(dtype).itemsize
    memory = np.empty(whole + line, dtype=dtype)
    first = -memory.ctypes.data % LINE // memory.itemsize
    buffer = memory[first : first + whole]
    buffer[:size] = fill
    buffer[size:] = buffer[size - 1] if size else 0.0
    return buffer[:size]


def pad(column: FloatArray, value: float) -> None:
    """Set the padding of a column from `padded`."""
    memory = column.base
    assert memory is not None
    end = (column.ctypes.data - memory.ctypes.data) // column.itemsize + len(column)
    memory[end:] = value


def repeat_last(column: FloatArray) -> None:
    """Let the padding of a column from `padded` repeat its last value again."""
    pad(column, column[-1])


@dataclass(eq=False)
class CellGroup:
    """`size` cells of one model.

    Attributes
    ----------
    parameters : dict of str to ndarray
        float64 columns, shape ``(size,)``, or ``()`` where all cells share one value.
    state : dict of str to ndarray
        Current values, of type `dtype`, shape ``(size,)``, read and written in place by the engine.
    initial : dict of str to ndarray
        What `state` returns to on reset.
    refractory_steps : ndarray
        int32, shape ``(size,)``: steps that each cell remains refractory.
    spikes : SpikeLog or None
        The spikes of the group, if they are recorded.
    stream : int
        Number of the group's random stream.
    tables : dict of str to ndarray
        float64, of any shape: what the model's kernel reads besides columns.
    dtype : dtype
        float64, or float32 for single precision; parameters are float64 all the same.
    revision : int
        Increases with each change of a parameter, so that engines refresh what they derive from it.
    """

    size: int
    model: CellModel
    label: str = ""
    parameters: dict[str, FloatArray] = field(default_factory=dict)
    state: dict[str, FloatArray] = field(default_factory=dict)
    initial: dict[str, FloatArray] = field(default_factory=dict)
    spikes: SpikeLog | None = None
    revision: int = 0
    stream: int = 0
    tables: dict[str, FloatArray] = field(default_factory=dict)
    dtype: np.dtype[Any] = DOUBLE

    def __post_init__(self) -> None:
        kernel = self.model.kernel
        if kernel is not None and not kernel.single and self.dtype != DOUBLE:
            raise NetworkError(
                f"{self.model.name} has a step written by hand, in double precision",
                where=self.label,
                limit="setup(precision='single')",
                remedy="leave out 'precision' in setup()",
            )
        for name in self.model.state_variables:
            self.state.setdefault(name, padded(self.size, dtype=self.dtype))
            self.initial.setdefault(name, np.zeros(self.size))
        self.refractory_steps = padded(self.size, dtype=np.int32)
        pad(self.refractory_steps, np.iinfo(np.int32).max)  # who is not there but gets input does not fire

    def set_parameter(self, name: str, value: float | FloatArray, index: Any = slice(None)) -> None:
        """Set a parameter for the cells in `index`; a column stays scalar as long as all cells share one
        value."""
        column = self.parameters.get(name)
        value = np.asarray(value, dtype=np.float64)
        whole = isinstance(index, slice) and index == slice(None)
        if whole and (value.ndim == 0 or (value.size and np.all(value == value.flat[0]))):
            new = np.array(float(value.flat[0]))
        else:
            new = padded(self.size, np.nan if column is None else column)
            new[index] = value
            repeat_last(new)
        self.parameters[name] = new
        self.revision += 1

    def parameter(self, name: str) -> FloatArray:
        """Return the parameter as a column of shape ``(size,)`` (read-only if all cells share one value)."""
        return np.broadcast_to(self.parameters[name], (self.size,))

    def refractory_time(self) -> FloatArray:
        """Return the refractory period of each cell as it was given (ms), shape ``(size,)``; 0 where there is none."""
        name = self.model.refractory
        if name in self.parameters:
            return self.parameter(name)
        return np.full(self.size, float(name.split()[0]) if name else 0.0)

    def refractory_period(self, timestep: float) -> npt.NDArray[np.int32]:
        """Return the refractory period of each cell in steps of `timestep` ms, the nearest, ties up; shape
        ``(size,)``.

        Raises
        ------
        NetworkError
            If a period has more steps than an int32 can count.
        """
        steps = np.floor(self.refractory_time() / timestep + 0.5 + 1e-9)
        if steps.size and steps.max() > np.iinfo(np.int32).max:
            raise NetworkError(
                f"a refractory period of {steps.max() * timestep:g} ms",
                where=self.label,
                limit=f"at most {np.iinfo(np.int32).max} time steps of {timestep:g} ms",
                remedy=f"reduce {self.model.refractory} or use a larger timestep",
            )
        return steps.astype(np.int32)

    def set_initial(self, name: str, value: float | FloatArray, index: Any = slice(None)) -> None:
        """Set the initial and the present value of a state variable."""
        self.initial[name][index] = value
        self.state[name][index] = value

    def reset(self) -> None:
        """Return all state variables to their initial values and end all refractory periods."""
        for name, values in self.initial.items():
            self.state[name][:] = values
        self.refractory_steps[:] = 0
