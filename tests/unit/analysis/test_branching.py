"""Branching factor against a walk through the spikes one by one, and where its value is plain."""

from __future__ import annotations

import numpy as np
import pytest
from neo import SpikeTrain

from pynn_ext.analysis import branching_factor
from pynn_ext.errors import UsageError


def trains_of(spikes: np.ndarray) -> list[SpikeTrain]:
    return [SpikeTrain(np.flatnonzero(row) + 0.5, units="ms", t_stop=spikes.shape[1]) for row in spikes]


def spike_by_spike(spikes: np.ndarray, pairs: np.ndarray, w: int) -> float:
    """The definition, as loops."""
    n, bins = spikes.shape
    means = []
    for i in range(n):
        ratios = []
        for t in range(w, bins - w):
            if spikes[i, t]:
                down = sum(spikes[j, t + 1 : t + 1 + w].sum() for k, j in pairs if k == i)
                up = sum(spikes[k, t - w : t].sum() for k, j in pairs if j == i)
                ratios.append(down / max(1, up))
        if ratios:
            means.append(np.mean(ratios))
    return float(np.mean(means))


def test_it_is_the_definition() -> None:
    rng = np.random.default_rng(3)
    spikes, pairs = rng.random((12, 120)) < 0.15, np.argwhere(rng.random((12, 12)) < 0.3)
    expected = spike_by_spike(spikes[:, 20:-20], pairs, 4)
    assert branching_factor(trains_of(spikes), pairs, margin=20.0) == pytest.approx(expected, rel=1e-12)


def test_a_spike_that_doubles_along_a_tree_has_two() -> None:
    """One source, two targets, one spike of each, 2 ms apart: the root counts 2, the leaves have no targets."""
    spikes = np.zeros((3, 40), dtype=bool)
    spikes[0, 18], spikes[1:, 20] = True, True
    factor = branching_factor(trains_of(spikes), [(0, 1), (0, 2)], margin=0.0)
    assert factor == pytest.approx((2.0 + 0.0 + 0.0) / 3)


def test_silence_has_none_and_wrong_neurons_are_refused() -> None:
    assert np.isnan(branching_factor(trains_of(np.zeros((2, 100), dtype=bool)), [(0, 1)]))
    with pytest.raises(UsageError, match="neuron 2; 2 spike trains"):
        branching_factor(trains_of(np.zeros((2, 100), dtype=bool)), [(0, 2)])
