"""The part of a report that says what a chip did: tables and figures made from whatever its report holds.

A chip's report is plain data. Numbers by name become a table, a mapping of numbers one table with a row each,
a list of mappings one with a column per key. ``energy`` becomes bars as well, ``heat`` a map with a time
slider: ``{"columns": n, "frames": [{"label": text, "values": [one per core]}]}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import figures
from .causes import chip_report

if TYPE_CHECKING:
    from .comparison import BackendResult

MOST_ROWS = 60


def chip(result: BackendResult) -> dict[str, Any] | None:
    """Return the tables and figures of a chip's report, or None for a backend without one."""
    from markupsafe import Markup

    assert result.recordings is not None
    report = chip_report(result.recordings)
    if not report:
        return None
    heat = report.pop("heat", None)
    tables, drawn = [], []
    plain = {name: value for name, value in report.items() if not isinstance(value, dict | list)}
    if plain:
        tables.append(_table("Summary", ["", ""], [[name, _text(value)] for name, value in plain.items()]))
    for name, value in report.items():
        title = name.replace("_", " ").capitalize()
        if isinstance(value, dict) and value:
            tables.append(_table(title, ["", ""], [[key, _text(v)] for key, v in value.items()]))
            numbers = {k: v for k, v in value.items() if isinstance(v, int | float)}
            if name.startswith("energy") and numbers:
                svg = figures.bars(title, list(numbers), list(numbers.values()), title)
                drawn.append({"title": title, "svg": Markup(svg)})
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            columns = list(value[0])
            rows = [[_text(row.get(column)) for column in columns] for row in value[:MOST_ROWS]]
            if len(value) > MOST_ROWS:
                rows.append([f"… {len(value) - MOST_ROWS} more"])
            tables.append(_table(title, [c.replace("_", " ") for c in columns], rows))
    if heat:
        heat = {**heat, "name": result.backend}
    return {"backend": result.backend, "tables": tables, "figures": drawn, "heat": heat}


def _table(title: str, columns: list[str], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": rows}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list):
        shown = ", ".join(_text(v) for v in value[:12])
        return f"{shown}, …" if len(value) > 12 else shown
    return str(value)
