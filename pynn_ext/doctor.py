"""Looks over the installation: what is there, what is missing, what to type."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from dataclasses import dataclass


@dataclass
class Check:
    """One thing that was looked at."""

    name: str
    found: str
    ok: bool
    remedy: str = ""
    essential: bool = True


def examine() -> list[Check]:
    """Return all checks."""
    return [_python(), _numpy_and_brian2(), _pynn(), _compiler(), _cache(), _backend()]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _python() -> Check:
    return Check("Python", platform.python_version(), sys.version_info >= (3, 11), "use Python 3.11 or newer")


def _numpy_and_brian2() -> Check:
    numpy, brian2 = _version("numpy"), _version("brian2")
    old = tuple(int(part) for part in brian2.split(".")[:2]) < (2, 10) if brian2 else False
    clash = old and tuple(int(part) for part in numpy.split(".")[:2]) >= (2, 4)
    return Check(
        "NumPy and Brian2",
        f"NumPy {numpy or 'missing'}, Brian2 {brian2 or 'missing'}",
        bool(numpy and brian2) and not clash,
        "pip install 'numpy<2.4'" if clash else "pip install numpy brian2",
    )


def _pynn() -> Check:
    version = _version("pynn")
    return Check("PyNN", version or "missing", version.startswith("0.13"), "pip install 'pynn>=0.13,<0.14'")


def _compiler() -> Check:
    from .codegen.cache import compiler

    path = compiler()
    return Check(
        "C++ compiler",
        path or "none: the same equations run through NumPy, slowly",
        path is not None,
        "install g++ (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install)",
        essential=False,
    )


def _cache() -> Check:
    from .codegen.cache import cache_dir

    try:
        folder = cache_dir()
    except Exception as error:
        return Check("cache", str(error), False, "set PYNN_EXT_CACHE to a folder of your own")
    return Check("cache", f"{folder}, {len(list(folder.glob('*.so')))} libraries", True)


def _backend() -> Check:
    from .runner import neutral_folder

    try:
        with neutral_folder():
            import pyNN.codegen  # noqa: F401
    except Exception as error:
        return Check("import pyNN.codegen", repr(error), False, "reinstall pynn-ext with pip")
    return Check("import pyNN.codegen", "works", True)
