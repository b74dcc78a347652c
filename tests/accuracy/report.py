"""The worst deviation of each model, from a run of this folder's tests: ``python -m tests.accuracy.report``.

Writes docs/accuracy.md. Each line holds the largest deviations that any test measured in one unit against one
reference, for three ranges of the time step. With ``--interpreted`` the same tests run as on a machine without a C++
compiler (some ten minutes), and nothing is written.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.codegen import cache
from pynn_ext.models.base import Cell, Electrode, Source, Synapse
from pynn_ext.models.registry import all_models

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "accuracy.md"
HEADER = """# Accuracy

The largest deviation that the tests in `tests/accuracy` find, for each model. `python -m tests.accuracy.report` runs
them and writes this page ({tests} tests, {checks} comparisons; PyNN {pynn}, Brian2 {brian2}).

- *closed form*: the solution of the equations, or an independent integration of them to eleven digits; for noise and
  Poisson sources the statistics they must have, in the unit that the line names.
- *NEST*, *NEURON*: recorded from NEST 3.10 and NEURON 9 through PyNN; the scripts that made the numbers are in the
  folder. Spike times are on the grid, so that a deviation of one step can be rounding. Networks of 40 cells have
  NEST's spikes, each on its step.

A deviation beyond the limit of its test fails it, and so does a model without such a test: a test of a new one says so
with `@pytest.mark.model("ItsName")` and calls `measure`. All of them also pass without a C++ compiler, on Brian2's
NumPy target (`--interpreted`).

[Time, and how cells are integrated](timing.md) says what is exact and what is of which order.
"""
KINDS = (("Cells", Cell), ("Spike sources", Source), ("Currents", Electrode), ("Synapses", Synapse))
COLUMNS = (("dt < 0.1 ms", 0.0, 0.099), ("dt = 0.1 ms", 0.099, 0.101), ("dt > 0.1 ms", 0.101, 1e9))
Line = tuple[str, str]  # reference and unit, or the quantity where it has none


class Deviations:
    """Pytest plugin that collects what `measure` has seen."""

    def __init__(self) -> None:
        self.worst: dict[str, dict[Line, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        self.tests = self.checks = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or report.skipped:
            return
        self.tests += 1
        for row in (row for name, row in report.user_properties if name == "deviation"):
            self.checks += 1
            for model in row["models"]:
                self._add(self.worst[model], row)

    def _add(self, lines: dict[Line, dict[str, float]], row: dict[str, Any]) -> None:
        cells = lines[row["reference"], row["unit"] or row["quantity"]]
        column = next(title for title, low, high in COLUMNS if low < row["timestep"] <= high)
        cells[column] = max(cells.get(column, 0.0), row["deviation"])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value == 0.0:
        return "0"
    return f"{value:.1g}" if value >= 1e-12 else "< 1e-12"


def _table(names: list[str], found: Deviations) -> list[str]:
    titles = [title for title, _, _ in COLUMNS]
    lines = [f"| model | reference | in | {' | '.join(titles)} |", "|---" * (3 + len(titles)) + "|"]
    for name in names:
        label = f"`{name}`"
        for (reference, unit), cells in sorted(found.worst[name].items()):
            values = " | ".join(_number(cells.get(title)) for title in titles)
            lines.append(f"| {label} | {reference} | {unit} | {values} |")
            label = ""
    return lines


def page(found: Deviations) -> str:
    """Return the page in Markdown."""
    models, left = all_models(), set(found.worst)
    versions = {"pynn": version("pynn"), "brian2": version("brian2")}
    parts = [HEADER.format(tests=found.tests, checks=found.checks, **versions)]
    for title, kind in (*KINDS, ("Components", object)):
        names = sorted(name for name in left if issubclass(models[name], kind))
        left -= set(names)
        parts.append("\n".join([f"## {title}", "", *_table(names, found), ""]))
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Run the tests of this folder and write the page."""
    found, interpreted = Deviations(), "--interpreted" in arguments
    if interpreted:
        cache.compiler = lambda: None
    status = pytest.main(["-q", "-p", "no:cacheprovider", str(FOLDER)], plugins=[found])
    if status == 0 and not interpreted:
        PAGE.write_text(page(found))
        print(f"wrote {PAGE.relative_to(FOLDER.parents[1])}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
