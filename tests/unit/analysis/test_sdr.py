"""Probabilities of matches: published settings, and simulated patterns."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest
from neo import SpikeTrain

from pynn_ext.analysis import (
    any_segment_probability,
    false_match_probability,
    miss_probability,
    overlap,
    union_size,
)
from pynn_ext.errors import UsageError


@pytest.mark.parametrize(
    ("n", "a", "expected"), [(10_000, 20, -22.91), (200_000, 2000, -14.78), (2048, 40, -12.41)]
)
def test_ten_of_twenty_synapses(n: int, a: int, expected: float) -> None:
    assert log10(false_match_probability(n, a, 20, 10)) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("n", "a", "s", "theta"),
    [(200, 20, 10, 3), (200, 20, 10, 4), (200, 20, 20, 5), (500, 25, 20, 4), (1000, 40, 20, 3)],
)
def test_random_patterns_match_as_often(n: int, a: int, s: int, theta: int) -> None:
    """Within 2.5 standard errors of 200 000 patterns."""
    trials = 200_000
    overlaps = np.random.default_rng(0).hypergeometric(s, n - s, a, trials)
    p = false_match_probability(n, a, s, theta)
    assert abs((overlaps >= theta).mean() - p) < 2.5 * np.sqrt(p * (1 - p) / trials)


def test_two_probabilities() -> None:
    assert false_match_probability(200, 20, 10, 3) == pytest.approx(0.06529, abs=5e-6)
    assert false_match_probability(500, 25, 20, 4) == pytest.approx(0.01372, abs=5e-6)


@pytest.mark.parametrize(
    ("patterns", "size", "p"), [(1, 20, 3.2e-16), (5, 100, 6.6e-7), (10, 198, 6.2e-4), (50, 953, 0.97)]
)
def test_a_union_of_patterns(patterns: int, size: int, p: float) -> None:
    assert round(union_size(10_000, 20, patterns)) == size
    assert false_match_probability(10_000, 200, size, 12) == pytest.approx(p, rel=0.02)


@pytest.mark.parametrize(("failure", "p"), [(0.1, 1e-6), (0.3, 0.0171), (0.5, 0.412)])
def test_misses(failure: float, p: float) -> None:
    assert miss_probability(20, 10, failure) == pytest.approx(p, rel=0.3 if p < 1e-5 else 0.005)


def test_any_of_many_segments_adds_what_is_rare() -> None:
    assert any_segment_probability(1e-20, 8) == pytest.approx(8e-20, rel=1e-12)
    assert any_segment_probability(0.5, 2) == pytest.approx(0.75)
    assert any_segment_probability(1.0, 3) == 1.0


def test_overlap_counts_cells_of_the_pattern() -> None:
    trains = [SpikeTrain(t, units="ms", t_stop=20) for t in ([1.0, 1.5], [2.0, 12.0], [13.0])]
    assert overlap(trains, [0, 1], window=10.0).tolist() == [2, 1]


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UsageError, match="a is 30; from 0 to 20"):
        false_match_probability(20, 30, 5, 2)
    with pytest.raises(UsageError, match="failure is 1.5"):
        miss_probability(5, 2, 1.5)
