"""Real numbers as words of a chip, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.chip.formats import Format, stochastic
from pynn_ext.errors import NetworkError


# libraries that other tests load may have switched off numbers below 2e-308
@settings(deadline=None)
@given(st.floats(-1e6, 1e6, allow_subnormal=False), st.integers(0, 999))
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
        (Format(8, rounding="stochastic"), [1.49, 1.51, -0.4], [1, 2, 0]),
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
