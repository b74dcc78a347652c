"""A layer of excitation and inhibition: its initial statistics, and the cells' currents against its formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import EILayer, EIWeights
from pynn_ext.errors import NetworkError


@pytest.mark.parametrize(("p", "n_in"), [(0.1, 512), (0.3, 512), (0.1, 2304), (0.5, 128)])
def test_initial_currents_have_mean_zero_and_the_variance_of_the_theory(p: float, n_in: int) -> None:
    """At p = 0.1 and 2304 inputs: shunt 0.302 for 0.300, variance 0.533 for 0.526."""
    draws = np.random.default_rng(0)
    x = draws.random((256, n_in)) < p
    weights = EIWeights.initial(n_in, 400, p, p * (1 - p), rng=draws)
    current, excited, inhibited, shunt = weights.currents(x)
    assert abs(current.mean()) < 0.07
    assert shunt.mean() == pytest.approx(np.sqrt(p * (1 - p)), rel=0.06)
    assert shunt.std() / shunt.mean() < 0.15
    assert current.var() == pytest.approx(p / (p + p * (1 - p)), rel=0.12)
    np.testing.assert_allclose(current, (excited - inhibited) / shunt)


def test_without_a_shunt_the_smallest_other_one_divides() -> None:
    weights = EIWeights(
        np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0]]), np.array([[0.0], [1.0]]), np.array([0.5]),
        np.array([1.0, 2.0]), np.array([0.0, 0.1]),
    )  # fmt: skip
    current, *_, shunt = weights.currents([[1.0, 1.0]])
    np.testing.assert_allclose(shunt, [[0.0, 0.5]])
    np.testing.assert_allclose(current, [[1.0 / 0.5, 2.0 * (1.0 - 1.0) / 0.5 + 0.1]])


def test_cells_receive_the_currents_of_the_formula() -> None:
    """A volley of 120 of 400 inputs: the three synaptic currents at its arrival, and v one step later."""
    sim.setup(timestep=1.0)
    draws = np.random.default_rng(3)
    x = draws.random(400) < 0.3
    weights = EIWeights.initial(400, 60, 0.3, 0.21, rng=1)
    weights.g_e[:], weights.bias[:] = draws.uniform(0.5, 2.0, 60), draws.normal(0.0, 0.1, 60)
    source = sim.Population(400, sim.SpikeSourceArray(spike_times=[[5.0] if on else [] for on in x]))
    slow = dict.fromkeys(("tau_syn_E", "tau_syn_I", "tau_syn_shunt"), 1e12)
    cell = {**slow, "shunt_min": 1e-6, "tau_m": 10.0, "cm": 1.0, "v_thresh": 1e6}
    layer = EILayer(sim, source, weights, cell, delay=1.0, label="layer")
    layer.cells.record(["isyn_exc", "isyn_inh", "isyn_shunt", "v"])
    sim.run(60.0)
    found = {s.name: s.magnitude[-1] for s in layer.cells.get_data().segments[0].analogsignals}
    current, excited, inhibited, shunt = weights.currents(x)
    np.testing.assert_allclose(found["isyn_exc"], excited[0], rtol=1e-9)
    np.testing.assert_allclose(found["isyn_inh"], -inhibited[0], rtol=1e-9)
    np.testing.assert_allclose(found["isyn_shunt"], shunt[0], rtol=1e-9)
    decay = np.exp(-60.0 / 10.0), np.exp(-54.0 / 10.0)
    v = 10.0 * (weights.bias * (1 - decay[0]) + (current[0] - weights.bias) * (1 - decay[1]))
    np.testing.assert_allclose(found["v"] + 65.0, v, atol=1e-9)
    assert {p.receptor_type for p in layer.projections.values()} == set(layer.projections)


def _small(**changes: Any) -> EIWeights:
    parts = {"w_ee": np.ones((4, 3)), "w_ie": np.ones((1, 3)), "w_ei": np.ones((4, 1)), "g_i": np.ones(1)}
    parts |= {"g_e": np.ones(4), "bias": np.zeros(4)}
    return EIWeights(**{**parts, **changes})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _small(w_ie=np.ones((2, 3))), "w_ie has the shape"),
        (lambda: _small(w_ei=-np.ones((4, 1))), "w_ei has negative values"),
        (lambda: EIWeights.initial(10, 8, 0.0, 0.1), "mean 0"),
        (lambda: EIWeights.initial(10, 2, 0.1, 0.1), "2 cells"),
        (lambda: EILayer(sim, sim.Population(5, sim.SpikeSourceArray()), _small()), "5 sources"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    sim.setup()
    with pytest.raises(NetworkError, match=message):
        make()
