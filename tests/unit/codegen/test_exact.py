"""Exact integration: propagators that no parameter of each cell goes into have one value for all cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.codegen.cell_unit import cell_plan
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.models.registry import all_models

CELLS = 70  # more than one block


@pytest.mark.parametrize(
    "own, expected",
    [
        ("i_offset", {"_P_v_1"}),
        ("v_thresh", set()),
        ("tau_syn_E", {"_P_isyn_exc_isyn_exc", "_P_v_isyn_exc"}),
        ("cm", {"_P_v_isyn_exc", "_P_v_isyn_inh", "_P_v_i_inj", "_P_v_1"}),
        ("tau_m", {"_P_v_v", "_P_v_isyn_exc", "_P_v_isyn_inh", "_P_v_i_inj", "_P_v_1"}),
        ("i_inj", set()),
    ],
)
def test_which_propagators_have_a_value_per_cell(own: str, expected: set[str]) -> None:
    plan = cell_plan(all_models()["IF_curr_exp"].cell_model, frozenset({own}))
    assert set(plan.varying) == expected


@pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
@pytest.mark.parametrize("own", ["i_offset", "tau_syn_E", "tau_m", "cm"])
def test_cells_with_a_value_each_are_those_of_one_value(engine: Any, own: str, build: Any) -> None:
    values = {"i_offset": 0.5, "tau_syn_E": 4.0, "tau_m": 15.0, "cm": 0.8}
    each = values[own] * np.linspace(0.7, 1.3, CELLS)

    def traces(value: Any) -> Any:
        b = build()
        cells = b.standard("IF_curr_exp", CELLS, **{**values, own: value})
        b.connect(b.times([1.0, 3.0]), cells, [np.zeros(CELLS, int), np.arange(CELLS)], weight=0.2)
        probe = b.probe(cells)
        engine(b.network).run(200)
        return probe.samples()

    found = traces(each)
    for i in (0, 35, CELLS - 1):
        np.testing.assert_allclose(found[:, i], traces(each[i])[:, i], rtol=1e-12)
