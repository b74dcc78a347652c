"""Networks of 40 cells against NEST, spike for spike."""

from __future__ import annotations

import json
from collections.abc import Callable

import pyNN.codegen as sim
import pytest

from .networks import NETWORKS, RECORDED, SIZE, run

NEST = json.loads(RECORDED.read_text())


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.model(*description[:2])) for name, description in NETWORKS.items()],
)
def test_every_spike_of_the_network_is_nests(measure: Callable[..., None], name: str) -> None:
    spikes = run(sim, name)
    assert len(spikes) == len(NEST[name]) == SIZE
    assert [len(train) for train in spikes] == [len(train) for train in NEST[name]]
    ours, theirs = ([t for train in trains for t in train] for trains in (spikes, NEST[name]))
    measure("spikes of 40 cells", ours, theirs, 1e-9, "ms", reference="NEST")


def test_the_networks_are_active_and_differ() -> None:
    """So that equal spikes mean something."""
    for trains in NEST.values():
        assert sum(len(train) >= 3 for train in trains) >= 30
        assert sum(len(train) for train in trains) > 600
    assert len({json.dumps(trains) for trains in NEST.values()}) == len(NETWORKS)
