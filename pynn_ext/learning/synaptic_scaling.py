"""Synaptic scaling: the sum of a cell's incoming weights, or its rate, is held at a target.

`SynapticScaling`, every `interval`: ``w_ij <- w_ij norm / sum_i w_ij`` for each postsynaptic cell j (Diehl and Cook
2015, Front. Comput. Neurosci. 9:99; before each sample there). Ratios between the weights of a cell are kept.

`RateHomeostasis`: ``dR_j/dt = (S_j - R_j)/tau_rate`` with S the spike train, ``dw_ij/dt = k w_ij (1 -
R_j/target_rate)``: multiplicative scaling by the postsynaptic rate (Turrigiano et al. 1998, Nature 391:892; the form of
CARLsim's homeostasis). Integrated exactly between calls for the R at the end of each interval. The defaults of
target_rate, tau_rate and k are inferred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import Weights, spikes_between
from .recording import Variable


class SynapticScaling(LearningProcedure):
    """Hold the sum of each cell's incoming weights.

    Parameters
    ----------
    projection : Projection
        Its weights have one sign.
    norm : float
        The sum, in units of the weight, with the sign of the weights.
    interval : float
        ms; usually the length of a sample.
    """

    status: ClassVar[str] = "verified: sums to 1e-14, ratios between weights to 1e-15"
    variables: ClassVar[Mapping[str, Variable]] = {"sums": Variable("post", "weight")}

    def __init__(self, projection: Any, norm: float = 78.4, interval: float = 500.0) -> None:
        super().__init__(interval)
        self.weights, self.norm = Weights(projection), float(norm)
        self.link(self.weights)
        if not (np.isfinite(norm) and norm != 0):
            raise NetworkError(f"norm={norm}", where=str(projection.label), limit="a number other than 0")

    def update(self, t: float) -> None:
        """Scale, and keep the sums from before it under ``sums``."""
        self.history.append(t, sums=self.scale())

    def scale(self) -> np.ndarray:
        """Scale now, and return the sums before, shape ``(n_post,)``; a cell whose sum is 0 is left alone."""
        weights = self.weights.read()
        sums = weights.sum(axis=0)
        worst = int(np.argmin(sums * self.norm))
        if sums[worst] * self.norm < 0:
            raise NetworkError(
                f"incoming weights of cell {worst} sum to {sums[worst]:g}",
                where=str(self.weights.projection.label),
                limit=f"the sign of norm={self.norm:g}, or scaling would change the signs of the weights",
            )
        factor = np.divide(self.norm, sums, out=np.ones_like(sums), where=sums != 0)
        self.weights.write(weights * factor)
        return sums


class RateHomeostasis(LearningProcedure):
    """Scale the incoming weights of each cell until its rate is the target.

    Parameters
    ----------
    projection : Projection
        The spikes of its postsynaptic cells are recorded.
    target_rate : float
        Hz.
    tau_rate : float
        Time constant of the running rate (ms).
    k : float
        Speed of scaling (1/s).
    interval : float
        ms.
    clear : bool
        Whether recorded data of the postsynaptic cells are dropped once seen.

    Attributes
    ----------
    rate : ndarray
        Running rate of each postsynaptic cell (Hz), from 0.
    """

    status: ClassVar[str] = (
        "verified: the running rate exactly; 10 Hz within 5 % after 300 s. Constants inferred"
    )

    state_names: ClassVar[tuple[str, ...]] = ("rate",)
    variables: ClassVar[Mapping[str, Variable]] = {"rate": Variable("post", "Hz")}

    def __init__(
        self,
        projection: Any,
        target_rate: float = 10.0,
        tau_rate: float = 10000.0,
        k: float = 0.1,
        interval: float = 100.0,
        *,
        clear: bool = False,
    ) -> None:
        super().__init__(interval)
        for name, value in (("target_rate", target_rate), ("tau_rate", tau_rate)):
            if not value > 0:
                raise NetworkError(f"{name}={value}", where=str(projection.label), limit="it is positive")
        self.weights, self.clear = Weights(projection), clear
        self.target_rate, self.tau_rate, self.k = float(target_rate), float(tau_rate), float(k)
        self.rate = np.zeros(projection.post.size)
        self.link(self.weights)

    def update(self, t: float) -> None:
        """Follow the rates, scale, and keep ``rate``."""
        cells, times = spikes_between(self.weights.projection.post, self.since, t, clear=self.clear)
        elapsed = t - self.since
        self.rate *= np.exp(-elapsed / self.tau_rate)
        np.add.at(self.rate, cells, 1e3 / self.tau_rate * np.exp((times - t) / self.tau_rate))
        growth = self.k * 1e-3 * elapsed * (1.0 - self.rate / self.target_rate)
        self.weights.write(self.weights.read() * np.exp(growth))
        self.history.append(t, rate=self.rate)
