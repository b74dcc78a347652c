"""Numbers of spikes in a step from one draw: the Poisson distribution, to the last bit of the draw."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pynn_ext.network import counting


@pytest.mark.parametrize("mean", [0.1, 1.0, 2.32, 30.0, 500.0])
def test_thresholds_are_the_distribution(mean: float) -> None:
    found, first = counting.thresholds(mean)
    np.testing.assert_allclose(
        np.array(found) / 2.0**32, stats.poisson.cdf(np.arange(len(found)), mean), rtol=0, atol=2.0**-32
    )
    assert list(found) == sorted(found) and 0 < first <= len(found)
    assert stats.poisson.sf(first - 1, mean) < 2e-3


def test_counts_of_extreme_draws() -> None:
    level, table, values = counting.levels(np.array([1.0, 3.0, 1.0]))
    bits = np.array([0, 2**32 - 1, int(values[0])], dtype=np.uint32)
    found = counting.count(bits, level, table, values)
    assert found[0] == 0 and found[1] == table[1, 1] and found[2] == 1


def test_who_is_counted() -> None:
    assert counting.counts(np.full(5, 0.2)) and counting.counts(np.array([0.2, 3.0]))
    assert not counting.counts(np.array([0.2, 0.01])) and not counting.counts(np.empty(0))
    assert not counting.counts(np.array([600.0]))


def test_parts_of_steps_have_the_distribution_of_their_length() -> None:
    bits = np.random.default_rng(1).integers(0, 2**32, 20_000, dtype=np.uint32)
    found = counting.count_part(bits, np.full(len(bits), 1.3))
    observed = np.bincount(found, minlength=12)[:8]
    expected = stats.poisson.pmf(np.arange(8), 1.3) * len(bits)
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 1e-3
    assert not counting.count_part(bits, np.zeros(len(bits))).any()
