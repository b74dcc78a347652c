"""The code of the pages runs as it stands there, but for names of files, long durations and what is left out (``...``).

`cells_and_circuits`, `learning` and `add_a_chip` have tests of their own that say what their code does."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pynn_ext.compare.comparison import compare
from pynn_ext.sweep.sweeping import sweep

DOCS = Path(__file__).resolve().parents[3] / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), flags=re.DOTALL)


def run(code: str, **names: Any) -> dict[str, Any]:
    """Return what the code leaves."""
    exec(compile(code, "<page>", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def names() -> dict[str, Any]:
    """A simulator with two populations and plastic synapses between them."""
    import pyNN.codegen as sim

    sim.setup(timestep=0.1)
    pre = sim.Population(5, sim.SpikeSourcePoisson(rate=50.0))
    post = sim.Population(3, sim.IF_curr_exp(i_offset=1.0))
    rule = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.02, delay=1.0)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
    return {"sim": sim, "pre": pre, "post": post, "projection": projection}


def test_recordings_go_to_files_and_are_read_again(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    writing, reading = blocks("howto")[:2]
    cells = 'cells = sim.Population(3, sim.IF_curr_exp(i_offset=1.0), label="three")'
    found = run(writing.replace("\n...\n", f"\n{cells}\n").replace("3_600_000.0", "50.0"), sim=names["sim"])
    assert found["block"].segments[0].analogsignals[0].shape == (501, 3)
    run(reading)
    assert capsys.readouterr().out == "three [(501, 3)]\n"


def test_a_cell_type_from_equations(names: dict[str, Any]) -> None:
    cells = run(blocks("howto")[2], sim=names["sim"])["cells"]
    assert cells.size == 10 and cells.get("theta_jump") == 3.0


def test_results_go_to_elephant_and_nix(names: dict[str, Any]) -> None:
    pytest.importorskip("elephant")
    pytest.importorskip("nixio")
    names["post"].record(["spikes", "v"])
    names["sim"].run(200.0)
    found = run(blocks("howto")[3], cells=names["post"])
    assert [float(rate) for rate in found["rates"]] == pytest.approx(
        [len(t) * 5.0 for t in found["segment"].spiketrains]
    )
    assert found["v"].shape == (2001, 3) and Path("cells.nix").stat().st_size > 0


def test_a_network_from_nir(names: dict[str, Any]) -> None:
    nir = pytest.importorskip("nir")
    nodes = {
        "input": nir.Input({"input": np.array([2])}),
        "weights": nir.Linear(np.ones((1, 2))),
        "cells": nir.IF(r=np.full(1, 1e4), v_threshold=np.full(1, 0.5)),
        "output": nir.Output({"output": np.array([1])}),
    }
    edges = [("input", "weights"), ("weights", "cells"), ("cells", "output")]
    nir.write("trained.nir", nir.NIRGraph(nodes=nodes, edges=edges))
    found = run(blocks("howto")[4].replace("[...]", "[[5.0], [9.0]]"), sim=names["sim"])
    names["sim"].run(20.0)
    assert len(found["network"].outputs["output"].get_data().segments[0].spiketrains[0])


@pytest.mark.parametrize("number", range(5))
def test_plasticity(number: int, names: dict[str, Any]) -> None:
    found = run(blocks("plasticity")[number], **names)
    synapse = {0: "stdp", 4: "synapse"}.get(number)
    if synapse:
        projection = names["sim"].Projection(
            names["pre"], found["post"], names["sim"].AllToAllConnector(), found[synapse]
        )
        names["sim"].run(50.0)
        found["projection"] = projection
    weights = found["projection"].get("weight", format="array")
    assert weights.shape == (5, found["post"].size) and np.ptp(weights) > 0
    assert len(blocks("plasticity")) == 5


def test_loihi() -> None:
    cells = 'cells = sim.Population(3, sim.IF_curr_exp(i_offset=1.0)); cells.record("spikes")'
    (code,) = blocks("loihi")
    found = run(code.replace("\n...\n", f"\n{cells}\n").replace("1000.0", "50.0"))
    report = found["sim"].chip_report()
    assert report["steps"] == 50


def test_mesh() -> None:
    import pyNN.mesh as sim

    (code,) = blocks("mesh")
    run(code, sim=sim)
    assert sim.get_time_step() == 0.1


@pytest.mark.parametrize(("page", "function"), [("compare", compare), ("sweep", sweep)])
def test_the_call_has_arguments_that_there_are(page: str, function: Callable[..., Any]) -> None:
    """Runs of several processes are tested elsewhere."""
    (code,) = blocks(page)
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    (call,) = (node for node in calls if ast.unparse(node.func) == f"pynn_ext.{page}")
    inspect.signature(function).bind(*call.args, **{str(k.arg): k.value for k in call.keywords})
