"""Words, overflow and roundings of fixed-point arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.chip import fixed
from pynn_ext.chip.fixed import ROUNDINGS, Format, saturate, stochastic, wrap
from pynn_ext.errors import NetworkError

KERNELS = {name: getattr(fixed, name.replace(" ", "_")) for name in ROUNDINGS if name != "floor"}
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


@given(words, st.integers(0, 40), st.sampled_from(sorted(KERNELS)))
def test_a_shift_is_rounded_as_defined(x: int, bits: int, rounding: str) -> None:
    kernel = KERNELS[rounding]
    assert kernel(x, bits) == exact(x, bits, rounding)
    assert kernel(np.array([x, 0]), bits).tolist() == [exact(x, bits, rounding), 0]


@given(st.integers(-(2**40), 2**40), st.integers(0, 12), st.sampled_from(sorted(ROUNDINGS)))
def test_real_numbers_are_rounded_in_the_same_way(x: int, bits: int, rounding: str) -> None:
    assert ROUNDINGS[rounding](np.array([x / 2**bits])) == exact(x, bits, rounding)


@given(words, st.integers(1, 55))
def test_words_wrap_and_saturate(x: int, bits: int) -> None:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    assert low <= wrap(x, bits) <= high and (wrap(x, bits) - x) % 2**bits == 0
    assert saturate(x, bits) == min(max(x, low), high)


@given(st.floats(-1e6, 1e6), st.integers(0, 999))
def test_stochastic_rounding_is_right_on_average(value: float, offset: int) -> None:
    draws = (np.arange(1000) + offset / 1000) / 1000
    found = stochastic(value, draws)
    assert set(found.tolist()) <= {int(np.floor(value)), int(np.floor(value)) + 1}
    assert abs(found.mean() - value) <= 1.001e-3


@pytest.mark.parametrize(
    ("form", "values", "expected"),
    [
        (Format(8), [127.9, 128.0, -129.0], [127, -128, 127]),
        (Format(8, overflow="saturate", rounding="half away"), [-0.5, 300, -300], [-1, 127, -128]),
        (Format(4, signed=False), [15.0, 16.0, -1.0], [15, 0, 15]),
        (Format(18, fraction=10, rounding="toward zero"), [-0.0015, 0.25], [-1, 256]),
        (Format(8, fraction=-6, rounding="half up"), [96.0, -96.0, 64 * 200.0], [2, -1, -56]),
    ],
)
def test_real_numbers_become_words(form: Format, values: list[float], expected: list[int]) -> None:
    found = form.of(values)
    assert found.tolist() == expected
    assert form.real(found) == pytest.approx(np.array(expected) / 2.0**form.fraction)
    assert form.low <= found.min() and found.max() <= form.high


@pytest.mark.parametrize("wrong", [{"bits": 0}, {"bits": 63}, {"rounding": "up"}, {"overflow": "trap"}])
def test_a_format_that_does_not_exist(wrong: dict[str, Any]) -> None:
    with pytest.raises(NetworkError):
        Format(**{"bits": 8, **wrong})
