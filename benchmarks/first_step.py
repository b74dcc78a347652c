"""A script of 100 cells with Poisson input that makes one step: what `benchmarks.latency` starts and times.

PyNN imports ``csa`` if that is installed, which imports Matplotlib and takes as long as everything else together, and
``mpi4py``, which looks for an MPI library: here they count as not installed. ``python first_step.py plain`` only
imports PyNN and Neo, as any backend does."""

from __future__ import annotations

import sys
from typing import Any


def hide() -> None:
    """Let ``csa`` and ``mpi4py`` count as not installed."""
    sys.modules.update(dict.fromkeys(("csa", "mpi4py")))  # type: ignore[arg-type]


def tiny(sim: Any) -> Any:
    """Make the cells, ready to run."""
    sim.setup(timestep=0.1, min_delay=0.1)
    cells = sim.Population(100, sim.IF_cond_exp(i_offset=0.5))
    sources = sim.Population(100, sim.SpikeSourcePoisson(rate=20.0))
    connector = sim.FixedProbabilityConnector(0.1, rng=sim.NumpyRNG(seed=1))
    sim.Projection(sources, cells, connector, sim.StaticSynapse(weight=0.005, delay=0.5))
    cells.record("spikes")
    return cells


if __name__ == "__main__":
    hide()
    if "plain" in sys.argv:
        import neo  # noqa: F401
        import pyNN.common  # noqa: F401
    else:
        import pynn_ext

        assert pynn_ext.__version__  # in a checkout the name pyNN.codegen is known from here on
        import pyNN.codegen as sim

        tiny(sim)
        sim.run(0.1)
