"""The installed ``.pth`` line is executed whenever Python starts: it must cost nothing and never fail."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

WATCH_THE_LINE = """
import site, sys
watched = []
def hook(event, arguments):
    if event in ("open", "import", "subprocess.Popen", "os.system", "os.listdir", "os.scandir"):
        watched.append(f"{event} {arguments[0]}")
before = len(sys.meta_path)
sys.addaudithook(hook)
site.addpackage(SITE, "pynn_ext_alias.pth", set())
print(len(sys.meta_path) - before, *watched, sep="\\n")
"""


def imported_at_start(environment) -> set[str]:
    """Names of the modules an interpreter imports that has nothing to do."""
    report = environment.run("-X", "importtime", "-c", "pass").stderr
    return {line.rpartition("|")[2].strip() for line in report.splitlines()}


def test_start_imports_no_module(installed, environment, below: Path) -> None:
    environment.see(below)
    assert imported_at_start(installed) == imported_at_start(environment)


def test_the_line_reads_no_file_and_adds_one_finder(installed) -> None:
    """What `site` does at start opens the ``.pth`` file alone: it imports nothing and runs nothing."""
    site = str(installed.site)
    added, *watched = installed.run("-c", WATCH_THE_LINE.replace("SITE", repr(site))).stdout.splitlines()
    assert added == "1"
    assert watched == [f"open {site}/pynn_ext_alias.pth"]


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
    """It brings two files of ours and small parts of the standard library; no other package, not even NumPy."""
    code = "import sys; before = set(sys.modules); import pynn_ext; print(*set(sys.modules) - before)"
    modules = set(installed.run("-c", code).stdout.split())
    assert {name for name in modules if name.startswith("pynn_ext")} == {"pynn_ext", "pynn_ext._alias"}
    tops = {name.split(".")[0] for name in modules} - {"pynn_ext"}
    assert tops <= sys.stdlib_module_names
    assert not tops & {
        "asyncio",
        "ctypes",
        "dataclasses",
        "inspect",
        "json",
        "logging",
        "multiprocessing",
        "subprocess",
    }
