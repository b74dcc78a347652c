"""Weights of NEST's plastic synapses after given spikes of both sides: ``python -m tests.accuracy.plasticity`` writes
`plasticity.json` again (NEST 3.10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
PRE = [10.0, 30.0, 55.0, 60.0, 100.0, 131.0, 200.0]
POST = [15.0, 28.0, 58.0, 90.0, 105.0, 128.0]
DOPAMINE = {"weight": 10.0, "A_plus": 1.0, "A_minus": 1.5, "tau_c": 1000.0, "tau_n": 200.0, "tau_plus": 20.0}
PAIR = {"weight": 0.5, "Wmax": 1.0, "lambda": 0.01, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 20.0}
JONKE = {
    "weight": 0.5,
    "Wmax": 1.0,
    "lambda": 0.02,
    "alpha": 0.7,
    "mu_plus": 1.5,
    "mu_minus": 0.8,
    "beta": 0.3,
}
PAIRINGS = {
    "nearest": "stdp_nn_symm_synapse", "pre_centred": "stdp_nn_pre_centered_synapse",
    "restricted": "stdp_nn_restr_synapse",
}  # fmt: skip
RELEASES = {"none": [], "one": [120.0], "three": [40.0, 120.0, 180.0]}


def trains(seed: int) -> tuple[list[float], list[float]]:
    """Return 30 random spikes of each side, no two in one step at the synapse, with a first and a last presynaptic
    one: NEST pairs with one at 0 before, and brings the weight up to date at the last."""
    times = np.random.default_rng(seed).permutation(np.arange(20, 2900, 7))[:60]
    return [1.5, *(np.sort(times[:30]) / 10).tolist(), 295.0], (np.sort(times[30:] + 3) / 10).tolist()


TRAINS = {"": (PRE, POST), " 1": trains(1), " 2": trains(2)}
TRIPLET = {
    "tau_plus": 16.8, "tau_x": 101.0, "tau_minus": 33.7, "tau_y": 125.0, "A2_plus": 5e-3, "A3_plus": 6.2e-3,
    "A2_minus": 7e-3, "A3_minus": 2.3e-3,
}  # fmt: skip


def all_to_all(n: int = 10) -> tuple[list[Any], list[Any], Any]:
    """Return 25 random spikes of each of `n` cells of both sides, a last presynaptic one, and delays of 0.1 to 2.9
    ms, with which some spikes of the two sides reach a synapse in the same step."""
    rng = np.random.default_rng(0)
    pre, post = (
        [np.sort(rng.choice(np.arange(20, 3600), 25, replace=False)) / 10 for _ in range(n)] for _ in range(2)
    )
    return [[*t.tolist(), 390.0] for t in pre], [t.tolist() for t in post], rng.integers(1, 30, (n, n)) / 10


def parrots(trains: list[Any]) -> Any:
    """Return NEST's cells that fire at these times."""
    import nest

    cells = nest.Create("parrot_neuron", len(trains))
    for cell, times in zip(cells, trains, strict=True):
        source = nest.Create("spike_generator", params={"spike_times": np.round(np.array(times) - 1, 1)})
        nest.Connect(source, cell, syn_spec={"delay": 1.0})
    return cells


def nest_weight(
    model: str,
    synapse: dict[str, Any],
    neuron: dict[str, float],
    releases: list[float] | None = None,
    sides: tuple[list[float], list[float]] = (PRE, POST),
) -> float:
    """Return the weight after 300 ms; the delay of 1 ms is dendritic."""
    import nest

    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = 0.1
    pre, post = (parrots([side]) for side in sides)
    nest.SetStatus(post, neuron)
    own = {"weight": synapse["weight"]}
    rest = {name: value for name, value in synapse.items() if name != "weight"}
    if releases is not None:
        transmitter = nest.Create("volume_transmitter")
        nest.Connect(parrots([releases]), transmitter, syn_spec={"delay": 1.0})
        rest["volume_transmitter"] = transmitter
    nest.CopyModel(model, "rule", rest)
    nest.Connect(pre, post, syn_spec={"synapse_model": "rule", "receptor_type": 1, "delay": 1.0, **own})
    nest.Simulate(300.0)
    return float(nest.GetConnections(pre, post).get("weight"))


def nest_triplets() -> list[float]:
    """Return the weights of triplet synapses, each with a delay of its own, after 400 ms, row by row."""
    import nest

    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = 0.1
    *sides, delays = all_to_all()
    pre, post = map(parrots, sides)
    post.set(tau_minus=TRIPLET["tau_minus"], tau_minus_triplet=TRIPLET["tau_y"])
    names = {
        "tau_plus": "tau_plus", "tau_plus_triplet": "tau_x", "Aplus": "A2_plus", "Aplus_triplet": "A3_plus",
        "Aminus": "A2_minus", "Aminus_triplet": "A3_minus",
    }  # fmt: skip
    rule = {theirs: TRIPLET[ours] for theirs, ours in names.items()}
    nest.CopyModel("stdp_triplet_synapse", "rule", {**rule, "Wmax": 100.0})
    for (i, j), delay in np.ndenumerate(delays):
        own = {"synapse_model": "rule", "receptor_type": 1, "weight": 1.0, "delay": float(delay)}
        nest.Connect(pre[i], post[j], syn_spec=own)
    nest.Simulate(400.0)
    return [float(nest.GetConnections(a, b).get("weight")) for a in pre for b in post]


def weights() -> dict[str, Any]:
    """Return the weight of each case."""
    found: dict[str, Any] = {"triplets": nest_triplets()}
    for train, sides in TRAINS.items():
        for pairing, synapse in PAIRINGS.items():
            found[pairing + train] = nest_weight(synapse, PAIR, {"tau_minus": 15.0}, None, sides)
        found["Jonke" + train] = nest_weight("jonke_synapse", JONKE, {"tau_minus": 15.0}, None, sides)
    for name, releases in RELEASES.items():
        found[f"dopamine {name}"] = nest_weight(
            "stdp_dopamine_synapse", DOPAMINE, {"tau_minus": 20.0}, releases
        )
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(weights(), indent=2) + "\n")
