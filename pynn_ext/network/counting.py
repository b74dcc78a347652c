"""Numbers of spikes of Poisson sources in a time step, from one draw each.

For a mean ``m`` of spikes in a step, a draw ``u`` of 32 bits stands for the count ``n`` with ``P(N < n) <= u / 2^32 <
P(N <= n)``, where the probabilities are rounded to multiples of 2^-32. That needs one draw in every step, where a
draw for each interval needs `m` of them and a logarithm; so sources with at least `LEAST_MEAN` spikes in a step are
counted. The process is the same: counts of disjoint steps of a Poisson process are independent. Four sources share one
hash of 64 bits, which has the high halves of their draws; the low halves, which hardly ever matter, are from a
second one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .draws import keys, mix

LEAST_MEAN, LARGEST_MEAN = 0.1, 500.0
MOST_LEVELS = 4096
STEP, LOW = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95  # of the counter from step to step, and to the low halves
FEW = 1e-3  # of the sources may exceed the counts that are compared first

Array = npt.NDArray[Any]


def counts(mean: Array) -> bool:
    """Return whether sources with these means are counted: one for all of a group, since it is stored as one."""
    if not mean.size or mean.min() < LEAST_MEAN or mean.max() > LARGEST_MEAN:
        return False
    return bool(np.all(mean == mean[0])) or len(np.unique(mean)) <= MOST_LEVELS


@lru_cache(maxsize=2 * MOST_LEVELS)
def thresholds(mean: float) -> tuple[tuple[int, ...], int]:
    """Return ``2^32 P(N <= k)`` for k = 0, 1, ... as far as it is below 2^32, and how many are compared first."""
    last = int(mean + 12 * math.sqrt(mean) + 40)
    terms = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(last + 1)]
    below = np.cumsum(terms).tolist()  # P(N <= k) and P(N > k), each summed from its small end
    beyond = np.cumsum(terms[::-1])[::-1].tolist()[1:]
    found = tuple(
        round(a * 2.0**32) if a < 0.5 else 2**32 - round(z * 2.0**32)
        for a, z in zip(below, beyond, strict=False)
        if round(z * 2.0**32) > 0
    )
    first = sum(x > FEW for x in beyond) + 1
    return found, min(first, len(found))


def levels(mean: Array) -> tuple[Array, Array, npt.NDArray[np.uint32]]:
    """Return the level of each source, and of all levels the thresholds.

    Returns
    -------
    level : ndarray
        int64: index into `table` of each source.
    table : ndarray
        int64, shape ``(n, 3)``: where the thresholds of a level begin, how many there are, how many come first.
    values : ndarray
        uint32: thresholds of all levels.
    """
    different, level = np.unique(mean, return_inverse=True)
    table: list[tuple[int, int, int]] = []
    values: list[int] = []
    for m in different.tolist():
        found, first = thresholds(m)
        table.append((len(values), len(found), first))
        values.extend(found)
    return level.astype(np.int64), np.array(table, dtype=np.int64), np.array(values, dtype=np.uint32)


def quad_keys(seed: int, stream: int, size: int) -> npt.NDArray[np.uint64]:
    """Return the keys of sources 4 j to 4 j + 3."""
    return keys(seed, stream, np.arange(-(-size // 4)))


def draws(quads: npt.NDArray[np.uint64], step: int, size: int) -> npt.NDArray[np.uint32]:
    """Return the draws of all sources for a step: the lowest 16 bits of both hashes are those of the first source."""
    counter = quads + np.uint64(step * STEP & 0xFFFFFFFFFFFFFFFF)
    high = mix(counter).astype("<u8").view("<u2").astype(np.uint32)
    low = mix(counter + np.uint64(LOW)).astype("<u8").view("<u2").astype(np.uint32)
    return np.bitwise_or(high << np.uint32(16), low, dtype=np.uint32)[:size]


def count(bits: npt.NDArray[np.uint32], level: Array, table: Array, values: npt.NDArray[np.uint32]) -> Array:
    """Return the counts of sources from their draws and levels."""
    found = np.empty(len(bits), dtype=np.int64)
    for number, (begin, n, _) in enumerate(table.tolist()):
        chosen = level == number
        found[chosen] = np.searchsorted(values[begin : begin + n], bits[chosen], side="right")
    return found


def count_part(bits: npt.NDArray[np.uint32], mean: Array) -> Array:
    """Return the counts of sources that are open for part of a step, with that part's means."""
    u = bits * 2.0**-32
    found = np.zeros(len(u), dtype=np.int64)
    p = np.exp(-mean)
    total = p.copy()
    more = (u >= total) & (p > 0)
    while more.any():
        found[more] += 1
        p[more] *= mean[more] / found[more]
        total[more] += p[more]
        more &= (u >= total) & (p > 0)
    return found
