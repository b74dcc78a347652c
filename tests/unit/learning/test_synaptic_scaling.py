"""Sums of incoming weights, and rates, are held at their targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.synaptic_scaling import RateHomeostasis, SynapticScaling


def test_sums_are_the_norm_and_ratios_are_kept() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    weights = np.random.default_rng(0).random((50, 8))
    pre, post = sim.Population(50, sim.SpikeSourceArray()), sim.Population(8, sim.IF_curr_exp())
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights))
    scaling = SynapticScaling(projection, norm=10.0, interval=5.0)
    sim.run(5.0, callbacks=[scaling])
    after = projection.get("weight", format="array")
    assert np.abs(after.sum(axis=0) - 10.0).max() < 1e-14
    assert np.abs(after[1] / after[0] / (weights[1] / weights[0]) - 1).max() < 1e-15
    np.testing.assert_allclose(scaling.history["sums"][0], weights.sum(axis=0))


def test_scaling_of_plastic_and_of_negative_weights(sim: Any) -> None:
    """Loihi has a grid of weights; the sum differs by no more than half a grid step per synapse."""
    pre = sim.Population(4, sim.SpikeSourceArray(spike_times=[2.0, 12.0]))
    post = sim.Population(2, sim.IF_curr_exp(tau_syn_E=5.0))
    weights = -np.arange(1.0, 9.0).reshape(4, 2)
    projection = sim.Projection(
        pre,
        post,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=weights, delay=1.0),
        receptor_type="inhibitory",
    )
    sim.run(20.0, callbacks=[SynapticScaling(projection, norm=-12.0, interval=10.0)])
    assert projection.get("weight", format="array").sum(axis=0) == pytest.approx([-12.0, -12.0], rel=0.02)


def test_a_sum_of_the_other_sign_is_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    pre, post = sim.Population(2, sim.SpikeSourceArray()), sim.Population(1, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=-1.0)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="inhibitory")
    with pytest.raises(NetworkError, match="cell 0 sum to -2"):
        SynapticScaling(projection, norm=5.0).scale()


def test_the_running_rate_is_that_of_the_equation() -> None:
    """Spikes at 10 and 25 ms seen in calls 20 ms apart, R exact, and the weight follows the R of each call."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[9.0, 24.0]))
    post = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0))
    post.record("spikes")
    projection = sim.Projection(
        pre,
        post,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=50.0, delay=1.0),
        receptor_type="excitatory",
    )
    homeostasis = RateHomeostasis(projection, target_rate=5.0, tau_rate=100.0, k=2.0, interval=20.0)
    sim.run(40.0, callbacks=[homeostasis])
    times = post.get_data().segments[0].spiketrains[0].magnitude
    first = 10 * np.exp((times[0] - 20) / 100)
    second = first * np.exp(-0.2) + 10 * np.exp((times[1] - 40) / 100)
    assert homeostasis.history["rate"][:, 0] == pytest.approx([first, second], rel=1e-12)
    growth = 2e-3 * 20 * ((1 - first / 5) + (1 - second / 5))
    assert projection.get("weight", format="list")[0][2] == pytest.approx(50.0 * np.exp(growth), rel=1e-12)


@pytest.mark.parametrize("start", [0.004, 0.02])
def test_the_rate_reaches_its_target(start: float) -> None:
    """One cell, 100 Poisson inputs at 10 Hz, 400 s: within 5 % of 10 Hz in the last 100 s, from either side."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    inputs = sim.Population(100, sim.SpikeSourcePoisson(rate=10.0))
    cell = sim.IF_cond_exp(
        tau_m=20.0, cm=1.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=1.0, tau_syn_E=5.0
    )
    post = sim.Population(1, cell)
    post.record("spikes")
    synapse = sim.StaticSynapse(weight=start / 20.0, delay=1.0)
    projection = sim.Projection(inputs, post, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    homeostasis = RateHomeostasis(projection, interval=500.0, clear=True)
    sim.run(300e3, callbacks=[homeostasis])
    sim.run(100e3, callbacks=[homeostasis])
    sampled = homeostasis.history["rate"][-200:, 0]  # tau_rate smooths over 10 s
    assert sampled.mean() == pytest.approx(10.0, rel=0.05)
