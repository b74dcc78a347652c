"""``python -m tests.conformance BACKEND ...``: PyNN's tests and examples on any backends, official ones included.

Prints the numbers that pass; with ``--failures`` also what the others do, as lines for the backend's table. An example
passes if its result is that of ``examples.json``; one that is not in there, if it runs to its end.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import textwrap
from collections import Counter, defaultdict
from pathlib import Path

from . import examples
from .pynn_source import unpack
from .pynn_tests import PASSED, Outcome, groups, run

GROUPS = ("scenarios", "system", "unit", "examples")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("backends", nargs="+", help="names, as in pyNN.<name>")
    parser.add_argument("--group", action="append", choices=GROUPS, help="all if not given")
    parser.add_argument("--failures", action="store_true", help="print lines for the backend's table")
    parser.add_argument(
        "--source", type=Path, help="another source tree of PyNN, such as a clone of its repository"
    )
    options = parser.parse_args()
    columns = {}
    with tempfile.TemporaryDirectory() as name:
        source = options.source or unpack(Path(name))
        for backend in options.backends:
            place = Path(name) / backend
            place.mkdir()
            columns[backend] = _outcomes(source, backend, options.group or GROUPS, place)
            if options.failures:
                print(f"# {backend}\n{_lines(columns[backend])}\n", flush=True)
    print(_counts(columns))


def _outcomes(source: Path, backend: str, wanted: list[str], folder: Path) -> dict[str, Outcome]:
    """Run groups of tests on one backend."""
    outcomes: dict[str, Outcome] = {}
    # a process for each file: pyNN.neuron does not survive some tests
    for number, file in enumerate(
        f for group, files in groups(source).items() if group in wanted for f in files
    ):
        place = folder / f"file{number}"
        place.mkdir()
        # Brian2 reads this from the working folder; it would compile for half an hour otherwise
        (place / "brian_preferences").write_text("codegen.target = 'numpy'\n")
        outcomes |= run(source, [file], backend, place)
    if "examples" in wanted:
        for number, line in enumerate(examples.command_lines(source)):
            outcomes[f"examples::{line}"] = examples.check(source, line, backend, folder / f"example{number}")
    return outcomes


def _lines(outcomes: dict[str, Outcome]) -> str:
    """Return what does not pass, in the form of a table of expected failures."""
    sections = defaultdict(list)
    for name, outcome in outcomes.items():
        if outcome.kind != PASSED:
            file, _, test = name.partition("::")
            sections[file].append(
                f"{json.dumps(test)} = {json.dumps(f'{outcome.kind}: {_reason(outcome.message)}')}"
            )
    return "\n\n".join("\n".join([f"[{json.dumps(file)}]", *lines]) for file, lines in sections.items())


def _reason(message: str) -> str:
    """Return a message without the line of the script that caused it, its remedy and where it was raised."""
    text = re.sub(r"^.*?\w+\.py:\d+: ", "", " ".join(message.split()))
    return textwrap.shorten(re.sub(r"(\. Remedy: .*| \[[\w.]+:\d+\])$", "", text), 110, placeholder=" ...")


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
            if row == "examples":
                total["examples that run"][backend] += 1
                passed["examples that run"][backend] += outcome.kind in (PASSED, "Deviation")
    lines = [f"{'passed / all':28}" + "".join(f"{backend:>12}" for backend in columns)]
    for row in total:
        cells = (f"{passed[row][backend]}/{total[row][backend]}" for backend in columns)
        lines.append(f"{row:28}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
