"""Weights of low rank: the rank, the radius, and the connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import LowRankWeights
from pynn_ext.errors import NetworkError


@pytest.mark.parametrize(("n", "rank", "radius"), [(50, 1, 1.0), (50, 3, 0.8), (80, 80, 1.5)])
def test_rank_and_radius(n: int, rank: int, radius: float) -> None:
    weights = LowRankWeights(rank, radius, rng=1).matrix(n)
    assert np.linalg.matrix_rank(weights) == rank
    assert np.abs(np.linalg.eigvals(weights)).max() == pytest.approx(radius)


@pytest.mark.parametrize("kind", ["IF_curr_exp", "IF_cond_exp"])
def test_each_weight_is_one_connection_of_its_sign(kind: str) -> None:
    sim.setup()
    cells = sim.Population(12, getattr(sim, kind)())
    exc, inh = LowRankWeights(2, 0.9, rng=4).connect(sim, cells, scale=0.01, delay=1.0)
    weights = 0.01 * LowRankWeights(2, 0.9, rng=4).matrix(12)
    sign = -1.0 if kind == "IF_cond_exp" else 1.0
    found = np.nan_to_num(exc.get("weight", format="array")) + sign * np.nan_to_num(
        inh.get("weight", format="array")
    )
    np.testing.assert_allclose(found, weights)
    assert len(exc) + len(inh) == 144
    without = LowRankWeights(2, 0.9, rng=4).connect(sim, cells, self_connections=False)
    assert sum(map(len, without)) == 132


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LowRankWeights(0), "rank 0"),
        (lambda: LowRankWeights(2, -1.0), "radius -1"),
        (lambda: LowRankWeights(5).matrix(3), "at least the rank"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make()
