"""Sparse patterns on dendritic segments: how often a segment fires for the wrong pattern, or not for its own.

Of n cells a pattern makes a active. A segment holds synapses from s of them and fires if at least theta are active::

    P_false = sum_{b = theta..s} C(s, b) C(n - s, a - b) / C(n, a)
    s_U = n (1 - (1 - s / n)^M)                                    (M patterns on one segment)
    P_miss = sum_{k < theta} C(s, k) (1 - nu)^k nu^(s - k)         (each active cell fails with probability nu)
    P_any = 1 - (1 - P_false)^K                                    (any of K segments)

Source: S. Ahmad, J. Hawkins, "How do neurons operate on sparse distributed representations?", arXiv:1601.00720 (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, expm1, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .bins import as_bits


def _check(**limits: tuple[float, float, float]) -> None:
    """Raise UsageError for the first value that is not between its limits, ``name=(value, least, most)``."""
    for name, (value, least, most) in limits.items():
        if not least <= value <= most:
            raise UsageError(f"{name} is {value}", limit=f"from {least} to {most}")


def false_match_probability(n: int, a: int, s: int, theta: int) -> float:
    """Return the probability that a random pattern of `a` of `n` cells activates at least `theta` of `s` synapses.

    The sum is exact (integers), so probabilities down to the smallest double are right to the last digit.

    Raises
    ------
    UsageError
        If a or s is not from 0 to n, or theta is negative.
    """
    _check(a=(a, 0, n), s=(s, 0, n), theta=(theta, 0, np.inf))
    matching = sum(comb(s, b) * comb(n - s, a - b) for b in range(theta, min(s, a) + 1))
    return float(Fraction(matching, comb(n, a)))


def union_size(n: int, s: int, patterns: int) -> float:
    """Return how many different cells `patterns` random samples of `s` of `n` cells are expected to name.

    Rounded, it takes the place of s in `false_match_probability` when one segment stores several patterns.
    """
    _check(s=(s, 0, n), patterns=(patterns, 0, np.inf))
    return n * (1.0 - (1.0 - s / n) ** patterns)


def miss_probability(s: int, theta: int, failure: float) -> float:
    """Return the probability that fewer than `theta` of `s` synapses are active if each fails with `failure`."""
    _check(theta=(theta, 0, np.inf), failure=(failure, 0.0, 1.0))
    return sum(comb(s, k) * (1.0 - failure) ** k * failure ** (s - k) for k in range(min(theta, s + 1)))


def any_segment_probability(false_match: float, segments: int) -> float:
    """Return the probability that any of `segments` independent segments matches."""
    _check(false_match=(false_match, 0.0, 1.0), segments=(segments, 0, np.inf))
    # log1p and expm1, because 1 - P rounds to 1 for the probabilities of interest
    return 1.0 if false_match == 1.0 else -expm1(segments * log1p(-false_match))


def overlap(trains: Sequence[Any], pattern: Sequence[int], window: float, t_start: float = 0.0) -> NDArray:
    """Return how many cells of a pattern fire in each window.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain, length n
    pattern : sequence of int
        Indices of its cells.
    window, t_start : float
        Length of the windows and beginning of the first one, in ms.

    Returns
    -------
    ndarray of int, shape (windows,)
    """
    return as_bits(trains, window, t_start, None)[list(pattern)].sum(axis=0)
