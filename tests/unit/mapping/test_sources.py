"""Sources are the host's: on every chip they have the very spikes that they have on the compiled engine."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

SOURCES: dict[str, dict[str, Any]] = {
    "SpikeSourcePoisson": {"rate": [100.0, 200.0, 1000.0]},
    "SpikeSourceGamma": {"beta": [100.0, 200.0, 1000.0], "alpha": [6, 4, 2]},
    "SpikeSourcePoissonRefractory": {"rate": [100.0, 100.0, 50.0], "tau_refrac": [0.0, 5.0, 5.0]},
}


def trains(backend: str, source: str) -> list[Any]:
    """Spikes of three sources in two runs of 0.3 s each."""
    sim = importlib.import_module(f"pyNN.{backend}")
    sim.setup(timestep=0.1)
    sources = sim.Population(3, getattr(sim, source)(**SOURCES[source]))
    sources.record("spikes")
    sim.run(300.0)
    sim.run(300.0)
    return [np.asarray(train.magnitude) for train in sources.get_data().segments[0].spiketrains]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("chip", ["loihi", "mesh"])
def test_spikes_are_those_of_the_compiled_engine(chip: str, source: str) -> None:
    expected, found = trains("codegen", source), trains(chip, source)
    assert min(map(len, expected)) > 3
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(own, other)
