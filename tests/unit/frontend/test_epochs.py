"""Data between two resets: what belongs to them, for which cells, and that reading changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import neo
import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors

from pynn_ext.errors import NetworkError, PynnExtError


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _cells(n: int = 4, label: str = "cells") -> Any:
    return sim.Population(n, sim.IF_curr_exp(i_offset=2.0), label=label)


def _shapes(block: neo.Block) -> list[list[tuple[str, tuple[int, ...], float]]]:
    return [
        [(s.name, s.shape, float(s.t_start)) for s in segment.analogsignals] for segment in block.segments
    ]


def test_spikes_count_from_the_call_of_record() -> None:
    p = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 2.0, 5.0, 7.0]))
    p[:1].record("spikes")
    sim.run(5.0)
    p[1:].record("spikes")
    sim.run(5.0)
    first, second = p.get_data().segments[0].spiketrains
    assert list(first.magnitude) == [1.0, 2.0, 5.0, 7.0] and float(first.t_start) == 0.0
    assert list(second.magnitude) == [7.0] and float(second.t_start) == 5.0
    assert list(p.get_spike_counts().values()) == [4, 1]
    sim.reset()
    sim.run(10.0)
    assert [len(t) for t in p.get_data().segments[1].spiketrains] == [4, 4]


def test_spikes_of_unrecorded_cells_are_not_given() -> None:
    p = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    p[1:2].record("spikes")
    sim.run(2.0)
    (train,) = p.get_data().segments[0].spiketrains
    assert train.annotations["source_index"] == 1
    assert p.get_spike_counts() == {int(p[1]): 1}


def test_a_view_gets_its_own_cells_in_every_segment() -> None:
    p = _cells()
    p.record(["v", "spikes"])
    sim.run(20.0)
    sim.reset()
    sim.run(20.0)
    for segment in p[1:3].get_data().segments:
        assert segment.analogsignals[0].shape == (201, 2)
        assert list(segment.analogsignals[0].annotations["channel_ids"]) == [int(p[1]), int(p[2])]
        assert [t.annotations["source_index"] for t in segment.spiketrains] == [1, 2]


def test_reading_a_part_leaves_the_whole() -> None:
    p, q = _cells(label="p"), _cells(3, "q")
    for cells in (p, q):
        cells.record(["v", "spikes"])
    sim.run(20.0)
    sim.reset()
    sim.run(10.0)
    before = _shapes(p.get_data())
    spikes = [len(t) for s in p.get_data().segments for t in s.spiketrains]
    p.get_data("v")
    p[:1].get_data("spikes")
    both = p + q
    for _ in range(2):
        block = both.get_data()
        assert [s.analogsignals[0].shape for s in block.segments] == [(201, 7), (101, 7)]
        assert list(block.segments[0].analogsignals[0].array_annotations["channel_index"]) == list(range(7))
        assert [len(s.spiketrains) for s in block.segments] == [7, 7]
    assert _shapes(p.get_data()) == before
    assert [len(t) for s in p.get_data().segments for t in s.spiketrains] == spikes


def test_what_follows_a_clear_is_kept_by_a_reset() -> None:
    p = _cells()
    p.record("v")
    sim.run(2.0)
    p.get_data(clear=True)
    sim.run(3.0)
    sim.reset()
    sim.run(1.0)
    p.get_data(clear=True)
    sim.reset()  # nothing new
    sim.run(0.5)
    assert _shapes(p.get_data()) == [[("v", (6, 4), 0.0)]]
    sim.setup(timestep=0.1)
    p = _cells()
    p.record("v")
    sim.run(2.0)
    p.get_data(clear=True)
    sim.run(3.0)
    sim.reset()
    sim.run(1.0)
    assert _shapes(p.get_data()) == [[("v", (31, 4), 2.0)], [("v", (11, 4), 0.0)]]


def test_late_recordings_are_one_signal_after_a_reset() -> None:
    p = _cells()
    p[2:].record("v")
    sim.run(2.0)
    p[:2].record("v")
    sim.run(2.0)
    sim.reset()
    sim.run(1.0)
    block = p.get_data()
    assert _shapes(block) == [[("v", (41, 2), 0.0), ("v", (21, 2), 2.0)], [("v", (11, 4), 0.0)]]
    signal = block.segments[1].analogsignals[0]
    assert list(signal.array_annotations["channel_index"]) == [0, 1, 2, 3]


def test_an_assembly_keeps_signals_of_other_times_apart() -> None:
    p, q = _cells(2, "p"), _cells(3, "q")
    p.record("v")
    sim.run(2.0)
    q.record("v")
    sim.run(2.0)
    early, late = (p + q).get_data().segments[0].analogsignals
    assert (early.shape, late.shape) == ((41, 2), (21, 3))
    assert (early.name, late.name) == ("v", "v")
    assert list(late.array_annotations["channel_index"]) == [2, 3, 4]


def test_record_none_starts_clean() -> None:
    p = _cells()
    p.record(["v", "spikes"], sampling_interval=1.0)
    sim.run(2.0)
    p.record(None)
    p.record("v")
    sim.run(2.0)
    (signal,) = p.get_data().segments[0].analogsignals
    assert signal.shape == (21, 4) and float(signal.sampling_period.rescale("ms")) == pytest.approx(0.1)
    assert len(p.get_data().segments[0].spiketrains) == 0


@pytest.mark.parametrize("interval", [0.25, 0.0, -1.0, 0.04])
def test_sampling_intervals_are_multiples_of_the_step(interval: float) -> None:
    with pytest.raises(NetworkError, match="multiple of the timestep"):
        _cells().record("v", sampling_interval=interval)


def test_a_file_of_all_segments_reads_back(tmp_path: Path) -> None:
    pytest.importorskip("nixio")
    p = _cells()
    p.record(["v", "spikes"])
    sim.run(20.0)
    sim.reset()
    sim.run(20.0)
    p[1:3].write_data(str(tmp_path / "data.nix"))
    with neo.io.NixIO(str(tmp_path / "data.nix"), mode="ro") as file:
        block = file.read_block()
    expected = p[1:3].get_data()
    for read, kept in zip(block.segments, expected.segments, strict=True):
        np.testing.assert_array_equal(read.analogsignals[0].magnitude, kept.analogsignals[0].magnitude)
        assert [list(t.magnitude) for t in read.spiketrains] == [list(t.magnitude) for t in kept.spiketrains]


def test_errors() -> None:
    p = _cells()
    with pytest.raises(errors.RecordingError, match="did you mean 'v'"):
        p.record("vv")
    p.record("v")
    with pytest.raises(IndexError) as caught:
        p.get_data()
    assert isinstance(caught.value, PynnExtError) and "call run()" in str(caught.value)
