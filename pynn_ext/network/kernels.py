"""A step written by hand: what equations cannot express in good time, for example products of matrices and vectors.

The C++ text runs for each block of 64 cells, with the cells as the innermost loop, so that every product is done for
64 of them at once. ``A[C_name] + block`` are the 64 values of the column ``name``, and columns whose names are
numbered (``m_0``, ``m_1``, ...) lie next to each other: ``A[C_m_0 + i] + block``. ``S_name`` is 0 for a parameter that
all cells share and 1 for one with a value for each: ``A[C_name][S_name * i]``. ``T_name`` points to the table ``name``,
row by row. ``h`` is the time step in ms. The NumPy function does the same where there is no compiler, to whole columns
in place. A kernel without a function takes the place of the integration: the equations say what it computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Kernel:
    """The hand-written part of a step of a `CellModel`; it precedes ``before`` and the integration, or is both of them.

    Parameters
    ----------
    source : str
        C++ statements.
    function : callable or None
        ``function(columns, tables, timestep)``: columns by name, shape ``(size,)``, to be changed in place. None if the
        kernel does what ``before`` and the equations say, which are then what runs where there is no compiler.
    tables : tuple of str
        Names of the arrays that all cells of a group share, `CellGroup.tables`.
    """

    source: str
    function: Callable[[Arrays, Arrays, float], Any] | None = None
    tables: tuple[str, ...] = ()

    @property
    def integrates(self) -> bool:
        """Whether it takes the place of ``before`` and of the integration."""
        return self.function is None
