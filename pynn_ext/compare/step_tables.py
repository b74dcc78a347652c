"""The section of the report that says what each step to a chip costs."""

from __future__ import annotations

from typing import Any

from .stages import Cost

#: Title of each measure of agreement, and how it is written.
SHOWN = {
    "coincident": ("coincident", "{:.2%}"),
    "rate": ("rate, relative difference", "{:.2%}"),
    "cv": ("CV, difference", "{:.3f}"),
    "rate_correlation": ("rate corr.", "{:.4f}"),
    "isi": ("ISI dist.", "{:.4f}"),
    "spike": ("SPIKE dist.", "{:.4f}"),
    "synchronisation": ("sync", "{:.4f}"),
}


def steps_table(backend: str, found: list[Cost]) -> dict[str, Any]:
    """Return columns and rows of the table of one backend: the agreement so far and, below it, of the step alone."""
    task = list(dict.fromkeys(name for cost in found for name in cost.task))
    rows = []
    for number, cost in enumerate(found):
        own = [f"{cost.task[name]:.5g}" if name in cost.task else "" for name in task]
        rows.append([cost.stage, "so far", *_values(cost.total), *own])
        if number > 1:
            rows.append(["", "this step", *_values(cost.alone), *("" for _ in task)])
    return {
        "backend": backend,
        "columns": ["step", "", *(title for title, _ in SHOWN.values()), *task],
        "rows": rows,
    }


def _values(measures: dict[str, float]) -> list[str]:
    return [
        "–" if measures[name] != measures[name] else text.format(measures[name])
        for name, (_, text) in SHOWN.items()
    ]
