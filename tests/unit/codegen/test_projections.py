"""The index of plastic synapses by their targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynn_ext.codegen import Engine, projections
from pynn_ext.codegen.projections import ProjectionDriver, transposed

Array = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projections, "PACKED", 0)


def driver(b: Any) -> ProjectionDriver:
    engine = Engine(b.network)
    engine.run(1)
    found: ProjectionDriver = engine._projections[-1]
    return found


def unpacked(made: ProjectionDriver) -> tuple[Array, Array, Array]:
    """Offsets, synapses and presynaptic cells, by the definition of an entry."""
    c, record = made.connections, made.record
    offsets, entries = made._transposed[1]
    classes = len(c.delay_steps)
    synapses, sources = [], []
    for row in range(len(offsets) - 1):
        codes = [int(code) for code in entries[offsets[row] : offsets[row + 1]]]
        pre = np.cumsum([code >> record.bits for code in codes], dtype=int)
        first = c.offsets[pre * classes + row % classes]
        length = c.offsets[pre * classes + row % classes + 1] - first
        evenly = length * ((row // classes << 32) // c.post.size) >> 32
        distance = np.array([code % (1 << record.bits) for code in codes], dtype=int) + record.least
        synapses.append(first + evenly + distance)
        sources.append(pre)
    return offsets, np.concatenate(synapses), np.concatenate(sources)


def assert_right(made: ProjectionDriver) -> None:
    for found, expected in zip(unpacked(made), transposed(made.connections), strict=True):
        np.testing.assert_array_equal(found, expected)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 60), st.integers(0, 400), st.integers(1, 4)
)
def test_entries_say_where_synapses_are(
    build: Any, seed: int, sources: int, size: int, n: int, classes: int
) -> None:
    b, rng = build(), np.random.default_rng(seed)
    pairs = np.array([rng.integers(0, sources, n), rng.integers(0, size, n)])
    delays = rng.integers(1, 1 + classes, n)
    b.connect(
        b.times(*[[] for _ in range(sources)]), b.cells(size), pairs, delays=delays, w_max=1.0, **b.stdp
    )
    if n:
        assert_right(driver(b))


@pytest.mark.parametrize("sources, size, probability", [(2000, 500, 0.1), (4000, 400, 0.02), (300, 300, 1.0)])
def test_random_networks_take_two_bytes_a_synapse(
    build: Any, sources: int, size: int, probability: float
) -> None:
    b = build()
    pairs = np.nonzero(np.random.default_rng(1).random((sources, size)) < probability)
    b.connect(b.poisson(sources, 1.0), b.cells(size), pairs, w_max=1.0, **b.stdp)
    made = driver(b)
    assert made.record.entry_bytes == made._transposed[1][1].itemsize == 2
    assert_right(made)


@pytest.mark.parametrize("sources, bytes_", [(3000, 4), (70_000, 8)])
def test_rows_that_are_not_spread_over_the_cells(build: Any, sources: int, bytes_: int) -> None:
    """All synapses but one are onto the last cell, from the last source."""
    b = build()
    pairs = np.array([[0] + [sources - 1] * sources, [0] + [65] * sources])
    b.connect(b.poisson(sources, 1.0), b.cells(66), pairs, w_max=1.0, **b.stdp)
    made = driver(b)
    assert made.record.entry_bytes == bytes_
    assert_right(made)


def test_the_same_changes_whatever_the_entries(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources without synapses in between make gaps that need more bits, and change nothing else."""
    found = []
    for apart, least in ((1, 0), (40_000, 0), (1, 10**9)):
        monkeypatch.setattr(projections, "PACKED", least)
        b, rng = build(), np.random.default_rng(2)
        trains: list[list[float]] = [[] for _ in range(3 * apart + 1)]
        for i in range(4):
            trains[i * apart] = sorted(rng.uniform(0, 50, 30))
        pre, post = np.nonzero(rng.random((4, 70)) < 0.6)
        cells = b.cells(70, v_thresh=1.5)
        made = b.connect(b.times(*trains), cells, (pre * apart, post), w_max=9.0, **b.stdp)
        engine = Engine(b.network)
        engine.run(500)
        found.append((made.columns["weight"].copy(), engine._projections[0].record.entry_bytes))
    (narrow, two), (wide, four), (kept, none) = found
    assert (two, four, none) == (2, 4, 0) and len(np.unique(narrow.round(6))) > 5
    np.testing.assert_array_equal(narrow, wide)
    np.testing.assert_array_equal(narrow, kept)
