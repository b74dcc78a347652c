"""A layer of excitatory cells with subtractive and divisive inhibition that needs no normalization (Liu, Ding and Yu
2025, "Training deep normalization-free spiking neural networks with lateral inhibition", code DeepEISNN).

With all weights positive, x the input spikes and n_i = n_e / 4 inhibitory units::

    I_ee = W_ee x,   I_ie = W_ie x,   I_ei = W_ei I_ie,   I_sh = W_ei (g_i * I_ie)
    current into an excitatory cell:  I = g_e (I_ee - I_ei) / I_sh + b

Inhibitory units are linear and without time of their own, so that they are folded into the weights here: the cells
receive ``W_ee``, ``-W_ei W_ie`` and ``W_ei diag(g_i) W_ie`` through the receptors of ``IF_curr_exp_shunt``. At the
initial weights I has mean 0 and variance ``E[x^2] / (E[x^2] + Var x)``, and the mean shunt is ``sqrt(Var x)``. Training
is done elsewhere; trained weights are given as `EIWeights`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

__all__ = ["EILayer", "EIWeights"]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EIWeights:
    """Weights of a layer, none of them negative but the bias.

    Attributes
    ----------
    w_ee, w_ie, w_ei : ndarray
        Input to excitatory cells, input to inhibitory units, inhibitory units to excitatory cells; shapes ``(n_exc,
        n_in)``, ``(n_inh, n_in)``, ``(n_exc, n_inh)``.
    g_i, g_e, bias : ndarray
        Shunting gain of each inhibitory unit, gain and bias of each excitatory cell.
    """

    w_ee: Array
    w_ie: Array
    w_ei: Array
    g_i: Array
    g_e: Array
    bias: Array

    def __post_init__(self) -> None:
        (n_exc, n_in), n_inh = self.w_ee.shape, len(self.g_i)
        shapes = {"w_ie": (n_inh, n_in), "w_ei": (n_exc, n_inh), "g_e": (n_exc,), "bias": (n_exc,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise _wrong(f"{name} has the shape {getattr(self, name).shape} instead of {shape}")
        for name in ("w_ee", "w_ie", "w_ei", "g_i", "g_e"):
            if (getattr(self, name) < 0).any():
                raise _wrong(f"{name} has negative values")

    @classmethod
    def initial(
        cls, n_in: int, n_exc: int, mean: float, variance: float, ratio: int = 4, rng: Any = None
    ) -> EIWeights:
        """Return initial weights for inputs of a given mean and variance, of each input over samples.

        Parameters
        ----------
        n_in, n_exc : int
        mean, variance : float
            For spikes with probability p in a step, p and p (1 - p).
        ratio : int
            Excitatory cells per inhibitory unit.
        rng : numpy Generator or int, optional
        """
        if not (mean > 0 and variance > 0 and n_exc >= ratio > 0):
            raise _wrong(
                f"mean {mean:g}, variance {variance:g}, {n_exc} cells, {ratio} cells per inhibitory unit"
            )
        draws, n_inh = np.random.default_rng(rng), n_exc // ratio
        power = mean**2 + variance  # E[x^2]
        scale = np.sqrt(variance / (n_in * (power + variance)))
        return cls(
            draws.exponential(scale, (n_exc, n_in)),
            draws.exponential(scale, (n_inh, n_in)),
            np.full((n_exc, n_inh), 1.0 / n_inh),
            np.full(n_inh, np.sqrt(power + variance) / (mean * np.sqrt(n_in))),
            np.ones(n_exc),
            np.zeros(n_exc),
        )

    @property
    def inhibition(self) -> Array:
        """Weights of subtractive inhibition from input to excitatory cells, shape ``(n_exc, n_in)``."""
        return self.w_ei @ self.w_ie

    @property
    def shunt(self) -> Array:
        """Weights of divisive inhibition from input to excitatory cells, shape ``(n_exc, n_in)``."""
        return self.w_ei @ (self.g_i[:, None] * self.w_ie)

    def currents(self, x: npt.ArrayLike) -> tuple[Array, Array, Array, Array]:
        """Return I, I_ee, I_ei and I_sh for samples of input, each of shape ``(samples, n_exc)``.

        A shunt of 0 is replaced by the smallest other one of its sample, as in the authors' code."""
        given = np.atleast_2d(np.asarray(x, dtype=float))
        excited, inhibited, shunt = (given @ w.T for w in (self.w_ee, self.inhibition, self.shunt))
        least = np.min(np.where(shunt > 0, shunt, np.inf), axis=1, keepdims=True)
        divisor = np.where(shunt > 0, shunt, np.where(np.isfinite(least), least, 1.0))
        return self.g_e * (excited - inhibited) / divisor + self.bias, excited, inhibited, shunt


class EILayer:
    """Excitatory cells with the three projections of a layer.

    Parameters
    ----------
    sim : module
        A backend with ``IF_curr_exp_shunt``.
    sources : Population, PopulationView or Assembly
        The input.
    weights : EIWeights
    cell : dict, optional
        Parameters of ``IF_curr_exp_shunt``; gain and i_offset are g_e and the bias of the weights.
    delay : float, optional
        ms; the smallest one if not given.
    label : str, optional

    Attributes
    ----------
    cells : Population
    projections : dict of str to Projection
        By receptor: ``excitatory``, ``inhibitory``, ``shunting``.
    """

    def __init__(
        self,
        sim: Any,
        sources: Any,
        weights: EIWeights,
        cell: dict[str, Any] | None = None,
        delay: float | None = None,
        label: str | None = None,
    ) -> None:
        n_exc, n_in = weights.w_ee.shape
        if sources.size != n_in:
            raise _wrong(f"{sources.size} sources for weights of {n_in} inputs")
        self.weights = weights
        parameters = {**(cell or {}), "gain": weights.g_e, "i_offset": weights.bias}
        self.cells = sim.Population(n_exc, sim.IF_curr_exp_shunt(**parameters), label=label)
        matrices = {"excitatory": weights.w_ee, "inhibitory": -weights.inhibition, "shunting": weights.shunt}
        times = {"delay": delay} if delay else {}
        self.projections = {
            receptor: sim.Projection(
                sources,
                self.cells,
                sim.AllToAllConnector(safe=False),
                sim.StaticSynapse(weight=matrix.T, **times),
                receptor_type=receptor,
            )
            for receptor, matrix in matrices.items()
        }


def _wrong(problem: str) -> NetworkError:
    return NetworkError(
        problem,
        where="EILayer",
        limit="mean and variance are positive, weights and gains are not negative, and shapes agree",
    )
