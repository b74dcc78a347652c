"""Sweeps on local processes, Dask and MPI; workers that die; resuming; the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pynn_ext
from pynn_ext.cli import main
from pynn_ext.errors import UsageError
from pynn_ext.sweep import executors

CHECKOUT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(CHECKOUT)}


def rates(found: Any) -> list[float]:
    return [row["measures"]["rate.cells"] for row in found.rows]


def test_script_and_setup_parameters_act(script: Path, tmp_path: Path) -> None:
    """Higher currents fire more; the time step of the sweep goes before the script's."""
    with ThreadPoolExecutor(2) as pool:  # any executor will do
        found = pynn_ext.sweep(
            script, "codegen", parameters={"--current": [0.5, 1.0]}, setup={"timestep": [0.1, 0.5]},
            folder=tmp_path / "out", executor=pool,
        )  # fmt: skip
    assert [row["parameters"] for row in found.rows][1] == {"current": 0.5, "setup.timestep": 0.5}
    assert rates(found)[0] == 0.0 and rates(found)[2] > 20.0
    lines = (tmp_path / "out" / "table.csv").read_text().splitlines()
    assert lines[0].startswith("current,setup.timestep,spikes,run_s") and len(lines) == 5


def test_what_is_done_is_not_run_again(script: Path, tmp_path: Path) -> None:
    def run(currents: list[float]) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pynn_ext.sweep(
                script, "codegen", parameters={"--current": currents}, reference="codegen",
                folder=tmp_path / "out", executor=pool,
            )  # fmt: skip

    first = run([1.0])
    assert first.rows[0]["measures"]["coincident"] == 1.0
    again = run([1.0, 2.0])
    assert (
        again.rows[0]["measures"]["run_s"] == first.rows[0]["measures"]["run_s"]
    )  # to the last digit: not repeated
    assert rates(again)[1] > rates(again)[0]


def test_a_worker_that_is_killed_loses_nothing(killing_script: Path) -> None:
    found = pynn_ext.sweep(killing_script, "codegen", parameters={"--current": [1.0, 2.0]}, workers=1)
    assert killing_script.with_name("killed").exists()
    assert not any(row["error"] for row in found.rows) and rates(found)[1] > rates(found)[0] > 0


@pytest.fixture
def dask(tmp_path: Path) -> Any:
    """A scheduler and two workers in processes of their own, not watched over by a nanny."""
    pytest.importorskip("distributed")
    known = tmp_path / "scheduler.json"
    begin = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    join = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        "--no-nanny",
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    quiet: Any = {
        "env": ENVIRONMENT,
        "cwd": tmp_path,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    processes = [subprocess.Popen([*begin, "--scheduler-file", str(known)], **quiet)]
    processes += [subprocess.Popen([*join, "--scheduler-file", str(known)], **quiet) for _ in range(2)]
    deadline = time.monotonic() + 60
    while not known.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    yield json.loads(known.read_text())["address"]
    for process in processes:
        process.kill()
        process.wait()


def test_a_dask_worker_that_is_killed_loses_nothing(dask: str, killing_script: Path) -> None:
    found = pynn_ext.sweep(
        killing_script, "codegen", parameters={"--current": [1.0, 2.0, 3.0]}, scheduler=dask
    )
    assert killing_script.with_name("killed").exists()
    assert not any(row["error"] for row in found.rows)
    assert rates(found) == sorted(rates(found)) and rates(found)[0] > 0


@pytest.mark.skipif(shutil.which("mpirun") is None, reason="no mpirun")
def test_mpi(script: Path, tmp_path: Path) -> None:
    command = [
        "mpirun",
        "-n",
        "2",
        sys.executable,
        "-m",
        "mpi4py.futures",
        "-m",
        "pynn_ext",
        "sweep",
        str(script),
    ]
    options = ["--backend", "codegen", "--script=--current=1.0,2.0", "--scheduler", "mpi", "--folder", "out"]
    done = subprocess.run(
        [*command, *options],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 3
    assert "2 of 2 points" in done.stderr


def test_the_command_prints_draws_and_says_what_failed(script: Path, tmp_path: Path, capsys: Any) -> None:
    script.write_text(script.read_text() + "\nassert options.current < 3\n")
    measure = tmp_path / "own.py"
    measure.write_text("def doubled(recordings):\n    return {'doubled': 2 * len(recordings.populations)}\n")
    code = main(
        ["sweep", str(script), "--backend", "codegen", "--script=--current=1.0,2.0,4.0", "--workers", "1",
         "--folder", str(tmp_path / "out"), "--measure", f"{measure}:doubled", "--show", "spikes,doubled",
         "--pareto", "max:spikes,doubled"]
    )  # fmt: skip
    printed = capsys.readouterr()
    assert code == 1
    table = printed.out.splitlines()
    assert table[0].split() == ["current", "spikes", "doubled"] and table[1].split()[-1] == "2"
    assert "failed: AssertionError" in table[3]
    assert (tmp_path / "out" / "pareto.png").read_bytes()[:4] == b"\x89PNG"
    assert "3 of 3 points, 1 failed" in printed.err


def test_mistakes_are_named(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "ANSWER", 0.5)  # Dask asks again until then
    with pytest.raises(UsageError, match="no backend named 'codgen'.*did you mean 'codegen'"):
        pynn_ext.sweep(script, "codgen")
    with pytest.raises(UsageError, match="cannot read the script"):
        pynn_ext.sweep(script.with_name("other.py"), "codegen")
    with pytest.raises(UsageError, match="does not answer"):
        pynn_ext.sweep(script, "codegen", scheduler="tcp://127.0.0.1:1")
    found = pynn_ext.sweep(script, "mesh", setup={"partitoin": ["greedy"]}, workers=1)
    assert "takes no 'partitoin'" in found.rows[0]["error"] and "partition" in found.rows[0]["error"]
