"""Weights as multiples of a power of two, in 16 bits: w = k u with 0 <= k < 2^16, for all weights of one sign.

Memory is what limits a network of many synapses, so what a weight does not need is left out. Nothing is rounded
here: weights that are no such multiples, as those of a ``NumpyRNG``, are kept as they are; those of a ``NativeRNG``
mostly are (`frontend.resolution`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

BITS = 16
BLOCK = 1 << 18  # weights that are looked at together
LEAST = -100  # exponent of a unit: multiples of a smaller one are no normal numbers of single precision

Array = npt.NDArray[Any]


def _blocks(weights: Array) -> Iterator[Array]:
    return (weights[first : first + BLOCK] for first in range(0, len(weights), BLOCK))


def common_unit(columns: Iterable[Array]) -> float | None:
    """Return the unit of all weights, which has their sign, or None if there is none.

    It is the least with which the largest weight takes 16 bits: what is a multiple of a larger power of two is one of
    this too.
    """
    columns = list(columns)
    low = min((float(c.min()) for c in columns if len(c)), default=0.0)
    high = max((float(c.max()) for c in columns if len(c)), default=0.0)
    if low < 0.0 < high or not np.isfinite([low, high]).all():
        return None
    exponent = int(np.frexp(max(-low, high))[1]) - BITS
    if exponent < LEAST:
        return None
    unit = float(np.ldexp(-1.0 if low < 0.0 else 1.0, exponent))
    return unit if all(are_multiples(c, unit) for c in columns) else None


def are_multiples(weights: Array, unit: float) -> bool:
    """Return whether 16 bits can tell which multiples of `unit` these are."""
    for block in _blocks(weights):
        numbers = block * (1.0 / unit)  # exact, as the unit is a power of two
        if not (
            np.array_equal(numbers, np.rint(numbers)) and 0 <= numbers.min() and numbers.max() < 1 << BITS
        ):
            return False
    return True


def multiples(weights: Array, unit: float) -> npt.NDArray[np.uint16]:
    """Return how many times `unit` each weight is."""
    found = np.empty(len(weights), dtype=np.uint16)
    for block, into in zip(_blocks(weights), _blocks(found), strict=True):
        np.multiply(block, 1.0 / unit, out=into, casting="unsafe")
    return found


def from_multiples(numbers: npt.NDArray[np.uint16], unit: float, dtype: Any) -> Array:
    """Return the weights."""
    weights = np.empty(len(numbers), dtype=dtype)
    for block, into in zip(_blocks(numbers), _blocks(weights), strict=True):
        np.multiply(block, unit, out=into, casting="unsafe")
        into += 0.0  # no negative zeros
    return weights
