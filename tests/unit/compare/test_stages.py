"""The way to a chip in steps: which there are, and what each is found to cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pynn_ext.backends.loihi as loihi
import pytest

import pynn_ext
from pynn_ext.compare.limits import METRICS
from pynn_ext.compare.stages import stages_of
from pynn_ext.errors import NetworkError, UnsupportedError, UsageError

SCRIPT = """
from pyNN.utility import get_simulator
import numpy as np
sim, options = get_simulator()
sim.setup(timestep=1.0)
source = sim.Population(20, sim.SpikeSourceArray(spike_times=[np.arange(1.0 + i, 200.0, 13.0) for i in range(20)]))
cells = sim.Population(20, sim.IF_curr_exp(tau_m=13.7), label="cells")
weights = np.linspace(0.41, 1.93, 400).reshape(20, 20)
sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights, delay=1.0))
feedback = sim.StaticSynapse(weight=-0.15, delay=2.0)
sim.Projection(cells, cells, sim.AllToAllConnector(), feedback, receptor_type="inhibitory")
cells.record("spikes")
sim.run(200.0)
"""

OWN = """
def count(recordings):
    return {'count': len(recordings.populations[0].segments[0].times)}
"""


def test_steps_are_the_backends_own() -> None:
    assert [stage.name for stage in stages_of("codegen")] == ["codegen"]
    assert [stage.settings for stage in stages_of("mesh")] == [{"interconnect": "ideal"}, {}]
    assert [stage.settings for stage in stages_of("loihi")] == [{"arithmetic": "float"}, {}]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("stages")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "own.py").write_text(
        "def count(recordings):\n    return {'count': len(recordings.populations[0].segments[0].times)}\n"
    )
    result = pynn_ext.compare(
        folder / "script.py", ["codegen", "loihi", "mesh"], folder=folder / "out", stages=True,
        measure=f"{folder / 'own.py'}:count",
    )  # fmt: skip
    return result, folder / "out"


def test_each_step_is_compared_with_the_reference_and_with_the_step_before(found: Any) -> None:
    comparison, _ = found
    assert [r.backend for r in comparison.results] == [
        "codegen", "loihi, quantised, in floating point", "loihi", "mesh, ideal interconnect", "mesh",
    ]  # fmt: skip
    software, quantised, chip = comparison.steps["loihi"]
    assert software.total["coincident"] == 1.0 and set(chip.total) == set(METRICS)
    assert quantised.total == quantised.alone and quantised.total["coincident"] < 1.0  # rounding moves spikes
    assert chip.alone["spike"] < 0.02  # without feedback to speak of, integers add little
    assert comparison.steps["mesh"][1].total["coincident"] == 1.0  # an ideal interconnect changes nothing
    for costs in comparison.steps.values():
        assert all(cost.task["count"] > 50 for cost in costs)


def test_the_report_has_them(found: Any) -> None:
    _, folder = found
    page = (folder / "report.html").read_text()
    assert "The way to loihi, step by step" in page and "this step" in page and ">count<" in page
    report = json.loads((folder / "report.json").read_text())
    assert [cost["stage"] for cost in report["steps"]["mesh"]] == [
        "codegen",
        "mesh, ideal interconnect",
        "mesh",
    ]


def test_loihi_in_floating_point_keeps_potentials_and_starts_anew() -> None:
    def run(**setup: Any) -> Any:
        loihi.setup(timestep=1.0, **setup)
        cells = loihi.Population(3, loihi.IF_curr_exp(i_offset=[0.5, 0.9, 1.1]))
        cells.record(["spikes", "v"])
        loihi.run(60.0)
        loihi.run(40.0)
        loihi.reset()
        loihi.run(100.0)
        return cells.get_data().segments

    whole, again = run(arithmetic="float")
    chip, _ = run()
    v, v_chip = (s.analogsignals[0].magnitude for s in (whole, chip))
    assert v.shape == v_chip.shape == (101, 3) and np.array_equal(v, again.analogsignals[0].magnitude)
    assert np.abs(v - v_chip)[:, 0].max() < 0.1 and not np.array_equal(v, v_chip)
    assert [len(t) for t in whole.spiketrains] == [len(t) for t in chip.spiketrains]


def test_what_floating_point_cannot_do_is_said() -> None:
    with pytest.raises(NetworkError, match="arithmetic='flaot'.*did you mean 'float'"):
        loihi.setup(arithmetic="flaot")
        loihi.Population(1, loihi.IF_curr_exp())
        loihi.run(1.0)
    loihi.setup(timestep=1.0, arithmetic="float")
    cells = loihi.Population(1, loihi.IF_curr_exp())
    loihi.run(1.0)
    cells.set(i_offset=1.0)
    with pytest.raises(UnsupportedError, match="change after the network has run"):
        loihi.run(1.0)


def test_a_measure_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    with pytest.raises(UsageError, match="FILE.py:FUNCTION"):
        pynn_ext.compare(tmp_path / "script.py", ["codegen", "mesh"], measure=f"{tmp_path / 'no.py'}:f")
