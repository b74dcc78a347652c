"""What PyNN imports but a run does not use is imported when it is used.

Two thirds of the time of ``import pyNN.common`` go to what a few import statements cause: PyNN's of Neo and Quantities,
which data are returned in, and of Jinja2, Lazyarray's of SciPy's sparse matrices and its look at all that NumPy has,
Neo's of its file formats and of what tells its version, and Quantities' of the constants of physics. While a backend of
ours is imported, these `STATEMENTS`, and no others, give a stand-in (`deferred` puts a function before
``builtins.__import__`` and takes it away again). What a stand-in is asked for comes from the module itself, imported at
that moment. So that Neo, which comes later then, still does not import its file formats, a finder (`Later`) has it, and
Quantities, executed in the same way, whoever imports it first.

Nothing unfinished is ever in ``sys.modules``: whoever else imports one of these modules, before, afterwards, or at the
same time in another thread, gets the module, whole. If it is in ``sys.modules`` already, or not installed, the
statement is executed as ever. A module that cannot be imported says so where it is used. ``PYNN_EXT_DEFER=0`` turns
all this off.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

from ._versions import installed_version

Namespace = dict[str, Any]


class Deferred:
    """Stands for a module, or for what a call of something in it returns, until an attribute is read.

    Parameters
    ----------
    find : callable
        Returns the object that is stood for.
    """

    def __init__(self, find: Callable[[], Any]) -> None:
        self.__dict__["_find"] = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)

    def __dir__(self) -> list[str]:
        return dir(self._find())


class DeferredSparse(Deferred):
    """Stands for `scipy.sparse` in Lazyarray, which asks of every value whether it is a sparse matrix.

    As long as nobody has imported `scipy.sparse` there are none."""

    def issparse(self, value: object) -> bool:
        """Return whether `value` is a sparse matrix."""
        ask = getattr(sys.modules.get("scipy.sparse"), "issparse", None)
        return ask is not None and ask(value)


class Loaded(Deferred):
    """Stands for a module, without the names that it would import when they are used."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(lambda: module)

    def __dir__(self) -> list[str]:
        return sorted(vars(self._find()))


class DeferredEnvironment:
    """Stands for `jinja2` in PyNN, which makes an environment that only ``describe(engine="jinja2")`` uses."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("jinja2"), name)

    def Environment(self, **options: Any) -> Deferred:  # noqa: N802  (Jinja2's name)
        """Stand for an environment."""
        made: list[Any] = []

        def find() -> Any:
            if not made:
                given = {key: value() if callable(value) else value for key, value in options.items()}
                made.append(importlib.import_module("jinja2").Environment(**given))
            return made[0]

        return Deferred(find)

    def PackageLoader(self, *names: str) -> Callable[[], Any]:  # noqa: N802  (Jinja2's name)
        """Return what makes a loader of templates."""
        return lambda: importlib.import_module("jinja2").PackageLoader(*names)


def _whole(name: str) -> Callable[[Namespace], Any]:
    """Return what makes the stand-in for a module, which gives way to the module as soon as that is used."""

    def stand(namespace: Namespace) -> Deferred:
        def find() -> ModuleType:
            module = importlib.import_module(name)
            for bound in [key for key, value in namespace.items() if value is standing]:
                namespace[bound] = module
            return module

        standing = Deferred(find)
        return standing

    return stand


def _sparse(_: Namespace) -> Any:
    return SimpleNamespace(sparse=DeferredSparse(lambda: importlib.import_module("scipy.sparse")))


def _numpy(lazyarray: Namespace) -> Any:
    """Lazyarray looks at everything that ``dir(numpy)`` names for functions to wrap, and so imports what NumPy itself
    imports when it is used: the interface to Fortran, tests, types. It is told the names that are there already."""
    import numpy

    _afterwards.append(lambda: lazyarray.update(np=numpy))
    return Loaded(numpy)


def _metadata(neo: Namespace) -> Any:
    """Neo imports `importlib.metadata`, and with it the modules for e-mail, to learn its own version."""
    _afterwards.append(lambda: neo.update(importlib=importlib))
    return SimpleNamespace(metadata=SimpleNamespace(version=installed_version))


def _get_io(_: Namespace) -> Any:
    def get_io(*args: Any, **options: Any) -> Any:
        return importlib.import_module("neo.io").get_io(*args, **options)

    return SimpleNamespace(get_io=get_io)


def _file_formats(neo: Namespace) -> Any:
    """``from neo.io import *`` binds nothing yet: the names come with the first that Neo does not have (PEP 562)."""

    @lru_cache(1)
    def fill() -> None:
        found = vars(importlib.import_module("neo.io"))
        neo.update({name: value for name, value in found.items() if not name.startswith("_")})

    _fill_when_asked(neo, fill)
    return SimpleNamespace(__all__=())


def _constants(quantities: Namespace) -> Any:
    """``from . import constants`` binds a stand-in, and afterwards nothing until somebody asks for it (PEP 562)."""
    standing = Deferred(lambda: importlib.import_module("quantities.constants"))

    @lru_cache(1)
    def fill() -> None:
        quantities["constants"] = importlib.import_module("quantities.constants")

    def unbind() -> None:
        if quantities.get("constants") is standing:
            del quantities["constants"]
            _fill_when_asked(quantities, fill)

    _afterwards.append(unbind)
    return SimpleNamespace(constants=standing)


def _fill_when_asked(module: Namespace, fill: Callable[[], None]) -> None:
    """Let `fill` complete a module as soon as a name is missing in it, or all its names are wanted."""

    def get(name: str) -> Any:
        if not name.startswith("_") or name == "__all__":  # which ``from module import *`` asks for
            fill()
            if name in module:
                return module[name]
        raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")

    def names() -> list[str]:
        fill()
        return sorted(module.keys() - {"__getattr__", "__dir__"})

    module.update(__getattr__=get, __dir__=names)


#: Of each statement: the module it is in, what it imports as ``__import__`` is told, which module that is, and what
#: to return in place of it.
STATEMENTS: dict[tuple[str, str, tuple[str, ...]], tuple[str, Callable[[Namespace], Any]]] = {
    ("lazyarray", "scipy", ("sparse",)): ("scipy.sparse", _sparse),
    ("lazyarray", "numpy", ()): ("numpy.f2py", _numpy),
    ("pyNN.recording", "neo", ()): ("neo", _whole("neo")),
    ("pyNN.recording", "quantities", ()): ("quantities", _whole("quantities")),
    ("pyNN.standardmodels.base", "neo", ()): ("neo", _whole("neo")),
    ("pyNN.standardmodels.base", "quantities", ()): ("quantities", _whole("quantities")),
    ("neo", "importlib.metadata", ()): ("importlib.metadata", _metadata),
    ("neo", "neo.io", ("*",)): ("neo.io", _file_formats),
    ("pyNN.network", "neo.io", ("get_io",)): ("neo.io", _get_io),
    ("quantities", "", ("constants",)): ("quantities.constants", _constants),
    ("pyNN.descriptions", "jinja2", ()): ("jinja2", lambda _: DeferredEnvironment()),
}
_MODULES = {module for module, _, _ in STATEMENTS}

_lock = threading.Lock()
_users = 0
_afterwards: list[Callable[[], None]] = []
_before: Callable[..., Any] = builtins.__import__


def _import(
    name: str,
    globals: Namespace | None = None,
    locals: Namespace | None = None,
    fromlist: Sequence[str] | None = None,
    level: int = 0,
) -> Any:
    """Stand for ``builtins.__import__`` for a while."""
    if _users and globals is not None and globals.get("__name__") in _MODULES:
        known = STATEMENTS.get((globals["__name__"], name, tuple(fromlist or ())))
        if known is not None and _may_wait(known[0]):
            return known[1](globals)
    return _before(name, globals, locals, fromlist or (), level)


def _may_wait(module: str) -> bool:
    """Return whether a module has not been imported yet, and is there."""
    if module in sys.modules:
        return False
    first = module.partition(".")[0]
    return sys.modules[first] is not None if first in sys.modules else find_spec(first) is not None


class _Loader:
    """Loads a module with `STATEMENTS` deferred; the module has the loader that it would have without."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module."""
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        with deferred():
            self.loader.exec_module(module)


class Later:
    """Finds modules of `NAMES`, for whoever imports them first, as all other finders do."""

    NAMES = frozenset({"neo", "quantities"})

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module, None for all other names (called by importlib)."""
        if name not in self.NAMES:
            return None
        others = (getattr(finder, "find_spec", None) for finder in sys.meta_path if finder is not self)
        specs = (find(name, path, target) for find in others if find is not None)
        spec: ModuleSpec | None = next((found for found in specs if found is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
        return spec


@contextmanager
def deferred() -> Iterator[None]:
    """Let `STATEMENTS` wait that are executed within, in any thread."""
    global _users, _before
    if os.environ.get("PYNN_EXT_DEFER") == "0":
        yield
        return
    with _lock:
        _users += 1
        if _users == 1:
            _before = builtins.__import__
            builtins.__import__ = _import  # type: ignore[assignment]
        if not any(isinstance(finder, Later) for finder in sys.meta_path):
            sys.meta_path.insert(0, Later())  # type: ignore[arg-type]
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users and builtins.__import__ is _import:
                builtins.__import__ = _before
            while _afterwards:
                _afterwards.pop()()
