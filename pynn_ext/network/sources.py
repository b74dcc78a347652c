"""Spike sources: given spike times, and Poisson processes.

A Poisson source of rate r integrates the hazard dH = r dt and fires whenever H has used up the next
unit-exponential draw. So a change of the rate between runs, a start and a duration per source, and several
spikes in one step need no special case. Draws are counter-based: they depend on the seed, the source and the
number of its spikes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .probes import SpikeLog


@dataclass(eq=False)
class SourceGroup:
    """Cells without dynamics that only fire.

    Attributes
    ----------
    stream : int
        Number of the group's random stream.
    """

    size: int
    label: str = ""
    spikes: SpikeLog | None = None
    revision: int = 0
    stream: int = field(default=0, kw_only=True)

    def reset(self) -> None:
        """Return to step 0."""


@dataclass(eq=False)
class ArraySource(SourceGroup):
    """Sources that fire at given times.

    A time is delivered at the nearest step, ties up. `position` counts the spikes that have been emitted.

    Attributes
    ----------
    times : ndarray
        float64, all spike times (ms), sorted by step, then by source.
    steps, index : ndarray
        int64 and int32, the step and the source of each.
    """

    times: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    steps: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    index: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    position: int = 0

    def reset(self) -> None:
        """No spike has been emitted."""
        self.position = 0

    def set_times(
        self,
        trains: Sequence[npt.NDArray[np.float64]],
        timestep: float,
        now: int,
        members: Sequence[int] | None = None,
    ) -> None:
        """Replace the future of the sources `members` (default: all), one spike train each; the past stays as
        it was.

        Spikes of `trains` at or before the present step `now` (before step 0 there is no past) are not
        emitted."""
        chosen = np.arange(self.size) if members is None else np.asarray(members, dtype=np.int64)
        changed = np.zeros(self.size, dtype=bool)
        changed[chosen] = True
        lengths = [len(train) for train in trains]
        new_times = (
            np.concatenate([np.asarray(t, dtype=np.float64) for t in trains]) if trains else np.empty(0)
        )
        new_index = np.repeat(chosen, lengths).astype(np.int32)
        new_steps = np.floor(new_times / timestep + 0.5 + 1e-9).astype(np.int64)
        future = new_steps > now if now > 0 else new_steps >= 0
        emitted = np.arange(len(self.times)) < self.position
        keep = emitted | ~changed[self.index]
        times = np.concatenate([self.times[keep], new_times[future]])
        steps = np.concatenate([self.steps[keep], new_steps[future]])
        index = np.concatenate([self.index[keep], new_index[future]])
        order = np.lexsort((times, index, steps))
        order = np.concatenate([np.arange(self.position), order[order >= self.position]])
        self.times, self.steps, self.index = times[order], steps[order], index[order]
        self.revision += 1


@dataclass(eq=False)
class PoissonSource(SourceGroup):
    """Poisson processes.

    Attributes
    ----------
    rate, start, duration : ndarray
        float64, shape ``(size,)``: spikes/s, ms, ms.
    hazard : ndarray
        float64, shape ``(size,)``: what is left of the present unit-exponential draw.
    draws : ndarray
        uint64, shape ``(size,)``: how many draws each source has used.
    """

    rate: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    start: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    duration: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        self.hazard = np.zeros(self.size)
        self.draws = np.zeros(self.size, dtype=np.uint64)

    def reset(self) -> None:
        """Begin the random streams anew."""
        self.hazard[:] = 0.0
        self.draws[:] = 0
