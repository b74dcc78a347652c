"""Learning procedures: objects for ``run(callbacks=[...])`` that learn through PyNN's interface, on any backend.

Every file of this folder holds one; `procedures` finds them. Their base is `LearningProcedure`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Any

from .base import History, LearningProcedure


@lru_cache
def procedures() -> dict[str, type[LearningProcedure]]:
    """Return the classes of all procedures by name, in the order of the files."""
    found: dict[str, type[LearningProcedure]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            public = not name.startswith("_") and value is not LearningProcedure
            if own and public and issubclass(value, LearningProcedure):
                found[name] = value
    return found


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in procedures():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return procedures()[name]


def __dir__() -> list[str]:
    return sorted({*__all__, *procedures()})


__all__ = ["History", "LearningProcedure", "procedures"]
