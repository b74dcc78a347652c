"""Thresholds that grow with every spike, and thresholds that are not sharp."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy import stats

from .response import respond

Measure = Callable[..., None]


@pytest.mark.model("LIF_adaptive_threshold")
def test_threshold_after_n_spikes(measure: Measure) -> None:
    """tau_theta without end, 30 mV of drive for 20 s: theta is 20 mV and 0.05 per spike, and intervals grow."""
    cell = sim.LIF_adaptive_threshold(tau_theta=1e15, tau_refrac=0.0, i_offset=0.3)
    answer = respond(cell, 20000.0, record=("theta",))
    spikes = answer.spikes[0]
    assert len(spikes) == 207
    counted = np.searchsorted(spikes, answer.times, side="right")
    measure("theta", answer["theta"], 20.0 + 0.05 * counted, 1e-9, "mV")
    intervals = np.diff(spikes)
    thresholds = 13.0 + 0.05 * np.arange(1, 207)
    measure("intervals", intervals, 100.0 * np.log(30.0 / (30.0 - thresholds)), 0.1, "ms")
    assert np.all(np.diff(intervals) >= -1e-9)
    assert (intervals[0], intervals[-1]) == (pytest.approx(57.1, abs=0.1), pytest.approx(149.9, abs=0.1))


@pytest.mark.model("LIF_adaptive_threshold")
def test_threshold_decays_unless_it_stands_still(measure: Measure) -> None:
    sim.setup(timestep=1.0)
    cells = sim.Population(2, sim.LIF_adaptive_threshold(v_thresh=0.0, tau_theta=500.0, adapt=[1.0, 0.0]))
    cells.initialize(theta=22.0)
    cells.record("theta")
    sim.run(1000.0)
    signal = cells.get_data().segments[0].analogsignals[0].magnitude
    measure("theta", signal[:, 0], 22.0 * np.exp(-np.arange(1001) / 500.0), 1e-9, "mV")
    measure("theta that stands still", signal[:, 1], np.full(1001, 22.0), 0.0, "mV")


@pytest.mark.model("LIF_adaptive_threshold")
def test_growth_that_slows_down(measure: Measure) -> None:
    """Hao et al.: ``theta += theta_plus 10 / |theta - 10|``."""
    cell = sim.LIF_adaptive_threshold(tau_theta=1e15, theta_plus=0.5, slowing=1.0, i_offset=0.4)
    answer = respond(cell, 4000.0, record=("theta",))
    theta, expected = 20.0, []
    for _ in answer.spikes[0]:
        theta += 0.5 * 10.0 / abs(theta - 10.0)
        expected.append(theta)
    at = np.rint(answer.spikes[0] / 0.1).astype(int)
    assert len(at) > 20
    measure("theta", answer["theta"][at], expected, 1e-8, "mV")


@pytest.mark.model("LIF_stochastic_threshold")
@pytest.mark.parametrize("above", [-1.0, 0.0, 2.0])
def test_at_a_fixed_potential_intervals_are_geometric(above: float) -> None:
    """The chance of a spike in a step is ``1 - exp(-dt lambda0 exp((v - v_thresh) / delta_v))``."""
    sim.setup(timestep=0.1)
    cells = sim.Population(
        300,
        sim.LIF_stochastic_threshold(
            v_rest=-50.0 + above, v_reset=-50.0 + above, delta_v=2.0, lambda0=40.0, tau_refrac=2.0
        ),
        initial_values={"v": -50.0 + above},
    )
    cells.record("spikes")
    sim.run(2000.0)
    trains = [t.magnitude for t in cells.get_data().segments[0].spiketrains]
    assert min(map(len, trains)) > 20
    # a fixed number of intervals of each cell, so that the end of the run does not prefer short ones
    steps = np.rint(np.concatenate([np.diff(t[:21]) for t in trains]) / 0.1).astype(int) - 20
    assert steps.min() >= 1
    law = stats.geom(1.0 - np.exp(-0.1e-3 * 40.0 * np.exp(above / 2.0)))
    edges = np.unique(law.ppf(np.linspace(0.0, 1.0, 11)[1:-1]))
    seen = np.bincount(np.searchsorted(edges, steps), minlength=len(edges) + 1)
    due = len(steps) * np.diff([0.0, *law.cdf(edges), 1.0])
    assert stats.chisquare(seen, due).pvalue > 0.001


@pytest.mark.model("LIF_stochastic_threshold")
def test_a_narrow_threshold_is_a_sharp_one() -> None:
    sim.setup(timestep=0.1)
    parameters = {"i_offset": 0.9, "tau_refrac": 2.0}
    sharp = respond(sim.IF_curr_exp(**parameters), 300.0).spikes[0]
    sim.setup(timestep=0.1)
    noisy = respond(sim.LIF_stochastic_threshold(**parameters, delta_v=1e-6, lambda0=1e9), 300.0).spikes[0]
    np.testing.assert_allclose(noisy, sharp, atol=1e-9)
    assert len(sharp) > 5
