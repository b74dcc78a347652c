"""What flows between cells without spikes: one record of the core for each half of a coupling.

The half onto the postsynaptic cells runs over the transposed index of the connections; that onto the presynaptic
cells, of a symmetric coupling, over their rows as they are. Both read the same columns, so a conductance that is
changed changes in both directions."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Connections
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
    """Return the directions in which a block of connections acts."""
    return [Half(connections, False)] + [Half(connections, True)] * connections.model.symmetric


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
        columns = [half.columns[name].astype(half.connections.dtype, copy=False) for name in names]
        column_pointers = pointers(columns)
        self._keep = [library, columns, column_pointers]
        record.couple, record.columns = function(library, "couple"), ctypes.addressof(column_pointers)
        record.offsets, record.classes = address(half.offsets), len(half.connections.delay_steps)
        record.synapse, record.partner = address(half.synapse), address(half.partner)
        return True
