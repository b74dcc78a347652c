"""Each cause of a first divergence, from what a chip reports; late spikes also from a run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.compare.causes import cause
from pynn_ext.compare.comparison import compare
from pynn_ext.compare.pairs import Divergence
from pynn_ext.compare.recordings import Recordings
from pynn_ext.mapping.roundings import Roundings

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = """
from pyNN.utility import get_simulator
sim, _ = get_simulator()
chip = {"columns": 2, "rows": 2, "cells": 2, "biological_ms": 0.02}
sim.setup(timestep=0.1, min_delay=0.1, chip=chip, partition="sequential")
source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]), label="source")
first = sim.Population(2, sim.IF_curr_delta(tau_refrac=0.1), label="first")
second = sim.Population(2, sim.IF_curr_delta(tau_refrac=0.1), label="second")
sim.Projection(source, first, sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=0.1))
sim.Projection(first, second, sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
first.record("spikes")
second.record("spikes")
sim.run(20.0)
"""
PARTED = Divergence(8.0, "second", 0, 0, "shifted", 0.5, 3)


def recordings(backend: str, report: dict[str, Any] | None = None, changes: str = "") -> Recordings:
    told = {"chip_report": json.dumps(report)} if report else {}
    if changes:
        told["changes"] = changes
    return Recordings([], {"backend": backend, "timestep": 0.1, "annotations": told})


def rows(*given: tuple[str, str, list[float], list[float], int]) -> list[dict[str, Any]]:
    """Entries of a chip: where, quantity, asked, got, clipped."""
    roundings = Roundings()
    for where, quantity, asked, got, clipped in given:
        roundings.add(where, quantity, asked, got, "nA", clipped)
    return roundings.rows()


WEIGHT = ("first→second", "weight", [0.3, 0.5], [0.3, 0.52], 0)
ELSEWHERE = ("first→third", "weight", [0.3], [0.6], 0)
SATURATED = ("first→second", "weight", [0.3, 9.0], [0.3, 8.0], 1)
LATE = {"time": 7.0, "source": "first[1]", "target": "core 2", "by": "40 cycles late", "link": "(0, 1) east"}


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            {"roundings": rows(WEIGHT, ELSEWHERE)},
            "weight of first→second rounded by up to 4 %: 0.5 nA became 0.52",
        ),
        ({"roundings": rows(ELSEWHERE)}, "weight of first→third rounded by up to 100 %: 0.3 nA became 0.6"),
        (
            {"roundings": rows(WEIGHT, SATURATED)},
            "1 values of weight of first→second are clipped: 9 nA became 8",
        ),
        (
            {"roundings": rows(WEIGHT), "late": [LATE]},
            "a spike of first[1] for core 2 came 40 cycles late at link (0, 1) east, at 7 ms",
        ),
        (
            {"roundings": rows(WEIGHT), "late": [{**LATE, "time": 9.0}]},  # after they part: not the cause
            "weight of first→second rounded by up to 4 %: 0.5 nA became 0.52",
        ),
    ],
    ids=["weight", "elsewhere", "saturation", "late", "late afterwards"],
)
def test_the_likeliest_cause_of_a_chip(report: dict[str, Any], said: str) -> None:
    assert cause(PARTED, recordings("codegen"), recordings("loihi", report)) == said


def test_what_both_have_rounded_is_no_cause() -> None:
    before = recordings("loihi, quantised", {"roundings": rows(SATURATED)})
    after = recordings("loihi", {"roundings": rows(SATURATED, WEIGHT)})
    assert "0.5 nA became 0.52" in cause(PARTED, before, after)


def test_rounded_delays() -> None:
    changes = "first→second: 3 of 5 delays are rounded to steps of 0.1 ms"
    assert cause(PARTED, recordings("nest"), recordings("codegen", changes=changes)) == (
        f"codegen changed values: {changes}"
    )


def test_a_late_spike_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT) + os.pathsep + os.environ.get("PYTHONPATH", ""))
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    found = compare(script, ["codegen", "mesh"], tolerance=0.01)["mesh"]
    assert found.ok and found.divergence is not None, found.error
    assert (found.divergence.population, found.divergence.what) == ("second", "shifted")
    assert found.cause.startswith("a spike of first[0] for core 1 came") and "cycles" in found.cause
