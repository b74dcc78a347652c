"""Synapses are formed and eliminated with the probabilities of the rule, on every backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.structural_plasticity import (
    DistanceDependentFormation,
    LastNeuronSelection,
    RandomByWeightElimination,
    StructuralPlasticity,
)


def network(sim: Any, weights: np.ndarray, trains: Any = None) -> Any:
    from pyNN.space import Line

    n_pre, n_post = weights.shape
    pre = sim.Population(n_pre, sim.SpikeSourceArray(spike_times=trains or []), structure=Line(dx=1.0))
    post = sim.Population(n_post, sim.IF_curr_exp(), structure=Line(dx=1.0))
    pre.record("spikes")
    synapse = sim.StaticSynapse(weight=weights, delay=1.0)
    return sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type="excitatory")


def test_weak_synapses_go_and_strong_ones_stay(sim: Any) -> None:
    weights = np.tile([0.1, 2.0, 0.0, 0.0], (3, 1)).T
    rules = StructuralPlasticity(
        network(sim, weights),
        slots=4,
        formation=DistanceDependentFormation(p_max=0.0),
        elimination=RandomByWeightElimination(threshold=1.0, p_depressed=1.0),
        attempts=30,
        interval=10.0,
    )
    sim.run(20.0, callbacks=[rules])
    after = rules.weights.read()
    assert not after[[0, 2, 3]].any() and after[1] == pytest.approx([2.0] * 3, rel=0.02)
    assert rules.history["eliminated"].tolist() == [3, 0] and rules.history["synapses"].tolist() == [3, 3]


def test_new_synapses_come_from_cells_that_fired(sim: Any) -> None:
    projection = network(sim, np.zeros((4, 2)), [[5.0], [], [8.0], []])
    rules = StructuralPlasticity(
        projection,
        slots=2,
        selection=LastNeuronSelection(),
        formation=DistanceDependentFormation(weight=0.5),
        elimination=RandomByWeightElimination(0.0),
        attempts=20,
        interval=10.0,
    )
    sim.run(30.0, callbacks=[rules])
    assert rules.active.tolist() == [[True, True], [False, False], [True, True], [False, False]]
    np.testing.assert_allclose(rules.weights.read(), 0.5 * rules.active, rtol=0.02)
    assert rules.history["formed"].tolist() == [4, 0, 0]


def test_frequencies_are_the_probabilities() -> None:
    """Formation falls with distance as a Gaussian does; elimination is a coin; within 4 standard errors."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    n = 1500
    formation = DistanceDependentFormation(p_max=0.6, sigma=2.0)
    assert formation.probability(0.0) == 0.6 and formation.probability(2.0) == pytest.approx(
        0.6 * np.exp(-0.5)
    )
    pre = sim.Population(1, sim.SpikeSourceArray())
    post = sim.Population(n, sim.IF_curr_exp())
    post.positions = np.stack([np.arange(n) % 2 * 3.0, np.zeros(n), np.zeros(n)])
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0))
    rules = StructuralPlasticity(
        projection,
        slots=1,
        formation=formation,
        elimination=RandomByWeightElimination(1.0, 0.3),
        interval=1.0,
    )
    sim.run(1.0, callbacks=[rules])
    formed = rules.active[0].reshape(-1, 2).mean(axis=0)
    for rate, expected in zip(formed, (0.6, 0.6 * np.exp(-9 / 8)), strict=True):
        assert abs(rate - expected) < 4 * np.sqrt(expected * (1 - expected) / (n / 2))
    before = rules.active.sum()
    rules.formation = DistanceDependentFormation(p_max=0.0)
    sim.run(1.0, callbacks=[rules])
    lost = 1 - rules.active.sum() / before
    assert abs(lost - 0.3) < 4 * np.sqrt(0.3 * 0.7 / before)


def test_rewiring_makes_a_map_of_what_plasticity_strengthens() -> None:
    """Inputs that fire together with a cell keep their synapses; the others lose theirs, and slots stay in use."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    times = [list(np.arange(5.0 if i < 5 else 10.0 + i, 20000.0, 50.0)) for i in range(20)]
    inputs = sim.Population(20, sim.SpikeSourceArray(spike_times=times))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=list(np.arange(8.0, 20000.0, 50.0))))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=1.0))
    sim.Projection(driver, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=60.0, delay=1.0))
    start = np.where(np.arange(20) % 4 == 0, 0.5, 0.0)[:, None]
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=10.0, tau_minus=10.0, A_plus=0.05, A_minus=0.05),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=start,
        delay=1.0,
    )
    projection = sim.Projection(inputs, cell, sim.AllToAllConnector(), stdp)
    rules = StructuralPlasticity(
        projection,
        slots=5,
        formation=DistanceDependentFormation(weight=0.4),
        elimination=RandomByWeightElimination(threshold=0.2, p_depressed=0.5),
        interval=100.0,
    )
    sim.run(20000.0, callbacks=[rules])
    assert rules.active[:5].sum() >= 4 and rules.active.sum() <= 5


def test_too_many_synapses_are_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    with pytest.raises(NetworkError, match="cell 0 has 4 synapses"):
        StructuralPlasticity(network(sim, np.ones((4, 2))), slots=3)
    with pytest.raises(NetworkError, match="weight 0"):
        StructuralPlasticity(network(sim, np.ones((4, 2))), formation=DistanceDependentFormation(weight=0.0))
