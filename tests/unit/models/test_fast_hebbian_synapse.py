"""Fast Hebbian synapses against their equations; pairs shown once are recalled; a step is linear attention."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest

CELL = {"tau_m": 5.0, "v_rest": 0.0, "v_reset": 0.0, "v_thresh": 50.0, "tau_refrac": 1.0}


def test_the_fast_part_follows_its_equations() -> None:
    """Post spikes at 12 and 31 ms after input at 10, 25 and 28 ms, seen 1 ms later."""
    sim.setup(timestep=1.0)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 25.0, 28.0]))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 29.0]))
    post = sim.Population(1, sim.IF_curr_delta(**CELL), initial_values={"v": 0.0})
    post.record("spikes")
    sim.Projection(driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
    synapse = sim.FastHebbianSynapse(weight=0.1, delay=1.0, eta=0.5, tau=100.0, tau_pre=20.0)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    sim.run(60.0)
    spikes = post.get_data().segments[0].spiketrains[0].magnitude
    # the default dendritic fraction of the delay: input counts at its spike, output a delay after its spike
    seen_pre, seen_post = np.array([10.0, 25.0, 28.0]), spikes
    expected = 0.0
    for t in seen_post:
        candidates = [
            sum(np.exp(-(t + b - s - a) / 20.0) for s in seen_pre if s + a < t + b)
            for a, b in ((0, 1), (1, 0))
        ]
        assert candidates[0] > 0
        expected += 0.5 * candidates[0] * np.exp(-(60.0 - t - 1.0) / 100.0)
    assert projection.get("f", format="list", with_address=False) == pytest.approx([expected], rel=1e-12)
    assert projection.get("weight", format="list") == [(0.0, 0.0, 0.1)]


def test_pairs_shown_once_are_recalled_at_three_ages() -> None:
    """Three pairs of 10 cells, four volleys each; 240, 160 and 80 ms later the ten most driven are the partner."""
    rng = np.random.default_rng(0)
    pairs = [(rng.choice(60, 10, replace=False), rng.choice(60, 10, replace=False)) for _ in range(3)]
    for cue in range(3):
        sim.setup(timestep=1.0)
        begin = [10.0 + 80.0 * k for k in range(3)]
        trains: list[list[float]] = [[] for _ in range(60)]
        teaching: list[list[float]] = [[] for _ in range(60)]
        for (a, b), t in zip(pairs, begin, strict=True):
            for volley in range(4):
                for i in a:
                    trains[i].append(t + 5.0 * volley)
                for j in b:
                    teaching[j].append(t + 5.0 * volley)
        ask = begin[-1] + 80.0
        for i in pairs[cue][0]:
            trains[i].append(ask)
        pre = sim.Population(60, sim.SpikeSourceArray(spike_times=[sorted(x) for x in trains]))
        teacher = sim.Population(60, sim.SpikeSourceArray(spike_times=teaching))
        post = sim.Population(60, sim.IF_curr_delta(**CELL), initial_values={"v": 0.0})
        post.record("v")
        sim.Projection(teacher, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
        synapse = sim.FastHebbianSynapse(delay=1.0, eta=0.01)
        sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
        sim.run(ask + 10.0)
        v = post.get_data().segments[0].analogsignals[0].magnitude
        drive = v[int(ask) + 1 :].max(axis=0)
        assert set(np.argsort(drive)[-10:]) == set(pairs[cue][1])
        assert drive[pairs[cue][1]].min() > 3 * np.delete(drive, pairs[cue][1]).max()


def test_volleys_are_linear_attention() -> None:
    """Keys and values one after another; the drive of a query is the decayed sum over the keys like it."""
    rng = np.random.default_rng(1)
    n, m, steps, apart, tau = 12, 9, 8, 40.0, 150.0
    keys, values = rng.random((steps, n)) < 0.4, rng.random((steps, m)) < 0.4
    keys[-1], query = keys[2], keys[2]
    values[-1] = False
    sim.setup(timestep=1.0)
    times = 10.0 + apart * np.arange(steps)
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=[list(times[keys[:, i]]) for i in range(n)]))
    teacher = sim.Population(
        m, sim.SpikeSourceArray(spike_times=[list(times[values[:, j]]) for j in range(m)])
    )
    post = sim.Population(m, sim.IF_curr_delta(**{**CELL, "tau_m": 1e14}), initial_values={"v": 0.0})
    post.record(["v", "spikes"])
    sim.Projection(teacher, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
    # a trace so short that each volley meets the volley of its own step only
    synapse = sim.FastHebbianSynapse(delay=1.0, eta=1e-3, tau=tau, tau_pre=0.5)
    sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    sim.run(times[-1] + 5.0)
    segment = post.get_data().segments[0]
    v = segment.analogsignals[0].magnitude
    at = int(times[-1])
    drive = v[at + 3] - v[at]
    fired = [train.magnitude for train in segment.spiketrains]
    lag = {round(t - times[np.searchsorted(times, t) - 1]) for train in fired for t in train}
    (lag_ms,) = lag  # output fires so long after the volley that it answers
    weight = [np.exp(-(times[-1] - t - lag_ms) / tau) for t in times[:-1]]
    overlap = keys[:-1].astype(float) @ query.astype(float)
    attention = (np.array(weight) * overlap) @ values[:-1].astype(float)
    scale = drive.sum() / attention.sum()
    np.testing.assert_allclose(drive, scale * attention, rtol=1e-12, atol=1e-15)


def test_a_fast_part_that_is_set_in_mid_run_decays_from_then() -> None:
    sim.setup(timestep=0.5)
    cells = sim.Population(2, sim.IF_curr_exp())
    synapse = sim.FastHebbianSynapse(weight=0.1, delay=1.0, tau=40.0)
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    sim.run(33.0)
    projection.initialize(f=0.25)
    assert projection.get("f", format="list", with_address=False) == [0.25] * 4
    sim.run(20.0)
    assert projection.get("f", format="list", with_address=False) == pytest.approx([0.25 * np.exp(-0.5)] * 4)
    sim.reset()
    sim.run(4.0)
    assert projection.get("f", format="list", with_address=False) == pytest.approx([0.25 * np.exp(-0.1)] * 4)
