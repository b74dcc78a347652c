"""The windows of pair STDP, and the steady state of short-term depression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .pairs import WEIGHT_DEPENDENCES, pair_window, weight_after_pair
from .response import Input, Response, connect

Measure = Callable[..., None]
INTERVALS = [-38.0, -15.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 15.0, 38.0]


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize(
    "dependence",
    [
        pytest.param(n, marks=pytest.mark.model(n, "SpikePairRule", "STDPMechanism"))
        for n in WEIGHT_DEPENDENCES
    ],
)
def test_window_of_each_weight_dependence_at_each_dendritic_fraction(
    measure: Measure, dependence: str, fraction: float
) -> None:
    """The synapse sees the presynaptic spike after (1 - f) d and the postsynaptic one after f d."""
    shift = (2.0 * fraction - 1.0) * 2.0
    got = [weight_after_pair(i, dependence, 0.3, 1.0, fraction, delay=2.0) for i in INTERVALS]
    expected = [pair_window(i + shift, dependence, 0.3, 1.0) for i in INTERVALS]
    measure("weight after a pair", got, expected, 1e-12)


@pytest.mark.model("SpikePairRule")
def test_time_constants_and_amplitudes_of_each_side(measure: Measure) -> None:
    for interval, size in ((12.0, 0.03 * np.exp(-12.0 / 11.0)), (-12.0, -0.07 * np.exp(-12.0 / 35.0))):
        sim.setup(timestep=0.1)
        cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
        connect(cell, Input([40.0 + interval - 0.2], 1000.0, delay=0.1))
        rule = sim.SpikePairRule(tau_plus=11.0, tau_minus=35.0, A_plus=0.03, A_minus=0.07)
        dependence = sim.AdditiveWeightDependence(w_min=0.1, w_max=0.9)
        stdp = sim.STDPMechanism(rule, dependence, dendritic_delay_fraction=0.5, weight=0.5, delay=1.0)
        projection = connect(cell, Input([40.0], 0.5), stdp)
        sim.run(100.0)
        weight = projection.get("weight", "list", with_address=False)[0]
        measure("weight after a pair", weight, 0.5 + 0.8 * size, 1e-12)


@pytest.mark.model("TsodyksMarkramSynapse")
@pytest.mark.parametrize("use, tau_rec, interval", [(0.5, 800.0, 50.0), (0.2, 100.0, 10.0), (0.9, 30.0, 5.0)])
def test_steady_state_of_depression(measure: Measure, use: float, tau_rec: float, interval: float) -> None:
    """A regular train without facilitation ends at the fixed point of the recovered and active fractions."""
    spikes = 60
    times = list(5.0 + interval * np.arange(spikes))
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=2.0))
    synapse = sim.TsodyksMarkramSynapse(U=use, tau_rec=tau_rec, tau_facil=0.0, weight=0.01, delay=1.0)
    connect(cell, Input(times, 0.01), synapse)
    cell.record("gsyn_exc")
    sim.run(times[-1] + 5.0)
    g = Response(cell)["gsyn_exc"]
    k = round((times[-1] + 1.0) / 0.1)
    released = g[k + 1] * np.exp(0.1 / 2.0) - g[k]
    steady = closed_forms.tsodyks_markram_steady(interval, use, tau_rec, 2.0)
    measure("steady release, relative", released / 0.01 / steady, 1.0, 1e-6)
