"""How cells are divided among threads.

A large group is divided evenly, since how much work its cells are depends on rates that are not known beforehand
but alike within a group. Small groups, which would have few cells in each thread, belong as a whole to the thread
that has least to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Network, PoissonSource
from ..network.sources import SourceGroup

BLOCK = 64
LEAST_BLOCKS = 4  # of a group in each thread, if it is divided
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
    have = np.zeros(threads)
    found = []
    for group, work in zip(groups, loads, strict=True):
        blocks = -(-group.size // BLOCK)
        parts = min(max(blocks // LEAST_BLOCKS, 1), threads)
        order = np.argsort(have, kind="stable")
        shares = np.zeros(threads, np.int64)
        shares[order[:parts]] = blocks // parts
        shares[order[: blocks % parts]] += 1
        have += shares * (work / max(blocks, 1))
        found.append(BLOCK * np.concatenate([[0], np.cumsum(shares)]).astype(np.int64))
    return found
