"""Metrics of an interconnect: the published vectors, and what must hold for any copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.chip import traffic
from pynn_ext.chip.traffic import Copies

GOLDEN = Path(__file__).parents[2] / "golden" / "metrics_vectors.json"
VECTORS: dict[str, Any] = json.loads(GOLDEN.read_text())["two_sources_one_dest"]


def copies_of(
    source: list[int], destination: list[int], generated: list[float], arrived: list[float]
) -> Copies:
    return Copies(
        np.array(source), np.array(destination), np.array(generated, float), np.array(arrived, float)
    )


def published(*names: str) -> Copies:
    source, generated, arrived = [], [], []
    for number, name in enumerate("AB"):
        if name in names:
            g = VECTORS["generated"][name]
            source += [number] * len(g)
            generated += g
            arrived += [t + lat for t, lat in zip(g, VECTORS["latency"][name], strict=True)]
    return copies_of(source, [0] * len(source), generated, arrived)


@pytest.mark.parametrize("name", "AB")
def test_published_flows(name: str) -> None:
    expected = VECTORS["expected"][name]
    found = traffic.interval_distortion(published(name))
    assert found.signed.tolist() == expected["ISI_distortion_signed_per_pair"]
    assert found.mean_absolute == expected["mean_abs_ISI_distortion"]
    assert found.largest == max(map(abs, expected["ISI_distortion_signed_per_pair"]))
    ratio = expected["mean_ISI_rx"] / expected["mean_ISI_src"]
    assert found.relative == pytest.approx(abs(ratio - 1))
    assert traffic.flow_disorder(published(name)) == expected["flow_disorder_count"]


def test_published_destination() -> None:
    both, expected = published("A", "B"), VECTORS["expected"]["destination"]
    assert traffic.destination_disorder(both) == expected["disorder_vs_running_max"]
    count, part = traffic.inversions(both)
    n = expected["n"]
    assert count == expected["inversions_kendall"] and part == pytest.approx(2 * count / (n * (n - 1)))
    lat = VECTORS["latency"]["A"] + VECTORS["latency"]["B"]
    found = traffic.latency(both)
    assert (found.mean, found.median, found.largest) == (np.mean(lat), np.median(lat), 30.0)
    assert found.p95 == pytest.approx(np.percentile(lat, 95))


COPIES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 60), st.integers(0, 20)), max_size=40
)


@given(COPIES)
def test_an_ideal_interconnect_changes_nothing(rows: list[tuple[int, int, int, int]]) -> None:
    source, destination, generated, _ = (
        (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [], [])
    )
    ideal = copies_of(source, destination, generated, [g + 5 for g in generated])
    assert traffic.flow_disorder(ideal) == traffic.destination_disorder(ideal) == 0
    assert traffic.inversions(ideal) == (0, 0.0)
    distortion = traffic.interval_distortion(ideal)
    assert not distortion.signed.any()
    if rows:
        found = traffic.latency(ideal)
        assert found.mean == found.median == found.largest == 5.0


@given(COPIES)
def test_inversions_by_definition(rows: list[tuple[int, int, int, int]]) -> None:
    copies = copies_of(
        [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[2] + r[3] for r in rows]
    )
    expected = sum(
        1
        for i, a in enumerate(rows)
        for b in rows[i + 1 :]
        if a[1] == b[1] and (a[2] - b[2]) * ((a[2] + a[3]) - (b[2] + b[3])) < 0
    )
    assert traffic.inversions(copies)[0] == expected


@given(COPIES)
def test_disorder_by_definition(rows: list[tuple[int, int, int, int]]) -> None:
    copies = copies_of(
        [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[2] + r[3] for r in rows]
    )
    arrivals = sorted(rows, key=lambda r: (r[2] + r[3], r[2]))
    for count, flow in (
        (traffic.flow_disorder, lambda r: r[:2]),
        (traffic.destination_disorder, lambda r: r[1]),
    ):
        youngest: dict[Any, int] = {}
        expected = 0
        for row in arrivals:
            expected += row[2] < youngest.get(flow(row), -1)
            youngest[flow(row)] = max(row[2], youngest.get(flow(row), -1))
        assert count(copies) == expected


def test_loss_and_lateness() -> None:
    copies = Copies(
        np.zeros(4, int), np.zeros(4, int), np.zeros(4), np.array([1.0, 2.0, np.nan, 6.0]),
        np.array([0.5, 0.5, 0.5, 0.5]), np.array([1, 2, 2, 2]), np.array([2.0, 2.0, 2.0, 2.0]),
    )  # fmt: skip
    assert traffic.loss(copies) == 0.25
    assert traffic.lateness(copies) == pytest.approx(1 / 3)
    assert traffic.network_latency(copies).mean == pytest.approx(2.5)
    by_hops = traffic.latency_by_hops(copies)
    assert by_hops[1].n == 1 and by_hops[2].mean == 4.0


def test_nothing_at_all() -> None:
    empty = copies_of([], [], [], [])
    assert traffic.latency(empty).n == 0 and traffic.loss(empty) == 0.0
    assert np.isnan(traffic.interval_distortion(empty).rms)
