"""Words, overflow and roundings of fixed-point arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.chip.fixed import saturate, toward_zero, wrap
from pynn_ext.chip.formats import ROUNDINGS

words = st.integers(-(2**55), 2**55)


def exact(x: int, bits: int, rounding: str) -> int:
    """The definition in rational numbers."""
    value = Fraction(x, 2**bits)
    down, sign = x >> bits, 1 if x >= 0 else -1
    size, fraction = abs(value) // 1, abs(value) % 1
    return {
        "floor": down,
        "toward zero": sign * size,
        "away from zero": sign * (size + (fraction > 0)),
        "half up": (value + Fraction(1, 2)) // 1,
        "half away": sign * ((abs(value) + Fraction(1, 2)) // 1),
    }[rounding]


@settings(deadline=None)  # the first call compiles
@given(words, st.integers(0, 40))
def test_a_shift_is_rounded_as_defined(x: int, bits: int) -> None:
    expected = exact(x, bits, "toward zero")
    assert toward_zero(x, bits) == expected
    assert toward_zero(np.array([x, 0]), bits).tolist() == [expected, 0]


@given(st.integers(-(2**40), 2**40), st.integers(0, 12), st.sampled_from(sorted(ROUNDINGS)))
def test_real_numbers_are_rounded_in_the_same_way(x: int, bits: int, rounding: str) -> None:
    assert ROUNDINGS[rounding](np.array([x / 2**bits])) == exact(x, bits, rounding)


@settings(deadline=None)
@given(words, st.integers(1, 55))
def test_words_wrap_and_saturate(x: int, bits: int) -> None:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    assert low <= wrap(x, bits) <= high and (wrap(x, bits) - x) % 2**bits == 0
    assert saturate(x, bits) == min(max(x, low), high)
