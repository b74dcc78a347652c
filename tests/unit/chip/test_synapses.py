"""Spikes reach the accumulators of the steps in which they are due."""

from __future__ import annotations

import numpy as np

from pynn_ext.chip.synapses import Synapses, deliver


def test_every_spike_arrives_once_and_in_time() -> None:
    rng = np.random.default_rng(3)
    sources, targets, n, slots, steps = 20, 10, 300, 16, 60
    source, target = rng.integers(0, sources, n), rng.integers(0, targets, n)
    weight, delay = rng.integers(-50, 50, n), rng.integers(0, slots - 1, n)
    synapses = Synapses.of(sources, source, target, weight, delay)
    ring, found = np.zeros((slots, targets), np.int64), np.zeros((steps + slots, targets), np.int64)
    expected, events = np.zeros_like(found), 0
    for step in range(steps):
        rows = rng.integers(0, sources, rng.integers(0, 5))  # a source may fire twice
        touched = np.zeros(targets, np.int64)
        events += deliver(
            rows, step, synapses.offsets, synapses.target, synapses.weight, synapses.delay, ring, touched
        )
        assert set(np.flatnonzero(touched)) == set(target[np.isin(source, rows)])
        for row in rows:
            mine = source == row
            np.add.at(expected, (step + delay[mine], target[mine]), weight[mine])
        found[step] = ring[step % slots]
        ring[step % slots] = 0
    for step in range(steps, steps + slots):
        found[step] = ring[step % slots]
    assert np.array_equal(found, expected) and events > 0
