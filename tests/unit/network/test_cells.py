"""Columns of cells in memory."""

from __future__ import annotations

import numpy as np
import pytest

from pynn_ext.network.cells import PADDING, padded, repeat_last


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
def test_a_column_begins_at_a_line_of_the_cache_and_repeats_its_last_value(dtype: type) -> None:
    kept = []  # so that the next one is elsewhere
    for size in (1, 5, 63, 64, 65, 700):
        column = padded(size, np.arange(size), dtype)
        kept.append(column)
        assert column.ctypes.data % 64 == 0 and np.array_equal(column, np.arange(size))
        column[-1] = 7
        repeat_last(column)
        whole = np.lib.stride_tricks.as_strided(column, (-(-size // PADDING) * PADDING,))
        assert np.array_equal(whole[: size - 1], np.arange(size - 1)) and np.all(whole[size - 1 :] == 7)
