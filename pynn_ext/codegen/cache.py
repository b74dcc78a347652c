"""Compile a C++ unit into a shared library, once per user, and load it.

A library is found by the SHA-256 of everything that determines it: what it was made from, compiler, flags and
versions. The cache is a folder of the user with mode 0700; files appear in it whole (temporary name, then
rename), so parallel processes may share it."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from .._versions import installed_version
from ..errors import CompilerError

ARCHITECTURE = os.environ.get("PYNN_EXT_ARCH", "native")  # of the processors that libraries are compiled for
FLAGS = (
    f"-std=c++17 -O3 -march={ARCHITECTURE} -fno-math-errno -fno-trapping-math -fno-signed-zeros "
    "-fassociative-math -freciprocal-math -ffp-contract=fast -fno-exceptions -fno-rtti -fPIC -shared -w"
).split()
CORE = Path(__file__).parent / "core"


def cache_dir() -> Path:
    """Return the cache folder, made if it is missing: ``$PYNN_EXT_CACHE`` or ``~/.cache/pynn_ext``.

    Raises
    ------
    CompilerError
        If the folder belongs to somebody else or others may write to it.
    """
    base = os.environ.get("PYNN_EXT_CACHE")
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(base) if base else root / "pynn_ext"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = folder.stat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        raise CompilerError(
            f"the cache folder {folder} belongs to another user or is writable by others",
            remedy=f"chmod 700 {folder}, or set PYNN_EXT_CACHE to a folder of your own",
        )
    return folder


@lru_cache
def compiler() -> str | None:
    """Return the path of the C++ compiler (``$CXX``, g++, clang++ or c++), or None."""
    for name in (os.environ.get("CXX"), "g++", "clang++", "c++"):
        found = name and shutil.which(name)
        if found:
            return found
    return None


@lru_cache
def _environment() -> str:
    """What determines a library besides its source: this package's generator, the compiler, the machine."""
    digest = hashlib.sha256()
    for path in sorted([*Path(__file__).parent.glob("*.py"), *CORE.glob("*")]):
        digest.update(path.read_bytes())
    program = compiler()
    if program:
        status = os.stat(os.path.realpath(program))
        digest.update(f"{os.path.realpath(program)} {status.st_size} {status.st_mtime_ns}".encode())
    digest.update(repr((FLAGS, sys.platform, _cpu(), installed_version("brian2"))).encode())
    return digest.hexdigest()


def _cpu() -> str:
    """The processor's features, since libraries are compiled for the machine at hand."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return next((line for line in file if line.startswith("flags")), "")
    except OSError:
        import platform

        return platform.processor()


def key(parts: Any) -> str:
    """Return the name of the library made from `parts` (anything JSON can hold)."""
    text = json.dumps(parts, sort_keys=True) + _environment()
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def compile_library(name: str, source: str | list[str], flags: tuple[str, ...] = ()) -> Path:
    """Compile `source` into the cache under `name` and return the library's path.

    Several sources are compiled at the same time and linked.

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails; its messages are in the text.
    """
    import tempfile  # needed on a miss only

    path = compiler()
    if path is None:
        raise CompilerError(
            "no C++ compiler was found", remedy="install g++ (for example: apt install g++) or set CXX"
        )
    folder = cache_dir()
    target = folder / f"{name}.so"
    with tempfile.TemporaryDirectory(dir=folder) as work:
        library, sources = Path(work, "unit.so"), [source] if isinstance(source, str) else source
        units = [Path(work, f"unit{k}.cpp") for k in range(len(sources))]
        for unit, text in zip(units, sources, strict=True):
            unit.write_text(text)
        command = [path, *FLAGS, *flags, f"-I{CORE}"]
        if len(units) > 1:
            objects = [unit.with_suffix(".o") for unit in units]
            pairs = zip(units, objects, strict=True)
            _call([[*command, "-c", str(unit), "-o", str(made)] for unit, made in pairs])
            units = objects
        _call([[*command, *map(str, units), "-o", str(library), "-lm"]])
        os.replace(library, target)
    return target


def _call(commands: list[list[str]]) -> None:
    """Execute commands at the same time, or raise `CompilerError`."""
    import subprocess

    started = [
        subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for c in commands
    ]
    said = [process.communicate()[0] for process in started]
    for process, text in zip(started, said, strict=True):
        if process.returncode:
            raise CompilerError(f"{commands[0][0]} failed:\n{text[-3000:]}", remedy="run 'pynn-ext doctor'")


def has_library(parts: Any) -> bool:
    """Return whether the library of `parts` is there, so that `library` compiles nothing."""
    name = key(parts)
    return all((cache_dir() / f"{name}{suffix}").exists() for suffix in (".so", ".json"))


def library(
    parts: Any, generate: Callable[[], tuple[str | list[str], dict[str, Any]]]
) -> tuple[ctypes.CDLL, dict[str, Any]]:
    """Return the library made from `parts` and its description; `generate` gives ``(source, description)`` on
    a miss."""
    name = key(parts)
    folder = cache_dir()
    path, notes = folder / f"{name}.so", folder / f"{name}.json"
    if not has_library(parts):
        hook = sys.excepthook
        try:
            with warnings.catch_warnings():  # of Brian2 about pyparsing: nothing that a script could mend
                warnings.simplefilter("ignore", DeprecationWarning)
                source, description = generate()
        finally:
            sys.excepthook = (
                hook  # importing Brian2 replaces it by one that blames Brian2 for any error of the script
            )
        temporary = folder / f"{name}.{os.getpid()}.json"
        temporary.write_text(json.dumps(description))
        os.replace(temporary, notes)
        compile_library(name, source)
    return ctypes.CDLL(str(path)), json.loads(notes.read_text())
