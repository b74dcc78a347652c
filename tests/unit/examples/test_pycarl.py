"""PyCARL's workloads run unchanged in software, on the mesh, and on Loihi where they fit; the others say why not."""

from __future__ import annotations

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

from pynn_ext.errors import UnsupportedError

WORKLOADS = {
    path.stem: path
    for path in sorted((Path(__file__).resolve().parents[3] / "examples" / "pycarl").glob("*.py"))
}
#: What is run (shortened), and what it prints: one number that must lie in a range.
RUNS = {
    "hello_world": ("", r"(\d+) with it", 100, 180),
    "network_80_20": ("--duration 200", r"excitatory: ([\d.]+)", 3, 12),
    "network_80_20 --stdp": ("--duration 200", r"mean weight ([\d.]+)", 0.4, 0.6),
    "synthetic --cells 1000": ("--duration 100", r"layer 3: ([\d.]+)", 10, 50),
    "synthetic --cells 1500": ("--duration 50", r"layer 3: ([\d.]+)", 10, 100),
    "synthetic --cells 2000": ("--duration 50", r"layer 3: ([\d.]+)", 10, 100),
    "synthetic --cells 2500": ("--duration 50", r"layer 3: ([\d.]+)", 10, 100),
    "image_smoothing": ("", r"PSNR ([\d.]+)", 28, 40),
    "edge_detection": ("", r"correlation ([\d.]+)", 0.94, 1),
    "digit_recognition": ("--images 10", r"(\d+) of 10 digits", 8, 10),
    "heartbeat": ("", r"error ([\d.]+)", 0, 0.5),
}
SYNAPSES = {1000: "240000", 1500: "500000", 2000: "640000", 2500: "1440000"}
#: What Loihi has no place for.
UNFIT = {
    name: "Izhikevich is not available on the backend 'loihi'; a compartment is linear below threshold"
    for name in RUNS
    if name.split()[0] in ("hello_world", "network_80_20", "synthetic")
}


def run_workload(
    name: str, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Run a workload in this process and return what it printed."""
    script, *arguments = name.split()
    monkeypatch.setattr(sys, "argv", [f"{script}.py", backend, *arguments, *RUNS[name][0].split()])
    runpy.run_path(str(WORKLOADS[script]), run_name="__main__")
    return capsys.readouterr().out


def test_all_are_run() -> None:
    assert {name.split()[0] for name in RUNS} == set(WORKLOADS)


@pytest.mark.parametrize("backend", ["codegen", "mesh", "loihi"])
@pytest.mark.parametrize("name", RUNS)
def test_it_runs_where_it_fits(
    name: str, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if backend == "loihi" and name in UNFIT:
        with pytest.raises(UnsupportedError, match=UNFIT[name]):
            run_workload(name, backend, monkeypatch, capsys)
        return
    _, pattern, low, high = RUNS[name]
    printed = run_workload(name, backend, monkeypatch, capsys)
    found = re.search(pattern, printed)
    assert found, printed
    assert low <= float(found.group(1)) <= high, printed


@pytest.mark.parametrize("cells", SYNAPSES)
def test_synthetic_networks_have_the_synapses_of_the_paper(
    cells: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run_workload(f"synthetic --cells {cells}", "codegen", monkeypatch, capsys)
    assert f"{cells} cells, {SYNAPSES[cells]} synapses" in printed


def test_digit_recognition_has_the_synapses_of_the_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "88500 synapses" in run_workload("digit_recognition", "codegen", monkeypatch, capsys)


@pytest.mark.parametrize("name", WORKLOADS)
def test_it_is_short_and_says_what_it_shows(name: str) -> None:
    text = WORKLOADS[name].read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring and docstring.splitlines()[0].endswith(".")
    assert f"python {name}.py SIMULATOR" in docstring
    assert len(text.splitlines()) < 150


@pytest.mark.parametrize("name", WORKLOADS)
def test_it_draws(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    run = next(run for run in RUNS if run.split()[0] == name)
    arguments = [*RUNS[run][0].split(), "--plot-figure", "figure.png"]
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "codegen", *arguments])
    runpy.run_path(str(WORKLOADS[name]), run_name="__main__")
    assert (tmp_path / "figure.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
