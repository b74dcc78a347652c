"""What the examples of learning print is what a reader of the papers would look for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

Example = Callable[..., tuple[str, Path]]


def test_what_and_when_are_predicted_before_and_after_the_change(example: Example) -> None:
    """Peaks within 30 ms, probabilities within 0.1, readouts at right angles."""
    lines = example("what_and_when")[0].splitlines()
    for line, true in zip(lines, [(200, 400, 0.7, 0.3), (300, 500, 0.3, 0.7)], strict=False):
        peaks = re.search(r"peaks at (\d+) and (\d+) ms, p = ([\d.]+) and ([\d.]+)", line)
        assert peaks
        found = [float(value) for value in peaks.groups()]
        assert found[:2] == pytest.approx(true[:2], abs=30)
        assert found[2:] == pytest.approx(true[2:], abs=0.1)
    assert all(abs(float(value)) < 0.03 for value in re.findall(r"-?\d\.\d+", lines[2]))


@pytest.mark.slow
def test_the_astrocyte_halves_the_rate_of_the_liquid(example: Example) -> None:
    """Branching factors as those of the authors' rules on such images; less than half the rate without it."""
    lines = re.findall(r"branching factor ([\d.]+), (\d+) spikes/s", example("nalsm")[0])
    assert len(lines) == 3 and all(0.9 < float(factor) < 1.45 for factor, _ in lines)
    assert int(lines[2][1]) < 0.5 * int(lines[1][1])


@pytest.mark.parametrize("backend", ["mesh", "nest"])
def test_the_memory_answers_alike_on_every_backend_that_can(backend: str, example: Example) -> None:
    if backend == "nest":
        pytest.importorskip("nest")
    lines, expected = (
        [line for line in example("ca3_memory", on)[0].splitlines() if " ms  " in line]
        for on in (backend, "codegen")
    )
    assert lines == expected and len(lines) == 9
    assert "cue [1] content [3, 4, 7]" in lines[3] and "cue [0, 1] content [7]" in lines[5]


def test_the_rewarded_stimulus_wins(example: Example) -> None:
    """Its synapses grow beyond those of every other stimulus, and it comes to drive most of the network."""
    weights, before, after = example("conditioning")[0].splitlines()[:3]
    own, mean, least, largest = map(float, re.findall(r"\d\.\d+", weights))
    assert own > 1.4 * largest and least < mean < 1.5
    assert [int(n) for n in re.findall(r"\d+", before)][2] < 20
    answers, _, others, most = (int(n) for n in re.findall(r"\d+", after))
    assert answers > 500 and others < 100 and most < 200


def test_local_rules_learn_digits(example: Example) -> None:
    """Chance is 10 %."""
    by_spikes, by_input = re.findall(r"([\d.]+) %", example("symmetric_stdp")[0])
    assert float(by_spikes) > 75.0 and float(by_input) > 82.0
