"""Motifs hidden in noise, to the numbers of a reference implementation, from the formula and through PyNN from training
to detection; the kernel as synapses on a backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.delay_kernels import DelayKernels, lagged

N, DEPTH, MOTIFS, EVERY = 20, 21, 3, 80


def stream(bins: int, rng: np.random.Generator, motifs: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Noise at 10 Hz, and every 80 ms one of the motifs, each of its spikes missing in 10 % of the cases."""
    activity, labels = (rng.random((bins, N)) < 0.01).astype(float), np.zeros((bins, MOTIFS))
    for t in range(DEPTH, bins - DEPTH, EVERY):
        k = rng.integers(MOTIFS)
        begin = t + rng.integers(0, EVERY - 2 * DEPTH)
        address, time = motifs[k]
        keep = rng.random(12) > 0.1
        activity[begin + time[keep], address[keep]] = 1
        labels[begin + DEPTH - 1, k] = 1
    return activity, labels


def recall(evidence: np.ndarray, labels: np.ndarray) -> float:
    """Share of the motifs found within a bin, with as many detections as 1.3 times the motifs."""
    hits = total = 0
    for k in range(MOTIFS):
        threshold = np.sort(evidence[:, k])[::-1][int(1.3 * labels[:, k].sum())]
        found, events = np.nonzero(evidence[:, k] > threshold)[0], np.nonzero(labels[:, k])[0]
        hits += sum(bool(np.any(np.abs(found - t) <= 1)) for t in events)
        total += len(events)
    return hits / total


@pytest.fixture(scope="module")
def learned() -> tuple[DelayKernels, list[Any], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    motifs = [(rng.integers(0, N, 12), rng.integers(0, DEPTH, 12)) for _ in range(MOTIFS)]
    activity, labels = stream(20000, rng, motifs)
    learner = DelayKernels(None, MOTIFS, DEPTH, inputs=N, seed=rng)
    learner.learn(activity, labels, steps=1499)
    return learner, motifs, *stream(20000, np.random.default_rng(9), motifs)


@pytest.mark.parametrize(("fraction", "synapses"), [(1.0, 420), (0.1, 42), (0.05, 21), (0.03, 12)])
def test_recall_is_complete_with_few_synapses(learned: Any, fraction: float, synapses: int) -> None:
    learner, _, activity, labels = learned
    kernel = learner.pruned(fraction)
    assert (kernel != 0).sum() // MOTIFS == pytest.approx(synapses, abs=1)
    flat = kernel.transpose(2, 1, 0).reshape(DEPTH * N, MOTIFS)
    assert recall(lagged(activity, DEPTH) @ flat, labels) == pytest.approx(1.0, abs=5e-4)


def test_without_delays_nothing_is_found(learned: Any) -> None:
    learner, _, activity, labels = learned
    assert recall(activity @ learner.kernel().sum(axis=2).T, labels) == pytest.approx(0.02, abs=0.006)


def test_the_strongest_delay_is_one_of_the_motif(learned: Any) -> None:
    """For all 28 afferents of the motifs."""
    learner, motifs, _, _ = learned
    kernel, hits = learner.kernel(), []
    for k, (address, time) in enumerate(motifs):
        for i in set(address):
            hits.append(kernel[k, i].argmax() in DEPTH - 1 - time[address == i])
    assert (sum(hits), len(hits)) == (28, 28)


def test_the_synapses_find_the_motif_in_a_network(learned: Any, sim: Any) -> None:
    """Each class is a cell with a short memory; its potential peaks at its motif."""
    learner, motifs, _, _ = learned
    address, time = motifs[1]
    trains = [sorted({50.0 + float(d) for d in time[address == i]}) for i in range(N)]
    inputs = sim.Population(N, sim.SpikeSourceArray(spike_times=trains))
    cell = sim.IF_curr_exp(tau_m=5.0, tau_syn_E=1.0, tau_syn_I=1.0, v_rest=0.0, v_reset=0.0, v_thresh=1e3)
    cells = sim.Population(MOTIFS, cell)
    cells.initialize(v=0.0)
    cells.record("v")
    for sign, rows in learner.synapses(0.05).items():
        for copy in range(3):  # several delays between one pair go into projections of their own
            part = [row for row in rows if sum(r[:2] == row[:2] and r[3] < row[3] for r in rows) == copy]
            if part:
                connector = sim.FromListConnector(
                    [(i, c, sign * w, d) for i, c, w, d in part], column_names=["weight", "delay"]
                )
                receptor = "excitatory" if sign > 0 else "inhibitory"
                sim.Projection(inputs, cells, connector, sim.StaticSynapse(), receptor_type=receptor)
    sim.run(120.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    assert v.max(axis=0).argmax() == 1
    assert v[:, 1].argmax() == pytest.approx(50 + DEPTH + 2, abs=3)


def spike_times(activity: np.ndarray) -> list[np.ndarray]:
    """Bin k is the time step that ends at k + 1 ms."""
    return [np.flatnonzero(column) + 1.0 for column in activity.T]


@pytest.fixture(scope="module")
def trained_in_a_network() -> tuple[DelayKernels, np.ndarray, np.ndarray]:
    """As `learned`, from the spikes of a running network."""
    import pyNN.codegen as sim

    rng = np.random.default_rng(0)
    motifs = [(rng.integers(0, N, 12), rng.integers(0, DEPTH, 12)) for _ in range(MOTIFS)]
    activity, labels = stream(20000, rng, motifs)
    sim.setup(timestep=1.0)
    inputs = sim.Population(N, sim.SpikeSourceArray(spike_times=spike_times(activity)))
    inputs.record("spikes")
    learner = DelayKernels(inputs, MOTIFS, DEPTH, lambda *_: labels, interval=20000.0, steps=1499, seed=rng)
    sim.run(20000.0, callbacks=[learner])
    return learner, *stream(20000, np.random.default_rng(9), motifs)


@pytest.mark.parametrize(
    ("fraction", "synapses", "expected"),
    [
        pytest.param(1.0, 420, (1.000, 0.774)),
        pytest.param(0.1, 42, (1.000, 0.774)),
        pytest.param(0.05, 21, (1.000, 0.779)),
        pytest.param(0.03, 12, (1.000, 0.784)),
        pytest.param(None, 20, (0.020, 0.021), id="without delays"),
    ],
)
def test_cells_detect_the_motifs(
    trained_in_a_network: Any, fraction: float | None, synapses: int, expected: tuple[float, float]
) -> None:
    """Cells that forget in a step fire at the motifs of another stream: recall and precision of their spikes, with a
    threshold for 1.3 spikes per motif."""
    import pyNN.codegen as sim

    learner, activity, labels = trained_in_a_network
    kernel = learner.kernel().sum(axis=2, keepdims=True) if fraction is None else learner.pruned(fraction)
    flat = kernel.transpose(2, 1, 0).reshape(-1, MOTIFS)
    evidence = lagged(activity, kernel.shape[2]) @ flat
    below = np.sort(evidence, axis=0)[::-1][(1.3 * labels.sum(axis=0)).astype(int), range(MOTIFS)]
    above = np.where(evidence > below + 1e-9, evidence, np.inf).min(axis=0)
    threshold = (below + above) / 2
    sim.setup(timestep=1.0)
    inputs = sim.Population(N, sim.SpikeSourceArray(spike_times=spike_times(activity)))
    cell = sim.IF_curr_delta(tau_m=0.01, tau_refrac=0.0, v_rest=0.0, v_reset=0.0, v_thresh=threshold)
    cells = sim.Population(MOTIFS, cell)
    cells.initialize(v=0.0)
    cells.record("spikes")
    made = [
        sim.Projection(
            inputs, cells, sim.KernelConnector(kernel), sim.StaticSynapse(), receptor_type=receptor
        )
        for receptor in ("excitatory", "inhibitory")
    ]
    assert sum(map(len, made)) // MOTIFS == pytest.approx(synapses, abs=1)
    sim.run(20003.0)
    hits = events = spikes = 0
    for train, label in zip(cells.get_data().segments[0].spiketrains, labels.T, strict=True):
        ends = np.flatnonzero(label) + 3.0  # a step to the bin's end, a delay and a step of the cell
        apart = np.abs(train.magnitude[:, None] - ends)
        hits, events = hits + (apart.min(axis=0) <= 1.0).sum(), events + len(ends)
        spikes += (apart.min(axis=1) > 1.0).sum()
    assert (round(hits / events, 3), round(hits / (hits + spikes), 3)) == expected


def test_it_learns_from_a_running_network() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    motif = [(0, 2), (1, 9), (2, 5)]
    begins = np.arange(20.0, 3000.0, 60.0)
    trains = [list(begins + d) for _, d in motif] + [list(np.arange(7.0, 3000.0, 23.0))]
    inputs = sim.Population(4, sim.SpikeSourceArray(spike_times=trains))
    inputs.record("spikes")

    def labels(begin: float, end: float) -> np.ndarray:
        bins = np.zeros((round(end - begin), 1))
        ends = begins + 9.0
        bins[(ends[(ends > begin) & (ends <= end)] - begin).astype(int) - 1] = 1
        return bins

    learner = DelayKernels(inputs, 1, 10, labels)
    sim.run(3000.0, callbacks=[learner])
    assert learner.kernel()[0, :3].argmax(axis=1).tolist() == [9 - d for _, d in motif]
    loss = learner.history["loss"]
    assert loss[-1] < 0.4 * loss[0]
    with pytest.raises(NetworkError, match="without labels"):
        DelayKernels(inputs, 1, 10).update(0.0)
