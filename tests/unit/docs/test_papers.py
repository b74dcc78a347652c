"""The page of papers has every model and every procedure that is beyond PyNN."""

from __future__ import annotations

from pathlib import Path

from pynn_ext import catalogue

PAGE = Path(__file__).resolve().parents[3] / "docs" / "papers.md"


def test_every_model_and_procedure_is_on_the_page() -> None:
    text = PAGE.read_text()
    found = [*catalogue.entries(), *catalogue.procedure_entries()]
    missing = [entry.name for entry in found if not entry.pynn and f"`{entry.name}`" not in text]
    assert not missing


def test_every_row_says_what_was_checked() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    assert len(rows) > 40 and all(len(row) == 4 for row in rows)
    assert all(here.strip() and checked.strip() for _, here, checked, _ in rows)
