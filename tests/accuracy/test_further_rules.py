"""Rules and weight dependences beyond PyNN's: triplets, symmetric pairs, weights that change by factors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy.stats import kstest

from .plasticity import FILE, TRIPLET, all_to_all
from .response import Input, Response, connect

Measure = Callable[..., None]
PRE = [10.0, 30.0, 55.0, 60.0, 100.0, 131.0, 200.0]
POST = [15.0, 28.0, 58.0, 90.0, 105.0, 128.0]
#: NEST 3.10, stdp_triplet_synapse with these trains, weight 1, delay 1 ms (all of it dendritic), Wmax 100
NEST = 0.976581445


def weight_after(rule: Any, dependence: Any, weight: float, pre: Any = PRE, post: Any = POST) -> float:
    """Return the weight after given spikes of both sides; the whole delay of 1 ms is dendritic."""
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
    connect(cell, Input([t - 0.2 for t in post], 1000.0, delay=0.1))
    mechanism = sim.STDPMechanism(rule, dependence, dendritic_delay_fraction=1.0, weight=weight, delay=1.0)
    projection = connect(cell, Input(list(pre), weight), mechanism)
    cell.record("spikes")
    sim.run(max(*pre, *post) + 20.0)
    np.testing.assert_allclose(Response(cell).spikes[0], post, atol=1e-9)
    return projection.get("weight", format="list", with_address=False)[0]


def triplets(p: dict[str, float], pre: Any, post: Any) -> float:
    """Change of the weight by the sum over all triplets; a postsynaptic spike is seen 1 ms late."""
    pre, post = np.array(pre), np.array(post) + 1.0

    def trace(spikes: np.ndarray, t: float, tau: float) -> float:
        return float(np.exp(-(t - spikes[spikes < t - 1e-6]) / tau).sum())

    change = -sum(
        trace(post, t, p["tau_minus"]) * (p["A2_minus"] + p["A3_minus"] * trace(pre, t, p["tau_x"]))
        for t in pre
    )
    return change + sum(
        trace(pre, t, p["tau_plus"]) * (p["A2_plus"] + p["A3_plus"] * trace(post, t, p["tau_y"]))
        for t in post
    )


@pytest.mark.model("TripletRule")
def test_triplets_as_in_nest(measure: Measure) -> None:
    """Amplitudes in units of w_max - w_min, which is NEST's Wmax of 100."""
    scaled = {
        name: value / 100 for name, value in sim.TripletRule.default_parameters.items() if name[0] == "A"
    }
    sim.setup(timestep=0.1)
    weight = weight_after(
        sim.TripletRule(**scaled), sim.AdditiveWeightDependence(w_min=0.0, w_max=100.0), 1.0
    )
    measure("weight against NEST", weight, NEST, 1e-9)


@pytest.mark.model("TripletRule")
def test_triplets_of_a_network_equal_nest(measure: Measure) -> None:
    """100 synapses with delays of their own, all dendritic, some with spikes of both sides in one step."""
    pre, post, delays = all_to_all()
    sim.setup(timestep=0.1)
    n = len(pre)
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=pre))
    cells = sim.Population(n, sim.IF_curr_delta(tau_m=0.1, v_rest=-65.0, tau_refrac=0.0))
    drive = sim.Population(
        n, sim.SpikeSourceArray(spike_times=[np.round(np.array(t) - 0.2, 1) for t in post])
    )
    sim.Projection(drive, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1000.0, delay=0.1))
    rule = {name: value / 100 if name[0] == "A" else value for name, value in TRIPLET.items()}
    synapse = sim.STDPMechanism(
        sim.TripletRule(**rule), sim.AdditiveWeightDependence(w_max=100.0), weight=1.0, delay=delays
    )
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    sim.run(400.0)
    expected = np.reshape(json.loads(FILE.read_text())["triplets"], (n, n))
    ties = [
        np.isin(np.round(np.array(pre[i]) * 10), np.round((np.array(post[j]) + delay) * 10)).any()
        for (i, j), delay in np.ndenumerate(delays)
    ]
    assert sum(ties) > 5 and np.ptp(expected) > 0.1
    measure(
        "weights of a network", projection.get("weight", format="array"), expected, 1e-12, reference="NEST"
    )


@pytest.mark.model("TripletRule")
@pytest.mark.parametrize("seed", range(3))
def test_triplets_of_random_trains(measure: Measure, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pre, post = (np.sort(rng.choice(np.arange(30, 3000, 7), 25, replace=False)) / 10 for _ in range(2))
    post = np.round(post + 0.3, 1)
    p = {
        "tau_plus": 12.0, "tau_x": 60.0, "tau_minus": 25.0, "tau_y": 90.0, "A2_plus": 2e-3, "A3_plus": 3e-3,
        "A2_minus": 2.5e-3, "A3_minus": 1e-3,
    }  # fmt: skip
    sim.setup(timestep=0.1)
    weight = weight_after(
        sim.TripletRule(**p), sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0), 0.5, pre, post
    )
    measure("weight after 25 spikes of each side", weight, 0.5 + triplets(p, pre, post), 1e-12)


@pytest.mark.model("SymmetricPairRule")
@pytest.mark.parametrize("interval", [-40.0, -20.0, -10.0, -1.0, 1.0, 10.0, 20.0, 40.0])
def test_the_symmetric_window(measure: Measure, interval: float) -> None:
    """0.1 nu exp(-|dt| / 20 ms) for either order, 3.033e-4 at 10 ms."""
    sim.setup(timestep=0.1)
    rule, dependence = sim.SymmetricPairRule(), sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0)
    weight = weight_after(rule, dependence, 0.3, [60.0], [60.0 + interval - 1.0])
    measure("change by a pair", weight - 0.3, 5e-4 * np.exp(-abs(interval) / 20.0), 1e-12)
    if abs(interval) == 10.0:
        assert weight - 0.3 == pytest.approx(3.033e-4, abs=5e-8)


@pytest.mark.model("ExponentiatedWeightDependence")
@pytest.mark.parametrize("weight", [0.5, -0.5])
def test_changes_are_factors(measure: Measure, weight: float) -> None:
    """Pairs of both orders multiply a weight, of either sign, by exp(A exp(-dt / tau))."""
    sim.setup(timestep=0.1)
    rule = sim.SpikePairRule(A_plus=0.2, A_minus=0.3, tau_plus=15.0, tau_minus=30.0)
    limits = (1e-6, 2.0) if weight > 0 else (-1e-6, -2.0)
    dependence = sim.ExponentiatedWeightDependence(w_min=limits[0], w_max=limits[1])
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
    connect(cell, Input([49.8], 1000.0, delay=0.1))
    mechanism = sim.STDPMechanism(rule, dependence, dendritic_delay_fraction=1.0, weight=weight, delay=1.0)
    receptor = "inhibitory" if weight < 0 else "excitatory"
    projection = connect(cell, Input([40.0, 60.0], weight, receptor=receptor), mechanism)
    sim.run(100.0)
    found = projection.get("weight", format="list", with_address=False)[0]
    expected = weight * np.exp(0.2 * np.exp(-11.0 / 15.0) - 0.3 * np.exp(-9.0 / 30.0))
    measure("weight after two pairs", found, expected, 1e-12)


@pytest.mark.model("ExponentiatedWeightDependence")
def test_weights_become_log_normal_and_keep_their_sign() -> None:
    """Balanced random pairs: log w does a random walk, as normal as w is not."""
    sim.setup(timestep=0.1)
    pre = sim.Population(1000, sim.SpikeSourcePoisson(rate=20.0))
    post = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
    drive = sim.Population(1, sim.SpikeSourcePoisson(rate=20.0))
    sim.Projection(drive, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=1000.0, delay=0.1))
    rule = sim.SpikePairRule(A_plus=0.08, A_minus=0.08)
    mechanism = sim.STDPMechanism(rule, sim.ExponentiatedWeightDependence(w_max=1e9), weight=1e-4, delay=1.0)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), mechanism)
    sim.run(20000.0)
    weights = np.array(projection.get("weight", format="list", with_address=False))
    assert (weights > 0).all()

    def p_normal(values: np.ndarray) -> float:
        return float(kstest((values - values.mean()) / values.std(), "norm").pvalue)

    assert p_normal(np.log(weights)) > 0.01 and p_normal(weights) < 1e-6, (
        p_normal(np.log(weights)),
        p_normal(weights),
        weights.max(),
    )
