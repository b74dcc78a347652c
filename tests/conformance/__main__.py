"""``python -m tests.conformance BACKEND ...``: PyNN's tests on any backends, official ones included.

Prints the numbers that pass; with ``--failures`` also what the others do, as lines for the backend's table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from .pynn_source import unpack
from .pynn_tests import PASSED, Outcome, groups, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("backends", nargs="+", help="names, as in pyNN.<name>")
    parser.add_argument("--group", action="append", help="scenarios, system or unit; all if not given")
    parser.add_argument("--failures", action="store_true", help="print lines for the backend's table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = unpack(folder)
        columns = {}
        for backend in options.backends:
            outcomes: dict[str, Outcome] = {}
            for group, files in groups(source).items():
                if not options.group or group in options.group:
                    place = folder / backend / group
                    place.mkdir(parents=True)
                    outcomes |= run(source, files, backend, place)
            columns[backend] = outcomes
            if options.failures:
                print(_lines(outcomes))
        print(_counts(columns))


def _lines(outcomes: dict[str, Outcome]) -> str:
    """Return what does not pass, in the form of a table of expected failures."""
    sections = defaultdict(list)
    for name, outcome in outcomes.items():
        if outcome.kind != PASSED:
            file, _, test = name.partition("::")
            text = f"{outcome.kind}: {' '.join(outcome.message.split())[:120]}"
            sections[file].append(f"{json.dumps(test)} = {json.dumps(text)}")
    return "\n\n".join("\n".join([f"[{json.dumps(file)}]", *lines]) for file, lines in sections.items())


def _counts(columns: dict[str, dict[str, Outcome]]) -> str:
    """Return a table of the tests that pass: one row per file or group of files, one column per backend."""
    passed: dict[str, Counter[str]] = defaultdict(Counter)
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for backend, outcomes in columns.items():
        for name, outcome in outcomes.items():
            file = name.partition("::")[0]
            row = "scenarios" if "scenarios" in file else Path(file).stem
            total[row][backend] += 1
            passed[row][backend] += outcome.kind == PASSED
    lines = [f"{'passed / all':28}" + "".join(f"{backend:>12}" for backend in columns)]
    for row in total:
        cells = (f"{passed[row][backend]}/{total[row][backend]}" for backend in columns)
        lines.append(f"{row:28}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
