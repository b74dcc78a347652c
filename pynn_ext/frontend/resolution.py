"""How finely a ``NativeRNG`` draws weights: as multiples of a power of two that 16 bits can tell apart.

With its target, a weight of 16 bits is two thirds of one of single precision, and memory is what limits large networks.
With L the largest absolute value (six standard deviations from the mean, of a normal distribution), weights are
rounded to the nearest multiple of

    u = 2^(ceil(log2 L) - 15),   L/32768 <= u < L/16384

so one that lies further out, up to 2 L, still fits. Those of both signs, of distributions that are neither normal nor
uniform, and those that spread over fewer than 4096 multiples are not rounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyNN.random import RandomDistribution

BITS = 15  # one less than there are
DEVIATIONS = 6.0  # one number of 500 million lies further out
LEAST_MULTIPLES = 4096

Values = npt.NDArray[np.float64]


def extent(distribution: RandomDistribution) -> tuple[float, float] | None:
    """Return between which numbers practically all that are drawn lie, or None if that cannot be said."""
    parameters = distribution.parameters
    if not all(np.ndim(value) == 0 for value in parameters.values()):
        return None
    if distribution.name == "uniform":
        return parameters["low"], parameters["high"]
    if not distribution.name.startswith("normal"):
        return None
    mean, reach = parameters["mu"], DEVIATIONS * parameters["sigma"]
    low, high = parameters.get("low", -np.inf), parameters.get("high", np.inf)
    return max(mean - reach, low), min(mean + reach, high)


def unit(low: float, high: float) -> float | None:
    """Return the power of two of which values between these are multiples, or None if they are not rounded."""
    largest = max(abs(low), abs(high))
    if not (np.isfinite([low, high]).all() and low * high >= 0.0 < largest):
        return None
    found = float(np.ldexp(1.0, int(np.ceil(np.log2(largest))) - BITS))
    return found if abs(high - low) >= LEAST_MULTIPLES * found else None


def rounded(values: Values, low: float, high: float) -> Values:
    """Return values between `low` and `high` as multiples of their unit, if they have one."""
    step = unit(low, high)
    return values if step is None else np.rint(values / step) * step
