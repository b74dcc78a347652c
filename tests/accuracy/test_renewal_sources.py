"""Spike sources that remember their last spike, against the laws of their intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.parameters import Sequence
from scipy import stats

from .response import Response

Measure = Callable[..., None]


def _trains(celltype: Any, size: int, duration: float, dt: float = 0.01) -> list[np.ndarray]:
    sim.setup(timestep=dt)
    sources = sim.Population(size, celltype)
    sources.record("spikes")
    sim.run(duration)
    return Response(sources).spikes


def _check_intervals(measure: Measure, trains: list[np.ndarray], law: Any) -> None:
    intervals = np.concatenate([np.diff(train) for train in trains])
    n = len(intervals)
    # those that the end cuts off are the long ones: a share of the order of an interval in a train
    cut = 2.0 / np.mean([len(train) for train in trains])
    measure("mean interval, relative", intervals.mean() / law.mean(), 1.0, cut + 4.0 / np.sqrt(n))
    grid = law.cdf(law.ppf(0.0) + 0.01)  # intervals are on a grid of 0.01 ms
    variation = law.std() / law.mean()
    measure("variation of intervals", intervals.std() / intervals.mean(), variation, cut + 4.0 / np.sqrt(n))
    measure(
        "distance from the law of intervals",
        stats.kstest(intervals, law.cdf).statistic,
        0.0,
        cut + 1.63 / np.sqrt(n) + grid,
    )
    pairs = np.concatenate([np.column_stack([np.diff(t)[:-1], np.diff(t)[1:]]) for t in trains])
    measure("correlation of intervals", np.corrcoef(pairs.T)[0, 1], 0.0, cut + 4.0 / np.sqrt(n))


@pytest.mark.model("SpikeSourcePoissonRefractory")
@pytest.mark.parametrize("rate, dead", [(100.0, 5.0), (400.0, 2.0), (50.0, 0.0)])
def test_dead_time(measure: Measure, rate: float, dead: float) -> None:
    """Intervals are the dead time and an exponential variable; the mean rate includes the dead time."""
    trains = _trains(sim.SpikeSourcePoissonRefractory(rate=rate, tau_refrac=dead), 20, 4000.0)
    assert min(np.diff(train).min() for train in trains) > dead - 1e-6
    _check_intervals(measure, trains, stats.expon(loc=dead, scale=1e3 / rate - dead))


@pytest.mark.model("SpikeSourceGamma")
@pytest.mark.parametrize("alpha, beta", [(6.0, 300.0), (1.0, 100.0), (0.5, 50.0)])
def test_gamma_intervals(measure: Measure, alpha: float, beta: float) -> None:
    trains = _trains(sim.SpikeSourceGamma(alpha=alpha, beta=beta), 20, 4000.0)
    _check_intervals(measure, trains, stats.gamma(alpha, scale=1e3 / beta))


@pytest.mark.model("SpikeSourceInhGamma")
def test_first_spikes_under_a_changing_hazard(measure: Measure) -> None:
    """The survival function of the first spike is the product of those of the bins, each given the last."""
    shapes, scales, bins = (3.0, 0.7, 5.0), (0.02, 0.05, 0.004), (10.0, 40.0, 60.0)
    source = sim.SpikeSourceInhGamma(a=Sequence(shapes), b=Sequence(scales), tbins=Sequence(bins))
    first = np.array([train[0] for train in _trains(source, 3000, 200.0)])

    def survival(times: np.ndarray) -> np.ndarray:
        result = np.ones_like(times)
        for shape, scale, begin, end in zip(shapes, scales, bins, (*bins[1:], np.inf), strict=True):
            law = stats.gamma(shape, scale=1e3 * scale)
            result *= law.sf(np.clip(times, begin, end) - bins[0]) / law.sf(begin - bins[0])
        return result

    assert first.min() > 10.0
    distance = stats.kstest(first, lambda t: 1.0 - survival(np.asarray(t))).statistic
    measure("distance from the law of first spikes", distance, 0.0, 1.63 / np.sqrt(3000))


@pytest.mark.model("SpikeSourceInhGamma")
def test_shape_one_is_a_poisson_process(measure: Measure) -> None:
    """Counts in each bin have the mean and variance of the rate 1/b."""
    source = sim.SpikeSourceInhGamma(
        a=Sequence([1.0, 1.0]),
        b=Sequence([0.01, 0.0025]),
        tbins=Sequence([0.0, 300.0]),
        start=100.0,
        duration=400.0,
    )
    trains = _trains(source, 1000, 600.0, dt=0.1)
    for begin, end, mean in (
        (0.0, 100.0, 0.0),
        (100.0, 300.0, 20.0),
        (300.0, 500.0, 80.0),
        (500.1, 600.0, 0.0),
    ):
        counts = np.array([np.sum((train > begin) & (train <= end)) for train in trains])
        measure("mean count in a bin", counts.mean(), mean, 4.0 * np.sqrt(mean / 1000))
        measure(
            "variance of counts, relative",
            counts.var() / max(mean, 1.0),
            float(mean > 0),
            4.0 * np.sqrt(2 / 1000),
        )


@pytest.mark.model("SpikeSourceGamma", "SpikeSourcePoissonRefractory")
def test_a_change_of_rate_between_runs(measure: Measure) -> None:
    """The new rate holds from there on, without a gap or an early spike."""
    for celltype in (
        sim.SpikeSourceGamma(alpha=3.0, beta=60.0),
        sim.SpikeSourcePoissonRefractory(rate=20.0, tau_refrac=4.0),
    ):
        sim.setup(timestep=0.1)
        sources = sim.Population(500, celltype)
        sources.record("spikes")
        sim.run(500.0)
        fast = {"beta": 600.0} if "beta" in celltype.default_parameters else {"rate": 200.0}
        sources.set(**fast)
        sim.run(200.0)
        counts = np.array([np.sum(train > 510.0) for train in Response(sources).spikes])
        measure("rate after a change, relative", counts.mean() / 38.0, 1.0, 0.05)
