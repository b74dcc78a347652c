"""The page of models has a row and a section for each, with what the catalogue has; the documents build with it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_ext import catalogue
from pynn_ext.learning import procedures
from pynn_ext.model_pages import markdown, page
from pynn_ext.models.registry import all_models

CHECKOUT = Path(__file__).resolve().parents[2]
ENTRIES = {entry.name: entry for entry in (*catalogue.entries(), *catalogue.procedure_entries())}


def test_every_model_has_a_row_and_a_section() -> None:
    text = page()
    assert set(re.findall(r"^### (\S+)$", text, re.MULTILINE)) == {*all_models(), *procedures()}
    for name, entry in ENTRIES.items():
        assert f"| [{name}](#{name.lower()}) | {entry.kind} | {entry.described} | {entry.grade} |" in text


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_section_has_all_that_the_entry_has(name: str) -> None:
    entry, text = ENTRIES[name], markdown(ENTRIES[name])
    assert all(f"`{n}`" in text for n in (*entry.parameters, *entry.receptors, *entry.recordable))
    assert entry.equations in text and entry.status in text and entry.file in text


def test_a_summary_is_not_said_twice() -> None:
    """Where it is the first sentence of the file's docstring, the rest of it follows."""
    entry = ENTRIES["GLIF"]
    assert catalogue.first_sentence(entry.source) == entry.summary
    assert " ".join(markdown(entry).split()).count(entry.summary) == 1


@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="the extra 'docs' is not installed")
@pytest.mark.slow
def test_the_documents_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out" / "reference" / "generated" / "models.html").read_text()
    assert all(f'id="{name.lower().replace("_", "-")}"' in html for name in all_models())
