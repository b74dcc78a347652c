"""How often each member of a group fires during a run, whether its spikes are recorded or not.

For the time of the run a group's log is replaced by one that counts and hands on what it gets, so that spikes which
nobody has asked for take no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, SourceGroup, SpikeLog


class Tally(SpikeLog):
    """A log that keeps counts instead of spikes.

    Parameters
    ----------
    counts : ndarray
        int64, shape ``(members,)``: spikes of each member, which are added to.
    log : SpikeLog or None
        Where spikes are recorded.
    """

    def __init__(self, counts: npt.NDArray[np.int64], log: SpikeLog | None) -> None:
        super().__init__()
        self.counts, self.log = counts, log

    def append(self, times: npt.NDArray[np.float64], index: npt.NDArray[np.int32]) -> None:
        """Count a chunk of spikes, and record it if spikes are recorded."""
        np.add.at(self.counts, index, 1)
        if self.log is not None:
            self.log.append(times, index)


@contextmanager
def tallied(groups: Iterable[tuple[CellGroup | SourceGroup, npt.NDArray[np.int64]]]) -> Iterator[None]:
    """Count the spikes of groups while the context lasts.

    Parameters
    ----------
    groups : iterable of (group, ndarray)
        Each group and its counts, see `Tally`.
    """
    tallies = [(group, Tally(counts, group.spikes)) for group, counts in groups]
    for group, tally in tallies:
        group.spikes = tally
    try:
        yield
    finally:
        for group, tally in tallies:
            group.spikes = tally.log
