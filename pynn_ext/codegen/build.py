"""The libraries of the core, begun to be compiled before they are needed.

What all networks need is compiled from the moment a script imports the backend, in two units by two processors;
what plastic synapses need, when the first of them is met, while the unit of their model is made. This module does not
import NumPy: the compiler starts before anything slow is imported."""

from __future__ import annotations

import contextlib
import ctypes
import threading

from ..errors import CompilerError
from . import cache

#: The units of each library, which are compiled at the same time.
UNITS = {"core": ("core.cpp", "bundles.cpp"), "plastic": ("plastic.cpp",)}
_building = {name: threading.Lock() for name in UNITS}
_begun: set[tuple[str, bool]] = set()


def core_library(name: str, single: bool) -> ctypes.CDLL:
    """Return a library of `UNITS`, built on first use, in single or double precision."""

    def sources() -> list[str]:
        define = "#define PYNN_EXT_SINGLE\n" * single
        return [define + (cache.CORE / unit).read_text() for unit in UNITS[name]]

    with _building[name]:
        return cache.library([name, single], lambda: (sources(), {}))[0]


def build_core(single: bool = False, name: str = "core") -> None:
    """Begin to build a library in the background, so that a cold start compiles it while the network is described. A
    failure is reported when it is used."""
    if (name, single) in _begun or cache.compiler() is None:
        return
    _begun.add((name, single))

    def build() -> None:
        with contextlib.suppress(CompilerError, OSError):
            core_library(name, single)

    threading.Thread(target=build, daemon=True).start()
