"""Gains make responses white, to the numbers of a reference implementation; rates of a network become equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.gain_control import GainControl, adapted, frame, optimal_gains, responses


def covariance(seed: int) -> np.ndarray:
    a = np.random.default_rng(seed).standard_normal((3, 3))
    return a @ a.T + np.eye(3)


def test_three_contexts_with_the_same_weights() -> None:
    """||C_yy - I|| falls from 3.66 to .10, from 11.47 to .02, and again from 3.66 to .06."""
    rng = np.random.default_rng(0)
    w = frame(3, seed=rng)
    gains, identity = np.ones(6), np.eye(3)
    found = []
    for seed in (1, 2, 1):
        c = covariance(seed)
        root = np.linalg.cholesky(c)
        for _ in range(6000):
            y = responses(w, gains, root @ rng.standard_normal((3, 32)))
            gains = adapted(gains, w.T @ y, 5e-3)
        m = np.linalg.inv(identity + (w * gains) @ w.T)
        found.append((np.linalg.norm(c - identity), np.linalg.norm(m @ c @ m.T - identity)))
        best = optimal_gains(w, c)
        m = np.linalg.inv(identity + (w * best) @ w.T)
        np.testing.assert_allclose(m @ c @ m.T, identity, atol=1e-9)
    np.testing.assert_allclose(found, [(3.66, 0.10), (11.47, 0.02), (3.66, 0.06)], atol=6e-3)


def test_a_gain_of_the_weights_follows_the_variance_of_the_rate(sim: Any) -> None:
    """An input that comes and goes: the gain falls where the rate swings, and stays where it does not."""
    bursts = [t + k for t in np.arange(0.0, 2000.0, 200.0) for k in np.arange(2.0, 98.0, 2.0)]
    steady = list(np.arange(2.0, 2000.0, 4.0))
    inputs = sim.Population(2, sim.SpikeSourceArray(spike_times=[bursts, steady]))
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=2.0, tau_refrac=2.0))
    cells.record("spikes")
    synapse = sim.StaticSynapse(weight=6.0, delay=1.0)
    projection = sim.Projection(inputs, cells, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
    control = GainControl(cells, projection, scale=100.0, rate=0.2, inverse=True, least=0.2, interval=100.0)
    sim.run(2000.0, callbacks=[control])
    gains = control.history["gains"]
    assert gains[-1, 0] < 0.8 * gains[-1, 1]
    weights = np.diag(projection.get("weight", format="array"))
    assert weights == pytest.approx(6.0 * gains[-1], rel=0.02)


def test_gains_may_be_parameters_of_cells() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    cells = sim.Population(2, sim.IF_curr_exp_gain(i_offset=[1.0, 0.0]))
    cells.record("spikes")
    control = GainControl(cells, cells, interval=50.0)
    sim.run(100.0, callbacks=[control])
    np.testing.assert_array_equal(cells.get("gain"), control.gains)
    assert control.gains[0] != control.gains[1]
    with pytest.raises(NetworkError, match=r"w of shape \(3, 2\)"):
        GainControl(cells, cells, np.ones((3, 2)))
