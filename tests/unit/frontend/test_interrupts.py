"""Ctrl-C: the first returns what was simulated so far, the second ends the script."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pynn_ext.frontend import interrupts
from pynn_ext.frontend.interrupts import Pieces
from pynn_ext.frontend.simulator import Simulator

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys
import numpy as np
from pyNN.utility import get_simulator
sim, options = get_simulator(("--loop", "calls of run", {"type": int, "default": 1}))
sim.setup(timestep=1.0, min_delay=1.0)
source = sim.Population(5, sim.SpikeSourcePoisson(rate=5.0), label="source")
cells = sim.Population(10, sim.IF_curr_exp(tau_refrac=1.0, i_offset=1.5), label="cells")
sim.Projection(source, cells, sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(1)), sim.StaticSynapse(weight=0.02))
cells.record("spikes")
sim.run(1.0)
print("begun", flush=True)
for _ in range(options.loop):
    sim.run(1e8)
stopped = sim.get_current_time()
block = cells.get_data()
trains = block.segments[0].spiketrains
np.savez("found.npz", stopped=stopped, times=np.concatenate([np.asarray(t) for t in trains]))
print("written", flush=True)
sim.end()
"""


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "pynn_ext", "run", "script.py", "--no-progress", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n", process.communicate()
    time.sleep(0.2)  # inside the long run
    return process


@pytest.mark.parametrize("backend", ["codegen", "loihi", "mesh"])
def test_the_first_returns_what_was_simulated(backend: str, tmp_path: Path) -> None:
    process = started(tmp_path, "--backend", backend, "--", "--loop", "3")
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=120)
    assert out == "written\n" and process.returncode == 130, error
    assert error.count("stopped at") == 3 and "of 1e+08 ms" in error  # later calls simulate nothing
    found = np.load(tmp_path / "found.npz")
    assert 1.0 < found["stopped"] < 1e8 and found["stopped"] == round(float(found["stopped"]))
    assert len(found["times"]) and found["times"].max() <= found["stopped"]
    # the same as a run of that length
    again = tmp_path / "again"
    again.mkdir()
    text = SCRIPT.replace("sim.run(1e8)", f"sim.run({float(found['stopped']) - 1.0!r})")
    (again / "script.py").write_text(text)
    subprocess.run(
        [sys.executable, "-m", "pynn_ext", "run", "script.py", "--backend", backend],
        cwd=again, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, check=True, capture_output=True,
    )  # fmt: skip
    assert np.load(again / "found.npz")["times"].tobytes() == found["times"].tobytes()


def test_the_second_ends_the_script(tmp_path: Path) -> None:
    script = SCRIPT.replace(
        "stopped = ", "print('waiting', flush=True)\nimport time\ntime.sleep(60)\nstopped = "
    )
    process = None
    (tmp_path / "x").mkdir()
    try:
        globals()["SCRIPT"], before = script, SCRIPT
        process = started(tmp_path, "--backend", "codegen")
    finally:
        globals()["SCRIPT"] = before
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None and process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and not (tmp_path / "found.npz").exists()


def test_pieces_are_all_of_it_and_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    now = itertools.count(step=0.01)
    monkeypatch.setattr(interrupts.time, "perf_counter", lambda: float(next(now)))
    pieces = Pieces()
    lengths = list(pieces.of(1000))
    assert sum(lengths) == 1000 and lengths[:3] == [1, 8, 64] and min(lengths) >= 1
    assert list(pieces.of(0)) == [0]


@pytest.mark.parametrize("compiled", [True, False])
def test_the_last_bits_do_not_depend_on_the_pieces(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eligibility is kept on a scale that returns to 1 when synapses are read, not after each piece."""
    from pynn_ext.codegen import Engine
    from pynn_ext.codegen.interpreted import InterpretedEngine

    simulator = Simulator("tests.pieces", "pieces", Engine if compiled else InterpretedEngine)
    sim, found = SimpleNamespace(**simulator.namespace()), []
    for lengths in ([300], [1, 16, 123, 160]):
        monkeypatch.setattr(Pieces, "of", lambda self, steps, lengths=lengths: iter(lengths))
        sim.setup(timestep=0.1)
        pre = sim.Population(4, sim.SpikeSourceArray(spike_times=[[2.0, 9.3], [3.1], [11.0, 14.2], [17.7]]))
        post = sim.Population(3, sim.IF_curr_exp(i_offset=[2.2, 2.5, 3.0]))
        dopamine = sim.Population(1, sim.DopaminePool(), initial_values={"n": 0.02})
        rule = sim.DopamineSTDP(
            dopamine, weight=0.05, delay=1.0, w_max=1.0, A_plus=1e-3, A_minus=1.5e-3, tau_c=15.0
        )
        projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
        sim.run(30.0)
        found.append(projection.get(["weight", "c", "x"], format="list", with_address=False))
    np.testing.assert_allclose(found[0], found[1], rtol=0 if compiled else 1e-12)
    assert len(set(found[0])) > 6
