"""How cells are divided among threads.

A large group is divided evenly, since how much work its cells are depends on rates that are not known beforehand
but alike within a group. Small groups, which would have few cells in each thread, belong as a whole to the thread
that has least to do.

Whether it is worth it to divide is found out by trying: how long threads wait for each other depends on the
machine, and on what else it does. Results are the same whatever the number, so it may change at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Network, PoissonSource
from ..network.sources import SourceGroup

BLOCK = 64
LEAST_BLOCKS = 4  # of a group in each thread, if it is divided
TRIAL = 100  # steps
ROUNDS = 2  # of which the better counts, as the first finds nothing in the caches
PATIENCE = 10_000  # steps until the next trial; four times as many each time that the choice stays
MOST_PATIENCE = 1_000_000
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


class Trial:
    """Chooses between one thread and all: each runs for some steps, and the faster one on.

    The other is tried again later, ever more rarely as long as it does not win.

    Parameters
    ----------
    threads : int
        Number of all threads.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._best, self._rest, self._patience = 1, 0, PATIENCE
        self._steps, self._seconds = 0, 0.0
        self._found: list[float] = []  # seconds of one thread, of all, of one, ...

    def choose(self, steps: int) -> tuple[int, int]:
        """Return with how many threads to run, and how many of the next `steps` steps."""
        if self._rest > 0:
            return self._best, min(steps, self._rest)
        return (self.threads if len(self._found) % 2 else 1), min(steps, TRIAL - self._steps)

    def tell(self, steps: int, seconds: float) -> None:
        """Take in how long the steps took."""
        if self._rest > 0:
            self._rest -= steps
            return
        self._steps, self._seconds = self._steps + steps, self._seconds + seconds
        if self._steps == TRIAL:
            self._found.append(self._seconds)
            self._steps, self._seconds = 0, 0.0
        if len(self._found) == 2 * ROUNDS:
            best = 1 if min(self._found[::2]) <= min(self._found[1::2]) else self.threads
            self._patience = min(4 * self._patience, MOST_PATIENCE) if best == self._best else PATIENCE
            self._best, self._rest, self._found = best, self._patience, []
