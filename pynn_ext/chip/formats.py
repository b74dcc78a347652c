"""The words of a chip's quantities: width, point, what happens to a result that does not fit, and rounding.

Beside the roundings of `fixed` there is the stochastic one, ``floor(x) + [r < x - floor(x)]`` with r uniform in
[0, 1): right on average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError, suggestion

Integers = npt.NDArray[np.int64]


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
STOCHASTIC = "stochastic"
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
        One of `ROUNDINGS`, or ``"stochastic"``.

    Raises
    ------
    NetworkError
        For a name that is not known, or a width that 64 bits do not hold.

    Examples
    --------
    >>> potential = Format(18, fraction=10)
    >>> str(potential)
    '18 bits, 10 of them behind the point; wraps; rounding: floor'
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
        for name, known in (("overflow", OVERFLOWS), ("rounding", [*ROUNDINGS, STOCHASTIC])):
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

    def of(self, values: Any, draw: Any = 0.5) -> Integers:
        """Return real numbers as words; `draw`, uniform in [0, 1), is for stochastic rounding."""
        scaled = np.asarray(values, dtype=float) * 2.0**self.fraction
        if self.rounding == STOCHASTIC:
            return self.fit(stochastic(scaled, draw))
        return self.fit(ROUNDINGS[self.rounding](scaled).astype(np.int64))

    def real(self, words: Any) -> npt.NDArray[np.float64]:
        """Return the numbers that words stand for."""
        return np.asarray(words) * 2.0**-self.fraction

    def __str__(self) -> str:
        point = f", {self.fraction} of them behind the point" if self.fraction > 0 else ""
        step = f", times {2**-self.fraction}" if self.fraction < 0 else ""
        sign = "" if self.signed else " without sign"
        return f"{self.bits} bits{sign}{point}{step}; {self.overflow}s; rounding: {self.rounding}"
