"""Which thread has which cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen.threads import BLOCK, LEAST_BLOCKS, division, load


@pytest.mark.parametrize("threads", [1, 2, 3, 64])
def test_every_cell_has_one_thread_and_the_work_is_equal(threads: int, build: Any) -> None:
    b = build()
    groups = [b.cells(n) for n in (10_000, 64, 3, 2500)] + [b.times([1.0])]
    b.connect(groups[0], groups[3], np.zeros((2, 1000), int))
    work = load(b.network)
    assert work[3] > 2500 and work[4] == 0
    shares = np.zeros(threads)
    for group, value, bounds in zip(groups, work, division(groups, work, threads), strict=True):
        assert len(bounds) == threads + 1 and bounds[0] == 0 and group.size <= bounds[-1] < group.size + BLOCK
        assert np.all(np.diff(bounds) >= 0) and not np.any(bounds % BLOCK)
        shares += np.diff(bounds) / bounds[-1] * value
    assert shares.max() - shares.min() < 2 * LEAST_BLOCKS * BLOCK
