"""Single cells under a step current or fixed input spikes, as PyNN scripts that any backend runs.

Each scenario is a cell type with its parameters and a drive; `run` returns spike times (ms) and samples of v
(mV) every millisecond. `reference.json` holds what pyNN.nest (`spike_precision="on_grid"`) and pyNN.neuron
answered at two time steps; make it anew with ``python -m tests.accuracy.scenarios`` where both are installed.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("reference.json")
DURATION = 150.0
EXCITATORY = [
    5.0,
    7.3,
    12.0,
    12.4,
    20.1,
    30.0,
    31.0,
    32.5,
    50.0,
    50.5,
    51.0,
    51.5,
    80.0,
    82.0,
    84.0,
    86.0,
    100.0,
    110.0,
    111.0,
]
INHIBITORY = [25.0, 60.0, 61.0, 90.0, 120.0]
SYN = {"tau_syn_E": 2.0, "tau_syn_I": 7.0}
LIF = {"tau_refrac": 2.0, "tau_m": 20.0, "cm": 1.0}
ADEX = {"tau_refrac": 2.0}

# name: cell type, parameters, offset current (nA) or weights of the two inputs, initial values
SCENARIOS: dict[str, dict[str, Any]] = {
    "IF_curr_exp offset": {"cell": "IF_curr_exp", "parameters": LIF, "offset": 1.1},
    "IF_curr_exp spikes": {"cell": "IF_curr_exp", "parameters": {**LIF, "tau_syn_I": 8.0}, "weights": (3.1, -1.5)},
    "IF_curr_alpha spikes": {"cell": "IF_curr_alpha", "parameters": {**LIF, **SYN}, "weights": (3.3, -1.0)},
    "IF_cond_exp offset": {"cell": "IF_cond_exp", "parameters": LIF, "offset": 1.1},
    "IF_cond_exp spikes": {"cell": "IF_cond_exp", "parameters": {**LIF, "tau_syn_I": 8.0}, "weights": (0.06, 0.05)},
    "IF_cond_exp_gsfa_grr offset": {"cell": "IF_cond_exp_gsfa_grr", "parameters": LIF, "offset": 2.0},
    "IF_cond_exp_gsfa_grr spikes": {
        "cell": "IF_cond_exp_gsfa_grr", "parameters": {**LIF, "tau_syn_I": 8.0}, "weights": (0.08, 0.04),
    },
    "IF_facets_hardware1 spikes": {
        "cell": "IF_facets_hardware1", "parameters": {"g_leak": 20.0}, "weights": (0.004, 0.003),
    },
    "IF_cond_alpha spikes": {"cell": "IF_cond_alpha", "parameters": {**LIF, **SYN}, "weights": (0.06, 0.03)},
    "EIF_cond_exp_isfa_ista offset": {"cell": "EIF_cond_exp_isfa_ista", "parameters": ADEX, "offset": 0.9},
    "EIF_cond_exp_isfa_ista spikes": {"cell": "EIF_cond_exp_isfa_ista", "parameters": ADEX, "weights": (0.04, 0.02)},
    "EIF_cond_alpha_isfa_ista spikes": {
        "cell": "EIF_cond_alpha_isfa_ista", "parameters": ADEX, "weights": (0.03, 0.01),
    },
    "HH_cond_exp offset": {"cell": "HH_cond_exp", "parameters": {}, "offset": 0.6},
    "HH_cond_exp spikes": {"cell": "HH_cond_exp", "parameters": {"tau_syn_E": 2.0}, "weights": (0.04, 0.02)},
    "Izhikevich offset": {"cell": "Izhikevich", "parameters": {}, "offset": 0.01},
    "Izhikevich spikes": {"cell": "Izhikevich", "parameters": {}, "weights": (12.0, -4.0)},
}  # fmt: skip


def run(sim: Any, name: str, timestep: float, **setup: Any) -> tuple[list[float], list[float]]:
    """Run one scenario and return ``(spike times, v every millisecond)``."""
    scenario = SCENARIOS[name]
    sim.setup(timestep=timestep, min_delay=timestep, max_delay=2.0, **setup)
    parameters = dict(scenario["parameters"])
    if "offset" in scenario:
        parameters["i_offset"] = scenario["offset"]
    cell = sim.Population(1, getattr(sim, scenario["cell"])(**parameters))
    if "weights" in scenario:
        for times, weight, receptor in zip(
            (EXCITATORY, INHIBITORY), scenario["weights"], ("excitatory", "inhibitory"), strict=True
        ):
            # two sources, because a connector between populations of one cell fails in PyNN with NumPy 2.1 and later
            source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
            connector = sim.FromListConnector([(0, 0, weight, 1.0)], column_names=["weight", "delay"])
            sim.Projection(source, cell, connector, sim.StaticSynapse(), receptor_type=receptor)
    cell.record(["spikes", "v"])
    sim.run(DURATION)
    segment = cell.get_data().segments[0]
    every = round(1.0 / timestep)
    v = next(signal for signal in segment.analogsignals if signal.name == "v").magnitude[::every, 0]
    spikes = segment.spiketrains[0].magnitude
    sim.end()
    return [float(t) for t in spikes], [float(x) for x in v]


def make() -> None:
    """Write `reference.json` from the official backends."""
    results: dict[str, Any] = {}
    for backend, extra in (("nest", {"spike_precision": "on_grid"}), ("neuron", {})):
        sys.argv = sys.argv[:1]
        sim = importlib.import_module(f"pyNN.{backend}")
        for name in SCENARIOS:
            for timestep in (0.1, 0.01):
                try:
                    spikes, v = run(sim, name, timestep, **extra)
                except Exception as error:
                    print(backend, name, timestep, repr(error))
                    continue
                results.setdefault(name, {})[f"{backend} {timestep}"] = {
                    "spikes": [round(t, 6) for t in spikes],
                    "v": [round(x, 6) for x in v],
                }
    REFERENCE.write_text(json.dumps(results, separators=(",", ":")))


if __name__ == "__main__":
    make()
