"""Where each spike goes: the cores that a source reaches, and the axons they take.

A source has one output axon for each remote core it reaches and one input axon there; a cell that reaches
cells of its own core takes an input axon of that core too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .clusters import Clusters
from .graph import Index
from .limits import CoreUse
from .place import Places


@dataclass(frozen=True, eq=False)
class Routes:
    """The routing of a placed network.

    Attributes
    ----------
    core_of : ndarray
        int64, shape ``(vertices,)``: core of each vertex, -1 for sources outside the chip.
    offsets, cores, synapses : ndarray
        int64: vertex ``i`` reaches ``cores[offsets[i]:offsets[i + 1]]``, in increasing order, its own core
        included, with so many synapses on each.
    use : CoreUse
        What each core of the chip uses.
    """

    core_of: Index
    offsets: Index
    cores: Index
    synapses: Index
    use: CoreUse

    def of(self, vertex: int) -> Index:
        """Return the cores that a vertex reaches."""
        return self.cores[self.offsets[vertex] : self.offsets[vertex + 1]]

    def cells_of(self, core: int) -> Index:
        """Return the cells of a core, in order."""
        return np.flatnonzero(self.core_of == core)


def route(clusters: Clusters, places: Places, cores: int) -> Routes:
    """Return the routes of clusters that have got their places among `cores` cores."""
    core_of = np.where(clusters.core_of >= 0, places[clusters.core_of], -1)
    vertex, cluster = np.nonzero(clusters.synapses)
    core = places[cluster]
    order = np.lexsort((core, vertex))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(vertex, minlength=len(clusters.graph)))])
    counts = clusters.synapses[vertex, cluster][order].astype(np.int64)
    use = clusters.use()
    spread = {}
    for name, values in vars(use).items():
        spread[name] = np.zeros(cores, dtype=np.int64)
        spread[name][places] = values
    return Routes(core_of, offsets.astype(np.int64), core[order], counts, CoreUse(**spread))
