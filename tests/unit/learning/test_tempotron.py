"""The kernel is the cell's response on every backend; a cell learns random latency patterns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.observation import SignedWeights
from pynn_ext.learning.tempotron import Tempotron, kernel, trained, unit_cell


def network(sim: Any, trains: list[Any], weights: np.ndarray) -> tuple[SignedWeights, Any]:
    inputs = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=trains))
    cell = sim.Population(1, sim.IF_curr_exp(**unit_cell()))
    cell.initialize(v=0.0)
    inputs.record("spikes")
    cell.record("v")
    signs = []
    for name, part in (("excitatory", np.maximum(weights, 0)), ("inhibitory", np.minimum(weights, 0))):
        synapse = sim.StaticSynapse(weight=part[:, None], delay=1.0)
        signs.append(sim.Projection(inputs, cell, sim.AllToAllConnector(), synapse, receptor_type=name))
    return SignedWeights(*signs), cell


def patterns(rng: np.random.Generator, n: int, inputs: int, duration: float, pause: float) -> tuple[Any, Any]:
    """Spike times of each input in `n` trials, one spike per trial, and the labels."""
    times = rng.uniform(1.0, duration, (n, inputs)).round()
    starts = np.arange(n)[:, None] * (duration + pause)
    return times + starts, rng.random(n) < 0.5


def test_the_potential_is_the_kernel(sim: Any) -> None:
    _, cell = network(sim, [[10.0], [30.0]], np.array([1.0, -0.6]))
    sim.run(120.0)
    signal = cell.get_data().segments[0].analogsignals[0]
    t, v = signal.times.magnitude, signal.magnitude[:, 0]
    expected = kernel(t - 11.0) - 0.6 * kernel(t - 31.0)
    # NEURON's steps of 1 ms are implicit ones of Euler
    tolerance = {"loihi": 0.05, "neuron": 0.15}.get(sim.__name__.rpartition(".")[2], 1e-9)
    np.testing.assert_allclose(v, expected, atol=tolerance)
    assert kernel(np.linspace(0, 60, 60001)).max() == pytest.approx(1.0, abs=1e-7)


def test_it_learns(sim: Any) -> None:
    """12 patterns of 20 inputs; the shares of wrong answers fall to 0."""
    n, rounds = 12, 12 if "codegen" in sim.__name__ else 6
    times, labels = patterns(np.random.default_rng(3), n, 20, 100.0, 80.0)
    length = n * 180.0
    trains = [list(np.concatenate([times[:, i] + r * length for r in range(rounds)])) for i in range(20)]
    weights, _ = network(sim, trains, np.random.default_rng(4).normal(0.1, 0.05, 20))
    learner = Tempotron(weights, labels, 180.0, rate=0.05)
    sim.run(rounds * length, callbacks=[learner])
    errors = learner.errors()
    assert len(errors) == rounds and errors[0] > 0.25
    assert errors[-1] <= (0.0 if rounds == 12 else errors[0] / 2)


def test_more_than_one_cell_is_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    a, b = sim.Population(2, sim.SpikeSourceArray()), sim.Population(2, sim.IF_curr_exp())
    pair = [
        sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=w), receptor_type=r)
        for r, w in (("excitatory", 1.0), ("inhibitory", -1.0))
    ]
    with pytest.raises(NetworkError, match="2 cells"):
        Tempotron(SignedWeights(*pair), [True])


def test_inputs_may_fire_often_or_not_at_all() -> None:
    """Ten patterns in which each of 30 inputs has up to two spikes; and what cannot be learned from is refused."""
    rng = np.random.default_rng(1)
    patterns = [[np.sort(rng.uniform(0, 100, rng.integers(0, 3))) for _ in range(30)] for _ in range(10)]
    labels = rng.random(10) < 0.5
    weights, errors = trained(patterns, labels, rng.normal(0, 0.01, 30), rng, duration=150.0, rate=0.05)
    assert errors[0] > 0 == errors[-1]
    grid = np.arange(150.0)
    for pattern, label in zip(patterns, labels, strict=True):
        v = sum(w * kernel(grid[:, None] - t).sum(axis=1) for w, t in zip(weights, pattern, strict=True))
        assert (v.max() > 1.0) == label
    with pytest.raises(NetworkError, match="all weights are 0"):
        trained(patterns, labels, np.zeros(30), rng)
    with pytest.raises(NetworkError, match="1 labels"):
        trained(patterns, [True], np.ones(30), rng)


@pytest.mark.slow
def test_200_patterns_of_200_inputs() -> None:
    """At a load of 1 all answers are right after some 30 rounds (500 ms patterns, one spike per input)."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    n, rounds = 200, 60
    rng = np.random.default_rng(0)
    times, labels = patterns(rng, n, 200, 500.0, 100.0)
    trains = [list(np.concatenate([times[:, i] + r * n * 600.0 for r in range(rounds)])) for i in range(200)]
    weights, _ = network(sim, trains, rng.standard_normal(200) * 0.01)
    learner = Tempotron(weights, labels, 600.0)
    for _ in range(rounds):
        sim.run(n * 600.0, callbacks=[learner])
        if learner.errors()[-1] == 0:
            break
    assert 0.4 < learner.errors()[0] < 0.55
    assert learner.errors()[-1] == 0.0 and len(learner.errors()) <= 40
