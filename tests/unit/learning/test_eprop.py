"""e-prop against backpropagation through time, cells against their recursion, and a task that is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.eprop import EpropLearner, filtered
from pynn_ext.learning.observation import SignedWeights, samples_between, spikes_between

STEPS, N_IN, N, N_OUT = 60, 12, 8, 3
ALPHA, RHO = np.exp(-1 / 20.0), np.exp(-1 / 50.0)
CELLS = {"LIF_eprop": {"v_thresh": 0.6}, "ALIF_eprop": {"v_thresh": 0.6, "beta": 0.17, "tau_b": 50.0}}


def signed(pre: Any, post: Any, weights: np.ndarray) -> SignedWeights:
    pair = []
    for receptor, part in (("excitatory", np.maximum(weights, 0)), ("inhibitory", np.minimum(weights, 0))):
        synapse = sim.StaticSynapse(weight=part, delay=1.0)
        pair.append(sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor))
    return SignedWeights(*pair)


def layer(
    cell: str, recurrent: bool = False
) -> tuple[Any, Any, list[SignedWeights], list[np.ndarray], np.ndarray]:
    """A layer with random weights and input; also its weights and the input spikes by step."""
    rng = np.random.default_rng(0)
    sim.setup(timestep=1.0, min_delay=1.0)
    x = rng.random((STEPS, N_IN)) < 0.2
    inputs = sim.Population(
        N_IN, sim.SpikeSourceArray(spike_times=[list(np.flatnonzero(c) + 1.0) for c in x.T])
    )
    cells = sim.Population(N, getattr(sim, cell)(**CELLS[cell]))
    inputs.record("spikes")
    cells.record(["spikes", "v"])
    arrays = [rng.normal(0, 0.5, (N_IN, N))] + ([rng.normal(0, 0.3, (N, N))] if recurrent else [])
    sources = [inputs, cells][: len(arrays)]
    weights = [signed(pre, cells, w) for pre, w in zip(sources, arrays, strict=True)]
    return inputs, cells, weights, arrays, x.astype(float)


def delayed(x: np.ndarray) -> np.ndarray:
    """Input by the step in which it is in v: 1 ms of delay, and one step."""
    return np.vstack([np.zeros((2, x.shape[1])), x[:-2]])


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_the_cells_follow_their_recursion(cell: str, recurrent: bool) -> None:
    _, cells, _, arrays, x = layer(cell, recurrent)
    sim.run(float(STEPS))
    _, got = samples_between(cells, "v", 0.0, STEPS)
    index, times = spikes_between(cells, 0.0, STEPS)
    v, z, b = np.zeros(N), np.zeros((STEPS + 2, N)), np.zeros(N)
    beta, drive = CELLS[cell].get("beta", 0.0), delayed(x) @ arrays[0]
    for t in range(STEPS):
        b = RHO * b + z[t - 1]
        v = ALPHA * v + drive[t] - 0.6 * z[t - 1] + (z[t - 2] @ arrays[1] if recurrent else 0)
        z[t] = v > 0.6 + beta * b
        np.testing.assert_allclose(got[t], v, rtol=1e-12, atol=1e-13)
    spikes = np.zeros((STEPS, N))
    spikes[np.round(times).astype(int) - 1, index] = 1
    np.testing.assert_array_equal(spikes, z[:STEPS])
    assert 20 < spikes.sum() < 0.5 * spikes.size


def through_time(
    v: np.ndarray, z: np.ndarray, x: np.ndarray, error: np.ndarray, w_out: np.ndarray, beta: float
) -> Any:
    """Gradient by backpropagation through time, the reset without gradient, psi for the derivative of a spike."""
    b = np.vstack([np.zeros(N), filtered(z, RHO)[:-1]])
    psi = 0.3 / 0.6 * np.maximum(0, 1 - np.abs(v - 0.6 - beta * b) / 0.6)
    kappa, dy, dv, db, gradient = ALPHA, np.zeros(N_OUT), np.zeros(N), np.zeros(N), np.zeros((N_IN, N))
    for t in reversed(range(STEPS)):
        dy = kappa * dy + error[t]
        dz = w_out @ dy + db  # a spike also raises b of the next step
        dv = ALPHA * dv + psi[t] * dz
        db = RHO * db - beta * psi[t] * dz
        gradient += np.outer(x[t], dv)
    return gradient


def filtered_eligibility(v: np.ndarray, z: np.ndarray, x: np.ndarray, beta: float) -> np.ndarray:
    """ebar after the last step, step by step: e = psi (xbar - beta eps), ebar = kappa ebar + e."""
    theta, b = 0.6, np.zeros(N)
    xbar, eps, ebar = np.zeros(N_IN), np.zeros((N_IN, N)), np.zeros((N_IN, N))
    for t in range(STEPS):
        xbar = ALPHA * xbar + x[t]
        psi = 0.3 / theta * np.maximum(0, 1 - np.abs(v[t] - theta - beta * b) / theta)
        ebar = ALPHA * ebar + psi * (xbar[:, None] - beta * eps)
        eps = psi * xbar[:, None] + (RHO - psi * beta) * eps
        b = RHO * b + z[t]
    return ebar


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_backpropagation_through_time_for_one_layer(cell: str) -> None:
    inputs, cells, weights, _, x = layer(cell)
    target = np.random.default_rng(1).standard_normal((STEPS, N_OUT)) * 0.3
    learner = EpropLearner(
        weights, lambda trial: target, N_OUT, float(STEPS), clear=False, rate=0.0, rate_out=0.0
    )
    sim.run(float(STEPS), callbacks=[learner])
    _, v = samples_between(cells, "v", 0.0, STEPS)
    z = np.zeros((STEPS, N))
    index, times = spikes_between(cells, 0.0, STEPS)
    z[np.round(times).astype(int) - 1, index] = 1
    error = learner.output - target
    trains = [spikes_between(inputs, 0.0, STEPS)]
    (gradient,), of_readout = learner.gradients(v, z, error, trains, 0.0)
    beta = CELLS[cell].get("beta", 0.0)
    expected = through_time(v, z, delayed(x), error, learner.readout, beta)
    assert np.abs(gradient - expected).max() < 2e-15 * np.abs(expected).max() * (1 if beta == 0 else 4)
    np.testing.assert_allclose(learner.signal, error @ learner.readout.T, rtol=1e-12)
    (ebar,) = learner.eligibility()
    np.testing.assert_allclose(ebar, filtered_eligibility(v, z, delayed(x), beta), rtol=1e-11, atol=1e-15)
    y = filtered(z, ALPHA)
    np.testing.assert_allclose(of_readout, y.T @ error, rtol=1e-12)
    np.testing.assert_allclose(learner.output, y @ learner.readout, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("feedback", "rate"), [("symmetric", 5e-4), ("random", 2e-5)])
@pytest.mark.parametrize("cell", CELLS)
def test_a_recurrent_network_learns_to_draw(cell: str, feedback: str, rate: float) -> None:
    """A sum of sines from a fixed input pattern: the error falls to less than a third."""
    steps, n_in, n = 300, 20, 50
    rng = np.random.default_rng(5)
    sim.setup(timestep=1.0, min_delay=1.0)
    trains = [list(np.flatnonzero(rng.random(steps) < 0.05) + 1.0) for _ in range(n_in)]
    inputs = sim.Population(n_in, sim.SpikeSourceArray(spike_times=trains))
    cells = sim.Population(n, getattr(sim, cell)(v_thresh=1.0))
    inputs.record("spikes")
    cells.record(["spikes", "v"])
    into = signed(inputs, cells, rng.normal(0, 0.45, (n_in, n)))
    within = signed(cells, cells, rng.normal(0, 0.5 / np.sqrt(n), (n, n)))
    t = np.arange(steps)[:, None] / steps * 2 * np.pi
    target = 0.5 * (np.sin(t + 1.0) + np.sin(2 * t + 2.0) + 0.7 * np.sin(3 * t))
    learner = EpropLearner(
        [into, within], lambda trial: target, 1, float(steps), rate=rate, rate_out=3e-5, feedback=feedback
    )
    for _ in range(60):
        sim.run(float(steps), callbacks=[learner])
        sim.reset()
    loss = learner.history["loss"]
    assert loss[-5:].mean() < loss[0] / 3
    assert 1.0 < learner.history["rate"][-1] < 100.0


def test_rates_are_regularised() -> None:
    """Without an error only the regularisation acts: rates come closer to the target."""
    inputs, cells, weights, _, _ = layer("LIF_eprop")
    learner = EpropLearner(
        weights,
        lambda trial: np.zeros((STEPS, 1)),
        1,
        float(STEPS),
        rate=1.0,
        rate_out=0.0,
        c_reg=20.0,
        f_target=40.0,
    )
    learner.readout[:] = 0.0
    for _ in range(40):
        sim.run(float(STEPS), callbacks=[learner])
        sim.reset()
    rates = learner.history["rate"]
    assert abs(rates[-1] - 40.0) < 0.5 * abs(rates[0] - 40.0)


def test_cells_that_reset_v_are_refused() -> None:
    sim.setup(timestep=1.0)
    a, b = sim.Population(2, sim.SpikeSourceArray()), sim.Population(2, sim.IF_curr_delta())
    projection = sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0))
    with pytest.raises(NetworkError, match="use LIF_eprop or ALIF_eprop"):
        EpropLearner([projection], lambda trial: np.zeros((1, 1)), 1, 10.0)
