"""Three-factor rule: presynaptic trace times postsynaptic error times gate (Fremaux and Gerstner 2016, Front. Neural
Circuits 9:85, review the family).

On a grid of `resolution` ms ::

    dw_ij = rate sign_i x_i(t) error_j(t) gate_j(t) [ / (1 + |x|^2) ]

x is the trace of the presynaptic spikes with decay tau (`traces`), possibly projected (`project`, for example away
from what earlier tasks used); sign_i is +1, or -1 for presynaptic cells whose rule is flipped (Ninou, Kadmon and
Cayco-Gajic 2025); the division is that of the normalised delta rule. With `exponentiated`, ``w_ij <- w_ij
exp(sign(w_ij) dw_ij)`` instead of ``w_ij + dw_ij``: weights change by factors and keep their sign (Kivinen and Warmuth
1997). The changes of an interval are added up and written at its end, so that `interval` says how fresh the weights
are, and costs, while `resolution` says how fine the factors are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import SignedWeights, Weights, spikes_between
from .recording import Variable
from .traces import Traces

Signal = Callable[[np.ndarray], Any]


class ThreeFactorRule(LearningProcedure):
    """Change weights by presynaptic trace, postsynaptic error and gate.

    Parameters
    ----------
    weights : Projection or SignedWeights
        The weights. Spikes of the presynaptic cells are recorded.
    error : callable
        Given grid times (ms), shape ``(points,)``, returns the error of each postsynaptic cell, shape ``(points,
        n_post)`` or one that broadcasts to it. It is asked once per interval, at its end, and may read what was
        recorded.
    gate : callable, optional
        Likewise; 1 by default.
    rate : float
        Learning rate, in units of the weight.
    tau : float
        Decay of the presynaptic trace (ms).
    interval, resolution : float
        ms.
    normalised : bool
        Whether to divide by ``1 + |x|^2``.
    w_min, w_max : float
        Bounds of the weights.
    exponentiated : bool
        Whether changes are exponents (then `rate` has no unit); a weight of 0 stays 0.
    rule_sign : array_like, optional
        +1 or -1 for each presynaptic cell.
    project : callable, optional
        Given traces, shape ``(points, n_pre)``, returns those to use.
    clear : bool
        Whether recorded data of the presynaptic cells are dropped once seen.

    Notes
    -----
    Recordable: x before `project`, error and gate on the grid, and dw, the change of each synapse in the interval.
    """

    status: ClassVar[str] = "verified: equal to the sums written out"

    state_names: ClassVar[tuple[str, ...]] = ("x",)
    variables: ClassVar[Mapping[str, Variable]] = {
        "x": Variable("pre"),
        "error": Variable("post"),
        "gate": Variable("post"),
        "dw": Variable("synapse", "weight"),
    }

    def __init__(
        self,
        weights: Any,
        error: Signal,
        gate: Signal | None = None,
        *,
        rate: float = 1e-3,
        tau: float = 20.0,
        interval: float = 100.0,
        resolution: float = 1.0,
        normalised: bool = False,
        w_min: float = -np.inf,
        w_max: float = np.inf,
        exponentiated: bool = False,
        rule_sign: Any = 1.0,
        project: Callable[[np.ndarray], np.ndarray] | None = None,
        clear: bool = False,
    ) -> None:
        super().__init__(interval)
        self.weights = weights if hasattr(weights, "write") else Weights(weights)
        projection = weights.excitatory.projection if isinstance(weights, SignedWeights) else weights
        self.pre, n_pre = projection.pre, projection.pre.size
        self.error, self.gate, self.project, self.clear = error, gate, project, clear
        self.rate, self.normalised, self.bounds = float(rate), normalised, (w_min, w_max)
        self.exponentiated = exponentiated
        self.rule_sign = np.broadcast_to(np.asarray(rule_sign, dtype=float), (n_pre,))
        if not (np.abs(self.rule_sign) == 1).all():
            raise NetworkError(
                "rule_sign holds other values than 1 and -1",
                where=str(projection.label),
                limit="one sign per cell",
            )
        self._traces = Traces(n_pre, tau, resolution)
        self.resolution = float(resolution)
        self.link(self.weights)

    @property
    def x(self) -> np.ndarray:
        """Present traces of the presynaptic cells."""
        return self._traces.x

    @x.setter
    def x(self, value: np.ndarray) -> None:
        self._traces.x = np.asarray(value, dtype=float)

    def rewind(self) -> None:
        self._traces.x[:] = 0.0

    def update(self, t: float) -> None:
        """Add the changes of the interval; their mean size is kept under ``change``."""
        spikes = spikes_between(self.pre, self.since, t, clear=self.clear)
        traces = self._traces.advance(*spikes, self.since, t)
        grid = self.since + self._traces.resolution * np.arange(1, len(traces) + 1)
        x = traces if self.project is None else self.project(traces)
        factor = np.ones(len(x)) if not self.normalised else 1.0 / (1.0 + (x * x).sum(axis=1))
        third = self._signal("error", self.error, grid)
        gate = np.ones((len(grid), 1)) if self.gate is None else self._signal("gate", self.gate, grid)
        self.sampled(grid, x=traces, error=third, gate=np.broadcast_to(gate, third.shape))
        third = third * gate
        change = self.rate * (x * factor[:, None] * self.rule_sign).T @ third
        weights = self.weights.read()
        changed = weights * np.exp(np.sign(weights) * change) if self.exponentiated else weights + change
        self.weights.write(np.clip(changed, *self.bounds))
        self.sampled(grid[-1:], dw=change[None])
        self.history.append(
            t, change=np.abs(change[self.weights.exists]).sum() / max(self.weights.exists.sum(), 1)
        )

    def _signal(self, name: str, signal: Signal, grid: np.ndarray) -> np.ndarray:
        """Return what a signal says at the grid points, shape ``(points, n_post)``."""
        values, shape = np.asarray(signal(grid), dtype=float), (len(grid), self.weights.exists.shape[1])
        try:
            return np.broadcast_to(values, shape)
        except ValueError as error:
            raise NetworkError(
                f"{name} returned values of shape {values.shape}",
                where="ThreeFactorRule",
                limit=f"{shape[0]} grid points of {shape[1]} cells, or a shape that stands for it",
                remedy="one row per time; one column for all cells or one per cell",
            ) from error
