"""The three-factor rule against sums written out, and traces against their definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import skew

from pynn_ext.errors import NetworkError
from pynn_ext.learning.observation import SignedWeights, spikes_between
from pynn_ext.learning.three_factor import ThreeFactorRule
from pynn_ext.learning.traces import Traces

TRAINS = [[3.0, 11.0, 12.0, 38.0], [7.0, 25.0], []]


def network(sim: Any, n_post: int = 2, weight: float = 1.0) -> tuple[Any, Any]:
    pre = sim.Population(3, sim.SpikeSourceArray(spike_times=TRAINS))
    post = sim.Population(n_post, sim.IF_curr_exp())
    pre.record("spikes")
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    return pre, sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="excitatory")


def trace(times: list[float], grid: np.ndarray, tau: float) -> np.ndarray:
    past = grid[:, None] - np.array(times)[None, :]
    return np.where(past >= 0, np.exp(-np.maximum(past, 0) / tau), 0.0).sum(axis=1)


@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.5])
def test_traces_are_exact_at_grid_points_whatever_the_windows(resolution: float) -> None:
    times = np.array([0.3, 2.5, 4.0, 9.99])
    grid = resolution * np.arange(1, round(20 / resolution) + 1)
    traces = Traces(2, 7.0, resolution)
    parts = []
    for begin, end in ((0.0, 5.0), (5.0, 20.0)):
        now = times[(times > begin) & (times <= end)]
        parts.append(traces.advance(np.zeros(len(now), int), now, begin, end))
    np.testing.assert_allclose(np.vstack(parts)[:, 0], trace(list(times), grid, 7.0), rtol=1e-12)
    with pytest.raises(NetworkError, match="whole grid points"):
        traces.advance(np.zeros(0, int), np.zeros(0), 20.0, 20.0 + 0.3 * resolution)


@pytest.mark.parametrize("normalised", [False, True])
def test_changes_are_the_sum_of_the_products(sim: Any, normalised: bool) -> None:
    _, projection = network(sim)

    def error(t: np.ndarray) -> np.ndarray:
        return np.stack([np.sin(t / 5.0), np.cos(t / 9.0)], axis=1)

    def gate(t: np.ndarray) -> np.ndarray:
        return np.where(t > 8.0, 1.0, 0.25)[:, None]

    rule = ThreeFactorRule(
        projection,
        error,
        gate,
        rate=0.05,
        tau=10.0,
        interval=10.0,
        normalised=normalised,
        rule_sign=[1, -1, 1],
    )
    sim.run(40.0, callbacks=[rule])
    grid = np.arange(1.0, 41.0)
    x = np.stack([trace(times, grid, 10.0) for times in TRAINS], axis=1)
    norm = 1.0 + (x * x).sum(axis=1) if normalised else np.ones(40)
    change = 0.05 * (x / norm[:, None] * [1, -1, 1]).T @ (error(grid) * gate(grid))
    got = projection.get("weight", format="array") - 1.0
    # a chip rounds weights to its grid at each of the four calls
    tolerance = 0.03 if "loihi" in sim.__name__ else 1e-9
    np.testing.assert_allclose(got, change, atol=tolerance)
    assert len(rule.history) == 4


def test_changes_may_be_exponents() -> None:
    """Weights change by factors and keep their sign, whatever the error."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    _, projection = network(sim)
    rule = ThreeFactorRule(
        projection, lambda t: [[-3.0, 0.5]], rate=0.1, tau=10.0, interval=40.0, exponentiated=True
    )
    sim.run(40.0, callbacks=[rule])
    grid = np.arange(1.0, 41.0)
    x = np.array([trace(times, grid, 10.0).sum() for times in TRAINS])
    expected = np.exp(0.1 * x[:, None] * [-3.0, 0.5])
    np.testing.assert_allclose(projection.get("weight", format="array"), expected, rtol=1e-9)
    assert 0.0 < expected.min() < 0.2


def test_a_regression_by_exponents_keeps_dale_s_law() -> None:
    """100 inputs, a fifth of them inhibitory, learn a teacher's weights: the loss falls a hundredfold, no weight
    changes its sign, and weights end skewed while their logarithms are not."""
    import pyNN.codegen as sim

    rng, n = np.random.default_rng(0), 100
    sign = np.where(np.arange(n) < 80, 1.0, -1.0)
    teacher, start = sign * rng.lognormal(-3.0, 1.2, n), sign * rng.lognormal(-3.0, 0.5, n)
    sim.setup(timestep=1.0, rng_seed=3)
    inputs, cell = sim.Population(n, sim.SpikeSourcePoisson(rate=20.0)), sim.Population(1, sim.IF_curr_exp())
    inputs.record("spikes")
    pair = [
        sim.Projection(
            inputs, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=w[:, None], delay=1.0), receptor_type=kind
        )
        for kind, w in (("excitatory", np.maximum(start, 0)), ("inhibitory", np.minimum(start, 0)))
    ]  # fmt: skip
    weights, traces, losses = SignedWeights(*pair), Traces(n, 20.0, 1.0), []

    def error(grid: np.ndarray) -> np.ndarray:
        window = grid[0] - 1.0, grid[-1]
        x = traces.advance(*spikes_between(inputs, *window), *window)
        found: np.ndarray = x @ (teacher[:, None] - weights.read())
        losses.append((found**2).mean() / 2)
        return found

    sim.run(
        20000.0,
        callbacks=[
            ThreeFactorRule(weights, error, rate=0.3, interval=20.0, normalised=True, exponentiated=True)
        ],
    )
    learned = weights.read()[:, 0]
    assert np.mean(losses[-50:]) < 0.01 * np.mean(losses[:20])
    assert (np.sign(learned) == sign).all()
    assert skew(np.abs(learned)) > 1.5 and abs(skew(np.log(np.abs(learned)))) < 0.8


def test_bounds_signs_projection_and_state(tmp_path: Path) -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    _, projection = network(sim)
    rule = ThreeFactorRule(
        projection, lambda t: 1.0, rate=10.0, interval=20.0, w_max=1.5, project=lambda x: x * [1.0, 0.0, 1.0]
    )
    sim.run(20.0, callbacks=[rule])
    assert projection.get("weight", format="array").tolist() == [[1.5, 1.5], [1.0, 1.0], [1.0, 1.0]]
    rule.save(tmp_path / "rule.npz")
    again = ThreeFactorRule(projection, lambda t: 0.0, interval=20.0)
    again.restore(tmp_path / "rule.npz")
    np.testing.assert_array_equal(again.x, rule.x)
    with pytest.raises(NetworkError, match=r"error returned values of shape \(3,\)"):
        sim.run(20.0, callbacks=[ThreeFactorRule(projection, lambda t: np.ones(3), interval=20.0)])
    with pytest.raises(NetworkError, match="rule_sign"):
        ThreeFactorRule(projection, lambda t: 0.0, rule_sign=0.5)


def test_weights_of_either_sign_are_two_projections(sim: Any) -> None:
    pre, excitatory = network(sim, 1, 2.0)
    connector, synapse = sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.5, delay=1.0)
    inhibitory = sim.Projection(pre, excitatory.post, connector, synapse, receptor_type="inhibitory")
    weights = SignedWeights(excitatory, inhibitory)
    assert weights.read()[:, 0] == pytest.approx([1.5] * 3)
    rule = ThreeFactorRule(weights, lambda t: -1.0, rate=4.0, interval=40.0, tau=10.0)
    sim.run(40.0, callbacks=[rule])
    grid = np.arange(1.0, 41.0)
    expected = [1.5 - 4.0 * trace(times, grid, 10.0).sum() for times in TRAINS]
    assert weights.read()[:, 0] == pytest.approx(expected, rel=0.01)
    assert (inhibitory.get("weight", format="array") <= 0).all()
