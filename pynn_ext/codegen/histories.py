"""The past of state variables that plastic synapses see late: after the dendritic part of their delay.

A synapse with delay d and dendritic fraction f reads its postsynaptic cell as it was f d before. Each such variable of
a group has one ring of columns, as long as the longest of these delays and shared by all projections: a step writes one
column, and every class of delays looks into the ring at its own place. So the cost of a step does not depend on the
number of delays. The column of a step is the state before the spikes that arrive in it have acted, as it is recorded.

A ring begins full of the first value. A delay that becomes longer between two runs finds, where nothing was kept, the
oldest value there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup
from .library import HistoryRecord, address


class History:
    """One state variable and its values of the last steps.

    Attributes
    ----------
    ring : ndarray
        Shape ``(slots, size)``, of the type of the state; step s is in row ``s % slots``.
    record : HistoryRecord
        The same for the core.
    """

    def __init__(self, column: npt.NDArray[Any]) -> None:
        self.column = column
        self.ring = np.empty((0, len(column)), dtype=column.dtype)
        self._begun = np.zeros(1, dtype=np.int64)
        self.record = HistoryRecord(column=address(column), cells=len(column), begun=address(self._begun))

    def keep(self, steps: int, step: int) -> None:
        """From now on keep the values of the last `steps` steps and of the present one; `step` is the next to be
        computed."""
        slots = steps + 1
        if slots == len(self.ring):
            return
        ring = np.empty((slots, len(self.column)), dtype=self.column.dtype)
        if self._begun[0]:
            ages = np.arange(1, slots + 1)
            known = np.minimum(ages, len(self.ring))
            ring[(step - ages) % slots] = self.ring[(step - known) % len(self.ring)]
        self.ring = ring
        self.record.ring, self.record.slots = address(ring), slots

    def remember(self, step: int) -> None:
        """Write the present values down as those of `step`."""
        self.ring[step % len(self.ring) if self._begun[0] else slice(None)] = self.column
        self._begun[0] = 1

    def at(self, step: int, shift: int) -> npt.NDArray[Any]:
        """Return the values of `shift` steps before `step`, which is the present one; shape ``(size,)``."""
        return self.ring[(step - shift) % len(self.ring)] if shift and self._begun[0] else self.column

    def forget(self) -> None:
        """Begin anew."""
        self._begun[0] = 0


class Histories:
    """Those of one group of cells, by the name of the variable."""

    def __init__(self, group: CellGroup) -> None:
        self._group = group
        self._kept: dict[str, History] = {}

    def of(self, variable: str) -> History:
        """Return the history of a variable, made on first use."""
        if variable not in self._kept:
            self._kept[variable] = History(self._group.state[variable])
        return self._kept[variable]

    def keep(self, reach: dict[str, int], step: int) -> list[History]:
        """Keep each variable for as many steps as `reach` says, and no others; return them."""
        self._kept = {variable: self.of(variable) for variable in reach}
        for variable, steps in reach.items():
            self._kept[variable].keep(steps, step)
        return list(self._kept.values())

    def forget(self) -> None:
        """Let all of them begin anew."""
        for history in self._kept.values():
            history.forget()
