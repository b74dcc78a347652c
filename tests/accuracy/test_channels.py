"""Receptors beyond PyNN's: the magnesium block, currents of one step, fluctuating background."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy.integrate import solve_ivp

from .response import Input, Response, respond

Measure = Callable[..., None]
POTENTIALS = np.array([-80.0, -65.0, -50.0, -40.0, 0.0, 40.0])


def _clamped(potentials: np.ndarray, **parameters: float) -> Response:
    """Cells whose membranes stay where they are, after one spike."""
    neuron = sim.LIF(v_rest=potentials, tau_m=20.0, cm=1e9, v_thresh=1e6)
    cells = sim.Population(
        len(potentials),
        sim.PointNeuron(neuron, slow=sim.NMDAPSR(**parameters)),
        initial_values={"v": potentials},
    )
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    synapse = sim.StaticSynapse(weight=0.001, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="slow")
    cells.record(["slow.gsyn", "slow.block"])
    sim.run(50.0)
    return Response(cells)


@pytest.mark.model("NMDAPostSynapticResponse")
def test_block_and_ratio_of_currents(measure: Measure) -> None:
    answer = _clamped(POTENTIALS)
    block = answer.signals["slow.block"][-1]
    measure(
        "block",
        block,
        [0.02442, 0.05967, 0.13854, 0.23016, 0.78118, 0.97708],
        5e-6,
        "",
        "Jahr and Stevens 1990",
    )
    g = answer.signals["slow.gsyn"]
    peaks = (g * block * (0.0 - POTENTIALS)).max(axis=0)
    measure("peak current at -40 mV over that at -65 mV", peaks[3] / peaks[1], 2.3737, 5e-5, "")


@pytest.mark.model("NMDAPostSynapticResponse")
def test_half_block() -> None:
    sim.setup(timestep=0.1)
    assert _clamped(np.array([np.log(1.0 / 3.57) / 0.062])).signals["slow.block"][-1, 0] == pytest.approx(
        0.5, abs=1e-9
    )
    assert np.log(1.0 / 3.57) / 0.062 == pytest.approx(-20.53, abs=0.01)
    sim.setup(timestep=0.1)
    assert _clamped(np.array([-65.0]), mg=0.0).signals["slow.block"][-1, 0] == 1.0


@pytest.mark.model("NMDAPostSynapticResponse", "PointNeuron")
@pytest.mark.parametrize("g_max", [np.inf, 0.004])
def test_course_and_potential(measure: Measure, g_max: float) -> None:
    """g, and v of a cell that it depolarizes, integrated by SciPy to 1e-10."""
    receptor = sim.NMDAPSR(g_max=g_max, tau_rise=3.0, tau_decay=60.0)
    cell = sim.PointNeuron(sim.LIF(v_thresh=1e3, cm=0.2, v_rest=-60.0), slow=receptor)
    times, w = (1.0, 11.0, 12.0), 0.005
    answer = respond(cell, 80.0, Input(times, w, "slow"), record=("v", "slow.gsyn"), initial={"v": -60.0})

    def slopes(_: float, y: np.ndarray) -> list[float]:
        v, g, x = y
        block = 1.0 / (1.0 + np.exp(-0.062 * v) / 3.57)
        return [(-60.0 - v) / 20.0 - g * block * v / 0.2, 0.5 * x * (1.0 - g / g_max) - g / 60.0, -x / 3.0]

    state, begin, parts = np.array([-60.0, 0.0, 0.0]), 0.0, []
    for end in (*(t + 1.0 for t in times), 80.0):
        grid = np.arange(round(begin / 0.1), round(end / 0.1) + 1) * 0.1
        course = solve_ivp(
            slopes, (begin, end), state, t_eval=np.clip(grid, begin, end), rtol=1e-10, atol=1e-12
        )
        parts.append(course.y[:, :-1])
        state, begin = course.y[:, -1] + np.array([0.0, 0.0, w]), end
    expected = np.hstack([*parts, course.y[:, -1:]])
    assert expected[0].max() > -59.0
    measure("v", answer["v"], expected[0], 1e-5, "mV", "SciPy")
    measure("g", answer["slow.gsyn"], expected[1], 1e-9, "uS", "SciPy")


@pytest.mark.model("CurrStepPostSynapticResponse", "PointNeuron")
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_current_of_one_step(measure: Measure, dt: float) -> None:
    sim.setup(timestep=dt)
    receptors = {"one": sim.StepPSR(), "two": sim.StepPSR()}
    cell = sim.PointNeuron(sim.LIF(tau_m=10.0, cm=0.5, v_thresh=1e3), **receptors)
    answer = respond(cell, 40.0, Input([3.0, 20.0, 20.0], 0.8, "one"), Input([8.0], -0.4, "two"))
    jump = 0.8 * 10.0 / 0.5 * -np.expm1(-dt / 10.0)
    expected = np.full(len(answer.times), -65.0)
    for t, size in ((4.0, 1.0), (9.0, -0.5), (21.0, 1.0), (21.0, 1.0)):
        late = answer.times > t + dt / 2
        expected[late] += size * jump * np.exp(-(answer.times[late] - t - dt) / 10.0)
    measure("v", answer["v"], expected, 1e-10, "mV")


@pytest.mark.model("FluctuatingConductanceResponse", "PointNeuron")
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_fluctuations(dt: float) -> None:
    """Mean, standard deviation and autocorrelation of an Ornstein-Uhlenbeck process, within 4 standard errors."""
    sim.setup(timestep=dt)
    cells = sim.Population(
        400, sim.PointNeuron(sim.LIF(v_thresh=1e3), background=sim.FluctuatingConductance())
    )
    cells.record("background.gsyn", sampling_interval=1.0)
    sim.run(600.0)
    g = cells.get_data().segments[0].analogsignals[0].magnitude[50:]
    effective = g.size * np.tanh(0.5 / 2.7)  # samples 1 ms apart are correlated
    assert g.mean() == pytest.approx(0.012, abs=4 * 0.003 / np.sqrt(effective))
    assert g.std() == pytest.approx(0.003, rel=4 / np.sqrt(2 * effective))
    away = g - 0.012
    for lag in (1, 2, 5):
        correlation = (away[lag:] * away[:-lag]).mean() / away.var()
        assert correlation == pytest.approx(np.exp(-lag / 2.7), abs=0.02)
    assert abs(np.corrcoef(g[:, 0], g[:, 1])[0, 1]) < 0.2


@pytest.mark.model("FluctuatingConductanceResponse", "PointNeuron")
def test_background_of_cortex() -> None:
    """Destexhe et al. 2001: the two conductances depolarize by the balance of their means and make v fluctuate."""
    sim.setup(timestep=0.1)
    inhibition = sim.FluctuatingConductance(g_0=0.057, sigma=0.0066, tau=10.5, e_syn=-75.0)
    neuron = sim.LIF(cm=0.34636, tau_m=22.1, v_rest=-80.0, v_thresh=1e3)
    cells = sim.Population(
        200,
        sim.PointNeuron(neuron, exc=sim.FluctuatingConductance(), inh=inhibition),
        initial_values={"v": -65.0},
    )
    cells.record("v", sampling_interval=1.0)
    sim.run(1000.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude[100:]
    leak = 0.34636 / 22.1
    balance = (leak * -80.0 + 0.057 * -75.0) / (leak + 0.012 + 0.057)
    assert v.mean() == pytest.approx(balance, abs=0.3)
    total = leak + 0.012 + 0.057
    parts = (
        (0.003, 2.7, 0.0),
        (0.0066, 10.5, -75.0),
    )  # small fluctuations pass the membrane as through a filter
    variance = sum((s * (e - balance) / total) ** 2 * tau / (tau + 0.34636 / total) for s, tau, e in parts)
    assert v.std() == pytest.approx(np.sqrt(variance), rel=0.05)
