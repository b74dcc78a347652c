"""A step written by hand: what equations cannot express in good time, for example products of matrices and vectors.

The C++ text runs for each block of 64 cells, with the cells as the innermost loop, so that every product is done for
64 of them at once. ``A[C_name] + block`` are the 64 values of the column ``name``, and columns whose names are
numbered (``m_0``, ``m_1``, ...) lie next to each other: ``A[C_m_0 + i] + block``. Columns are of type ``real``.
``T_name`` points to the table ``name``, row by row. ``h`` is the time step in ms. The NumPy function does the same
where there is no compiler, to whole columns in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Kernel:
    """The hand-written part of a step of a `CellModel`; it precedes ``before`` and the integration.

    Parameters
    ----------
    source : str
        C++ statements.
    function : callable
        ``function(columns, tables, timestep)``: columns by name, shape ``(size,)``, to be changed in place.
    tables : tuple of str
        Names of the arrays that all cells of a group share, `CellGroup.tables`, in double precision.
    single : bool
        Whether columns may be of single precision.
    """

    source: str
    function: Callable[[Arrays, Arrays, float], Any]
    tables: tuple[str, ...] = ()
    single: bool = False
