"""A chip's run goes on from a checkpoint in a new process as if it had not stopped, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pynn_ext.errors import NetworkError, UnsupportedError

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = """
import json, sys
from importlib import import_module
from pathlib import Path
import numpy as np
backend, how, plastic, size = sys.argv[1], sys.argv[2], sys.argv[3] == "plastic", int(sys.argv[4])
sim = import_module("pyNN." + backend)
dt, weight, kind, delay = 1.0, 1.0, "IF_curr_exp", 4.0
if backend == "neurocorex":
    dt, weight, kind, delay = 0.96, 8.0, "IF_curr_delta", 0.96
sim.setup(timestep=dt, min_delay=dt)
source = sim.Population(10, sim.SpikeSourcePoisson(rate=80.0), label="source")
cells = sim.Population(size, getattr(sim, kind)(tau_refrac=2 * dt), label="cells")
rng = sim.NumpyRNG(3)
static = sim.StaticSynapse(weight=weight, delay=dt)
sim.Projection(source, cells, sim.FixedProbabilityConnector(0.5, rng=rng), static)
recurrent = sim.StaticSynapse(weight=weight / 4, delay=delay)
if plastic:
    rule = sim.SpikePairRule(A_plus=0.02, A_minus=0.02)
    recurrent = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=2.0), weight=weight, delay=delay)
among = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.3, rng=rng), recurrent)
cells.record(["spikes", "v"])
if how == "goes on":
    sim.load_checkpoint("state")
    assert sim.get_current_time() == 96.0
else:
    sim.run(96.0)
if how == "stops":
    sim.save_checkpoint("state")
    sys.exit()
sim.run(48.0)
segment = cells.get_data().segments[0]
found = [np.concatenate([np.asarray(train) for train in segment.spiketrains]), np.asarray(segment.analogsignals[0])]
found.append(np.array(among.get("weight", format="list", with_address=False)))
assert len(found[0]) > 50
report = json.dumps(sim.chip_report(), default=lambda value: value.tolist(), sort_keys=True)
Path(how).write_bytes(b"|".join(values.tobytes() for values in found) + report.encode())
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("backend", "synapses"),
    [
        ("loihi", "plastic"),
        pytest.param("loihi", "static", marks=pytest.mark.slow),
        pytest.param("neurocorex", "static", marks=pytest.mark.slow),
    ],
)
def test_goes_on_in_a_new_process_to_the_byte(backend: str, synapses: str, tmp_path: Path) -> None:
    for how in ("stops", "goes on", "whole"):
        done = run(tmp_path, backend, how, synapses, "20")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "goes on").read_bytes() == (tmp_path / "whole").read_bytes()
    with np.load(tmp_path / "state", allow_pickle=False) as file:  # numbers and text alone
        assert all(not file[name].dtype.hasobject for name in file.files)
    other = run(tmp_path, backend, "goes on", synapses, "21")
    assert other.returncode == 1 and "the checkpoint has groups" in other.stderr


def test_refusals(tmp_path: Path) -> None:
    import pyNN.loihi as loihi
    import pyNN.mesh as mesh

    loihi.setup(timestep=1.0)
    cells = loihi.Population(1, loihi.IF_curr_exp(i_offset=0.5), label="cells")
    with pytest.raises(UnsupportedError, match="call run"):
        loihi.save_checkpoint(tmp_path / "state")
    loihi.run(1.0)
    (tmp_path / "text").write_text("no")
    with pytest.raises(NetworkError, match="no checkpoint"):
        loihi.load_checkpoint(tmp_path / "text")
    with pytest.raises(NetworkError, match="no checkpoint"):
        loihi.load_checkpoint(tmp_path / "missing")
    loihi.reset()
    cells.record("spikes")
    loihi.run(1.0)
    with pytest.raises(UnsupportedError, match="after reset"):
        loihi.save_checkpoint(tmp_path / "state")
    mesh.setup(timestep=1.0)
    with pytest.raises(UnsupportedError, match="compiled code"):
        mesh.save_checkpoint(tmp_path / "state")
