"""Statistics of the cortical microcircuit at a tenth of its size, by any simulator.

`microcircuit.json` holds those of pyNN.nest for two networks; make it anew with
``python -m tests.accuracy.microcircuit`` where NEST is installed (some minutes). Of each population: the rate, the mean
coefficient of variation of the intervals, and the mean correlation of the spike counts in bins of 5 ms over pairs of
100 cells.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.networks import Layered, network
from benchmarks.pynn_peer import build_layered

RECORDED = Path(__file__).with_name("microcircuit.json")
POPULATIONS = ("L2/3E", "L2/3I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
WARM_UP, DURATION, BIN, CELLS, SEEDS = 200.0, 2000.0, 5.0, 100, (1, 2)


def statistics(trains: list[Any]) -> dict[str, float]:
    """Return rate (spikes/s), CV and correlation of the spike trains (ms) of a population."""
    times = [np.asarray(train, dtype=float) - WARM_UP for train in trains]
    times = [t[t >= 0.0] for t in times]
    intervals = [np.diff(t) for t in times if len(t) > 3]
    bins = np.arange(0.0, DURATION + BIN / 2, BIN)
    counts = np.array([np.histogram(t, bins)[0] for t in times if len(t)][:CELLS], dtype=float)
    correlation = np.corrcoef(counts)
    return {
        "rate": sum(map(len, times)) / len(times) / DURATION * 1e3,
        "cv": float(np.mean([i.std() / i.mean() for i in intervals])),
        "correlation": float(correlation[np.triu_indices(len(counts), 1)].mean()),
    }


def run(sim: Any, seed: int, draw: int = 0, **setup: Any) -> dict[str, dict[str, float]]:
    """Simulate the network of a seed with the Poisson input of a draw; return the statistics of each population."""
    net = network("microcircuit")
    assert isinstance(net, Layered)
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=20.0, rng_seed=draw or seed, **setup)
    populations, _ = build_layered(sim, net, seed)
    sim.run(WARM_UP + DURATION)
    found = {
        name: statistics(population.get_data("spikes").segments[0].spiketrains)
        for name, population in zip(POPULATIONS, populations, strict=True)
    }
    sim.end()
    return found


def make() -> None:
    """Write `microcircuit.json` from NEST."""
    sys.argv = sys.argv[:1]
    sim = importlib.import_module("pyNN.nest")
    recorded = [run(sim, seed, spike_precision="on_grid", verbosity="error") for seed in SEEDS]
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    make()
