"""What flows between cells without spikes: one record of the core for each half of a coupling.

The half onto the postsynaptic cells runs over the transposed index of the connections; that onto the presynaptic
cells, of a symmetric coupling, over their rows as they are. Both read the same columns, so a conductance that is
changed changes in both directions."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from ..network import CellGroup, Connections
from .groups import INPUT
from .library import CouplingRecord, address, function, pointers
from .projections import synapse_columns, synapse_library, transposed


class Half:
    """One direction of a coupling.

    Attributes
    ----------
    cells : CellGroup
        The cells it acts on.
    variable : str
        What it acts on: `INPUT` or a state variable.
    columns : dict of str to ndarray
        Everything that the coupling reads.
    offsets, synapse, partner : ndarray
        int64, uint32, uint32: entries of each cell (times the number of classes), and of each entry the synapse
        and the cell at the other end.
    """

    def __init__(self, connections: Connections, backwards: bool) -> None:
        self.connections, self.backwards = connections, backwards
        cells = connections.pre if backwards else connections.post
        assert isinstance(cells, CellGroup)
        self.cells, self.variable = cells, connections.model.couples_to
        self.revision = -1

    def refresh(self) -> bool:
        """Bring what is derived from the connections up to date; return whether anything changed."""
        c = self.connections
        if self.revision == c.revision:
            return False
        self.columns = synapse_columns(c)
        if self.backwards:
            exchanged = {name: c.post.state[variable] for name, variable in c.model.pre_state.items()}
            exchanged |= {name: self.cells.state[variable] for name, variable in c.model.post_state.items()}
            self.columns |= exchanged
            self.offsets = c.offsets
            self.synapse = np.arange(len(c), dtype=np.uint32)
            self.partner: npt.NDArray[np.uint32] = c.post_index.astype(np.uint32)
        else:
            self.offsets, self.synapse, self.partner = transposed(c)
        self.revision = c.revision
        return True


def halves(connections: Connections) -> list[Half]:
    """Return the directions in which a block of connections acts.

    Raises
    ------
    NetworkError
        If an end has no such state, or nothing to act on.
    """
    model, groups = connections.model, [connections.pre, connections.post]
    sides = [*model.pre_state.values()], [*model.post_state.values()]
    if model.symmetric:
        sides = (sides[0] + sides[1],) * 2
    for group, names in zip(groups, sides, strict=True):
        if not isinstance(group, CellGroup) or not set(names) <= set(group.state):
            raise NetworkError(
                f"{model.name} couples {', '.join(dict.fromkeys(names))} of the cells at its ends",
                where=connections.label,
                limit=f"'{group.label}' has no such state",
                remedy="connect cells, not spike sources, that have these state variables",
            )
    acting = [Half(connections, False)] + [Half(connections, True)] * model.symmetric
    for half in acting:
        if half.variable != INPUT and half.variable not in half.cells.state:
            raise NetworkError(
                f"{model.name} acts on '{half.variable}'",
                where=connections.label,
                limit=f"'{half.cells.label}' has no such input",
                remedy=f"declare it in the equations of the cells: '{half.variable} : 1'",
            )
    return acting


class CouplingDriver:
    """One direction of a coupling and its record."""

    def __init__(self, half: Half) -> None:
        self.half = half
        self.record = CouplingRecord()
        self._keep: list[Any] = []

    def refresh(self) -> bool:
        """Bring the record up to date; return whether anything changed."""
        half, record = self.half, self.record
        if not half.refresh():
            return False
        library, names = synapse_library(half.connections)
        columns = [half.columns[name] for name in names]
        column_pointers = pointers(columns)
        self._keep = [library, columns, column_pointers]
        record.couple, record.columns = function(library, "couple"), ctypes.addressof(column_pointers)
        record.offsets, record.classes = address(half.offsets), len(half.connections.delay_steps)
        record.synapse, record.partner = address(half.synapse), address(half.partner)
        return True
