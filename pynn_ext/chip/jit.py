"""How kernels are compiled: by Numba, cached on disk, and always from the source that is there.

With ``NUMBA_DISABLE_JIT=1`` a kernel is the Python function as written; results are equal to the byte. Numba
renews a cached kernel when the kernel's own file changes, but not when a function changes that it calls from
another file. Here the stamp of a cache is therefore a digest of all sources of the chip kernel and of the
folder the file is in.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


@functools.cache
def _digest(folder: str) -> str:
    """Digest of the sources a kernel of a folder may be made of."""
    total = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), *sorted(Path(folder).glob("*.py"))]:
        total.update(path.read_bytes())
    return total.hexdigest()


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep the result on disk.

    Parameters
    ----------
    function : callable
        Integers, floats and NumPy arrays (or named tuples of these) in and out. It must not divide integers
        by zero, overflow 64 bits or index out of range: compiled code does not check.

    Returns
    -------
    callable
    """
    compiled = njit(cache=True)(function)
    try:
        file = compiled._cache._cache_file
        file._source_stamp = (*file._source_stamp, _digest(str(Path(function.__code__.co_filename).parent)))
    except AttributeError:  # plain Python, or a Numba that keeps its cache in another way
        return njit(function)  # type: ignore[no-any-return]
    return compiled  # type: ignore[no-any-return]
