"""The astrocyte against NEST, and what its current does to a neuron."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from .astrocyte import REFERENCE, SIGNALS, run

Measure = Callable[..., None]
RECORDED = json.loads(REFERENCE.read_text())


@pytest.mark.model("Astrocyte_LR")
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_calcium_oscillations(measure: Measure, dt: float) -> None:
    signals = run(sim, dt)
    for name in SIGNALS:
        got, expected = np.array(signals[name])[:299], np.array(RECORDED[name])[:299]
        measure(name, got, expected, 2e-5, "" if name == "h_IP3R" else "uM", "NEST")
    at = [9, 49, 149, 249]  # 1, 5, 15, 25 s
    measure("IP3", np.array(signals["IP3"])[at], [0.24445, 0.51412, 0.78474, 0.31403], 1e-5, "uM", "NEST")
    measure("Ca", np.array(signals["Ca"])[at], [0.08946, 0.68435, 0.55198, 0.08869], 1e-4, "uM", "NEST")
    calcium = np.array(signals["Ca"])
    above = np.maximum((calcium - 0.19669) * 1000.0, 1.0)
    measure("slow inward current", signals["sic"], 1e-3 * np.log(above), 1e-12, "nA")
    # the peak lies between samples: 6.204 pA
    assert max(signals["sic"]) == pytest.approx(6.204e-3, abs=2e-5)


@pytest.mark.model("SlowInwardCurrent")
def test_the_current_depolarizes_neurons(measure: Measure) -> None:
    """Calcium that stands still at 0.3 uM: ``log(103.31)`` pA, times the weights, into two leaky membranes."""
    still = dict.fromkeys(("k_IP3R", "rate_IP3R", "rate_L", "rate_SERCA"), 0.0)
    sim.setup(timestep=0.1)
    glia = sim.Population(2, sim.Astrocyte_LR(**still), initial_values={"Ca": [0.3, 0.1], "sic": [0.0, 0.0]})
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=10.0, cm=0.25))
    rows = [(0, 0, 1.0), (0, 1, 40.0), (1, 1, 7.0)]
    sim.Projection(glia, cells, sim.FromListConnector(rows, column_names=["weight"]), sim.SlowInwardCurrent())
    cells.record("v")
    sim.run(50.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    # from 0.1 ms on, when the current is known; below SIC_th there is none
    rise = -np.expm1(-np.maximum(0.1 * np.arange(501) - 0.1, 0.0) / 10.0)
    current = 1e-3 * np.log(1000.0 * (0.3 - 0.19669))
    for column, weight in enumerate((1.0, 40.0)):
        measure("v", v[:, column], -65.0 + weight * current * 10.0 / 0.25 * rise, 1e-9, "mV")


@pytest.mark.model("Astrocyte_LR")
def test_it_does_not_fire() -> None:
    sim.setup(timestep=0.1)
    glia = sim.Population(1, sim.Astrocyte_LR())
    glia.record("spikes")
    sim.run(100.0)
    assert not len(glia.get_data().segments[0].spiketrains[0])
    with pytest.raises(TypeError, match="Astrocyte_LR"):
        sim.DCSource(amplitude=0.1).inject_into(glia)
