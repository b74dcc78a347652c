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
def test_it_recalls_by_cue_and_by_content_and_forgets() -> None:
    """Cue 0 -> {0, 1, 2, 9}; cue 1 -> {3, 4, 9}; content 0 -> cue 0; 3 -> cue 1; 9 -> both; and cue 0 anew."""
    sim.setup(timestep=0.5, min_delay=0.5)
    memory = CA3Memory(sim, 5, 10)
    operations = [*LEARN, *ASK, *AGAIN]
    source = sim.Population(15, sim.SpikeSourceArray(spike_times=memory.stimulus(operations)))
    memory.connect_in(source)
    memory.record()
    reader = sim.Population(15, sim.IF_curr_exp(cm=0.27, tau_m=3.0, tau_syn_E=0.3, v_thresh=-62.0))
    memory.connect_out(reader)
    reader.record("spikes")
    sim.run(115.0)
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


def test_what_it_refuses() -> None:
    sim.setup(timestep=0.1, min_delay=0.1)
    with pytest.raises(NetworkError, match=r"timestep of 0\.1 ms"):
        CA3Memory(sim, 3, 4)
    sim.setup(timestep=0.5, min_delay=0.5)
    with pytest.raises(NetworkError, match="two cues"):
        CA3Memory(sim, 1, 4)
    with pytest.raises(NetworkError, match="3 cues and 4 bits"):
        CA3Memory(sim, 3, 4).connect_in(sim.Population(5, sim.SpikeSourceArray()))
