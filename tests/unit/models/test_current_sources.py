"""Waveforms of the current sources on their own: grid, phase, and independence of how a run is cut."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pynn_ext.models.base import bind
from pynn_ext.models.registry import all_models


def _source(name: str, number: int = 0, seed: int = 42, **values: Any) -> Any:
    simulator = SimpleNamespace(state=SimpleNamespace(dt=0.1, network=SimpleNamespace(seed=seed)))
    model: Any = bind(all_models()[name], simulator, __name__)
    source = model.__new__(model)
    for key, value in (("_values", values), ("_number", number)):
        object.__setattr__(source, key, value)
    return source


SOURCES: dict[str, dict[str, Any]] = {
    "DCSource": {"amplitude": 0.5, "start": 5.0, "stop": 10.0},
    "ACSource": {
        "amplitude": 0.5,
        "start": 5.0,
        "stop": 40.0,
        "frequency": 30.0,
        "offset": 0.1,
        "phase": 20.0,
    },
    "StepCurrentSource": {"times": np.array([1.0, 7.0, 30.0]), "amplitudes": np.array([0.1, -0.4, 0.2])},
    "NoisyCurrentSource": {"mean": 0.5, "stdev": 0.2, "start": 2.0, "stop": 90.0, "dt": 0.3},
}


@pytest.mark.parametrize("name", list(SOURCES))
def test_any_cut_of_a_run_gives_the_same_current(name: str) -> None:
    whole = _source(name, **SOURCES[name]).waveform(0, 1000)
    source = _source(name, **SOURCES[name])
    cuts = [0, 1, 50, 51, 333, 700, 1000]
    parts = [source.waveform(a, b - a) for a, b in zip(cuts, cuts[1:], strict=False)]
    assert whole.dtype == np.float64 and whole.shape == (1000,)
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert source.waveform(10, 0).shape == (0,)


def test_start_and_stop_are_taken_at_the_nearest_step() -> None:
    current = _source("DCSource", amplitude=0.5, start=4.98, stop=10.04).waveform(0, 200)
    assert np.flatnonzero(current).tolist() == list(range(50, 100))


def test_steps_hold_until_the_next() -> None:
    current = _source("StepCurrentSource", **SOURCES["StepCurrentSource"]).waveform(0, 400)
    np.testing.assert_array_equal(
        current[[0, 9, 10, 69, 70, 299, 300, 399]], [0, 0, 0.1, 0.1, -0.4, -0.4, 0.2, 0.2]
    )
    assert not _source("StepCurrentSource", times=np.empty(0), amplitudes=np.empty(0)).waveform(0, 5).any()


def test_noise_differs_between_sources_and_seeds() -> None:
    values = SOURCES["NoisyCurrentSource"]
    a, b, c = (
        _source("NoisyCurrentSource", number, seed, **values).waveform(20, 600)
        for number, seed in ((0, 1), (1, 1), (0, 2))
    )
    assert not np.allclose(a, b) and not np.allclose(a, c)
    np.testing.assert_array_equal(a[0::3], a[2::3])  # a draw lasts 0.3 ms


def test_noise_of_several_blocks() -> None:
    values: dict[str, Any] = {"mean": 0.0, "stdev": 1.0, "start": 0.0, "stop": 1e12, "dt": 0.1}
    noise = _source("NoisyCurrentSource", **values).waveform(0, 20000)
    assert noise.mean() == pytest.approx(0.0, abs=0.03) and noise.std() == pytest.approx(1.0, abs=0.02)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.03
