"""Networks of 40 cells with 150 or more recurrent synapses, as PyNN scripts that NEST runs as well.

`networks.json` holds the spikes of pyNN.nest (``spike_precision="on_grid"``, 0.1 ms); make it anew with
``python -m tests.accuracy.networks`` where NEST is installed. Cells and inputs are such that NEST integrates
exactly, so that the same spikes on the same steps are expected, not similar ones.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_name("networks.json")
SIZE, DURATION = 40, 500.0
LIF = {"cm": 1.0, "tau_m": 20.0, "tau_refrac": 2.0, "tau_syn_E": 3.0, "tau_syn_I": 7.0}
# name: cell type, excitatory synapse type
NETWORKS = {
    "IF_curr_exp": ("IF_curr_exp", "StaticSynapse"),
    "IF_curr_alpha": ("IF_curr_alpha", "StaticSynapse"),
    "IF_curr_exp, STDP": ("IF_curr_exp", "STDPMechanism"),
    "IF_curr_exp, depression": ("IF_curr_exp", "TsodyksMarkramSynapse"),
}


def _synapse(sim: Any, name: str) -> Any:
    values = {"weight": 1.2, "delay": 1.5}
    if name == "STDPMechanism":
        rule = sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.05, A_minus=0.06)
        dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=2.4)
        return sim.STDPMechanism(rule, weight_dependence=dependence, dendritic_delay_fraction=1.0, **values)
    if name == "TsodyksMarkramSynapse":
        return sim.TsodyksMarkramSynapse(U=0.4, tau_rec=150.0, tau_facil=30.0, **(values | {"weight": 3.0}))
    return sim.StaticSynapse(**values)


def run(sim: Any, name: str, **setup: Any) -> list[list[float]]:
    """Run a network and return the spike times (ms) of each cell."""
    cell, synapse = NETWORKS[name]
    draws = np.random.default_rng(1)
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=5.0, **setup)
    offsets = draws.uniform(0.65, 0.95, SIZE)
    cells = sim.Population(SIZE, getattr(sim, cell)(i_offset=offsets, **LIF))
    cells.initialize(v=draws.uniform(-65.0, -52.0, SIZE))
    trains = [np.sort(draws.choice(np.arange(20, 4900), 25, replace=False)) / 10.0 for _ in range(SIZE)]
    sources = sim.Population(SIZE, sim.SpikeSourceArray(spike_times=[list(train) for train in trains]))
    excitatory, inhibitory = cells[:32], cells[32:]
    rng = sim.NumpyRNG(seed=7)
    random = sim.FixedProbabilityConnector(0.12, rng=rng)
    sim.Projection(sources, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.5, delay=0.5))
    sim.Projection(excitatory, cells, random, _synapse(sim, synapse), receptor_type="excitatory")
    static = sim.StaticSynapse(weight=-1.5, delay=1.0)
    sim.Projection(inhibitory, cells, random, static, receptor_type="inhibitory")
    cells.record("spikes")
    sim.run(DURATION)
    spikes = [[round(float(t), 6) for t in train] for train in cells.get_data().segments[0].spiketrains]
    sim.end()
    return spikes


def make() -> None:
    """Write `networks.json` from NEST."""
    sys.argv = sys.argv[:1]
    sim = importlib.import_module("pyNN.nest")
    recorded = {name: run(sim, name, spike_precision="on_grid") for name in NETWORKS}
    RECORDED.write_text(json.dumps(recorded, separators=(",", ":")))


if __name__ == "__main__":
    make()
