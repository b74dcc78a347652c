"""Lists, files, arrays, copies and connection sets: the connections of PyNN's own, and what is refused."""

from __future__ import annotations

import csv

import numpy as np
import pyNN.connectors as theirs
import pyNN.mock as sim
import pytest
from pyNN import errors
from pyNN.random import NumpyRNG

from pynn_ext.frontend import connectors as ours

from .pynn_connectors import ENDS, WEIGHTS, Projection, assert_identical, both


@pytest.fixture(autouse=True)
def _setup():
    sim.setup()


def some_list(n=300, columns=2):
    r = np.random.RandomState(5)
    return [(int(r.randint(23)), int(r.randint(17)), *r.rand(columns)) for _ in range(n)]


def test_list():
    assert_identical(both(lambda m, r: m.FromListConnector(some_list()), ENDS["different"]()))
    delays = some_list(columns=1)
    make = lambda m, r: m.FromListConnector(delays, column_names=("delay",))  # noqa: E731
    assert_identical(both(make, ENDS["different"]()))
    assert_identical(both(make, ENDS["different"](), WEIGHTS["weight"]))
    assert_identical(
        both(lambda m, r: m.FromListConnector(some_list(columns=0)), ENDS["different"](), WEIGHTS["both"])
    )
    assert len(both(lambda m, r: m.FromListConnector([]), ENDS["different"]())[1][0]) == 0


def test_list_with_distance_dependent_weights():
    pre, post = ENDS["different"]()
    prj = Projection(pre, post, ours.FromListConnector([(3, 2), (1, 2)]), sim.StaticSynapse(weight="d"))
    (i, j, parameters, _) = prj.blocks[0]
    expected = np.linalg.norm(pre.positions[:, i] - post.positions[:, j], axis=0)
    np.testing.assert_allclose(parameters["WEIGHT"], expected)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((23, 0), "source index out of range: 23 .*23 cells"),
        ((-1, 0), "-1"),
        ((0, 17), "target.*17"),
        ((0, -2), "-2"),
    ],
)
def test_list_index_out_of_range(row, message):
    with pytest.raises(errors.ConnectionError, match=message):
        Projection(*ENDS["different"](), ours.FromListConnector([(0, 0), row]))


def test_list_unknown_parameter():
    with pytest.raises(ValueError, match="U is not a valid"):
        Projection(*ENDS["different"](), ours.FromListConnector([(0, 0, 0.1)], column_names=["U"]))


def test_file(tmp_path):
    path = tmp_path / "connections.txt"
    with path.open("w", newline="") as file:
        file.write('# columns = ["i", "j", "delay", "weight"]\n')
        csv.writer(file, delimiter=" ").writerows(some_list())
    assert_identical(both(lambda m, r: m.FromFileConnector(str(path)), ENDS["different"]()))
    path.write_text("2 3 0.1 0.5\n")
    prj = Projection(*ENDS["different"](), ours.FromFileConnector(str(path)))
    np.testing.assert_array_equal(prj.table(), [[2, 3, 0.5, 0.1]])


def test_array():
    matrix = np.random.RandomState(2).rand(23, 17) < 0.3
    assert_identical(both(lambda m, r: m.ArrayConnector(matrix), ENDS["different"](), WEIGHTS["both"]))
    prj = Projection(*ENDS["different"](), ours.ArrayConnector(matrix.astype(int)))
    np.testing.assert_array_equal(prj.table()[:, 1], np.nonzero(matrix.T)[0])
    with pytest.raises(ValueError, match="shape"):
        Projection(*ENDS["same"](), ours.ArrayConnector(matrix))


def test_clone():
    ends = ENDS["different"]()
    reference = sim.Projection(
        *ends, theirs.FixedProbabilityConnector(0.3, rng=NumpyRNG(1)), sim.StaticSynapse()
    )
    assert_identical(both(lambda m, r: m.CloneConnector(reference), ends, WEIGHTS["weight"]))
    with pytest.raises(errors.ConnectionError):
        Projection(ends[1], ends[0], ours.CloneConnector(reference))


def test_connection_set():
    csa = pytest.importorskip("csa")
    ends = ENDS["different"]()
    assert_identical(both(lambda m, r: m.CSAConnector(csa.oneToOne), ends, WEIGHTS["weight"]))
    assert_identical(both(lambda m, r: m.CSAConnector(csa.full), ends))
    connection_set = csa.cset(csa.oneToOne, 0.3, 1.5)
    mock = sim.Projection(*ends, theirs.CSAConnector(connection_set), sim.StaticSynapse())
    found = Projection(*ends, ours.CSAConnector(connection_set)).table()
    # PyNN passes IDs where it should pass positions, and standard names where native ones are due
    expected = [
        (c.presynaptic_index - ends[0].first_id, c.postsynaptic_index - ends[1].first_id, c.delay, c.weight)
        for c in mock.connections
    ]
    np.testing.assert_array_equal(found, np.array(expected, dtype=float))
