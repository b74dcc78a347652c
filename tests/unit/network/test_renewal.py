"""Renewal processes: the same spikes however time is cut, and the hazard of gamma intervals in its far tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.network import DeadTimeSource, GammaSource, InhomogeneousGammaSource, RenewalSource
from pynn_ext.network.renewal import _cumulative_hazard, _gamma_age


def _arrays(*values: list[float]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = [np.array(v) for v in values]
    return result


def _source(kind: str, start: float = 3.0, duration: float = 1e9) -> RenewalSource:
    window: dict[str, Any] = {"start": np.full(2, start), "duration": np.full(2, duration)}
    if kind == "dead":
        return DeadTimeSource(2, rate=np.array([100.0, 5.0]), tau_refrac=np.array([2.0, 0.0]), **window)
    if kind == "gamma":
        return GammaSource(2, alpha=np.array([4.0, 0.3]), beta=np.array([900.0, 50.0]), **window)
    bins = _arrays([0.0, 20.0, 50.0], [10.0])
    return InhomogeneousGammaSource(
        2, a=_arrays([1.0, 4.0, 0.5], [2.0]), b=_arrays([0.01, 0.002, 5e-3], [0.003]), tbins=bins, **window
    )


def _spikes(source: RenewalSource, *ends: int) -> list[tuple[int, int]]:
    found, now = [], 0
    for end in ends:
        steps, index = source.advance(now, end, 0.1, seed=3)
        assert np.all((steps > now) & (steps <= end))
        found += list(zip(steps.tolist(), index.tolist(), strict=True))
        now = end
    return found


@pytest.mark.parametrize("kind", ["dead", "gamma", "histogram"])
def test_spikes_do_not_depend_on_how_time_is_cut(kind: str) -> None:
    whole = _spikes(_source(kind), 2000)
    assert len(whole) > 20 and whole == sorted(whole)
    assert _spikes(_source(kind), *range(1, 2001)) == whole
    assert _spikes(_source(kind), 199, 200, 777, 2000) == whole


@pytest.mark.parametrize("kind", ["dead", "gamma", "histogram"])
def test_reset_repeats_and_the_window_holds(kind: str) -> None:
    source = _source(kind, start=30.0, duration=100.0)
    first = _spikes(source, 2000)
    source.reset()
    assert _spikes(source, 2000) == first
    assert 300 < first[0][0] and first[-1][0] <= 1300


def test_parameters_that_change_to_the_same_values_change_nothing() -> None:
    whole = _spikes(_source("gamma"), 2000)
    source = _source("gamma")
    first = _spikes(source, 700)
    source.revision += 1
    steps, index = source.advance(700, 2000, 0.1, seed=3)
    assert first + list(zip(steps.tolist(), index.tolist(), strict=True)) == whole


def test_a_source_may_be_silenced_and_go_on() -> None:
    source = _source("dead")
    _spikes(source, 700)
    source.rate = np.zeros(2)
    source.revision += 1
    assert not len(source.advance(700, 1400, 0.1, 3)[0])
    source.rate = np.array([100.0, 50.0])
    source.revision += 1
    assert len(source.advance(1400, 4000, 0.1, 3)[0]) > 20


@pytest.mark.parametrize("shape", [0.2, 1.0, 3.5, 40.0])
def test_age_and_hazard_are_inverse(shape: float) -> None:
    hazard = np.array([1e-12, 1e-3, 0.4, 0.69, 0.7, 5.0, 500.0, 639.0, 641.0, 700.0, 3000.0])
    shapes = np.full(len(hazard), shape)
    age = _gamma_age(shapes, hazard)
    assert np.all(np.diff(age) > 0)
    np.testing.assert_allclose(_cumulative_hazard(shapes, age), hazard, rtol=2e-11)


def test_a_long_silence_ends_in_a_short_interval() -> None:
    """An age of thousands of scales of the new bin: the hazard is 1/b there."""
    source = InhomogeneousGammaSource(
        400,
        start=np.zeros(400),
        duration=np.full(400, 1e9),
        a=_arrays(*[[4.0, 4.0]] * 400),
        b=_arrays(*[[1e3, 0.01]] * 400),
        tbins=_arrays(*[[0.0, 1e5]] * 400),
    )
    steps, index = source.advance(0, 1_002_000, 0.1, seed=1)
    first = np.array([steps[index == i].min() for i in range(400)]) * 0.1 - 1e5
    assert first.min() > 0 and abs(first.mean() - 10.0) < 4 * 10.0 / 20.0


def test_impossible_parameters_say_so() -> None:
    source = _source("dead")
    source.tau_refrac = np.array([10.0, 0.0])
    with pytest.raises(NetworkError, match="dead time"):
        source.advance(0, 1, 0.1, 0)
    bad = _source("histogram")
    assert isinstance(bad, InhomogeneousGammaSource)
    bad.b = _arrays([0.01], [0.003])
    with pytest.raises(NetworkError, match="3 tbins"):
        bad.advance(0, 1, 0.1, 0)
