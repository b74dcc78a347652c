"""Every standard model has a test of this folder that checks its numbers, and every known silent error one that
asserts the right value.

A test says what it is about by ``@pytest.mark.model("IF_curr_exp", ...)``, also on a single parameter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_ext.models.registry import all_models

from .marks import Marks, marks_of

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]


@pytest.fixture(scope="module")
def marks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Marks:
    """Test identifier to its marks, for the whole folder whatever part of it is being run."""
    if _is_whole(request.session):
        return marks_of(request.session.items)
    listing = tmp_path_factory.mktemp("marks") / "marks.json"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(FOLDER)]
    environment = {**os.environ, "PYNN_EXT_LIST_MARKS": str(listing), "PYTEST_ADDOPTS": ""}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout[-2000:]
    found: Marks = json.loads(listing.read_text())
    return found


def _is_whole(session: pytest.Session) -> bool:
    """Return whether all tests of the folder have been collected for this run, and none left out."""
    options = session.config.option
    chosen = (
        options.keyword or options.markexpr or options.deselect or any("::" in a for a in session.config.args)
    )
    return not chosen and set(FOLDER.glob("test_*.py")) <= {item.path for item in session.items}


def test_every_model_is_tested(marks: Marks) -> None:
    """Adding a model without a test of its numbers fails here."""
    tested = {name for test in marks.values() for name in test["models"]}
    missing = sorted(set(all_models()) - tested)
    assert not missing, f"no test of {FOLDER.name}/ is marked with pytest.mark.model(...) of {missing}"


def test_marks_name_models_that_exist(marks: Marks) -> None:
    unknown = {name for test in marks.values() for name in test["models"]} - set(all_models())
    assert not unknown


def test_every_silent_error_is_tested(marks: Marks) -> None:
    assert {number for test in marks.values() for number in test["errors"]} == set(range(1, 29))
