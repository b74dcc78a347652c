"""Backends and models are what the files say, and listing them imports none."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import pynn_ext
from pynn_ext import plugins
from pynn_ext.errors import UsageError

CHECKOUT = Path(__file__).resolve().parents[2]


def names_on_disk(folder: Path, *helpers: str) -> set[str]:
    return {path.stem for path in folder.glob("*.py") if path.stem[0] != "_" and path.stem not in helpers}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backend file that cannot be imported."""
    import pynn_ext.backends as package

    (tmp_path / "toy.py").write_text('"""First line.\n\nSecond.\n"""\nraise RuntimeError("imported")\n')
    (tmp_path / "_helper.py").write_text("")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    return "toy"


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backend of another distribution."""
    (tmp_path / "foreign_simulator.py").write_text('"""From elsewhere."""\n')
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("foreign", "foreign_simulator", "pynn_ext.backends")
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [point] if group == point.group else []
    )
    return "foreign"


def test_backends_are_the_files_of_the_folder() -> None:
    assert names_on_disk(CHECKOUT / "backends") <= set(pynn_ext.backend_names())


def test_models_are_the_files_of_the_folder() -> None:
    assert names_on_disk(CHECKOUT / "pynn_ext" / "models", "base", "registry") <= set(plugins.model_names())
    assert not {"base", "registry"} & set(plugins.model_names())


def test_listing_and_summary_import_nothing(toy: str) -> None:
    assert toy in plugins.backend_names()
    assert "_helper" not in plugins.backend_names()
    assert plugins.backend_summary(toy) == "First line."
    with pytest.raises(RuntimeError, match="imported"):
        plugins.load_backend(toy)


def test_every_backend_and_model_has_a_summary() -> None:
    assert all(map(plugins.backend_summary, plugins.backend_names()))
    assert all(map(plugins.model_summary, plugins.model_names()))


def test_entry_points_are_backends(foreign: str) -> None:
    assert foreign in plugins.backend_names()
    assert plugins.backend_summary(foreign) == "From elsewhere."
    assert plugins.load_backend(foreign).__name__ == "foreign_simulator"


def test_own_file_wins_over_an_entry_point(toy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [EntryPoint(toy, "elsewhere", group)]
    )
    assert plugins.backend_module(toy) == "pynn_ext.backends.toy"


def test_unknown_name_gets_a_suggestion(toy: str) -> None:
    with pytest.raises(UsageError, match=r"no backend named 'toi'.*did you mean 'toy'"):
        plugins.load_backend("toi")
    with pytest.raises(UsageError, match="no model named 'nothing'"):
        plugins.load_model("nothing")
    assert plugins.backend_module("nothing") is None


def test_public_names_are_there() -> None:
    assert set(pynn_ext.__all__) <= set(dir(pynn_ext))
    for name in pynn_ext.__all__:
        assert getattr(pynn_ext, name)
    with pytest.raises(AttributeError, match="no_such_name"):
        pynn_ext.no_such_name  # noqa: B018


def test_listing_imports_neither_pynn_nor_brian2() -> None:
    """In a process of its own, since this one has imported everything."""
    code = (
        "import sys, pynn_ext; pynn_ext.backend_names()\n"
        "assert not {'pyNN', 'brian2', 'numpy'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True)
