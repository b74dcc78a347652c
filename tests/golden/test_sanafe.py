"""Energy and time of steps equal to SANA-FE's, with its constants."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynn_ext.backends._loihi.costs import DAVIES, SANAFE
from pynn_ext.backends._loihi.timing import Layout, StepCosts

GOLDEN = Path(__file__).parent / "sanafe"
NETWORKS: list[dict[str, Any]] = json.loads((GOLDEN / "networks.json").read_text())
SPIKES: dict[str, list[list[int]]] = json.loads((GOLDEN / "spikes.json").read_text())
FORMATS = {"loihi_dense_synapse": 0, "loihi_sparse_synapse": 1, "loihi_conv_synapse": 2}
networks = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network["name"])


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
        energy = costs.energy(fired, everybody)
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


def test_the_published_set() -> None:
    # 3 compartments on cores 0, 1 (the same tile) and 4 * 5 (one column and one row away)
    layout = Layout.of([0, 1, 20], [0, 0], [1, 2], [0, 0])
    costs = StepCosts(layout, DAVIES)
    energy = costs.energy(np.array([0]), np.array([True, False, False]))
    assert energy["soma"] == pytest.approx(81e-12 + 2 * 52e-12)
    assert energy["synapse"] == pytest.approx(2 * 23.6e-12)
    assert energy["network"] == pytest.approx(1.7e-12 + 3.0e-12 + 4.0e-12)
    assert DAVIES.barrier(1) == pytest.approx(113e-9) and DAVIES.barrier(32) == pytest.approx(465e-9)
    assert 113e-9 < DAVIES.barrier(6) < 465e-9
    assert costs.simple(costs.messages(np.array([0]), np.array([True, False, False]))) > costs.barrier


@pytest.mark.parametrize(
    ("tiles", "expected"), [(1, 0.6e-6), (3, 1.0e-6), (4, 1.4e-6), (28, 1.4e-6), (32, 1.8e-6)]
)
def test_the_barrier_of_the_fitted_set(tiles: int, expected: float) -> None:
    assert SANAFE.barrier(tiles) == expected
