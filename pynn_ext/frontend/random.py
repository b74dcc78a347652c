"""The backend's own random number generator: NumPy's counter-based Philox.

``NumpyRNG`` gives the same network on every simulator, at the price of one number per candidate pair.
`NativeRNG` draws only as many numbers as there are connections; the same seed gives the same network, on
these backends only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import random as pynn_random

MAX_REDRAWS = pynn_random.MAX_REDRAWS


class NativeRNG(pynn_random.NativeRNG):
    """Signals that the backend draws random numbers in whatever way is fastest.

    Weights, delays and other values of synapses that it draws are numbers of single precision, so that they can
    be stored in half the memory without a change; weights of a normal or uniform distribution mostly have 16 bits
    (`resolution`).

    Parameters
    ----------
    seed : int, optional
        Taken from the operating system if omitted; `seed` then holds the value, so that a run can be
        repeated.

    Attributes
    ----------
    generator : numpy.random.Generator
        Philox4x64 (Salmon et al., SC 2011), keyed by `seed`.
    """

    parallel_safe = True

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(np.random.SeedSequence().entropy if seed is None else seed)
        self.generator = np.random.Generator(np.random.Philox(self.seed))

    def next(
        self,
        n: int | None = None,
        distribution: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        mask: npt.NDArray[Any] | None = None,
    ) -> Any:
        """Return `n` numbers from `distribution`, or one number if `n` is None.

        Parameters
        ----------
        n : int, optional
        distribution : str, optional
            A key of ``pyNN.random.available_distributions``; uniform on [0, 1) if omitted.
        parameters : mapping, optional
            By PyNN's names.
        mask : ndarray, optional
            Selects the numbers to return.
        """
        if n is not None and n < 0:
            raise ValueError(f"The sample number must be positive, not {n}")
        if distribution is None:
            distribution, parameters = "uniform", parameters or {"low": 0.0, "high": 1.0}
        parameters = parameters or {}
        expected = pynn_random.available_distributions[distribution]
        if set(parameters) != set(expected):
            raise KeyError(f"{distribution} takes the parameters {expected}, got {tuple(parameters)}")
        values = np.asarray(_DRAW[distribution](self.generator, 1 if n is None else int(n), **parameters))
        if n is None:
            return values[0]
        return values if mask is None else values[mask]

    def __deepcopy__(self, memo: dict[int, Any]) -> NativeRNG:
        """Return `self`: PyNN copies synapse parameters at every use, which would restart the stream."""
        return self

    def permutation(self, x: Any) -> npt.NDArray[Any]:
        """Return a shuffled copy of `x`, or of ``arange(x)``."""
        return self.generator.permutation(x)

    def choice(self, a: Any, size: int | None = None, replace: bool = True) -> Any:
        """Return random elements of `a`."""
        return self.generator.choice(a, size=size, replace=replace)


class NumpyRNG(pynn_random.NumpyRNG):
    """PyNN's, with the same stream; takes the argument `mask_local` of PyNN 0.7, as scripts still give it."""

    def next(
        self,
        n: int | None = None,
        distribution: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        mask: npt.NDArray[Any] | None = None,
        mask_local: Any = None,
    ) -> Any:
        """Return `n` numbers from `distribution`, or one number if `n` is None.

        Parameters
        ----------
        n, distribution, parameters, mask
            As PyNN's.
        mask_local : optional
            Has no effect: it chose between the numbers of all processes and of this one, and there is one.
        """
        return super().next(n, distribution, parameters, mask)


def is_numpy(rng: Any) -> bool:
    """Return whether `rng` draws as ``NumpyRNG`` does, so that its stream can be drawn in blocks.

    A subclass that a script defines may do otherwise.
    """
    return type(rng) in (NumpyRNG, pynn_random.NumpyRNG)


def adopt(rng: Any) -> Any:
    """Return `rng`; for a plain ``pyNN.random.NativeRNG``, ours of the same seed (always the same one)."""
    if not isinstance(rng, pynn_random.NativeRNG) or isinstance(rng, NativeRNG):
        return rng
    if not hasattr(rng, "_adopted"):
        rng._adopted = NativeRNG(rng.seed)
    return rng._adopted


def _normal_clipped(
    generator: np.random.Generator, n: int, mu: float, sigma: float, low: float, high: float
) -> npt.NDArray[np.float64]:
    values = generator.normal(mu, sigma, n)
    outside = np.flatnonzero((values < low) | (values > high))
    for _ in range(MAX_REDRAWS):
        if not outside.size:
            return values
        values[outside] = generator.normal(mu, sigma, outside.size)
        outside = outside[(values[outside] < low) | (values[outside] > high)]
    raise ValueError(
        f"normal_clipped(mu={mu}, sigma={sigma}, low={low}, high={high}): no value inside the bounds after "
        f"{MAX_REDRAWS} redraws. Remedy: widen the bounds"
    )


_DRAW: dict[str, Callable[..., Any]] = {
    "binomial": lambda g, size, n, p: g.binomial(n, p, size),
    "gamma": lambda g, size, k, theta: g.gamma(k, theta, size),
    "exponential": lambda g, size, beta: g.exponential(beta, size),
    "lognormal": lambda g, size, mu, sigma: g.lognormal(mu, sigma, size),
    "normal": lambda g, size, mu, sigma: g.normal(mu, sigma, size),
    "normal_clipped": _normal_clipped,
    "normal_clipped_to_boundary": lambda g, size, mu, sigma, low, high: np.clip(
        g.normal(mu, sigma, size), low, high
    ),
    "poisson": lambda g, size, lambda_: g.poisson(lambda_, size),
    "uniform": lambda g, size, low, high: g.uniform(low, high, size),
    "uniform_int": lambda g, size, low, high: g.integers(low, high, size),
    "vonmises": lambda g, size, mu, kappa: g.vonmises(mu, kappa, size),
}
