"""How long it takes until something happens, and how long small things take; one process, one line of JSON.

``python -m benchmarks.latency first`` measures up to the first step of a script of 100 cells, ``build`` the building
of the network of Vogels and Abbott, and ``small`` short runs of 100 cells, in a loop and after a reset.

PyNN imports ``csa`` if that is installed, which imports Matplotlib and takes as long as everything else together, and
``mpi4py``, which looks for an MPI library: here they count as not installed."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any


def seconds(action: Callable[[], Any], repeats: int) -> float:
    """Return the median duration of an action, in CPU seconds."""
    found = []
    for _ in range(repeats):
        begun = time.process_time()
        action()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def tiny(sim: Any) -> Any:
    """Make 100 cells with Poisson input."""
    sim.setup(timestep=0.1, min_delay=0.1)
    cells = sim.Population(100, sim.IF_cond_exp(i_offset=0.5))
    sources = sim.Population(100, sim.SpikeSourcePoisson(rate=20.0))
    connector = sim.FixedProbabilityConnector(0.1, rng=sim.NumpyRNG(seed=1))
    sim.Projection(sources, cells, connector, sim.StaticSynapse(weight=0.005, delay=0.5))
    cells.record("spikes")
    return cells


def first() -> dict[str, float]:
    """Return the CPU time, with that of compilers, until the first step has been made, imports included."""
    for name in ("csa", "mpi4py"):
        sys.modules[name] = None  # type: ignore[assignment]
    import pyNN.codegen as sim

    tiny(sim)
    sim.run(0.1)
    compilers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"first_cpu_s": time.process_time() + compilers.ru_utime + compilers.ru_stime}


def build() -> dict[str, float]:
    """Return the times of building 4000 cells and 320 000 synapses."""
    import pyNN.codegen as sim

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
    import pyNN.codegen as sim

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


if __name__ == "__main__":
    print(json.dumps({"first": first, "build": build, "small": small}[sys.argv[1]]()))
