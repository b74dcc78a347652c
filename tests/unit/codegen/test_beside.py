"""Columns that postsynaptic spikes change together lie beside each other, and are columns like others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.codegen.beside import changed_together, lay_beside
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.network import SynapseModel

HELD = SynapseModel(
    "weight and what it was paired with",
    parameters={"tau": "1"},
    state={"held": 0.5, "count": 0.0},
    pre_traces={"x": "tau"},
    on_pre="count = count + 1",
    on_post="weight = clip(weight + 0.01*(x - held)*exp(-weight), 0, 1)\nheld = 0.9*held + 0.1*x",
)


def test_only_what_postsynaptic_spikes_assign_to_is_laid_beside() -> None:
    arrays = frozenset({"weight", "held", "count"})
    assert changed_together(HELD, arrays) == ("weight", "held")
    assert changed_together(HELD, frozenset({"held", "count"})) == ()
    assert changed_together(sim.DopamineSTDP.synapse_model, frozenset({"weight", "c"})) == ("weight", "c")
    folded = frozenset({"weight", "counted"})  # at the end of a signal of the postsynaptic cell
    assert changed_together(sim.ClopathSTDP.synapse_model, folded) == ("weight", "counted")


@pytest.mark.parametrize("threads", [1, 3])
def test_values_set_between_runs_are_those_of_the_reference(threads: int, build: Any) -> None:
    found = []
    for engine in (lambda network: Engine(network, threads), InterpretedEngine):
        b = build()
        source, cells = b.poisson(30, 2000.0), b.cells(40, v_thresh=-64.0, i_offset=2.0)
        index = np.array(np.nonzero(np.ones((30, 40))))
        made = b.connect(source, cells, index, model=HELD, weight=0.5, tau=20.0)
        simulation = engine(b.network)
        values = []
        for name in ("weight", "held", "weight"):
            simulation.run(60)
            values += [made.get(column).copy() for column in ("weight", "held", "count")]
            made.set(name, np.linspace(0.1, 0.9, 1200))
        b.network.reset()
        simulation.run(60)
        values += [made.get(column).copy() for column in ("weight", "held", "count")]
        found.append(np.array(values))
    assert np.ptp(found[0][0]) > 0.01 and np.ptp(found[0][1]) > 0.01 and found[0][2].max() > 1
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-15)


def test_columns_are_laid_beside_again_only_if_one_was_replaced(build: Any) -> None:
    b = build()
    made = b.connect(b.poisson(3, 10.0), b.cells(4), [[0, 1], [2, 3]], model=HELD, weight=0.5, tau=20.0)
    lay_beside(made, ("weight", "held"))
    weight, held = made.columns["weight"], made.columns["held"]
    lay_beside(made, ("weight", "held"))
    assert made.columns["weight"] is weight and weight.strides == (16,)
    assert held.ctypes.data - weight.ctypes.data == 8
    made.set("weight", [0.1, 0.2])
    lay_beside(made, ("weight", "held"))
    assert made.columns["weight"].strides == (16,) and made.columns["held"].tolist() == [0.5, 0.5]
