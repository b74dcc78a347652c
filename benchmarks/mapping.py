"""What mapping is worth: partitions and placements of PyCARL's synthetic networks on a mesh of crossbars.

``python -m benchmarks.mapping [--cells 1000,2500] [--duration 300]`` simulates S_1000 … S_2500 (`examples/pycarl`)
once in software. Each mapping then carries the same spikes on the same chip: PyCARL's companion settings (5 x 5
crossbars of 128 cells, 100 cycles to a millisecond), except that a crossbar takes any number of inputs, because these
cells have up to 900. Optimising mappings are given the spike count of each cell. Printed are spikes between crossbars
(global spikes), energy of the interconnect and mean latency, and by how much the best mapping cuts each against random
and sequential ones, beside what SpiNeMap states against its baselines: 45 % of energy and 21 % of latency (Balaji et
al. 2020, IEEE TVLSI 28:76).
"""

from __future__ import annotations

import argparse
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np

SCRIPT = Path(__file__).parents[1] / "examples" / "pycarl" / "synthetic.py"
CELLS = (1000, 1500, 2000, 2500)
SETTINGS = {"preset": "pycarl", "inputs": 4096}
#: Names of partition and placement.
MAPPINGS = (
    ("random", "random"),
    ("sequential", "sequential"),
    ("greedy", "greedy"),
    ("refine", "swarm"),
    ("refine", "refine"),
)
OPTIMISING = MAPPINGS[2:]
CLAIM = {"energy": 45, "latency": 21}  # per cent, SpiNeMap


class Replay:
    """An engine whose cells fire when they did before: spikes as arrays of steps and cells, for each group."""

    def __init__(self, network: Any, spikes: dict[int, tuple[Any, Any]]) -> None:
        self.network, self.spikes = network, spikes

    def run(self, steps: int) -> None:
        """Advance by `steps`."""
        network, stop = self.network, self.network.step + steps
        for group in network.groups:
            if id(group) in self.spikes:
                at, index = self.spikes[id(group)]
                now = (at > network.step) & (at <= stop)
                group.spikes.append(at[now] * network.timestep, index[now])
        network.step = stop


def simulated(cells: int, duration: float) -> Any:
    """Run the network in software and return it."""
    import pyNN.codegen as sim

    arguments = ["synthetic.py", "codegen", "--cells", str(cells), "--duration", str(duration)]
    before, sys.argv = sys.argv, arguments
    try:
        runpy.run_path(str(SCRIPT))
    finally:
        sys.argv = before
    return sim.simulator.state.network


def carried(network: Any, partition: str, placement: str) -> dict[str, float]:
    """Return what the interconnect does with the network's spikes under a mapping."""
    from pynn_ext.backends.mesh import CHIP, PRESETS

    from pynn_ext.chip.record import revision
    from pynn_ext.mapping.cosimulation import CosimulationEngine
    from pynn_ext.mapping.mesh_chip import Plan

    steps, spikes, counts = network.step, {}, {}
    for group in network.groups:
        if group.spikes is not None:
            times, index = group.spikes.arrays()
            spikes[id(group)] = np.rint(times / network.timestep).astype(np.int64), index
            counts[id(group)] = np.bincount(index, minlength=group.size)

    class Profiled(Plan):
        def __call__(self, network: Any, expected: Any = None) -> Any:
            return super().__call__(network, counts)

    network.step = 0
    for group in network.groups:
        if group.spikes is not None:
            group.spikes.clear()
    chip = revision(SETTINGS, CHIP, PRESETS)
    plan = Profiled(chip, partition, placement)
    engine = CosimulationEngine(network, lambda same: Replay(same, spikes), plan, "trace")
    engine.run(steps)
    report = engine.report()
    return {
        "messages": report["messages"],
        "energy": 1e-3 * (report["router_flits"] * chip.router_pj + report["link_flits"] * chip.link_pj),
        "latency": report["latency_cycles"]["mean"],
        "hops": report["link_flits"] / max(report["messages"], 1),
        "cores": report["cores"],
    }


def cut(found: dict[tuple[str, str], dict[str, float]], baseline: str) -> dict[str, float]:
    """Return by how many per cent the best optimising mapping is below a baseline, for each measure."""
    base = found[baseline, baseline]
    best = min((found[mapping] for mapping in OPTIMISING), key=lambda row: row["energy"])
    return {name: 100 * (1 - best[name] / base[name]) for name in ("messages", "energy", "latency")}


def table(cells: int, found: dict[tuple[str, str], dict[str, float]]) -> str:
    """Return the results of a network as a Markdown table."""
    lines = [
        f"### S_{cells}", "",
        "| partition, placement | crossbars | global spikes | hops | energy (nJ) | latency (cycles) |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for mapping, row in found.items():
        lines.append(
            f"| {', '.join(mapping)} | {row['cores']} | {row['messages']:,} | {row['hops']:.2f} | "
            f"{row['energy']:,.0f} | {row['latency']:,.1f} |"
        )
    for baseline in ("random", "sequential"):
        row = cut(found, baseline)
        lines.append(
            f"| best against {baseline} | | {-row['messages']:.0f} % | | {-row['energy']:.0f} % | "
            f"{-row['latency']:.0f} % |"
        )
    return "\n".join([*lines, f"| SpiNeMap's claim | | | | {-CLAIM['energy']} % | {-CLAIM['latency']} % |"])


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", default=",".join(map(str, CELLS)), help="networks (default: %(default)s)")
    parser.add_argument("--duration", type=float, default=300.0, help="ms (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file")
    options = parser.parse_args(argv)
    everything = {}
    for cells in map(int, options.cells.split(",")):
        network = simulated(cells, options.duration)
        found = {mapping: carried(network, *mapping) for mapping in MAPPINGS}
        everything[cells] = {", ".join(mapping): row for mapping, row in found.items()}
        print(table(cells, found) + "\n", flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
