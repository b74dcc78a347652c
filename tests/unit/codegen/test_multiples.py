"""Weights in 16 bits come back as they were, or are not put there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.codegen.multiples import are_multiples, common_unit, from_multiples, multiples

NUMBERS = st.lists(st.integers(0, (1 << 16) - 1), min_size=1, max_size=50)


@given(NUMBERS, st.integers(-80, 80), st.sampled_from([-1.0, 1.0]), st.sampled_from([np.float32, np.float64]))
def test_all_multiples_of_16_bits_come_back(
    numbers: list[int], exponent: int, sign: float, dtype: type
) -> None:
    weights = (sign * np.ldexp(np.array(numbers, float), exponent)).astype(dtype)
    unit = common_unit([weights])
    assert unit is not None
    found = from_multiples(multiples(weights, unit), unit, dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, weights)
    assert not np.signbit(found[found == 0]).any()


@given(NUMBERS, NUMBERS, st.integers(-8, 8))
def test_columns_share_a_unit(a: list[int], b: list[int], shift: int) -> None:
    columns = [np.array(a, float), np.ldexp(np.array(b, float), shift)]
    unit = common_unit(columns)
    if (
        unit is None
    ):  # then no power of two will do: the least number does not divide, or the largest is too large
        smallest = min(1.0, 2.0**shift)
        assert max(map(np.max, columns)) >= smallest * (1 << 16) or not all(
            are_multiples(c, smallest) for c in columns
        )
        return
    for column in columns:
        np.testing.assert_array_equal(from_multiples(multiples(column, unit), unit, float), column)


@pytest.mark.parametrize(
    "weights",
    [
        [0.1, 0.2],
        [1.0, -1.0],
        [1.0, 1.0 + 2.0**-16],
        [65535.0, 65536.0, 1.0],
        [np.inf, 1.0],
        [np.nan, 1.0],
        [1e-40, 0.0],
    ],
)
def test_others_have_no_unit(weights: list[float]) -> None:
    assert common_unit([np.array(weights)]) is None


def test_no_weights_and_zeros_fit() -> None:
    for column in (np.zeros(0), np.zeros(3), -np.zeros(3)):
        unit = common_unit([column])
        assert unit is not None
        found = from_multiples(multiples(column, unit), unit, float)
        np.testing.assert_array_equal(found, np.zeros(len(column)))


def test_more_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pynn_ext.codegen.multiples.BLOCK", 7)
    weights = np.arange(100.0) / 8
    unit = common_unit([weights])
    assert unit == 2.0**-12
    np.testing.assert_array_equal(from_multiples(multiples(weights, unit), unit, float), weights)
    weights[50] += 2.0**-13
    assert common_unit([weights]) is None
