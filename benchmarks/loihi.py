"""Loihi: time of a step with every model of its duration, against SANA-FE on SANA-FE's own example.

``python -m benchmarks.loihi [--steps 128] [--mapping interleaved]`` (with ``pip install sanafe``) builds the DVS
gesture network that comes with SANA-FE (18 678 neurons in 6 layers) in both programs, runs it with each model of the
time of a step, and prints CPU time per step, the ratio, and how far the modelled times are apart. Both must count the
same spikes, packets, hops and synaptic events, and the same energy: it is an error if they do not. Runs of SANA-FE's
``cycle`` differ from each other, by up to 17 % in a step.

Mappings: ``interleaved``, that of SANA-FE's ``snn/dvs.yaml`` (49 cores; neurons go to cores by turns, and so one
reaches many cores: 3030 packets a step); ``blocks``, that of its tutorial (42 cores, each with neurons in order: 2025
packets a step). The first steps are quiet, since the layers have to charge: 64 steps have fewer packets than 128.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

MODELS = ("simple", "detailed", "cycle")
COUNTS = ("fired", "packets", "hops", "spikes", "total_energy")
BLOCKS = (1, 4, 16, 16, 4, 1)  # cores of each layer
MAPPINGS = ("interleaved", "blocks")
STRIDES = {"conv1": 2, "conv2": 1, "conv3": 1, "conv4": 1}
SIDE, CLASSES = 32, 11


def data() -> dict[str, np.ndarray]:
    """Weights, thresholds and inputs from SANA-FE's package."""
    import sanafe

    with np.load(Path(sanafe.__file__).parent / "examples" / "dvs_challenge.npz") as file:
        return dict(file)


def layers(values: dict[str, np.ndarray]) -> tuple[list[int], np.ndarray]:
    """Return the sizes of the layers, and rows (source, target, weight) of all synapses."""
    side, channels, first = SIDE, 1, 0
    sizes, rows = [side * side], []
    for name, stride in STRIDES.items():
        kernel = values[name]
        out, filters = (side - kernel.shape[0]) // stride + 1, kernel.shape[3]
        following = first + sizes[-1]
        lengths = (channels, out, out, filters, *kernel.shape[:2])
        c_in, y, x, c_out, dy, dx = np.meshgrid(*map(np.arange, lengths), indexing="ij")
        source = first + (c_in * side + y * stride + dy) * side + x * stride + dx
        target = following + (c_out * out + y) * out + x
        rows.append(np.stack([source, target, kernel[dy, dx, c_in, c_out]], -1).reshape(-1, 3))
        side, channels, first = out, filters, following
        sizes.append(filters * out * out)
    i, j = np.indices(values["dense1"].shape)
    rows.append(np.stack([first + i, first + sizes[-1] + j, values["dense1"]], -1).reshape(-1, 3))
    return [*sizes, CLASSES], np.concatenate(rows).astype(np.int64)


def blocks(sizes: list[int]) -> np.ndarray:
    """Return the core of each neuron: equal parts of each layer, layer after layer."""
    cores, used = [], 0
    for size, parts in zip(sizes, BLOCKS, strict=True):
        cores.append(used + np.minimum(np.arange(size) // (size // parts), parts - 1))
        used += parts
    return np.concatenate(cores)


def interleaved(sizes: list[int]) -> np.ndarray:
    """Return the core of each neuron: the layers from last to first, and in each layer by the number of a neuron in
    a row, or modulo a row."""
    n = [np.arange(size) for size in sizes]
    parts = (
        0 * n[5],
        n[4] // 99,
        n[3] // 704 * 2 + n[3] % 64 // 32,
        n[2] % 32 // 4,
        n[1] % 240 // 32,
        0 * n[0],
    )
    cores, used = [], 0
    for part in parts:
        cores.append(used + part)
        used += int(part.max()) + 1
    return np.concatenate(cores[::-1]).astype(np.int64)


def placed(sizes: list[int], mapping: str) -> np.ndarray:
    """Return the core of each neuron."""
    return interleaved(sizes) if mapping == "interleaved" else blocks(sizes)


class Ours:
    """The network on this package's Loihi."""

    def __init__(self, values: dict[str, np.ndarray], mapping: str) -> None:
        from pynn_ext.backends._loihi.compartments import Compartments, Core, Synapses
        from pynn_ext.backends._loihi.costs import SANAFE
        from pynn_ext.backends._loihi.timing import Layout, StepCosts

        sizes, rows = layers(values)
        n = sum(sizes)
        bias = np.zeros(n, np.int64)
        bias[: sizes[0]] = 64 * values["inputs"].astype(np.int64)
        threshold = 64 * np.repeat(values["thresholds"], sizes)
        none = np.zeros(len(rows), np.int64)
        self.core = Core(
            Compartments(n, threshold=threshold, bias=bias),
            Synapses.of(n, rows[:, 0], rows[:, 1], 64 * rows[:, 2], none),
        )
        dense = rows[:, 1] >= n - CLASSES
        where = Layout.of(placed(sizes, mapping), rows[:, 0], rows[:, 1], np.where(dense, 0, 2))
        self.costs = StepCosts(where, SANAFE)

    def run(self, model: str, steps: int) -> dict[str, Any]:
        """Return counts, energy, modelled time of each step, and CPU time per step."""
        from pynn_ext.backends._loihi import mesh

        from pynn_ext.chip.energy import FEMTO

        core, costs, c = self.core, self.costs, self.core.compartments
        core.reset()
        found: dict[str, Any] = dict.fromkeys(COUNTS, 0)
        times = []
        start = time.process_time()
        for _ in range(steps):
            busy = c.v != 0
            fired = core.step(np.empty(0, np.int64))
            active = busy | (core.touched > 0) | (c.bias != 0)
            energy, messages = costs.energy(fired, active), costs.messages(fired, active)
            if model == "cycle":
                times.append(mesh.cycle(costs, messages).in_turn)
            else:
                times.append(getattr(costs, model)(messages))
            rows = messages.row[messages.row >= 0]
            events = int(costs.layout.synapses[rows].sum())
            counted = (len(fired), len(rows), int(messages.hops.sum()), events, FEMTO * sum(energy.values()))
            for name, value in zip(COUNTS, counted, strict=True):
                found[name] += value
        return {**found, "times": np.array(times), "cpu_s": (time.process_time() - start) / steps}


class Theirs:
    """The network in SANA-FE."""

    def __init__(self, values: dict[str, np.ndarray], mapping: str) -> None:
        import sanafe
        from sanafe import layers as kinds

        self.architecture, self.network = sanafe.load_loihi(), sanafe.Network()
        first, *thresholds, last = (float(value) for value in values["thresholds"])
        made = [kinds.Input2D(self.network, SIDE, SIDE, threshold=first)]
        for (name, stride), threshold in zip(STRIDES.items(), thresholds, strict=True):
            size = {"stride_width": stride, "stride_height": stride}
            made.append(kinds.Conv2D(self.network, made[-1], values[name], **size, threshold=threshold))
        made.append(kinds.Dense(self.network, made[-1], CLASSES, values["dense1"], threshold=last))
        for neuron, bias in zip(made[0], values["inputs"], strict=True):
            neuron.set_attributes(model_attributes={"bias": float(bias)})
        cores, where = self.architecture.cores(), iter(placed([len(layer) for layer in made], mapping))
        for layer in made:
            synapse = "loihi_dense_synapse" if layer is made[-1] else "loihi_conv_synapse"
            for neuron in layer:
                neuron.set_attributes(default_synapse_hw_name=synapse)
                neuron.map_to_core(cores[int(next(where))])

    def run(self, model: str, steps: int) -> dict[str, Any]:
        """Return the same as `Ours.run`."""
        import sanafe

        chip = sanafe.SpikingChip(self.architecture)
        chip.load(self.network)
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "perf.csv")
            start = time.process_time()
            chip.sim(steps, timing_model=model, perf_trace=trace, processing_threads=1, scheduler_threads=0)
            cpu = (time.process_time() - start) / steps
            with open(trace) as file:
                rows = list(csv.DictReader(file))
        found: dict[str, Any] = {name: sum(float(row[name]) for row in rows) for name in COUNTS}
        return {**found, "times": np.array([float(row["sim_time"]) for row in rows]), "cpu_s": cpu}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--mapping", choices=MAPPINGS, default="interleaved")
    options = parser.parse_args()
    steps, values = options.steps, data()
    ours, theirs = Ours(values, options.mapping), Theirs(values, options.mapping)
    a: dict[str, Any] = {}
    for model in MODELS:
        ours.run(model, 2)  # compile
        a, b = ours.run(model, steps), theirs.run(model, steps)
        for name in COUNTS:
            if abs(a[name] - b[name]) > 1e-6 * abs(b[name]):
                raise SystemExit(f"{model}: {name} is {a[name]} here and {b[name]} in SANA-FE")
        apart = np.abs(a["times"] / b["times"] - 1)
        print(
            f"{model:9}{1e3 * a['cpu_s']:8.2f} ms a step, SANA-FE{1e3 * b['cpu_s']:8.2f} ms: "
            f"{b['cpu_s'] / a['cpu_s']:6.1f} times; modelled {1e6 * a['times'].mean():.3f} and "
            f"{1e6 * b['times'].mean():.3f} us a step; a step {100 * apart.mean():.2f} % apart on average, "
            f"{100 * apart.max():.2f} % at most",
            flush=True,
        )
    print("a step:", ", ".join(f"{a[name] / steps:.0f} {name}" for name in COUNTS[:-1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
