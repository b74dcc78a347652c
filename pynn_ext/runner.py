"""Runs an unmodified PyNN script in this process, as ``python script.py`` would, on a backend chosen outside of it.

PyNN scripts learn the simulator's name in one of two ways. Most take it as the first argument, through
`get_simulator` or `get_script_args`: the name is put there. Others import a backend by name (``import pyNN.nest
as sim``): that name is made to mean the chosen backend.

``import brian2`` evaluates the file ``brian_preferences`` of the working directory, and ``import pyNN.utility``
imports a module ``settings``. Data that lie beside a script must not run, so both are imported from an empty
folder.
"""

from __future__ import annotations

import ast
import os
import runpy
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from ._deferred import deferred
from .dialects import dialects, parts_of, speaking
from .errors import UnsupportedError, UsageError
from .plugins import backend_names, backend_summary, load_backend
from .progress import Watch

OFFICIAL = (
    "arbor",
    "brian",
    "brian2",
    "genn",
    "hardware",
    "mock",
    "moose",
    "nemo",
    "nest",
    "neuroml",
    "neuron",
    "pcsim",
    "spiNNaker",
)
ASKING = ("get_simulator", "get_script_args")
OK, FAILED, USAGE, UNSUPPORTED, INTERRUPTED = 0, 1, 2, 3, 130


# --- what the script says ----------------------------------------------------------------------------------------


def imported_backends(source: str) -> list[str]:
    """Return the backends that a script imports by name, sorted; a script that does not parse imports none."""
    known = {*OFFICIAL, *backend_names()}
    spoken = {
        module: name
        for name, dialect in dialects().items()
        for module in (*dialect.MODULES, *dialect.HELPERS)
    }
    found = set()
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            below = [f"pyNN.{alias.name}" for alias in node.names] if node.module == "pyNN" else []
            modules = [node.module, *below]
        else:
            continue
        found |= {module.split(".")[1] for module in modules if module.startswith("pyNN.")}
        found |= {spoken[module] for module in modules if module in spoken}
    return sorted(found & known)


def asks_for_name(source: str) -> bool:
    """Return whether a script takes the simulator's name from the command line, through PyNN or by itself."""
    names = set()
    for node in _nodes(source):
        if isinstance(node, ast.alias) and not node.asname:
            continue  # imported, which is not yet called
        names.add(getattr(node, "id", getattr(node, "attr", getattr(node, "name", ""))))
    return not names.isdisjoint(ASKING)


def _nodes(source: str) -> Iterator[ast.AST]:
    try:
        return ast.walk(ast.parse(source))
    except SyntaxError:
        return iter(())


def replaced_backend(source: str, backend: str | None, replace: str | None) -> str | None:
    """Return the name that `backend` stands in for, or None if the name goes to the script as its first argument.

    Raises
    ------
    UsageError
        If that cannot be decided.
    """
    if replace and not backend:
        raise UsageError(
            f"--replace {replace} without --backend", remedy="name the backend that takes its place"
        )
    if replace or not backend:
        return replace
    imported = imported_backends(source)
    if not imported or asks_for_name(source):
        return None
    if len(imported) > 1:
        raise UsageError(
            f"the script imports several backends: {', '.join(imported)}",
            remedy=f"say which one {backend} takes the place of: --replace {imported[0]}",
        )
    return imported[0]


# --- imports from an empty folder -------------------------------------------------------------------------------


@contextmanager
def working_folder(folder: str) -> Iterator[None]:
    """Be in `folder` for a while."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class _Loader:
    """Executes a module in an empty folder and then leaves no trace in it."""

    def __init__(self, inner: Any, folder: str) -> None:
        self._inner, self._folder = inner, folder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: Any) -> Any:
        return self._inner.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._inner
        with working_folder(self._folder):
            self._inner.exec_module(module)


class _Brian2Finder:
    """Brian2 takes 0.6 s to import and is needed only if something has to be compiled: it is caught when it comes."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "brian2":
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                spec.loader = _Loader(spec.loader, self._folder)
                return spec
        return None


@contextmanager
def safe_imports() -> Iterator[None]:
    """Import `pyNN.utility` now, and Brian2 when it is needed, without executing files of the working directory."""
    if any(isinstance(finder, _Brian2Finder) for finder in sys.meta_path):
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        finder = _Brian2Finder(folder)
        sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
        own = sys.modules.get("settings")
        sys.modules["settings"] = None  # type: ignore[assignment]  # makes ``import settings`` an ImportError
        try:
            with working_folder(folder):
                import pyNN.utility  # noqa: F401
        finally:
            del sys.modules["settings"]
            if own is not None:
                sys.modules["settings"] = own
        try:
            yield
        finally:
            sys.meta_path.remove(finder)  # type: ignore[arg-type]


@contextmanager
def alias(name: str, backend: str) -> Iterator[None]:
    """Make ``pyNN.<name>``, and what else scripts import it by, mean `backend`."""
    import pyNN

    modules = speaking(name, simulator_module(backend), backend)
    before = {key: sys.modules.get(key) for key in modules}
    own = {key.partition(".")[2]: module for key, module in modules.items() if key.startswith("pyNN.")}
    had = {attribute: getattr(pyNN, attribute) for attribute in own if hasattr(pyNN, attribute)}
    sys.modules.update(modules)
    vars(pyNN).update(own)
    try:
        with parts_of(modules):
            yield
    finally:
        for key, module in before.items():
            if module is None:
                del sys.modules[key]
            else:
                sys.modules[key] = module
        for attribute in own.keys() - had.keys():
            delattr(pyNN, attribute)
        vars(pyNN).update(had)


def simulator_module(name: str) -> Any:
    """Import a backend of ours or, if there is none of that name, one of PyNN's."""
    if name in OFFICIAL and name not in backend_names():
        import importlib

        return importlib.import_module(f"pyNN.{name}")
    return load_backend(name)


# --- the run ------------------------------------------------------------------------------------------------------


def run(
    script: str,
    arguments: list[str],
    backend: str | None = None,
    replace: str | None = None,
    progress: bool = False,
    as_json: bool = False,
) -> int:
    """Execute a script and return the exit code.

    Parameters
    ----------
    script : str
        Path of the script.
    arguments : list of str
        Its arguments.
    backend : str, optional
        Name of the backend to run it on; without it the script's arguments pass as they are.
    replace : str, optional
        The backend named in the script that `backend` takes the place of; found in the script if not given.
    progress : bool
        Whether to show progress on standard error.
    as_json : bool
        Whether the closing line is a JSON object on standard output instead of text on standard error.

    Returns
    -------
    int
        0 ok, 1 the script failed, 2 it refused its arguments, 3 it needs what the backend cannot do.

    Raises
    ------
    UsageError
        If there is no such script or backend.
    """
    began = time.perf_counter()
    code, watch = execute(script, arguments, backend, replace, progress)
    if code == OK:
        if as_json:
            import json

            print(json.dumps({**watch.summary(), "total_s": round(time.perf_counter() - began, 6)}))
        else:
            print(f"pynn-ext: {watch.line(time.perf_counter() - began)}", file=sys.stderr)
    return code


def execute(
    script: str,
    arguments: list[str],
    backend: str | None = None,
    replace: str | None = None,
    progress: bool = False,
) -> tuple[int, Watch]:
    """Execute a script; as `run`, but return the exit code and what was watched, and say nothing."""
    if backend is not None and backend not in OFFICIAL:
        backend_summary(backend)  # refuses an unknown name before anything slow is imported
    source = _read(script)
    replaced = replaced_backend(source, backend, replace)
    argv = [script, *arguments] if replaced or not backend else [script, backend, *arguments]
    with safe_imports():
        watch = Watch(progress)
        with deferred():  # it imports the front end, and so PyNN
            watch.start()
        try:
            if replaced and backend and replaced != backend:
                with alias(replaced, backend):
                    print(f"pynn-ext: pyNN.{replaced} is {backend} in this run", file=sys.stderr)
                    code = _execute(script, argv)
            else:
                code = _execute(script, argv)
        finally:
            watch.stop()
    return code, watch


def _read(script: str) -> str:
    try:
        return Path(script).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"cannot read the script {script}: {error.strerror}", remedy="check the path"
        ) from None


def _execute(script: str, argv: list[str]) -> int:
    """Run the script as ``__main__`` with `argv` and its own folder first on the path."""
    before = sys.argv, sys.path[:]
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        return _exit_code(stop.code)
    except KeyboardInterrupt:
        print("pynn-ext: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BaseException as error:
        sys.stdout.flush()
        _advise(error)
        _hook()(type(error), error, _own_traceback(error, script))
        return UNSUPPORTED if isinstance(error, UnsupportedError) else FAILED
    finally:
        sys.argv, sys.path[:] = before
    from .frontend.interrupts import INTERRUPTS

    return INTERRUPTED if INTERRUPTS.asked else OK


def _advise(error: BaseException) -> None:
    """Add what helps to an error of a script that makes a backend's name at run time, which is not seen beforehand."""
    if not isinstance(error, ImportError):
        return
    folders = [
        Path(frame.f_code.co_filename).parts[-3:-1] for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    for name in OFFICIAL:
        if ("pyNN", name) in folders or error.name == f"pyNN.{name}":
            error.add_note(
                f"pynn-ext: the script imports pyNN.{name}. Remedy: for another backend in its place, "
                f"--backend codegen --replace {name}"
            )


def _hook() -> Callable[..., Any]:
    """Return what shows an error; Brian2's own hook asks for a bug report, once, and is silent afterwards."""
    theirs = getattr(sys.excepthook, "__module__", "").partition(".")[0] == "brian2"
    return sys.__excepthook__ if theirs else sys.excepthook


def _exit_code(code: object) -> int:
    if code is None or isinstance(code, int):
        return code if code in (OK, USAGE) else OK if not code else FAILED  # type: ignore[return-value]
    print(code, file=sys.stderr)
    return FAILED


def _own_traceback(error: BaseException, script: str) -> TracebackType | None:
    """Return the traceback from the script's first frame on, as Python itself would show it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    error.__traceback__ = trace
    return trace
