"""The CA3 memory of ``examples/ca3_memory.py`` stores, recalls and forgets as a table of memories does.

The reference is a dictionary from cue to contents. While a known cue gets new contents, the old ones are
recalled once; these answers are the only ones that hold more than the table.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ca3_memory.py"
Operation = tuple[float, set[int], set[int]]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ca3_memory", EXAMPLE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recalled(example: ModuleType, operations: list[Operation], n: int, m: int) -> list[Any]:
    sim.setup(timestep=example.TIMESTEP, min_delay=example.TIMESTEP)
    out = example.build(sim, *example.stimulus(operations, n, m))
    sim.run(operations[-1][0] + 10.0)
    found = example.answers(out, operations, n)
    sim.end()
    return found


def expected(operations: list[Operation]) -> list[Any]:
    table: dict[int, set[int]] = {}
    answers = []
    for _, cues, contents in operations:
        if cues and contents:
            (cue,) = cues
            answers.append((cues, contents | table.get(cue, set())))
            table[cue] = contents
        elif cues:
            answers.append((cues, set().union(*(table.get(cue, set()) for cue in cues))))
        else:
            answers.append(({cue for cue, held in table.items() if held & contents}, contents))
    return answers


def random_operations(seed: int, n: int, m: int, pause: float) -> list[Operation]:
    """Learn something under each cue, then learn and recall at random."""
    rng = np.random.default_rng(seed)
    operations: list[Operation] = []
    for k in range(n + 25):
        contents = {int(i) for i in rng.choice(m, rng.integers(1, m // 2 + 1), replace=False)}
        kind = "learn" if k < n else rng.choice(["learn", "recall by cue", "recall by content"])
        cues = set() if kind == "recall by content" else {k if k < n else int(rng.integers(n))}
        if kind == "recall by content":
            contents = {min(contents)}
        operations.append((2.0 + pause * k, cues, set() if kind == "recall by cue" else contents))
    return operations


@pytest.mark.parametrize(
    ("n", "m", "pause"),
    [(5, 10, 10.0), (5, 10, 14.0), (16, 6, 7.0), (3, 4, 8.0), (8, 20, 14.0), (1, 3, 12.0)],
)
@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_that_of_a_table(
    example: ModuleType, seed: int, n: int, m: int, pause: float
) -> None:
    operations = random_operations(seed, n, m, pause)
    assert recalled(example, operations, n, m) == expected(operations)


def test_the_paper_s_fragments(example: ModuleType) -> None:
    """Orthogonal and overlapping memories, from any fragment; new contents under a known cue."""
    memories = [{0, 1, 8, 9}, {1, 5, 6}, {4, 5, 6}]
    learn = [({cue}, contents) for cue, contents in enumerate(memories)]
    recall = [({cue}, set[int]()) for cue in range(3)] + [(set[int](), {i}) for i in (0, 1, 4, 5, 6, 9)]
    forget = [({2}, {1, 3, 4, 8}), ({2}, set[int]()), (set[int](), {6}), (set[int](), {0, 4})]
    steps = [*learn, *recall, *forget]
    operations = [(2.0 + 10.0 * k, *step) for k, step in enumerate(steps)]
    answers = recalled(example, operations, 5, 10)
    assert answers == expected(operations)
    assert answers[len(learn) + 4] == ({0, 1}, {1})
    assert answers[-2:] == [({1}, {6}), ({0, 2}, {0, 4})]


def test_spikes_come_when_the_paper_s_machine_had_them(example: ModuleType) -> None:
    """Output 5 and 7 ms after the first spike of learning, 5 (asked) and 6 ms (answered) after a recall."""
    sim.setup(timestep=example.TIMESTEP, min_delay=example.TIMESTEP)
    operations = [(10.0, {1}, {0, 2}), (20.0, {1}, set()), (30.0, set(), {2})]
    out = example.build(sim, *example.stimulus(operations, 2, 3))
    sim.run(40.0)
    trains = [train.magnitude.tolist() for train in out.get_data().segments[0].spiketrains]
    sim.end()
    assert trains == [[], [15.0, 17.0, 25.0, 36.0], [15.0, 17.0, 26.0], [], [15.0, 17.0, 26.0, 35.0]]
