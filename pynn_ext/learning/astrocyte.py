"""An astrocyte that follows the activity of a network and sets the depression of its plasticity (Ivanov and Michmizos
2021, NeurIPS, NALSM; form and constants of the authors' code).

In steps of 1 ms, with S_s the spikes of source s in the step and sign_s = +1 for the liquid, -1 for its input ::

    A <- A + (w (sum_s sign_s S_s) + bias - A)/tau

so that activity beyond the input's raises the depression. Its fixed point is ``bias + w (S_liquid - S_input)``. While a
sample is shown, the potentiation P, A, w and bias may all be multiplied by `fading` in each step; they return to their
values at ``reset()`` and when `restart` is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from .base import LearningProcedure
from .observation import spikes_between
from .recording import Variable

STEP = 1.0  # ms


class Astrocyte(LearningProcedure):
    """Set ``A_minus`` (and, while it fades, ``A_plus``) of projections by the spikes of populations.

    Parameters
    ----------
    sources : mapping of Population to float
        Populations, whose spikes are recorded, and their signs.
    projections : sequence of Projection
        Of ``AstroModulatedSTDP`` synapses, or any other whose parameters have these names.
    weight, bias : float
        w and bias; A begins as bias.
    tau : float
        ms.
    potentiation : float
        P.
    fading : float
        Factor per ms; 1 for none.
    interval : float
        How often the projections are told, a multiple of 1 ms; A itself is followed in steps of 1 ms.

    Attributes
    ----------
    state : float
        A.
    history : History
        ``state`` at each call.
    """

    status: ClassVar[str] = (
        "verified: recursion and fixed point; a branching factor of 1 after learning is not reproduced"
    )

    needs: ClassVar[tuple[str, ...]] = ("AstroModulatedSTDP",)
    state_names: ClassVar[tuple[str, ...]] = ("state", "faded")
    variables: ClassVar[Mapping[str, Variable]] = {"state": Variable()}

    def __init__(
        self,
        sources: Mapping[Any, float],
        projections: Sequence[Any],
        *,
        weight: float = 0.015,
        bias: float = 0.15,
        tau: float = 100.0,
        potentiation: float = 0.15,
        fading: float = 1.0,
        interval: float = 1.0,
    ) -> None:
        super().__init__(interval)
        self.sources, self.projections = dict(sources), list(projections)
        self.weight, self.bias, self.tau = float(weight), float(bias), float(tau)
        self.potentiation, self.fading = float(potentiation), float(fading)
        self.resolution = STEP
        self.link(*self.projections)
        self.restart()

    def restart(self) -> None:
        """Return A to the bias and end the fading."""
        self.state, self.faded = self.bias, 1.0
        self._tell()

    def rewind(self) -> None:
        self.restart()

    def update(self, t: float) -> None:
        """Follow the spikes since the last call, step by step, and tell the projections."""
        steps = max(round((t - self.since) / STEP), 1)
        drive = np.zeros(steps)
        for population, sign in self.sources.items():
            _, times = spikes_between(population, self.since, t)
            at = np.clip(np.ceil((times - self.since) / STEP - 1e-9).astype(int) - 1, 0, steps - 1)
            drive += sign * np.bincount(at, minlength=steps)
        course = np.empty(steps)
        for i, spikes in enumerate(drive):
            self.state += ((self.weight * spikes + self.bias) * self.faded - self.state) / self.tau
            self.state *= self.fading
            self.faded *= self.fading
            course[i] = self.state
        self.sampled(t - STEP * np.arange(steps)[::-1], state=course)
        self._tell()
        self.history.append(t, state=self.state)

    def _tell(self) -> None:
        for projection in self.projections:
            projection.set(A_minus=self.state)
            if self.fading != 1.0:
                projection.set(A_plus=self.potentiation * self.faded)
