"""Runs PyNN's own tests on a backend and compares what happens with the backend's table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TABLES = Path(__file__).parent / "expected"
PASSED = "passed"


@dataclass(frozen=True)
class Outcome:
    """What became of a test: "passed", "Skipped", or the class of the exception that ended it, and its message."""

    kind: str
    message: str = ""


def groups(source: Path) -> dict[str, list[str]]:
    """Return the files of each group of tests that can run on any backend, relative to PyNN's test folder."""
    tests = source / "test"
    unit = [
        p
        for p in sorted((tests / "unittests").glob("test_*.py"))
        if "import pyNN.mock as sim" in p.read_text()
    ]
    return {
        "scenarios": sorted(
            str(p.relative_to(tests)) for p in (tests / "system" / "scenarios").glob("test_*.py")
        ),
        "system": ["system/test_brian2.py", "system/test_serialization.py"],
        # the parallel connectors want the processes that only pyNN.mock pretends to be
        "unit": [str(p.relative_to(tests)) for p in unit if p.name != "test_connectors_parallel.py"],
    }


def run(
    source: Path,
    files: list[str],
    backend: str,
    folder: Path,
    limit: float = 1200.0,
    leave_out: Collection[str] = (),
    **variables: str,
) -> dict[str, Outcome]:
    """Run test files in a process of their own, and in a new one after each test that ends the process.

    Parameters
    ----------
    source : Path
        Root of PyNN's source tree.
    files : list of str
        Relative to its test folder.
    backend : str
        ``pyNN.<backend>`` is put in place.
    folder : Path
        Working folder, existing.
    limit : float
        Longest time of one process (s).
    leave_out : collection of str
        Names of tests that are not run.
    **variables
        More environment variables for `watch`.

    Returns
    -------
    dict
        Outcome of each test by its name: file, class, function.
    """
    outcomes: dict[str, Outcome] = {}
    left_out = [f"{name}[pyNN.{backend}]" for name in leave_out]
    log, output = folder / "log.jsonl", folder / "output.txt"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conformance.watch",
        "-p",
        "no:cacheprovider",
    ]
    options = ["-c", os.devnull, "--rootdir", str(source / "test"), "-W", "ignore", "--tb=short"]
    # one scenario is named after the issue it came from, and the test of SONATA is called "test"
    options += ["-o", "python_functions=test test_* issue*"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "CONFORMANCE_BACKEND": backend,
        "CONFORMANCE_LOG": str(log),
        **variables,
    }
    while True:
        log.write_text("")
        environment["CONFORMANCE_DONE"] = "\n".join([*outcomes, *left_out])
        paths = [str(source / "test" / file) for file in files]
        with output.open("w") as stream:
            try:
                arguments: dict[str, Any] = {"cwd": folder, "env": environment, "timeout": limit}
                done = subprocess.run([*command, *options, *paths], stdout=stream, stderr=stream, **arguments)
                ended = Outcome("Crash", f"the process ended with {done.returncode}")
            except subprocess.TimeoutExpired:
                ended = Outcome("Timeout", f"not done after {limit:g} s")
        found, running = _read(log)
        outcomes |= found
        if running is not None:
            outcomes[running] = ended
        elif not found and not outcomes:
            raise RuntimeError(f"PyNN's tests did not start on {backend}:\n{output.read_text()[-3000:]}")
        else:
            return {name.replace(f"[pyNN.{backend}]", ""): outcome for name, outcome in outcomes.items()}


def _read(log: Path) -> tuple[dict[str, Outcome], str | None]:
    """Return the outcomes that a log holds and the test that was running when it ended."""
    outcomes: dict[str, Outcome] = {}
    running = None
    for line in log.read_text().splitlines():
        event = json.loads(line)
        name, kind = event["test"], event["outcome"]
        if kind == "started":
            running = name
            continue
        running = None
        if outcomes.get(name, Outcome(PASSED)).kind == PASSED:
            outcomes[name] = Outcome(kind, event.get("message", ""))
    return outcomes, running


def table(backend: str) -> dict[str, str]:
    """Return a backend's tests that are not expected to pass, with what ends them and why.

    The file has a section for each of PyNN's test files and one line per test: ``"name" = "ErrorClass: reason"``.
    """
    path = TABLES / f"{backend}.toml"
    sections = tomllib.loads(path.read_text()) if path.exists() else {}
    return {f"{file}::{name}": text for file, lines in sections.items() for name, text in lines.items()}


def surprises(outcomes: dict[str, Outcome], expected: dict[str, str]) -> list[str]:
    """Return one line for each test that does not do what the table says.

    Parameters
    ----------
    outcomes : dict
        From `run`.
    expected : dict
        The lines of the table for the files that ran.
    """
    found = []
    for name, outcome in sorted(outcomes.items()):
        declared = expected.get(name, PASSED).partition(":")[0]
        if outcome.kind == declared:
            continue
        if outcome.kind == PASSED:
            found.append(f"{name} passes: delete its line from the table")
        else:
            message = " ".join(outcome.message.split())[:300]
            found.append(f"{name}: {outcome.kind}, not {declared}: {message}")
    found += [
        f"{name} is in the table, but there is no such test" for name in expected if name not in outcomes
    ]
    return found
