"""Weights of a NativeRNG have 16 bits, and are otherwise what was drawn."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution
from scipy import stats

from pynn_ext.codegen.multiples import common_unit
from pynn_ext.frontend.resolution import LEAST_MULTIPLES, extent, rounded, unit
from pynn_ext.frontend.synapse_values import SynapseValues

N = 20_000


@given(st.floats(1e-6, 1e6), st.floats(0.0, 1.0), st.sampled_from([-1.0, 1.0]))
def test_units_are_as_said(largest: float, part: float, sign: float) -> None:
    low, high = sorted((sign * largest, sign * largest * part))
    step = unit(low, high)
    if step is None:
        assert high - low < LEAST_MULTIPLES * largest / 2**14
        return
    assert np.frexp(step)[0] == 0.5
    assert largest / 2**15 <= step < largest / 2**14
    values = np.random.default_rng(1).uniform(low, high, 100)
    found = rounded(values, low, high)
    np.testing.assert_allclose(found, values, rtol=0, atol=step / 2)
    assert common_unit([found]) is not None
    assert (
        common_unit([np.append(found, 1.9 * sign * step * 2**15 // step * step)]) is not None or part == 1.0
    )


@pytest.mark.parametrize("low, high", [(-1.0, 1.0), (0.0, np.inf), (0.0, 0.0), (1.0, 1.01), (np.nan, 1.0)])
def test_what_is_not_rounded(low: float, high: float) -> None:
    values = np.array([0.1, 0.7])
    assert unit(low, high) is None
    np.testing.assert_array_equal(rounded(values, low, high), values)


@pytest.mark.parametrize(
    "name, parameters, expected",
    [
        ("uniform", {"low": 0.1, "high": 0.3}, (0.1, 0.3)),
        ("normal", {"mu": 1.0, "sigma": 0.1}, (0.4, 1.6)),
        ("normal_clipped", {"mu": 1.0, "sigma": 0.5, "low": 0.0, "high": np.inf}, (0.0, 4.0)),
        ("normal_clipped_to_boundary", {"mu": -1.0, "sigma": 0.5, "low": -2.0, "high": 0.0}, (-2.0, 0.0)),
        ("lognormal", {"mu": 1.0, "sigma": 0.1}, None),
        ("normal", {"mu": np.ones(3), "sigma": 0.1}, None),
    ],
)
def test_extent(name: str, parameters: dict[str, float], expected: tuple[float, float] | None) -> None:
    found = extent(RandomDistribution(name, **parameters))
    assert found == (expected if expected is None else pytest.approx(expected))


def sample(value: object, name: str = "weight") -> np.ndarray:
    index = np.arange(N)
    value = value if isinstance(value, LazyArray) else LazyArray(value, shape=(N, N))
    found = SynapseValues({name: value}).sample(index, index)[name]
    assert found.dtype == float
    return found


@pytest.mark.parametrize("mu, sigma", [(0.0878, 0.00878), (-0.35, 0.035), (2e4, 1e4)])
def test_draws_follow_the_distribution(mu: float, sigma: float) -> None:
    bounds = {"low": 0.0, "high": np.inf} if mu > 0 else {"low": -np.inf, "high": 0.0}
    drawn = sample(
        RandomDistribution("normal_clipped", mu=mu, sigma=sigma, **bounds, rng=sim.NativeRNG(seed=3))
    )
    assert common_unit([drawn]) is not None
    ends = (np.array(list(bounds.values())) - mu) / sigma
    assert stats.kstest(drawn, stats.truncnorm(*ends, mu, sigma).cdf).pvalue > 0.001
    plain = sim.NativeRNG(seed=3).next(len(drawn), "normal_clipped", {"mu": mu, "sigma": sigma, **bounds})
    np.testing.assert_allclose(drawn, plain, rtol=0, atol=sigma / 250)


def test_arithmetic_with_a_distribution_is_followed() -> None:
    value = LazyArray(
        RandomDistribution("uniform", low=1.0, high=2.0, rng=sim.NativeRNG(seed=3)), shape=(9, 9)
    )
    drawn = sample(-1e-3 * value)
    assert common_unit([drawn]) is not None
    assert -0.002 <= drawn.min() < drawn.max() <= -0.001


def test_only_weights_of_a_native_generator_are_rounded() -> None:
    uniform = {"low": 1.0, "high": 2.0}
    delays = sample(RandomDistribution("uniform", **uniform, rng=sim.NativeRNG(seed=3)), "delay")
    assert common_unit([delays]) is None
    numpy_weights = sample(RandomDistribution("uniform", **uniform, rng=sim.NumpyRNG(seed=3)))
    np.testing.assert_array_equal(numpy_weights, sim.NumpyRNG(seed=3).next(N, "uniform", uniform))
