"""Every spike is counted, and every event at a synapse, on however many cores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pynn_ext.backends.mesh as mesh
import pytest

from pynn_ext.mapping.tally import tallied
from pynn_ext.network import ArraySource, SpikeLog

CELLS = 48


def network(cells: int, interconnect: str, **setup: Any) -> tuple[list[Any], list[Any]]:
    """Return populations and projections: all kinds of sources, and cells that send to others, themselves, none."""
    mesh.setup(
        timestep=0.1, interconnect=interconnect, partition="sequential",
        chip={"columns": 4, "rows": 4, "cells": cells, "biological_ms": 1e-4}, **setup,
    )  # fmt: skip
    third, rng = CELLS // 3, mesh.NumpyRNG(seed=1)
    sources = [
        mesh.Population(third, mesh.SpikeSourcePoisson(rate=300.0)),
        mesh.Population(third, mesh.SpikeSourcePoisson(rate=30000.0)),  # several spikes in a step
        mesh.Population(third, mesh.SpikeSourceGamma(alpha=2, beta=400.0)),
        mesh.Population(1, mesh.SpikeSourceArray(spike_times=[1.0, 2.5, 2.5, 30.0])),
    ]
    talkers, loops, silent = (mesh.Population(third, mesh.IF_cond_exp()) for _ in range(3))
    few, many = mesh.StaticSynapse(weight=0.02, delay=0.5), mesh.StaticSynapse(weight=5e-4, delay=0.5)
    projections = [
        mesh.Projection(sources[0], talkers, mesh.FixedProbabilityConnector(0.5, rng=rng), few),
        mesh.Projection(sources[1], loops, mesh.OneToOneConnector(), many),
        mesh.Projection(sources[2], silent, mesh.FixedProbabilityConnector(0.5, rng=rng), few),
        mesh.Projection(sources[3], talkers, mesh.AllToAllConnector(), few),
        mesh.Projection(talkers, talkers, mesh.FixedProbabilityConnector(0.3, rng=rng), few),
        mesh.Projection(talkers, silent, mesh.FixedProbabilityConnector(0.3, rng=rng), few),
        mesh.Projection(loops, loops, mesh.OneToOneConnector(), few),
    ]
    return [*sources, talkers, loops, silent], projections


def recorded(population: Any) -> np.ndarray:
    """Return the spikes of each cell."""
    return np.array([len(train) for train in population.get_data().segments[0].spiketrains])


@pytest.mark.parametrize("interconnect", ("ideal", "trace", "closed"))
def test_spikes_and_events_are_those_that_were_recorded_on_any_number_of_cores(interconnect: str) -> None:
    reports = []
    for cells in (CELLS, CELLS // 4):
        populations, projections = network(cells, interconnect)
        for population in populations:
            population.record("spikes")
        mesh.run(20.0)
        mesh.run(30.0)
        fired = {id(population): recorded(population) for population in populations}
        report = mesh.chip_report()
        counts = [int(fired[id(population)].sum()) for population in populations]
        assert min(counts) > 3
        assert (report["input_spikes"], report["spikes"]) == (sum(counts[:4]), sum(counts[4:]))
        events = sum(
            fired[id(p.pre)][int(pre)] for p in projections for pre, *_ in p.get("weight", format="list")
        )
        assert report["synaptic_events"] == events
        reports.append(report)
    one, four = reports
    assert (one["cores"], four["cores"]) == (1, 4)
    for name in ("spikes", "input_spikes", "synaptic_events", "cell_updates"):
        assert one[name] == four[name]
    for component in ("synapse", "soma"):
        assert one["energy_nJ"][component] == four["energy_nJ"][component] > 0
    assert one["router_flits"] == one["link_flits"] == 0
    assert (four["link_flits"] > 0) == (four["energy_nJ"]["link"] > 0) == (interconnect != "ideal")


def test_what_is_recorded_makes_no_difference_and_a_reset_begins_anew() -> None:
    found = []
    for recording in (False, True):
        populations, _ = network(CELLS // 4, "closed")
        for population in populations if recording else []:
            population.record("spikes")
        mesh.run(20.0)
        first = mesh.chip_report()
        mesh.reset()
        mesh.run(20.0)
        found += [first, mesh.chip_report()]
    for name in ("spikes", "input_spikes", "synaptic_events"):
        assert len({report[name] for report in found}) == 1 and found[0][name] > 0


def test_recordings_go_to_files_and_begin_when_asked_for(tmp_path: Path) -> None:
    populations, _ = network(CELLS, "closed", record_to=str(tmp_path / "data"))
    noise, loops = populations[0], populations[5]
    noise.record("spikes")
    mesh.run(20.0)
    loops.record("spikes")  # its spikes have been counted so far
    before = mesh.chip_report()
    mesh.run(20.0)
    report = mesh.chip_report()
    assert 0 < before["spikes"] < report["spikes"] and recorded(noise).sum() > 0
    times = [t for train in loops.get_data().segments[0].spiketrains for t in train.magnitude]
    assert times and min(times) > 20.0


def test_logs_are_put_back_after_an_error() -> None:
    log, counts = SpikeLog(), np.zeros((2, 3), np.int64)
    groups = [ArraySource(3, "recorded", log), ArraySource(3, "not recorded")]
    with pytest.raises(RuntimeError, match="on the way"), tallied(zip(groups, counts, strict=True)):
        for group in groups:
            assert group.spikes is not None
            group.spikes.append(np.array([1.0, 1.0, 2.0]), np.array([2, 2, 0], np.int32))
        raise RuntimeError("on the way")
    assert groups[0].spikes is log and groups[1].spikes is None
    assert counts.tolist() == [[1, 0, 2]] * 2
    assert log.arrays()[1].tolist() == [2, 2, 0]
