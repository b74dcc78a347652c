"""Graphs, the projections made of them, and inputs that cell types get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext import circuits
from pynn_ext.errors import NetworkError

GRAPH = np.array([[0.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def test_laplacian_of_an_array_and_of_a_projection() -> None:
    expected = [[2.0, -2.0, 0.0], [-2.0, 3.0, -1.0], [0.0, -1.0, 1.0]]
    np.testing.assert_array_equal(circuits.laplacian(GRAPH), expected)
    sim.setup()
    cells = sim.Population(3, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=GRAPH)
    made = sim.Projection(cells, cells, sim.ArrayConnector(GRAPH > 0), synapse)
    np.testing.assert_array_equal(circuits.laplacian(made), expected)


def test_the_laplacian_of_a_directed_graph_is_that_of_its_projection() -> None:
    graph = np.array([[0.0, 0.5], [0.0, 0.0]])  # from cell 1 to cell 0
    sim.setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    made = circuits.couple(sim, cells, 2.0, graph)
    assert [tuple(c) for c in made.get("weight", format="list")] == [(1, 0, 1.0)]
    np.testing.assert_array_equal(circuits.laplacian(made), circuits.laplacian(2.0 * graph))


def test_each_edge_of_a_symmetric_graph_is_one_connection() -> None:
    sim.setup()
    cells = sim.Population(3, sim.IF_curr_exp())
    made = circuits.couple(sim, cells, 0.01, GRAPH)
    assert sorted(made.get("weight", format="list")) == [(1, 0, 0.02), (2, 1, 0.01)]
    assert len(circuits.couple(sim, cells, 0.01)) == 3  # all to all


@pytest.mark.parametrize(
    "kind", ["IF_cond_exp", "HH_cond_exp", "Izhikevich", "EIF_cond_exp_isfa_ista", "GLIF"]
)
def test_any_cell_type_gets_an_input(kind: str) -> None:
    """A coupling of zero changes nothing, and another one does."""
    found = []
    for kappa in (None, 0.0, 0.05):
        sim.setup(timestep=0.1)
        cell_type = getattr(sim, kind)
        cells = sim.Population(2, cell_type() if kappa is None else circuits.coupled(cell_type, "v")())
        cells.initialize(v=[-70.0, -60.0])
        if kappa is not None:
            circuits.couple(sim, cells, kappa, variable="v", target="v_coupling")
        cells.record("v")
        sim.run(5.0)
        found.append(cells.get_data().segments[0].analogsignals[0].magnitude)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    assert np.ptp(found[2][-1]) < np.ptp(found[1][-1])


def _cells() -> Any:
    sim.setup()
    return sim.Population(3, sim.IF_curr_exp())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: circuits.laplacian(np.ones((2, 3))), "a row and a column"),
        (lambda: circuits.couple(sim, _cells(), 0.1, np.ones((2, 2))), "for 3 cells"),
        (lambda: circuits.couple(sim, _cells(), 0.1, np.eye(3)), "without edges"),
        (lambda: circuits.couple(sim, _cells(), 0.1, variable="u"), "reads u"),
        (lambda: circuits.couple(sim, _cells(), 0.1, variable="isyn_exc"), "acts on 'isyn_exc_coupling'"),
        (lambda: circuits.coupled(sim.IF_curr_exp, "u"), "no state variable 'u'"),
        (lambda: sim.GradedSynapse(source="s; x"), "state variable"),
        (lambda: sim.UltraDLIF(variant="both"), "'paper' and 'code'"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make()


def test_everything_offered_can_be_imported() -> None:
    assert {"couple", "coupled", "laplacian", "ring"} <= set(circuits.offered()) <= set(dir(circuits))
    with pytest.raises(AttributeError):
        _ = circuits.nothing
