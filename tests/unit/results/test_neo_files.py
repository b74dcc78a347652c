"""NWB files: written from PyNN's own call, valid for pynwb, the same data when read back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyNN.codegen as sim
import pytest
from neo.io import NWBIO

pynwb = pytest.importorskip("pynwb")


def recorded() -> sim.Population:
    """Two segments of three cells that fire, and a trace of one."""
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.8, 0.9, 1.0]), label="cells")
    cells.record("spikes")
    cells[:1].record("v", sampling_interval=1.0)
    sim.run(100.0)
    sim.reset()
    sim.run(50.0)
    return cells


@pytest.mark.parametrize("gathered", ["population", "assembly"])
def test_a_file_holds_what_get_data_returns(gathered: str, tmp_path: Path) -> None:
    cells = recorded()
    source = cells if gathered == "population" else sim.Assembly(cells)
    source.write_data(str(tmp_path / "cells.nwb"))
    with pynwb.NWBHDF5IO(tmp_path / "cells.nwb", "r") as file:
        assert not pynwb.validate(io=file)
        content = file.read()
        assert len(content.units) == 6
        assert content.session_start_time.tzinfo is not None
    again = NWBIO(str(tmp_path / "cells.nwb"), "r").read_block()
    for mine, read in zip(source.get_data().segments, again.segments, strict=True):
        for before, after in zip(mine.spiketrains, read.spiketrains, strict=True):
            assert np.allclose(
                before.rescale("s").magnitude, after.rescale("s").magnitude, rtol=0, atol=1e-12
            )
        assert np.array_equal(mine.analogsignals[0].magnitude, read.analogsignals[0].magnitude)


def test_what_the_user_set_stays(tmp_path: Path) -> None:
    began = datetime(2020, 1, 2, tzinfo=UTC)
    cells = recorded()
    cells.write_data(NWBIO(str(tmp_path / "cells.nwb"), "w", session_start_time=began, identifier="mine"))
    with pynwb.NWBHDF5IO(tmp_path / "cells.nwb", "r") as file:
        content = file.read()
        assert (content.session_start_time, content.identifier) == (began, "mine")
