"""Every connector makes the connections of PyNN's own: pairs, order, values, state of the generator."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pyNN.connectors as theirs
import pyNN.mock as sim
import pytest
from pyNN import common, errors
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import NativeRNG as PlainNativeRNG
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Grid2D, RandomStructure, Space, Sphere

from pynn_ext.frontend import connectors as ours
from pynn_ext.frontend import map_connector
from pynn_ext.frontend.random import NativeRNG


class Projection(common.Projection):
    """Keeps what a connector hands over."""

    _simulator = sim.simulator
    _static_synapse_class = sim.StaticSynapse

    def __init__(self, pre, post, connector, synapse_type=None, receptor_type=None, space=None):
        super().__init__(
            pre, post, connector, synapse_type, receptor_type=receptor_type, space=space or Space()
        )
        self.blocks = []
        connector.connect(self)

    def __len__(self):
        return sum(len(pre) for pre, *_ in self.blocks)

    def _connect_block(self, pre, post, parameters, location_selector):
        assert pre.dtype.kind == post.dtype.kind == "i" and pre.shape == post.shape and len(pre)
        for value in parameters.values():
            assert isinstance(value, float) or (value.dtype == np.float64 and value.shape == pre.shape)
        self.blocks.append((pre, post, parameters, location_selector))

    def _convergent_connect(self, pre, post, location_selector=None, **parameters):
        self._connect_block(np.asarray(pre), np.full(len(pre), post), parameters, location_selector)

    def table(self):
        rows = [
            np.column_stack(
                [pre, post] + [np.broadcast_to(parameters[k], len(pre)) for k in sorted(parameters)]
            )
            for pre, post, parameters, _ in self.blocks
        ]
        return np.concatenate(rows) if rows else np.empty((0, 4))


def table_of_mock(projection):
    rows = [(c.presynaptic_index, c.postsynaptic_index, c.DELAY, c.WEIGHT) for c in projection.connections]
    return np.array(rows, dtype=float).reshape(-1, 4)


@pytest.fixture(autouse=True)
def _setup():
    sim.setup()


def population(n=17, seed=3, structure=None):
    structure = structure or RandomStructure(Sphere(60.0), rng=NumpyRNG(seed))
    return sim.Population(n, sim.IF_cond_exp(), structure=structure, label=f"p{n}")


def views():
    a, b = population(23), population(19, seed=4)
    return a[3:20:2], b[np.array([1, 2, 5, 9, 10, 18])]


def assemblies():
    a, b, c = population(6), population(9, seed=4), population(7, seed=5)
    return a[1:5] + b, c + b[2:6]


ENDS: dict[str, Callable[[], Any]] = {
    "different": lambda: (population(23), population(17, seed=4)),
    "same": lambda: (population(19),) * 2,
    "views": views,
    "assemblies": assemblies,
    "view of same": lambda: (lambda p: (p[2:15], p))(population(21)),
    "one cell": lambda: (population(9), population(1, seed=4)),
}


class Products(IndexBasedExpression):
    def __call__(self, i, j):
        return 0.001 * (i + 1) * (j + 2) % 0.9


def both(make, ends, synapse=lambda rng: None, shared=True, same_end=False, space=None):
    """Connect with PyNN's class and with ours; the results are (theirs, ours)."""
    pre, post = ends
    results = []
    for module, projection_class, table in (
        (theirs, sim.Projection, table_of_mock),
        (ours, Projection, Projection.table),
    ):
        rng = NumpyRNG(987)
        other = rng if shared else NumpyRNG(55)
        connector, type_ = make(module, rng), synapse(other) or sim.StaticSynapse(weight=0.004, delay=0.5)
        projection = projection_class(
            pre, post, connector, type_, receptor_type="excitatory", **({"space": space} if space else {})
        )
        results.append((table(projection), rng.rng.random_sample(3), other.rng.random_sample(3)))
    return results


def assert_identical(results):
    for expected, found in zip(*results, strict=True):
        np.testing.assert_array_equal(found, expected)


def n_random(rng):
    return RandomDistribution("binomial", (9, 0.6), rng=rng)


CONNECTORS: dict[str, Callable[[Any, NumpyRNG], Any]] = {
    "all": lambda m, r: m.AllToAllConnector(),
    "all, not self": lambda m, r: m.AllToAllConnector(allow_self_connections=False),
    "one": lambda m, r: m.OneToOneConnector(),
    "p": lambda m, r: m.FixedProbabilityConnector(0.3, rng=r),
    "p, not self": lambda m, r: m.FixedProbabilityConnector(0.4, allow_self_connections=False, rng=r),
    "p, unsafe split": lambda m, r: m.FixedProbabilityConnector(0.4, rng=r, safe=False),
    "distance": lambda m, r: m.DistanceDependentProbabilityConnector("exp(-d/40.0)", rng=r),
    "distance, not self": lambda m, r: m.DistanceDependentProbabilityConnector("d<50", False, rng=r),
    "index": lambda m, r: m.IndexBasedProbabilityConnector(Products(), rng=r),
    "index, not self": lambda m, r: m.IndexBasedProbabilityConnector(Products(), False, rng=r),
    "displacement": lambda m, r: m.DisplacementDependentProbabilityConnector(
        lambda d: (d[0] < 30) * np.exp(-abs(d[1]) / 50), rng=r
    ),
    "array": lambda m, r: None,
    **{
        f"{kind}{', not self' * (not own)}{', replaced' * again}, n={label}": (
            lambda m, r, kind=kind, own=own, again=again, n=n: getattr(m, kind)(
                n if isinstance(n, int) else n(NumpyRNG(8)), own, again, rng=r
            )
        )
        for kind in ("FixedNumberPreConnector", "FixedNumberPostConnector")
        for own in (True, False)
        for again in (True, False)
        for label, n in (("4", 4), ("50", 50), ("random", n_random))
    },
    "n total": lambda m, r: m.FixedTotalNumberConnector(90, rng=r),
    "n total, unseeded size": lambda m, r: m.FixedTotalNumberConnector(3, rng=r),
}
del CONNECTORS["array"]
POSITIONAL = ("distance", "displacement")

WEIGHTS: dict[str, Callable[[NumpyRNG], Any]] = {
    "scalar": lambda r: None,
    "weight": lambda r: sim.StaticSynapse(weight=RandomDistribution("uniform", (0.0, 1.0), rng=r), delay=0.5),
    "both": lambda r: sim.StaticSynapse(
        weight=RandomDistribution("gamma", (2.0, 0.3), rng=r),
        delay=RandomDistribution("uniform", (0.1, 2.0), rng=r),
    ),
    "clipped": lambda r: sim.StaticSynapse(
        weight=RandomDistribution("normal_clipped", (0.1, 0.1, 0.0, 0.2), rng=r), delay=0.3
    ),
    "distance": lambda r: sim.StaticSynapse(weight=lambda d: np.exp(-d / 30.0), delay="0.1 + 0.01*d"),
    "function": lambda r: sim.StaticSynapse(weight=lambda d: d / np.max(d + 1), delay=0.5),
    "index": lambda r: sim.StaticSynapse(weight=Products(), delay=RandomDistribution("poisson", (3,), rng=r)),
}


def skip_what_pynn_cannot(name, ends):
    if name.startswith(("distance", "function")) and ends == "assemblies":
        pytest.skip("PyNN's position_generator of an Assembly returns the transpose")


def compare_or_mend(make, ends, *args, **kwargs):
    """Compare; where PyNN itself fails, only ask that ours does not."""
    try:
        results = both(make, ends, *args, **kwargs)
    except IndexError as error:  # _rng_uniform_int_exclude
        assert "out of bounds" in str(error)
        Projection(
            *ends, make(ours, NumpyRNG(987)), sim.StaticSynapse(weight=0.1), receptor_type="excitatory"
        )
        return
    assert_identical(results)


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("name", CONNECTORS)
def test_same_connections_as_pynn(name, ends):
    if name.startswith(POSITIONAL[0]):
        skip_what_pynn_cannot(name, ends)
    if name == "one" and ends == "one cell":
        ends = "different"
    compare_or_mend(CONNECTORS[name], ENDS[ends]())


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("ends", ["different", "same", "views", "assemblies"])
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", ["all", "one", "p", "index", "FixedNumberPreConnector, n=4", "n total"])
def test_same_parameters_as_pynn(name, weights, ends, shared):
    skip_what_pynn_cannot(weights, ends)
    assert_identical(both(CONNECTORS[name], ENDS[ends](), WEIGHTS[weights], shared))


class LiveSynapse(sim.StaticSynapse):
    """Hands out its parameters without copying the generators, as a native synapse type does."""

    @property
    def native_parameters(self):
        space = self.parameter_space
        return type(space)({k.upper(): LazyArray(v.base_value) for k, v in space.items()})


@pytest.mark.parametrize("weights", ["weight", "both", "clipped", "index"])
@pytest.mark.parametrize("name", ["p", "p, not self", "distance", "FixedNumberPreConnector, n=4", "n total"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
def test_a_stream_used_by_connections_and_parameters_interleaves(name, weights, shared):
    def synapse(rng):
        plain = WEIGHTS[weights](rng)
        return LiveSynapse(
            **{k: v.base_value for k, v in plain.parameter_space.items() if k in ("weight", "delay")}
        )

    assert_identical(both(CONNECTORS[name], ENDS["different"](), synapse, shared))


def test_matrix_parameters():
    weights = np.random.RandomState(1).rand(23, 17)
    assert_identical(
        both(CONNECTORS["p"], ENDS["different"](), lambda r: sim.StaticSynapse(weight=weights, delay=0.2))
    )


def test_no_mutual():
    make = lambda m, r: m.FixedProbabilityConnector(0.4, "NoMutual", rng=r)  # noqa: E731
    assert_identical(both(make, ENDS["same"]()))
    with pytest.raises(NotImplementedError, match="NoMutual"):
        Projection(*ENDS["different"](), make(ours, NumpyRNG(1)))


@pytest.mark.parametrize(
    "space", [Space(axes="xy"), Space(periodic_boundaries=((0, 50), None, (0, 30)), offset=2.0)]
)
def test_spaces(space):
    assert_identical(both(CONNECTORS["p"], ENDS["different"](), WEIGHTS["distance"], space=space))


def test_blocks_do_not_matter(monkeypatch):
    monkeypatch.setattr(map_connector, "PAIRS_PER_BLOCK", 70)
    for name in ("all, not self", "p", "index", "FixedNumberPreConnector, n=4"):
        assert_identical(both(CONNECTORS[name], ENDS["same"](), WEIGHTS["both"], shared=False))


DISTRIBUTIONS = {
    "binomial": (7, 0.3), "gamma": (2.0, 0.3), "exponential": (0.5,), "normal": (1.0, 0.1),
    "normal_clipped_to_boundary": (0.1, 0.1, 0.0, 0.2), "poisson": (3.0,), "uniform": (0.1, 0.7),
    "uniform_int": (1, 9), "vonmises": (0.0, 1.0),
    "normal_clipped": (0.1, 0.1, 0.0, 0.2),
}  # fmt: skip


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distributions(name):
    def synapse(rng):
        return sim.StaticSynapse(weight=RandomDistribution(name, DISTRIBUTIONS[name], rng=rng))

    unsafe = lambda m, r: m.FixedProbabilityConnector(0.4, rng=r, safe=False)  # noqa: E731
    assert_identical(both(unsafe, ENDS["different"](), synapse))


# --- lists, arrays, clones, connection sets ---


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


# --- repaired, refused, reported ---


def test_one_to_one_of_single_cells():
    prj = Projection(population(1), population(1), ours.OneToOneConnector())
    assert prj.table()[:, :2].tolist() == [[0, 0]]


def test_distances_between_assemblies():
    pre, post = assemblies()
    prj = Projection(pre, post, ours.AllToAllConnector(), sim.StaticSynapse(weight="d"))
    i, j, parameters, _ = prj.blocks[0]
    np.testing.assert_allclose(
        parameters["WEIGHT"], np.linalg.norm(pre.positions[:, i] - post.positions[:, j], axis=0)
    )
    assert len(Projection(pre, post, ours.DistanceDependentProbabilityConnector("d<100"))) > 0


@pytest.mark.parametrize("name", CONNECTORS)
@pytest.mark.parametrize("ends", ["different", "assemblies"])
def test_callback_ends_at_one(name, ends):
    reports: list[float] = []
    connector = CONNECTORS[name](ours, NumpyRNG(1))
    connector.callback = reports.append
    Projection(*ENDS[ends](), connector)
    assert reports == sorted(reports) and reports[0] > 0 and reports[-1] == 1.0


def test_weights_are_checked():
    pre, post = ENDS["different"]()
    with pytest.raises(errors.ConnectionError, match="must be positive"):
        Projection(
            pre, post, ours.AllToAllConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="excitatory"
        )
    weights = RandomDistribution("normal", (0, 1), rng=NumpyRNG(1))
    with pytest.raises(errors.ConnectionError, match="all positive or all negative"):
        Projection(
            pre, post, ours.AllToAllConnector(), sim.StaticSynapse(weight=weights), receptor_type="excitatory"
        )
    Projection(
        pre,
        post,
        ours.AllToAllConnector(safe=False),
        sim.StaticSynapse(weight=weights),
        receptor_type="excitatory",
    )


def test_impossible():
    one = population(1)
    with pytest.raises(NotImplementedError, match="FromListConnector"):
        Projection(one, one, ours.SmallWorldConnector(2, 0.1))
    with pytest.raises(errors.ConnectionError, match="no partner"):
        Projection(
            one, one, ours.FixedNumberPreConnector(2, allow_self_connections=False, with_replacement=True)
        )
    assert len(Projection(population(5), population(4), ours.FixedNumberPreConnector(0))) == 0


def test_displacement_keeps_all_arguments():
    connector = ours.DisplacementDependentProbabilityConnector(abs, safe=False, location_selector="soma")
    assert connector.safe is False and connector.location_selector == "soma"


def test_location_selector_is_passed_on():
    prj = Projection(population(3), population(3), ours.AllToAllConnector(location_selector="dendrite"))
    assert prj.blocks[0][3] == "dendrite"


def test_own_subclasses():
    class EverySecond(theirs.MapConnector):
        def connect(self, projection):
            self._connect_with_map(
                projection, LazyArray(lambda i, j: (i + j) % 2 == 0, shape=projection.shape)
            )

    class EverySecondInBlocks(ours.MapConnector, EverySecond):
        pass

    ends = ENDS["different"]()
    slow, fast = Projection(*ends, EverySecond()), Projection(*ends, EverySecondInBlocks())
    np.testing.assert_array_equal(fast.table(), slow.table())
    assert len(fast.blocks) == 1


def test_every_connector_is_exported():
    expected = {n for n, c in vars(theirs).items() if inspect.isclass(c) and issubclass(c, theirs.Connector)}
    beyond = {name for name in ours.__all__ if not hasattr(theirs, name)}
    assert set(ours.__all__) == expected | beyond
    assert all(issubclass(getattr(ours, name), theirs.Connector) for name in beyond)
    for name in expected:
        mine, original = getattr(ours, name), getattr(theirs, name)
        assert issubclass(mine, original) and mine.__name__ == name
        assert inspect.signature(mine).parameters.keys() == inspect.signature(original).parameters.keys()


# --- NativeRNG ---

NATIVE: dict[str, Callable[[Any], Any]] = {
    "p": lambda r: ours.FixedProbabilityConnector(0.3, rng=r),
    "p, not self": lambda r: ours.FixedProbabilityConnector(0.3, allow_self_connections=False, rng=r),
    "p=0": lambda r: ours.FixedProbabilityConnector(0.0, rng=r),
    "p=1": lambda r: ours.FixedProbabilityConnector(1.0, rng=r),
    "distance": lambda r: ours.DistanceDependentProbabilityConnector("d<60", rng=r),
    "total": lambda r: ours.FixedTotalNumberConnector(90, rng=r),
    "total, not self": lambda r: ours.FixedTotalNumberConnector(90, False, rng=r),
    "total, once": lambda r: ours.FixedTotalNumberConnector(90, False, False, rng=r),
    **{
        f"{kind} {n} {own} {again}": lambda r, kind=kind, n=n, own=own, again=again: getattr(ours, kind)(
            n or RandomDistribution("binomial", (30, 0.4), rng=r), own, again, rng=r
        )
        for kind in ("FixedNumberPreConnector", "FixedNumberPostConnector")
        for n in (4, 18, 45, None)
        for own in (True, False)
        for again in (True, False)
    },
}


@pytest.mark.parametrize("rng_class", [NativeRNG, PlainNativeRNG])
@pytest.mark.parametrize("name", NATIVE)
def test_native_rng(name, rng_class):
    tables = []
    for seed in (1, 1, 2):
        connector = NATIVE[name](rng_class(seed) if "None" not in name else NativeRNG(seed))
        tables.append(Projection(*ENDS["same"](), connector).table())
    np.testing.assert_array_equal(tables[0], tables[1])
    assert (
        name in ("p=0", "p=1", "distance")
        or " 18 False False" in name
        or not np.array_equal(tables[0], tables[2])
    )
    pre, post = tables[0][:, 0], tables[0][:, 1]
    assert (np.diff(post) >= 0).all() or (np.diff(pre) >= 0).all()
    if "not self" in name or ("False" in name.split()[2:3]) or name == "total, once":
        assert (pre != post).all()
    if name.startswith("total"):
        assert len(pre) == 90
    if name.startswith("FixedNumber") and "None" not in name:
        side = post if "Pre" in name else pre
        assert (np.bincount(side.astype(int), minlength=19) == int(name.split()[1])).all()
    if name.endswith(" 4 True False") or name.endswith(" 18 False False") or name == "total, once":
        assert len(np.unique(19 * pre + post)) == len(pre)


def test_native_statistics():
    a, b = population(400), population(500, seed=4)
    prj = Projection(a, b, ours.FixedProbabilityConnector(0.1, rng=NativeRNG(3)))
    matrix = np.zeros((400, 500))
    matrix[prj.blocks[0][0], prj.blocks[0][1]] = 1
    for axis, n in ((0, 400), (1, 500)):
        z = (matrix.sum(axis) - 0.1 * n) / np.sqrt(n * 0.09)
        assert abs(z.mean()) < 0.3 and 0.8 < z.std() < 1.2
    prj = Projection(a, b, ours.FixedNumberPreConnector(40, rng=NativeRNG(3)))
    counts = np.bincount(prj.blocks[0][0], minlength=400)
    assert abs((counts - 50).mean()) < 1e-9 and 0.8 < counts.std() / np.sqrt(500 * 0.09) < 1.2


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_native_distributions(name):
    drawn = RandomDistribution(name, DISTRIBUTIONS[name], rng=NativeRNG(4)).next(20000)
    reference = RandomDistribution(name, DISTRIBUTIONS[name], rng=NumpyRNG(4)).next(20000)
    assert abs(drawn.mean() - reference.mean()) < 5 * reference.std() / 100
    assert drawn.std() == pytest.approx(reference.std(), rel=0.05)


def test_native_rng_interface():
    rng = NativeRNG(4)
    assert isinstance(rng, PlainNativeRNG) and deepcopy(rng) is rng and np.ndim(rng.next()) == 0
    assert NativeRNG().seed != NativeRNG().seed
    assert len(rng.next(5, mask=np.array([0, 2]))) == 2 and len(rng.next(0)) == 0
    with pytest.raises(ValueError, match="positive"):
        rng.next(-1)
    with pytest.raises(KeyError, match="lambda_"):
        rng.next(1, "poisson", {"lam": 1})
    with pytest.raises(ValueError, match="widen"):
        rng.next(3, "normal_clipped", {"mu": 0, "sigma": 1, "low": 50, "high": 51})


def test_native_weights():
    rng = NativeRNG(6)
    weight = RandomDistribution("uniform", (0, 1), rng=rng)
    prj = Projection(
        *ENDS["different"](), ours.FixedProbabilityConnector(0.3, rng=rng), sim.StaticSynapse(weight=weight)
    )
    assert len(np.unique(prj.table()[:, 3])) == len(prj)


def test_grid_positions_are_taken_as_given():
    grid = population(16, structure=Grid2D(dx=10.0, dy=10.0))
    assert_identical(both(CONNECTORS["distance"], (grid, grid), WEIGHTS["distance"]))
