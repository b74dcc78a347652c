"""Circuits and the couplings between their parts, built of PyNN's own objects.

The first argument of each is a backend, ``import pyNN.codegen as sim``, and what it makes are its populations and
projections. Every file of this folder says in ``__all__`` what it offers; all of it can be imported from here."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Any


@lru_cache
def offered() -> dict[str, Any]:
    """Return what the files of this folder offer, by name."""
    found: dict[str, Any] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found.update({name: getattr(module, name) for name in module.__all__})
    return found


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in offered():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return offered()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *offered()})
