"""An assignment of cells to cores while it is being made: what each core holds, what a move would change.

The quantity that placement minimises is the number of messages, ``sum over sources s of spikes(s) * (cores
other than its own that s reaches)``: a source sends one message per spike to each of them (Balaji et al.
2020, IEEE TVLSI 28:76, count the same spikes on the interconnect)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .graph import Index, SpikeGraph
from .limits import CoreLimits, CoreUse

NOWHERE = -1


class Clusters:
    """Cells on up to `n` cores.

    Attributes
    ----------
    core_of : ndarray
        int64, shape ``(len(graph),)``: core of each vertex, -1 for sources and cells without one.
    synapses : ndarray
        int32, shape ``(len(graph), n)``: synapses that each vertex has on each core.
    """

    def __init__(self, graph: SpikeGraph, limits: CoreLimits, n: int) -> None:
        self.graph, self.limits, self.n = graph, limits, n
        self.core_of = np.full(len(graph), NOWHERE, dtype=np.int64)
        self.synapses = np.zeros((len(graph), n), dtype=np.int32)
        self.cells = np.zeros(n, dtype=np.int64)
        self.axons_in = np.zeros(n, dtype=np.int64)
        self.words = np.zeros(n, dtype=np.int64)
        self.sizes = np.ones(graph.n_cells, np.int64) if graph.sizes is None else graph.sizes
        self._profiles: list[dict[int, int]] = [{} for _ in range(n)]

    @classmethod
    def from_assignment(cls, graph: SpikeGraph, limits: CoreLimits, core_of: Index, n: int) -> Clusters:
        """Return clusters in which cell ``i`` is on core ``core_of[i]``."""
        self = cls(graph, limits, n)
        for cell in range(graph.n_cells):
            self.add(cell, int(core_of[cell]))
        return self

    def _inputs(self, cell: int) -> tuple[Index, Index]:
        offsets, sources, counts = self.graph.incoming
        row = slice(offsets[cell], offsets[cell + 1])
        return sources[row], counts[row]

    def _change(self, cell: int, core: int, sign: int) -> None:
        sources, counts = self._inputs(cell)
        before = self.synapses[sources, core].astype(np.int64)
        after = before + sign * counts
        self.synapses[sources, core] = after
        self.axons_in[core] += np.count_nonzero(after) - np.count_nonzero(before)
        words_of = self.limits.memory.words_of
        self.words[core] += int((words_of(after) - words_of(before)).sum())
        self.cells[core] += sign * self.sizes[cell]
        profile, held = int(self.graph.profiles[cell]), self._profiles[core]
        held[profile] = held.get(profile, 0) + sign
        if not held[profile]:
            del held[profile]

    def add(self, cell: int, core: int) -> None:
        """Put a cell that has no core on `core`."""
        self._change(cell, core, 1)
        self.core_of[cell] = core

    def remove(self, cell: int) -> None:
        """Take a cell off its core."""
        self._change(cell, int(self.core_of[cell]), -1)
        self.core_of[cell] = NOWHERE

    def move(self, cell: int, core: int) -> None:
        """Move a cell to another core."""
        self.remove(cell)
        self.add(cell, core)

    def refusal(self, cell: int, core: int) -> str:
        """Return which limit keeps the cell from being added to `core`, or an empty string."""
        limits, graph = self.limits, self.graph
        if self.cells[core] + self.sizes[cell] > limits.cells:
            return "cells"
        held, profile = self._profiles[core], int(graph.profiles[cell])
        if profile not in held and len(held) + 1 > limits.profiles:
            return "profiles"
        sources, counts = self._inputs(cell)
        before = self.synapses[sources, core].astype(np.int64)
        if self.axons_in[core] + np.count_nonzero(before == 0) > limits.axons_in:
            return "axons_in"
        words_of = limits.memory.words_of
        if self.words[core] + int((words_of(before + counts) - words_of(before)).sum()) > limits.memory.words:
            return "memory"
        return ""

    def gains(self, cell: int) -> npt.NDArray[np.float64]:
        """Return how many messages a move of the cell to each core would save, shape ``(n,)``; 0 for its
        own."""
        graph, here = self.graph, int(self.core_of[cell])
        sources, counts = self._inputs(cell)
        own = sources == cell  # an autapse never leaves the core
        sources, counts = sources[~own], counts[~own]
        held, home = self.synapses[sources], self.core_of[sources]
        remote = home[:, None] != np.arange(self.n)[None, :]
        costs = graph.spikes[sources] @ ((held == 0) & remote)
        leaves = (held[np.arange(len(sources)), here] == counts) & (home != here)
        saved = float(graph.spikes[sources] @ leaves)
        reached = self.synapses[cell] > 0
        if own.any() and self.synapses[cell, here] == self._inputs(cell)[1][own][0]:
            reached = reached.copy()
            reached[here] = False
        spikes = graph.spikes[cell]
        result = saved - costs + spikes * (reached.astype(float) - float(reached[here]))
        result[here] = 0.0
        return result

    def messages(self) -> float:
        """Return the number of messages between cores; those of sources count, one per core they reach."""
        reached = self.synapses > 0
        home = np.flatnonzero(self.core_of >= 0)
        reached[home, self.core_of[home]] = False
        return float(self.graph.spikes @ reached.sum(axis=1))

    def traffic(self) -> npt.NDArray[np.float64]:
        """Return messages from core to core, float64, shape ``(n, n)``, zero on the diagonal."""
        result = np.zeros((self.n, self.n))
        home = np.flatnonzero(self.core_of >= 0)
        np.add.at(result, self.core_of[home], self.graph.spikes[home, None] * (self.synapses[home] > 0))
        np.fill_diagonal(result, 0.0)
        return result

    def destinations(self) -> npt.NDArray[np.bool_]:
        """Return which remote cores each vertex reaches, shape ``(len(graph), n)``."""
        reached: npt.NDArray[Any] = self.synapses > 0
        home = np.flatnonzero(self.core_of >= 0)
        reached[home, self.core_of[home]] = False
        return reached

    def axons_out(self) -> Index:
        """Return the output axons that each core uses, shape ``(n,)``."""
        cells = self.graph.n_cells
        remote = self.destinations()[:cells].sum(axis=1)
        return np.bincount(self.core_of[:cells], weights=remote, minlength=self.n).astype(np.int64)

    def use(self) -> CoreUse:
        """Return what each core uses."""
        profiles = np.array([len(held) for held in self._profiles], dtype=np.int64)
        return CoreUse(
            self.cells.copy(), self.axons_in.copy(), self.axons_out(), profiles,
            self.synapses.sum(axis=0, dtype=np.int64), self.words.copy(),
        )  # fmt: skip
