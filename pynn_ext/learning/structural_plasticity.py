"""Structural plasticity: synapses are removed and formed while a network runs.

As sPyNNaker divides it (Bogdan et al. 2018, Front. Neurosci. 12:434): every interval each postsynaptic cell makes a
number of attempts; each looks at one of its slots. If the slot holds a synapse, *elimination* decides whether it goes.
If it is free, *partner selection* proposes a presynaptic cell and *formation* decides whether a synapse comes.

PyNN cannot make synapses at run time, so all pairs that may ever be connected are one projection from the beginning;
where there is no synapse the weight is 0, and `active` says which there are. A plasticity rule may move such a weight
between two calls; it is set back to 0 at the next. Delays are those of the projection. That pool of pairs, and the
defaults, are inferred."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import Weights, spikes_between
from .recording import Variable


class PartnerSelection(ABC):
    """Which presynaptic cell is proposed."""

    @abstractmethod
    def choose(self, candidates: np.ndarray, learner: StructuralPlasticity) -> int | None:
        """Return one of the `candidates` (positions), or None."""


class RandomSelection(PartnerSelection):
    """Any cell, with equal probability."""

    def choose(self, candidates: np.ndarray, learner: StructuralPlasticity) -> int | None:
        return int(learner.rng.choice(candidates)) if len(candidates) else None


class LastNeuronSelection(PartnerSelection):
    """One of the cells that fired in the interval, with equal probability; their spikes are recorded."""

    def choose(self, candidates: np.ndarray, learner: StructuralPlasticity) -> int | None:
        fired = candidates[learner.fired()[candidates]]
        return int(learner.rng.choice(fired)) if len(fired) else None


@dataclass
class DistanceDependentFormation:
    """A synapse comes with probability ``p_max exp(-(distance / sigma)^2 / 2)``.

    Parameters
    ----------
    p_max : float
    sigma : float
        In units of the positions; infinite for none.
    weight : float
        Of a new synapse.
    """

    p_max: float = 1.0
    sigma: float = np.inf
    weight: float = 0.1

    def probability(self, distance: float) -> float:
        return self.p_max * float(np.exp(-((distance / self.sigma) ** 2) / 2))


@dataclass
class RandomByWeightElimination:
    """A synapse goes with a probability that depends on its weight.

    Parameters
    ----------
    threshold : float
        Size of the weight.
    p_depressed, p_potentiated : float
        Probability below the threshold, and from it on.
    """

    threshold: float = 0.05
    p_depressed: float = 0.2
    p_potentiated: float = 0.0

    def probability(self, weight: float) -> float:
        return self.p_depressed if abs(weight) < self.threshold else self.p_potentiated


class StructuralPlasticity(LearningProcedure):
    """Rewire a projection.

    Parameters
    ----------
    projection : Projection
        All pairs that may be connected; those whose weight is 0 are free.
    slots : int
        Most synapses of a postsynaptic cell.
    selection, formation, elimination
        The three parts.
    attempts : int
        Of each postsynaptic cell per interval.
    interval : float
        ms.
    seed : int or Generator
        Of all choices.

    Attributes
    ----------
    active : ndarray of bool
        Shape ``(n_pre, n_post)``.
    history : History
        ``formed``, ``eliminated`` and ``synapses`` (numbers) of each interval.
    """

    status: ClassVar[str] = "verified: frequencies within 4 standard errors of the probabilities"

    state_names: ClassVar[tuple[str, ...]] = ("active", "rng")
    variables: ClassVar[Mapping[str, Variable]] = {
        "active": Variable("synapse"),
        "formed": Variable(),
        "eliminated": Variable(),
        "synapses": Variable(),
    }

    def __init__(
        self,
        projection: Any,
        slots: int = 32,
        selection: PartnerSelection | None = None,
        formation: DistanceDependentFormation | None = None,
        elimination: RandomByWeightElimination | None = None,
        *,
        attempts: int = 1,
        interval: float = 100.0,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(interval)
        self.weights, self.slots, self.attempts = Weights(projection), slots, attempts
        self.selection, self.rng = selection or RandomSelection(), np.random.default_rng(seed)
        self.formation = formation or DistanceDependentFormation()
        self.elimination = elimination or RandomByWeightElimination()
        self.active = self.weights.exists & (self.weights.read() != 0)
        used = self.active.sum(axis=0)
        if used.max(initial=0) > slots:
            raise NetworkError(
                f"cell {int(used.argmax())} has {used.max()} synapses",
                where=str(projection.label),
                limit=f"{slots} slots",
                remedy="raise slots, or set the weights of pairs that are not connected to 0",
            )
        if self.formation.weight == 0:
            raise NetworkError(
                "a new synapse of weight 0", where=str(projection.label), limit="it would be free"
            )
        self.link(self.weights)
        self._pre, self._post = projection.pre.positions.T, projection.post.positions.T
        self._now, self._fired = 0.0, np.zeros(0, dtype=bool)

    def fired(self) -> np.ndarray:
        """Return which presynaptic cells fired in the interval."""
        if not len(self._fired):
            pre = self.weights.projection.pre
            cells, _ = spikes_between(pre, self._now - self.interval, self._now)
            self._fired = np.bincount(cells, minlength=pre.size) > 0
        return self._fired

    def update(self, t: float) -> None:
        """Make the attempts of the interval."""
        self._now, self._fired = t, np.zeros(0, dtype=bool)
        weights = np.where(self.active, self.weights.read(), 0.0)
        formed = eliminated = 0
        for _ in range(self.attempts):
            for post in range(weights.shape[1]):
                held = np.flatnonzero(self.active[:, post])
                slot = int(self.rng.integers(self.slots))
                if slot < len(held):
                    eliminated += self._eliminate(weights, int(held[slot]), post)
                else:
                    formed += self._form(weights, post)
        self.weights.write(weights)
        self.history.append(t, formed=formed, eliminated=eliminated, synapses=self.active.sum())

    def _eliminate(self, weights: np.ndarray, pre: int, post: int) -> bool:
        if self.rng.random() >= self.elimination.probability(weights[pre, post]):
            return False
        weights[pre, post], self.active[pre, post] = 0.0, False
        return True

    def _form(self, weights: np.ndarray, post: int) -> bool:
        candidates = np.flatnonzero(self.weights.exists[:, post] & ~self.active[:, post])
        pre = self.selection.choose(candidates, self)
        if pre is None or self.rng.random() >= self.formation.probability(self._distance(pre, post)):
            return False
        weights[pre, post], self.active[pre, post] = self.formation.weight, True
        return True

    def _distance(self, pre: int, post: int) -> float:
        projection = self.weights.projection
        return float(np.ravel(projection.space.distances(self._pre[pre], self._post[post]))[0])
