"""Who sends spikes to whom: the network as a directed graph of single cells.

Vertices 0 … n_cells-1 are the cells, which have to be placed on cores; vertices n_cells … are sources, whose
spikes enter from outside. An edge is a synapse."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Network

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SpikeGraph:
    """Cells, sources and synapses.

    Parameters
    ----------
    n_cells, n_sources : int
        Numbers of vertices that are placed, and that are not.
    pre, post : ndarray
        int64, shape ``(synapses,)``: vertices at the ends of each synapse; `post` is a cell.
    spikes : ndarray
        float64, shape ``(n_cells + n_sources,)``: expected spikes of each vertex in some interval; placement
        minimises what crosses cores, weighted by them.
    profiles : ndarray
        int64, shape ``(n_cells,)``: cells with the same number share a set of parameters.
    labels : dict of str to slice
        The cells of each population, for messages.
    sizes : ndarray, optional
        int64, shape ``(n_cells,)``: how many of a core's places each cell takes; 1 by default.
    """

    n_cells: int
    n_sources: int
    pre: Index
    post: Index
    spikes: npt.NDArray[np.float64]
    profiles: Index
    labels: dict[str, slice] = field(default_factory=dict)
    sizes: Index | None = None

    @classmethod
    def of(
        cls,
        network: Network,
        spikes: dict[int, npt.NDArray[Any]] | None = None,
        profiles: dict[int, npt.NDArray[Any]] | None = None,
        sizes: dict[int, int] | None = None,
    ) -> SpikeGraph:
        """Return the graph of a network.

        Parameters
        ----------
        network : Network
            Groups and connections.
        spikes, profiles : dict of int to ndarray
            For the ``id`` of a group, one value per member; 1 and 0 where there is none.
        sizes : dict of int to int
            For the ``id`` of a group, how many places of a core a cell takes.
        """
        cells = [group for group in network.groups if isinstance(group, CellGroup)]
        groups = cells + [group for group in network.groups if not isinstance(group, CellGroup)]
        starts = np.concatenate([[0], np.cumsum([group.size for group in groups])]).astype(np.int64)
        first = {id(group): int(start) for group, start in zip(groups, starts, strict=False)}
        n_cells = sum(group.size for group in cells)
        count = np.ones(int(starts[-1]))
        kind = np.zeros(n_cells, dtype=np.int64)
        places = np.ones(n_cells, dtype=np.int64)
        for group in groups:
            at = slice(first[id(group)], first[id(group)] + group.size)
            if spikes and id(group) in spikes:
                count[at] = spikes[id(group)]
            if profiles and id(group) in profiles:
                kind[at] = profiles[id(group)]
            if sizes and id(group) in sizes:
                places[at] = sizes[id(group)]
        pre = [block.pre_indices() + first[id(block.pre)] for block in network.connections]
        post = [block.post_index.astype(np.int64) + first[id(block.post)] for block in network.connections]
        labels = {group.label: slice(first[id(group)], first[id(group)] + group.size) for group in cells}
        empty = [np.empty(0, dtype=np.int64)]
        return cls(
            n_cells, int(starts[-1]) - n_cells, np.concatenate(pre or empty), np.concatenate(post or empty),
            count, kind, labels, places,
        )  # fmt: skip

    def __len__(self) -> int:
        return self.n_cells + self.n_sources

    def label(self, cell: int) -> str:
        """Return ``population[index]`` of a cell."""
        for name, at in self.labels.items():
            if at.start <= cell < at.stop:
                return f"{name}[{cell - at.start}]"
        return f"cell {cell}"

    @cached_property
    def incoming(self) -> tuple[Index, Index, Index]:
        """``(offsets, sources, synapses)``: the distinct sources of each cell, and how many synapses each
        makes."""
        return self._grouped(self.post, self.pre, self.n_cells)

    @cached_property
    def outgoing(self) -> tuple[Index, Index, Index]:
        """``(offsets, targets, synapses)``: the distinct target cells of each vertex."""
        return self._grouped(self.pre, self.post, len(self))

    def _grouped(self, rows: Index, columns: Index, n: int) -> tuple[Index, Index, Index]:
        keys, counts = np.unique(rows * len(self) + columns, return_counts=True)
        row, column = np.divmod(keys, max(len(self), 1))
        offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)
        return offsets, column, counts.astype(np.int64)

    @cached_property
    def fan_in(self) -> Index:
        """Synapses of each cell, shape ``(n_cells,)``."""
        return np.bincount(self.post, minlength=self.n_cells).astype(np.int64)
