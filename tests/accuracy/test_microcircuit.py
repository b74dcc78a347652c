"""The cortical microcircuit at a tenth of its size against NEST: rates, regularity and correlation."""

from __future__ import annotations

import json

import numpy as np
import pyNN.codegen as sim
import pytest

from .microcircuit import POPULATIONS, RECORDED, SEEDS, run

NEST = json.loads(RECORDED.read_text())


@pytest.mark.slow
@pytest.mark.model("IF_curr_exp", "StaticSynapse", "SpikeSourcePoisson")
def test_statistics_of_each_population_are_nests() -> None:
    """The connections are NEST's too; the Poisson input is not: the mean of three draws is compared."""
    draws = [run(sim, SEEDS[0], draw) for draw in (1, 2, 3)]
    found = {
        name: {key: np.mean([draw[name][key] for draw in draws]) for key in draws[0][name]}
        for name in POPULATIONS
    }
    for name in POPULATIONS:
        ours, theirs = found[name], NEST[0][name]
        assert ours["rate"] == pytest.approx(theirs["rate"], rel=0.05, abs=0.05), name
        assert ours["cv"] == pytest.approx(theirs["cv"], abs=0.06), name
        assert ours["correlation"] == pytest.approx(theirs["correlation"], abs=0.005), name


def test_the_tolerances_are_those_of_two_networks() -> None:
    for name in POPULATIONS:
        a, b = (recorded[name] for recorded in NEST)
        assert abs(a["rate"] - b["rate"]) < 0.05 * a["rate"] + 0.05
        assert abs(a["cv"] - b["cv"]) < 0.06 and abs(a["correlation"] - b["correlation"]) < 0.005
    rates = [NEST[0][name]["rate"] for name in POPULATIONS]
    assert max(rates) > 10 * min(rates)  # so that equal rates mean something
