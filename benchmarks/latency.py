"""How long it takes until something happens, and how long small things take.

``python -m benchmarks.latency`` starts the script `first_step` with an empty and with a filled cache of compiled
code, and beside them a script that only imports PyNN and Neo, all in turns: the least wall and CPU time of each, from
the start of the process to its end, compilers included. A slow or busy machine is judged by the ratios of wall times.

``python -m benchmarks.latency build`` measures the building of the network of Vogels and Abbott, and ``small`` short
runs of 100 cells, in a loop and after a reset (CPU time); one line of JSON."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pynn_ext import load_backend

from .first_step import hide, tiny

SCRIPT = Path(__file__).with_name("first_step.py")
COLD, WARM, PLAIN = "first step, cold", "first step, warm", "import pyNN.common, neo"
REPEATS = {COLD: 3, WARM: 10, PLAIN: 10}


def seconds(action: Callable[[], Any], repeats: int) -> float:
    """Return the median duration of an action, in CPU seconds."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        action()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def process(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the wall and the CPU time of a process and those that it starts (s)."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_steps(repeats: dict[str, int] = REPEATS) -> dict[str, tuple[float, float]]:
    """Return the least wall and CPU time (s) of `COLD`, `WARM` and `PLAIN`, each measured so often."""
    path = os.pathsep.join(filter(None, [str(SCRIPT.parents[1]), os.environ.get("PYTHONPATH", "")]))
    with ExitStack() as stack:

        def folder() -> str:
            return stack.enter_context(tempfile.TemporaryDirectory())  # of mode 0700

        filled = folder()
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": folder()}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # scripts are not compiled anew at each start

        def measure(what: str, cache: str) -> tuple[float, float]:
            command = [sys.executable, str(SCRIPT), *["plain"] * (what == PLAIN)]
            return process(command, {**environment, "PYNN_EXT_CACHE": cache})

        measure(COLD, filled)
        measure(PLAIN, filled)
        found: dict[str, list[tuple[float, float]]] = {what: [] for what in repeats}
        for turn in range(max(repeats.values())):
            for what, times in repeats.items():
                if turn < times:
                    found[what].append(measure(what, folder() if what == COLD else filled))
    return {what: (min(w for w, _ in times), min(c for _, c in times)) for what, times in found.items()}


def build() -> dict[str, float]:
    """Return the times of building 4000 cells and 320 000 synapses."""
    sim = load_backend("codegen")

    from .networks import Recurrent, network
    from .pynn_peer import build_recurrent

    net = network("coba")
    assert isinstance(net, Recurrent)

    def make(native: bool) -> None:
        sim.setup(timestep=net.timestep, min_delay=net.delay)
        build_recurrent(sim, net, 0, sim.NativeRNG(seed=1) if native else None)

    make(True)
    return {"numpy_s": seconds(lambda: make(False), 5), "native_s": seconds(lambda: make(True), 5)}


def small() -> dict[str, float]:
    """Return the times of one millisecond of 100 cells, and of a reset with 100 ms."""
    sim = load_backend("codegen")

    cells = tiny(sim)
    sim.run(1.0)

    def again() -> None:
        sim.reset()
        cells.set(i_offset=0.4)
        sim.run(100.0)

    again()
    return {
        "reset_s": seconds(again, 20),
        "short_s": seconds(lambda: [sim.run(1.0) for _ in range(100)], 20) / 100,
    }


def table(found: dict[str, tuple[float, float]]) -> str:
    """Return first steps as a table."""
    plain = found[PLAIN][0]
    rows = (
        f"| {what} | {wall:.2f} s | {cpu:.2f} s | {wall / plain:.2f} |" for what, (wall, cpu) in found.items()
    )
    return "\n".join([f"| | wall | CPU | times `{PLAIN}` |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        hide()
        print(json.dumps({"build": build, "small": small}[sys.argv[1]]()))
    else:
        print(table(first_steps()))
