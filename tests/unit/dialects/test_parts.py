"""Scripts import from parts of a backend's module; another backend that takes its place has the same names."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pynn_ext import runner
from pynn_ext.dialects import speaking
from pynn_ext.dialects._parts import linked


def run(text: str, tmp_path: Path) -> int:
    script = tmp_path / "script.py"
    script.write_text(text)
    return runner.run(str(script), [], "codegen")


IMPORTS = """
import pyNN.{name} as sim
from pyNN.{name}.random import NativeRNG
from pyNN.{name}.standardmodels.cells import IF_curr_exp
import pyNN.{name}.connectors as connectors
import pyNN.{name}.simulator
assert NativeRNG is sim.NativeRNG and IF_curr_exp is sim.IF_curr_exp
assert connectors.AllToAllConnector is sim.AllToAllConnector
sim.setup()
assert pyNN.{name}.simulator.state.dt == 0.1
"""


@pytest.mark.parametrize("name", ["nest", "neuron", "brian2"])
def test_names_come_from_the_backend(name: str, tmp_path: Path) -> None:
    import pyNN.codegen as sim

    random, before = sim.random, {m for m in sys.modules if m.startswith(f"pyNN.{name}")}
    assert run(IMPORTS.format(name=name), tmp_path) == runner.OK
    assert sim.random is random  # importing a part binds it in the module that stands in
    assert {m for m in sys.modules if m.startswith(f"pyNN.{name}")} == before


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("from pyNN.neuron.cells import IntFire1", runner.UNSUPPORTED),
        ("try:\n from pyNN.neuron.cells import IntFire1\nexcept ImportError:\n raise", runner.UNSUPPORTED),
        ("sim.IntFire1", runner.FAILED),
    ],
)
def test_a_name_that_is_not_there_is_said(
    line: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"import pyNN.neuron as sim\n{line}\n", tmp_path) == code
    said = capsys.readouterr().err
    assert "pyNN.neuron is codegen in this run, which has no 'IntFire1'. Remedy: leave it out" in said


def test_a_backend_in_its_own_place_is_itself() -> None:
    import pyNN.codegen as sim

    assert speaking("codegen", sim, "codegen") == {"pyNN.codegen": sim}


def test_import_star_of_a_module_without_a_list_of_its_names_takes_all() -> None:
    backend = ModuleType("pyNN.other")
    vars(backend).update(setup=1, _own=2)
    module, names = speaking("neuron", backend, "other")["pyNN.neuron"], dict[str, Any]()
    sys.modules["standing"] = module
    try:
        exec("from standing import *", names)
    finally:
        del sys.modules["standing"]
    assert names["setup"] == 1 and "_own" not in names


def test_packages_above_a_module_are_made_unless_they_are_installed() -> None:
    inner = object()
    found = linked({"no_such_package.below": inner, "json.own": inner})
    assert found["no_such_package"].below is inner and "json" not in found
