"""Fixed-point arithmetic of chips: words of so many bits, what happens beyond them, and how they are rounded.

A word of n bits holds ``-2^(n-1) … 2^(n-1) - 1`` (two's complement), without sign ``0 … 2^n - 1``. A result that does
not fit *wraps* (its upper bits are lost) or *saturates* (the nearest limit is kept). A product is divided by 2^k, and
what is cut off is rounded::

    floor            x >> k
    toward zero      sign(x) floor(|x| / 2^k)
    away from zero   sign(x) ceil(|x| / 2^k)
    half up          floor(x / 2^k + 1/2)
    half away        sign(x) floor(|x| / 2^k + 1/2)
    stochastic       floor(x / 2^k) + [r < x / 2^k - floor(x / 2^k)],   r uniform in [0, 1)

The kernels take integers, in NumPy arrays too, and have no branches; `Format` describes the words of one quantity and
brings real numbers into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError, suggestion
from .jit import kernel

Integers = npt.NDArray[np.int64]


@kernel
def wrap(x: Any, bits: int) -> Any:
    """Return the lowest `bits` bits of `x` as a two's complement number."""
    half = 1 << (bits - 1)
    return ((x + half) & (2 * half - 1)) - half


@kernel
def saturate(x: Any, bits: int) -> Any:
    """Return the nearest two's complement number of `bits` bits."""
    half = 1 << (bits - 1)
    return np.minimum(np.maximum(x, -half), half - 1)


@kernel
def toward_zero(x: Any, bits: int) -> Any:
    """Return ``x / 2^bits`` without its fraction."""
    return (x + ((x >> 63) & ((1 << bits) - 1))) >> bits


@kernel
def away_from_zero(x: Any, bits: int) -> Any:
    """Return the next integer to ``x / 2^bits`` that is not nearer to zero."""
    return (x + (~(x >> 63) & ((1 << bits) - 1))) >> bits


@kernel
def half_up(x: Any, bits: int) -> Any:
    """Return the integer nearest to ``x / 2^bits``, the upper one of two."""
    return (x + ((1 << bits) >> 1)) >> bits


@kernel
def half_away(x: Any, bits: int) -> Any:
    """Return the integer nearest to ``x / 2^bits``, of two the one farther from zero."""
    half = (1 << bits) >> 1
    return (x + half + ((x >> 63) & int(half > 0) * -1)) >> bits


def stochastic(values: Any, draw: Any) -> Integers:
    """Return one of the two integers next to each value, the upper one if `draw` is below the fraction.

    Parameters
    ----------
    values : array_like of float
        What is rounded.
    draw : float or array_like of float
        Uniform numbers in [0, 1).
    """
    exact = np.asarray(values, dtype=float)
    below = np.floor(exact)
    return (below + (np.asarray(draw) < exact - below)).astype(np.int64)


#: How real numbers are rounded, by name.
ROUNDINGS: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "floor": np.floor,
    "toward zero": np.trunc,
    "away from zero": lambda x: np.copysign(np.ceil(np.abs(x)), x),
    "half up": lambda x: np.floor(x + 0.5),
    "half away": lambda x: np.copysign(np.floor(np.abs(x) + 0.5), x),
}
OVERFLOWS = ("wrap", "saturate")


@dataclass(frozen=True)
class Format:
    """The words of one quantity.

    Parameters
    ----------
    bits : int
        Width, the sign included.
    fraction : int
        How many of them are behind the point: the smallest step is ``2^-fraction``. Negative for a step above 1.
    signed : bool
        Two's complement, or no sign.
    overflow : {'wrap', 'saturate'}
        What becomes of a result that does not fit.
    rounding : str
        One of `ROUNDINGS`.

    Raises
    ------
    NetworkError
        For a name that is not known, or a width that 64 bits do not hold.

    Examples
    --------
    >>> potential = Format(18, fraction=10)
    >>> str(potential)
    '18 bits, 10 of them behind the point, wraps, floor'
    >>> potential.low, potential.high, potential.real(potential.of([0.25]))
    (-131072, 131071, array([0.25]))
    """

    bits: int
    fraction: int = 0
    signed: bool = True
    overflow: str = "wrap"
    rounding: str = "floor"

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 62:
            raise NetworkError(f"a word of {self.bits} bits", where="Format", limit="1 to 62 bits")
        for name, known in (("overflow", OVERFLOWS), ("rounding", ROUNDINGS)):
            value = getattr(self, name)
            if value not in known:
                raise NetworkError(f"{name}={value!r}", where="Format", remedy=suggestion(value, known))

    @property
    def low(self) -> int:
        """The smallest word."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest word."""
        return (1 << (self.bits - self.signed)) - 1

    def fit(self, words: Any) -> Integers:
        """Return integers as they are after they have been stored."""
        whole = np.asarray(words, dtype=np.int64)
        if self.overflow == "saturate":
            return np.clip(whole, self.low, self.high)
        return np.asarray((whole - self.low & (1 << self.bits) - 1) + self.low)

    def of(self, values: Any) -> Integers:
        """Return real numbers as words."""
        scaled = np.asarray(values, dtype=float) * 2.0**self.fraction
        return self.fit(ROUNDINGS[self.rounding](scaled).astype(np.int64))

    def real(self, words: Any) -> npt.NDArray[np.float64]:
        """Return the numbers that words stand for."""
        return np.asarray(words) * 2.0**-self.fraction

    def __str__(self) -> str:
        point = f", {self.fraction} of them behind the point" if self.fraction > 0 else ""
        step = f", in steps of {2**-self.fraction}" if self.fraction < 0 else ""
        sign = "" if self.signed else " without sign"
        return f"{self.bits} bits{sign}{point}{step}, {self.overflow}s, {self.rounding}"
