"""Spike sources, seeds and the moment at which spikes act: right where PyNN's backend for Brian2 is silently wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .response import Input, Response, respond

Measure = Callable[..., None]


@pytest.mark.model("SpikeSourceArray")
@pytest.mark.parametrize("timestep, times", [(0.25, [1.25, 3.75]), (1.0, [2.0, 3.0]), (0.01, [1.23, 3.04])])
@pytest.mark.silent_error(8)
def test_spike_times_of_a_source_are_on_the_grid_of_the_simulation(
    measure: Measure, timestep: float, times: list[float]
) -> None:
    """The grid was 0.1 ms, whatever the time step."""
    sim.setup(timestep=timestep)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    source.record("spikes")
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=2.0, tau_m=10.0, cm=1.0))
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=timestep))
    cell.record("v")
    sim.run(10.0)
    measure("recorded times", Response(source).spikes[0], times, 0.0, "ms")
    answer = Response(cell)
    expected = -65.0 + sum(
        closed_forms.exponential_psp(answer.times - (t + timestep), 0.5, 1.0, 10.0, 2.0) for t in times
    )
    measure("v of the target", answer["v"], expected, 1e-11, "mV")


@pytest.mark.model("SpikeSourcePoisson")
@pytest.mark.silent_error(9)
def test_poisson_sources_start_each_at_its_own_time() -> None:
    """All sources started with the first."""
    starts, durations = np.array([0.0, 100.0, 150.0]), np.array([1e3, 50.0, 20.0])
    sources = sim.Population(3, sim.SpikeSourcePoisson(rate=2000.0, start=starts, duration=durations))
    sources.record("spikes")
    sim.run(200.0)
    for train, start, duration in zip(Response(sources).spikes, starts, durations, strict=True):
        stop = min(start + duration, 200.0)
        assert train.min() > start and train.max() <= stop
        # 2 spikes per ms: the first and the last lie within 5 ms of the ends (e^-10)
        assert train.min() < start + 5.0 and train.max() > stop - 5.0


@pytest.mark.model("SpikeSourcePoisson")
@pytest.mark.silent_error(10)
def test_poisson_start_and_duration_may_be_set_after_creation() -> None:
    """``set(start=..., duration=...)`` had no effect."""
    sources = sim.Population(50, sim.SpikeSourcePoisson(rate=500.0))
    sources.set(start=101.0, duration=50.0)
    sources.record("spikes")
    sim.run(200.0)
    spikes = np.concatenate(Response(sources).spikes)
    assert spikes.min() > 101.0 and spikes.max() <= 151.0
    assert len(spikes) == pytest.approx(50 * 500.0 * 0.05, abs=4 * np.sqrt(50 * 500.0 * 0.05))


@pytest.mark.model("SpikeSourcePoisson")
@pytest.mark.silent_error(11)
def test_poisson_rate_may_change_between_runs() -> None:
    """A rate set between two runs had no effect (9.6 instead of 202 spikes/s)."""
    sources = sim.Population(100, sim.SpikeSourcePoisson(rate=10.0))
    sources.record("spikes")
    sim.run(1000.0)
    sources.set(rate=200.0)
    sim.run(1000.0)
    spikes = np.concatenate(Response(sources).spikes)
    for rate, first in ((10.0, 0.0), (200.0, 1000.0)):
        count = np.sum((spikes > first) & (spikes <= first + 1000.0))
        assert count == pytest.approx(100 * rate, abs=4 * np.sqrt(100 * rate))


@pytest.mark.model("SpikeSourceArray")
@pytest.mark.parametrize("delay", [0.1, 1.0, 2.5])
@pytest.mark.silent_error(26)
def test_source_spikes_act_after_their_delay_and_cells_fire_at_the_end_of_the_step(
    measure: Measure, delay: float
) -> None:
    """Source spikes acted one step late, and cells reported theirs one step early."""
    answer = respond(
        sim.IF_curr_delta(tau_m=10.0, v_thresh=-50.0, tau_refrac=1.0), 20.0, Input([5.0], 20.0, delay=delay)
    )
    (spike,) = answer.spikes[0]
    measure("spike after input", spike, 5.0 + delay + 0.1, 1e-9, "ms")


def _poisson(**setup: int) -> list[float]:
    sim.setup(timestep=0.1, **setup)
    sources = sim.Population(3, sim.SpikeSourcePoisson(rate=100.0))
    cell = sim.Population(1, sim.IF_curr_exp())
    noise = sim.NoisyCurrentSource(mean=0.1, stdev=1.0, start=0.0, stop=100.0)
    noise.inject_into(cell)
    for cells, what in ((sources, "spikes"), (cell, "v")):
        cells.record(what)
    sim.run(100.0)
    return [*np.concatenate(Response(sources).spikes), *Response(cell)["v"]]


@pytest.mark.model("SpikeSourcePoisson", "NoisyCurrentSource")
@pytest.mark.silent_error(27)
def test_noise_belongs_to_the_seed_of_the_simulation() -> None:
    """Poisson spikes and noise came from NumPy's global generator, which nothing seeded."""
    np.random.seed(1)
    first = _poisson()
    np.random.seed(2)
    assert _poisson() == first
    assert _poisson(rng_seed=7) == _poisson(rng_seed=7)
    assert _poisson(rng_seed=7) != first
