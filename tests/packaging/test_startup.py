"""The installed ``.pth`` line is executed whenever Python starts: it must cost nothing and never fail."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

TIME_THE_LINE = """
import site, sys, time
def cost(name):
    before = list(sys.meta_path)
    start = time.perf_counter()
    site.addpackage({site!r}, name, set())
    elapsed = time.perf_counter() - start
    sys.meta_path[:] = before
    return elapsed
print(min(cost("pynn_ext_alias.pth") for _ in range(20)))
"""


def imported_at_start(environment) -> set[str]:
    """Names of the modules an interpreter imports that has nothing to do."""
    report = environment.run("-X", "importtime", "-c", "pass").stderr
    return {line.rpartition("|")[2].strip() for line in report.splitlines()}


def test_start_imports_no_module(installed, environment, below: Path) -> None:
    environment.see(below)
    assert imported_at_start(installed) == imported_at_start(environment)


def test_start_costs_less_than_a_millisecond(installed) -> None:
    """Reading the file and executing its line, as `site` does."""
    elapsed = float(installed.run("-c", TIME_THE_LINE.format(site=str(installed.site))).stdout)
    assert elapsed < 1e-3


def test_the_line_uses_no_exec(installed) -> None:
    line = (installed.site / "pynn_ext_alias.pth").read_text()
    assert line.count("\n") == 1
    assert not re.search(r"\b(exec|eval|compile)\b", line)


@pytest.mark.parametrize("damage", ["finder raises", "finder is no Python", "package is gone"])
def test_a_broken_finder_does_not_break_the_start(environment, below: Path, wheel: Path, damage: str) -> None:
    environment.see(below)
    environment.install(wheel)
    package = environment.site / "pynn_ext"
    if damage == "package is gone":
        shutil.rmtree(package)
    else:
        broken = "raise RuntimeError('broken')\n" if damage == "finder raises" else "this is no Python\n"
        (package / "_alias.py").write_text(broken)
    done = environment.run("-c", "import json, pyNN.mock; print('started')")
    assert done.stdout == "started\n"
    assert done.stderr == ""


def test_importing_the_package_is_light(installed) -> None:
    """Neither PyNN, Brian2, NumPy nor SciPy; less than 0.1 s."""
    report = installed.run("-X", "importtime", "-c", "import pynn_ext").stderr
    modules = {line.rpartition("|")[2].strip().split(".")[0] for line in report.splitlines()}
    assert not modules & {"pyNN", "brian2", "numpy", "scipy", "neo", "sympy"}
    total = next(line for line in report.splitlines() if line.rpartition("|")[2].strip() == "pynn_ext")
    assert int(total.split("|")[1]) < 100_000  # microseconds
