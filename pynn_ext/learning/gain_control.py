"""Gain control: gains, not weights, make responses of a population uncorrelated and of equal variance.

Primary responses y, with fixed weights W (unit columns) to K interneurons of gain g, and back ::

    z = W^T y,   y = (alpha I + W diag(g) W^T)^-1 x,   dg = rate (<z^2> - 1)

K = N (N + 1)/2 interneurons suffice to make the covariance of y the identity: ``g = ((W^T W) o (W^T W))^-1 diag(W^T
(C^(1/2) - alpha I) W)`` for inputs of covariance C, where o is the product of elements (Duong et al. 2023, ICML,
"Adaptive whitening in neural populations with gain-modulating interneurons"; the form of the group's published code.
The objective of their arXiv 2305.19869 was not at hand).

`GainControl` does it to a running network: r are the rates of an interval, y their deviations from the running mean in
units of `scale`, and the gains go into a parameter of the interneurons or scale the weights onto each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import Weights, spikes_between
from .recording import Variable


def frame(cells: int, interneurons: int | None = None, seed: int | np.random.Generator = 0) -> np.ndarray:
    """Return random W with columns of length 1, shape ``(cells, interneurons)``; N (N + 1)/2 columns by default."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((cells, interneurons or cells * (cells + 1) // 2))
    return w / np.linalg.norm(w, axis=0)


def responses(w: np.ndarray, gains: np.ndarray, x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Return y for inputs x, shape ``(N,)`` or ``(N, batch)``: the fixed point of the circuit."""
    return np.linalg.solve(alpha * np.eye(len(w)) + (w * gains) @ w.T, x)


def optimal_gains(w: np.ndarray, covariance: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Return the gains at which the covariance of y is the identity, shape ``(K,)``."""
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values)) @ vectors.T
    return np.linalg.solve((w.T @ w) ** 2, np.diag(w.T @ (root - alpha * np.eye(len(w))) @ w))


def adapted(gains: np.ndarray, z: np.ndarray, rate: float, *, positive: bool = False) -> np.ndarray:
    """Return the gains after interneuron inputs z, shape ``(K,)`` or ``(K, batch)``."""
    power = z**2 if z.ndim == 1 else (z**2).mean(axis=1)
    new = gains + rate * (power - 1.0)
    return np.maximum(new, 0.0) if positive else new


class GainControl(LearningProcedure):
    """Adapt gains to the rates of a population.

    Parameters
    ----------
    population : Population
        Its spikes are recorded.
    target : Population or Projection
        Whose gains adapt: a population with a parameter `parameter`, or a projection whose weights onto each
        postsynaptic cell are multiplied by its gain.
    w : array_like, optional
        Shape ``(population.size, K)``, K the number of (postsynaptic) cells of `target`; the identity by default, and
        then each cell's own variance is controlled.
    scale : float
        Deviation of the rate that counts as 1 (Hz).
    rate : float
        Of the gains.
    inverse : bool
        Whether a larger gain makes the responses larger, as that of the cells' own input does; the gains then go the
        other way. A gain of inhibitory feedback makes them smaller.
    tau : float
        Of the running mean (ms).
    least : float
        Gains do not go below it.

    Attributes
    ----------
    gains : ndarray
        From 1.
    mean : ndarray
        Running mean rate of each cell (Hz).
    """

    status: ClassVar[str] = (
        "verified: numbers of the rule in NumPy, 3.66 to 0.10 and 11.47 to 0.02. Form for spiking rates inferred"
    )

    state_names: ClassVar[tuple[str, ...]] = ("gains", "mean")
    variables: ClassVar[Mapping[str, Variable]] = {
        "gains": Variable(),
        "mean": Variable("", "Hz"),
        "rates": Variable("", "Hz"),
    }

    def __init__(
        self,
        population: Any,
        target: Any,
        w: Any = None,
        *,
        parameter: str = "gain",
        scale: float = 10.0,
        rate: float = 5e-3,
        inverse: bool = False,
        tau: float = 5000.0,
        least: float = 0.0,
        interval: float = 100.0,
        clear: bool = False,
    ) -> None:
        super().__init__(interval)
        self.population, self.target, self.parameter, self.clear = population, target, parameter, clear
        self._weights = Weights(target) if hasattr(target, "post") else None
        self._unscaled = self._weights.read() if self._weights else np.empty(0)
        size = target.post.size if self._weights else target.size
        self.w = np.eye(population.size) if w is None else np.asarray(w, dtype=float)
        if self.w.shape != (population.size, size):
            raise NetworkError(
                f"w of shape {self.w.shape}",
                where="GainControl",
                limit=f"({population.size}, {size}): cells seen, cells of the gains",
            )
        self.scale, self.rate, self.sign = float(scale), float(rate), -1.0 if inverse else 1.0
        self.tau, self.least = float(tau), float(least)
        self.link(*([self._weights] if self._weights else []))
        self.gains, self.mean = np.ones(size), np.full(population.size, np.nan)

    def update(self, t: float) -> None:
        """Adapt to the rates of the interval; ``gains`` and ``rates`` are kept."""
        cells, _ = spikes_between(self.population, t - self.interval, t, clear=self.clear)
        rates = np.bincount(cells, minlength=self.population.size) * 1e3 / self.interval
        if np.isnan(self.mean).all():
            self.mean = rates.copy()
        z = self.w.T @ (rates - self.mean) / self.scale
        self.mean += (rates - self.mean) * (1 - np.exp(-self.interval / self.tau))
        self.gains = np.maximum(adapted(self.gains, z, self.sign * self.rate), self.least)
        if self._weights is not None:
            self._weights.write(self._unscaled * self.gains)
        else:
            self.target.set(**{self.parameter: self.gains})
        self.history.append(t, gains=self.gains, rates=rates)
