"""A liquid: how many connections there are at which distance, and that it answers its input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import Liquid
from pynn_ext.circuits.liquid import PROBABILITIES
from pynn_ext.errors import NetworkError


def test_connections_follow_the_law_of_distance() -> None:
    """Each pair of kinds within 4 standard deviations, near and far."""
    sim.setup(timestep=1.0)
    liquid = Liquid(sim, shape=(8, 8, 8), rng=0)
    assert (liquid.exc.size, liquid.inh.size, liquid.cells.size) == (410, 102, 512)
    grid = np.hstack([liquid.exc.positions, liquid.inh.positions])
    assert len({tuple(p) for p in grid.T}) == 512
    for pair, projection in liquid.projections.items():
        pre, post = projection.pre, projection.post
        distance = np.linalg.norm(pre.positions.T[:, None] - post.positions.T[None], axis=2)
        chance = PROBABILITIES[pair] * np.exp(-((distance / 3.0) ** 2))
        linked = ~np.isnan(projection.get("weight", format="array"))
        if pre is post:
            np.fill_diagonal(chance, 0.0)
            assert not linked.diagonal().any()
        for near, far in ((0.0, 2.0), (2.0, 4.0), (4.0, 20.0)):
            here = (distance >= near) & (distance < far)
            spread = np.sqrt((chance * (1 - chance))[here].sum())
            assert abs(linked[here].sum() - chance[here].sum()) < 4.0 * spread + 1e-9
        weights = {w for *_, w in projection.get("weight", format="list")}
        assert weights == {3.0 if pair[0] == "E" else -3.0}


def test_a_liquid_is_the_same_for_the_same_seed_and_answers_its_input() -> None:
    found = []
    for seed in (1, 1, 2):
        sim.setup(timestep=1.0)
        liquid = Liquid(sim, shape=(5, 5, 5), rng=seed)
        source = sim.Population(40, sim.SpikeSourcePoisson(rate=100.0))
        made = liquid.connect_input(source, density=0.3)
        share = sum(map(len, made.values())) / (40 * 125)
        assert share == pytest.approx(0.3, abs=0.03)
        excited = len(made["excitatory E"]) + len(made["excitatory I"])
        assert excited / (share * 40 * 125) == pytest.approx(0.5, abs=0.08)
        liquid.cells.record("spikes")
        sim.run(100.0)
        found.append([len(t) for t in liquid.cells.get_data().segments[0].spiketrains])
    assert found[0] == found[1] != found[2]
    assert sum(found[0]) > 100


def test_other_cells_and_synapses() -> None:
    sim.setup(timestep=1.0)
    kinds: list[str] = []

    def synapse(pair: str) -> Any:
        kinds.append(pair)
        return sim.TsodyksMarkramSynapse(weight=0.01, delay=2.0)

    liquid = Liquid(sim, shape=(4, 4, 2), cell=sim.IF_cond_exp(), synapse=synapse, rng=0)
    assert sorted(kinds) == ["EE", "EI", "IE", "II"]
    assert type(liquid.projections["EE"].synapse_type).__name__ == "TsodyksMarkramSynapse"
    plain = Liquid(sim, shape=(4, 4, 2), cell=sim.IF_cond_exp(), weight=0.02, rng=0)
    assert {w for *_, w in plain.projections["IE"].get("weight", format="list")} == {0.02}


@pytest.mark.parametrize(
    "options", [{"shape": (3, 3)}, {"inhibitory": 0.0}, {"probabilities": {"EE": 0.1}}, {"shape": (0, 2, 2)}]
)
def test_refusals(options: dict[str, Any]) -> None:
    sim.setup()
    with pytest.raises(NetworkError, match="a grid of"):
        Liquid(sim, **options)
