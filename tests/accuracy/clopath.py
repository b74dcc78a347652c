"""Weights of NEST's ``clopath_synapse`` onto ``aeif_psc_delta_clopath`` after five pairs of spikes: ``python -m
tests.accuracy.clopath`` writes `clopath.json` again (NEST 3.10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
RATES, INTERVALS = (10.0, 20.0, 40.0, 50.0), (10.0, -10.0)
DELAYS = (0.1, 3.0, 12.0)  # ms, all of it dendritic
CELL = {
    "V_m": -70.6, "E_L": -70.6, "C_m": 281.0, "theta_minus": -70.6, "theta_plus": -45.3, "A_LTD": 14e-5, "A_LTP": 8e-5,
    "tau_u_bar_minus": 10.0, "tau_u_bar_plus": 7.0, "delay_u_bars": 4.0, "a": 4.0, "b": 80.5, "I_sp": 400.0,
    "tau_V_th": 50.0, "V_th_max": 30.4, "u_bar_minus": -70.6, "u_bar_plus": -70.6, "u_bar_bar": -70.6,
}  # fmt: skip


def begin(rate: float) -> Any:
    """Return the presynaptic times of five pairs, and of a late spike that brings NEST's weight up to date."""
    times = 100.0 + np.arange(5) * 1000.0 / rate
    return np.round([*times, times[-1] + 300.0], 1)


def nest_pairs(rate: float, interval: float, homeostatic: bool, delay: float = 0.1) -> dict[str, Any]:
    """Return the weight, and the potential and its filters every 10 ms."""
    import nest

    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = 0.1
    times = begin(rate)
    cell = nest.Create(
        "aeif_psc_delta_clopath", params={**CELL, "A_LTD_const": not homeostatic, "u_ref_squared": 5000.0}
    )
    pre, drive = (
        nest.Create("spike_generator", params={"spike_times": list(t)})
        for t in (times, np.round(times[:-1] + interval, 1))
    )
    parrot, meter = nest.Create("parrot_neuron"), nest.Create("multimeter")
    meter.set(record_from=["V_m", "u_bar_plus", "u_bar_minus", "u_bar_bar"], interval=10.0)
    nest.Connect(meter, cell, syn_spec={"delay": 0.1})
    nest.Connect(pre, parrot, syn_spec={"delay": 0.1})
    nest.Connect(drive, cell, syn_spec={"delay": 0.1, "weight": 80.0})
    nest.CopyModel("clopath_synapse", "rule", {"tau_x": 15.0})
    nest.Connect(parrot, cell, syn_spec={"synapse_model": "rule", "weight": 0.5, "delay": delay, "Wmax": 3.0})
    nest.Simulate(float(times[-1] + 100.0))
    found = {"weight": float(nest.GetConnections(parrot, cell).get("weight"))}
    if rate == 50.0 and interval > 0 and not homeostatic and delay == 0.1:
        found.update({name: [float(x) for x in meter.events[name][9:19]] for name in meter.record_from})
    return found


if __name__ == "__main__":
    cases = [(r, i, h) for h in (False, True) for r in RATES[:: 1 + 2 * h] for i in INTERVALS]
    numbers = {f"{r:g} Hz {i:+g} ms{' homeostatic' * h}": nest_pairs(r, i, h) for r, i, h in cases}
    for delay in DELAYS[1:]:
        numbers |= {f"50 Hz {i:+g} ms delay {delay:g}": nest_pairs(50.0, i, False, delay) for i in INTERVALS}
    FILE.write_text(json.dumps(numbers, indent=2) + "\n")
