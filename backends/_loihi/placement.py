"""Places of a network's cells on the cores of one or more chips."""

from __future__ import annotations

from typing import Any

import numpy as np

from pynn_ext.errors import MappingError
from pynn_ext.mapping import Clusters, CoreLimits, Routes, SpikeGraph, partition, place, route

from .settings import MOST_CHIPS
from .timing import CORES_PER_TILE, ROWS


class Placer:
    """Places networks, and remembers the last one: weights and parameters that a script sets between runs, or in
    callbacks, leave cells where they are."""

    def __init__(self) -> None:
        self._graph: SpikeGraph | None = None
        self._key: Any = None
        self._found: tuple[int, Routes] | None = None

    def __call__(
        self, graph: SpikeGraph, limits: CoreLimits, chip: Any, settings: dict[str, Any]
    ) -> tuple[int, Routes]:
        """Return how many chips a network takes, and its routes.

        Parameters
        ----------
        graph : SpikeGraph
            The network.
        limits : CoreLimits
            What a core holds.
        chip : Chip
            Its ``cores`` and ``name``.
        settings : dict
            ``chips``, ``partition``, ``placement``.

        Raises
        ------
        MappingError
            If there is no place for it.
        """
        key = (limits, chip, *(settings[name] for name in ("chips", "partition", "placement")))
        if self._found is None or key != self._key or not _equal(graph, self._graph):
            self._found = _placed(graph, limits, chip, settings)
            self._graph, self._key = graph, key
        return self._found


def _equal(graph: SpikeGraph, other: SpikeGraph | None) -> bool:
    if other is None or (graph.n_cells, graph.n_sources) != (other.n_cells, other.n_sources):
        return False
    columns = ("pre", "post", "spikes", "sizes")
    same_kinds = np.array_equal(_kinds(graph.profiles), _kinds(other.profiles))
    return same_kinds and all(np.array_equal(getattr(graph, name), getattr(other, name)) for name in columns)


def _kinds(profiles: Any) -> Any:
    return np.unique(profiles, return_inverse=True)[1]


def _placed(graph: SpikeGraph, limits: CoreLimits, chip: Any, settings: dict[str, Any]) -> tuple[int, Routes]:
    chips, clusters = _partitioned(graph, limits, chip, settings)
    cores = chip.cores * chips
    places = place(clusters.traffic(), _distance(cores), settings["placement"])
    return chips, route(clusters, places, cores)


def _partitioned(
    graph: SpikeGraph, limits: CoreLimits, chip: Any, settings: dict[str, Any]
) -> tuple[int, Clusters]:
    """Use as many chips as are asked for, or as are needed."""
    asked = settings["chips"]
    for chips in (1, 2, 4, 8, 16, MOST_CHIPS) if asked == "auto" else (asked,):
        try:
            return chips, partition(graph, limits, chip.cores * chips, settings["partition"], chip.name)
        except MappingError:
            if asked != "auto" or chips == MOST_CHIPS:
                raise
    raise AssertionError


def _distance(cores: int) -> Any:
    tile = np.arange(cores) // CORES_PER_TILE
    x, y = tile // ROWS, tile % ROWS
    return (np.abs(x[:, None] - x) + np.abs(y[:, None] - y)).astype(float)
