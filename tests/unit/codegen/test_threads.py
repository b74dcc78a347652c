"""Which thread has which cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen.threads import BLOCK, LEAST_BLOCKS, PATIENCE, ROUNDS, TRIAL, Trial, division, load


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


@pytest.mark.parametrize("piece", [7, 2000])
@pytest.mark.parametrize("step_s", [{1: 5e-6, 2: 9e-6}, {1: 20e-6, 2: 12e-6}], ids=["small", "large"])
def test_what_is_faster_is_found_out_and_again(piece: int, step_s: dict[int, float]) -> None:
    trial, steps = Trial(2), {1: 0, 2: 0}
    while sum(steps.values()) < 4 * PATIENCE:
        threads, n = trial.choose(piece)
        assert 0 < n <= piece
        stalls = 1e-2 * (steps[threads] == 0)  # of the first piece, as code and pages are new
        trial.tell(n, n * step_s[threads] + stalls)
        steps[threads] += n
    best = min(step_s, key=lambda threads: step_s[threads])
    assert steps[3 - best] <= 2 * ROUNDS * TRIAL
    step_s[best] *= 10  # the machine has other things to do
    for _ in range(6 * PATIENCE * 16 // piece):
        threads, n = trial.choose(piece)
        trial.tell(n, n * step_s[threads])
    assert trial.choose(piece)[0] == 3 - best
