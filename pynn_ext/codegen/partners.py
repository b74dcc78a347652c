"""Partners of many cells from a NumPy generator, without a call for each cell; see ``core/partners.cpp``."""

from __future__ import annotations

import ctypes
from ctypes import c_int64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from . import cache
from .library import address

MOST = 2**31 - 1  # cells that 32 bits can tell apart


@lru_cache
def _library() -> ctypes.CDLL:
    library = cache.library("partners", lambda: ((cache.CORE / "partners.cpp").read_text(), {}))[0]
    library.draw_partners.argtypes = [
        c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_int64, c_int64, c_void_p, c_void_p,
    ]  # fmt: skip
    library.draw_partners.restype = None
    return library


def draw_partners(
    state: np.random.RandomState,
    counts: npt.NDArray[np.int64],
    size: int,
    first: int | None,
    with_replacement: bool,
) -> npt.NDArray[np.int32] | None:
    """Draw partners for one cell after the other, by ``randint(0, size, n)`` or ``permutation(size)[:n]``.

    Parameters
    ----------
    state : RandomState
        Is afterwards as these calls would have left it.
    counts : ndarray
        int64: the number of partners of each cell. Without replacement, whole sets come first where there are more
        than there are cells to choose from.
    size : int
        Number of cells to choose from.
    first : int or None
        If cells may not choose themselves: the place of the first cell among those to choose from.
    with_replacement : bool
        Whether a cell can be chosen twice.

    Returns
    -------
    ndarray or None
        int32, shape ``(counts.sum(),)``; None if there is no compiler, or no access to the generator.
    """
    generator: Any = getattr(state, "_bit_generator", None)
    if cache.compiler() is None or not hasattr(generator, "ctypes") or not 0 < size <= MOST:
        return None
    interface = generator.ctypes
    counts = np.ascontiguousarray(counts, dtype=np.int64)
    room, out = np.empty(size, np.int32), np.empty(int(counts.sum()), np.int32)
    function = ctypes.cast(interface.next_uint32, c_void_p)
    with generator.lock:
        _library().draw_partners(
            function, interface.state_address, address(counts), len(counts), size,
            -1 if first is None else first, with_replacement, address(room), address(out),
        )  # fmt: skip
    return out
