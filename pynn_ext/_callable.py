"""Packages that may be called: ``pynn_ext.compare(...)`` works beside ``import pynn_ext.compare.pairs``."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(package: str, home: str) -> None:
    """Let calling a package call the function of its own name in its module `home`, imported then."""

    class Callable(ModuleType):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            function = getattr(import_module(f"{package}.{home}"), package.rsplit(".", 1)[1])
            return function(*args, **kwargs)

    sys.modules[package].__class__ = Callable
