"""The order of synapses in the layout, and blocks of sources that come one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from pynn_ext.models.registry import all_models
from pynn_ext.network import CellGroup, Connections, SynapseModel
from pynn_ext.network.rows import RowBuilder, counted_order, layout_order

STATIC = SynapseModel("static")


@pytest.mark.parametrize("largest", [5, 70_000, 2**40])
def test_the_order_is_that_of_a_stable_sort(largest: int) -> None:
    rng = np.random.default_rng(largest)
    row, post = rng.integers(0, largest, 5000), rng.integers(0, 300, 5000)
    np.testing.assert_array_equal(layout_order(row, post), np.lexsort((post, row)))
    np.testing.assert_array_equal(layout_order(row, np.sort(post)), np.lexsort((np.sort(post), row)))
    np.testing.assert_array_equal(counted_order(row), np.argsort(row, kind="stable"))
    assert not len(layout_order(row[:0], post[:0]))


@pytest.mark.parametrize("several_delays", [False, True])
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("n_post", [50, 70_000])
def test_blocks_give_what_all_at_once_gives(several_delays: bool, exact: bool, n_post: int) -> None:
    rng = np.random.default_rng(4)
    n_pre = 40
    counts = rng.integers(0, 60, n_pre)
    n = counts.sum()
    pre, post = np.repeat(np.arange(n_pre), counts), rng.integers(0, n_post, n)
    steps = rng.integers(3, 60, n) if several_delays else np.full(n, 4)
    weight = rng.random(n)
    weight = weight.astype(np.float32).astype(float) if exact else weight
    cell = all_models()["IF_curr_exp"].cell_model
    source, cells = CellGroup(n_pre, cell), CellGroup(n_post, cell)
    at_once = Connections.build(source, cells, "excitatory", STATIC, pre, post, steps, {"weight": weight})
    rows = RowBuilder(n_pre, n_post, int(n) // 2)  # too few: it grows
    ends = np.concatenate([[0], np.cumsum(counts)])
    for first, stop in ((0, 11), (11, 12), (12, 40)):
        part = slice(ends[first], ends[stop])
        one = steps[part] if several_delays else 4
        rows.add(first, counts[first:stop], post[part], one, weight[part])
    made = Connections.from_rows(source, cells, "excitatory", STATIC, rows)
    assert len(made) == n
    for name in ("delay_steps", "offsets", "post_index"):
        np.testing.assert_array_equal(getattr(made, name), getattr(at_once, name))
        assert getattr(made, name).dtype == getattr(at_once, name).dtype
    np.testing.assert_array_equal(made.get("weight"), at_once.get("weight"))
    assert made.columns["weight"].dtype == np.float64  # few, so that nothing is gained


def test_many_weights_that_are_short_are_stored_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynn_ext.network.connections.LONG", 10)
    cell = all_models()["IF_curr_exp"].cell_model
    group = CellGroup(20, cell)
    index = np.arange(20)
    made = Connections.build(group, group, "excitatory", STATIC, index, index, 1, {"weight": index / 4})
    assert made.columns["weight"].dtype == np.float32 and made.get("weight").dtype == np.float64
    made.set("weight", index / 3)
    assert made.columns["weight"].dtype == np.float64
    np.testing.assert_array_equal(made.get("weight"), index / 3)


def test_one_weight_is_stored_once() -> None:
    rows = RowBuilder(3, 4, 3)
    rows.add(0, np.array([1, 0, 2]), np.array([3, 1, 0]), 2, 0.5)
    delays, offsets, post, weight = rows.finish()
    assert delays.tolist() == [2] and offsets.tolist() == [0, 1, 1, 3]
    assert post.tolist() == [3, 0, 1] and weight.shape == () and float(weight) == 0.5
