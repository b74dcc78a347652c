"""PyNN's scenario, system and unit tests on every backend that has a table of expected failures.

Expected failures are strict: a test that passes although it has a line in the table, fails otherwise than the line
says, or is skipped without one, fails here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .pynn_tests import PASSED, TABLES, Outcome, groups, run, surprises, table

BACKENDS = sorted(path.stem for path in TABLES.glob("*.toml"))
# tests in each group of this version of PyNN, so that one that is not collected is noticed
NUMBER = {"scenarios": 67, "system": 4, "unit": 235}
# One to ten hundred thousand steps of sources alone. The host's spikes on a chip are those of codegen, one by one:
# tests/unit/mapping/test_sources.py
SOURCES_ALONE = {
    f"system/scenarios/test_cell_types.py::test_SpikeSource{name}"
    for name in ("Poisson", "Gamma", "PoissonRefractory")
}
CHIPS = ("loihi", "mesh")


@pytest.mark.slow
@pytest.mark.parametrize("group", NUMBER)
@pytest.mark.parametrize("backend", BACKENDS)
def test_pynn_tests_do_as_the_table_says(backend: str, group: str, pynn_source: Path, tmp_path: Path) -> None:
    files = groups(pynn_source)[group]
    left_out = SOURCES_ALONE if backend in CHIPS and group == "scenarios" else set()
    outcomes = run(pynn_source, files, backend, tmp_path, leave_out=left_out)
    assert len(outcomes) == NUMBER[group] - len(left_out)
    expected = {name: text for name, text in table(backend).items() if name.partition("::")[0] in files}
    found = surprises(outcomes, expected)
    assert not found, "\n".join(found)


REASONS = {
    "asserts the two spikes that pyNN.mock invents": (7, {"CONFORMANCE_MOCK_SPIKES": "1"}),
    "delays are multiples of the time step": (14, {"CONFORMANCE_TIMESTEP": "0.001"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("reason", REASONS)
def test_reasons_hold(reason: str, pynn_source: Path, tmp_path: Path) -> None:
    """Tests of the front end fail for the reason given: without it they pass.

    With an engine that makes the invented spikes, and with a time step in which the delays are whole.
    """
    number, variables = REASONS[reason]
    names = [name for name, text in table("codegen").items() if reason in text]
    files = sorted({name.partition("::")[0] for name in names})
    outcomes = run(pynn_source, files, "codegen", tmp_path, **variables)
    failed = {name: outcomes[name].message for name in names if outcomes[name].kind != PASSED}
    assert len(names) == number and not failed


def test_a_test_that_does_not_do_what_the_table_says_is_reported() -> None:
    outcomes = {
        "f::fails": Outcome("ValueError", "bad"),
        "f::passes": Outcome(PASSED),
        "f::otherwise": Outcome("KeyError"),
        "f::skipped": Outcome("Skipped"),
        "f::declared": Outcome("TypeError"),
    }
    lines = {
        "passes": "ValueError: x",
        "otherwise": "ValueError: x",
        "declared": "TypeError: x",
        "gone": "A: x",
    }
    expected = {f"f::{name}": text for name, text in lines.items()}
    told = "\n".join(surprises(outcomes, expected))
    for words in (
        "fails: ValueError, not passed: bad",
        "passes passes",
        "otherwise: KeyError, not ValueError",
    ):
        assert words in told
    assert (
        "skipped: Skipped, not passed" in told and "gone is in the table" in told and "declared" not in told
    )
