"""Tempotron: a cell learns to fire for some spike patterns and not for others (Guetig and Sompolinsky 2006, Nat.
Neurosci. 9:420).

The potential without threshold is ``V(t) = sum_i w_i sum_(t_i) K(t - t_i)`` above rest, with ``K(t) = V_0
(exp(-t/tau) - exp(-t/tau_s))`` and max K = 1. If the answer of a trial, max V > threshold, is wrong, then with t_max
the time of the largest V ::

    dw_i = +- rate sum_(t_i < t_max) K(t_max - t_i)

plus if the cell should have fired. K is the response of a current-based cell with tau_m = tau and tau_syn = tau_s
(`unit_cell`), so V is recorded from a cell whose threshold is out of reach; a cell of the same weights with a threshold
fires where V crosses it first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import SignedWeights, samples_between, spikes_between
from .recording import Variable


def kernel(t: Any, tau: float = 15.0, tau_s: float = 3.75) -> np.ndarray:
    """Return K(t), 0 before t = 0 (times in ms)."""
    t = np.asarray(t, dtype=float)
    after = np.maximum(t, 0.0)
    return np.where(t >= 0, (np.exp(-after / tau) - np.exp(-after / tau_s)) / _peak(tau, tau_s), 0.0)


def _peak(tau: float, tau_s: float) -> float:
    """Height of the difference of the two exponentials."""
    if not tau > tau_s > 0:
        raise NetworkError(
            f"tau={tau}, tau_s={tau_s}", where="Tempotron", limit="tau is longer than tau_s, both positive"
        )
    at = tau * tau_s * np.log(tau / tau_s) / (tau - tau_s)
    return float(np.exp(-at / tau) - np.exp(-at / tau_s))


def unit_cell(tau: float = 15.0, tau_s: float = 3.75, v_thresh: float = 1e3) -> dict[str, float]:
    """Return parameters of an ``IF_curr_exp`` that answers a weight of 1 nA with K in mV, at rest at 0 mV."""
    return {
        "tau_m": tau, "tau_syn_E": tau_s, "tau_syn_I": tau_s, "cm": tau * tau_s / (tau - tau_s) * _peak(tau, tau_s),
        "v_rest": 0.0, "v_reset": 0.0, "v_thresh": v_thresh,
    }  # fmt: skip


def trained(
    patterns: Sequence[Sequence[Any]],
    labels: Any,
    weights: Any,
    rng: np.random.Generator,
    *,
    rounds: int = 60,
    duration: float = 550.0,
    resolution: float = 1.0,
    threshold: float = 1.0,
    rate: float = 0.01,
    tau: float = 15.0,
    tau_s: float = 3.75,
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights that tell patterns apart, learned from the formula of V.

    Parameters
    ----------
    patterns : sequence of sequences of array_like
        For each pattern and each input its spike times (ms).
    labels : array_like of bool
        For which patterns the cell should fire.
    weights : array_like
        Initial ones, shape ``(inputs,)`` (nA), not all 0: V would have no largest value to learn at.
    rng : Generator
        Draws the order of the patterns, anew in each round.
    rounds : int
        At most; training ends after a round without errors.
    duration, resolution : float
        V is looked at from 0 on at multiples of the resolution (ms).
    threshold, rate, tau, tau_s : float
        As of `Tempotron`.

    Returns
    -------
    weights : ndarray
        Shape ``(inputs,)``.
    errors : ndarray of int
        Wrong answers in each round.
    """
    labels, weights = np.asarray(labels, dtype=bool), np.array(weights, dtype=float)
    grid = np.arange(0.0, duration, resolution)
    if len(labels) != len(patterns) or any(len(pattern) != len(weights) for pattern in patterns):
        raise NetworkError(
            f"{len(patterns)} patterns, {len(labels)} labels, {len(weights)} weights",
            where="trained",
            limit="a label for each pattern, and in it spike times for each weight",
        )
    if not weights.any():
        raise NetworkError(
            "all weights are 0",
            where="trained",
            limit="V has a largest value, at which it is learned",
            remedy="for example rng.normal(0.0, 0.01, inputs)",
        )
    drives = []  # sum_(t_i) K(t - t_i) at each time, for each input
    for pattern in patterns:
        trains = [np.atleast_1d(times) for times in pattern]
        drive = np.zeros((len(weights), len(grid)))
        inputs = np.repeat(np.arange(len(weights)), [len(times) for times in trains])
        np.add.at(drive, inputs, kernel(grid - np.concatenate(trains)[:, None], tau, tau_s))
        drives.append(drive.T)
    errors: list[int] = []
    while len(errors) < rounds and (not errors or errors[-1]):
        errors.append(0)
        for k in rng.permutation(len(patterns)):
            v = drives[k] @ weights
            largest = int(v.argmax())
            if (v[largest] > threshold) != labels[k]:
                errors[-1] += 1
                weights += (rate if labels[k] else -rate) * drives[k][largest]
    return weights, np.array(errors)


class Tempotron(LearningProcedure):
    """Train the weights onto one cell, a trial per interval.

    Parameters
    ----------
    weights : SignedWeights
        From the inputs, whose spikes are recorded, to a population of one cell, whose v is recorded: an
        ``IF_curr_exp(**unit_cell())`` initialised at 0 mV. The weights are not all 0 at first.
    labels : array_like of bool
        Whether the cell should fire, for one trial after another; again from the first after the last.
    interval : float
        Length of a trial (ms), long enough for V to decay between trials.
    threshold : float
        mV above rest.
    rate, decay : float
        Change of a weight per K (nA), and its factor after each round of labels.
    momentum : float
        Share of the last change that is added to the next.
    tau, tau_s, delay : float
        Of K and of the synapses (ms).
    clear : bool
        Whether recorded data are dropped after each trial.

    Attributes
    ----------
    history : History
        ``fired`` and ``wrong`` (0 or 1) of each trial.
    """

    status: ClassVar[str] = (
        "verified: 200 patterns of 200 inputs, errors 0.47 to 0 in 28 rounds, in NumPy alone"
    )

    needs: ClassVar[tuple[str, ...]] = ("IF_curr_exp",)
    state_names: ClassVar[tuple[str, ...]] = ("last_change", "rate")
    variables: ClassVar[Mapping[str, Variable]] = {
        "last_change": Variable("pre", "weight"),
        "fired": Variable(),
        "wrong": Variable(),
    }

    def __init__(
        self,
        weights: SignedWeights,
        labels: Any,
        interval: float = 500.0,
        *,
        threshold: float = 1.0,
        rate: float = 0.01,
        decay: float = 1.0,
        momentum: float = 0.0,
        tau: float = 15.0,
        tau_s: float = 3.75,
        delay: float = 1.0,
        clear: bool = True,
    ) -> None:
        super().__init__(interval)
        self.weights, self.labels = weights, np.asarray(labels, dtype=bool)
        projection = weights.excitatory.projection
        if projection.post.size != 1 or not self.labels.size:
            raise NetworkError(
                f"{projection.post.size} cells and {self.labels.size} labels",
                where="Tempotron",
                limit="one cell, and at least one label",
            )
        self.pre, self.post, self.clear = projection.pre, projection.post, clear
        self.threshold, self.rate, self.decay, self.momentum = threshold, float(rate), decay, momentum
        self.tau, self.tau_s, self.delay = tau, tau_s, delay
        self.last_change = np.zeros(self.pre.size)
        self.link(weights)

    def update(self, t: float) -> None:
        """Judge the trial that ends now, and learn from it if the answer was wrong."""
        begin = t - self.interval
        cells, times = spikes_between(self.pre, begin, t, clear=self.clear)
        grid, v = samples_between(self.post, "v", begin, t, clear=self.clear)
        largest = int(np.argmax(v[:, 0]))
        fired, label = (
            bool(v[largest, 0] > self.threshold),
            bool(self.labels[self.updates % len(self.labels)]),
        )
        if fired != label:
            drive = kernel(grid[largest] - times - self.delay, self.tau, self.tau_s)
            change = self.rate * np.bincount(cells, drive, minlength=self.pre.size) * (1 if label else -1)
            self.last_change = change + self.momentum * self.last_change
            weights = self.weights.read()
            self.weights.write(weights + self.last_change[:, None])
        if (self.updates + 1) % len(self.labels) == 0:
            self.rate *= self.decay
        self.history.append(t, fired=fired, wrong=fired != label)

    def errors(self) -> np.ndarray:
        """Return the share of wrong answers in each completed round of the labels."""
        wrong, n = self.history["wrong"], len(self.labels)
        return wrong[: len(wrong) // n * n].reshape(-1, n).mean(axis=1)
