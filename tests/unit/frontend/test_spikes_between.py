"""Spikes of a window of time, as a learning procedure reads them, against those of the Neo block."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim


def test_windows_hold_what_the_block_holds() -> None:
    """Recording that begins late for some cells, and data that were cleared, included."""
    sim.setup(timestep=0.5)
    rng = np.random.default_rng(0)
    trains = [np.unique(rng.integers(1, 200, 30)) * 0.5 for _ in range(6)]
    cells = sim.Population(6, sim.SpikeSourceArray(spike_times=trains))
    sim.Projection(cells, sim.Population(1, sim.IF_curr_exp()), sim.AllToAllConnector(), sim.StaticSynapse())
    cells[:3].record("spikes")
    sim.run(40.0)
    cells[3:5].record("spikes")
    sim.run(60.0)
    recorder = cells.recorder
    for begin, end in ((0.0, 100.0), (0.0, 40.0), (20.0, 60.0), (39.5, 40.5)):
        index, times = recorder.spikes_between(begin, end)
        block = [train.magnitude for train in cells.get_data().segments[0].spiketrains]
        for cell, train in enumerate(block):
            inside = train[(train > begin + 1e-9) & (train <= end + 1e-9)]
            np.testing.assert_allclose(np.sort(times[index == cell]), inside)
        assert not (index == 5).any() and (np.diff(times) >= 0).all()
    cells.get_data(clear=True)
    assert len(recorder.spikes_between(0.0, 100.0)[0]) == 0


def test_numbers_and_arrays_set_the_same() -> None:
    sim.setup(timestep=1.0)
    a, b = sim.Population(2, sim.SpikeSourceArray()), sim.Population(3, sim.IF_curr_exp())
    synapse = sim.TsodyksMarkramSynapse(weight=1.0)
    projections = [sim.Projection(a, b, sim.AllToAllConnector(), synapse) for _ in range(2)]
    projections[0].set(weight=2, U=0.25)
    projections[1].set(weight=np.full((2, 3), 2.0), U=np.full((2, 3), 0.25))
    first, second = (p.get(["weight", "U"], format="list") for p in projections)
    assert first == second and first[0][2:] == (2.0, 0.25)
