"""What differs between trials: nothing by default, everything drawn at random with ``fresh_noise``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import pynn_ext.codegen
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.frontend.simulator import Simulator

ENGINES = {"compiled": pynn_ext.codegen.Engine, "interpreted": InterpretedEngine}


def trials(engine: Any, fresh: bool, n: int = 3) -> dict[str, list[bytes]]:
    """Return what each of `n` trials recorded: a source, a noisy current, a stochastic synapse and cell."""
    sim: Any = SimpleNamespace(**Simulator("tests.trials", "trials", engine).namespace())
    sim.setup(timestep=0.1, fresh_noise=fresh)
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=100.0))
    noisy, driven = (sim.Population(3, sim.IF_curr_exp()) for _ in range(2))
    gif = sim.Population(3, sim.GIF_cond_exp(i_offset=1.5))
    noisy.inject(sim.NoisyCurrentSource(mean=0.2, stdev=0.5, dt=1.0))
    clock = sim.Population(3, sim.SpikeSourceArray(spike_times=np.arange(1.0, 40.0, 2.0)))
    sim.Projection(
        clock, driven, sim.AllToAllConnector(), sim.SimpleStochasticSynapse(weight=0.2, delay=1.0, p=0.5)
    )
    source.record("spikes")
    gif.record("spikes")
    for cells in (noisy, driven):
        cells.record("v")
    for trial in range(n):
        if trial:
            sim.reset()
        sim.run(50.0)
    found: dict[str, list[bytes]] = {}
    for name, cells in {"source": source, "gif": gif}.items():
        segments = cells.get_data().segments
        found[name] = [np.concatenate([t.magnitude for t in s.spiketrains]).tobytes() for s in segments]
    for name, cells in {"noisy": noisy, "driven": driven}.items():
        found[name] = [s.analogsignals[0].magnitude.tobytes() for s in cells.get_data().segments]
    return found


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_trials_are_equal_unless_asked_otherwise(engine: Any) -> None:
    for recorded in trials(engine, fresh=False, n=2).values():
        assert len(set(recorded)) == 1


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_fresh_noise_differs_in_everything_and_comes_again(engine: Any) -> None:
    first = trials(engine, fresh=True)
    for name, recorded in first.items():
        assert len(set(recorded)) == 3, name
    assert trials(engine, fresh=True) == first


def test_the_first_trial_is_that_of_the_default() -> None:
    repeated, fresh = (trials(pynn_ext.codegen.Engine, fresh=value, n=1) for value in (False, True))
    assert repeated == fresh


def test_trials_are_independent() -> None:
    """Counts of 1000 Poisson sources in two trials correlate as two samples do, |r| < 4 / sqrt(n)."""
    sim: Any = SimpleNamespace(
        **Simulator("tests.independent", "independent", pynn_ext.codegen.Engine).namespace()
    )
    sim.setup(timestep=0.1, fresh_noise=True)
    source = sim.Population(1000, sim.SpikeSourcePoisson(rate=100.0))
    source.record("spikes")
    sim.run(100.0)
    sim.reset()
    sim.run(100.0)
    counts = [[len(train) for train in segment.spiketrains] for segment in source.get_data().segments]
    assert abs(np.corrcoef(counts)[0, 1]) < 4 / np.sqrt(1000)
