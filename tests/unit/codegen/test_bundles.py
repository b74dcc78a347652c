"""Projections that are merged for delivery: nothing changes but the time it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine, bundles
from pynn_ext.network import Connections

ROUNDED = {  # weights that are kept in 8, 4 and 2 bytes
    "double": lambda weight: weight,
    "single": lambda weight: weight.astype(np.float32).astype(float),
    "multiples": lambda weight: np.ldexp(np.rint(np.ldexp(weight, 22)), -22),
}


@pytest.fixture
def layered(build: Any) -> Any:
    """Three populations with all projections between them, each with its own delays and weights."""

    def make(
        sizes: tuple[int, ...] = (70, 130, 200),
        kept: str = "double",
        many: int = 1,
        spread: int = 1,
        uneven: float = 0.0,
    ) -> Any:
        b, rng = build(), np.random.default_rng(3)
        source = b.poisson(40, 500.0)
        cells = [b.standard("IF_cond_exp", n) for n in sizes]
        for pre in (source, *cells):
            for post in cells:
                for receptor in ("excitatory", "inhibitory") if pre is cells[0] else ("excitatory",):
                    pairs = np.array(np.nonzero(rng.random((pre.size, post.size)) < 0.2))
                    pairs = np.tile(pairs, many)
                    weight = ROUNDED[kept](rng.uniform(0, 0.01, pairs.shape[1]))
                    delays = spread * rng.integers(1, 30, pairs.shape[1])
                    if uneven:
                        delays = np.rint(rng.normal(3 * uneven, uneven, pairs.shape[1])).clip(1).astype(int)
                    b.connect(pre, post, pairs, receptor=receptor, delays=delays, weight=weight)
        for group in cells:
            b.probe(group)
        return b

    return make


@pytest.fixture
def merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "LEAST_SYNAPSES", 0)


def lent(c: Connections) -> bool:
    return "post_index" not in c.__dict__


@pytest.mark.parametrize("kept", ROUNDED)
def test_the_same_spikes_as_one_by_one(
    kept: str, layered: Any, monkeypatch: pytest.MonkeyPatch, results: Any, assert_same: Any
) -> None:
    monkeypatch.setattr("pynn_ext.network.connections.LONG", 1)
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(bundles, "LEAST_SYNAPSES", least)
        b = layered(kept=kept)
        Engine(b.network).run(800)
        assert any(map(lent, b.network.connections)) == (least == 0)
        found.append(results(b))
        assert all(
            c.columns["weight"].dtype == (float if kept == "double" else np.float32)
            for c in b.network.connections
        )
    assert len(found[0]["times 2"]) > 50
    assert_same(*found, tolerance=1e-9)


def test_threads_and_divided_runs_change_no_byte(
    merged: None, layered: Any, results: Any, assert_same: Any
) -> None:
    found = []
    for threads, parts in ((1, 1), (3, 2), (64, 4)):
        b = layered()
        engine = Engine(b.network, threads)
        for _ in range(parts):
            engine.run(400 // parts)
        found.append(results(b))
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


@pytest.mark.parametrize("threads, parts", [(1, 1), (1, 4), (3, 2)])
@pytest.mark.parametrize("spread, kept", [(1, "single"), (7, "single"), (1, "multiples")])
def test_copies_of_short_segments_change_no_byte(
    threads: int, parts: int, spread: int, kept: str, merged: None, layered: Any, monkeypatch: Any, results: Any,
    assert_same: Any
) -> None:  # fmt: skip
    found = []
    for short, n, k in ((0, 1, 1), (np.inf, threads, parts)):
        monkeypatch.setattr(bundles, "SHORT_SEGMENT", short)
        b = layered(kept=kept, many=3, spread=spread)
        wide = np.array([np.zeros(1500, int), np.arange(1500) % 70])  # longer than a chunk
        weights = ROUNDED[kept](np.linspace(0.0, 1e-5, 1500))
        b.connect(b.times([1.0, 2.0, 2.1]), b.network.groups[1], wide, delays=spread, weight=weights)
        engine = Engine(b.network, n)
        for _ in range(k):
            engine.run(400 // k)
        b.network.connections[2].set("weight", 0.5 * b.network.connections[2].get("weight"))
        for _ in range(k):  # spikes are under way: they come with the new weights
            engine.run(100 // k)
        found.append(results(b))
        b.network.reset()
        engine.run(300)
        found.append(results(b))
    assert len(found[0]["times 2"]) > 50
    assert_same(found[0], found[2])
    assert_same(found[1], found[3])


@pytest.mark.parametrize("uneven", [3.0, 16.0])  # steps: fewer classes of delays than 64, and more
def test_sources_without_synapses_of_a_delay(
    uneven: float, layered: Any, monkeypatch: pytest.MonkeyPatch, results: Any, assert_same: Any
) -> None:
    monkeypatch.setattr("pynn_ext.network.connections.LONG", 1)
    monkeypatch.setattr(bundles, "SHORT_SEGMENT", 0)
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(bundles, "LEAST_SYNAPSES", least)
        b = layered(uneven=uneven)
        classes = max(len(c.delay_steps) for c in b.network.connections)
        assert (classes > 64) == (uneven > 10)
        Engine(b.network).run(800)
        assert any(map(lent, b.network.connections)) == (least == 0)
        found.append(results(b))
    assert len(found[0]["times 2"]) > 50
    assert_same(*found, tolerance=1e-9)


@pytest.mark.parametrize("kept", ROUNDED)
@pytest.mark.parametrize("narrow", [1 << 16, 10])
def test_what_was_lent_comes_back_as_it_was(
    narrow: int, kept: str, merged: None, layered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "NARROW", narrow)
    b = layered(kept=kept, many=2)  # several synapses of one pair keep their order
    before = [(c.offsets.copy(), c.post_index.copy(), c.get("weight").copy()) for c in b.network.connections]
    Engine(b.network, 3).run(1)
    assert all(map(lent, b.network.connections))
    for c, (offsets, post, weight) in zip(b.network.connections, before, strict=True):
        assert len(c) == len(post) and lent(c)
        np.testing.assert_array_equal(c.post_index, post)
        np.testing.assert_array_equal(c.offsets, offsets)
        np.testing.assert_array_equal(c.get("weight"), weight)


def test_reading_between_runs_changes_nothing_and_setting_does(
    merged: None, layered: Any, results: Any, assert_same: Any
) -> None:
    found = []
    for read in (False, True):
        b = layered()
        engine = Engine(b.network, 2)
        engine.run(200)
        first = b.network.connections[0]
        if read:
            assert len(first.get("weight")) == len(first) and not lent(first)
        engine.run(100)
        assert lent(first)
        first.set("weight", 0.0)
        engine.run(100)
        assert not lent(first) and lent(b.network.connections[1])  # what is changed stays out
        first.set_delays(5)
        engine.run(100)
        found.append(results(b))
    assert_same(*found)
    assert not found[0]["weight 0"].any()


@pytest.mark.parametrize("threads", [1, 3])
def test_new_weights_go_where_the_old_ones_were(
    threads: int, layered: Any, monkeypatch: pytest.MonkeyPatch, results: Any, assert_same: Any
) -> None:
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(bundles, "LEAST_SYNAPSES", least)
        b, rng = layered(many=2), np.random.default_rng(5)
        engine = Engine(b.network, threads)
        changed = b.network.connections[2]
        for _ in range(3):
            engine.run(200)
            changed.set("weight", rng.uniform(0.0, 0.02, len(changed)))
            kept = changed.get("weight").copy()
        engine.run(200)
        if not least:
            assert all(map(lent, b.network.connections))
        np.testing.assert_array_equal(changed.get("weight"), kept)
        found.append(results(b))
    assert len(found[0]["times 2"]) > 20
    assert_same(*found, tolerance=1e-9)


def test_weights_that_need_more_memory_leave_the_bundle(
    merged: None, layered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynn_ext.network.connections.LONG", 1)
    b = layered(kept="single")
    engine = Engine(b.network)
    engine.run(10)
    first = b.network.connections[0]
    first.set("weight", np.full(len(first), 0.1))
    engine.run(10)
    assert not lent(first) and lent(b.network.connections[1])
    assert set(first.get("weight")) == {0.1}


@pytest.mark.parametrize("threads", [1, 3])
def test_in_how_many_bytes_weights_are_kept_changes_no_byte(
    threads: int, merged: None, layered: Any, monkeypatch: pytest.MonkeyPatch, results: Any, assert_same: Any
) -> None:
    found = []
    for unit in (bundles.common_unit, lambda _: None):
        monkeypatch.setattr(bundles, "common_unit", unit)
        b = layered(kept="multiples")
        engine = Engine(b.network, threads)
        engine.run(300)
        changed = b.network.connections[2]
        changed.set("weight", changed.get("weight")[::-1].copy())
        engine.run(300)
        assert {bundle.unit is not None for bundle in engine._bundles._bundles} == {not found}
        assert lent(changed)
        found.append(results(b))
    assert len(found[0]["times 2"]) > 20
    assert_same(*found)


def test_weights_that_are_no_multiples_are_merged_again(
    layered: Any, monkeypatch: pytest.MonkeyPatch, results: Any, assert_same: Any
) -> None:
    monkeypatch.setattr("pynn_ext.network.connections.LONG", 1)
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(bundles, "LEAST_SYNAPSES", least)
        b = layered(kept="multiples")
        engine = Engine(b.network, 2)
        engine.run(300)
        first = b.network.connections[0]
        first.set("weight", np.full(len(first), np.float32(0.01)))
        engine.run(300)
        assert lent(first) == lent(b.network.connections[1]) == (least == 0)
        np.testing.assert_array_equal(first.get("weight"), np.float32(0.01))
        found.append(results(b))
    assert_same(*found, tolerance=1e-9)


def test_another_engine_takes_over(merged: None, layered: Any, results: Any, assert_same: Any) -> None:
    b = layered()
    engine = Engine(b.network)
    engine.run(300)
    first = results(b)
    engine.close()
    b.network.reset()
    again = Engine(b.network, 2)
    again.run(300)
    assert_same(first, results(b))
    b.network.reset()
    again.run(300)
    assert_same(first, results(b))


def test_long_rows_and_few_synapses_stay_as_they_are(layered: Any, build: Any) -> None:
    b = layered()
    Engine(b.network).run(1)
    assert not any(map(lent, b.network.connections))
