"""A script that is quick, and one that kills the process that runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

NETWORK = """
from pyNN.utility import get_simulator
sim, options = get_simulator(("--current", "nA", {"type": float, "default": 1.0}))
sim.setup(timestep=0.1)
cells = sim.Population(2, sim.IF_curr_exp(i_offset=options.current), label="cells")
cells.record("spikes")
sim.run(100.0)
"""
KILLS = """
import os, signal
from pathlib import Path
marker = Path(__file__).with_name("killed")
if "2.0" in __import__("sys").argv and not marker.exists():
    marker.touch()
    os.kill(os.getppid(), signal.SIGKILL)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "network.py"
    path.write_text(NETWORK)
    return path


@pytest.fixture
def killing_script(tmp_path: Path) -> Path:
    """The same network; at a current of 2 nA it kills the worker that runs it, the first time."""
    path = tmp_path / "kills.py"
    path.write_text(KILLS + NETWORK)
    return path
