"""Finds the standard models: every file of this folder, every class in it that names a PyNN standard
model."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from . import base


@lru_cache
def all_models() -> dict[str, type]:
    """Return the model classes of this folder by name, in the order of the files."""
    from pyNN.models import BaseModelType

    package = importlib.import_module(__package__ or "pynn_ext.models")
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if (
                own
                and not name.startswith("_")
                and issubclass(value, base.Model)
                and issubclass(value, BaseModelType)
            ):
                found[name] = value
    return found
