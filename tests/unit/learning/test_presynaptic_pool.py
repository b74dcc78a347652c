"""Rules of the presynaptic pool by hand, and a recurrent network that learns the spike trains of another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.observation import SignedWeights
from pynn_ext.learning.presynaptic_pool import PresynapticPool, van_rossum

N, N_EXC, TRIAL = 40, 32, 500.0


def test_the_distance_is_that_of_elephant() -> None:
    elephant = pytest.importorskip("elephant.spike_train_dissimilarity")
    import neo
    import quantities as pq

    a, b = np.array([3.0, 20.0, 41.0]), np.array([5.0, 40.0])
    trains = [neo.SpikeTrain(x, units="ms", t_stop=100.0) for x in (a, b)]
    theirs = elephant.van_rossum_distance(trains, time_constant=10.0 * pq.ms)[0, 1]
    assert van_rossum(a, b, 10.0) == pytest.approx(theirs**2 / 2, rel=1e-9)
    assert van_rossum(a, a, 10.0) == 0.0
    assert van_rossum(a[:1], b[:0], 10.0) == 0.5


def recurrent(sim: Any, weights: np.ndarray) -> tuple[Any, SignedWeights]:
    """40 cells, 80 % excitatory, with an input of their own that is the same in every trial."""
    rng = np.random.default_rng(7)
    cell = sim.IF_curr_exp(
        tau_m=20.0,
        cm=20.0,
        v_rest=0.0,
        v_reset=0.0,
        v_thresh=1.0,
        tau_refrac=2.0,
        tau_syn_E=5.0,
        tau_syn_I=5.0,
    )
    cells = sim.Population(N, cell)
    cells.initialize(v=0.0)
    cells.record("spikes")
    kernel = np.exp(-np.arange(20) / 6.0) / 3
    for i in range(N):
        noise = np.convolve(rng.standard_normal(520), kernel, "same")[:500]
        current = sim.StepCurrentSource(times=np.arange(500.0), amplitudes=np.maximum(0, 0.55 + 0.9 * noise))
        cells[i : i + 1].inject(current)
    pairs = []
    for receptor, part in (("excitatory", np.maximum(weights, 0)), ("inhibitory", np.minimum(weights, 0))):
        connector = sim.AllToAllConnector(allow_self_connections=False)
        synapse = sim.StaticSynapse(weight=part, delay=1.0)
        pairs.append(sim.Projection(cells, cells, connector, synapse, receptor_type=receptor))
    return cells, SignedWeights(*pairs)


def random_weights(seed: int) -> np.ndarray:
    sign = np.where(np.arange(N) < N_EXC, 1.0, -1.0)
    return np.abs(np.random.default_rng(seed).normal(0.0, 0.18, (N, N))) * sign[:, None]


def target_trains(sim: Any) -> list[np.ndarray]:
    sim.setup(timestep=1.0, min_delay=1.0)
    cells, _ = recurrent(sim, random_weights(1))
    sim.run(TRIAL)
    return [train.magnitude for train in cells.get_data().segments[0].spiketrains]


def test_trains_come_closer_though_the_weights_do_not() -> None:
    """Both halves of the paper's result: in 60 trials the distance falls to less than 0.6 of what it was, and the
    correlation of the weights with those of the other network stays what the signs make it."""
    import pyNN.codegen as sim

    targets = target_trains(sim)
    sim.setup(timestep=1.0, min_delay=1.0)
    _, weights = recurrent(sim, random_weights(2))
    learner = PresynapticPool(weights, targets, TRIAL, decay=0.96)
    for _ in range(60):
        sim.run(TRIAL, callbacks=[learner])
        sim.reset()
    distance = learner.history["distance"]
    assert learner.best_distance == distance.min() < 0.6 * distance[0]
    off = ~np.eye(N, dtype=bool)
    true = random_weights(1)[off]
    before, after = (np.corrcoef(w[off], true)[0, 1] for w in (random_weights(2), learner.best_weights))
    assert abs(after - before) < 0.1
    signs = np.sign(learner.best_weights)
    assert (signs[:N_EXC] >= 0).all() and (signs[N_EXC:] <= 0).all()


@pytest.mark.parametrize("homeostatic", [False, True])
def test_the_pool(homeostatic: bool) -> None:
    """Cell 0 misses a spike at 50 ms and has an extra one at 80 ms; cell 1 fired before 50, cell 2 before 80."""
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    cells = sim.Population(4, sim.IF_curr_exp())
    cells.record("spikes")
    synapse = sim.StaticSynapse(weight=0.5)
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    trains = [np.array([20.0, 80.0]), np.array([40.0]), np.array([70.0]), np.array([10.0])]
    targets = [np.array([23.0, 50.0]), *trains[1:]]
    learner = PresynapticPool(
        projection, targets, 100.0, probability=1.0, rate=0.1, w_max=0.55, homeostatic=homeostatic
    )
    change = learner.changed(learner.weights.read(), trains) - 0.5
    assert not change[:, 1:].any() and change[0, 0] == 0
    if homeostatic:
        assert (change[1:, 0] != 0).all()
    else:
        assert 0 < change[1, 0] <= 0.05 and -0.1 < change[2, 0] < 0 and change[3, 0] == 0


def test_targets_for_other_cells_are_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    cells = sim.Population(4, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5))
    with pytest.raises(NetworkError, match="2 targets"):
        PresynapticPool(projection, [[], []], 100.0)
