"""What the PyNN layer costs: PyCARL's synthetic networks on ``codegen`` against the same ones in raw Brian2.

``python -m benchmarks.pycarl [--cells 1000,2500] [--duration 1000] [--repeats 3]`` runs each network in processes of
their own and prints import, run (from setup to the last spike, as PyCARL's scripts count it) and largest memory, and
the overhead over raw Brian2. PyCARL states no significant overhead over the simulator below it; the limit here is 5 %
of run time and memory on S_2500. Times are CPU seconds, medians of warm repeats; Brian2 compiles with Cython, cached.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from .measure import TO_MB

CHECKOUT = Path(__file__).parents[1]
SCRIPT = CHECKOUT / "examples" / "pycarl" / "synthetic.py"
LAYERS = {1000: (400, 400, 200), 1500: (500, 500, 500), 2000: (800, 400, 800), 2500: (900, 900, 700)}
PEERS = ("brian2", "codegen")
LIMIT, LIMITED = 1.05, 2500
COLUMNS = {"import_s": "import (CPU s)", "run_s": "run (CPU s)", "peak_mb": "memory (MB)"}


def ours(cells: int, duration: float) -> dict[str, float]:
    """Run the PyNN script."""
    start = time.process_time()
    import pyNN.codegen as sim

    imported = time.process_time()
    sys.argv = ["synthetic.py", "codegen", "--cells", str(cells), "--duration", str(duration)]
    runpy.run_path(str(SCRIPT))
    ended = time.process_time()
    groups = sim.simulator.state.network.groups
    spikes = sum(len(group.spikes.arrays()[0]) for group in groups if group.spikes is not None)
    return {"import_s": imported - start, "run_s": ended - imported, "spikes": int(spikes)}


def theirs(cells: int, duration: float, cache: str) -> dict[str, float]:
    """Build and run the same network in Brian2: Euler steps of 0.5 ms, jumps of v, Poisson sources one to one."""
    start = time.process_time()
    import brian2 as b
    from brian2 import ms, mV

    b.prefs.codegen.runtime.cython.cache_dir = cache
    imported = time.process_time()
    b.defaultclock.dt = 0.5 * ms
    b.seed(42)
    equations = """dv/dt = (0.04/mV*v*v + 5*v + 140*mV)/ms - u : volt
    du/dt = 0.02/ms*(0.2*v/ms - u) : volt/second"""
    sizes, net = LAYERS[cells], b.Network()
    layers = []
    for n in sizes:
        group = b.NeuronGroup(
            n, equations, threshold="v >= 30*mV", reset="v = -65*mV; u += 8*mV/ms", method="euler"
        )
        group.v, group.u = -70 * mV, -14 * mV / ms
        layers.append(group)
    poisson = b.PoissonGroup(sizes[0], 100 * b.Hz)
    feed = b.Synapses(poisson, layers[0], on_pre="v += 30*mV", delay=1 * ms)
    feed.connect(j="i")
    net.add(poisson, feed, *layers)
    for pre, post in pairwise(layers):
        synapses = b.Synapses(pre, post, "w : volt", on_pre="v += w", delay=1 * ms)
        synapses.connect()
        synapses.w = 300.0 / pre.N * mV
        net.add(synapses)
    monitors = [b.SpikeMonitor(layer) for layer in layers]
    net.add(*monitors)
    net.run(duration * ms)
    spikes = sum(monitor.num_spikes for monitor in monitors)
    return {"import_s": imported - start, "run_s": time.process_time() - imported, "spikes": int(spikes)}


def measure(peer: str, cells: int, duration: float, cache: str) -> dict[str, Any]:
    """Run one peer in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pycarl", "--one", peer, cache]
    command += ["--cells", str(cells), "--duration", str(duration)]
    environment = {**os.environ, "PYNN_EXT_CACHE": cache, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{peer}, S_{cells}:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def table(cells: int, found: dict[str, dict[str, float]]) -> str:
    """Return the figures of a network as a Markdown table."""
    lines = [
        f"### S_{cells}", "", f"| | {' | '.join(COLUMNS.values())} | spikes |", "|---|" + "---|" * 4,
    ]  # fmt: skip
    for peer, row in found.items():
        cells_of = [f"{row[name]:.0f}" if name == "peak_mb" else f"{row[name]:.3g}" for name in COLUMNS]
        lines.append(f"| {peer} | {' | '.join(cells_of)} | {row['spikes']:,.0f} |")
    ratios = [f"{100 * (ratio(found, name) - 1):+.0f} %" for name in COLUMNS]
    return "\n".join([*lines, f"| overhead | {' | '.join(ratios)} | |"])


def ratio(found: dict[str, dict[str, float]], name: str) -> float:
    """Return our figure as a multiple of raw Brian2's."""
    return found["codegen"][name] / found["brian2"][name]


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit code 1 if S_2500 takes more than 5 % beyond raw Brian2."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", default=",".join(map(str, LAYERS)), help="networks (default: %(default)s)")
    parser.add_argument("--duration", type=float, default=1000.0, help="ms (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="warm repeats (default: %(default)s)")
    parser.add_argument("--one", nargs=2, metavar=("PEER", "CACHE"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        return one(*options.one, int(options.cells), options.duration)
    broken = False
    with tempfile.TemporaryDirectory() as cache:
        for cells in map(int, options.cells.split(",")):
            found = {}
            for peer in PEERS:
                rows = [measure(peer, cells, options.duration, cache) for _ in range(options.repeats + 1)][1:]
                found[peer] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            print(table(cells, found) + "\n", flush=True)
            if cells == LIMITED:
                broken = max(ratio(found, name) for name in ("run_s", "peak_mb")) > LIMIT
    return 1 if broken else 0


def one(peer: str, cache: str, cells: int, duration: float) -> int:
    """Measure in this process; the last line printed is JSON."""
    import resource

    import pynn_ext  # noqa: F401  (so that the checkout need not be installed)

    found = ours(cells, duration) if peer == "codegen" else theirs(cells, duration, cache)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * TO_MB
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
