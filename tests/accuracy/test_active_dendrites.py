"""Dendritic segments against the probabilities of matches and misses, and what a plateau does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.random import NumpyRNG

from pynn_ext.analysis.sdr import false_match_probability, miss_probability, union_size

pytestmark = pytest.mark.model("ActiveDendriteNeuron")
Measure = Callable[..., None]
CELLS, SEGMENTS, APART = 250, 4, 20.0


def _recognized(
    volleys: list[np.ndarray], n: int, connect: Callable[[Any, Any], None], theta: float
) -> np.ndarray:
    """Present volleys of spikes; return which segments answered, shape ``(volleys, segments, cells)``."""
    sim.setup(timestep=1.0)
    times: list[list[float]] = [[] for _ in range(n)]
    for k, volley in enumerate(volleys):
        for i in volley:
            times[i].append(APART * (k + 1))
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(CELLS, sim.ActiveDendriteNeuron(n_segments=SEGMENTS, theta=theta, t_nmda=5.0))
    connect(source, cells)
    cells.record([f"p_{k}" for k in range(SEGMENTS)])
    sim.run(APART * (len(volleys) + 1))
    signals = {s.name: s.magnitude for s in cells.get_data().segments[0].analogsignals}
    at = (
        np.rint(APART * np.arange(1, len(volleys) + 1)).astype(int) + 3
    )  # arrived after 1 ms, in the next sample
    return np.stack([signals[f"p_{k}"][at] for k in range(SEGMENTS)], axis=1)


@pytest.mark.parametrize(
    ("a", "s", "theta", "expected"), [(20, 10, 3, 0.06529), (20, 20, 5, None), (20, 10, 4, None)]
)
def test_false_matches(a: int, s: int, theta: int, expected: float | None) -> None:
    """Random patterns on 1000 segments of 200 inputs: 200 000 trials, as often as the formula says."""
    n, rng = 200, NumpyRNG(seed=3)
    draws = np.random.default_rng(0)

    # each segment of each cell has its own pattern: a sample of s of all inputs
    def connect(source: Any, cells: Any) -> None:
        for k in range(SEGMENTS):
            synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
            connector = sim.SegmentConnector([range(n)], s, rng=rng)
            sim.Projection(source, cells, connector, synapse, receptor_type=f"seg{k}")

    volleys = [draws.permutation(n)[:a] for _ in range(200)]
    found = _recognized(volleys, n, connect, theta)
    p = false_match_probability(n, a, s, theta)
    if expected is not None:
        assert p == pytest.approx(expected, abs=5e-6)
    assert found.mean() == pytest.approx(p, abs=4.0 * np.sqrt(p * (1 - p) / found.size * 3.0))
    assert set(np.unique(found)) <= {0.0, 1.0}
    any_segment = found.max(axis=1).mean()
    assert any_segment == pytest.approx(1.0 - (1.0 - p) ** SEGMENTS, abs=0.02)


def test_misses_and_members_of_a_union() -> None:
    """Of a pattern on s = 20 synapses each input fails with 0.5: missed with probability 0.412; a segment that stores
    five patterns recognizes each."""
    n, a, s, theta = 400, 20, 20, 10
    draws = np.random.default_rng(1)
    patterns = [draws.permutation(n)[:a] for _ in range(5)]

    def connect(source: Any, cells: Any) -> None:
        for k, stored in enumerate((patterns[:1], patterns, patterns[:1], patterns)):
            synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
            connector = sim.SegmentConnector(stored, s, rng=NumpyRNG(seed=k))
            made = sim.Projection(source, cells, connector, synapse, receptor_type=f"seg{k}")
            each = len(made) / 2 / CELLS
            assert each == len(np.unique(np.concatenate(stored)))
            assert each == pytest.approx(union_size(n, s, len(stored)), abs=4)

    broken = [p[draws.random(a) >= 0.5] for p in patterns[:1] * 300]
    found = _recognized([*patterns, *broken], n, connect, theta)
    assert (found[:5, 1] == 1.0).all() and (found[0, 0] == 1.0).all() and (found[1:5, 0] == 0.0).all()
    missed = 1.0 - found[5:, 0, 0].mean()
    p = miss_probability(s, theta, 0.5)
    assert p == pytest.approx(0.412, abs=5e-4)
    assert missed == pytest.approx(p, abs=4.0 * np.sqrt(p * (1 - p) / 300))


def test_window_plateau_and_potential(measure: Measure) -> None:
    """Counts leave after t_win; a plateau lasts t_nmda, whatever arrives, and depolarizes by ``i_nmda tau_m / cm``."""
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0, 12.0, 14.0], [9.0, 13.0, 40.0]]))
    cell = sim.Population(
        1, sim.ActiveDendriteNeuron(n_segments=2, theta=2.0, t_win=3.0, t_nmda=20.0, i_nmda=0.4, tau_m=10.0)
    )
    connector = sim.SegmentConnector([[0, 1]], 2)
    sim.Projection(source, cell, connector, sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="seg1")
    cell.record(["a_1", "p_1", "plateau", "v"])
    sim.run(60.0)
    signals = {s.name: s.magnitude[:, 0] for s in cell.get_data().segments[0].analogsignals}
    times = 0.1 * np.arange(601)
    arrivals = np.array([5.0, 12.0, 14.0, 9.0, 13.0, 40.0]) + 1.0
    inside = (times[:, None] > arrivals + 0.05) & (times[:, None] < arrivals + 3.0 + 0.05)
    measure("count", signals["a_1"], inside.sum(axis=1), 0.0)
    since = times - 14.0  # 12 and 13 ms, together for the first time
    on = (since > 0.05) & (since < 20.05)
    measure("plateau", signals["p_1"], on, 0.0)
    rise = 0.4 * 10.0 * -np.expm1(-np.clip(since, 0.0, 20.0) / 10.0)
    measure("v", signals["v"], -65.0 + rise * np.exp(-np.maximum(since - 20.0, 0.0) / 10.0), 1e-9, "mV")


def test_a_predicted_neuron_answers_earlier() -> None:
    """The plateau alone does not fire it, and brings its answer to somatic input forward."""
    first = {}
    for predicted in (False, True):
        sim.setup(timestep=0.1)
        segments = sim.Population(12, sim.SpikeSourceArray(spike_times=[5.0] if predicted else []))
        drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[30.0]))
        cell = sim.Population(1, sim.ActiveDendriteNeuron())
        synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
        sim.Projection(segments, cell, sim.SegmentConnector([range(12)], 12), synapse, receptor_type="seg0")
        sim.Projection(drive, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=6.0, delay=1.0))
        cell.record("spikes")
        sim.run(100.0)
        train = cell.get_data().segments[0].spiketrains[0].magnitude
        assert len(train) and train[0] > 30.0
        first[predicted] = train[0]
    assert first[True] < first[False] - 1.0
