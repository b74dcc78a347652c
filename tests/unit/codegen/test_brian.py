"""Names of models that mean something else where their statements go."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen.engine import Engine
from pynn_ext.network import CellModel, SynapseModel

from .conftest import LEAK, LEAK_VALUES, STDP, STDP_VALUES

TEXTS = ("equations", "threshold", "reset", "refractory", "on_pre", "on_post")


def renamed(model: Any, old: str, new: str) -> Any:
    """The same model with another name for one parameter."""
    texts = {
        field: re.sub(rf"\b{old}\b", new, getattr(model, field)) for field in TEXTS if hasattr(model, field)
    }
    parameters = {new if name == old else name: unit for name, unit in model.parameters.items()}
    traces = {}
    if isinstance(model, SynapseModel):
        traces = {
            "post_traces": {trace: new if tau == old else tau for trace, tau in model.post_traces.items()}
        }
    return replace(model, parameters=parameters, **texts, **traces)


def potentials(build: Any, model: CellModel, **values: Any) -> Any:
    b = build()
    cells = b.cells(70, model, **{**values, "v_thresh": 1.0, "i_offset": 2.0})
    b.probe(cells)
    Engine(b.network).run(60)
    return b.network.probes[0].samples()


@pytest.mark.parametrize("name", ["h", "period", "count", "A", "block", "weight", "default", "double"])
@pytest.mark.parametrize("each", [False, True])
def test_parameters_of_cells(name: str, each: bool, build: Any) -> None:
    tau = np.linspace(5.0, 20.0, 70) if each else LEAK_VALUES["tau_m"]
    expected = potentials(build, LEAK, tau_m=tau)
    found = potentials(build, renamed(LEAK, "tau_m", name), **{name: tau})
    assert np.ptp(expected) > 0.5
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["row", "first", "entry", "new", "time", "A"])
def test_parameters_of_synapses(name: str, build: Any) -> None:
    found = []
    for model, rate in ((STDP, "A_minus"), (renamed(STDP, "A_minus", name), name)):
        b = build()
        source, cells = b.times([1.0, 3.0], [2.0, 4.0]), b.cells(2, v_thresh=0.5)
        values = {n: v for n, v in STDP_VALUES.items() if n != "A_minus"}
        options = {**values, rate: 0.06, "w_max": 2.0, "weight": np.array([0.4, 0.6, 0.8, 1.0])}
        plastic = b.connect(source, cells, [[0, 0, 1, 1], [0, 1, 0, 1]], model=model, **options)
        Engine(b.network).run(60)
        found.append(plastic.get("weight"))
    assert np.ptp(found[0] - [0.4, 0.6, 0.8, 1.0]) > 1e-3
    np.testing.assert_array_equal(*found)


def test_a_name_that_looks_like_the_one_instead(build: Any) -> None:
    """The other name of a parameter is not that of one more."""
    expected = potentials(build, LEAK)
    for other in ("count_own", "own_count", "count_"):
        model = renamed(renamed(LEAK, "tau_m", "count"), "cm", other)
        np.testing.assert_array_equal(
            potentials(build, model, **{"count": LEAK_VALUES["tau_m"], other: LEAK_VALUES["cm"]}), expected
        )


def test_names_that_statements_give(build: Any) -> None:
    found = []
    for name in ("change", "first"):
        model = replace(STDP, on_pre=f"{name} = A_minus*weight*y\nweight = clip(weight - {name}, 0, w_max)")
        b = build()
        source, cells = b.times([1.0, 3.0], [2.0, 4.0]), b.cells(2, v_thresh=0.5)
        options = {**STDP_VALUES, "w_max": 2.0, "weight": np.array([0.4, 0.6, 0.8, 1.0])}
        plastic = b.connect(source, cells, [[0, 0, 1, 1], [0, 1, 0, 1]], model=model, **options)
        Engine(b.network).run(60)
        found.append(plastic.get("weight"))
    np.testing.assert_array_equal(*found)
