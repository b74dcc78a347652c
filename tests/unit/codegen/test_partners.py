"""Partners drawn for many cells at once are those of NumPy's own calls, and leave its generator in the same state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.codegen import cache, draw_partners


def one_by_one(
    state: Any, counts: Any, size: int, first: int | None, with_replacement: bool
) -> list[np.ndarray[Any, Any]]:
    found = []
    for cell, n in enumerate(counts, first or 0):
        cells = np.arange(size)
        if with_replacement:
            drawn = state.randint(0, size, n)
            while first is not None and np.any(drawn == cell):
                drawn[drawn == cell] = state.randint(0, size, int(np.sum(drawn == cell)))
            found.append(drawn)
            continue
        if first is not None:
            cells = cells[cells != cell]
        whole, rest = divmod(n, cells.size)
        found.append(np.concatenate([*[cells] * whole, state.permutation(cells)[:rest] if rest else []]))
    return found


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    before=st.integers(0, 700),
    size=st.one_of(st.integers(1, 9), st.sampled_from([63, 64, 65, 1000, 4097])),
    counts=st.lists(st.integers(0, 30), max_size=12),
    excludes=st.booleans(),
    with_replacement=st.booleans(),
)
def test_draws_are_those_of_numpy(
    seed: int, before: int, size: int, counts: list[int], excludes: bool, with_replacement: bool
) -> None:
    first = 2 if excludes and size > 1 else None
    ours, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
    for state in (ours, theirs):
        state.random_sample(before // 2)
        state.bytes(before)
    found = draw_partners(ours, np.array(counts, dtype=np.int64), size, first, with_replacement)
    expected = one_by_one(theirs, counts, size, first, with_replacement)
    assert found is not None
    np.testing.assert_array_equal(found, np.concatenate([np.empty(0), *expected]))
    assert ours.randint(0, 2**31) == theirs.randint(0, 2**31)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 70),
    limits=st.tuples(st.integers(0, 20), st.integers(1, 40)),
    cells=st.integers(0, 9),
    with_replacement=st.booleans(),
)
def test_numbers_of_partners_are_drawn_before_them(
    seed: int, size: int, limits: tuple[int, int], cells: int, with_replacement: bool
) -> None:
    low, high = limits[0], sum(limits)
    ours, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
    counts, expected = np.zeros(cells, dtype=np.int64), [np.empty(0)]
    found = draw_partners(ours, counts, size, None, with_replacement, drawn=(low, high))
    for cell in range(cells):
        n = int(theirs.randint(low, high, size=1)[0])
        assert counts[cell] == n
        expected += one_by_one(theirs, [n], size, None, with_replacement)
    assert found is not None
    np.testing.assert_array_equal(found, np.concatenate(expected))
    assert ours.randint(0, 2**31) == theirs.randint(0, 2**31)


def test_nothing_is_compiled_for_a_few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYNN_EXT_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    state, before = np.random.RandomState(1), np.random.RandomState(1)
    assert draw_partners(state, np.array([2]), 5, None, True, worth_compiling=False) is None
    assert not list(tmp_path.glob("*.so"))
    assert state.randint(0, 2**31) == before.randint(0, 2**31)


def test_without_a_compiler_the_caller_has_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "compiler", lambda: None)
    assert draw_partners(np.random.RandomState(1), np.array([2]), 5, None, True) is None
