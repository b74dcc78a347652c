"""Spike sources and injected currents: their statistics and their effect on a membrane that is integrated exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy import stats

from .response import Input, Response, respond

Measure = Callable[..., None]


def _membrane(currents: np.ndarray, dt: float, tau: float = 20.0) -> np.ndarray:
    """Return v - v_rest for the current of each step (nA) into cm = 1 nF."""
    decay, v = np.exp(-dt / tau), [0.0]
    for current in currents:
        v.append(v[-1] * decay + tau * current * (1.0 - decay))
    return np.array(v)


def _window(t: np.ndarray, start: float, stop: float) -> np.ndarray:
    return (t > start - 1e-9) & (t < stop - 1e-9)


CURRENTS: dict[str, tuple[dict[str, Any], Callable[[np.ndarray], np.ndarray]]] = {
    "DCSource": (
        {"amplitude": 0.4, "start": 5.0, "stop": 30.0},
        lambda t: 0.4 * _window(t, 5.0, 30.0),
    ),
    "ACSource": (
        {"amplitude": 0.5, "offset": 0.1, "frequency": 40.0, "phase": 30.0, "start": 5.0, "stop": 40.0},
        lambda t: (
            _window(t, 5.0, 40.0) * (0.1 + 0.5 * np.sin(2e-3 * np.pi * 40.0 * (t - 5.0) + np.deg2rad(30.0)))
        ),
    ),
    "StepCurrentSource": (
        {"times": [3.0, 10.0, 25.0], "amplitudes": [0.2, -0.3, 0.5]},
        lambda t: 0.2 * _window(t, 3.0, 10.0) - 0.3 * _window(t, 10.0, 25.0) + 0.5 * _window(t, 25.0, 1e9),
    ),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.model(n)) for n in CURRENTS])
@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_currents_drive_the_membrane(measure: Measure, name: str, dt: float) -> None:
    """The amplitude at t_k acts from t_k to t_k + dt."""
    sim.setup(timestep=dt)
    values, amplitude = CURRENTS[name]
    source = getattr(sim, name)(**values)
    answer = respond(sim.IF_curr_exp(tau_m=20.0, cm=1.0), 50.0, current=source)
    expected = -65.0 + _membrane(amplitude(dt * np.arange(len(answer.times) - 1)), dt)
    measure("v under the current", answer["v"], expected, 1e-11, "mV")


@pytest.mark.model("NoisyCurrentSource")
@pytest.mark.parametrize("hold", [0.1, 2.0])
def test_noise_makes_the_variance_it_should(measure: Measure, hold: float) -> None:
    """v is an autoregressive process: mean R m, variance R^2 s^2 (1 - a) / (1 + a) with a = exp(-hold / tau)."""
    cells = sim.Population(100, sim.IF_curr_exp(tau_m=20.0, cm=1.0, v_thresh=1e3))
    for cell in cells:
        noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.5, start=0.0, stop=1e4, dt=hold)
        noise.inject_into([cell])
    cells.record("v", sampling_interval=2.0)
    sim.run(1000.0)
    v = Response(cells).signals["v"][100:] + 65.0
    decay = np.exp(-hold / 20.0)
    deviation = 20.0 * 0.5 * np.sqrt((1.0 - decay) / (1.0 + decay))
    # 100 cells x 800 ms make about 2000 independent values: 2 % of the deviation, 5 standard errors
    measure("mean of v over its deviation", v.mean() / deviation, 4.0 / deviation, 0.12)
    measure("deviation of v, relative", v.std() / deviation, 1.0, 0.08)


@pytest.mark.model("SpikeSourcePoisson")
@pytest.mark.parametrize("rate, dt", [(20.0, 0.1), (500.0, 0.1), (2000.0, 1.0)])
def test_poisson_counts(measure: Measure, rate: float, dt: float) -> None:
    """Mean and variance of the counts are the same, also with several spikes in a step."""
    sim.setup(timestep=dt)
    sources = sim.Population(1000, sim.SpikeSourcePoisson(rate=rate))
    sources.record("spikes")
    sim.run(500.0)
    counts = np.array([len(train) for train in Response(sources).spikes])
    mean = rate * 0.5
    # standard errors: sqrt(mean / 1000) of the mean, sqrt(2 / 999) of variance over mean
    measure("mean count, standard errors", (counts.mean() - mean) / np.sqrt(mean / 1000), 0.0, 3.5)
    measure(
        "variance over mean", counts.var(ddof=1) / mean, 1.0, 3.5 * np.sqrt(2.0 / 999 + 1.0 / mean / 1000)
    )


@pytest.mark.model("SpikeSourcePoisson")
def test_poisson_intervals_are_exponential(measure: Measure) -> None:
    """Kolmogorov-Smirnov distance to the exponential distribution; successive intervals are independent."""
    sim.setup(timestep=0.01)
    sources = sim.Population(200, sim.SpikeSourcePoisson(rate=100.0))
    sources.record("spikes")
    sim.run(1000.0)
    trains = Response(sources).spikes
    intervals = np.concatenate([np.diff(train) for train in trains])
    # intervals are on a grid of 0.01 ms and cut off at 1 s
    distance = stats.kstest(intervals[intervals < 100.0], stats.expon(scale=10.0).cdf).statistic
    measure("distance from the exponential law", distance, 0.0, 1.63 / np.sqrt(len(intervals)) + 0.005)
    pairs = np.concatenate([np.column_stack([np.diff(t)[:-1], np.diff(t)[1:]]) for t in trains])
    correlation = np.corrcoef(pairs.T)[0, 1]
    measure("correlation of intervals", correlation, 0.0, 3.5 / np.sqrt(len(pairs)))


@pytest.mark.model("SpikeSourcePoisson")
def test_poisson_sources_are_independent(measure: Measure) -> None:
    sim.setup(timestep=1.0)
    sources = sim.Population(60, sim.SpikeSourcePoisson(rate=200.0))
    sources.record("spikes")
    sim.run(2000.0)
    bins = np.array([np.histogram(train, 2000, (0.5, 2000.5))[0] for train in Response(sources).spikes])
    off_diagonal = np.corrcoef(bins)[np.triu_indices(60, 1)]
    # 1770 pairs: the largest of as many normal deviates is below 4.5
    measure("correlation of two sources", off_diagonal, np.zeros(1770), 4.5 / np.sqrt(2000))
    measure("mean correlation", off_diagonal.mean(), 0.0, 3.5 / np.sqrt(2000 * 1770))


@pytest.mark.model("SpikeSourceArray", "StaticSynapse")
@pytest.mark.parametrize("dt", [0.1, 0.25])
def test_spikes_add_up_linearly(measure: Measure, dt: float) -> None:
    """Any number of spikes and synapses, several in one step."""
    sim.setup(timestep=dt)
    times = [2.0, 2.0, 2.5, 7.0, 7.0, 7.0]
    answer = respond(
        sim.IF_cond_exp(tau_syn_E=4.0),
        20.0,
        Input(times, 0.001, delay=0.5),
        Input(times, 0.002, delay=3.0),
        record=("gsyn_exc",),
    )
    expected = np.zeros(len(answer.times))
    for weight, delay in ((0.001, 0.5), (0.002, 3.0)):
        for t in times:
            since = answer.times - t - delay
            expected += np.where(since > 1e-9, weight * np.exp(-since / 4.0), 0.0)
    measure("g of many spikes", answer["gsyn_exc"], expected, 1e-14, "uS")
