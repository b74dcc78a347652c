"""Measures networks on this package and its peers, each measurement in a process of its own, and prints ratios.

python -m benchmarks [--networks coba,hh] [--peers nest,standalone] [--scale 0.25] [--repeats 3] [--json FILE]

Every network is run on ``codegen`` and on each peer that is installed. What is measured: ``build`` makes cells
and connections; ``first step`` is the first ``run`` of one time step, cold with an empty cache of compiled code
and warm with a filled one; ``run`` is the rest of the simulation; memory is the largest resident size of the
process. Warm figures are the medians of the repeats, each with other seeds; the rate is the mean. All peers use
one thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):  # python benchmarks/run.py
    sys.path.insert(0, str(CHECKOUT))

from benchmarks.networks import NETWORKS  # noqa: E402

OURS = "codegen"
PEERS = {
    "nest": "pyNN.nest",
    "brian2": "pyNN.brian2",
    "standalone": "Brian2 C++ standalone",
    "genn": "GeNN, CPU code",
}
NEEDS = {"nest": "nest", "brian2": "brian2", "standalone": "brian2", "genn": "pygenn"}
REMEDY = {
    "nest": "pip install nest-simulator",
    "brian2": "pip install brian2",
    "standalone": "pip install brian2",
    "genn": "pip install a copy of github.com/genn-team/genn; it is not on PyPI",
}
ALONE = {
    "standalone",
    "genn",
}  # peers with a module of their own instead of PyNN's interface; they compile each time
CACHED = {OURS, "brian2"}  # peers with a cache of compiled code
TOLERANCE = 0.05


def measure(peer: str, network: str, seed: int, cache: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one measurement, or what went wrong under ``"error"``."""
    module = f"benchmarks.{peer}_peer" if peer in ALONE else "benchmarks.pynn_peer"
    arguments = [network, str(options.scale), str(seed)]
    if peer not in ALONE:
        arguments = [peer, *arguments, cache]
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, *arguments],
                cwd=folder, env=environment, capture_output=True, text=True, timeout=options.limit, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {options.limit:g} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"error": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    figures: dict[str, Any] = json.loads(lines[-1])
    return figures


def measure_peer(peer: str, network: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of a peer: those of a cold start, and the medians of the warm ones."""
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        cold = measure(peer, network, 0, cache, options)
        if "error" in cold:
            return cold
        warm = [cold] if peer not in CACHED else []
        while len(warm) < options.repeats:
            warm.append(measure(peer, network, len(warm), cache, options))
    good = [figures for figures in warm if "error" not in figures]
    if not good:
        return warm[-1]
    medians = {key: statistics.median(figures[key] for figures in good) for key in good[0]}
    medians["rate"] = statistics.mean(figures["rate"] for figures in good)
    medians["cold_s"] = cold["first_s"] if peer in CACHED or peer in ALONE else None
    if peer in ALONE:
        medians["first_s"] = None
    return medians


def compare(network: str, results: dict[str, dict[str, Any]]) -> None:
    """Add the ratios to our figures, and whether the rate differs by more than the tolerance."""
    ours = results[OURS]
    for figures in results.values():
        if "error" in figures or "error" in ours:
            continue
        for key in ("build_s", "first_s", "cold_s", "run_s", "peak_mb"):
            if figures.get(key) is not None and ours.get(key):
                figures[f"{key}_ratio"] = figures[key] / ours[key]
        figures["rate_agrees"] = abs(figures["rate"] - ours["rate"]) <= TOLERANCE * max(ours["rate"], 1e-9)


def table(network: str, results: dict[str, dict[str, Any]]) -> str:
    """Return the results of a network as a markdown table; in brackets how many times our figure."""
    ours = results[OURS]
    title = f"### {network}"
    if "error" not in ours:
        title += f": {ours['neurons']:,.0f} cells, {ours['synapses']:,.0f} synapses"
    lines = [
        title,
        "",
        "| | run (s) | build (s) | first step, cold (s) | warm (s) | memory (MB) | spikes/s |",
        "|---|---|---|---|---|---|---|",
    ]
    for peer, figures in results.items():
        label = f"**{peer}**" if peer == OURS else PEERS[peer]
        if "error" in figures:
            lines.append(f"| {label} | {figures['error']} | | | | | |")
            continue
        cells = [_cell(figures, key) for key in ("run_s", "build_s", "cold_s", "first_s", "peak_mb")]
        rate = f"{figures['rate']:.2f}" + ("" if figures.get("rate_agrees", True) else " (differs)")
        lines.append(f"| {label} | {' | '.join(cells)} | {rate} |")
    return "\n".join(lines)


def _cell(figures: dict[str, Any], key: str) -> str:
    if figures.get(key) is None:
        return "-"
    ratio = figures.get(f"{key}_ratio")
    times = "" if ratio is None or ratio == 1.0 else f" ({ratio:.3g}x)"
    return (f"{figures[key]:.0f}" if key == "peak_mb" else f"{figures[key]:.3g}") + times


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--networks", default=",".join(NETWORKS), help="comma-separated (default: %(default)s)"
    )
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the number of cells (default: 1)")
    parser.add_argument(
        "--repeats", type=int, default=3, help="warm repeats of which the median counts (default: 3)"
    )
    parser.add_argument(
        "--limit", type=float, default=300.0, help="seconds for one measurement (default: 300)"
    )
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file")
    return parser


def chosen(text: str, known: dict[str, Any], parser: argparse.ArgumentParser) -> list[str]:
    """Return the names of a comma-separated list, checked."""
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in known:
            parser.error(f"{name!r} is not one of {', '.join(known)}")
    return names


def main(argv: list[str] | None = None) -> int:
    """Measure and print; exit code 1 if our own measurement failed."""
    parser = _parser()
    options = parser.parse_args(argv)
    networks, peers = chosen(options.networks, NETWORKS, parser), chosen(options.peers, PEERS, parser)
    for peer in [peer for peer in peers if importlib.util.find_spec(NEEDS[peer]) is None]:
        print(f"{PEERS[peer]} is left out: {NEEDS[peer]} is not installed ({REMEDY[peer]})\n")
        peers.remove(peer)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}. In brackets: how many times the figure of {OURS}.\n", flush=True)
    everything: dict[str, Any] = {"machine": machine, "scale": options.scale, "networks": {}}
    failed = False
    for network in networks:
        results = {peer: measure_peer(peer, network, options) for peer in [OURS, *peers]}
        compare(network, results)
        print(table(network, results) + "\n", flush=True)
        everything["networks"][network] = results
        failed |= "error" in results[OURS]
    if options.json:
        Path(options.json).write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
