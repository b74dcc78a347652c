"""The code generation engine: equations become C++, one small unit per model, which a fixed core runs in this
process. Without a C++ compiler the same equations run through NumPy.

Its names but `build_core` are loaded when they are first used (PEP 562): the core is compiled meanwhile."""

from typing import TYPE_CHECKING, Any

from .build import build_core

if TYPE_CHECKING:
    from .engine import Engine
    from .partners import draw_partners
    from .selection import choose_engine

__all__ = ["Engine", "build_core", "choose_engine", "draw_partners"]

_HOME = {"Engine": "engine", "choose_engine": "selection", "draw_partners": "partners"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
