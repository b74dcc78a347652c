"""Who fires when: the spikes of a group under way, and sources that emit them, on whole NumPy columns.

The draws are those of the compiled core, so a source emits the same spikes on every backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import counting
from .draws import exponential
from .renewal import RenewalSource
from .sources import ArraySource, PoissonSource, SourceGroup

if TYPE_CHECKING:
    from .cells import CellGroup

Indices = npt.NDArray[np.int32]
NOBODY: Indices = np.empty(0, np.int32)


class Emitter:
    """One group and its spikes of the last `slots` steps: `fired[s]` holds those of step ``s``, as indices."""

    def __init__(self, group: CellGroup | SourceGroup, timestep: float) -> None:
        self.group, self.timestep = group, timestep
        self.fired: dict[int, Indices] = {}
        self.slots = 0
        self._revision = -1
        self._log: list[tuple[int, Indices]] = []

    def refresh(self) -> None:
        """Bring what is derived from the group's parameters up to date."""
        if self._revision != self.group.revision:
            self._prepare()
            self._revision = self.group.revision

    def _prepare(self) -> None:
        raise NotImplementedError

    def at(self, step: int) -> Indices:
        """Return who fired at `step`, in the order of emission."""
        return self.fired.get(step, NOBODY)

    def forget(self, step: int) -> None:
        """Make room for the spikes of `step`: those that no delay reaches are dropped."""
        self.fired.pop(step - self.slots, None)

    def emit(self, step: int, index: Indices) -> None:
        """Record that `index` fired at `step`."""
        if index.size:
            self.fired[step] = np.concatenate([self.at(step), index])
            if self.group.spikes is not None:
                self._log.append((step, index))

    def source_step(self, step: int, seed: int) -> None:
        """Emit what a source fires during `step`; cells fire by `advance`."""

    def collect(self) -> None:
        """Move the spikes of a chunk to the group's log."""
        if self._log and self.group.spikes is not None:
            steps = np.repeat([step for step, _ in self._log], [len(index) for _, index in self._log])
            self.group.spikes.append(steps * self.timestep, np.concatenate([index for _, index in self._log]))
        self._log = []

    def reset(self) -> None:
        """Forget spikes under way."""
        self.fired, self._log = {}, []


class ArrayEmitter(Emitter):
    """Sources of given spike times; what is logged are the times as given, not rounded to the grid."""

    group: ArraySource

    def _prepare(self) -> None:
        """Nothing is derived."""

    def refresh(self) -> None:
        """As for every group; the position is the group's own."""
        super().refresh()
        self._first = self.group.position

    def source_step(self, step: int, seed: int) -> None:
        """Emit the spikes of the next step, and before step 0 those of step 0."""
        source = self.group
        last = max(int(np.searchsorted(source.steps, step + 1, side="right")), source.position)
        due = slice(source.position, last)
        for s in (step, step + 1):
            index = source.index[due][source.steps[due] == s]
            if index.size:
                self.fired[s] = np.concatenate([self.at(s), index])
        source.position = last

    def collect(self) -> None:
        """Log the emitted spikes with their exact times."""
        source, last = self.group, self.group.position
        if source.spikes is not None:
            emitted = slice(self._first, last)
            source.spikes.append(source.times[emitted].copy(), source.index[emitted].copy())
        self._first = last


class PoissonEmitter(Emitter):
    """Poisson sources with the draws of the core."""

    group: PoissonSource

    def _prepare(self) -> None:
        source = self.group
        self._rate = source.rate * self.timestep * 1e-3
        self._start = source.start / self.timestep
        self._stop = np.minimum((source.start + source.duration) / self.timestep, 1e18)
        self._levels = counting.levels(self._rate) if counting.counts(self._rate) else None

    def source_step(self, step: int, seed: int) -> None:
        """Emit, several times in a step if need be."""
        if self._levels is not None:
            self._counted(step, seed)
            return
        source = self.group
        spent = np.maximum(np.minimum(step + 1, self._stop) - np.maximum(step, self._start), 0.0)
        source.hazard -= self._rate * spent
        active = np.nonzero((source.hazard <= 0.0) & (self._rate > 0.0) & (spent > 0.0))[0]
        self._draw(seed, active[source.draws[active] == 0])
        fired = []
        while (active := active[source.hazard[active] <= 0.0]).size:
            fired.append(active.astype(np.int32))
            self._draw(seed, active)
        if fired:
            self.emit(step + 1, np.sort(np.concatenate(fired)))

    def _counted(self, step: int, seed: int) -> None:
        assert self._levels is not None
        size = self.group.size
        bits = counting.draws(counting.quad_keys(seed, self.group.stream, size), step, size)
        spent = np.maximum(np.minimum(step + 1, self._stop) - np.maximum(step, self._start), 0.0)
        level, table, values = self._levels
        counts = counting.count(bits, level, table, values)
        part = spent < 1.0
        counts[part] = counting.count_part(bits[part], self._rate[part] * spent[part])
        self.emit(step + 1, np.repeat(np.arange(size), counts).astype(np.int32))

    def _draw(self, seed: int, index: npt.NDArray[Any]) -> None:
        source = self.group
        source.hazard[index] += exponential(seed, source.stream, index, source.draws[index])
        source.draws[index] += np.uint64(1)


class RenewalEmitter(Emitter):
    """Renewal processes."""

    group: RenewalSource

    def _prepare(self) -> None:
        """The group itself follows its parameters."""

    def source_step(self, step: int, seed: int) -> None:
        """Emit the spikes of one step."""
        self.emit(step + 1, self.group.advance(step, step + 1, self.timestep, seed)[1])


def emitter(source: SourceGroup, timestep: float) -> Emitter:
    """Return what emits the spikes of a source."""
    if isinstance(source, ArraySource):
        return ArrayEmitter(source, timestep)
    if isinstance(source, RenewalSource):
        return RenewalEmitter(source, timestep)
    assert isinstance(source, PoissonSource)
    return PoissonEmitter(source, timestep)
