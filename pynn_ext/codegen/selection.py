"""Which engine runs a network: compiled where there is a C++ compiler, otherwise interpreted, with one
warning."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from ..network import Network
from . import cache
from .engine import Engine

if TYPE_CHECKING:
    from .interpreted import InterpretedEngine


def choose_engine(network: Network, threads: int = 1) -> Engine | InterpretedEngine:
    """Return the engine for `network`: `Engine`, or `InterpretedEngine` if there is no C++ compiler.

    Parameters
    ----------
    network : Network
        What to simulate.
    threads : int
        Number of threads of the compiled engine.
    """
    if cache.compiler():
        return Engine(network, threads)
    _warn()
    from .interpreted import InterpretedEngine

    return InterpretedEngine(network, threads)


@lru_cache  # once per process, however many networks there are
def _warn() -> None:
    warnings.warn(
        "no C++ compiler was found, so the equations run through NumPy: the same results, but ten to a thousand "
        "times slower. Run 'pynn-ext doctor' to see what to install.",
        RuntimeWarning,
        stacklevel=3,
    )
