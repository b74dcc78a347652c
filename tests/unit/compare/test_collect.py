"""What a script records is kept, whichever way it lets go of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import neo
import numpy as np
import pytest

from pynn_ext.compare import collect
from pynn_ext.compare.recordings import Recordings

SCRIPT = """
from pyNN.utility import get_simulator
sim, options = get_simulator(("--fail", "fail", {"action": "store_true"}))
for amplitude in (1.0, 2.0):
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=amplitude), label="cells")
    silent = sim.Population(2, sim.IF_curr_exp(), label="silent")
    cells[1:3].record("spikes")
    cells.record("v", sampling_interval=1.0)
    sim.run(100.0)
    if amplitude == 1.0:
        cells.get_data(clear=True)
        sim.run(50.0)
    else:
        sim.reset()
        sim.run(20.0)
    if options.fail:
        raise RuntimeError("half-way")
sim.end()
"""


def collected(folder: Path, backend: str, *arguments: str) -> tuple[Recordings, int]:
    script = folder / "script.py"
    script.write_text(SCRIPT)
    command = [
        sys.executable,
        "-m",
        "pynn_ext.compare.collect",
        str(folder / backend),
        backend,
        "{}",
        str(script),
    ]
    code = subprocess.run([*command, *arguments], check=False, capture_output=True).returncode
    return Recordings.load(folder / backend), code


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    recordings, code = collected(tmp_path_factory.mktemp("collect"), "codegen")
    assert code == 0
    return recordings


def test_populations_that_recorded(found: Recordings) -> None:
    assert [(p.label, p.size, p.celltype) for p in found.populations] == [("cells", 3, "IF_curr_exp")] * 2
    assert found.about["timestep"] == 0.1 and found.about["summary"]["networks"] == 2


def test_cleared_data_and_resets_are_segments(found: Recordings) -> None:
    first, second = found.populations
    assert [s.t_stop for s in first.segments] == [100.0, 150.0]
    assert [s.t_stop for s in second.segments] == [100.0, 20.0]
    assert first.segments[1].times.min() > 100.0


def test_spikes_and_signals(found: Recordings) -> None:
    segment = found.populations[1].segments[0]
    assert segment.recorded.tolist() == [1, 2] and set(segment.index) == {1, 2}
    assert np.all(np.diff(segment.times) >= 0)
    assert segment.train(1).tolist() == segment.train(2).tolist() and len(segment.train(1)) > 3
    v = segment.signals["v"]
    assert v.values.shape == (101, 3) and v.cells.tolist() == [0, 1, 2] and v.units == "mV"
    assert (v.t_start, v.interval) == (0.0, 1.0)


def test_a_script_that_fails_keeps_what_it_had(tmp_path: Path) -> None:
    recordings, code = collected(tmp_path, "codegen", "--fail")
    assert code == 1 and recordings.about["exit_code"] == 1
    assert [s.t_stop for s in recordings.populations[0].segments] == [100.0, 150.0]


def test_neo_data_are_there_too(tmp_path: Path) -> None:
    nixio = pytest.importorskip("neo.io").NixIO
    collected(tmp_path, "codegen")
    with nixio(str(tmp_path / "codegen" / "data.nix"), mode="ro") as file:
        blocks = file.read_all_blocks()
    assert len(blocks) == 3 and blocks[0].segments[0].spiketrains


def test_many_spike_trains_are_not_written_as_nix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nixio")
    segment = neo.Segment()
    segment.spiketrains += [neo.SpikeTrain([1.0], units="ms", t_stop=2.0) for _ in range(3)]
    block = neo.Block()
    block.segments.append(segment)
    monkeypatch.setattr(collect, "NIX_TRAINS", 3)
    assert collect.write_nix([block], tmp_path / "3.nix") == ""
    monkeypatch.setattr(collect, "NIX_TRAINS", 2)
    assert collect.write_nix([block], tmp_path / "2.nix").startswith("3 spike trains would take NIX")
    assert [path.name for path in tmp_path.iterdir()] == ["3.nix"]
