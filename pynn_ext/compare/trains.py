"""How far apart two spike trains are.

What Elephant has comes from Elephant: Victor-Purpura and van Rossum distance, CV2, LV. Here are the ISI
distance (Kreuz et al. 2007, J. Neurosci. Methods 165:151), the SPIKE distance (Kreuz et al. 2013, J.
Neurophysiol. 109:1457) and SPIKE synchronisation (Kreuz et al. 2015, J. Neurophysiol. 113:3432), with the
treatment of the edges of Kreuz et al. (2015)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]


def isi_distance(a: Times, b: Times, t_stop: float, t_start: float = 0.0) -> float:
    """Return the mean of ``|isi_a(t) - isi_b(t)| / max(isi_a(t), isi_b(t))``.

    Parameters
    ----------
    a, b : ndarray
        Spike times, sorted, shape ``(n,)``.
    t_stop, t_start : float
        The interval that is compared.
    """
    a, b = np.unique(a), np.unique(b)
    edges = np.unique(np.concatenate([[t_start, t_stop], a, b]))
    edges = edges[(edges >= t_start) & (edges <= t_stop)]
    middle = (edges[1:] + edges[:-1]) / 2
    x, y = (_interval_at(t, middle, t_start, t_stop) for t in (a, b))
    ratio = np.abs(x - y) / np.maximum(x, y)
    return float((ratio * np.diff(edges)).sum() / (t_stop - t_start))


def _interval_at(train: Times, at: Times, t_start: float, t_stop: float) -> Times:
    """Return the interval between spikes that each time lies in; at the edges the longer of what is seen and
    the nearest whole one."""
    if not len(train):
        return np.full(len(at), t_stop - t_start)
    inner = np.diff(train)
    first, last = train[0] - t_start, t_stop - train[-1]
    if len(inner):
        first, last = max(first, inner[0]), max(last, inner[-1])
    intervals = np.concatenate([[first], inner, [last]])
    return intervals[np.searchsorted(train, at)]


def spike_distance(a: Times, b: Times, t_stop: float, t_start: float = 0.0) -> float:
    """Return the mean of the SPIKE dissimilarity profile; arguments as for `isi_distance`."""
    a, b = (np.unique(t) if len(t) else np.array([t_start, t_stop]) for t in (a, b))
    edges = np.unique(np.concatenate([[t_start, t_stop], a, b]))
    edges = edges[(edges >= t_start) & (edges <= t_stop)]
    left, right = edges[:-1], edges[1:]
    whole_a, whole_b = (_with_edges(t, t_start, t_stop) for t in (a, b))
    s_a, isi_a = _mismatch(a, whole_a, whole_b, left, right)
    s_b, isi_b = _mismatch(b, whole_b, whole_a, left, right)
    # linear between spikes: the mean of the values at both ends is the integral
    profile = ((s_a * isi_b + s_b * isi_a) / (0.5 * (isi_a + isi_b) ** 2)).mean(axis=0)
    return float((profile * (right - left)).sum() / (t_stop - t_start))


def _with_edges(train: Times, t_start: float, t_stop: float) -> Times:
    """Add a spike at each edge, or beyond it if the nearest interval is longer than what is seen."""
    before, after = t_start, t_stop
    if len(train) > 1:
        before = min(t_start, 2 * train[0] - train[1])
        after = max(t_stop, 2 * train[-1] - train[-2])
    return np.concatenate([[before], train, [after]])


def _mismatch(train: Times, own: Times, other: Times, left: Times, right: Times) -> tuple[Times, Times]:
    """Return the distance to the nearest spikes of the other train, interpolated between the spikes before
    and after, at both ends of each piece (shape ``(2, pieces)``), and the interval between the two spikes."""
    at = np.searchsorted(train, (left + right) / 2)
    previous, following = own[at], own[at + 1]
    interval = following - previous
    distance = _nearest(train, other)
    distance = np.concatenate([distance[:1], distance, distance[-1:]])  # the edges repeat their neighbour's
    t = np.stack([left, right])
    return (distance[at] * (following - t) + distance[at + 1] * (t - previous)) / interval, interval


def _nearest(times: Times, train: Times) -> Times:
    at = np.clip(np.searchsorted(train, times), 1, len(train) - 1)
    return np.minimum(np.abs(times - train[at - 1]), np.abs(times - train[at]))


def spike_synchronisation(a: Times, b: Times, t_stop: float, t_start: float = 0.0) -> float:
    """Return the part of all spikes that coincide with one of the other train: 1 for equal trains.

    Two spikes coincide if they are closer than half of the shortest interval next to either."""
    if not len(a) and not len(b):
        return 1.0
    if not len(a) or not len(b):
        return 0.0
    window_a, window_b = (_half_interval(t, t_stop - t_start) for t in (a, b))
    gap = np.abs(a[:, None] - b[None, :])
    close = gap < np.minimum(window_a[:, None], window_b[None, :])
    close |= gap == 0.0
    return float((close.any(axis=1).sum() + close.any(axis=0).sum()) / (len(a) + len(b)))


def _half_interval(train: Times, span: float) -> Times:
    intervals = np.concatenate([[span], np.diff(train), [span]])
    return np.minimum(intervals[:-1], intervals[1:]) / 2
