"""Recordings in files: the same data as from memory, in bounded memory, and there after a process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import neo
import numpy as np
import pyNN.codegen as sim
import pyNN.mesh
import pytest

import pynn_ext
from pynn_ext.errors import NetworkError

# The engine holds 2000 steps, 31 MB, and as much again while it writes them.
CELLS, STEPS = 2000, 20_000
BOUNDED = f"""
import pathlib, re, resource, sys
import pyNN.codegen as sim
def most():  # getrusage begins with what the parent had
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sim.setup(timestep=0.1, record_to=sys.argv[1] if len(sys.argv) > 1 else None)
cells = sim.Population({CELLS}, sim.IF_curr_exp(i_offset=0.5))
cells.record("v")
sim.run(1.0)
before = most()
sim.run({STEPS / 10})
print(most() - before, len(cells.get_data().segments[0].analogsignals[0]))
"""
ENDLESS = """
import sys
import pyNN.codegen as sim
sim.setup(timestep=0.1, record_to=sys.argv[1] if len(sys.argv) > 1 else None)
cells = sim.Population(20, sim.IF_curr_exp(i_offset=1.0))
cells.record(["spikes", "v"])
sim.run(1e8)
"""


def network(record_to: Path | None = None, **settings: Any) -> tuple[Any, Any]:
    sim.setup(record_to=record_to, **settings)
    cells = sim.Population(100, sim.IF_cond_exp(), label="cells é/1")
    sources = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0), label="sources")
    connector = sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(1))
    sim.Projection(sources, cells, connector, sim.StaticSynapse(weight=0.006, delay=1.0))
    cells.record("spikes")
    cells[:10].record("v")
    sources.record("spikes")
    return cells, sources


def recorded(*settings: Any, **options: Any) -> list[neo.Block]:
    cells, sources = network(*settings, **options)
    sim.run(200.0)
    cells[20:25].record("v")
    sim.run(100.0)
    sim.reset()
    sim.run(150.0)
    return [cells.get_data(), sources.get_data()]


def assert_same(found: neo.Block, expected: neo.Block) -> None:
    assert (found.name, found.annotations) == (expected.name, expected.annotations)
    assert [s.name for s in found.segments] == [s.name for s in expected.segments]
    for mine, other in zip(found.segments, expected.segments, strict=True):
        for a, b in zip(mine.spiketrains, other.spiketrains, strict=True):
            assert np.array_equal(a.magnitude, b.magnitude)
            assert (a.t_start, a.t_stop, a.annotations) == (b.t_start, b.t_stop, b.annotations)
        for c, d in zip(mine.analogsignals, other.analogsignals, strict=True):
            assert np.array_equal(c.magnitude, d.magnitude)
            assert c.dtype == d.dtype
            assert (c.t_start, c.units, c.sampling_rate) == (d.t_start, d.units, d.sampling_rate)
            assert np.array_equal(c.array_annotations["channel_index"], d.array_annotations["channel_index"])


@pytest.mark.parametrize("precision", ["double", "single"])
def test_equal_to_what_memory_holds(tmp_path: Path, precision: str) -> None:
    expected = recorded(precision=precision)
    found = recorded(tmp_path / "data", precision=precision)
    assert sum(map(len, expected[0].segments[0].spiketrains)) > 50
    for block, other, again in zip(found, expected, pynn_ext.read_recordings(tmp_path / "data"), strict=True):
        assert_same(block, other)
        assert_same(again, other)


def test_parts_are_read_and_changing_them_changes_no_file(tmp_path: Path) -> None:
    cells, _ = network(tmp_path)
    sim.run(50.0)
    part = cells[3:5].get_data("v").segments[0].analogsignals[0]
    whole = cells.get_data("v").segments[0].analogsignals[0]
    assert np.array_equal(part.magnitude, whole.magnitude[:, 3:5])
    whole[:] = 0 * whole.units
    assert cells.get_data("v").segments[0].analogsignals[0].magnitude.min() < -60.0


def test_what_is_cleared_leaves_the_folder(tmp_path: Path) -> None:
    cells, sources = network(tmp_path)
    sim.run(50.0)
    before = sum(path.stat().st_size for path in tmp_path.iterdir())
    cells.get_data(clear=True)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < before / 3
    sim.run(20.0)
    assert cells.get_data().segments[0].analogsignals[0].shape == (201, 10)
    read = pynn_ext.read_recordings(tmp_path)
    assert float(read[0].segments[0].analogsignals[0].t_start) == 50.0
    assert_same(read[1], sources.get_data())


def test_memory_stays_bounded(tmp_path: Path) -> None:
    grown = {}
    # the first may have to compile, which takes memory of its own, so it cannot be the one that has to grow
    for where in ([str(tmp_path / "data")], []):
        done = subprocess.run(
            [sys.executable, "-c", BOUNDED, *where], capture_output=True, text=True, check=True
        )
        kilobytes, samples = map(int, done.stdout.split())
        assert samples == STEPS + 11
        grown[bool(where)] = kilobytes / 1024
    data = 8 * CELLS * STEPS / 2**20
    assert grown[False] > 0.5 * data
    assert grown[True] < 0.3 * data


def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(folder)])
    limit = time.monotonic() + 60.0
    while (
        not any(path.stat().st_size > 400_000 for path in folder.glob("*-v-*")) and time.monotonic() < limit
    ):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    segment = pynn_ext.read_recordings(folder)[0].segments[0]
    v = segment.analogsignals[0]
    assert len(v) > 2000
    sim.setup(timestep=0.1)
    cells = sim.Population(20, sim.IF_curr_exp(i_offset=1.0))
    cells.record(["spikes", "v"])
    sim.run((len(v) - 1) / 10)
    expected = cells.get_data().segments[0]
    assert np.array_equal(v.magnitude, expected.analogsignals[0].magnitude)
    mine, all_of_it = (np.concatenate([t.magnitude for t in s.spiketrains]) for s in (segment, expected))
    # killed between a chunk's samples and its spikes, it has the samples alone
    assert len(all_of_it) - 20 * 20 <= len(mine) <= len(all_of_it)
    assert set(mine) <= set(all_of_it)


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    network(tmp_path)
    with pytest.raises(NetworkError, match="holds recordings already.*give another folder"):
        sim.setup(record_to=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(NetworkError, match="cannot be used"):
        sim.setup(record_to=tmp_path / "file")
    with pytest.raises(NetworkError, match="no recordings"):
        pynn_ext.read_recordings(tmp_path / "nothing")


def test_the_interconnect_of_a_chip_needs_spikes_in_memory(tmp_path: Path) -> None:
    mesh = pyNN.mesh
    mesh.setup(record_to=tmp_path, chip={"cells": 1})
    cells = mesh.Population(2, mesh.IF_curr_exp())
    mesh.Projection(cells, cells, mesh.AllToAllConnector(), mesh.StaticSynapse(weight=0.1, delay=1.0))
    cells.record("spikes")
    with pytest.raises(NetworkError, match="leave out 'record_to'"):
        mesh.run(1.0)
