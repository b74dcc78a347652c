"""Couplings of the interpreted engine: sums of what flows into cells in every step, in the core's order."""

from __future__ import annotations

from typing import Any

import numpy as np

from .couplings import Half
from .groups import INPUT
from .interpreted_cells import InterpretedCells


class CoupledCells:
    """Everything that flows into one input of one group.

    Parameters
    ----------
    cells : InterpretedCells
        The group.
    variable : str
        The input: `INPUT`, which begins with the injected current, or a state variable, which begins with 0.
    """

    def __init__(self, cells: InterpretedCells, variable: str, timestep: float) -> None:
        self.cells, self.variable, self.timestep = cells, variable, timestep
        self._halves: list[tuple[Half, Any]] = []
        self._into = cells.open_coupling() if variable == INPUT else cells.group.state[variable]

    def add(self, half: Half) -> None:
        """Add one direction of a coupling onto these cells."""
        self._halves.append((half, None))

    def refresh(self) -> None:
        """Bring what is derived from the connections up to date."""
        for i, (half, _) in enumerate(self._halves):
            if half.refresh():
                self._halves[i] = half, self._program(half)

    def _program(self, half: Half) -> Any:
        from .brian import Statements
        from .synapse_statements import coupling, synapse_variables

        c = half.connections
        arrays = frozenset(name for name, column in c.columns.items() if column.ndim)
        statements = Statements(synapse_variables(c.model, arrays)[1])
        program = statements.program(coupling(c.model), iterate="_syn", whole=False)
        columns = {n: v.astype(c.dtype, copy=False) for n, v in half.columns.items()}
        program.namespace.update({f"P_{n}": np.atleast_1d(v) for n, v in columns.items()})
        counts = np.diff(half.offsets).reshape(half.cells.size, -1).sum(axis=1)
        program.namespace.update(
            P_dt=np.array([self.timestep], dtype=c.dtype),
            _syn=half.synapse,
            _source=half.partner,
            _target=np.repeat(np.arange(half.cells.size), counts),
        )
        return program

    def act(self, step: int) -> None:
        """Set the input for the step from `step` to the next."""
        base = self.cells.injected if self.variable == INPUT else None
        self._into[:] = 0.0 if base is None else base
        for _, program in self._halves:
            target = program.namespace["_target"]
            program(P_t=np.array([step * self.timestep]))
            values = np.broadcast_to(program.namespace["_coupled"], target.shape)
            self._into += np.bincount(target, weights=values, minlength=len(self._into))
