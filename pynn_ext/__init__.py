"""Run an unchanged PyNN script on a compiled engine or on a model of a neuromorphic chip; Neo comes out.

A script says ``import pyNN.<name> as sim`` for any name that ``pynn-ext backends`` lists. This module imports
neither PyNN nor Brian2 nor SciPy; its public names are loaded when they are first used (PEP 562).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import _alias

if TYPE_CHECKING:
    from . import compare, sweep
    from .errors import PynnExtError
    from .frontend.stored import read_recordings
    from .plugins import backend_names, backend_summary, load_backend

__version__ = "0.1.0"
__all__ = [
    "PynnExtError",
    "__version__",
    "backend_names",
    "backend_summary",
    "compare",
    "load_backend",
    "read_recordings",
    "sweep",
]

#: Where each public name is; a package that may be called is a name of its own.
_HOME = {
    "PynnExtError": "errors",
    "backend_names": "plugins",
    "backend_summary": "plugins",
    "compare": "compare",
    "load_backend": "plugins",
    "read_recordings": "frontend.stored",
    "sweep": "sweep",
}


def _extend_path() -> None:
    """In a checkout the folder ``backends`` lies beside this package, not inside it as once installed."""
    here = os.path.dirname(os.path.abspath(__file__))
    above = os.path.dirname(here)
    inside = os.path.isdir(os.path.join(here, "backends"))
    if not inside and os.path.isfile(os.path.join(above, "backends", "__init__.py")):
        __path__.append(above)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f"{__name__}.{_HOME[name]}")
    value = module if name == _HOME[name] else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_extend_path()
_alias.install()
