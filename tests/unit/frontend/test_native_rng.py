"""Connections and parameters drawn from a NativeRNG: reproducible, of the right number and distribution."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pyNN.mock as sim
import pytest
from pyNN.random import NativeRNG as PlainNativeRNG
from pyNN.random import NumpyRNG, RandomDistribution

from pynn_ext.frontend import connectors as ours
from pynn_ext.frontend.random import NativeRNG

from .pynn_connectors import DISTRIBUTIONS, ENDS, Projection, population


@pytest.fixture(autouse=True)
def _setup():
    sim.setup()


NATIVE: dict[str, Callable[[Any], Any]] = {
    "p": lambda r: ours.FixedProbabilityConnector(0.3, rng=r),
    "p, not self": lambda r: ours.FixedProbabilityConnector(0.3, allow_self_connections=False, rng=r),
    "p=0": lambda r: ours.FixedProbabilityConnector(0.0, rng=r),
    "p=1": lambda r: ours.FixedProbabilityConnector(1.0, rng=r),
    "distance": lambda r: ours.DistanceDependentProbabilityConnector("d<60", rng=r),
    "total": lambda r: ours.FixedTotalNumberConnector(90, rng=r),
    "total, not self": lambda r: ours.FixedTotalNumberConnector(90, False, rng=r),
    "total, once": lambda r: ours.FixedTotalNumberConnector(90, False, False, rng=r),
    **{
        f"{kind} {n} {own} {again}": lambda r, kind=kind, n=n, own=own, again=again: getattr(ours, kind)(
            n or RandomDistribution("binomial", (30, 0.4), rng=r), own, again, rng=r
        )
        for kind in ("FixedNumberPreConnector", "FixedNumberPostConnector")
        for n in (4, 18, 45, None)
        for own in (True, False)
        for again in (True, False)
    },
}


@pytest.mark.parametrize("rng_class", [NativeRNG, PlainNativeRNG])
@pytest.mark.parametrize("name", NATIVE)
def test_native_rng(name, rng_class):
    tables = []
    for seed in (1, 1, 2):
        connector = NATIVE[name](rng_class(seed) if "None" not in name else NativeRNG(seed))
        tables.append(Projection(*ENDS["same"](), connector).table())
    np.testing.assert_array_equal(tables[0], tables[1])
    assert (
        name in ("p=0", "p=1", "distance")
        or " 18 False False" in name
        or not np.array_equal(tables[0], tables[2])
    )
    pre, post = tables[0][:, 0], tables[0][:, 1]
    assert (np.diff(post) >= 0).all() or (np.diff(pre) >= 0).all()
    if "not self" in name or ("False" in name.split()[2:3]) or name == "total, once":
        assert (pre != post).all()
    if name.startswith("total"):
        assert len(pre) == 90
    if name.startswith("FixedNumber") and "None" not in name:
        side = post if "Pre" in name else pre
        assert (np.bincount(side.astype(int), minlength=19) == int(name.split()[1])).all()
    if name.endswith(" 4 True False") or name.endswith(" 18 False False") or name == "total, once":
        assert len(np.unique(19 * pre + post)) == len(pre)


def test_native_statistics():
    a, b = population(400), population(500, seed=4)
    prj = Projection(a, b, ours.FixedProbabilityConnector(0.1, rng=NativeRNG(3)))
    matrix = np.zeros((400, 500))
    matrix[prj.blocks[0][0], prj.blocks[0][1]] = 1
    for axis, n in ((0, 400), (1, 500)):
        z = (matrix.sum(axis) - 0.1 * n) / np.sqrt(n * 0.09)
        assert abs(z.mean()) < 0.3 and 0.8 < z.std() < 1.2
    prj = Projection(a, b, ours.FixedNumberPreConnector(40, rng=NativeRNG(3)))
    counts = np.bincount(prj.blocks[0][0], minlength=400)
    assert abs((counts - 50).mean()) < 1e-9 and 0.8 < counts.std() / np.sqrt(500 * 0.09) < 1.2


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_native_distributions(name):
    drawn = RandomDistribution(name, DISTRIBUTIONS[name], rng=NativeRNG(4)).next(20000)
    reference = RandomDistribution(name, DISTRIBUTIONS[name], rng=NumpyRNG(4)).next(20000)
    assert abs(drawn.mean() - reference.mean()) < 5 * reference.std() / 100
    assert drawn.std() == pytest.approx(reference.std(), rel=0.05)


def test_native_rng_interface():
    rng = NativeRNG(4)
    assert isinstance(rng, PlainNativeRNG) and deepcopy(rng) is rng and np.ndim(rng.next()) == 0
    assert NativeRNG().seed != NativeRNG().seed
    assert len(rng.next(5, mask=np.array([0, 2]))) == 2 and len(rng.next(0)) == 0
    with pytest.raises(ValueError, match="positive"):
        rng.next(-1)
    with pytest.raises(KeyError, match="lambda_"):
        rng.next(1, "poisson", {"lam": 1})
    with pytest.raises(ValueError, match="widen"):
        rng.next(3, "normal_clipped", {"mu": 0, "sigma": 1, "low": 50, "high": 51})


def test_native_weights():
    rng = NativeRNG(6)
    weight = RandomDistribution("uniform", (0, 1), rng=rng)
    prj = Projection(
        *ENDS["different"](), ours.FixedProbabilityConnector(0.3, rng=rng), sim.StaticSynapse(weight=weight)
    )
    assert len(np.unique(prj.table()[:, 3])) == len(prj)
