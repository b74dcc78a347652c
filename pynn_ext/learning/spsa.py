"""Simultaneous perturbation: a gradient from two runs, whatever the number of parameters (Spall 1998, Johns Hopkins APL
Tech. Dig. 19:482).

::

    g = (L(p + c_k d) - L(p - c_k d)) / (2 c_k) / d,   p -= a_k g,   d in {-1, 1}^n at random
    a_k = a / (k + 1 + A)^0.602,   c_k = c / (k + 1)^0.101

L may be the result of a whole simulation, on a chip as well as in software: nothing of it is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .recording import Variable

Loss = Callable[[np.ndarray], float]


class SPSA(LearningProcedure):
    """Tune parameters by a loss.

    Either `minimise` calls a loss that runs the network itself; or the network runs on with this object as a callback,
    and each interval is one evaluation: `apply` is given the parameters to try, and `measure` returns the loss of the
    interval that ends.

    Parameters
    ----------
    initial : array_like
        p, shape ``(n,)``.
    a, c, stability : float
        a, c and A.
    lower, upper : float or array_like
        Bounds of p; it is tried and kept within them.
    apply : callable, optional
        ``apply(p)`` sets the parameters of the network.
    measure : callable, optional
        ``measure(t)`` returns the loss of the interval that ends at t.
    interval : float
        ms.
    seed : int or Generator
        Of the perturbations.

    Attributes
    ----------
    parameters : ndarray
        p.
    iteration : int
        k.
    """

    status: ClassVar[str] = (
        "verified: losses of the algorithm in NumPy, 1.3e-3 and 3e-4 after 500 and 2000 evaluations with noise"
    )

    state_names: ClassVar[tuple[str, ...]] = ("parameters", "iteration", "rng", "perturbation", "first_loss")
    variables: ClassVar[Mapping[str, Variable]] = {"parameters": Variable(), "loss": Variable()}

    def __init__(
        self,
        initial: Any,
        *,
        a: float = 0.2,
        c: float = 0.1,
        stability: float = 50.0,
        lower: Any = -np.inf,
        upper: Any = np.inf,
        apply: Callable[[np.ndarray], None] | None = None,
        measure: Callable[[float], float] | None = None,
        interval: float = 100.0,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(interval)
        self.parameters = np.array(initial, dtype=float)
        if self.parameters.ndim != 1 or not np.isfinite(self.parameters).all():
            raise NetworkError("initial parameters", where="SPSA", limit="a list of finite numbers")
        self.a, self.c, self.stability, self.bounds = a, c, stability, (lower, upper)
        self.apply, self.measure = apply, measure
        self.rng = np.random.default_rng(seed)
        self.iteration, self.first_loss = 0, np.nan
        self.perturbation = self._drawn()
        if apply is not None:
            apply(self.ask())

    @property
    def _c(self) -> float:
        return self.c / (self.iteration + 1) ** 0.101

    def _drawn(self) -> np.ndarray:
        return self.rng.choice([-1.0, 1.0], self.parameters.size)

    def ask(self) -> np.ndarray:
        """Return the parameters to try next."""
        side = 1.0 if np.isnan(self.first_loss) else -1.0
        return np.clip(self.parameters + side * self._c * self.perturbation, *self.bounds)

    def tell(self, loss: float) -> None:
        """Take the loss of what `ask` returned; after every second one, step."""
        if not np.isfinite(loss):
            raise NetworkError(f"a loss of {loss}", where="SPSA", limit="a finite number")
        if np.isnan(self.first_loss):
            self.first_loss = float(loss)
            return
        a = self.a / (self.iteration + 1 + self.stability) ** 0.602
        gradient = (self.first_loss - loss) / (2 * self._c) * self.perturbation
        self.parameters = np.clip(self.parameters - a * gradient, *self.bounds)
        self.history.append(self.iteration, loss=(self.first_loss + loss) / 2, parameters=self.parameters)
        self.first_loss, self.iteration = np.nan, self.iteration + 1
        self.perturbation = self._drawn()

    def minimise(self, loss: Loss, evaluations: int) -> np.ndarray:
        """Call ``loss(p)`` that often, an even number, and return the parameters."""
        for _ in range(evaluations):
            self.tell(float(loss(self.ask())))
        return self.parameters

    def restore(self, path: Path | str) -> None:
        """As that of every procedure; the parameters to try next are set."""
        super().restore(path)
        if self.apply is not None:
            self.apply(self.ask())

    def update(self, t: float) -> None:
        """Take the loss of the interval and set what is to be tried next."""
        if self.measure is None or self.apply is None:
            raise NetworkError(
                "SPSA is a callback without apply or measure",
                where="SPSA",
                remedy="give both, or call minimise() with a loss that runs the network",
            )
        self.tell(float(self.measure(t)))
        self.apply(self.ask())
