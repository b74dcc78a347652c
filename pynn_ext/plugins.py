"""Finds backends and models: the files of our own folders, then the entry points of other packages.

A backend is a module of `pynn_ext.backends`, a model file one of `pynn_ext.models`; another distribution adds
its own by an entry point of the group ``pynn_ext.backends`` or ``pynn_ext.models`` that names a module. The
file's name is the plugin's name. Names that start with an underscore, and the models' ``base`` and
``registry``, are helpers. Listing imports no plugin.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType

from .errors import UsageError, suggestion

BACKENDS = "pynn_ext.backends"
MODELS = "pynn_ext.models"
_HELPERS = {BACKENDS: frozenset[str](), MODELS: frozenset({"base", "registry"})}


def _own(package: str) -> list[str]:
    """Names of the plugin files in our own folder."""
    path = importlib.import_module(package).__path__
    names = (module.name for module in pkgutil.iter_modules(path))
    return [name for name in names if not name.startswith("_") and name not in _HELPERS[package]]


def _foreign(group: str) -> dict[str, str]:
    """Entry points of other distributions: ``{name: module}``."""
    from importlib.metadata import entry_points

    return {point.name: point.module for point in entry_points(group=group)}


def _names(package: str) -> list[str]:
    return sorted({*_own(package), *_foreign(package)})


def _module(package: str, name: str) -> str | None:
    """Dotted name of the module of a plugin; our own file wins over an entry point of the same name."""
    return f"{package}.{name}" if name in _own(package) else _foreign(package).get(name)


def _known_module(package: str, name: str) -> str:
    module = _module(package, name)
    if module is None:
        kind = package.rpartition(".")[2].removesuffix("s")
        raise UsageError(f"there is no {kind} named {name!r}", remedy=suggestion(name, _names(package)))
    return module


def _summary(module: str) -> str:
    """First line of a module's docstring, read from its source."""
    import ast

    spec = importlib.util.find_spec(module)
    source = spec.loader.get_source(module) if spec and hasattr(spec.loader, "get_source") else None  # type: ignore[union-attr]
    docstring = ast.get_docstring(ast.parse(source)) if source else None
    return docstring.splitlines()[0] if docstring else ""


def backend_names() -> list[str]:
    """Return the names of all backends, sorted, without importing any.

    Returns
    -------
    list of str
        Each is a `name` for `load_backend` and for ``import pyNN.<name>``.
    """
    return _names(BACKENDS)


def backend_module(name: str) -> str | None:
    """Return the dotted name of a backend's module.

    Parameters
    ----------
    name : str
        Name of the backend.

    Returns
    -------
    str or None
        None if there is no such backend. The module is not imported.
    """
    return _module(BACKENDS, name)


def load_backend(name: str) -> ModuleType:
    """Import a backend.

    Parameters
    ----------
    name : str
        One of `backend_names`.

    Returns
    -------
    module
        The same object as ``pyNN.<name>``.

    Raises
    ------
    UsageError
        If there is no such backend.
    """
    return import_backend(_known_module(BACKENDS, name))


def import_backend(module: str) -> ModuleType:
    """Import the module of a backend, and PyNN with it, without what a run does not use (`_deferred`)."""
    import gc

    from ._deferred import deferred

    # Modules do not become garbage: looking for it while PyNN is imported would take a tenth of the time. Afterwards
    # what is there is moved to the oldest generation, as if it had been looked at.
    collecting = gc.isenabled()
    gc.disable()
    try:
        with deferred():
            return importlib.import_module(module)
    finally:
        if collecting:
            if not gc.get_freeze_count():  # else somebody has frozen objects, and wants them to stay so
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def backend_summary(name: str) -> str:
    """Return the first line of a backend's docstring without importing the backend.

    Parameters
    ----------
    name : str
        One of `backend_names`.

    Returns
    -------
    str
        Empty if the module has no docstring or no source.

    Raises
    ------
    UsageError
        If there is no such backend.
    """
    return _summary(_known_module(BACKENDS, name))


def model_names() -> list[str]:
    """Return the names of all model files, sorted, without importing any."""
    return _names(MODELS)


def load_model(name: str) -> ModuleType:
    """Import a model file; raises `UsageError` if there is no such file."""
    return importlib.import_module(_known_module(MODELS, name))


def model_summary(name: str) -> str:
    """Return the first line of a model file's docstring without importing it."""
    return _summary(_known_module(MODELS, name))
