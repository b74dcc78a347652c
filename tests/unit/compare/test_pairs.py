"""Where two recordings part, and how well they agree, on trains made for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.compare.pairs import Divergence, agreement, first_divergence, pairs
from pynn_ext.compare.recordings import Recorded, Recordings, Segment, Signal


def recordings(
    backend: str, *trains: list[float], t_stop: float = 100.0, v: float | None = None
) -> Recordings:
    times = np.concatenate([np.array(t, float) for t in trains]) if trains else np.empty(0)
    index = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
    order = np.argsort(times, kind="stable")
    signals = {} if v is None else {"v": Signal(np.full((11, 1), v), np.array([0]), 0.0, 10.0, "mV")}
    segment = Segment(t_stop, times[order], index[order], np.arange(len(trains)), signals)
    return Recordings([Recorded("p", len(trains), "X", [segment])], {"backend": backend})


def parted(a: list[list[float]], b: list[list[float]], tolerance: float = 0.1) -> Divergence | None:
    return first_divergence(pairs(recordings("a", *a), recordings("b", *b)), tolerance)


def test_equal_trains_do_not_part() -> None:
    assert parted([[1.0, 2.0], [5.0]], [[1.05, 1.95], [5.1]]) is None


@pytest.mark.parametrize(
    ("a", "b", "time", "what", "shift"),
    [
        ([1, 5, 9], [1, 6, 9], 5.0, "shifted", 1.0),
        ([1, 5, 9], [1, 4, 9], 4.0, "shifted", -1.0),
        ([1, 5, 9], [1, 9], 5.0, "missing", None),
        ([1, 9], [1, 5, 9], 5.0, "extra", None),
        ([1, 5], [1], 5.0, "missing", None),
        ([1], [1, 7], 7.0, "extra", None),
    ],
)
def test_the_first_difference(a: list, b: list, time: float, what: str, shift: float | None) -> None:
    found = parted([a], [b])
    assert found is not None and (found.time, found.what) == (time, what)
    if shift is not None:
        assert found.shift == shift


def test_the_earliest_of_all_cells() -> None:
    found = parted([[1, 50], [2, 30], [3]], [[1, 51], [2, 33], [3]])
    assert found is not None and (found.cell, found.time, found.population) == (1, 30.0, "p")
    assert found.agreed == 3


@given(st.lists(st.lists(st.integers(0, 99), unique=True, max_size=8).map(sorted), min_size=1, max_size=4))
def test_a_train_agrees_with_itself(trains: list[list[float]]) -> None:
    pair = pairs(recordings("a", *trains), recordings("b", *trains))[0]
    found = agreement(pair, 0.1)
    assert found.coincident == 1.0 and found.isi == found.spike == pytest.approx(0.0, abs=1e-12)
    assert found.spikes[0] == found.spikes[1] == sum(map(len, trains))


def test_rates_and_signals() -> None:
    pair = pairs(recordings("a", [1, 2, 3, 4], v=-65.0), recordings("b", [1, 2], v=-63.0))[0]
    found = agreement(pair, 0.1)
    assert found.rate == (40.0, 20.0) and found.signals == {"v": 2.0}
    assert found.coincident == pytest.approx(4 / 6)


def test_other_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="1 cells on a and 2"):
        pairs(recordings("a", [1]), recordings("b", [1], [2]))
