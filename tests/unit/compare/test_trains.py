"""Distances between spike trains: the published vectors, closed forms, symmetry."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.compare import trains

GOLDEN = Path(__file__).parents[2] / "golden" / "metrics_vectors.json"
VECTORS = json.loads(GOLDEN.read_text())["distances"]
TRAINS = st.lists(st.integers(0, 100), unique=True, max_size=12).map(lambda t: np.sort(np.array(t, float)))
DISTANCES = [trains.isi_distance, trains.spike_distance]


@pytest.mark.parametrize("name", ["isi_distance", "spike_distance"])
def test_published_vectors(name: str) -> None:
    a, b = np.array(VECTORS["ref"], float), np.array(VECTORS["hw"], float)
    expected = VECTORS["pyspike"][name]
    assert getattr(trains, name)(a, b, VECTORS["t_end_ms"]) == pytest.approx(expected, abs=1e-12)


def test_published_synchronisation() -> None:
    a, b = np.array(VECTORS["ref"], float), np.array(VECTORS["hw"], float)
    assert trains.spike_synchronisation(a, b, 100.0) == pytest.approx(VECTORS["pyspike"]["spike_sync"])


@pytest.mark.parametrize("distance", DISTANCES)
@given(a=TRAINS, b=TRAINS)
def test_bounded_symmetric_and_zero_for_equal_trains(distance: object, a: np.ndarray, b: np.ndarray) -> None:
    assert callable(distance)
    there, back = distance(a, b, 100.0), distance(b, a, 100.0)
    assert there == pytest.approx(back, abs=1e-12) and -1e-12 <= there <= 1.0
    assert distance(a, a, 100.0) == pytest.approx(0.0, abs=1e-12)


def test_isi_distance_of_regular_trains() -> None:
    # intervals 10 and 20 everywhere
    a, b = np.arange(0.0, 101.0, 10.0), np.arange(0.0, 101.0, 20.0)
    assert trains.isi_distance(a, b, 100.0) == pytest.approx(0.5)


def test_spike_distance_of_a_shifted_train() -> None:
    # far from the edges both intervals are 10 and every spike is 2 from its neighbour: S = 2 * 2 * 10 / (0.5 * 20^2)
    a = np.arange(0.0, 10001.0, 10.0)
    assert trains.spike_distance(a, a[:-1] + 2.0, 10000.0) == pytest.approx(0.2, rel=1e-3)


@given(a=TRAINS, b=TRAINS)
def test_synchronisation_counts_coincidences(a: np.ndarray, b: np.ndarray) -> None:
    found = trains.spike_synchronisation(a, b, 100.0)
    assert 0.0 <= found <= 1.0 and trains.spike_synchronisation(a, a, 100.0) == 1.0
    shared = np.isin(a, b).sum() + np.isin(b, a).sum()
    assert found * max(len(a) + len(b), 1) >= shared - 1e-9
