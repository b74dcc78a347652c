"""Networks of 40 cells with 150 or more recurrent synapses, as PyNN scripts that NEST runs as well.

`networks.json` holds the spikes of pyNN.nest (``spike_precision="on_grid"``); make it anew with
``python -m tests.accuracy.networks`` where NEST is installed. NEST integrates the current-based cells exactly, so that
the same spikes on the same steps are expected at 0.1 ms, not similar ones. The conductance-based ones run at 0.01 ms,
where the error of a step is too small to move any of these spikes (at 0.1 ms it moves some, and the networks part).
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
CURRENTS, CONDUCTANCES = (1.5, 1.2, -1.5), (0.03, 0.02, 0.05)
# name: cell type, excitatory synapse type, time step (ms), weights of input, excitation and inhibition
NETWORKS = {
    "IF_curr_exp": ("IF_curr_exp", "StaticSynapse", 0.1, CURRENTS),
    "IF_curr_alpha": ("IF_curr_alpha", "StaticSynapse", 0.1, CURRENTS),
    "IF_curr_exp, STDP": ("IF_curr_exp", "STDPMechanism", 0.1, CURRENTS),
    "IF_curr_exp, depression": ("IF_curr_exp", "TsodyksMarkramSynapse", 0.1, (1.5, 3.0, -1.5)),
    "IF_cond_exp": ("IF_cond_exp", "StaticSynapse", 0.01, CONDUCTANCES),
    "IF_cond_alpha": ("IF_cond_alpha", "StaticSynapse", 0.01, CONDUCTANCES),
}


def _synapse(sim: Any, name: str, weight: float) -> Any:
    values = {"weight": weight, "delay": 1.5}
    if name == "STDPMechanism":
        rule = sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.05, A_minus=0.06)
        dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0 * weight)
        return sim.STDPMechanism(rule, weight_dependence=dependence, dendritic_delay_fraction=1.0, **values)
    if name == "TsodyksMarkramSynapse":
        return sim.TsodyksMarkramSynapse(U=0.4, tau_rec=150.0, tau_facil=30.0, **values)
    return sim.StaticSynapse(**values)


def run(sim: Any, name: str, **setup: Any) -> list[list[float]]:
    """Run a network and return the spike times (ms) of each cell."""
    cell, synapse, timestep, (input_weight, weight, inhibition) = NETWORKS[name]
    draws = np.random.default_rng(1)
    sim.setup(timestep=timestep, min_delay=0.5, max_delay=5.0, **setup)
    offsets = draws.uniform(0.65, 0.95, SIZE)
    cells = sim.Population(SIZE, getattr(sim, cell)(i_offset=offsets, **LIF))
    cells.initialize(v=draws.uniform(-65.0, -52.0, SIZE))
    trains = [np.sort(draws.choice(np.arange(20, 4900), 25, replace=False)) / 10.0 for _ in range(SIZE)]
    sources = sim.Population(SIZE, sim.SpikeSourceArray(spike_times=[list(train) for train in trains]))
    excitatory, inhibitory = cells[:32], cells[32:]
    rng = sim.NumpyRNG(seed=7)
    random = sim.FixedProbabilityConnector(0.12, rng=rng)
    sim.Projection(sources, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=input_weight, delay=0.5))
    sim.Projection(excitatory, cells, random, _synapse(sim, synapse, weight), receptor_type="excitatory")
    static = sim.StaticSynapse(weight=inhibition, delay=1.0)
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
