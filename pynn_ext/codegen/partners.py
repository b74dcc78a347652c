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
        c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_int64, c_int64, c_int64, c_int64, c_void_p, c_void_p,
    ]  # fmt: skip
    library.draw_partners.restype = None
    return library


def draw_partners(
    state: np.random.RandomState,
    counts: npt.NDArray[np.int64],
    size: int,
    first: int | None,
    with_replacement: bool,
    *,
    drawn: tuple[int, int] | None = None,
    worth_compiling: bool = True,
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
    drawn : (int, int), optional
        Draw the number of partners of each cell, by ``randint(low, high)``, before its partners, and write it to
        `counts`; 0 <= low < high.
    worth_compiling : bool
        Whether to compile what is not in the cache yet.

    Returns
    -------
    ndarray or None
        int32, shape ``(counts.sum(),)``; None if there is no compiler, no access to the generator, or nothing compiled
        and that not worth while. The generator is then as it was.
    """
    generator: Any = getattr(state, "_bit_generator", None)
    low, high = drawn or (0, 1)
    if not (hasattr(generator, "ctypes") and 0 < size <= MOST and 0 <= low < high <= MOST):
        return None
    if cache.compiler() is None or not (worth_compiling or cache.has_library("partners")):
        return None
    interface, own = generator.ctypes, np.ascontiguousarray(counts, dtype=np.int64)
    most = len(own) * (high - 1) if drawn else int(own.sum())
    room, out = np.empty(size, np.int32), np.empty(most, np.int32)
    function = ctypes.cast(interface.next_uint32, c_void_p)
    with generator.lock:
        _library().draw_partners(
            function, interface.state_address, address(own), len(own), low, high - 1 - low if drawn else -1, size,
            -1 if first is None else first, with_replacement, address(room), address(out),
        )  # fmt: skip
    if not drawn:
        return out
    counts[:] = own
    return out[: int(own.sum())]
