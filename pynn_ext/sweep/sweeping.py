"""Run all points of a sweep and keep what comes back."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..compare.stages import measure_path
from ..errors import UsageError, suggestion
from ..plugins import backend_names
from ..progress import duration
from ..results import write_text
from ..runner import OFFICIAL
from .executors import completed
from .grid import Point, points
from .store import Store, heading


@dataclass(eq=False)
class Sweep:
    """The results of a sweep.

    Attributes
    ----------
    rows : list of dict
        For each point, in the order of the grid: ``parameters``, ``measures`` and ``error``.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)

    def parameters(self) -> list[str]:
        """Return the names of what was varied."""
        return list(dict.fromkeys(name for row in self.rows for name in row["parameters"]))

    def measures(self) -> list[str]:
        """Return the names of all measures."""
        return list(dict.fromkeys(name for row in self.rows for name in row["measures"]))

    @staticmethod
    def value(row: dict[str, Any], name: str) -> float:
        """Return a measure of a row, NaN if it has none."""
        found = row["measures"].get(name)
        return float("nan") if found is None else float(found)

    @staticmethod
    def label(row: dict[str, Any]) -> str:
        """Return the parameters of a row in a few words."""
        return ", ".join(f"{name.rpartition('.')[2]} {value}" for name, value in row["parameters"].items())

    def csv(self) -> str:
        """Return everything as comma-separated values, with a line of names."""
        parameters, numbers = self.parameters(), self.measures()
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow([*parameters, *numbers, "error"])
        for row in self.rows:
            measured = [row["measures"].get(name) for name in numbers]
            last = row["error"].strip().splitlines()[-1:] or [""]
            table.writerow([*(row["parameters"].get(name) for name in parameters), *measured, *last])
        return text.getvalue()

    def table(self, columns: Sequence[str]) -> str:
        """Return parameters and some measures in columns; points that failed say so."""
        head = [*self.parameters(), *columns]
        lines = [head]
        for row in self.rows:
            shown = [str(row["parameters"].get(name, "")) for name in self.parameters()]
            if row["error"]:
                lines.append([*shown, "failed: " + row["error"].strip().splitlines()[-1]])
            else:
                lines.append([*shown, *(f"{self.value(row, name):.5g}" for name in columns)])
        widths = [max(len(line[c]) for line in lines if len(line) == len(head)) for c in range(len(head))]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(line, [*widths, 0], strict=False)).rstrip()
            for line in lines
        )


def sweep(
    script: Path | str, backend: str, *, arguments: Sequence[str] = (),
    parameters: Mapping[str, Sequence[Any]] | None = None, setup: Mapping[str, Sequence[Any]] | None = None,
    chip: Mapping[str, Sequence[Any]] | None = None,
    reference: str | None = None, measure: str | None = None, folder: Path | str | None = None,
    executor: Executor | None = None, scheduler: str | None = None, workers: int | None = None,
    limit: float | None = None, progress: bool = False,
) -> Sweep:  # fmt: skip
    """Run an unmodified script at every point of a grid.

    Parameters
    ----------
    script : path
    backend : str
    arguments : sequence of str
        Arguments of the script that are the same everywhere.
    parameters : mapping of str to sequence
        Values of arguments of the script: ``{"--cells": [100, 200]}``; a name without dashes is a positional argument.
    setup : mapping of str to sequence
        Values of keywords of ``setup()``, the mapping's among them; they go before what the script gives.
    chip : mapping of str to sequence
        Values of entries of ``setup(chip=...)``.
    reference : str, optional
        Backend that each point is compared with, with the same script parameters.
    measure : str, optional
        ``FILE.py:FUNCTION``; gets the `Recordings` of each point and returns further numbers by name.
    folder : path, optional
        Where ``results.jsonl`` grows and ``table.csv`` is written at the end. A sweep that is there is continued.
    executor : Executor, optional
        Any executor whose processes can import this package and read the script.
    scheduler : str, optional
        Address of a Dask scheduler, or ``"mpi"``; without it local processes are used.
    workers : int, optional
        Number of local processes.
    limit : float, optional
        Seconds after which the script is stopped at a point.
    progress : bool
        Whether to show how many points are done and the time remaining, on standard error.

    Returns
    -------
    Sweep

    Raises
    ------
    UsageError
        If there is no such backend, an axis is empty, or the folder holds another sweep.
    """
    known = {*backend_names(), *OFFICIAL}
    for name in filter(None, (backend, reference)):
        if name not in known:
            raise UsageError(f"there is no backend named {name!r}", remedy=suggestion(name, known))
    if not Path(script).is_file():
        raise UsageError(f"cannot read the script {script}", remedy="check the path")
    common = {
        "script": str(Path(script).resolve()), "backend": backend, "reference": reference,
        "measure": measure_path(measure), "limit": limit,
        "arguments": list(arguments),
    }  # fmt: skip
    grid = points(parameters, setup, chip)
    if folder is None:
        rows = _run(grid, common, None, executor, scheduler, workers, progress)
        return Sweep([rows[point.key()] for point in grid])
    store = Store(Path(folder, "results.jsonl"), heading(common))
    try:
        rows = _run(grid, common, store, executor, scheduler, workers, progress)
    finally:
        store.close()
        found = Sweep([store.rows[point.key()] for point in grid if point.key() in store.rows])
        write_text(Path(folder, "table.csv"), found.csv())
    return found


def _run(
    grid: list[Point], common: dict[str, Any], store: Store | None, executor: Executor | None,
    scheduler: str | None, workers: int | None, progress: bool,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Run what is not done; return all rows by key."""
    rows = dict(store.rows) if store else {}
    waiting = {
        point.key(): (
            point,
            {**common, "arguments": [*common["arguments"], *point.arguments], "settings": point.settings},
        )
        for point in grid
        if store is None or not store.done(point)
    }
    began, done, failed, total = time.perf_counter(), 0, 0, len(waiting)
    for point, result in completed(executor, scheduler, workers, waiting):
        if store:
            rows[point.key()] = store.add(point, result)
        else:
            rows[point.key()] = {"key": point.key(), "parameters": point.columns(), **result}
        done, failed = done + 1, failed + bool(result["error"])
        if progress:
            left = (time.perf_counter() - began) / done * (total - done)
            trouble = f", {failed} failed" if failed else ""
            print(f"pynn-ext: {done} of {total} points{trouble}, {duration(left)} left", file=sys.stderr)
    return rows
