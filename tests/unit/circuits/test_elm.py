"""The synapses of an expressive leaky memory neuron."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import connect_elm
from pynn_ext.errors import NetworkError
from pynn_ext.models.elm_weights import ELMWeights


def test_one_projection_for_each_branch() -> None:
    weights = ELMWeights.initial(n_memory=2, n_branches=4, per_branch=6, n_inputs=16)
    weights.w_s[:] = np.linspace(-0.2, 1.0, 24)
    sim.setup(timestep=1.0)
    source, cells = sim.Population(16, sim.SpikeSourceArray()), sim.Population(3, sim.ELM(weights))
    made = connect_elm(sim, source, cells)
    assert [p.receptor_type for p in made] == [f"branch{k}" for k in range(4)]
    rows = [np.array(p.get("weight", format="list")) for p in made]
    for k, row in enumerate(rows):
        for cell in range(3):
            own = {int(i): w for i, j, w in row if j == cell}
            here = slice(6 * k, 6 * k + 6)
            expected = {
                int(i): w * (1.0 if i < 8 else -1.0)
                for i, w, there in zip(
                    weights.inputs[here], weights.w_s[here], weights.present[here], strict=True
                )
                if there and w > 0
            }
            assert own == pytest.approx(expected)


def test_the_number_of_inputs_must_fit() -> None:
    sim.setup(timestep=1.0)
    with pytest.raises(NetworkError, match="has 1278 inputs"):
        connect_elm(sim, sim.Population(10, sim.SpikeSourceArray()), sim.Population(1, sim.ELM()))
