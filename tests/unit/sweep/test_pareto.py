"""The front: nothing on it is beaten, everything else is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.sweep import front
from pynn_ext.sweep.pareto import objective


def test_a_plain_case() -> None:
    values = [[1, 5], [2, 2], [3, 3], [5, 1], [2, 2], [np.nan, 0]]
    assert front(values).tolist() == [True, True, False, True, True, False]


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=25))
def test_the_definition(rows: list[tuple[int, ...]]) -> None:
    chosen = front(rows)
    for i, row in enumerate(rows):
        beaten = any(other != row and all(o <= r for o, r in zip(other, row, strict=True)) for other in rows)
        assert chosen[i] == (not beaten)


def test_objectives_that_are_to_be_large() -> None:
    assert objective("max:accuracy") == ("accuracy", -1.0) and objective("lost") == ("lost", 1.0)
