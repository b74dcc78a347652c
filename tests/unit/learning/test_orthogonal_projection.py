"""The subspace of 60-dimensional data with 5 strong directions, to the digits of a reference implementation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.orthogonal_projection import OrthogonalProjection
from pynn_ext.learning.three_factor import ThreeFactorRule

SIZE, K = 60, 5


def angle(rows: np.ndarray, columns: np.ndarray) -> float:
    """Largest principal angle (degrees) between the spaces of some rows and of some columns."""
    q, _ = np.linalg.qr(rows.T)
    cosines = np.linalg.svd(q.T @ columns)[1]
    return float(np.degrees(np.arccos(np.clip(cosines.min(), -1, 1))))


@pytest.mark.parametrize(
    ("levels", "after", "identity", "residual", "interference"),
    [
        (None, 1.12, 0.001, 0.0651, 0.2093),
        (1000, 1.13, 0.001, 0.0651, 0.2094),
        (40, 1.12, 0.005, 0.0681, 0.2523),
    ],
)
def test_subspace_interference_and_a_second_task(
    levels: int | None, after: float, identity: float, residual: float, interference: float
) -> None:
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((SIZE, SIZE)))
    sd = np.r_[np.linspace(3, 2, K), 0.2 * np.ones(SIZE - K)]
    x = (rng.standard_normal((4000, SIZE)) * sd) @ q.T
    learner = OrthogonalProjection(None, K, size=SIZE, repeats=1, levels=levels, seed=rng)
    assert angle(learner.lateral, q[:, :K]) == pytest.approx(87.6, abs=0.05)
    for _ in range(400):
        learner.learn(x[rng.integers(0, 4000, 64)])
    assert angle(learner.lateral, q[:, :K]) == pytest.approx(after, abs=0.006)
    assert np.abs(learner.lateral @ learner.lateral.T - np.eye(K)).max() < identity + 5e-4
    assert np.linalg.norm(learner.project(x)) ** 2 / np.linalg.norm(x) ** 2 == pytest.approx(
        residual, abs=5e-5
    )

    new, error = rng.standard_normal((500, SIZE)), rng.standard_normal((500, 10))
    plain, projected = error.T @ new / 500, error.T @ learner.project(new) / 500
    assert np.linalg.norm(x @ plain.T) / 4000**0.5 == pytest.approx(0.8215, abs=5e-5)
    assert np.linalg.norm(x @ projected.T) / 4000**0.5 == pytest.approx(interference, abs=5e-5)

    learner.add(K)
    first = learner.lateral[:K].copy()
    x2 = (rng.standard_normal((4000, K)) * 2.5) @ q[:, K : 2 * K].T + 0.2 * rng.standard_normal((4000, SIZE))
    for _ in range(400):
        learner.learn(x2[rng.integers(0, 4000, 64)])
    assert angle(learner.lateral[K:], q[:, K : 2 * K]) < 1.15
    assert np.array_equal(learner.lateral[:K], first)


def test_it_follows_the_traces_of_a_running_population(sim: Any) -> None:
    """Two groups of cells, each firing together: traces lie in two dimensions, and the residual vanishes."""
    rng = np.random.default_rng(1)
    volleys = [np.sort(rng.choice(np.arange(1.0, 1500.0, 1.0), 60, replace=False)) for _ in range(2)]
    cells = sim.Population(8, sim.SpikeSourceArray(spike_times=[list(volleys[i // 4]) for i in range(8)]))
    cells.record("spikes")
    sim.Projection(cells, sim.Population(1, sim.IF_curr_exp()), sim.AllToAllConnector(), sim.StaticSynapse())
    learner = OrthogonalProjection(cells, 2, rate=0.1, interval=50.0)
    sim.run(1500.0, callbacks=[learner])
    residual = learner.history["residual"]
    assert residual[0] > 0.3 and residual[-5:].max() < 0.05


def test_more_dimensions_than_there_are_is_refused() -> None:
    with pytest.raises(NetworkError, match="5 more dimensions"):
        OrthogonalProjection(None, 4, size=8).add(5)


def test_a_rule_that_is_projected_leaves_old_answers_alone() -> None:
    """Learning from a second group of cells, with some spikes of the first among them, moves the answer to the first
    group's volleys less than a fifth as far as the plain rule does."""
    import pyNN.codegen as sim

    moved = []
    for projected in (False, True):
        sim.setup(timestep=1.0)
        rng = np.random.default_rng(4)
        old = np.sort(rng.choice(np.arange(1.0, 1000.0), 60, replace=False))
        new = np.sort(rng.choice(np.arange(1001.0, 2000.0), 60, replace=False))
        trains = [[*old, *new[::2]] for _ in range(4)] + [list(new) for _ in range(4)]
        cells = sim.Population(8, sim.SpikeSourceArray(spike_times=trains))
        cells.record("spikes")
        post = sim.Population(1, sim.IF_curr_exp())
        projection = sim.Projection(
            cells, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0)
        )
        subspace = OrthogonalProjection(cells, 1, rate=0.1, interval=50.0)
        sim.run(1000.0, callbacks=[subspace])
        rule = ThreeFactorRule(
            projection,
            lambda t: 1.0,
            rate=1e-3,
            interval=100.0,
            project=subspace.project if projected else None,
        )
        before = rule.weights.read()[:4].sum()
        sim.run(1000.0, callbacks=[rule])
        moved.append(abs(rule.weights.read()[:4].sum() - before))
        assert abs(rule.weights.read()[4:].sum() - 4.0) > 0.1
    assert moved[1] < 0.2 * moved[0]
