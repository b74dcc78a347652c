"""A chain of three integrate-and-fire cells with gap junctions, of which the first is driven.

`run` runs it on codegen; `gap_junctions.json` holds the answer of NEURON's integrator with PyNN's own mechanism,
wired by hand because the projection of PyNN 0.13 for NEURON fails. Make it anew with ``python -m
tests.accuracy.gap_junctions`` where NEURON is installed."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_name("gap_junctions.json")
TIMESTEP, DURATION = 0.01, 100.0
CELL = {"tau_m": 20.0, "cm": 1.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0}
OFFSETS = [1.6, 0.0, 0.0]
CONDUCTANCES = [0.02, 0.03]  # uS, between cells 0 and 1, and 1 and 2


def answer(cells: Any) -> dict[str, Any]:
    """Return spike times of the first cell and v of all, every millisecond."""
    segment = cells.get_data().segments[0]
    v = segment.analogsignals[0].magnitude[:: round(1.0 / TIMESTEP)]
    return {"spikes": np.round(segment.spiketrains[0].magnitude, 6).tolist(), "v": np.round(v, 6).tolist()}


def run(sim: Any) -> dict[str, Any]:
    """Run the chain through PyNN's interface."""
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=OFFSETS, **CELL), initial_values={"v": -65.0})
    pairs = [(i, i + 1, g) for i, g in enumerate(CONDUCTANCES)]
    connector = sim.FromListConnector(pairs, column_names=["weight"])
    sim.Projection(cells, cells, connector, sim.ElectricalSynapse())
    cells.record(["v", "spikes"])
    sim.run(DURATION)
    return answer(cells)


def make() -> None:
    """Write `gap_junctions.json` from NEURON."""
    sys.argv = sys.argv[:1]
    sim: Any = importlib.import_module("pyNN.neuron")
    h: Any = importlib.import_module("neuron").h
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=OFFSETS, **CELL), initial_values={"v": -65.0})
    context, junctions = h.ParallelContext(), []
    sections = [cell._cell for cell in cells]
    for i, section in enumerate(sections):
        context.source_var(section(0.5)._ref_v, 1000 + i, sec=section)
    for i, g in enumerate(CONDUCTANCES):
        for here, there in ((i, i + 1), (i + 1, i)):
            junction = h.Gap(0.5, sec=sections[here])
            junction.g = g
            context.target_var(junction, junction._ref_vgap, 1000 + there)
            junctions.append(junction)
    context.setup_transfer()
    cells.record(["v", "spikes"])
    sim.run(DURATION)
    REFERENCE.write_text(json.dumps(answer(cells), separators=(",", ":")))


if __name__ == "__main__":
    make()
