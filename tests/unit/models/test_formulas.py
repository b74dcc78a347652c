"""Texts of distance become functions, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest

from pynn_ext.models.formulas import by_distance

DISTANCE = np.array([[0.0, 1.5], [4.0, 90.0]])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("0.5 + 2*exp(-d/3)", 0.5 + 2 * np.exp(-DISTANCE / 3)),
        (" where(d < 2, cos(pi*d), -1e-3**2) ", np.where(DISTANCE < 2, np.cos(np.pi * DISTANCE), -(1e-3**2))),
        ("maximum(d % 3, e) // 1", np.maximum(DISTANCE % 3, np.e) // 1),
    ],
)
def test_a_text_is_a_function_of_distance(text: str, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(by_distance(text)(DISTANCE), expected)


@pytest.mark.parametrize(
    "text",
    ["d/2", "exp", "exp(d", "exp(d, out=d)", "exp(x)", "exp(d) + sin", "exp(d).real", "__import__('os')", "array(d)",
     "1 < exp(d) < 2", "exp('d')", "exp(d) if d else 0", "[exp(d)]"],
)  # fmt: skip
def test_other_texts_are_left_to_pynn(text: str) -> None:
    assert by_distance(text) is text


def test_other_values_are_left_alone() -> None:
    for value in (0.5, None, DISTANCE, np.exp):
        assert by_distance(value) is value
