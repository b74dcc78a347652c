"""The GIF cell under a step current and input spikes, as a PyNN script for codegen and pyNN.nest.

`gif.json` holds the answers of NEST's ``gif_cond_exp`` at 0.01 ms: spike times, v, the threshold and the
spike-triggered current every millisecond where the threshold is sharp, and the numbers of spikes of many cells where it
is not. Make it anew with ``python -m tests.accuracy.gif`` where NEST is installed."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_name("gif.json")
TIMESTEP, DURATION = 0.01, 200.0
SHARP = {
    "tau_refrac": 4.0, "v_t_star": -55.0, "delta_v": 1e-6, "lambda0": 1.0,
    "tau_eta": (1.0, 10.0, 100.0), "tau_gamma": (1.0, 10.0, 100.0),
}  # fmt: skip
# parameters, injected current (nA), weights of the two inputs (uS)
DETERMINISTIC: dict[str, tuple[dict[str, Any], float, tuple[float, float]]] = {
    "current": ({**SHARP, "a_eta": (0.1, 0.1, 0.1), "a_gamma": (0.0, 0.0, 0.0)}, 0.7, (0.0, 0.0)),
    "threshold": ({**SHARP, "a_eta": (0.0, 0.0, 0.0), "a_gamma": (5.0, 5.0, 5.0)}, 0.7, (0.0, 0.0)),
    "spikes": ({**SHARP, "a_eta": (0.2, 0.1, 0.05), "a_gamma": (1.0, 2.0, 3.0)}, 0.3, (0.04, 0.02)),
}
# mean spike counts of CELLS cells for several currents (nA): escape noise alone, and with both kinds of adaptation
CELLS, COUNTED = 400, 1000.0
NOISY = {"v_t_star": -50.0, "lambda0": 10.0, "delta_v": 2.0, "tau_refrac": 3.0}
STOCHASTIC: dict[str, dict[str, Any]] = {
    "escape": {**NOISY, "a_eta": (0.0, 0.0, 0.0), "a_gamma": (0.0, 0.0, 0.0)},
    "adapting": {**NOISY, "a_eta": (0.1, 0.1, 0.1), "a_gamma": (1.0, 1.0, 2.0)},
}
CURRENTS = (0.5, 0.8, 1.2)
SIGNALS = ("v", "v_t", "i_eta")


def deterministic(sim: Any, name: str, **setup: Any) -> tuple[list[float], dict[str, list[float]]]:
    """Return spike times and signals of a cell with a sharp threshold."""
    parameters, current, weights = DETERMINISTIC[name]
    sim.setup(timestep=TIMESTEP, min_delay=0.1, max_delay=2.0, **setup)
    cell = sim.Population(
        1, sim.GIF_cond_exp(**parameters, i_offset=current), initial_values={"v": -65.0, "v_t": -55.0}
    )
    trains = ([20.0, 25.0, 26.0, 50.0, 51.0, 80.0, 120.0, 150.0], [30.0, 90.0, 91.0])
    for times, weight, receptor in zip(trains, weights, ("excitatory", "inhibitory"), strict=True):
        if weight:
            source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
            connector = sim.FromListConnector([(0, 0, weight, 1.35)], column_names=["weight", "delay"])
            sim.Projection(source, cell, connector, sim.StaticSynapse(), receptor_type=receptor)
    cell.record(["spikes", *SIGNALS])
    sim.run(DURATION)
    segment = cell.get_data().segments[0]
    every = round(1.0 / TIMESTEP)
    signals = {s.name: [float(x) for x in s.magnitude[::every, 0]] for s in segment.analogsignals}
    spikes = [float(t) for t in segment.spiketrains[0].magnitude]
    sim.end()
    return spikes, signals


def counts(sim: Any, name: str, timestep: float = 0.1, **setup: Any) -> list[list[float]]:
    """Return mean and standard deviation of the spike counts of many cells, for each current."""
    sim.setup(timestep=timestep, min_delay=timestep, max_delay=2.0, **setup)
    cells = [sim.Population(CELLS, sim.GIF_cond_exp(**STOCHASTIC[name], i_offset=i)) for i in CURRENTS]
    for population in cells:
        population.record("spikes")
    sim.run(COUNTED)
    found = []
    for population in cells:
        n = [len(train) for train in population.get_data().segments[0].spiketrains]
        found.append([float(np.mean(n)), float(np.std(n))])
    sim.end()
    return found


def make() -> None:
    """Write `gif.json`."""
    sys.argv = sys.argv[:1]
    nest = importlib.import_module("pyNN.nest")
    results: dict[str, Any] = {}
    for name in DETERMINISTIC:
        spikes, signals = deterministic(nest, name, spike_precision="on_grid")
        results[name] = {
            "spikes": [round(t, 6) for t in spikes],
            **{key: [round(x, 9) for x in values] for key, values in signals.items()},
        }
    for name in STOCHASTIC:
        results[name] = counts(nest, name, 0.01, spike_precision="on_grid")
        print(name, results[name])
    REFERENCE.write_text(json.dumps(results, separators=(",", ":")))


if __name__ == "__main__":
    make()
