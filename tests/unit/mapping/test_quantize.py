"""Integers of a chip against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.errors import NetworkError
from pynn_ext.mapping import quantize


def test_decays_of_the_literature() -> None:
    # Loihi's registers for the default time constants at 1 ms
    assert quantize.decay([5.0, 20.0], 1.0, 12).tolist() == [742, 200]


@given(st.floats(0.2, 2000.0))
def test_a_decay_is_within_half_a_unit(tau: float) -> None:
    factor = quantize.decay(tau, 1.0, 12)
    assert abs(factor / 4096 - (1 - np.exp(-1.0 / tau))) <= 0.5 / 4096 + 1e-12
    got = float(quantize.time_constant(factor, 1.0, 12))
    assert got == pytest.approx(tau, rel=0.02) or tau > 60 or tau < 1


def test_time_constants_at_the_ends() -> None:
    assert quantize.time_constant([0, 4096], 1.0, 12).tolist() == [np.inf, 0.0]


@pytest.mark.parametrize("timestep", [0.1, 1.0])
def test_the_area_under_a_potential_is_kept(timestep: float) -> None:
    tau_syn, tau_m, cm = 5.0, 20.0, 1.0
    kept = [1 - quantize.decay(tau, timestep, 12) / 4096 for tau in (tau_syn, tau_m)]
    u = float(quantize.area_preserving_gain(tau_syn, tau_m, cm, *kept, timestep))
    v, area = 0.0, 0.0
    for _ in range(9000):
        v = kept[1] * v + u
        u *= kept[0]
        area += v * timestep
    # the integral of v for a current exp(-t / tau_syn) into the membrane
    assert area == pytest.approx(tau_syn * tau_m / cm, rel=1e-9)


@given(st.lists(st.floats(-524000, 524000), min_size=1, max_size=20))
def test_mantissa_and_exponent(values: list[float]) -> None:
    mantissa, exponent = quantize.mantissa_and_exponent(values, 4095, 7)
    assert np.all(np.abs(mantissa) <= 4095) and np.all((exponent >= 0) & (exponent <= 7))
    assert np.all(np.abs(mantissa * 2.0**exponent - values) <= 2.0**exponent / 2)
    smaller = exponent > 0
    assert np.all(np.abs(np.array(values)[smaller]) / 2.0 ** (exponent[smaller] - 1) >= 4095.5 - 1e-9)


def test_too_large() -> None:
    with pytest.raises(NetworkError, match="the largest is 524160"):
        quantize.mantissa_and_exponent([6e5], 4095, 7)
