"""A mesh without a clock and its cores: times that can be worked out by hand, and what holds for any work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.chip.noc.asynchronous import AsynchronousMesh
from pynn_ext.chip.noc.cores import Course, Work, work_off
from pynn_ext.errors import NetworkError

EAST, WEST, NORTH, SOUTH = range(4)


def work(*rows: tuple[int, int, int, int]) -> Work:
    """Rows of source, destination, generation, processing."""
    return Work(*np.array(rows, np.int64).reshape(-1, 4).T)


def test_an_empty_mesh_takes_what_its_links_take() -> None:
    mesh = AsynchronousMesh(5, 4, cores=2, latency_x=41, latency_y=65, latency_core=3)
    for source in range(mesh.terminals):
        for destination in (0, 7, 16, 39):
            course = work_off(mesh, work((source, destination, 10, 100)))
            x = abs(source // 2 % 5 - destination // 2 % 5)
            y = abs(source // 10 - destination // 10)
            assert course.arrived[0] == 10 + 6 + 41 * x + 65 * y == 10 + mesh.transit(source, destination)
            assert (course.begun[0], course.processed[0]) == (course.arrived[0], course.arrived[0] + 100)
            assert (course.hops[0], course.blocked[0], course.end) == (x + y, 0, course.processed[0])


def test_x_comes_before_y() -> None:
    traffic = work_off(AsynchronousMesh(3, 3), work((0, 8, 1, 1))).traffic[0]
    assert traffic[0, EAST] == traffic[1, EAST] == traffic[2, NORTH] == traffic[5, NORTH] == 1
    assert traffic[:, :4].sum() == 4 and traffic[8, 4] == 1


def test_a_core_makes_one_thing_after_the_other() -> None:
    course = work_off(AsynchronousMesh(2, 1), work((0, 1, 10, 5), (0, -1, 20, 0), (0, 1, 30, 5)))
    assert course.ready.tolist() == course.injected.tolist()[:1] + [30, 60]
    assert course.injected.tolist() == [10, -1, 60] and course.hops.tolist() == [1, 0, 1]


def test_what_arrives_is_worked_off_in_order() -> None:
    course = work_off(AsynchronousMesh(3, 1), work((0, 1, 10, 100), (2, 1, 11, 100)))
    assert course.arrived.tolist() == [13, 14]
    assert course.begun.tolist() == [13, 113] and course.end == 213


def test_two_links_take_turns() -> None:
    # three sources for one link that passes a message in 10
    mesh = AsynchronousMesh(2, 1, cores=3, interval_core=10)
    course = work_off(mesh, work(*[(core, 3, 1, 1) for core in (0, 1, 2) for _ in range(2)]))
    order = np.argsort(course.arrived) // 2
    assert order[:3].tolist() == order[3:].tolist() == [0, 1, 2]
    assert np.diff(np.sort(course.arrived)).tolist() == [10] * 5


def test_a_slow_core_holds_up_the_source() -> None:
    # buffers of 2 behind source, router and link to the core, and one message in work
    mesh = AsynchronousMesh(2, 1, buffer=2, buffer_core=2)
    course = work_off(mesh, work(*[(0, 1, 1, 1000)] * 12))
    held = course.injected - course.ready
    assert (held[:7] == 0).all() and (held[7:] > 900).all()
    assert course.processed.tolist() == [4 + 1000 * (k + 1) for k in range(12)]
    deep = work_off(AsynchronousMesh(2, 1, buffer=2, buffer_core=8), work(*[(0, 1, 1, 1000)] * 12))
    assert (deep.injected == deep.ready).all() and deep.end == course.end


def test_planes_take_turns() -> None:
    traffic = work_off(AsynchronousMesh(2, 1, planes=2), work(*[(0, 1, 1, 1)] * 5, (1, 0, 1, 1))).traffic
    assert traffic[:, 0, EAST].tolist() == [3, 2] and traffic[:, 1, WEST].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("mesh", "rows", "text"),
    [
        ({"columns": 0, "rows": 1}, [], "columns=0.*1 to"),
        ({"columns": 2, "rows": 2, "cores": 60}, [], "cores=60.*1 to 59"),
        ({"columns": 2, "rows": 2}, [(0, 4, 1, 1)], "core 4.*0 to 3"),
        ({"columns": 2, "rows": 2}, [(0, 1, -1, 1)], "below 0"),
    ],
)
def test_what_is_impossible_is_said(mesh: dict[str, int], rows: list[Any], text: str) -> None:
    with pytest.raises(NetworkError, match=text):
        work_off(AsynchronousMesh(**mesh), work(*rows))


def random_work(mesh: AsynchronousMesh, n: int, seed: int) -> Work:
    rng = np.random.default_rng(seed)
    few = rng.integers(0, mesh.terminals, 3)  # some are in demand
    target = np.where(rng.random(n) < 0.5, rng.integers(0, mesh.terminals, n), rng.choice(few, n))
    target[rng.random(n) < 0.2] = -1
    return Work(rng.integers(0, mesh.terminals, n), target, rng.integers(0, 60, n), rng.integers(0, 90, n))


@st.composite
def meshes(draw: st.DrawFn) -> AsynchronousMesh:
    sizes = [draw(st.integers(1, most)) for most in (5, 4, 3, 3, 4, 4)]
    times = [draw(st.integers(1, most)) for most in (60, 60, 9, 12, 12, 12)]
    return AsynchronousMesh(*sizes, *times)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(meshes(), st.integers(0, 300), st.integers(0, 10**6))
def test_for_any_work(mesh: AsynchronousMesh, n: int, seed: int) -> None:
    todo = random_work(mesh, n, seed)
    course, real = work_off(mesh, todo), todo.destination >= 0
    assert (course.ready >= 0).all() and (course.processed[real] >= 0).all()  # nothing is lost
    assert (course.injected >= course.ready)[real].all() and (course.begun >= course.arrived)[real].all()
    assert (course.blocked[real] >= 0).all()
    assert (course.processed - course.begun == todo.processing)[real].all()
    assert course.traffic[:, :, :4].sum() == course.hops.sum()
    assert course.traffic[:, :, 4:].sum() == real.sum()
    for core in range(mesh.terminals):
        makes, works = np.flatnonzero(todo.source == core), np.flatnonzero(todo.destination == core)
        assert (np.diff(course.ready[makes]) >= todo.generation[makes][1:]).all()
        order = works[np.lexsort((course.processed[works], course.begun[works]))]
        assert (course.begun[order][1:] >= course.processed[order][:-1]).all()
        assert (np.diff(course.arrived[order]) >= 0).all()
    assert same(course, work_off(mesh, todo))


def same(a: Course, b: Course) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(vars(a).values(), vars(b).values(), strict=True))


def test_flows_keep_their_order_in_each_plane() -> None:
    mesh = AsynchronousMesh(4, 4, cores=2, latency_x=7, latency_y=9, interval_x=5, interval_y=5)
    todo = random_work(mesh, 2000, 3)
    arrived = work_off(mesh, todo).arrived
    for source in range(mesh.terminals):
        for target in range(mesh.terminals):
            flow = arrived[(todo.source == source) & (todo.destination == target)]
            assert (np.diff(flow) > 0).all()


def test_plain_python_gives_the_same_bytes() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/unit/chip/noc')\n"
        "import hashlib, test_cores as t\n"
        "mesh = t.AsynchronousMesh(4, 3, 2, 2, 3, 2, 41, 65, 5, 12, 12, 2)\n"
        "course = t.work_off(mesh, t.random_work(mesh, 600, 1))\n"
        "print(hashlib.sha256(b''.join(t.np.asarray(x).tobytes() for x in vars(course).values())).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[4],
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
        ).stdout  # fmt: skip
        for flag in "01"
    }
    assert len(found) == 1 and len(found.pop()) == 65
