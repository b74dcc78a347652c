"""Composed neurons under fixed input spikes, as a PyNN script that several backends run.

`composed.json` holds spike times (ms) and samples of v (mV) and of one receptor every millisecond from pyNN.nest
(``iaf_psc_exp_multisynapse``, ``aeif_cond_alpha_multisynapse``, ``aeif_cond_beta_multisynapse``), from NEST's own
``iaf_cond_beta``, and from pyNN.neuron, at a time step of 0.01 ms; make it anew with ``python -m
tests.accuracy.composed`` where both are installed.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("composed.json")
TIMESTEP, DURATION = 0.01, 150.0
DELAY = 1.35  # ms; no spike arrives at a sample, where NEST and PyNN differ on which is first
SPIKES = {
    "A": [5.0, 7.3, 12.0, 20.1, 30.0, 31.0, 32.5, 50.0, 50.5, 51.0, 80.0, 82.0, 84.0, 86.0, 110.0],
    "B": [25.0, 60.0, 61.0, 120.0],
    "C": [15.0, 70.0, 71.0, 72.0, 100.0],
}
LIF = {"tau_refrac": 2.0, "tau_m": 20.0, "cm": 1.0}
ADEX = {"tau_refrac": 2.0, "i_offset": 0.4}

# neuron, its parameters, receptor, the parameters of each receptor, weights, who made the reference
SCENARIOS: dict[str, tuple[str, dict[str, Any], str, dict[str, dict[str, float]], dict[str, float], str]] = {
    "LIF CurrExp": (
        "LIF", LIF, "CurrExpPostSynapticResponse",
        {"A": {"tau_syn": 2.0}, "B": {"tau_syn": 7.0}, "C": {"tau_syn": 15.0}},
        {"A": 3.0, "B": -1.0, "C": 0.5}, "nest",
    ),
    "LIF CondExp": (
        "LIF", LIF, "CondExpPostSynapticResponse",
        {"A": {"tau_syn": 2.0}, "B": {"tau_syn": 7.0, "e_syn": -75.0}, "C": {"tau_syn": 15.0}},
        {"A": 0.06, "B": 0.03, "C": 0.01}, "neuron",
    ),
    "LIF CondBeta": (
        "LIF", LIF, "CondBetaPostSynapticResponse",
        {"A": {"tau_rise": 0.5, "tau_decay": 2.5}, "B": {"tau_rise": 1.0, "tau_decay": 7.0, "e_syn": -75.0}},
        {"A": 0.05, "B": 0.03}, "iaf_cond_beta",
    ),
    "AdExp CondAlpha": (
        "AdExp", ADEX, "CondAlphaPostSynapticResponse",
        {"A": {"tau_syn": 1.0}, "B": {"tau_syn": 5.0, "e_syn": -75.0}, "C": {"tau_syn": 12.0}},
        {"A": 0.02, "B": 0.005, "C": 0.002}, "nest",
    ),
    "AdExp CondBeta": (
        "AdExp", ADEX, "CondBetaPostSynapticResponse",
        {"A": {"tau_rise": 0.4, "tau_decay": 1.7}, "B": {"tau_rise": 2.0, "tau_decay": 2.0, "e_syn": -75.0},
         "C": {"tau_rise": 2.0, "tau_decay": 12.0}},
        {"A": 0.02, "B": 0.005, "C": 0.002}, "nest",
    ),
}  # fmt: skip
Result = tuple[list[float], list[float], list[float]]


def run(sim: Any, name: str, timestep: float = TIMESTEP, **setup: Any) -> Result:
    """Run one scenario and return ``(spike times, v, state of receptor A)``, the signals every millisecond."""
    neuron, values, receptor, parameters, weights, _ = SCENARIOS[name]
    sim.setup(timestep=timestep, min_delay=timestep, max_delay=2.0, **setup)
    receptors = {label: getattr(sim, receptor)(**own) for label, own in parameters.items()}
    start = -70.6 if neuron == "AdExp" else -65.0
    cell = sim.Population(
        1, sim.PointNeuron(getattr(sim, neuron)(**values), **receptors), initial_values={"v": start}
    )
    for label, weight in weights.items():
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=SPIKES[label]))
        connector = sim.FromListConnector([(0, 0, weight, DELAY)], column_names=["weight", "delay"])
        sim.Projection(source, cell, connector, sim.StaticSynapse(), receptor_type=label)
    state = "A.isyn" if "Curr" in receptor else "A.gsyn"
    cell.record(["spikes", "v", state])
    sim.run(DURATION)
    segment = cell.get_data().segments[0]
    every = round(1.0 / timestep)
    v, a = (next(s for s in segment.analogsignals if s.name == n).magnitude[::every, 0] for n in ("v", state))
    spikes = segment.spiketrains[0].magnitude
    sim.end()
    return [float(t) for t in spikes], [float(x) for x in v], [float(x) for x in a]


def _iaf_cond_beta(name: str) -> Result:
    """NEST without PyNN, whose PointNeuron has no such combination."""
    import nest

    _, values, _, parameters, weights, _ = SCENARIOS[name]
    nest.ResetKernel()
    nest.set(resolution=TIMESTEP)
    a, b = parameters["A"], parameters["B"]
    cell = nest.Create(
        "iaf_cond_beta",
        params={
            "E_L": -65.0, "V_m": -65.0, "V_th": -50.0, "V_reset": -65.0, "C_m": 1000.0, "g_L": 1000.0 / values["tau_m"],
            "t_ref": values["tau_refrac"], "E_ex": 0.0, "E_in": b["e_syn"], "tau_rise_ex": a["tau_rise"],
            "tau_decay_ex": a["tau_decay"], "tau_rise_in": b["tau_rise"], "tau_decay_in": b["tau_decay"],
        },
    )  # fmt: skip
    for label, sign in (("A", 1000.0), ("B", -1000.0)):
        source = nest.Create("spike_generator", params={"spike_times": SPIKES[label]})
        nest.Connect(source, cell, syn_spec={"weight": sign * weights[label], "delay": DELAY})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "g_ex"], "interval": 1.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, cell)
    nest.Connect(cell, recorder)
    nest.Simulate(DURATION + 1.0)
    events = meter.get("events")
    v, g = (
        [start, *(float(x) * scale for x in events[key][: round(DURATION)])]
        for key, start, scale in (("V_m", -65.0, 1.0), ("g_ex", 0.0, 1e-3))
    )
    return [float(t) for t in recorder.get("events")["times"]], v, g


def make() -> None:
    """Write `composed.json`."""
    results: dict[str, Any] = {}
    for name, (*_, maker) in SCENARIOS.items():
        if maker == "iaf_cond_beta":
            found = _iaf_cond_beta(name)
        else:
            sys.argv = sys.argv[:1]
            extra = {"spike_precision": "on_grid"} if maker == "nest" else {}
            found = run(importlib.import_module(f"pyNN.{maker}"), name, **extra)
        results[name] = {
            key: [round(x, 9) for x in values]
            for key, values in zip(("spikes", "v", "A"), found, strict=True)
        }
        print(name, maker, len(results[name]["spikes"]), "spikes")
    REFERENCE.write_text(json.dumps(results, separators=(",", ":")))


if __name__ == "__main__":
    make()
