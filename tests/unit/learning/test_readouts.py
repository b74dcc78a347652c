"""The two readouts against their rules written out; the headline is asserted of ``examples/what_and_when.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.readouts import WhatReadout, WhenReadout

TRIAL = 200.0


def cells(sim: Any, trials: int) -> Any:
    """12 cells that fire one after another in each trial, 15 ms apart: a clock."""
    times = [[5.0 + 15.0 * i + TRIAL * k for k in range(trials)] for i in range(12)]
    population = sim.Population(12, sim.SpikeSourceArray(spike_times=times))
    population.record("spikes")
    target = sim.Population(1, sim.IF_curr_exp())
    sim.Projection(population, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    return population


def test_a_clock_tells_when_and_how_often(sim: Any) -> None:
    trials = 40
    events = np.random.default_rng(2).random(trials) < 0.3

    def schedule(trial: int) -> tuple[int, float]:
        return (1, 140.0) if events[trial] else (0, 70.0)

    population = cells(sim, trials)
    options: dict[str, Any] = {"interval": TRIAL, "tau": 15.0, "cue_end": 10.0}
    when = WhenReadout(population, 2, schedule, rate=0.3, width=15.0, **options)
    what = WhatReadout(population, 2, schedule, **options)
    sim.run(trials * TRIAL, callbacks=[when, what])
    traces = when.trial(trials * TRIAL)
    assert when.output(traces).argmax(axis=1) == pytest.approx([70, 140], abs=15)
    recent = 0.95 ** np.arange(trials)[::-1] * 0.05
    expected = [(recent * ~events).sum(), (recent * events).sum()]
    # the state after the cue is the same in every trial, so the rule is a running mean
    assert what.output(traces) == pytest.approx(expected, abs=2e-3)


def test_the_rules_written_out() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    population = cells(sim, 1)
    traces = np.random.default_rng(0).random((200, 12))
    when = WhenReadout(population, 2, lambda k: (1, 90.0), TRIAL, rate=0.1, width=10.0, weak_gate=0.5)
    when.learn(traces, 1, 90.0)
    w = np.zeros(12)
    for t in range(50, 200):
        gate = 1.0 if abs(t - 90) < 40 else 0.5
        error = np.exp(-((t - 90) ** 2) / 200) - w @ traces[t]
        w = w + 0.1 * gate * error * traces[t] / (1 + traces[t] @ traces[t])
    np.testing.assert_allclose(when.weights, [np.zeros(12), w], rtol=1e-10)
    what = WhatReadout(population, 2, lambda k: (0, 90.0), TRIAL)
    what.weights = np.random.default_rng(1).random((2, 12))
    before = what.weights.copy()
    what.learn(traces, 0, 90.0)
    m = traces[50:].mean(axis=0)
    m /= np.linalg.norm(m)
    np.testing.assert_allclose(what.weights, before + 0.05 * np.outer([1, 0] - before @ m, m), rtol=1e-12)


def test_an_event_of_no_channel_is_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    population = cells(sim, 1)
    readout = WhenReadout(population, 2, lambda k: (2, 90.0), TRIAL)
    with pytest.raises(NetworkError, match="event of channel 2"):
        sim.run(TRIAL, callbacks=[readout])
    with pytest.raises(NetworkError, match="the cue ends at"):
        WhenReadout(population, 2, lambda k: (0, 0.0), 40.0)
