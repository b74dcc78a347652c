"""Networks to NIR and back: the same spikes; what NIR cannot say is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import UnsupportedError
from pynn_ext.nir import from_nir, to_nir

nir = pytest.importorskip("nir")

TIMES = [np.arange(1.0 + i, 100.0, 3.0 + i) for i in range(5)]


def network() -> tuple[list[Any], list[Any]]:
    """Sources, two layers of different cells with a bias, inhibition, and a slow way back."""
    sim.setup(timestep=0.1)
    sources = sim.Population(5, sim.SpikeSourceArray(spike_times=TIMES), label="sources")
    first = sim.Population(
        4,
        sim.IF_curr_exp(i_offset=[0.0, 0.1, 0.2, 0.3], tau_refrac=0.0, tau_syn_E=4.0, tau_syn_I=4.0),
        label="first",
    )
    second = sim.Population(3, sim.IF_curr_delta(tau_m=15.0, tau_refrac=0.0), label="second")
    every = sim.AllToAllConnector()
    projections = [
        sim.Projection(sources, first, every, sim.StaticSynapse(weight=1.2, delay=0.1)),
        sim.Projection(first, second, every, sim.StaticSynapse(weight=5.0, delay=2.5)),
        sim.Projection(
            second, first, every, sim.StaticSynapse(weight=-0.4, delay=1.0), receptor_type="inhibitory"
        ),
    ]
    return [sources, first, second], projections


def spikes(population: Any) -> list[list[float]]:
    return [train.magnitude.tolist() for train in population.get_data().segments[0].spiketrains]


def test_the_same_spikes_after_a_file(tmp_path: Path) -> None:
    populations, projections = network()
    for cells in populations[1:]:
        cells.record("spikes")
    sim.run(100.0)
    before = [spikes(cells) for cells in populations[1:]]
    nir.write(tmp_path / "graph.nir", to_nir(populations, projections, outputs=populations[2:]))
    assert sum(map(len, before[1])) > 10

    sim.setup(timestep=0.1)
    again = from_nir(sim, tmp_path / "graph.nir")
    again.inputs["sources"].set(spike_times=TIMES)
    for cells in again.populations.values():
        cells.record("spikes")
    sim.run(100.0)
    assert [spikes(again.populations[name]) for name in ("first", "second")] == before
    assert again.outputs["output"] is again.populations["second"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau_refrac": 2.0}, "tau_refrac of 2 ms"),
        ({"tau_syn_I": 2.0}, "tau_syn_E and tau_syn_I differ"),
    ],
)
def test_parameters_without_counterpart(change: dict[str, float], message: str) -> None:
    populations, projections = network()
    populations[1].set(**change)
    with pytest.raises(UnsupportedError, match=message):
        to_nir(populations, projections)


def test_structure_without_counterpart() -> None:
    populations, projections = network()
    sources, first, second = populations
    plastic = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1, delay=1.0)
    for extra, message in (
        (sim.Projection(sources, first, sim.AllToAllConnector(), plastic), "synapses of type STDPMechanism"),
        (sim.Projection(sources, first[:2], sim.AllToAllConnector(), sim.StaticSynapse()), "no views"),
        (
            sim.Projection(sources, first, sim.OneToOneConnector(), sim.StaticSynapse(delay=5.0)),
            "delays of 0.1 and 5 ms",
        ),
    ):
        with pytest.raises(UnsupportedError, match=message):
            to_nir(populations, [*projections, extra])
    adex = sim.Population(1, sim.EIF_cond_exp_isfa_ista(), label="adex")
    with pytest.raises(UnsupportedError, match="EIF_cond_exp_isfa_ista"):
        to_nir([*populations, adex], projections)
    with pytest.raises(UnsupportedError, match="constant current of cells without input"):
        to_nir(populations, projections[1:2])
