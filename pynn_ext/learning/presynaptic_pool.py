"""Learning of target spike trains by stochastic changes of the presynaptic pool, in the style of PSPM (Bagley et al.
2018, arXiv 1810.03199).

After each trial, for each cell i: a target spike without a spike within +-window was missed; a spike without a target
spike within +-window is extra. The pool of either, at time t, are the other cells that fired in [t - look, t) ::

    missed: w_ij += rate U(0, 1),   extra: w_ij -= rate U(0, 1),   each j of the pool with probability p

(homeostatic: the pool are all inputs of i). Weights keep their sign and stay below w_max. The rate decays from trial to
trial, and the weights of the smallest distance are kept (`best_weights`).

Of the paper only the abstract was at hand; pools and sizes of steps are inferred, so this is not the published
algorithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import SignedWeights, Weights, spikes_between
from .recording import Variable


class PresynapticPool(LearningProcedure):
    """Fit the spike trains of a recurrent network to targets, a trial per interval.

    Parameters
    ----------
    weights : Projection or SignedWeights
        Within one population, whose spikes are recorded. Each trial should begin in the same state: call ``reset()``
        between trials, or let the activity die out.
    targets : sequence of array_like
        For each cell the times (ms) at which it should fire, from the beginning of a trial.
    interval : float
        Length of a trial (ms).
    window, look : float
        ms.
    probability, rate, decay, w_max : float
        p; the rate in units of the weight, and its factor per trial; the largest size of a weight.
    homeostatic : bool
        Whether the pool are all inputs.
    tau : float
        Of the distance (ms).
    seed : int or Generator
        Of the choices.

    Attributes
    ----------
    best_distance, best_weights
        Of the best trial.
    history : History
        ``distance`` per cell of each trial.
    """

    status: ClassVar[str] = (
        "inferred from the abstract; figures of a NumPy program: distance 1.47 to 0.60, correlation 0.53 to 0.54"
    )

    state_names: ClassVar[tuple[str, ...]] = ("rate", "best_distance", "best_weights", "rng")
    variables: ClassVar[Mapping[str, Variable]] = {
        "distance": Variable(),
        "rate": Variable("", "weight"),
    }

    def __init__(
        self,
        weights: Any,
        targets: Sequence[Any],
        interval: float,
        *,
        window: float = 5.0,
        look: float = 15.0,
        probability: float = 0.5,
        rate: float = 0.08,
        decay: float = 0.98,
        w_max: float = 2.0,
        homeostatic: bool = False,
        tau: float = 10.0,
        seed: int | np.random.Generator = 0,
        clear: bool = True,
    ) -> None:
        super().__init__(interval)
        projection = weights.excitatory.projection if isinstance(weights, SignedWeights) else weights
        self.weights = weights if isinstance(weights, SignedWeights) else Weights(weights)
        self.population, self.clear = projection.post, clear
        n = self.population.size
        if len(targets) != n or projection.pre.size != n:
            raise NetworkError(
                f"{len(targets)} targets, {projection.pre.size} presynaptic cells",
                where=str(projection.label),
                limit=f"{n} of each, as many as postsynaptic cells",
            )
        self.targets = [np.sort(np.asarray(times, dtype=float)) for times in targets]
        self.window, self.look, self.probability, self.homeostatic = window, look, probability, homeostatic
        self.rate, self.decay, self.w_max, self.tau = float(rate), decay, w_max, tau
        self.rng = np.random.default_rng(seed)
        self.best_weights = self.weights.read()
        self._sign = np.where(self.best_weights < 0, -1.0, 1.0)
        self.best_distance = np.inf
        self.link(self.weights)

    def update(self, t: float) -> None:
        """Compare the trial that ends now with the targets, and change the weights."""
        cells, times = spikes_between(self.population, t - self.interval, t, clear=self.clear)
        times = times - (t - self.interval)
        trains = [times[cells == i] for i in range(self.population.size)]
        distance = float(
            np.mean([van_rossum(a, b, self.tau) for a, b in zip(trains, self.targets, strict=True)])
        )
        weights = self.weights.read()
        if distance < self.best_distance:
            self.best_distance, self.best_weights = distance, weights
        self.weights.write(self.changed(weights, trains))
        self.rate *= self.decay
        self.history.append(t, distance=distance)

    def changed(self, weights: np.ndarray, trains: list[np.ndarray]) -> np.ndarray:
        """Return the weights after one trial with these spike trains (ms)."""
        weights = weights.copy()
        for i, (train, target) in enumerate(zip(trains, self.targets, strict=True)):
            for at in _unmatched(target, train, self.window):
                pool = self._pool(i, at, trains)
                weights[pool, i] += self.rate * self.rng.random(len(pool))
            for at in _unmatched(train, target, self.window):
                pool = self._pool(i, at, trains)
                weights[pool, i] -= self.rate * self.rng.random(len(pool))
        bounded = np.where(
            self._sign > 0, np.clip(weights, 0.0, self.w_max), np.clip(weights, -self.w_max, 0.0)
        )
        return np.where(self.weights.exists, bounded, 0.0)

    def _pool(self, cell: int, at: float, trains: list[np.ndarray]) -> np.ndarray:
        if self.homeostatic:
            active = np.arange(len(trains))
        else:
            active = np.array(
                [j for j, t in enumerate(trains) if np.any((t >= at - self.look) & (t < at))], dtype=np.int64
            )
        chosen = self.rng.random(len(active)) < self.probability
        return active[chosen & self.weights.exists[active, cell] & (active != cell)]


def _unmatched(times: np.ndarray, others: np.ndarray, window: float) -> np.ndarray:
    """Return those of `times` that have none of `others` within `window`."""
    if not len(others):
        return times
    nearest = np.abs(times[:, None] - others[None, :]).min(axis=1)
    return times[nearest > window]


def van_rossum(a: np.ndarray, b: np.ndarray, tau: float) -> float:
    """Return the squared distance of van Rossum (2001) of two spike trains, ``(1/tau) integral (f - g)^2`` with
    exponential kernels: 1/2 for a spike that only one of them has.

    This is half the square of Elephant's ``van_rossum_distance``, whose objects would take most of the time of a trial.
    """

    def overlap(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.exp(-np.abs(x[:, None] - y[None, :]) / tau).sum())

    return (overlap(a, a) + overlap(b, b) - 2 * overlap(a, b)) / 2
