"""Axes, points and what the script gets."""

from __future__ import annotations

import pytest

from pynn_ext.errors import UsageError
from pynn_ext.sweep import Point, points
from pynn_ext.sweep.grid import parsed_axis


def test_points_are_the_product_of_all_axes() -> None:
    found = points({"--n": [1, 2]}, {"partition": ["greedy"]}, {"cells": [16, 32, 64]})
    assert len(found) == 6 and len({point.key() for point in found}) == 6
    assert found[0] == Point({"--n": 1}, {"partition": "greedy"}, {"cells": 16})
    assert found[-1].columns() == {"n": 2, "setup.partition": "greedy", "chip.cells": 64}
    assert found[-1].settings == {"partition": "greedy", "chip": {"cells": 64}}
    assert points() == [Point({}, {}, {})]


def test_arguments_of_the_script() -> None:
    assert Point({"--n": 3, "--fast": True, "--slow": False, "size": 0.5}).arguments == [
        "--n",
        "3",
        "--fast",
        "0.5",
    ]


def test_axes_as_text() -> None:
    assert parsed_axis("cells=64,128") == ("cells", [64, 128])
    assert parsed_axis("--scale=0.1") == ("--scale", [0.1])
    assert parsed_axis("fast=true,false,auto") == ("fast", [True, False, "auto"])


@pytest.mark.parametrize("text", ["cells", "=1", "cells="])
def test_what_is_no_axis_says_how(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parsed_axis(text)


def test_values_must_be_plain_and_some() -> None:
    with pytest.raises(UsageError, match="no values"):
        points({"n": []})
    with pytest.raises(UsageError, match="not plain"):
        points({"n": [object()]})
