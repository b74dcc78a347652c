"""The part of a report that says what a chip did: tables and figures made from whatever its report holds.

A chip's report is plain data. Numbers by name become a table, a mapping of numbers one table with a row each,
a list of mappings one with a column per key. ``energy`` becomes bars as well, ``heat`` a map with a time
slider: ``{"columns": n, "frames": [{"label": text, "values": [one per core]}]}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import chip_figures
from .causes import chip_report

if TYPE_CHECKING:
    from .comparison import BackendResult

MOST_ROWS = 60
UNITS = {"ms": "ms", "us": "µs", "s": "s", "pJ": "pJ", "nJ": "nJ", "mW": "mW", "cycles": "cycles"}


def chip(result: BackendResult) -> dict[str, Any] | None:
    """Return the tables and figures of a chip's report, or None for a backend without one."""
    assert result.recordings is not None
    report = chip_report(result.recordings)
    if not report:
        return None
    report.pop("chip_sha256", None)  # stands with the runs
    heat, histogram = report.pop("heat", None), report.pop("latency_histogram", None)
    tables, drawn = [], _figures(report, histogram)
    plain = {name: value for name, value in report.items() if not isinstance(value, dict | list)}
    if plain:
        tables.append(
            _table("Summary", ["", ""], [[_title(name), _text(value)] for name, value in plain.items()])
        )
    for name, value in report.items():
        title = _title(name, first=True)
        if isinstance(value, dict) and value:
            tables.append(_table(title, ["", ""], [[_title(key), _text(v)] for key, v in value.items()]))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            columns = list(value[0])
            rows = [[_text(row.get(column)) for column in columns] for row in value[:MOST_ROWS]]
            if len(value) > MOST_ROWS:
                rows.append([f"… {len(value) - MOST_ROWS} more"])
            tables.append(_table(title, [_title(c) for c in columns], rows))
    if heat:
        heat = {**heat, "name": result.backend}
    return {"backend": result.backend, "tables": tables, "figures": drawn, "heat": heat}


def _figures(report: dict[str, Any], histogram: dict[str, Any] | None) -> list[dict[str, Any]]:
    from markupsafe import Markup

    drawn = []
    if histogram and histogram["hops"]:
        drawn.append(("Latency by hops", chip_figures.latencies(histogram["edges"], histogram["hops"])))
    rows = report.get("use")
    if rows and any(name == "of" or name.startswith("of_") for name in rows[0]):
        drawn.append(("Use of the cores against their limits", chip_figures.use(rows)))
    parts, unit = {}, ""
    for name, value in report.items():
        kind, _, suffix = name.rpartition("_")
        if kind in ("energy", "static_energy") and isinstance(value, dict) and value:
            parts["static" if kind == "static_energy" else "dynamic"], unit = value, suffix
    if parts:
        drawn.append(("Energy by component", chip_figures.energy(parts, unit)))
    return [{"title": title, "svg": Markup(svg)} for title, svg in drawn]  # made here, not by users


def _title(name: str, first: bool = False) -> str:
    """Return a key of a report in words, its unit in brackets."""
    stem, _, unit = name.rpartition("_")
    text = (stem if stem and unit in UNITS else name).replace("_", " ")
    text = text[:1].upper() + text[1:] if first else text
    return f"{text} ({UNITS[unit]})" if stem and unit in UNITS else text


def _table(title: str, columns: list[str], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": rows}


def _text(value: Any) -> str:
    if value == float("inf"):
        return "∞"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list):
        shown = ", ".join(_text(v) for v in value[:12])
        return f"{shown}, …" if len(value) > 12 else shown
    return str(value)
