"""The memory as a circuit: what it stores, recalls and forgets."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import CA3Memory
from pynn_ext.errors import NetworkError

LEARN = [(10.0, [0], [0, 1, 2, 9]), (20.0, [1], [3, 4, 9])]
ASK = [(30.0, [0], []), (40.0, [1], []), (50.0, [], [0]), (60.0, [], [3]), (70.0, [], [9])]
AGAIN = [(80.0, [0], [5, 6]), (90.0, [0], []), (100.0, [], [9])]


@pytest.mark.model("IF_curr_exp", "STDPMechanism", "SpikePairRule", "AdditiveWeightDependence")
@pytest.mark.parametrize("timestep", [0.1, 0.2, 0.25, 0.5, 1.0])
def test_it_recalls_by_cue_and_by_content_and_forgets(timestep: float) -> None:
    """Cue 0 -> {0, 1, 2, 9}; cue 1 -> {3, 4, 9}; content 0 -> cue 0; 3 -> cue 1; 9 -> both; and cue 0 anew."""
    sim.setup(timestep=timestep, min_delay=timestep)
    memory = CA3Memory(sim, 5, 10)
    assert memory.pace == (2.0 if timestep == 1.0 else 1.0)
    operations = [(memory.pace * start, *rest) for start, *rest in (*LEARN, *ASK, *AGAIN)]
    source = sim.Population(15, sim.SpikeSourceArray(spike_times=memory.stimulus(operations)))
    memory.connect_in(source)
    memory.record()
    reader = sim.Population(15, sim.IF_curr_exp(cm=0.27, tau_m=3.0, tau_syn_E=0.3, v_thresh=-62.0))
    memory.connect_out(reader)
    reader.record("spikes")
    sim.run(115.0 * memory.pace)
    # besides the answer, the output repeats the question
    answers = memory.answers(operations)
    assert answers[2:7] == [({0}, {0, 1, 2, 9}), ({1}, {3, 4, 9}), ({0}, {0}), ({1}, {3}), ({0, 1}, {9})]
    assert answers[8:] == [({0}, {5, 6}), ({1}, {9})]
    stored = np.nan_to_num(memory.learned["contents"].get("weight", format="array"))
    assert [set(np.flatnonzero(row > 3.0)) for row in stored[:2]] == [{5, 6}, {3, 4, 9}]
    back = np.nan_to_num(memory.learned["cues"].get("weight", format="array"))
    assert set(np.flatnonzero(back[:, 1] > 3.0)) == {3, 4, 9} and not (back[:, 2:] > 0).any()
    assert len(memory.populations) == 8
    assert all(p.get_spike_counts() for p in memory.populations.values())
    counts = [len(t) for t in reader.get_data().segments[0].spiketrains]
    assert counts[0] > 0 and counts[5 + 9] > 0 and counts[2] == 0


def test_spikes_are_those_of_another_timestep() -> None:
    """In 0.1 ms they lie within 0.2 ms of those in 0.5 ms, in 1 ms at twice the time; weights differ by less than
    0.2 nA."""
    operations, found = [(10.0, [1], [0, 2]), (20.0, [1], []), (30.0, [], [2])], {}
    for timestep in (0.5, 0.1, 1.0):
        sim.setup(timestep=timestep, min_delay=timestep)
        memory = CA3Memory(sim, 2, 3)
        paced = [(memory.pace * start, *rest) for start, *rest in operations]
        source = sim.Population(5, sim.SpikeSourceArray(spike_times=memory.stimulus(paced)))
        memory.connect_in(source)
        memory.record()
        sim.run(40.0 * memory.pace)
        trains = [
            t
            for p in (*memory.populations.values(), memory.out)
            for t in p.get_data().segments[0].spiketrains
        ]
        weights = [memory.learned[k].get("weight", format="array") for k in ("contents", "cues")]
        found[timestep] = [t.magnitude / memory.pace for t in trains], np.concatenate(weights, axis=None)
    (trains, weights), (fine, fine_weights), (slow, slow_weights) = found.values()
    assert sum(map(len, trains)) > 40
    for train, *others in zip(trains, fine, slow, strict=True):
        np.testing.assert_allclose(others[0], train, atol=0.2)
        np.testing.assert_allclose(others[1], train, atol=1e-9)
    np.testing.assert_allclose(fine_weights, weights, atol=0.2)
    np.testing.assert_allclose(slow_weights, weights, atol=1e-9)


def test_what_it_refuses() -> None:
    for timestep in (0.05, 0.3):
        sim.setup(timestep=timestep, min_delay=timestep)
        with pytest.raises(NetworkError, match=f"timestep of {timestep:g} ms"):
            CA3Memory(sim, 3, 4)
    sim.setup(timestep=0.5, min_delay=0.5)
    with pytest.raises(NetworkError, match="two cues"):
        CA3Memory(sim, 1, 4)
    with pytest.raises(NetworkError, match="3 cues and 4 bits"):
        CA3Memory(sim, 3, 4).connect_in(sim.Population(5, sim.SpikeSourceArray()))
