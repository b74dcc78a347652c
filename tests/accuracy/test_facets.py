"""The cell of the FACETS hardware is `IF_cond_exp` with fixed values, and its time to the first spike is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

pytestmark = pytest.mark.model("IF_facets_hardware1")
OWN = {
    "tau_syn_E": 3.0,
    "tau_syn_I": 9.0,
    "v_reset": -75.0,
    "e_rev_I": -78.0,
    "v_rest": -63.0,
    "v_thresh": -55.0,
}


def test_it_equals_the_cell_it_is_made_of(measure: Callable[..., None]) -> None:
    cells = [
        sim.Population(1, sim.IF_facets_hardware1(g_leak=20.0, **OWN)),
        sim.Population(1, sim.IF_cond_exp(cm=0.2, tau_m=10.0, tau_refrac=1.0, e_rev_E=0.0, **OWN)),
    ]
    for times, weight, receptor in (
        (np.arange(5.0, 90.0, 4.0), 0.008, "excitatory"), ([30.0, 60.0], 0.01, "inhibitory")
    ):  # fmt: skip
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        for p in cells:
            synapse = sim.StaticSynapse(weight=weight, delay=1.0)
            sim.Projection(source, p, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    for p in cells:
        p.record(["spikes", "v", "gsyn_exc"])
    sim.run(100.0)
    one, other = (p.get_data().segments[0] for p in cells)
    assert len(one.spiketrains[0]) > 2
    measure("spikes", one.spiketrains[0].magnitude, other.spiketrains[0].magnitude, 1e-9, "ms", "IF_cond_exp")
    for a, b in zip(one.analogsignals, other.analogsignals, strict=True):
        measure(a.name, a.magnitude, b.magnitude, 1e-9, "", "IF_cond_exp")


def test_time_to_the_first_spike(measure: Callable[..., None]) -> None:
    p = sim.Population(1, sim.IF_facets_hardware1(g_leak=40.0))
    p.inject(sim.DCSource(amplitude=0.5, start=10.0))
    p.record("spikes")
    sim.run(30.0)
    first = 10.0 - 5.0 * np.log(1.0 - 10.0 / 12.5)
    spikes = p.get_data().segments[0].spiketrains[0].magnitude
    measure("first spike", spikes[0], np.ceil(first / 0.1) * 0.1, 1e-9, "ms")
