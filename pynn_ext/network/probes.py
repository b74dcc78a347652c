"""What is recorded: state variables sampled on a grid of steps, and spikes as pairs of step and index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .cells import CellGroup


@dataclass(eq=False)
class Probe:
    """Samples of one state variable of some cells of a group.

    Sample ``s`` is the value at step ``start + s * every``; the value at step ``k`` is the state at time ``k
    * dt`` before the spikes that arrive at ``k`` have acted.

    Attributes
    ----------
    index : ndarray
        int32, shape ``(n,)``: the recorded cells.
    every : int
        Sampling interval in steps.
    start : int
        Step of the first sample.
    chunks : list of ndarray
        Arrays of shape ``(samples, n)``, of the type of the state, in order of time.
    """

    group: CellGroup
    variable: str
    index: npt.NDArray[np.int32]
    every: int = 1
    start: int = 0
    chunks: list[npt.NDArray[Any]] = field(default_factory=list)

    def restart(self, step: int) -> None:
        """Forget all samples and begin again with the present value, as the sample at `step`."""
        self.start = step
        self.chunks = [self.group.state[self.variable][self.index][None, :].copy()]

    def rows(self, step: int, n: int) -> int:
        """Return how many samples fall into the `n` steps after `step`."""
        return (step + n - self.start) // self.every - (step - self.start) // self.every

    def samples(self) -> npt.NDArray[Any]:
        """Return all samples, shape ``(samples, n)``."""
        if len(self.chunks) > 1:
            self.chunks = [np.concatenate(self.chunks)]
        return self.chunks[0] if self.chunks else np.empty((0, len(self.index)))

    def held(self) -> Any:
        """Return all samples, or what has them."""
        return self.samples()


@dataclass(eq=False)
class SpikeLog:
    """Spikes in order of time: `times` (ms) and `index` of the cell, as lists of chunks."""

    times: list[npt.NDArray[np.float64]] = field(default_factory=list)
    index: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def append(self, times: npt.NDArray[np.float64], index: npt.NDArray[np.int32]) -> None:
        """Add a chunk of spikes, later than all before."""
        if len(times):
            self.times.append(times)
            self.index.append(index)

    def clear(self) -> None:
        """Forget all spikes."""
        self.times, self.index = [], []

    def arrays(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        """Return ``(times, index)`` of all spikes."""
        if len(self.times) != 1:
            self.times = [np.concatenate(self.times) if self.times else np.empty(0)]
            self.index = [np.concatenate(self.index) if self.index else np.empty(0, np.int32)]
        return self.times[0], self.index[0]

    def held(self) -> tuple[Any, Any]:
        """Return times and cells of all spikes, or what has them."""
        return self.arrays()
