"""The figures that the engine has to reach, as ratios measured in one run.

python -m benchmarks.marks [--rows coba,hh] [--peers kernel,standalone,nest] [--json FILE]
python -m benchmarks.marks --gate
python -m benchmarks.marks --full [--precision single]

Every ratio is of CPU times on one thread, ours and the other's in turns, so that the load of the machine matters
little. ``kernel`` is a program written by hand for that network alone (``kernels.cpp``). With ``--gate`` only short
networks are measured against their kernels, and the exit code is 1 if a ratio is more than a quarter above the one in
``gate.json``. With ``--full`` only the microcircuit of full size is measured, by its example with two threads: it takes
minutes and 3 GB, and its wall time wants a quiet machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import kernels, latency
from .measure import TO_MB
from .networks import network
from .run import CHECKOUT, measure

TRIES = 3
GATE_REPEATS = 3
GATE = Path(__file__).with_name("gate.json")
TOLERATED = 1.25


@dataclass(frozen=True)
class Mark:
    """A ratio to reach: ours to the kernel's at most, a peer's to ours at least; or one to know, without a limit."""

    network: str
    peer: str
    ratio: float | None = None
    precision: str = "double"

    def met(self, found: float) -> bool:
        """Whether a ratio is good enough."""
        if self.ratio is None:
            return True
        return found <= self.ratio if self.peer == "kernel" else found >= self.ratio

    def row(self, ours_s: float, found: float) -> str:
        """Return a row of the table."""
        name = self.network if self.precision == "double" else f"{self.network}, {self.precision}"
        limit = "" if self.ratio is None else f"{'≤' if self.peer == 'kernel' else '≥'} {self.ratio:g}"
        verdict = "" if self.met(found) else "missed"
        return f"| {name} ({ours_s:.3g} s) | {self.peer} | {found:.3g} | {limit} | {verdict} |"


MARKS = [
    Mark("coba", "kernel", 1.5), Mark("coba", "standalone", 4), Mark("coba", "nest", 100),
    Mark("coba", "kernel", 1.5, "single"),
    Mark("cuba", "standalone", 3), Mark("cuba", "nest", 20),
    Mark("brunel", "standalone", 10), Mark("brunel", "nest"),
    Mark("microcircuit", "kernel", 2), Mark("microcircuit", "standalone", 6), Mark("microcircuit", "nest", 100),
    Mark("stdp", "kernel", 2), Mark("stdp", "standalone", 5), Mark("stdp", "nest", 25),
    Mark("hh", "kernel", 1.5), Mark("hh", "standalone", 8), Mark("hh", "nest"),
]  # fmt: skip
LATENCIES = {  # what, in which part of benchmarks.latency, and the most that it may take (CPU seconds)
    "build COBA 4000 with NumpyRNG": ("build", "numpy_s", 0.3),
    "build COBA 4000 with NativeRNG": ("build", "native_s", 0.05),
    "run(1 ms) of 100 cells": ("small", "short_s", 1e-4),
    "reset and 100 ms": ("small", "reset_s", 5e-3),
}
FIRST = {latency.COLD: 2.0, latency.WARM: 0.35}  # the most that they may take (seconds of a quiet machine)

FULL = {"real-time factor": 1.0, "build (s)": 120.0, "memory (GB)": 4.0}  # of the full microcircuit, at most


def ours(name: str, cache: str, options: argparse.Namespace, precision: str = "double") -> dict[str, Any]:
    """Return the medians of our figures."""
    backend = f"codegen:{precision}"
    found = [measure(backend, name, seed, cache, options) for seed in range(options.repeats + 1)][1:]
    good = [figures for figures in found if "error" not in figures]
    if not good:
        return found[0]
    return {key: statistics.median(figures[key] for figures in good) for key in good[0]}


def peer_time(
    peer: str, name: str, cache: str, options: argparse.Namespace, precision: str = "double"
) -> float:
    """Return the CPU time of a peer (s); nan if it cannot be measured."""
    if peer == "kernel":
        net = network(name)
        return statistics.median(kernels.measure(net, precision)["run_cpu_s"] for _ in range(options.repeats))
    figures = measure(peer, name, 0, cache, options)
    return float(figures.get("run_cpu_s", float("nan")))


def latencies(cache: str) -> dict[str, float]:
    """Return the time of everything in `LATENCIES` (s)."""
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]))

    def run(part: str) -> dict[str, float]:
        environment = {**os.environ, "PYTHONPATH": path, "PYNN_EXT_CACHE": cache}
        command = [sys.executable, "-m", "benchmarks.latency", part]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return figures

    found = {**run("build"), **run("small")}
    return {what: found[key] for what, (_, key, _) in LATENCIES.items()}


def latency_rows(cache: str) -> Iterator[tuple[str, float, bool, str]]:
    """Yield name, seconds, verdict and row of each latency; first steps also beside the import of PyNN."""
    first = latency.first_steps()
    plain = first[latency.PLAIN][0]
    for what, most in FIRST.items():
        wall, cpu = first[what]
        against = f"`{latency.PLAIN}` ({plain:.2f} s)"
        row = f"| {what} ({wall:.2f} s; CPU {cpu:.2f} s) | {against} | {wall / plain:.2f} | < {most:g} s |"
        yield what, wall, wall <= most, row
    for what, found in latencies(cache).items():
        most = LATENCIES[what][2]
        yield what, found, found <= most, f"| {what} | | {found:.3g} s | < {most:g} s |"


def gate_ratio(name: str, cache: str) -> float:
    """Return how many times the CPU time of its kernel a network takes; infinity if it fails.

    What else a machine does can only add to a time. So the least counts of both, measured in turns; the first run
    is for the compiler."""
    options = argparse.Namespace(scale=1.0, limit=300.0, repeats=1)
    mine, kernel = [], []
    for seed in range(GATE_REPEATS + 1):
        found = measure("codegen", name, seed, cache, options)
        if "error" in found:
            print(f"{name}: {found['error']}")
            return float("inf")
        mine.append(float(found["run_cpu_s"]))
        kernel.append(peer_time("kernel", name, cache, options))
    return min(mine[1:]) / min(kernel[1:])


def gate_ratios() -> dict[str, float]:
    """Return the ratios of before, of processors with vectors like those of this one."""
    from pynn_ext.codegen import cache

    kinds: dict[str, dict[str, float]] = json.loads(GATE.read_text())
    return kinds["avx512" if "avx512dq" in cache._cpu().split() else "other"]


def gate() -> int:
    """Compare short networks with their kernels; exit code 1 if the engine has become slower."""
    expected = gate_ratios()
    slow = []
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        for name, before in expected.items():
            for _ in range(TRIES):  # a busy machine can only make it look slower than it is
                ratio = gate_ratio(name, cache)
                print(f"{name}: {ratio:.2f} times the kernel ({before:.2f} before)", flush=True)
                if ratio <= TOLERATED * before:
                    break
            else:
                slow.append(name)
    if slow:
        print(f"slower than before by more than {TOLERATED - 1:.0%}: {', '.join(slow)}")
    return bool(slow)


def full(precision: str) -> int:
    """Print real-time factor, build time and memory of the full microcircuit; exit code 1 if one misses its mark."""
    command = [sys.executable, str(CHECKOUT / "examples" / "microcircuit.py"), "codegen", "--native"]
    command += ["--scale", "1", "--threads", "2", "--precision", precision]
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=True
    )
    print(done.stdout)
    said = re.search(r"built in ([0-9.]+) s, ([0-9.]+) s for each", done.stdout)
    assert said is not None, "the example does not say what it took"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * TO_MB / 1024
    found = [float(said[2]), float(said[1]), peak]
    print(f"{versions()}\n\n| microcircuit, full size, {precision} precision | | mark | |\n|---|---|---|---|")
    for (what, most), value in zip(FULL.items(), found, strict=True):
        print(f"| {what} | {value:.3g} | < {most:g} | {'missed' if value >= most else ''} |")
    return any(value >= most for most, value in zip(FULL.values(), found, strict=True))


def versions() -> str:
    """Return the machine and the versions of what is compared."""
    from importlib.metadata import PackageNotFoundError, version

    found = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"]
    for name in ("pynn-ext", "pyNN", "brian2", "nest-simulator", "numpy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.marks", description=(__doc__ or "").split("\n")[0]
    )
    rows = list(dict.fromkeys(mark.network for mark in MARKS))
    parser.add_argument("--rows", default=",".join([*rows, "latency"]), help="default: %(default)s")
    parser.add_argument("--peers", default="kernel,standalone,nest", help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=3, help="of which the median counts (default: 3)")
    parser.add_argument(
        "--limit", type=float, default=600.0, help="seconds for one measurement (default: 600)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the ratios to a file")
    parser.add_argument(
        "--gate", action="store_true", help="compare short networks with the ratios in gate.json"
    )
    parser.add_argument(
        "--full", action="store_true", help="only the microcircuit of full size: minutes, 3 GB"
    )
    parser.add_argument(
        "--precision", default="double", choices=("double", "single"), help="of --full (default: %(default)s)"
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit code 1 if a mark is missed."""
    options = _parser().parse_args(argv)
    if options.gate:
        return gate()
    if options.full:
        return full(options.precision)
    options.scale = 1.0
    rows, peers = options.rows.split(","), options.peers.split(",")
    print(versions(), "\n\n| | against | ratio | mark | |\n|---|---|---|---|---|", sep="", flush=True)
    missed, ratios = 0, {}
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        wanted = [mark for mark in MARKS if mark.network in rows and mark.peer in peers]
        kinds = dict.fromkeys((mark.network, mark.precision) for mark in wanted)
        mine = {kind: ours(kind[0], cache, options, kind[1]) for kind in kinds}
        for mark in wanted:
            ours_s = mine[mark.network, mark.precision].get("run_cpu_s", float("nan"))
            theirs = peer_time(mark.peer, mark.network, cache, options, mark.precision)
            ratio = ours_s / theirs if mark.peer == "kernel" else theirs / ours_s
            key = f"{mark.network} {mark.peer}" + ("" if mark.precision == "double" else f" {mark.precision}")
            ratios[key] = ratio
            missed += not mark.met(ratio)
            print(mark.row(ours_s, ratio), flush=True)
        if "latency" in rows:
            for what, found, met, row in latency_rows(cache):
                missed += not met
                ratios[what] = found
                print(f"{row} {'' if met else 'missed'} |", flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": versions(), "ratios": ratios}, indent=2) + "\n")
    return missed > 0


if __name__ == "__main__":
    raise SystemExit(main())
