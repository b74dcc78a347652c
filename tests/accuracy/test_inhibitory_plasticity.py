"""`Vogels2011Rule` against the sum over all pairs, NEST, and the rate that it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from .pairs import WEIGHT_DEPENDENCES
from .response import Input, Response, connect

Measure = Callable[..., None]
PRE = [10.0, 30.0, 55.0, 60.0, 100.0, 131.0, 200.0]
POST = np.array([15.0, 28.0, 58.0, 90.0, 105.0, 128.0])
TAU, ETA, RHO, DELAY = 20.0, 1e-3, 3.0, 1.0
NEST = (
    0.508473513  # vogels_sprekeler_synapse of NEST 3.10: weight 0.5, tau 20, eta 1e-3, alpha 0.12, delay 1 ms
)


def simulated(
    dependence: str, weight: float = 0.5, w_max: float = 1.0, fraction: float = 1.0, eta: float = ETA
) -> float:
    """Return the weight after the given spikes of both sides."""
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, v_rest=-65.0, tau_refrac=0.0))
    connect(cell, Input(list(POST - 0.2), 1000.0, delay=0.1))
    mechanism = sim.STDPMechanism(
        sim.Vogels2011Rule(tau=TAU, eta=eta, rho=RHO),
        getattr(sim, dependence)(w_min=0.0, w_max=w_max, **WEIGHT_DEPENDENCES[dependence][0]),
        dendritic_delay_fraction=fraction,
        weight=weight,
        delay=DELAY,
    )
    receptor = "inhibitory" if weight < 0 else "excitatory"
    projection = connect(cell, Input(PRE, weight, receptor=receptor), mechanism)
    cell.record("spikes")
    sim.run(250.0)
    np.testing.assert_allclose(Response(cell).spikes[0], POST, atol=1e-9)
    return projection.get("weight", format="list", with_address=False)[0]


def by_pairs(
    dependence: str, weight: float = 0.5, w_max: float = 1.0, fraction: float = 1.0, eta: float = ETA
) -> float:
    """Return the same from the definition: alpha from a rate in Hz and a time in s, all pairs."""
    _, f_plus, f_minus = WEIGHT_DEPENDENCES[dependence]
    alpha = 2 * RHO * (TAU / 1000.0)
    pre = [round(t + (1 - fraction) * DELAY, 6) for t in PRE]
    post = [round(t + fraction * DELAY, 6) for t in POST]
    for time, presynaptic in sorted([(t, 1) for t in pre] + [(t, 0) for t in post]):
        other = post if presynaptic else pre
        trace = sum(np.exp(-(time - s) / TAU) for s in other if s < time)
        change = f_plus(weight, w_max) / w_max * trace
        change -= f_minus(weight, w_max) / w_max * alpha if presynaptic else 0.0
        weight = float(np.clip(weight + eta * change, 0.0, w_max))
    return weight


@pytest.mark.model("Vogels2011Rule")
def test_equals_nest(measure: Measure) -> None:
    got = simulated("AdditiveWeightDependence")
    measure("weight", got, NEST, 1e-9, reference="NEST")
    measure("weight", got, by_pairs("AdditiveWeightDependence"), 1e-12)


@pytest.mark.parametrize("fraction", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    "dependence", [pytest.param(n, marks=pytest.mark.model("Vogels2011Rule", n)) for n in WEIGHT_DEPENDENCES]
)
def test_with_every_weight_dependence_and_fraction(
    measure: Measure, dependence: str, fraction: float
) -> None:
    got = simulated(dependence, 0.02, 0.04, fraction)
    measure("weight", got, by_pairs(dependence, 0.02, 0.04, fraction), 1e-12)


@pytest.mark.model("Vogels2011Rule")
@pytest.mark.parametrize("weight, eta", [(0.0, 0.0005), (1.0, 0.5)])
def test_weights_stay_between_their_bounds(measure: Measure, weight: float, eta: float) -> None:
    got = simulated("AdditiveWeightDependence", weight, eta=eta)
    measure("weight", got, by_pairs("AdditiveWeightDependence", weight, eta=eta), 1e-12)
    assert 0.0 <= got <= 1.0


@pytest.mark.model("Vogels2011Rule")
def test_negative_weights_change_in_size(measure: Measure) -> None:
    """Weights of an inhibitory current are negative, w_max with them."""
    got = simulated("AdditiveWeightDependence", -0.5, -1.0)
    measure("weight", -got, by_pairs("AdditiveWeightDependence"), 1e-12)


def held_rate(rho: float) -> tuple[float, float]:
    """Return the rates of a cell with 200 excitatory and 50 plastic inhibitory inputs of 8 Hz, in the first 5 s and the
    last 40 s of 120 s."""
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.IF_cond_exp(tau_m=20.0, cm=0.2, tau_refrac=5.0, v_thresh=-50.0, v_reset=-60.0,
                                             v_rest=-60.0, e_rev_I=-80.0, tau_syn_E=5.0, tau_syn_I=10.0))  # fmt: skip
    drive, brake = (sim.Population(n, sim.SpikeSourcePoisson(rate=8.0)) for n in (200, 50))
    sim.Projection(drive, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0006, delay=0.5))
    mechanism: Any = sim.STDPMechanism(
        sim.Vogels2011Rule(tau=20.0, eta=2e-4, rho=rho),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
        weight=0.0005,
        delay=0.5,
    )
    sim.Projection(brake, cell, sim.AllToAllConnector(), mechanism, receptor_type="inhibitory")
    cell.record("spikes")
    sim.run(120e3)
    spikes = cell.get_data().segments[0].spiketrains[0].magnitude
    return float((spikes < 5e3).sum() / 5.0), float((spikes > 80e3).sum() / 40.0)


@pytest.mark.model("Vogels2011Rule")
@pytest.mark.parametrize("rho", [5.0, 10.0])
def test_the_target_rate_is_held(measure: Measure, rho: float) -> None:
    """``rho`` is in Hz. The cell begins faster; the causal correlation of inputs and spikes shifts the fixed point a
    little."""
    begin, end = held_rate(rho)
    measure("rate / rho", end / rho, 1.0, 0.25)
    assert begin > 1.2 * end
