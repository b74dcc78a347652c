"""PyNN's ``brunel.py`` fires as often on Loihi as the same quantised network in floating point."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from tests.conformance.pynn_source import SourceMissingError, unpack

from .loihi_brunel import build, closed_loop, open_loop


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return unpack(tmp_path_factory.mktemp("pynn"))
    except SourceMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="PyNN")


@pytest.mark.parametrize("parameters", [{"order": 500, "downscale": 1}, {"order": 10000}])
def test_cells_that_get_the_same_spikes_fire_in_the_same_steps(
    parameters: dict[str, float], source: Path
) -> None:
    """Weights are 0.1 and 5 mV; what the chip's decays cut off is below a thousandth of the spikes."""
    chip, ideal, same = open_loop(build(source, **parameters), 1000, 1)
    assert ideal > 5000
    assert chip == pytest.approx(ideal, rel=0.001)
    assert same > 0.97 * ideal


def test_a_network_whose_count_is_determined_fires_as_often(source: Path) -> None:
    """With ``downscale=1`` each spike does little: runs differ from each other by 0.4 %."""
    program = build(source, order=500, downscale=1)
    chip, ideal = np.sum([closed_loop(program, 2000, seed) for seed in (1, 2)], axis=0)
    assert ideal > 50000
    assert chip == pytest.approx(ideal, rel=0.01)
