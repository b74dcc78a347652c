"""Gap junctions against closed forms of coupled passive cells, and against NEURON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms, gap_junctions

Measure = Callable[..., None]
TAU_M, CM, CURRENT, G = 20.0, 1.0, 0.4, 0.03
PASSIVE = {"tau_m": TAU_M, "cm": CM, "v_rest": -65.0, "v_thresh": 1e9}


def pair(timestep: float, duration: float = 60.0, conductance: float = G, later: float | None = None) -> Any:
    """Return times and v - v_rest of two coupled passive cells, of which the first is driven from 0 on."""
    sim.setup(timestep=timestep, min_delay=timestep)
    a = sim.Population(1, sim.IF_curr_exp(i_offset=CURRENT, **PASSIVE), initial_values={"v": -65.0})
    b = sim.Population(1, sim.IF_curr_exp(**PASSIVE), initial_values={"v": -65.0})
    junction = sim.Projection(a, b, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=conductance))
    for cells in (a, b):
        cells.record("v")
    sim.run(duration)
    if later is not None:
        junction.set(weight=later)
        sim.run(20 * TAU_M)
    v = [cells.get_data().segments[0].analogsignals[0].magnitude[:, 0] + 65.0 for cells in (a, b)]
    return np.arange(len(v[0])) * timestep, *v


def modes(t: Any, conductance: float = G) -> tuple[Any, Any]:
    """Sum and difference of the two potentials: each relaxes on its own."""
    leak = CM / TAU_M
    total = closed_forms.relaxation(t, 0.0, CURRENT / leak, TAU_M)
    tau = CM / (leak + 2 * conductance)
    return total, closed_forms.relaxation(t, 0.0, CURRENT / (leak + 2 * conductance), tau)


@pytest.mark.model("ElectricalSynapse")
def test_two_passive_cells(measure: Measure) -> None:
    t, first, second = pair(0.1)
    total, difference = modes(t)
    measure("sum of v", first + second, total, 1e-11, "mV")
    measure("difference of v", first - second, difference, 0.01, "mV")


@pytest.mark.model("ElectricalSynapse")
def test_first_order_in_the_time_step(measure: Measure) -> None:
    errors = []
    for timestep in (0.2, 0.1, 0.05):
        t, first, second = pair(timestep)
        errors.append(np.abs(first - second - modes(t)[1]).max())
    measure("order", np.log2(np.divide(errors[:-1], errors[1:])), [1.0, 1.0], 0.05)


@pytest.mark.model("ElectricalSynapse")
def test_the_coupling_is_that_of_the_step_before(measure: Measure) -> None:
    """The current of a step comes from both potentials at its beginning: the recursion to the last digits."""
    _, first, second = pair(0.1)
    decay = np.exp(-0.1 / TAU_M)
    expected = [0.0]
    for _ in range(len(first) - 1):
        current = CURRENT - 2 * G * expected[-1]
        expected.append(expected[-1] * decay + current * TAU_M / CM * (1 - decay))
    measure("difference of v, step by step", first - second, expected, 1e-11, "mV")


@pytest.mark.model("ElectricalSynapse")
@pytest.mark.parametrize("conductance", [0.0, 0.01, 0.2])
def test_steady_state_and_a_conductance_that_is_changed(measure: Measure, conductance: float) -> None:
    """dV2/dV1 = g/(g_L + g), in both directions of a connection that is set between runs."""
    _, first, second = pair(0.1, later=conductance)
    leak = CM / TAU_M
    expected = conductance / (leak + conductance)
    measure("ratio of v", second[-1] / first[-1], expected, 1e-8)
    measure("sum of v", first[-1] + second[-1], CURRENT / leak, 1e-6, "mV")


@pytest.mark.model("ElectricalSynapse")
def test_a_chain_of_spiking_cells_equals_neuron(measure: Measure) -> None:
    ours, neuron = gap_junctions.run(sim), json.loads(gap_junctions.REFERENCE.read_text())
    v, reference = np.array(ours["v"]), np.array(neuron["v"])
    measure("spike times of the driven cell", ours["spikes"], neuron["spikes"], 0.04, "ms", "NEURON")
    measure("v of its neighbour", v[:, 1], reference[:, 1], 0.015, "mV", "NEURON")
    measure("v of the last cell", v[:, 2], reference[:, 2], 0.002, "mV", "NEURON")


@pytest.mark.model("ElectricalSynapse")
def test_diffusion_in_a_ring(measure: Measure) -> None:
    """Each Fourier mode k of n coupled cells decays with g_L + 2 g (1 - cos(2 pi k/n))."""
    n, g = 12, 0.05
    start = np.random.default_rng(1).normal(size=n)
    sim.setup(timestep=0.01, min_delay=0.01)
    ring = sim.Population(n, sim.IF_curr_exp(**PASSIVE), initial_values={"v": start - 65.0})
    pairs = [(i, (i + 1) % n) for i in range(n)]
    sim.Projection(ring, ring, sim.FromListConnector(pairs), sim.ElectricalSynapse(weight=g))
    ring.record("v")
    sim.run(8.0)
    v = ring.get_data().segments[0].analogsignals[0].magnitude[-1] + 65.0
    rates = (CM / TAU_M + 2 * g * (1 - np.cos(2 * np.pi * np.arange(n) / n))) / CM
    expected = np.fft.ifft(np.fft.fft(start) * np.exp(-8.0 * rates)).real
    measure("v of a ring", v, expected, 1e-3, "mV")
