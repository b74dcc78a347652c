"""A run that is killed while it writes leaves no result, the old one, or the whole new one."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import neo
import pyNN.codegen as sim
import pytest
from neo.io import NixIO, PickleIO

# of which every fifth is not killed, to know how long a write takes: 50 kills; of the slow format 16
ROUNDS = {".pkl": 63, ".nix": 20}


def read(path: Path) -> list[int]:
    """The spikes of each segment of the last block."""
    if path.suffix == ".pkl":
        block = PickleIO(str(path)).read_block()
    else:
        pytest.importorskip("nixio")
        file = NixIO(str(path), "ro")
        block = file.read_all_blocks()[-1]
        file.close()
    assert isinstance(block, neo.Block)
    return [sum(map(len, segment.spiketrains)) for segment in block.segments]


@pytest.mark.parametrize("suffix", [".pkl", pytest.param(".nix", marks=pytest.mark.slow)])
@pytest.mark.parametrize("by", ["name", "neo"])
def test_killed_at_random_instants(suffix: str, by: str, tmp_path: Path) -> None:
    if (suffix, by) == (".nix", "neo"):
        pytest.skip("an open file of the user's grows in place")
    sim.setup(timestep=0.1)
    cells = sim.Population(100 if suffix == ".pkl" else 3, sim.IF_curr_exp(i_offset=1.0), label="cells")
    cells.record("spikes")
    sim.run(200.0)
    path = tmp_path / f"result{suffix}"
    cells.write_data(str(path))
    draw, takes = random.Random(1), 0.0
    old, seen = read(path), set()
    for attempt in range(ROUNDS[suffix]):
        if not attempt % 5:  # what was there: another result, or none
            path.unlink(missing_ok=True)
            old = []
        sim.run(10.0)
        child = os.fork()
        if not child:
            try:
                cells.write_data(str(path) if by == "name" else PickleIO(str(path)))
            finally:
                os._exit(0)
        began = time.perf_counter()
        if attempt % 5 == 1:  # to know how long it takes
            os.waitpid(child, 0)
            takes = time.perf_counter() - began
        else:
            time.sleep(draw.uniform(0.0, 1.2 * takes or 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        new = [cells.get_spike_counts() and sum(cells.get_spike_counts().values())]
        found = read(path) if path.exists() else []
        assert found in (old, new)
        seen.add("none" if not found else "new" if found == new else "old")
        old = found
    assert {"new", "old"} <= seen
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] in ([], [path.name])
