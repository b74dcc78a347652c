"""Makes ``import pyNN.<name>`` give the module of the backend ``<name>``, with PyNN itself untouched.

A finder at the end of ``sys.meta_path`` is asked only for modules that nobody else has, so a real
``pyNN.<name>`` always wins. It is put there by the installed ``.pth`` file, or by `install` when the package
is used without being installed. What it returns is the very module object of the backend: there is one state,
whatever the name.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

FINDER_NAME = "PynnExtFinder"


class AliasLoader:
    """Loads a module under a second name, leaving the module as it is."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module `target`, imported if need be."""
        from .plugins import import_backend

        module = import_backend(self.target)
        self.target_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Undo the one change importlib made: it replaced the module's ``__spec__`` by the alias's."""
        module.__spec__ = self.target_spec


def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
    """Return a spec for ``pyNN.<backend>``, or None for every other name (called by importlib)."""
    parent, _, backend = name.partition(".")
    if parent != "pyNN" or not backend.isidentifier():
        return None
    from .plugins import backend_module

    module = backend_module(backend)
    return None if module is None else ModuleSpec(name, AliasLoader(module))  # type: ignore[arg-type]


def install() -> None:
    """Append the finder to ``sys.meta_path`` unless the ``.pth`` file has done so."""
    if not any(getattr(finder, "__name__", "") == FINDER_NAME for finder in sys.meta_path):
        finder: Any = type(FINDER_NAME, (), {"find_spec": staticmethod(find_spec)})
        sys.meta_path.append(finder)
