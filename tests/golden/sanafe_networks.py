"""Random networks on Loihi for SANA-FE, and the script that records what SANA-FE says of them.

``python -m tests.golden.sanafe_networks`` (with ``pip install sanafe``) rewrites ``sanafe_networks.json``.
"""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_suffix(".json")
UNITS = ("loihi_dense_synapse", "loihi_sparse_synapse", "loihi_conv_synapse")
MODELS = ("simple", "detailed", "cycle")
STEPS = 4

#: tiles in use, largest number of neurons of a core, largest fan-out, synapse unit, core that half of all synapses
#: lead to (or None), seed
NETWORKS: dict[str, tuple[int, int, int, int, int | None, int]] = {
    "few tiles": (3, 40, 12, 0, None, 1),
    "all tiles": (32, 10, 8, 1, None, 2),
    "congested": (24, 30, 14, 2, None, 3),
    "very congested": (30, 40, 16, 2, None, 4),
    "into one core": (32, 8, 6, 0, 50, 5),
    "within a tile": (1, 60, 20, 1, None, 6),
}


def network(name: str) -> dict[str, Any]:
    """Return a network in the format of ``sanafe/networks.json``."""
    tiles, most, fan_out, unit, target, seed = NETWORKS[name]
    rng = np.random.default_rng(seed)
    neurons = []
    for tile in np.sort(rng.choice(32, tiles, replace=False)):
        for core in range(4):
            for _ in range(rng.integers(1, most + 1)):
                attributes = {"threshold": 64.0, "reset": 0.0, "leak_decay": 0.9, "force_update": True}
                attributes["bias"] = float(rng.integers(20, 128))
                neurons.append({"tile": int(tile), "core": core, "attr": attributes})
    place = np.array([4 * neuron["tile"] + neuron["core"] for neuron in neurons])
    drawn = np.flatnonzero(place == target) if target is not None else np.arange(len(neurons))
    edges = []
    for i in range(len(neurons)):
        some = rng.choice(len(neurons), min(int(rng.integers(1, fan_out + 1)), len(neurons)), replace=False)
        some[: len(some) // 2] = rng.choice(drawn, len(some) // 2)
        edges += [[i, int(j), float(rng.integers(1, 30)), UNITS[unit]] for j in np.unique(some)]
    return {"name": name, "neurons": neurons, "edges": edges, "T": STEPS}


def run(net: dict[str, Any], model: str, folder: str) -> tuple[list[dict[str, float]], Any, dict[str, Any]]:
    """Return SANA-FE's figures and the neurons that fired, step by step, and its sums, which have all digits."""
    import sanafe

    arch = sanafe.load_loihi()
    snn = sanafe.Network()
    group = snn.create_neuron_group("p", len(net["neurons"]))
    for i, neuron in enumerate(net["neurons"]):
        group[i].set_attributes(
            soma_hw_name="loihi_lif", default_synapse_hw_name=net["edges"][0][3],
            model_attributes=dict(neuron["attr"]), log_spikes=True,
        )  # fmt: skip
    for i, j, weight, _ in net["edges"]:
        group[i].connect_to_neuron(group[j], {"weight": weight})
    for i, neuron in enumerate(net["neurons"]):
        group[i].map_to_core(arch.tiles[neuron["tile"]].cores[neuron["core"]])
    chip = sanafe.SpikingChip(arch)
    chip.load(snn)
    perf, spikes = f"{folder}/perf.csv", f"{folder}/spikes.csv"
    sums = chip.sim(
        net["T"],
        timing_model=model,
        perf_trace=perf,
        spike_trace=spikes,
        processing_threads=1,
        scheduler_threads=1,
    )
    with open(perf) as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    fired: list[list[int]] = [[] for _ in range(net["T"])]
    with open(spikes) as file:
        for who, step, *_ in csv.reader(file):
            if who.startswith("p."):
                fired[int(step) - 1].append(int(who[2:]))
    return rows, [sorted(step) for step in fired], sums


def main() -> None:
    """Record."""
    found: dict[str, Any] = {}
    for name in NETWORKS:
        net = network(name)
        with tempfile.TemporaryDirectory() as folder:
            for model in MODELS:
                rows, fired, sums = run(net, model, folder)
                entry = found.setdefault(name, {"spikes": fired})
                assert entry["spikes"] == fired
                entry[model] = [row["sim_time"] for row in rows]
                if model == "simple":
                    entry |= {column: [row[column] for row in rows] for column in ("packets", "hops")}
                    entry |= {"sum_time": sums["sim_time"], "sum_energy": sums["energy"]}
    RECORDED.write_text(json.dumps(found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
