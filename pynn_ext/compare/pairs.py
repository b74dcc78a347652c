"""The same population on two backends: which spikes correspond, how far apart trains are, and where they first
part.

Two trains of a neuron are compared spike by spike, in order. The *first divergence* is the earliest time at
which one has a spike that the other has not within a tolerance; before it, the runs agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .recordings import Recorded, Recordings, Segment
from .trains import isi_distance, spike_distance, spike_synchronisation

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pair:
    """One segment of one population, on a reference backend and on another."""

    population: Recorded
    number: int
    reference: Segment
    other: Segment

    @property
    def cells(self) -> npt.NDArray[np.int64]:
        """Cells whose spikes both recorded."""
        return np.intersect1d(self.reference.recorded, self.other.recorded)

    @property
    def t_stop(self) -> float:
        """Time (ms) up to which both ran."""
        return min(self.reference.t_stop, self.other.t_stop)

    def trains(self) -> Iterator[tuple[int, Times, Times]]:
        """Give ``(cell, train, train)`` of each cell, sorted."""
        split = [_by_cell(segment, self.t_stop) for segment in (self.reference, self.other)]
        empty = np.empty(0)
        for cell in self.cells:
            yield int(cell), split[0].get(int(cell), empty), split[1].get(int(cell), empty)


def _by_cell(segment: Segment, t_stop: float) -> dict[int, Times]:
    keep = segment.times <= t_stop + 1e-9
    order = np.lexsort((segment.times[keep], segment.index[keep]))
    index, times = segment.index[keep][order], segment.times[keep][order]
    cells, starts = np.unique(index, return_index=True)
    parts = np.split(times, starts[1:]) if len(cells) else []
    return {int(cell): part for cell, part in zip(cells, parts, strict=True)}


def pairs(reference: Recordings, other: Recordings) -> list[Pair]:
    """Return what both recorded: populations in order of creation, segments in order of time.

    Raises
    ------
    ValueError
        If a population of the one does not correspond to that of the other.
    """
    found = []
    for a, b in zip(reference.populations, other.populations, strict=False):
        if a.size != b.size:
            raise ValueError(
                f"population '{a.label}' has {a.size} cells on {reference.backend} and {b.size} ('{b.label}') on "
                f"{other.backend}: the script does not build the same network"
            )
        for number, (x, y) in enumerate(zip(a.segments, b.segments, strict=False)):
            found.append(Pair(a, number, x, y))
    return found


@dataclass(frozen=True)
class Divergence:
    """The first spike that differs.

    Attributes
    ----------
    time : float
        When (ms).
    population : str
        Label.
    cell : int
        Index in the population.
    segment : int
        Number of the segment.
    what : str
        ``"extra"``: only the other backend has it; ``"missing"``: only the reference has it; ``"shifted"``: both
        have it, further apart than the tolerance.
    shift : float
        How much later (ms) the other backend's spike is; NaN unless shifted.
    agreed : int
        Spikes of all neurons before it, which agree.
    """

    time: float
    population: str
    cell: int
    segment: int
    what: str
    shift: float
    agreed: int


def first_divergence(found: list[Pair], tolerance: float) -> Divergence | None:
    """Return the first divergence, or None if all spikes agree within `tolerance` (ms)."""
    candidates = []
    for pair in found:
        for cell, a, b in pair.trains():
            parted = _parted(a, b, tolerance)
            if parted:
                candidates.append((pair.number, *parted, cell, pair))
    if not candidates:
        return None
    number, time, what, shift, cell, pair = min(candidates, key=lambda c: (c[0], c[1], c[4]))
    agreed = sum(int(np.count_nonzero(p.reference.times < time)) for p in found if p.number == number)
    return Divergence(time, pair.population.label, cell, number, what, shift, agreed)


def _parted(a: Times, b: Times, tolerance: float) -> tuple[float, str, float] | None:
    n = min(len(a), len(b))
    apart = np.flatnonzero(np.abs(a[:n] - b[:n]) > tolerance + 1e-9)
    if not apart.size:
        if len(a) == len(b):
            return None
        return (float(a[n]), "missing", np.nan) if len(a) > n else (float(b[n]), "extra", np.nan)
    k = int(apart[0])
    following = b[k + 1] if a[k] > b[k] and k + 1 < len(b) else a[k + 1] if k + 1 < len(a) else np.inf
    nearest = abs(max(a[k], b[k]) - following)
    if nearest < abs(a[k] - b[k]):  # the later of the two belongs to the next spike: one has no partner
        return (float(b[k]), "extra", np.nan) if b[k] < a[k] else (float(a[k]), "missing", np.nan)
    return float(min(a[k], b[k])), "shifted", float(b[k] - a[k])


@dataclass(frozen=True)
class Agreement:
    """How well one population agrees on two backends.

    Attributes
    ----------
    spikes : tuple of int
        On the reference, and on the other.
    rate : tuple of float
        Mean rate (spikes/s).
    coincident : float
        Part of all spikes with one of the same neuron within the tolerance on the other backend.
    rate_correlation : float
        Correlation of the neurons' rates; NaN if either is constant.
    cv : tuple of float
        Mean coefficient of variation of the intervals of neurons with three spikes or more.
    isi, spike, synchronisation : float
        Mean ISI and SPIKE distance and SPIKE synchronisation over neurons that fire on either.
    signals : dict of str to float
        Root mean square difference of each recorded signal, in its unit.
    """

    population: str
    segment: int
    spikes: tuple[int, int]
    rate: tuple[float, float]
    coincident: float
    rate_correlation: float
    cv: tuple[float, float]
    isi: float
    spike: float
    synchronisation: float
    signals: dict[str, float]


def agreement(pair: Pair, tolerance: float, most: int = 200) -> Agreement:
    """Compare a pair.

    Parameters
    ----------
    pair : Pair
        The two segments.
    tolerance : float
        ms; spikes closer than that coincide.
    most : int
        Neurons for which distances are computed, evenly spaced.
    """
    trains = list(pair.trains())
    counts = np.array([[len(a), len(b)] for _, a, b in trains]).reshape(-1, 2)
    total = counts.sum(axis=0)
    seconds = max(pair.t_stop, 1e-9) * 1e-3 * max(len(trains), 1)
    together = sum(_coincident(a, b, tolerance) + _coincident(b, a, tolerance) for _, a, b in trains)
    varied = len(counts) > 1 and np.all(counts.std(axis=0) > 0)
    firing = [(a, b) for _, a, b in trains if len(a) or len(b)]
    chosen = firing[:: max(1, -(-len(firing) // most))]
    t = pair.t_stop

    def mean(function: object) -> float:
        assert callable(function)
        return float(np.mean([function(a, b, t) for a, b in chosen])) if chosen and t > 0 else 0.0

    return Agreement(
        pair.population.label, pair.number, (int(total[0]), int(total[1])),
        (float(total[0] / seconds), float(total[1] / seconds)),
        float(together / total.sum()) if total.sum() else 1.0,
        float(np.corrcoef(counts.T)[0, 1]) if varied else float("nan"),
        (_cv([a for _, a, _ in trains]), _cv([b for _, _, b in trains])),
        mean(isi_distance), mean(spike_distance),
        mean(spike_synchronisation) if chosen else 1.0, _signals(pair),
    )  # fmt: skip


def _coincident(a: Times, b: Times, tolerance: float) -> int:
    if not len(a) or not len(b):
        return 0
    at = np.searchsorted(b, a)
    gap = np.minimum(np.abs(a - b[np.minimum(at, len(b) - 1)]), np.abs(a - b[np.maximum(at - 1, 0)]))
    return int(np.count_nonzero(gap <= tolerance + 1e-9))


def _cv(trains: list[Times]) -> float:
    found = [np.std(np.diff(t)) / np.mean(np.diff(t)) for t in trains if len(t) > 2]
    return float(np.mean(found)) if found else float("nan")


def _signals(pair: Pair) -> dict[str, float]:
    found = {}
    for name in sorted(set(pair.reference.signals) & set(pair.other.signals)):
        a, b = pair.reference.signals[name], pair.other.signals[name]
        cells, x, y = np.intersect1d(a.cells, b.cells, return_indices=True)
        if a.interval != b.interval or a.t_start != b.t_start or not len(cells):
            continue
        n = min(len(a.values), len(b.values))
        found[name] = float(np.sqrt(np.mean((a.values[:n, x] - b.values[:n, y]) ** 2)))
    return found
