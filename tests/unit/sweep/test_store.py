"""The file of results after crashes, and with other sweeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_ext.errors import UsageError
from pynn_ext.sweep import Point
from pynn_ext.sweep.store import Store

COMMON = {"sweep": 1, "script": "a.py", "sha256": "0"}


def filled(path: Path, n: int) -> list[Point]:
    store, points = Store(path, COMMON), [Point({"n": i}) for i in range(n)]
    for point in points:
        store.add(point, {"measures": {"spikes": 1.0}, "error": ""})
    store.close()
    return points


def test_every_cut_of_the_file_keeps_all_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    points = filled(path, 4)
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        store = Store(path, COMMON)
        whole = max(data[:length].count(b"\n") - 1, 0)
        assert [store.done(point) for point in points] == [i < whole for i in range(4)]
        store.add(points[3], {"measures": {}, "error": ""})
        store.close()
        assert Store(path, COMMON).done(points[3])


def test_a_writer_killed_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    code = (
        "import sys\nfrom pathlib import Path\nfrom pynn_ext.sweep.store import Store\n"
        "from pynn_ext.sweep import Point\n"
        f"store = Store(Path(sys.argv[1]), {COMMON!r})\nprint('go', flush=True)\n"
        "for i in range(10**6):\n    store.add(Point({'n': i}), {'measures': {'x': 1.0}, 'error': ''})\n"
        "    print(i, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    told = [line for line, _ in zip(writer.stdout, range(40), strict=False)]
    os.kill(writer.pid, signal.SIGKILL)
    told += list(writer.stdout)
    writer.wait()
    store = Store(path, COMMON)
    assert all(store.done(Point({"n": int(i)})) for i in told[1:] if i.strip())  # what was said to be done is


def test_a_point_that_failed_is_run_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "r", COMMON)
    store.add(Point({"n": 1}), {"measures": {}, "error": "no"})
    assert not store.done(Point({"n": 1}))


def test_another_sweep_is_not_continued(tmp_path: Path) -> None:
    filled(tmp_path / "r", 1)
    with pytest.raises(UsageError, match="another sweep: sha256 differ"):
        Store(tmp_path / "r", {**COMMON, "sha256": "1"})
