"""PyCARL's workloads run unchanged in software, on the mesh, and on Loihi where they fit; the others say why not."""

from __future__ import annotations

import ast
import io
import re
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
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


Workload = Callable[[str, str], tuple[str, Path]]


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Workload:
    """Return a function that gives what a workload printed and where its figure is, run in this process, once.

    On the compiled engine the first run of each script draws."""
    done: dict[tuple[str, str], tuple[str, Path]] = {}

    def get(name: str, backend: str) -> tuple[str, Path]:
        if (name, backend) not in done:
            script, *arguments = name.split()
            figure = tmp_path_factory.mktemp(script) / "figure.png"
            draws = backend == "codegen" and name == first_run(script)
            drawing = ["--plot-figure", str(figure)] if draws else []
            argv = [f"{script}.py", backend, *arguments, *RUNS[name][0].split(), *drawing]
            with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
                patch.setenv("MPLBACKEND", "Agg")
                patch.setattr(sys, "argv", argv)
                runpy.run_path(str(WORKLOADS[script]), run_name="__main__")
            done[name, backend] = printed.getvalue(), figure
        return done[name, backend]

    return get


def first_run(script: str) -> str:
    return next(name for name in RUNS if name.split()[0] == script)


def test_all_are_run() -> None:
    assert {name.split()[0] for name in RUNS} == set(WORKLOADS)


@pytest.mark.parametrize("backend", ["codegen", "mesh", "loihi"])
@pytest.mark.parametrize("name", RUNS)
def test_it_runs_where_it_fits(name: str, backend: str, workload: Workload) -> None:
    if backend == "loihi" and name in UNFIT:
        with pytest.raises(UnsupportedError, match=UNFIT[name]):
            workload(name, backend)
        return
    _, pattern, low, high = RUNS[name]
    printed, _ = workload(name, backend)
    found = re.search(pattern, printed)
    assert found, printed
    assert low <= float(found.group(1)) <= high, printed


@pytest.mark.parametrize("cells", SYNAPSES)
def test_synthetic_networks_have_the_synapses_of_the_paper(cells: int, workload: Workload) -> None:
    printed, _ = workload(f"synthetic --cells {cells}", "codegen")
    assert f"{cells} cells, {SYNAPSES[cells]} synapses" in printed


def test_digit_recognition_has_the_synapses_of_the_script(workload: Workload) -> None:
    assert "88500 synapses" in workload("digit_recognition", "codegen")[0]


@pytest.mark.parametrize("name", WORKLOADS)
def test_it_is_short_and_says_what_it_shows(name: str) -> None:
    text = WORKLOADS[name].read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring and docstring.splitlines()[0].endswith(".")
    assert f"python {name}.py SIMULATOR" in docstring
    assert len(text.splitlines()) < 150


@pytest.mark.parametrize("name", WORKLOADS)
def test_it_draws(name: str, workload: Workload) -> None:
    _, figure = workload(first_run(name), "codegen")
    assert figure.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
