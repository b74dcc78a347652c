"""PyNN's examples on every backend that has a table, each with what it must give.

The numbers to compare with come from the official simulators (``python -m tests.conformance.record``).
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from .examples import REFERENCE, Tolerance, check, command_lines, deviations
from .pynn_tests import PASSED, TABLES, table

EXAMPLES: dict[str, Any] = json.loads(REFERENCE.read_text())
BACKENDS = sorted(path.stem for path in TABLES.glob("*.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("line", EXAMPLES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_example(backend: str, line: str, pynn_source: Path, tmp_path: Path) -> None:
    outcome = check(pynn_source, line, backend, tmp_path / "examples")
    declared = table(backend).get(f"examples::{line}", PASSED).partition(":")[0]
    assert outcome.kind == declared, outcome.message.replace("; ", "\n")


def test_what_differs_is_told() -> None:
    spikes = {"trains": 2, "spikes": 100, "signals": {"v": {"shape": [10, 2], "mean": -65.0, "std": 1.0}}}
    weight = {"connections": 3, "weight": {"mean": 0.5, "std": 0.1}}
    reference = {"networks": [spikes, weight], "files": {"a.png": {"image": True, "bytes": 20_000}}}
    assert not list(deviations(reference, reference, Tolerance()))
    changes: list[tuple[Any, str, Any, str]] = [
        (spikes, "spikes", 94, "94 spikes, not 100"),
        (spikes, "trains", 3, "trains: 3, not 2"),
        (spikes, "signals", {}, "not ['v']"),
        (spikes, "signals", {"v": {"shape": [10, 2], "mean": -60.0, "std": 1.0}}, "mean -60, not -65"),
        (weight, "connections", 4, "4 connections, not 3"),
        (weight, "weight", {"mean": 0.5, "std": 0.2}, "standard deviation 0.2, not 0.1"),
        (reference["files"], "a.png", {"image": True, "bytes": 100}, "no image"),
    ]
    for part, key, value, told in changes:
        result = copy.deepcopy(reference)
        target: Any = result["files"] if part is reference["files"] else result["networks"][part is weight]
        target[key] = value
        assert told in "\n".join(deviations(result, reference, Tolerance()))


def test_every_example_has_its_line(pynn_source: Path) -> None:
    assert set(command_lines(pynn_source)) == set(EXAMPLES)
