"""Expressive leaky memory neurons: the authors' trained neuron, sizes, routing, and every step against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import connect_elm
from pynn_ext.models.elm_weights import ELMWeights, routing

pytestmark = pytest.mark.model("ELM")
Measure = Callable[..., None]
FOLDER = Path(__file__).parents[1] / "golden" / "elm"
#: Parameters of the published neurons by the number of memory units, from the authors' table.
SIZES = {
    **{1: 4601, 2: 4708, 3: 4823, 5: 5077, 7: 5363, 10: 5852, 15: 6827, 20: 8002, 25: 9377, 30: 10952},
    **{40: 14702, 50: 19252, 75: 34127, 100: 54002},
}


#: Of the authors' trained neurons: v_soma (mV) after 600 ms of silence, and y at the end of `_poisson`.
TRAINED = {
    1: (-79.374, (-12.20915, -0.87258)),
    5: (-80.933, (-12.74781, -0.83058)),
    10: (-81.087, (-16.23652, -0.8214)),
}


def _trained(memory: int) -> ELMWeights:
    return ELMWeights.from_files(FOLDER / f"num_memory_{memory}.pt", FOLDER / f"num_memory_{memory}.json")


def _reference(w: ELMWeights, inputs: np.ndarray) -> np.ndarray:
    """The outputs y of every step, with a trace for each synapse, for inputs of shape ``(steps, n_inputs)``."""
    strength = np.maximum(w.w_s, 0.0)
    keep = np.exp(-1.0 / w.tau_m)
    share = w.strength * (1 - keep) if w.version == 1 else 1 - np.exp(-w.strength / w.tau_m)
    decay = np.repeat(np.exp(-1.0 / w.tau_b), len(strength) // len(w.tau_b))
    s, m, found = np.zeros(len(strength)), np.zeros(len(keep)), []
    for x in inputs:
        s = decay * s + strength * x[w.inputs] * w.present
        hidden = w.w_1 @ np.concatenate([s.reshape(len(w.tau_b), -1).sum(axis=1), keep * m]) + w.b_1
        hidden = np.maximum(hidden, 0.0) if w.activation == "relu" else hidden / (1.0 + np.exp(-hidden))
        m = keep * m + share * 1.7159 * np.tanh(2.0 / 3.0 * (w.w_2 @ hidden + w.b_2))
        found.append(w.w_y @ m + w.b_y)
    return np.array(found)


def _poisson(n: int, steps: int = 600) -> np.ndarray:
    """Inputs of 2.5 Hz: excitatory ones as 1, inhibitory ones as -1."""
    rng, x = np.random.RandomState(0), np.zeros((steps, n))
    for row in x:
        row[: n // 2] = rng.rand(n // 2) < 0.0025
        row[n // 2 :] = -1.0 * (rng.rand(n - n // 2) < 0.0025)
    return x


def _run(w: ELMWeights, inputs: np.ndarray, size: int = 3, **parameters: Any) -> dict[str, np.ndarray]:
    sim.setup(timestep=1.0)
    steps, n = inputs.shape
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=[np.flatnonzero(c) * 1.0 for c in inputs.T]))
    cells = sim.Population(size, sim.ELM(w, **parameters))
    connect_elm(sim, source, cells, delay=1.0)
    cells.record(["y_0", "y_1", "p_spike", "v_soma", "spikes"])
    sim.run(steps + 1.0)
    segment = cells.get_data().segments[0]
    found = {s.name: s.magnitude for s in segment.analogsignals}
    return {**found, "spikes": np.array([len(t) for t in segment.spiketrains])}


def test_sizes_are_those_of_the_authors_table() -> None:
    sizes = {d: ELMWeights.initial(n_memory=d).size for d in SIZES}
    assert sizes == SIZES
    assert {d: _trained(d).size for d in TRAINED} == {d: SIZES[d] for d in TRAINED}


@pytest.mark.parametrize("memory", TRAINED)
def test_routing_is_the_authors(memory: int) -> None:
    """Equal to the table of indices in their file."""
    trained = _trained(memory)
    inputs, present = routing(1278, 45, 100)
    np.testing.assert_array_equal(inputs, trained.inputs)
    np.testing.assert_array_equal(present, trained.present)


@pytest.mark.parametrize("memory", TRAINED)
def test_trained_neuron_in_silence_and_driven(measure: Measure, memory: int) -> None:
    trained, (rest, last) = _trained(memory), TRAINED[memory]
    silent = _run(trained, np.zeros((600, 1278)))
    measure("v_soma in silence", silent["v_soma"][600], np.full(3, rest), 5e-4, "mV", "the authors' weights")
    # the transient from m = 0 and the settled value
    assert silent["p_spike"][100:].max() < 2e-6
    assert (silent["spikes"] == 0).all()
    inputs = _poisson(1278)
    np.testing.assert_allclose(_reference(trained, inputs)[-1], last, atol=1e-5)
    driven = _run(trained, inputs)
    # what is sent at step k acts from k + 1 on, after one silent step
    expected = _reference(trained, np.vstack([np.zeros((1, 1278)), inputs]))
    for k in range(2):
        got = driven[f"y_{k}"][1:]
        measure(f"y_{k}", got, np.repeat(expected[:, k, None], 3, axis=1), 1e-9, "", "NumPy")
    measure("v_soma", driven["v_soma"][1:, 0], 10.0 * expected[:, 1] - 67.7, 1e-8, "mV", "NumPy")


@pytest.mark.parametrize(
    ("memory", "activation", "version"), [(100, "silu", 2), (7, "relu", 2), (20, "silu", 1)]
)
def test_other_forms_step_by_step(measure: Measure, memory: int, activation: str, version: int) -> None:
    w = ELMWeights.initial(
        n_memory=memory, n_branches=9, per_branch=12, n_inputs=60, version=version, seed=memory
    )
    object.__setattr__(w, "activation", activation)
    w.w_s[:] = np.random.default_rng(1).normal(0.5, 0.5, len(w.w_s))
    inputs = np.where(np.random.default_rng(2).random((120, 60)) < 0.05, np.repeat([1.0, -1.0], 30), 0.0)
    got = _run(w, inputs, size=70)
    expected = _reference(w, np.vstack([np.zeros((1, 60)), inputs]))
    for k in range(2):
        measure(f"y_{k}", got[f"y_{k}"][1:], np.repeat(expected[:, k, None], 70, axis=1), 1e-10, "", "NumPy")
    assert np.ptp(expected[10:, 0]) > 0.1


def test_firing_above_the_threshold_or_by_chance() -> None:
    w = ELMWeights.initial(n_memory=5, n_branches=9, per_branch=12, n_inputs=60)
    silent = np.zeros((200, 60))
    expected = 1.0 / (1.0 + np.exp(-_reference(w, np.zeros((201, 60)))[:, 0]))
    threshold = (expected.min() + expected.max()) / 2.0
    count = int((expected > threshold).sum())
    assert 0 < count < 201
    assert (_run(w, silent, spike_threshold=threshold)["spikes"] == count).all()
    counts = _run(w, silent, size=400, stochastic=1.0)["spikes"]
    assert counts.mean() == pytest.approx(
        expected.sum(), abs=4 * np.sqrt((expected * (1 - expected)).sum() / 400)
    )
