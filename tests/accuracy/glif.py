"""GLIF neurons of all levels under a step of current, on codegen and with NEST's ``glif_psc``.

`glif.json` holds NEST's spike times and, every millisecond, v, the sum of the after-spike currents and the threshold,
at 0.01 ms. Make it anew with ``python -m tests.accuracy.glif`` where NEST is installed."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("glif.json")
TIMESTEP, DURATION, CURRENT = 0.01, 500.0, 0.4
LAG = 2 * TIMESTEP  # ms from the start of NEST's generator until its current acts
SIGNALS = {"v": "V_m", "i_asc": "ASCurrents_sum", "v_t": "threshold"}
FLAGS = {
    1: (),
    2: ("spike_dependent_threshold",),
    3: ("after_spike_currents",),
    4: ("spike_dependent_threshold", "after_spike_currents"),
    5: ("spike_dependent_threshold", "after_spike_currents", "adapting_threshold"),
}


def run(sim: Any, level: int) -> tuple[list[float], dict[str, list[float]]]:
    """Return spike times and signals, every millisecond, of a neuron of a PyNN backend."""
    sim.setup(timestep=TIMESTEP)
    cell = sim.Population(1, sim.GLIF(level=level))
    sim.DCSource(amplitude=CURRENT, start=LAG, stop=DURATION).inject_into(cell)
    cell.record(["spikes", *SIGNALS])
    sim.run(DURATION)
    segment = cell.get_data().segments[0]
    every = round(1.0 / TIMESTEP)
    signals = {s.name: [float(x) for x in s.magnitude[::every, 0]] for s in segment.analogsignals}
    return [float(t) for t in segment.spiketrains[0].magnitude], signals


def reference(nest: Any, level: int) -> dict[str, list[float]]:
    """Return the same of NEST's neuron."""
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = TIMESTEP
    neuron = nest.Create("glif_psc", params=dict.fromkeys(FLAGS[level], True))
    current = nest.Create("dc_generator", params={"amplitude": CURRENT * 1e3})
    spikes = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", params={"record_from": list(SIGNALS.values()), "interval": 1.0})
    nest.Connect(current, neuron, syn_spec={"delay": TIMESTEP})
    nest.Connect(neuron, spikes, syn_spec={"delay": TIMESTEP})
    nest.Connect(meter, neuron, syn_spec={"delay": TIMESTEP})
    nest.Simulate(DURATION)
    found = {"spikes": [round(float(t), 6) for t in spikes.events["times"]]}
    for ours, theirs in SIGNALS.items():
        scale = 1e-3 if ours == "i_asc" else 1.0
        found[ours] = [round(float(x) * scale, 9) for x in meter.events[theirs]]
    return found


def make() -> None:
    """Write `glif.json`."""
    nest = importlib.import_module("nest")
    REFERENCE.write_text(
        json.dumps({str(level): reference(nest, level) for level in FLAGS}, separators=(",", ":"))
    )


if __name__ == "__main__":
    make()
