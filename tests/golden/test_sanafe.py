"""Energy and time of steps equal to SANA-FE's, with its constants."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynn_ext.backends._loihi.costs import DAVIES, SANAFE
from pynn_ext.backends._loihi.mesh import cycle
from pynn_ext.backends._loihi.timing import Layout, StepCosts

from pynn_ext.chip.energy import FEMTO

from . import sanafe_networks

GOLDEN = Path(__file__).parent / "sanafe"
NETWORKS: list[dict[str, Any]] = json.loads((GOLDEN / "networks.json").read_text())
SPIKES: dict[str, list[list[int]]] = json.loads((GOLDEN / "spikes.json").read_text())
FORMATS = {"loihi_dense_synapse": 0, "loihi_sparse_synapse": 1, "loihi_conv_synapse": 2}
networks = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network["name"])
RECORDED: dict[str, dict[str, Any]] = json.loads(sanafe_networks.RECORDED.read_text())


def costs_of(network: dict[str, Any]) -> StepCosts:
    core = [4 * neuron["tile"] + neuron["core"] for neuron in network["neurons"]]
    edges = network["edges"]
    formats = [FORMATS[edge[3]] for edge in edges]
    return StepCosts(Layout.of(core, [e[0] for e in edges], [e[1] for e in edges], formats), SANAFE)


def perf(network: dict[str, Any], model: str) -> list[dict[str, float]]:
    with (GOLDEN / f"perf_{network['name']}_{model}.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def printed(value: float) -> Any:
    """The file holds seven digits."""
    return pytest.approx(value, rel=5.1e-7, abs=1e-20)


@networks
def test_energy_and_simple_time(network: dict[str, Any]) -> None:
    costs, everybody = costs_of(network), np.ones(len(network["neurons"]), bool)
    assert all(neuron["attr"]["force_update"] for neuron in network["neurons"])
    for step, row in enumerate(perf(network, "simple")):
        fired = np.array(SPIKES[network["name"]][step], np.int64)
        energy = {part: FEMTO * value for part, value in costs.energy(fired, everybody).items()}
        messages = costs.messages(fired, everybody)
        assert len(costs.rows(fired)) == row["packets"]
        assert energy["soma"] == printed(row["soma_energy"])
        assert energy["synapse"] == printed(row["synapse_energy"])
        assert energy["network"] == printed(row["network_energy"])
        assert sum(energy.values()) == printed(row["total_energy"])
        assert costs.simple(messages) == printed(row["sim_time"])
        assert int(messages.hops.sum()) == row["hops"]


@networks
def test_detailed_time(network: dict[str, Any]) -> None:
    costs, everybody = costs_of(network), np.ones(len(network["neurons"]), bool)
    for step, row in enumerate(perf(network, "detailed")):
        fired = np.array(SPIKES[network["name"]][step], np.int64)
        found = costs.detailed(costs.messages(fired, everybody))
        assert found == pytest.approx(row["sim_time"], rel=0.01), step


@networks
def test_cycle_time(network: dict[str, Any]) -> None:
    costs, everybody = costs_of(network), np.ones(len(network["neurons"]), bool)
    for step, row in enumerate(perf(network, "cycle")):
        fired = np.array(SPIKES[network["name"]][step], np.int64)
        messages = costs.messages(fired, everybody)
        found = cycle(costs, messages)
        assert found.in_turn == pytest.approx(row["sim_time"], rel=0.05), step
        # the chip does at the same time what SANA-FE does in turn, never less than its slowest core
        assert costs.simple(messages) - 1e-10 <= found.time <= found.in_turn + 1e-10


@pytest.mark.parametrize("name", RECORDED)
def test_random_networks(name: str) -> None:
    """Energy and simple time with all digits; the mesh where links are congested and `detailed` is 20 % off."""
    network, recorded = sanafe_networks.network(name), RECORDED[name]
    costs, everybody = costs_of(network), np.ones(len(network["neurons"]), bool)
    energy, time = dict.fromkeys(("soma", "synapse", "network"), 0.0), 0.0
    for step, spikes in enumerate(recorded["spikes"]):
        fired = np.array(spikes, np.int64)
        messages = costs.messages(fired, everybody)
        assert np.count_nonzero(messages.destination >= 0) == recorded["packets"][step]
        assert messages.hops.sum() == recorded["hops"][step]
        for part, value in costs.energy(fired, everybody).items():
            energy[part] = energy.get(part, 0.0) + FEMTO * value
        time += costs.simple(messages)
        assert costs.detailed(messages) == pytest.approx(recorded["detailed"][step], rel=0.01)
        assert cycle(costs, messages).in_turn == pytest.approx(recorded["cycle"][step], rel=0.05)
    assert time == pytest.approx(recorded["sum_time"], rel=1e-12)
    for part in ("soma", "synapse", "network"):
        assert energy[part] == pytest.approx(recorded["sum_energy"][part], rel=1e-12)


def test_the_published_set() -> None:
    # 3 compartments on cores 0, 1 (the same tile) and 4 * 5 (one column and one row away)
    layout = Layout.of([0, 1, 20], [0, 0], [1, 2], [0, 0])
    costs = StepCosts(layout, DAVIES)
    energy = costs.energy(np.array([0]), np.array([True, False, False]))
    assert energy["soma"] == 81_000 + 2 * 52_000
    assert energy["synapse"] == 2 * 23_600
    assert energy["network"] == 1_700 + 3_000 + 4_000
    assert DAVIES.barrier(1) == pytest.approx(113e-9) and DAVIES.barrier(32) == pytest.approx(465e-9)
    assert 113e-9 < DAVIES.barrier(6) < 465e-9
    assert costs.simple(costs.messages(np.array([0]), np.array([True, False, False]))) > costs.contract.sync_s


@pytest.mark.parametrize(
    ("tiles", "expected"), [(1, 0.6e-6), (3, 1.0e-6), (4, 1.4e-6), (28, 1.4e-6), (32, 1.8e-6)]
)
def test_the_barrier_of_the_fitted_set(tiles: int, expected: float) -> None:
    assert SANAFE.barrier(tiles) == expected
