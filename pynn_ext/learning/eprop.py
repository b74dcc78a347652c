"""e-prop: online gradients of a recurrent spiking network (Bellec et al. 2020, Nat. Commun. 11:3625).

A three-factor rule whose postsynaptic factor is split in two: what the cell could have done, the pseudo-derivative psi,
goes into an eligibility e per synapse, and the error of the outputs comes back as a learning signal L per cell. In
steps of the grid, for input j of cell i, with xbar the input filtered as the membrane does ::

    psi = gamma/theta max(0, 1 - |v - A|/theta),    theta = v_thresh - v_rest,  A = v_thresh + beta b
    LIF:   e = psi xbar
    ALIF:  e = psi (xbar - beta eps),   eps <- psi xbar + (rho - psi beta) eps
    y = kappa y + W_out z,   L_i = sum_k B_ik (y_k - y*_k)
    dw_ij = -rate sum_t L_i ebar_ij,    ebar = kappa ebar + e

and ``dW_out = -rate sum_t (y - y*) zbar``. B is W_out transposed (symmetric) or fixed and random. With c_reg, ``c_reg
(f_i - f_target) <e>`` is added, f the rate of the trial in 1/ms. For a single layer with symmetric feedback this is the
gradient that backpropagation through time gives with the same psi and a reset without gradient; with recurrent weights
it leaves out what passes through other cells.

The changes of a trial are made at its end, from its recorded v and spikes: no synapse is visited in every step of the
simulation. A trial costs time x inputs x cells operations for LIF cells, in one matrix product, and the same number
in a loop over time for ALIF cells. Each trial should begin at rest: call ``reset()`` between trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from .base import LearningProcedure
from .observation import SignedWeights, Weights, samples_between, spikes_between
from .recording import Variable


def filtered(x: np.ndarray, factor: float) -> np.ndarray:
    """Return ``y_t = factor y_(t-1) + x_t`` along the first axis."""
    y = np.array(x, dtype=float)
    for t in range(1, len(y)):
        y[t] += factor * y[t - 1]
    return y


def eligible(
    psi: np.ndarray, xbar: np.ndarray, signal: np.ndarray, beta: float = 0.0, rho: float = 0.0
) -> np.ndarray:
    """Return ``sum_t signal_i(t) e_ij(t)``, shape ``(inputs, cells)``.

    Parameters
    ----------
    psi, signal : ndarray
        Shape ``(steps, cells)``.
    xbar : ndarray
        Shape ``(steps, inputs)``.
    beta, rho : float
        Of the threshold of an ALIF cell; beta = 0 for LIF.
    """
    if beta == 0.0:
        return xbar.T @ (psi * signal)
    total, eps = np.zeros((xbar.shape[1], psi.shape[1])), np.zeros((xbar.shape[1], psi.shape[1]))
    for p, x, s in zip(psi, xbar, signal, strict=True):
        now = np.outer(x, p)
        total += (now - beta * p * eps) * s
        eps = now + (rho - beta * p) * eps
    return total


class EpropLearner(LearningProcedure):
    """Train the weights onto a population of ``LIF_eprop`` or ``ALIF_eprop`` and a readout of its spikes.

    Parameters
    ----------
    weights : sequence of Projection or SignedWeights
        Onto the population, from inputs and from itself; spikes of all, and v of the population, are recorded.
    target : callable
        Given the number of a trial, returns y*, shape ``(steps, outputs)``.
    outputs : int
        Number of outputs.
    interval : float
        Length of a trial (ms).
    timestep, delay : float
        Of the simulation, and of all synapses (ms).
    rate, rate_out : float
        Learning rates of the weights and of the readout.
    tau_out : float
        Decay of the readout (ms).
    gamma : float
        Height of psi.
    feedback : {"symmetric", "random"}
    c_reg, f_target : float
        Regularisation, and the rate it aims at (Hz).
    seed : int or Generator
        Of the readout and the feedback.

    Attributes
    ----------
    readout : ndarray
        W_out, shape ``(cells, outputs)``.
    output : ndarray
        y of the last trial, shape ``(steps, outputs)``.
    signal : ndarray
        L of the last trial, shape ``(steps, cells)``; `eligibility` gives ebar at its end.
    history : History
        ``loss``, the mean squared error over 2, and ``rate`` (Hz) of each trial.
    """

    status: ClassVar[str] = "verified: one layer equals backpropagation through time to 2e-15"

    needs: ClassVar[tuple[str, ...]] = ("LIF_eprop",)
    state_names: ClassVar[tuple[str, ...]] = ("readout", "feedback")
    variables: ClassVar[Mapping[str, Variable]] = {
        "e": Variable("synapse"),
        "ebar": Variable("synapse"),
        "xbar": Variable("pre"),
        "psi": Variable("post"),
        "L": Variable("post"),
        "y": Variable(),
        "loss": Variable(),
    }

    def __init__(
        self,
        weights: Sequence[Any],
        target: Callable[[int], np.ndarray],
        outputs: int,
        interval: float,
        *,
        timestep: float = 1.0,
        delay: float = 1.0,
        rate: float = 1e-4,
        rate_out: float = 1e-4,
        tau_out: float = 20.0,
        gamma: float = 0.3,
        feedback: str = "symmetric",
        c_reg: float = 0.0,
        f_target: float = 10.0,
        seed: int | np.random.Generator = 0,
        clear: bool = True,
    ) -> None:
        super().__init__(interval)
        self.weights = [w if isinstance(w, SignedWeights) else Weights(w) for w in weights]
        projections = [w.excitatory.projection if isinstance(w, SignedWeights) else w for w in weights]
        posts = {id(p.post) for p in projections}
        if len(posts) != 1:
            raise NetworkError(
                f"weights onto {len(posts)} populations", where="EpropLearner", limit="one population"
            )
        self.post, self.pres = projections[0].post, [p.pre for p in projections]
        self._cell(str(self.post.label), feedback)
        self.target, self.timestep, self.clear = target, float(timestep), clear
        self.resolution = self.timestep
        self.link(*self.weights)
        self.latency = round(delay / timestep) + 1  # a weight that arrives at t is in v at t + dt
        self.rate, self.rate_out, self.gamma = rate, rate_out, gamma
        self.kappa = float(np.exp(-timestep / tau_out))
        self.c_reg, self.f_target = c_reg, f_target
        rng = np.random.default_rng(seed)
        size = self.post.size
        self.readout = rng.standard_normal((size, outputs)) / np.sqrt(size)
        self.feedback = rng.standard_normal((size, outputs)) / np.sqrt(size)
        self.symmetric = feedback == "symmetric"
        self.output, self.signal = np.zeros((0, outputs)), np.zeros((0, size))
        self._factors: tuple[np.ndarray, list[np.ndarray], float] = (np.zeros((0, size)), [], 0.0)

    def _cell(self, label: str, feedback: str) -> None:
        """Take the constants of the cells, which all share."""
        if feedback not in ("symmetric", "random"):
            raise NetworkError(
                f"feedback={feedback!r}", where="EpropLearner", remedy="choose one of symmetric, random"
            )
        known = self.post.celltype.get_parameter_names()
        if "v_thresh" not in known or "z" not in self.post.celltype.recordable:
            raise NetworkError(
                f"cells of type {type(self.post.celltype).__name__}",
                where=label,
                limit="e-prop needs a v that is not reset, to know what a spike would have taken",
                remedy="use LIF_eprop or ALIF_eprop",
            )
        get = self.post.get
        self.theta, self.v_thresh, self.tau_m = get("v_thresh") - get("v_rest"), get("v_thresh"), get("tau_m")
        self.beta = get("beta") if "beta" in known else 0.0
        self.tau_b = get("tau_b") if "beta" in known else 1.0
        if any(np.ndim(value) for value in (self.theta, self.tau_m, self.beta, self.tau_b)):
            raise NetworkError("cells with different parameters", where=label, limit="all cells share theirs")

    def _binned(self, cells: np.ndarray, times: np.ndarray, begin: float, size: int) -> np.ndarray:
        steps = round(self.interval / self.timestep)
        spikes = np.zeros((steps, size))
        np.add.at(spikes, (np.round((times - begin) / self.timestep).astype(int) - 1, cells), 1.0)
        return spikes

    def update(self, t: float) -> None:
        """Learn from the trial that ends now."""
        begin = t - self.interval
        trains = [spikes_between(pre, begin, t) for pre in self.pres]
        own = spikes_between(self.post, begin, t)
        _, v = samples_between(self.post, "v", begin, t)
        z = self._binned(*own, begin, self.post.size)
        for population in [*self.pres, self.post] if self.clear else []:
            population.get_data("spikes", clear=True)
        target = np.asarray(self.target(self.updates), dtype=float)
        self.output = filtered(z @ self.readout, self.kappa)
        error = self.output - target
        gradients, of_readout = self.gradients(v, z, error, trains, begin)
        self._say(begin + self.timestep * np.arange(1, len(z) + 1))
        for weights, gradient in zip(self.weights, gradients, strict=True):
            weights.write(weights.read() - self.rate * gradient)
        self.readout = self.readout - self.rate_out * of_readout
        rates = z.mean() / self.timestep * 1e3
        self.history.append(t, loss=(error**2).mean() / 2, rate=rates)

    def _say(self, times: np.ndarray) -> None:
        """Hand over the course of the trial to whoever records it."""
        psi, inputs, _ = self._factors
        self.sampled(times, psi=psi, L=self.signal, y=self.output)
        for link, xbar in zip(self.links, inputs, strict=True):
            self.sampled(times, link, xbar=xbar)
            for name in ("e", "ebar"):
                for track in self.watching(name, link):
                    steps = np.searchsorted(times, track.due(float(times[-1])) + 1e-6, side="right") - 1
                    steps = np.unique(np.append(steps[steps >= 0], len(times) - 1))
                    track.take(times[steps], self._course(name, xbar, steps))

    def _course(self, name: str, xbar: np.ndarray, steps: np.ndarray) -> list[np.ndarray]:
        """Return e or ebar of the trial after these steps, each of shape ``(inputs, cells)``."""
        psi, _, rho = self._factors
        shape = xbar.shape[1], psi.shape[1]
        eps, ebar, found = np.zeros(shape), np.zeros(shape), []
        for step, (x, p) in enumerate(zip(xbar, psi, strict=True)):
            now = np.outer(x, p)
            e = now - self.beta * p * eps
            eps = now + (rho - self.beta * p) * eps
            ebar = self.kappa * ebar + e
            if step in steps:
                found.append(e if name == "e" else ebar)
        return found

    def gradients(
        self, v: np.ndarray, z: np.ndarray, error: np.ndarray, trains: list[Any], begin: float
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the gradients of all weights and of the readout.

        Parameters
        ----------
        v, z : ndarray
            Membrane and spikes of the cells, shape ``(steps, cells)``.
        error : ndarray
            ``y - y*``, shape ``(steps, outputs)``.
        trains : list of tuple
            Spikes of each projection's inputs, as of `spikes_between`.
        """
        rho = float(np.exp(-self.timestep / self.tau_b))
        b = np.zeros_like(z)
        b[1:] = filtered(z, rho)[:-1]
        psi = (
            self.gamma
            / self.theta
            * np.maximum(0, 1 - np.abs(v - self.v_thresh - self.beta * b) / self.theta)
        )
        back = self.readout if self.symmetric else self.feedback
        # sum_t L(t) ebar(t) = sum_s e(s) Lbar(s): the filter may as well run over L, backwards
        self.signal = error @ back.T
        signal = filtered(self.signal[::-1], self.kappa)[::-1]
        if self.c_reg:
            signal = signal + self.c_reg * (z.mean(axis=0) / self.timestep - self.f_target * 1e-3) / len(z)
        alpha = float(np.exp(-self.timestep / self.tau_m))
        found: list[np.ndarray] = []
        self._factors = psi, [], rho
        for pre, (cells, times) in zip(self.pres, trains, strict=True):
            x = self._binned(cells, times, begin, pre.size)
            arrived = np.zeros_like(x)
            arrived[self.latency :] = x[: -self.latency]
            self._factors[1].append(filtered(arrived, alpha))
            found.append(eligible(psi, self._factors[1][-1], signal, self.beta, rho))
        return found, filtered(z, self.kappa).T @ error

    def eligibility(self) -> list[np.ndarray]:
        """Return ebar of all synapses at the end of the last trial, one array of ``(inputs, cells)`` a projection."""
        psi, inputs, rho = self._factors
        age = np.arange(len(psi))[::-1, None]
        return [eligible(psi, xbar, self.kappa**age, self.beta, rho) for xbar in inputs]
