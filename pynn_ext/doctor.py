"""Checks an installation: what is there, what is missing, and what to type about it.

Nothing is imported into this process but the standard library; versions come from the metadata of the installed
packages, and ``import pyNN.codegen`` is tried in a fresh interpreter, where a script would say it.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OK, WARNING, MISSING = "ok", "warning", "missing"
EXTRAS = {"elephant": "compare", "matplotlib": "plot", "nixio": "files", "pynwb": "files", "nir": "nir"}
COMPILERS = {
    "Linux": "sudo apt install g++   (Fedora: sudo dnf install gcc-c++)",
    "Darwin": "xcode-select --install",
    "Windows": "conda install -c conda-forge cxx-compiler, or install the Visual Studio Build Tools",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes
    ----------
    name : str
        What was checked.
    status : str
        ``"ok"``, ``"warning"`` (something will be slower or unavailable) or ``"missing"`` (simulations will not run).
    detail : str
        What was found.
    remedy : str
        What to type; empty if nothing is wrong.
    """

    name: str
    status: str
    detail: str
    remedy: str = ""


def installed(package: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def numbers(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, for comparison: ``(2, 10)`` for ``2.10.1``."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def check_python() -> Finding:
    """Python 3.11 or newer."""
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] >= numbers("3.11"):
        return Finding("Python", OK, found)
    return Finding("Python", MISSING, f"{found}; 3.11 or newer is needed", "python3.11 -m venv .venv")


def check_pynn() -> Finding:
    """PyNN 0.13: its common classes change between minor versions."""
    found = installed("PyNN")
    if found is None:
        return Finding("PyNN", MISSING, "not installed", "pip install 'PyNN>=0.13,<0.14'")
    if numbers(found) != (0, 13):
        return Finding("PyNN", MISSING, f"{found}; 0.13 is needed", "pip install 'PyNN>=0.13,<0.14'")
    return Finding("PyNN", OK, found)


def check_numpy_and_brian2() -> Finding:
    """Brian2 before 2.10 uses parts of NumPy that 2.4 no longer has; pip does not know."""
    numpy, brian2 = installed("numpy"), installed("brian2")
    name = "NumPy and Brian2"
    if numpy is None or brian2 is None:
        absent = [package for package, found in (("numpy", numpy), ("brian2", brian2)) if found is None]
        return Finding(
            name, MISSING, f"not installed: {', '.join(absent)}", f"pip install {' '.join(absent)}"
        )
    if numbers(brian2) < (2, 10) and numbers(numpy) >= (2, 4):
        detail = f"Brian2 {brian2} cannot be imported with NumPy {numpy}"
        return Finding(name, MISSING, detail, "pip install 'numpy>=2.0,<2.4'")
    if numbers(brian2) < (2, 9):
        return Finding(name, MISSING, f"Brian2 {brian2}; 2.9 or newer is needed", "pip install -U brian2")
    return Finding(name, OK, f"NumPy {numpy}, Brian2 {brian2}")


def check_compiler() -> Finding:
    """A C++17 compiler that can build a shared library."""
    from .codegen.cache import compiler

    path = compiler()
    remedy = COMPILERS.get(platform.system(), "install g++ or clang++, or set CXX to one")
    if path is None:
        named = os.environ.get("CXX")
        detail = (
            f"CXX is {named!r}, which is not there, and no other was found"
            if named
            else "none found (g++, clang++, c++)"
        )
        return Finding("C++ compiler", MISSING, detail, remedy)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "unit.cpp")
        source.write_text('#include <cmath>\nextern "C" double f(double x) { return std::exp(x); }\n')
        command = [path, "-std=c++17", "-fPIC", "-shared", str(source), "-o", str(source.with_suffix(".so"))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        first = (done.stderr.strip().splitlines() or ["no message"])[0]
        return Finding("C++ compiler", MISSING, f"{path} fails: {first}", remedy)
    return Finding("C++ compiler", OK, path)


def check_cache() -> Finding:
    """The folder of compiled models: ours alone, since its libraries are executed."""
    from .codegen.cache import cache_dir
    from .errors import CompilerError

    try:
        folder = cache_dir()
    except CompilerError as error:
        return Finding("Cache", MISSING, error.what, error.remedy)
    except OSError as error:
        remedy = "export PYNN_EXT_CACHE=/a/folder/you/can/write/to"
        return Finding("Cache", MISSING, f"{error.filename}: {error.strerror}", remedy)
    if not os.access(folder, os.W_OK):
        return Finding("Cache", MISSING, f"{folder} is not writable", f"chmod 700 {folder}")
    files = list(folder.glob("*.so"))
    size = sum(file.stat().st_size for file in files) / 1e6
    detail = f"{folder} ({len(files)} libraries, {size:.1f} MB)"
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        return Finding("Cache", WARNING, f"{detail} can be read by others", f"chmod 700 {folder}")
    return Finding("Cache", OK, detail)


def check_names() -> Finding:
    """``import pyNN.codegen`` in a plain script."""
    name = "import pyNN.codegen"
    with tempfile.TemporaryDirectory() as folder:
        plain = _python("import pyNN.codegen", folder)
        if not plain:
            return Finding(name, OK, "works in a plain script")
        after = _python("import pynn_ext, pyNN.codegen", folder)
    if after:
        return Finding(name, MISSING, f"fails: {after}", "pip install --force-reinstall pynn-ext")
    detail = "works only after 'import pynn_ext' and under 'pynn-ext run': the package is not installed"
    return Finding(name, WARNING, detail, "pip install .   (in the checkout)")


def _python(code: str, folder: str) -> str:
    """Run `code` in a fresh interpreter in an empty folder; return the last line of its error, or nothing."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1] if done.returncode else ""


def check_extras() -> Finding:
    """What the optional parts need."""
    absent = [package for package in EXTRAS if installed(package) is None]
    if not absent:
        return Finding("Extras", OK, ", ".join(f"{package} {installed(package)}" for package in EXTRAS))
    return Finding(
        "Extras", WARNING, f"not installed: {', '.join(absent)}", f"pip install {' '.join(absent)}"
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_pynn,
    check_numpy_and_brian2,
    check_compiler,
    check_cache,
    check_names,
    check_extras,
)


def examine() -> list[Finding]:
    """Return all findings, in the order of dependence."""
    return [check() for check in CHECKS]


def report(findings: list[Finding], as_json: bool = False) -> str:
    """Return the findings as text or JSON."""
    if as_json:
        import json

        return json.dumps([asdict(finding) for finding in findings], indent=2)
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.status:8} {finding.name:{width}}  {finding.detail}")
        if finding.remedy:
            lines.append(f"{'':8} {'':{width}}  type: {finding.remedy}")
    return "\n".join(lines)


def essential_missing(findings: list[Finding]) -> bool:
    """Return whether simulations cannot run."""
    return any(finding.status == MISSING for finding in findings)
