"""How cells are divided among threads: the cells of all groups form one line, which is cut where the work is equal.

So most groups belong to one thread as a whole, and few rows of synapses are divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Network, PoissonSource
from ..network.sources import SourceGroup

BLOCK = 64
SPIKES = 5e-4  # expected spikes of a source in a step, to weigh synapses against cells


def load(network: Network) -> list[float]:
    """Return the expected work for each group in a step, in units of the update of a cell."""
    work = {
        id(group): float(group.size) if isinstance(group, CellGroup | PoissonSource) else 0.0
        for group in network.groups
    }
    for connections in network.connections:
        work[id(connections.post)] += SPIKES * len(connections)
    return [work[id(group)] for group in network.groups]


def division(
    groups: Sequence[CellGroup | SourceGroup], loads: Sequence[float], threads: int
) -> list[npt.NDArray[Any]]:
    """Return for each group where the cells of each thread begin.

    Returns
    -------
    list of ndarray
        int64, shape ``(threads + 1,)``, multiples of `BLOCK`.
    """
    cuts = np.arange(1, threads) * sum(loads) / threads
    found, start = [], 0.0
    for group, work in zip(groups, loads, strict=True):
        blocks = -(-group.size // BLOCK)
        inside = np.clip((cuts - start) / work, 0.0, 1.0) if work > 0 else np.zeros(threads - 1)
        inner = (
            np.floor(inside * blocks + 0.5).astype(np.int64) if work > 0 else np.zeros(threads - 1, np.int64)
        )
        found.append(BLOCK * np.concatenate([[0], inner, [blocks]]).astype(np.int64))
        start += work
    return found
