"""Readouts of a spiking reservoir, learned from trial to trial: "when" something comes, and "what" it is.

A trial lasts one interval and ends with one event c of several. x is the exponential trace of the reservoir's spikes.

`WhenReadout`, a gated delta rule, at every grid point, for the channel c of the event that occurred ::

    y = W x,   W_c += rate G(t) (g(t) - y_c(t)) x / (1 + |x|^2),   g(t) = exp(-(t - t_c)^2 / (2 width^2))

with G = 1 within 4 widths of the event at t_c and `weak_gate` outside. `WhatReadout`, at the end of each trial, with m
the mean trace after the cue, normalised ::

    V += rate (onehot(c) - V m) m^T

Their product, ``max(W_c x, 0) (V m)_c``, predicts the time and the probability of each event.

The factors of both rules, and the two time scales on which they act, are those of Yamada and Chao (2025, arXiv
2510.14382); the normalisation, the constants and the trace are inferred, as the paper's text was not at hand, and its
feedback of the prediction into the reservoir is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import spikes_between
from .recording import Variable
from .traces import Traces

#: (trial number) -> (channel of the event, its time after the beginning of the trial in ms)
Schedule = Callable[[int], tuple[int, float]]


class _Readout(LearningProcedure):
    """What both readouts share: the traces of a trial."""

    variables: ClassVar[Mapping[str, Variable]] = {"weights": Variable(), "y": Variable()}

    def __init__(
        self,
        population: Any,
        channels: int,
        schedule: Schedule,
        interval: float = 600.0,
        *,
        rate: float,
        tau: float = 40.0,
        cue_end: float = 50.0,
        resolution: float = 1.0,
        clear: bool = False,
    ) -> None:
        super().__init__(interval)
        if not 0 <= cue_end < interval:
            raise NetworkError(
                f"the cue ends at {cue_end:g} ms",
                where=type(self).__name__,
                limit=f"a trial of {interval:g} ms",
            )
        self.population, self.schedule, self.clear = population, schedule, clear
        self.rate, self.cue_end, self.tau, self.resolution = float(rate), float(cue_end), tau, resolution
        self.weights = np.zeros((channels, population.size))

    def trial(self, t: float) -> np.ndarray:
        """Return the traces of the trial that ends at `t`, from 0 at its beginning, shape ``(points, n)``."""
        begin = t - self.interval
        traces = Traces(self.population.size, self.tau, self.resolution)
        return traces.advance(*spikes_between(self.population, begin, t, clear=self.clear), begin, t)

    def update(self, t: float) -> None:
        """Learn from the trial that ends now."""
        channel, when = self.schedule(self.updates)
        if not 0 <= channel < len(self.weights):
            raise NetworkError(
                f"event of channel {channel}",
                where=type(self).__name__,
                limit=f"{len(self.weights)} channels",
            )
        traces = self.trial(t)
        y = np.atleast_2d(self.output(traces).T)
        self.sampled(t - self.resolution * np.arange(len(y))[::-1], y=y)
        self.learn(traces, channel, when)
        self.history.append(t, channel=channel, weights=np.linalg.norm(self.weights, axis=1))

    def learn(self, traces: np.ndarray, channel: int, when: float) -> None:
        """Learn from the traces of one trial whose event of `channel` came at `when` ms."""
        raise NotImplementedError

    def output(self, traces: np.ndarray) -> np.ndarray:
        """Return what is predicted from the traces of a trial."""
        raise NotImplementedError


class WhenReadout(_Readout):
    """Learn the time course of each event (``y = W x``).

    Parameters
    ----------
    population : Population
        Its spikes are recorded.
    channels : int
        Number of kinds of events.
    schedule : callable
        Given the number of a trial, returns the channel of its event and the event's time in the trial (ms).
    interval : float
        Length of a trial (ms); trials follow one another, with or without ``reset()`` between.
    rate, tau, width, cue_end, resolution : float
        Learning rate; ms.
    weak_gate : float
        Gate outside the window of attention.
    clear : bool
        Whether recorded data are dropped once seen; only one readout of a population may do that, the last one.
    """

    status: ClassVar[str] = (
        "verified: examples/what_and_when.py, peaks within 30 ms before and after a change. Constants inferred"
    )

    state_names: ClassVar[tuple[str, ...]] = ("weights",)

    def __init__(
        self, *trial: Any, rate: float = 0.08, width: float = 25.0, weak_gate: float = 0.25, **options: Any
    ) -> None:
        super().__init__(*trial, rate=rate, **options)
        self.width, self.weak_gate = float(width), float(weak_gate)

    def learn(self, traces: np.ndarray, channel: int, when: float) -> None:
        grid = self.resolution * np.arange(len(traces))
        distance = grid - when
        target = np.exp(-(distance**2) / (2 * self.width**2))
        gate = np.where(np.abs(distance) < 4 * self.width, 1.0, self.weak_gate)
        speed = self.rate * gate / (1.0 + (traces * traces).sum(axis=1))
        w = self.weights[channel]
        for k in range(round(self.cue_end / self.resolution), len(traces)):
            x = traces[k]
            w += speed[k] * (target[k] - w @ x) * x

    def output(self, traces: np.ndarray) -> np.ndarray:
        """Return y over time, shape ``(channels, points)``; 0 until the cue has ended."""
        y = self.weights @ traces.T
        y[:, : round(self.cue_end / self.resolution)] = 0.0
        return y


class WhatReadout(_Readout):
    """Learn the probability of each event (``V m``); parameters as of `WhenReadout`."""

    status: ClassVar[str] = (
        "verified: examples/what_and_when.py, probabilities within 0.1. Constants inferred"
    )

    state_names: ClassVar[tuple[str, ...]] = ("weights",)

    def __init__(self, *trial: Any, rate: float = 0.05, **options: Any) -> None:
        super().__init__(*trial, rate=rate, **options)

    def learn(self, traces: np.ndarray, channel: int, when: float) -> None:
        m = self.state_of(traces)
        error = np.eye(len(self.weights))[channel] - self.weights @ m
        self.weights += self.rate * np.outer(error, m)

    def state_of(self, traces: np.ndarray) -> np.ndarray:
        """Return the mean trace after the cue, of length 1 (0 if nothing fired)."""
        mean = traces[round(self.cue_end / self.resolution) :].mean(axis=0)
        return mean / (np.linalg.norm(mean) or 1.0)

    def output(self, traces: np.ndarray) -> np.ndarray:
        """Return the estimate of each event's probability, shape ``(channels,)``."""
        return self.weights @ self.state_of(traces)
