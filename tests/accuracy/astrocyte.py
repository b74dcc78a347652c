"""An astrocyte under 15 s of 50 Hz, on codegen and with NEST's ``astrocyte_lr_1994``.

`astrocyte.json` holds NEST's IP3, Ca and h every 100 ms for 30 s. Make it anew with ``python -m
tests.accuracy.astrocyte`` where NEST is installed."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("astrocyte.json")
SIGNALS = {"IP3": "IP3", "Ca": "Ca_astro", "h_IP3R": "h_IP3R"}
TIMES = [100.0 + 20.0 * k for k in range(745)]
WEIGHT, DURATION, EVERY = 10.0, 30000.0, 100.0


def run(sim: Any, timestep: float) -> dict[str, list[float]]:
    """Return the signals of a PyNN backend, and ``sic``, every 100 ms from 100 ms on."""
    sim.setup(timestep=timestep)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=TIMES))
    cell = sim.Population(1, sim.Astrocyte_LR())
    synapse = sim.StaticSynapse(weight=WEIGHT, delay=1.0)
    sim.Projection(source, cell, sim.AllToAllConnector(), synapse, receptor_type="glutamate")
    cell.record([*SIGNALS, "sic"], sampling_interval=EVERY)
    sim.run(DURATION)
    signals = cell.get_data().segments[0].analogsignals
    return {s.name: [float(x) for x in s.magnitude[1:, 0]] for s in signals}


def make() -> None:
    """Write `astrocyte.json`."""
    nest = importlib.import_module("nest")
    nest.set_verbosity("M_ERROR")
    nest.resolution = 0.1
    cell = nest.Create("astrocyte_lr_1994")
    source = nest.Create("spike_generator", params={"spike_times": TIMES})
    meter = nest.Create("multimeter", params={"record_from": list(SIGNALS.values()), "interval": EVERY})
    nest.Connect(source, cell, syn_spec={"weight": WEIGHT, "delay": 1.0})
    nest.Connect(meter, cell)
    nest.Simulate(DURATION + 10.0)
    found = {ours: [round(float(x), 9) for x in meter.events[theirs]] for ours, theirs in SIGNALS.items()}
    REFERENCE.write_text(json.dumps(found, separators=(",", ":")))


if __name__ == "__main__":
    make()
