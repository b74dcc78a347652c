"""Cells of e-prop and the fast Hebbian synapse, step by step and volley by volley."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

Measure = Callable[..., None]


@pytest.mark.parametrize(
    ("name", "beta"),
    [
        pytest.param("LIF_eprop", 0.0, marks=pytest.mark.model("LIF_eprop")),
        pytest.param("ALIF_eprop", 0.3, marks=pytest.mark.model("ALIF_eprop")),
    ],
)
def test_soft_reset_and_moving_threshold(measure: Measure, name: str, beta: float) -> None:
    """``v <- a v + input - v_thresh z`` and ``b <- a_b b + z``, with the spikes that follow."""
    steps, weights = 200, np.random.default_rng(0).normal(0.25, 0.5, 200)
    sim.setup(timestep=1.0)
    parameters: dict[str, Any] = {"beta": beta, "tau_b": 40.0} if beta else {}
    cell = sim.Population(1, getattr(sim, name)(tau_m=20.0, v_thresh=1.0, **parameters))
    source = sim.Population(steps, sim.SpikeSourceArray(spike_times=[[float(k)] for k in range(steps)]))
    for sign, receptor in ((1.0, "excitatory"), (-1.0, "inhibitory")):
        pre = np.flatnonzero(sign * weights > 0)
        rows = np.column_stack([pre, np.zeros(len(pre)), weights[pre]])
        connector = sim.FromListConnector(rows, column_names=["weight"])
        sim.Projection(source, cell, connector, sim.StaticSynapse(delay=1.0), receptor_type=receptor)
    cell.record(["v", "spikes"])
    sim.run(steps + 1.0)
    segment = cell.get_data().segments[0]
    v, b, z, expected, spikes = 0.0, 0.0, 0.0, [], []
    for k, w in enumerate(weights):  # sent at step k, it acts from k + 1 on and is seen at k + 2
        v, b = np.exp(-1.0 / 20.0) * v + w - z, np.exp(-1.0 / 40.0) * b + z
        z = float(v > 1.0 + beta * b)
        spikes += [k + 2.0] * int(z)
        expected.append(v)
    assert len(spikes) > 10
    measure("v", segment.analogsignals[0].magnitude[2:, 0], expected, 1e-12, "mV")
    measure("spikes", segment.spiketrains[0].magnitude, spikes, 1e-9, "ms")


@pytest.mark.model("FastHebbianSynapse")
def test_what_a_fast_hebbian_synapse_transmits(measure: Measure) -> None:
    """Input at 10 ms, a spike soon after, input again: the second one brings ``weight + f``."""
    sim.setup(timestep=0.1)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 60.0]))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[15.0]))
    post = sim.Population(1, sim.IF_curr_exp(tau_syn_E=0.5, tau_m=2.0, tau_refrac=30.0))
    post.record(["spikes", "isyn_exc"])
    sim.Projection(driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
    synapse = sim.FastHebbianSynapse(weight=0.1, delay=1.0, eta=0.5, tau=100.0, tau_pre=20.0)
    sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    sim.run(70.0)
    segment = post.get_data().segments[0]
    (spike,) = segment.spiketrains[0].magnitude
    current = segment.analogsignals[0].magnitude[:, 0]
    # what arrives in the step that ends at 11.1 and at 61.1 ms, without what is left from before
    jumps = [current[k + 1] / np.exp(-0.1 / 0.5) - current[k] for k in (110, 610)]
    # the synapse is all dendrite: it sees the input at once and the cell's spike 1 ms later
    fast = 0.5 * np.exp(-(spike + 1.0 - 10.0) / 20.0) * np.exp(-(60.0 - spike - 1.0) / 100.0)
    measure("first", jumps[0], 0.1, 1e-12, "nA")
    measure("second", jumps[1], 0.1 + fast, 1e-9, "nA")


@pytest.mark.model("AstroModulatedSTDP")
@pytest.mark.parametrize("inhibitory", [0.0, 1.0])
def test_pairs_under_an_astrocyte(measure: Measure, inhibitory: float) -> None:
    """Input at 10 ms, a spike, input at 40 ms: one potentiation, one depression; the other way round if inhibitory."""
    sim.setup(timestep=0.1)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 40.0]))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[15.0]))
    post = sim.Population(1, sim.IF_curr_exp(tau_syn_E=0.5, tau_m=2.0, tau_refrac=30.0))
    post.record("spikes")
    sim.Projection(driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0, delay=1.0))
    limits = {"w_min": -3.0, "w_max": 0.0} if inhibitory else {"w_min": 0.0, "w_max": 3.0}
    weight = -1.0 if inhibitory else 1.0
    synapse = sim.AstroModulatedSTDP(
        weight=weight, delay=1.0, A_plus=0.4, A_minus=0.3, tau=20.0, inhibitory=inhibitory, **limits
    )
    receptor = "inhibitory" if inhibitory else "excitatory"
    made = sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    sim.run(60.0)
    (spike,) = post.get_data().segments[0].spiketrains[0].magnitude
    seen = spike + 1.0  # the synapse is all dendrite
    x, y = 0.1 * np.exp(-(seen - 10.0) / 20.0), 0.1 * np.exp(-(40.0 - seen) / 20.0)
    change = 0.4 * y - 0.3 * x if inhibitory else 0.4 * x - 0.3 * y
    measure("weight", made.get("weight", format="list", with_address=False), [weight + change], 1e-12)
