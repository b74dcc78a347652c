"""Injected currents: what flows when, changes between runs, and what is read back."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _current(source: object, duration: float = 20.0) -> np.ndarray:
    """What a source injects, recovered from the potential of a cell that only integrates."""
    p = sim.Population(1, sim.IF_curr_exp(tau_m=1e12, cm=1.0, v_thresh=1e9))
    source.inject_into(p)
    p.record("v")
    sim.run(duration)
    v = p.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    return np.diff(v) / 0.1


def test_dc_changes_v_one_step_after_it_is_switched_on() -> None:
    current = _current(sim.DCSource(amplitude=0.5, start=5.0, stop=10.0))
    np.testing.assert_allclose(current[50:100], 0.5, atol=1e-9)
    assert abs(current[49]) < 1e-9 and abs(current[100]) < 1e-9


def test_ac() -> None:
    source = sim.ACSource(amplitude=0.2, offset=0.1, frequency=100.0, phase=90.0, start=5.0, stop=15.0)
    t = np.arange(50, 150) * 0.1
    expected = 0.1 + 0.2 * np.sin(2 * np.pi * 0.1 * (t - 5.0) + np.pi / 2)
    np.testing.assert_allclose(_current(source)[50:150], expected, atol=1e-9)


def test_steps_are_rounded_and_the_last_in_a_step_counts() -> None:
    source = sim.StepCurrentSource(times=[2.0, 2.01, 4.0], amplitudes=[0.1, 0.3, 0.0])
    np.testing.assert_allclose(source.times, [2.0, 4.0])
    np.testing.assert_allclose(source.amplitudes, [0.3, 0.0])
    current = _current(source)
    np.testing.assert_allclose(current[20:40], 0.3, atol=1e-9)


@pytest.mark.parametrize("times", [[-1.0, 2.0], [3.0, 2.0]])
def test_wrong_times(times: list[float]) -> None:
    with pytest.raises(ValueError, match="StepCurrentSource"):
        sim.StepCurrentSource(times=times, amplitudes=[0.0, 0.0])


def test_noise_has_its_mean_and_standard_deviation_and_holds_its_values() -> None:
    current = _current(sim.NoisyCurrentSource(mean=0.5, stdev=0.2, start=0.0, stop=1e9, dt=0.4), 2000.0)
    assert current.mean() == pytest.approx(0.5, abs=0.02)
    assert current.std() == pytest.approx(0.2, rel=0.05)
    np.testing.assert_allclose(current[0::4], current[3::4], atol=1e-6)


def test_sources_add_up_and_change_between_runs() -> None:
    p = sim.Population(3, sim.IF_curr_exp(tau_m=1e12, cm=1.0, v_thresh=1e9))
    dc = sim.DCSource(amplitude=0.5)
    dc.inject_into(p)
    dc.record()
    sim.DCSource(amplitude=0.25).inject_into(p[1:2])
    p.record("v")
    sim.run(1.0)
    dc.amplitude = 1.0
    sim.run(1.0)
    v = p.get_data().segments[0].analogsignals[0].magnitude
    np.testing.assert_allclose(v[10] - v[0], [0.5, 0.75, 0.5], atol=1e-9)
    np.testing.assert_allclose(v[20] - v[10], [1.0, 1.25, 1.0], atol=1e-9)
    signal = dc.get_data()
    np.testing.assert_allclose(signal.magnitude.ravel()[[0, 9, 10, 20]], [0.5, 0.5, 1.0, 1.0])


def test_spike_sources_cannot_be_injected() -> None:
    with pytest.raises(TypeError):
        sim.DCSource().inject_into(sim.Population(1, sim.SpikeSourcePoisson()))


def test_what_is_read_back_begins_anew_after_a_reset() -> None:
    p = sim.Population(1, sim.IF_curr_exp())
    dc = sim.DCSource(amplitude=0.5)
    p[0].inject(dc)
    sim.run(5.0)
    dc.amplitude = 1.0
    sim.run(5.0)
    sim.reset()
    sim.run(5.0)
    np.testing.assert_array_equal(dc.get_data().magnitude.ravel(), np.full(51, 1.0))
