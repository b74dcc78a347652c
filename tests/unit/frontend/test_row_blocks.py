"""Connectors that make connections source by source: the same whether the layout takes them at once or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.random import RandomDistribution

from pynn_ext.frontend import row_blocks

CONNECTORS = {
    "p": lambda rng: sim.FixedProbabilityConnector(0.2, rng=rng),
    "total": lambda rng: sim.FixedTotalNumberConnector(700, rng=rng),
    "total, not self": lambda rng: sim.FixedTotalNumberConnector(700, False, rng=rng),
    "post": lambda rng: sim.FixedNumberPostConnector(13, rng=rng),
}


def table(name: str, view: bool, weight: Any = None, rounded: bool = False) -> Any:
    sim.setup(timestep=0.1)
    cells = sim.Population(60, sim.IF_curr_exp())
    pre = cells[:] if not view else sim.Assembly(cells[:20], cells[20:])
    rng = sim.NativeRNG(seed=5)
    delay = RandomDistribution("uniform", (0.5, 3.0), rng=rng) if rounded else 0.5
    drawn = RandomDistribution("uniform", (0.3, 0.4), rng=rng) if weight is None else weight
    synapse = sim.StaticSynapse(weight=drawn, delay=delay)
    made = sim.Projection(pre if view else cells, cells, CONNECTORS[name](rng), synapse)
    found = np.array(made.get(["weight", "delay"], format="list"))
    blocks = len(made._pieces)
    return found, blocks, made


@pytest.mark.parametrize("name", CONNECTORS)
def test_straight_into_the_layout_or_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, blocks, _ = table(name, False, rounded=True)
    parts, more, _ = table(name, True, rounded=True)
    assert (blocks, more) == (1, 2)
    if name != "total, not self":  # an assembly is not the population that it consists of
        np.testing.assert_array_equal(whole, parts)
    monkeypatch.setattr(row_blocks, "PER_BLOCK", 50)  # other blocks, other draws, the same rules
    divided, _, made = table(name, False, rounded=True)
    assert len(divided) == len(whole) or name == "p"
    assert made.rounded_delays > 100
    pre, post = divided[:, 0], divided[:, 1]
    if name == "total, not self":
        assert np.all(pre != post)
    if name == "post":
        assert np.all(np.bincount(pre.astype(int)) == 13)


def test_weights_that_are_drawn_natively_are_single() -> None:
    weights = table("total", False)[0][:, 2]
    assert len(np.unique(weights)) > 650 and np.all(weights.astype(np.float32) == weights)


def test_values_that_depend_on_distance() -> None:
    """They are evaluated for one postsynaptic cell after the other, as PyNN does."""
    found = table("total", False, weight="0.1*d")[0]
    np.testing.assert_allclose(found[:, 2], 0.1 * np.abs(found[:, 0] - found[:, 1]))


def test_without_connections() -> None:
    sim.setup()
    cells = sim.Population(6, sim.IF_curr_exp())
    for connector in (
        sim.FixedTotalNumberConnector(0, rng=sim.NativeRNG(1)),
        sim.FixedProbabilityConnector(0.0, rng=sim.NativeRNG(1)),
    ):
        assert len(sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))) == 0


def test_what_is_refused() -> None:
    with pytest.raises(Exception, match="weights are not finite"):
        table("total", False, weight=RandomDistribution("normal", (np.inf, 0.1), rng=sim.NativeRNG(1)))


def test_ranges_cover_all_sources() -> None:
    counts = np.array([10**6, 5, 10**6, 2 * 10**6, 0, 3])
    for expected in (counts, 1e5, 0.0):
        found = list(row_blocks.ranges(expected, 6))
        assert [first for first, _ in found] == [0, *(stop for _, stop in found[:-1])] and found[-1][1] == 6
