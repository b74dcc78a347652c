"""Counter-based random numbers: a hash of seed, stream, source and number of the draw, as in `core/core.cpp`.

A draw depends on nothing else, so that results depend neither on the order of the work nor on the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

MASK = (1 << 64) - 1


def mix(z: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the finalizer of splitmix64 of each number."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def keys(seed: int, stream: int, index: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """Return what stands for seed, stream and index in every draw of a cell or source."""
    start = np.array([(seed + 0x9E3779B97F4A7C15 * (stream + 1)) & MASK], dtype=np.uint64)
    return mix(mix(start) + index.astype(np.uint64) * np.uint64(0xD1342543DE82EF95))


def drawn(key: npt.NDArray[np.uint64], draw: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.float64]:
    """Return the numbered draws of some keys, from (0, 1]."""
    bits = mix(key + draw * np.uint64(0x9E3779B97F4A7C15))
    return ((bits >> np.uint64(11)) + np.uint64(1)).astype(np.float64) * 2.0**-53


def uniform(
    seed: int, stream: int, source: npt.NDArray[Any], draw: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """Return draws from (0, 1]."""
    return drawn(keys(seed, stream, source), draw.astype(np.uint64))


def exponential(
    seed: int, stream: int, source: npt.NDArray[Any], draw: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """Return unit-exponential draws."""
    return -np.log(uniform(seed, stream, source, draw))
