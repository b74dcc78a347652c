"""`measure`: a deviation is compared with its limit and kept for the table of `tests.accuracy.report`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyNN.codegen as sim
import pytest

from .marks import marks_of, models_of


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Every test begins with an empty network on a grid of 0.1 ms."""
    sim.setup(timestep=0.1)


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that checks one quantity of the models the test is marked with.

    ``measure(quantity, got, expected, limit, unit, reference)`` fails if any element of `got` deviates from
    `expected` by more than `limit` (absolute, in `unit`). `reference` says whose the expected values are.
    """

    def check(
        quantity: str,
        got: npt.ArrayLike,
        expected: npt.ArrayLike,
        limit: float,
        unit: str = "",
        reference: str = "closed form",
    ) -> None:
        got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
        assert got.shape == expected.shape, f"{quantity}: {got.shape} values, {expected.shape} expected"
        assert got.size, f"{quantity}: nothing to compare"
        deviation = float(np.abs(got - expected).max())
        row = {"quantity": quantity, "deviation": deviation, "unit": unit, "reference": reference}
        row |= {"models": models_of(request.node), "timestep": sim.get_time_step()}
        request.node.user_properties.append(("deviation", row))
        assert deviation <= limit, f"{quantity}: deviates by {deviation:g} {unit}, limit {limit:g}"

    return check


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write what each test is about, where test_completeness.py asks for it."""
    listing = os.environ.get("PYNN_EXT_LIST_MARKS")
    if listing:
        Path(listing).write_text(json.dumps(marks_of(session.items)))
