"""Units that were generated ahead: they are what would be generated now, and nothing else is taken for them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.codegen import cache, prepared
from pynn_ext.codegen.groups import cell_parts, cell_substeps
from pynn_ext.models.registry import all_models
from pynn_ext.network import CellModel

CODEGEN = Path(prepared.__file__).parent
REMEDY = "python -m pynn_ext.codegen.prepared"


def head(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text().partition("\n")[0].removeprefix("// "))
    return found


def path() -> str:
    return os.pathsep.join([str(CODEGEN.parents[1]), os.environ.get("PYTHONPATH", "")])


def parts(model: CellModel, arrays: tuple[str, ...] = (), dtype: str = "float64") -> list[Any]:
    return cell_parts(model, arrays, cell_substeps(model, 0.1), dtype)


def model(name: str) -> CellModel:
    found: CellModel = all_models()[name].cell_model  # type: ignore[attr-defined]
    return found


@pytest.mark.slow
def test_they_are_what_is_generated_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = head(prepared.FOLDER / "IF_cond_exp.cpp")["from"]
    here = prepared.generator()
    for name in ("brian2", "sympy"):
        if here[name] != recorded[name]:
            pytest.skip(f"{name} is {here[name]}; units were generated with {recorded[name]}")
    monkeypatch.setenv("PYTHONPATH", path())
    prepared.main([str(tmp_path)])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in prepared.FOLDER.iterdir()), REMEDY
    for name in names:
        assert (tmp_path / name).read_text() == (prepared.FOLDER / name).read_text(), REMEDY


def test_they_are_of_all_standard_cells() -> None:
    names = {cell.name for cell in prepared.standard_cells()}
    assert {"IF_curr_exp", "IF_cond_alpha", "HH_cond_exp", "Izhikevich"} <= names and "ELM" not in names
    files = {path.stem for path in prepared.FOLDER.glob("*.cpp")}
    assert files == names | {f"{name}-i_inj" for name in names}, REMEDY


@pytest.fixture
def up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = head(prepared.FOLDER / "IF_cond_exp.cpp")["from"]
    monkeypatch.setattr(prepared, "generator", lambda: {k: v for k, v in recorded.items() if k != "model"})


@pytest.mark.usefixtures("up_to_date")
@pytest.mark.parametrize("arrays", [(), ("i_inj",)])
def test_a_standard_cell_is_found(arrays: tuple[str, ...]) -> None:
    found = prepared.find(parts(model("IF_cond_exp"), arrays))
    assert found is not None
    source, unit = found
    assert source.startswith("#include") and {"columns", "propagators", "varying", "feeds"} == set(unit)
    assert ("P_i_inj[_idx]" in source) == bool(arrays)


@pytest.mark.usefixtures("up_to_date")
@pytest.mark.parametrize(
    "other",
    [
        parts(replace(model("IF_cond_exp"), threshold="v > v_thresh")),
        parts(replace(model("IF_cond_exp"), name="../IF_cond_exp")),
        parts(model("IF_cond_exp"), ("tau_m",)),
        parts(model("IF_cond_exp"), ("i_inj", "tau_m")),
        parts(model("IF_cond_exp"), dtype="float32"),
        parts(model("Izhikevich9")),
        cell_parts(model("HH_cond_exp"), (), cell_substeps(model("HH_cond_exp"), 1.0), "float64"),
    ],
)
def test_any_other_unit_is_generated(other: list[Any]) -> None:
    assert prepared.find(other) is None


@pytest.mark.parametrize("what", ["generator", "brian2", "sympy"])
def test_any_other_generator_generates(what: str, monkeypatch: pytest.MonkeyPatch, up_to_date: None) -> None:
    other = {**prepared.generator(), what: "other"}
    monkeypatch.setattr(prepared, "generator", lambda: other)
    assert prepared.find(parts(model("IF_cond_exp"))) is None


def test_every_module_of_the_generator_is_known() -> None:
    """Those that a unit's text comes from; what `groups` gives to them, numbers of steps, is part of the key."""
    found, ahead = set[str](), ["cell_unit"]
    while ahead:
        name = ahead.pop()
        if name in found or name == "groups":
            continue
        found.add(name)
        for node in ast.walk(ast.parse((CODEGEN / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                ahead += [node.module] if node.module else [alias.name for alias in node.names]
    assert found == set(prepared.GENERATOR)


@pytest.mark.skipif(cache.compiler() is None, reason="needs a C++ compiler")
def test_a_first_run_of_a_standard_cell_does_without_brian2(tmp_path: Path) -> None:
    if prepared.find(parts(model("IF_curr_exp"))) is None:
        pytest.skip("units were prepared with other versions")
    code = """
import sys
sys.modules["mpi4py"] = sys.modules["csa"] = None
import pynn_ext
sim = pynn_ext.load_backend("codegen")
sim.setup()
cells = sim.Population(2, sim.IF_curr_exp(i_offset=2.0))
cells.record("spikes")
sim.run(50.0)
print(len(cells.get_data().segments[0].spiketrains[0]), "brian2" in sys.modules, "sympy" in sys.modules)
"""
    tmp_path.chmod(0o700)
    environment = {**os.environ, "PYTHONPATH": path(), "PYNN_EXT_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    spikes, *imported = done.stdout.split()
    assert int(spikes) > 1 and imported == ["False", "False"]
