"""How the time of a run grows with synapses and with neurons, up to 20 million synapses.

python -m benchmarks.growth [--most 20e6] [--threads 1] [--json FILE] [--plot FILE]

Cells fire at a rate that their connections do not change: they are driven by a current, weights are small, and
each synapse has a weight and a delay of its own. So the work is known. With the number of cells as it is,
synapses grow; with the number of inputs of a cell as it is, cells and synapses grow together: with many inputs
the time is that of synapses, with few that of cells too, whose state leaves the caches as it grows. What is
measured is the CPU time of the run, the least of some repeats. With a given number of cells linear growth is a
straight line, which begins with the work of the cells; if cells grow it is an exponent of 1, the slope of a line
through the logarithms."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .marks import versions

CELLS = 10_000  # of the series in which synapses grow
INPUTS = (1000, 100)  # of each cell, of those in which cells grow
STEPS = 5  # points of a series
DURATION = 500.0  # ms


@dataclass(frozen=True)
class Point:
    """One network.

    Attributes
    ----------
    cells, synapses : int
    spikes : int
        Fired in the run.
    run_s : float
        CPU time (s) of the run.
    """

    cells: int
    synapses: int
    spikes: int
    run_s: float

    @property
    def events(self) -> float:
        """Synaptic events of the run."""
        return self.spikes * self.synapses / self.cells


def measure(cells: int, inputs: int, repeats: int, threads: int = 1) -> Point:
    """Build a network and return what its run takes."""
    import pyNN.codegen as sim

    sim.setup(timestep=0.1, threads=threads)
    native = sim.NativeRNG(seed=1)
    drive = np.random.default_rng(1).uniform(0.76, 0.9, cells)
    neurons = sim.Population(cells, sim.IF_curr_exp(i_offset=drive))
    neurons.initialize(v=sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=native))
    synapse = sim.StaticSynapse(
        weight=sim.RandomDistribution("uniform", low=0.0, high=1e-6, rng=native),
        delay=sim.RandomDistribution("uniform_int", low=1, high=20, rng=native),
    )
    connector = sim.FixedProbabilityConnector(inputs / cells, rng=native)
    projection = sim.Projection(neurons, neurons, connector, synapse, receptor_type="excitatory")
    neurons.record("spikes")
    sim.run(20.0)
    before, times = sum(neurons.get_spike_counts().values()), []
    for _ in range(repeats):
        begun = time.process_time()
        sim.run(DURATION)
        times.append(time.process_time() - begun)
    spikes = sum(neurons.get_spike_counts().values()) - before
    return Point(cells, projection.size(), round(spikes / repeats), min(times))


def series(most: float, repeats: int, threads: int) -> dict[str, list[Point]]:
    """Return the points of all series, which end at `most` synapses."""
    shares = 2.0 ** np.arange(1 - STEPS, 1)
    sizes = {"synapses": [(CELLS, max(1, round(most / CELLS * share))) for share in shares]}
    for inputs in INPUTS:
        cells = [max(inputs, round(most / inputs * share)) for share in shares]
        sizes[f"cells of {inputs} inputs"] = [(n, inputs) for n in cells]
    return {name: [measure(*size, repeats, threads) for size in found] for name, found in sizes.items()}


def exponent(points: list[Point]) -> float:
    """Return the slope of log(time) over log(synapses)."""
    x = np.log([point.synapses for point in points])
    return float(np.polyfit(x, np.log([point.run_s for point in points]), 1)[0])


def line(points: list[Point]) -> tuple[float, float, float]:
    """Return beginning (s) and slope (s per synapse) of a straight line through the points, and the largest relative
    distance from it."""
    x, y = (np.array(values) for values in zip(*((p.synapses, p.run_s) for p in points), strict=True))
    slope, beginning = np.polyfit(x, y, 1, w=1 / y)
    return float(beginning), float(slope), float(np.abs((beginning + slope * x) / y - 1).max())


def draw(found: dict[str, list[Point]], path: Path) -> None:
    """Plot time over synapses."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(5.5, 3.6), layout="constrained")
    for (name, points), marker in zip(found.items(), "osd", strict=True):
        x = np.array([p.synapses for p in points])
        beginning, slope, _ = line(points)
        label = f"{CELLS:,} cells, more inputs" if name == "synapses" else f"more {name}"
        (marks,) = axes.loglog(x / 1e6, [p.run_s / DURATION * 1e3 for p in points], marker, label=label)
        straight = (
            (beginning + slope * x if name == "synapses" else points[0].run_s * x / x[0]) / DURATION * 1e3
        )
        axes.loglog(x / 1e6, straight, color=marks.get_color(), alpha=0.5, linewidth=1)
    for axis, ticks in ((axes.xaxis, x / 1e6), (axes.yaxis, (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10))):
        axis.set_major_locator(ticker.FixedLocator([float(f"{tick:.2g}") for tick in ticks]))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(ticker.NullLocator())
    axes.set(xlabel="synapses (millions)", ylabel="CPU s per biological s")
    axes.legend(frameon=False, title="lines: linear growth")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def table(points: list[Point]) -> str:
    """Return a series as a markdown table."""
    lines = ["| cells | synapses | CPU s per biological s | ns an event, all included |", "|---|---|---|---|"]
    for p in points:
        lines.append(
            f"| {p.cells:,} | {p.synapses:,} | {p.run_s / DURATION * 1e3:.3g} | {p.run_s / p.events * 1e9:.2f} |"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--most", type=float, default=20e6, help="synapses (default: 20 million)")
    parser.add_argument("--repeats", type=int, default=3, help="of which the least time counts (default: 3)")
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all figures to a file")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="write the plot to a file")
    options = parser.parse_args(argv)
    found = series(options.most, options.repeats, options.threads)
    print(versions())
    everything: dict[str, Any] = {"machine": versions(), "threads": options.threads}
    for name, points in found.items():
        off, power = line(points)[2], exponent(points)
        law = (
            f"straight line within {off:.0%}"
            if name == "synapses"
            else f"time as cells to the power of {power:.2f}"
        )
        print(f"\n### {name} grow: {law}\n\n{table(points)}")
        everything[name] = {"law": law, "points": [asdict(point) for point in points]}
    if options.json:
        options.json.write_text(json.dumps(everything, indent=2) + "\n")
    if options.plot:
        draw(found, options.plot)


if __name__ == "__main__":
    main()
