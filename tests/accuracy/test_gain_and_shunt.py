"""Input that a gain multiplies, a trace of the cell's own spikes amplifies, or a shunt divides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from .response import Input, respond

Measure = Callable[..., None]


@pytest.mark.model("IF_curr_exp_gain")
@pytest.mark.parametrize("gain", [0.5, 1.0, 3.0])
def test_a_gain_is_worth_larger_weights_and_currents(measure: Measure, gain: float) -> None:
    times = [3.0, 9.0, 9.5, 40.0, 41.0]
    electrode = sim.DCSource(amplitude=0.2, start=20.0, stop=60.0)
    cell = sim.IF_curr_exp_gain(gain=gain, i_offset=0.3, tau_refrac=2.0)
    answer = respond(cell, 100.0, Input(times, 1.5), Input([30.0], -0.5, "inhibitory"), current=electrode)
    sim.setup(timestep=0.1)
    electrode = sim.DCSource(amplitude=0.2, start=20.0, stop=60.0)
    plain = sim.IF_curr_exp(i_offset=0.3 * gain, tau_refrac=2.0)
    inputs = Input(times, 1.5 * gain), Input([30.0], -0.5 * gain, "inhibitory")
    expected = respond(plain, 100.0, *inputs, current=electrode)
    measure("spikes", answer.spikes[0], expected.spikes[0], 0.0, "ms") if len(expected.spikes[0]) else None
    measure("v", answer["v"], expected["v"], 1e-11, "mV")


@pytest.mark.model("IF_curr_exp_gain")
def test_gains_change_while_it_runs() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp_gain(i_offset=0.5))
    cells.record("v")
    sim.run(200.0)
    cells.set(gain=[1.0, 0.5])
    sim.run(400.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude[-1]
    np.testing.assert_allclose(v, [-65.0 + 0.5 * 20.0, -65.0 + 0.25 * 20.0], atol=1e-6)


@pytest.mark.model("LIF_glial_gain")
@pytest.mark.parametrize("trace", [0.0, 0.05])
def test_a_glial_trace_that_stands_still_is_a_gain(measure: Measure, trace: float) -> None:
    inputs = Input([3.0, 9.0, 40.0], 1.5), Input([30.0], -0.5, "inhibitory")
    drive = {"i_offset": 0.6, "tau_refrac": 2.0}
    glial = sim.LIF_glial_gain(glia_gain=8.0, tau_glia=1e15, **drive)
    answer = respond(glial, 150.0, *inputs, initial={"glia": trace})
    sim.setup(timestep=0.1)
    expected = respond(sim.IF_curr_exp_gain(gain=1.0 + 8.0 * trace, **drive), 150.0, *inputs)
    assert len(expected.spikes[0]) >= (3 if trace else 0)
    measure("v", answer["v"], expected["v"], 2e-3, "mV", "IF_curr_exp_gain")


@pytest.mark.model("LIF_glial_gain")
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_a_glial_trace_of_spikes_shortens_intervals(measure: Measure, dt: float) -> None:
    """The trace is the sum of ``(1 - a) a^(t - t_spike)`` with a = 0.99 per ms; in steps of 1 ms v is that of
    ``v <- b v + (1 - b) (1 + k A) I tau_m / cm`` with A of the middle of the step."""
    sim.setup(timestep=dt)
    tau = -1.0 / np.log(0.99)
    cell = sim.LIF_glial_gain(i_offset=0.9, tau_glia=tau, glia_gain=10.0, tau_refrac=2.0)
    answer = respond(cell, 400.0, record=("v", "glia"))
    spikes = answer.spikes[0]
    since = answer.times[:, None] - spikes
    traces = np.where(since > -1e-9, 0.01 * 0.99 ** np.maximum(since, 0.0), 0.0).sum(axis=1)
    measure("trace", answer["glia"], traces, 1e-12, "kHz")
    keep = np.exp(-dt / 20.0)
    middle = answer["glia"][:-1] * np.exp(-dt / 2 / tau)
    step = keep * (answer["v"][:-1] + 65.0) + (1.0 - keep) * (1.0 + 10.0 * middle) * 0.9 * 20.0
    free = np.all((since[1:] < -1e-9) | (since[1:] > 2.0 + 1e-9), axis=1)
    measure("v", answer["v"][1:][free] + 65.0, step[free], 1e-9, "mV")
    intervals = np.diff(spikes)
    assert (
        len(intervals) > 8 and intervals[0] > 1.15 * intervals[-1] and np.all(np.diff(intervals) < dt + 1e-9)
    )


@pytest.mark.model("IF_curr_exp_shunt")
def test_a_constant_shunt_divides(measure: Measure) -> None:
    """Synaptic currents that practically do not decay: v approaches ``gain (i_exc + i_inh) / i_shunt tau_m / cm``."""
    slow = dict.fromkeys(("tau_syn_E", "tau_syn_I", "tau_syn_shunt"), 1e12)
    cell = sim.IF_curr_exp_shunt(gain=2.0, v_thresh=1e3, tau_m=10.0, cm=0.5, **slow)
    inputs = Input([1.0], 0.9), Input([1.0], -0.3, "inhibitory"), Input([1.0], 4.0, "shunting")
    answer = respond(cell, 50.0, *inputs)
    rise = -np.expm1(-np.maximum(answer.times - 2.0, 0.0) / 10.0)
    measure("v", answer["v"], -65.0 + 2.0 * 0.6 / 4.0 * 10.0 / 0.5 * rise, 1e-9, "mV")


@pytest.mark.model("IF_curr_exp_shunt")
def test_a_decaying_shunt_against_fine_steps(measure: Measure) -> None:
    """``v' = -(v - v_rest)/tau_m + i(t)/(max(s(t), least) cm)``, integrated at 1 us."""
    cell = sim.IF_curr_exp_shunt(v_thresh=1e3, shunt_min=0.8, tau_syn_shunt=8.0)
    answer = respond(cell, 40.0, Input([1.0], 2.0), Input([1.0], 2.0, "shunting"))
    t = np.arange(0.0005, 38.0, 0.001)
    drive = 2.0 * np.exp(-t / 5.0) / np.maximum(2.0 * np.exp(-t / 8.0), 0.8)
    course = np.concatenate([[0.0], np.cumsum(drive * np.exp(t / 20.0)) * 0.001])
    fine = np.exp(-np.arange(len(course)) * 0.001 / 20.0) * course
    measure("v", answer["v"][20:401], -65.0 + fine[:38001:100], 2e-3, "mV")


@pytest.mark.model("IF_curr_exp_shunt")
def test_without_inhibition_the_least_shunt_divides() -> None:
    answer = respond(sim.IF_curr_exp_shunt(v_thresh=1e3), 30.0, Input([1.0], 1.0))
    sim.setup(timestep=0.1)
    plain = respond(sim.IF_curr_exp(v_thresh=1e3), 30.0, Input([1.0], 1.0))
    np.testing.assert_allclose(answer["v"], plain["v"], atol=2e-4)
