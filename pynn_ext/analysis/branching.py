"""Branching factor of a recurrent network: how many spikes of its targets follow a spike, for each of its sources'.

With S the spike counts per bin, over the spikes of neuron i ::

    b_i = mean over t of  [spikes of its targets in (t, t + w]] / max(1, [spikes of its sources in [t - w, t)])

and the mean over the neurons that fire. Near 1 activity neither grows nor dies out.

Source: V. A. Ivanov, K. P. Michmizos, "Increasing liquid state machine performance with edge-of-chaos dynamics
organized by astrocyte-modulated plasticity", NeurIPS 2021, with the definition of the authors' code (bins of 1 ms,
w = 4 ms, margins of 25 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .bins import as_bits


def branching_factor(
    trains: Sequence[Any],
    connections: ArrayLike,
    window: float = 4.0,
    margin: float = 25.0,
    bin_size: float = 1.0,
) -> float:
    """Return the branching factor of the neurons that recorded `trains`.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain, length n
        One segment, in the order of the neurons.
    connections : array_like of int, shape (m, 2)
        Index of source and target of each synapse: the first two columns of ``projection.get("weight", "list")``.
    window : float
        w, in ms.
    margin : float
        Left out at both ends, in ms.
    bin_size : float
        In ms.

    Returns
    -------
    float
        NaN if no neuron fires between the margins.

    Raises
    ------
    UsageError
        If a connection names a neuron that has no train.
    """
    spikes = as_bits(trains, bin_size, None, None).astype(np.int64)
    n = len(spikes)
    pairs = np.asarray(connections, dtype=np.int64).reshape(-1, 2)
    if pairs.size and not (0 <= pairs.min() and pairs.max() < n):
        raise UsageError(f"a connection names neuron {pairs.max()}", limit=f"{n} spike trains")
    first, last = round(margin / bin_size), spikes.shape[1] - round(margin / bin_size)
    spikes = spikes[:, max(first, 0) : last]
    w = round(window / bin_size)
    if spikes.shape[1] <= 2 * w:
        return float("nan")

    edges = np.concatenate([np.zeros((n, 1), dtype=np.int64), spikes.cumsum(axis=1)], axis=1)
    moments = np.arange(w, spikes.shape[1] - w)
    before = edges[:, moments] - edges[:, moments - w]
    after = edges[:, moments + 1 + w] - edges[:, moments + 1]
    sources, targets = np.zeros_like(before), np.zeros_like(after)
    np.add.at(sources, pairs[:, 1], before[pairs[:, 0]])
    np.add.at(targets, pairs[:, 0], after[pairs[:, 1]])
    ratios = targets / np.maximum(sources, 1)
    fired = spikes[:, moments] > 0
    counts = fired.sum(axis=1)
    factors = (ratios * fired).sum(axis=1)[counts > 0] / counts[counts > 0]
    return float(factors.mean()) if len(factors) else float("nan")
