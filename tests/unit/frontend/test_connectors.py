"""Every connector makes the connections of PyNN's own: pairs, order, values, state of the generator."""

from __future__ import annotations

import inspect

import numpy as np
import pyNN.connectors as theirs
import pyNN.mock as sim
import pytest
from pyNN import errors
from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import Grid2D, Space

from pynn_ext.codegen import draw_partners
from pynn_ext.frontend import connectors as ours
from pynn_ext.frontend import fixed_number_connectors, map_connector

from .pynn_connectors import (
    CONNECTORS,
    DISTRIBUTIONS,
    ENDS,
    POSITIONAL,
    WEIGHTS,
    Projection,
    assemblies,
    assert_identical,
    both,
    compare_or_mend,
    population,
    skip_what_pynn_cannot,
)


@pytest.fixture(autouse=True)
def _setup():
    sim.setup()


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("name", CONNECTORS)
def test_same_connections_as_pynn(name, ends):
    if name.startswith(POSITIONAL[0]):
        skip_what_pynn_cannot(name, ends)
    if name == "one" and ends == "one cell":
        ends = "different"
    compare_or_mend(CONNECTORS[name], ENDS[ends]())


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("name", [name for name in CONNECTORS if name.startswith("FixedNumber")])
def test_partners_of_all_cells_at_once_are_those_of_pynn(name, ends, monkeypatch):
    called = []

    def draw(*arguments, **options):
        called.append(arguments)
        return draw_partners(*arguments, **options)

    monkeypatch.setattr(fixed_number_connectors, "WORTHWHILE", 0)
    monkeypatch.setattr(sim.simulator, "draw_partners", draw, raising=False)
    for weights in ("scalar", "both"):
        compare_or_mend(CONNECTORS[name], ENDS[ends](), WEIGHTS[weights], shared=False)
    assert called


@pytest.mark.parametrize("with_replacement", [False, True])
@pytest.mark.parametrize("allow_self_connections", [False, True])
@pytest.mark.parametrize("low", [1, 3, 6])  # of 0 PyNN makes an error
@pytest.mark.parametrize("block", [1, 1 << 20])
def test_numbers_from_the_connectors_own_stream(
    with_replacement, allow_self_connections, low, block, monkeypatch
):
    drawn = []

    def draw(*arguments, **options):
        drawn.append(options["drawn"])
        return draw_partners(*arguments, **options)

    def make(module, rng):
        n = RandomDistribution("uniform_int", rng=rng, low=low, high=7)
        return module.FixedNumberPostConnector(n, allow_self_connections, with_replacement, rng=rng)

    monkeypatch.setattr(fixed_number_connectors, "WORTHWHILE", 0)
    monkeypatch.setattr(fixed_number_connectors, "PAIRS_PER_BLOCK", block)
    monkeypatch.setattr(sim.simulator, "draw_partners", draw, raising=False)
    compare_or_mend(make, ENDS["same"]())
    assert set(drawn) == {(low, 7)}


def test_numbers_of_another_distribution_are_drawn_one_by_one(monkeypatch):
    def make(module, rng):
        n = RandomDistribution("poisson", rng=rng, lambda_=4.0)
        return module.FixedNumberPostConnector(n, rng=rng)

    monkeypatch.setattr(sim.simulator, "draw_partners", draw_partners, raising=False)
    assert_identical(both(make, ENDS["same"]()))


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


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distributions(name):
    def synapse(rng):
        return sim.StaticSynapse(weight=RandomDistribution(name, DISTRIBUTIONS[name], rng=rng))

    unsafe = lambda m, r: m.FixedProbabilityConnector(0.4, rng=r, safe=False)  # noqa: E731
    assert_identical(both(unsafe, ENDS["different"](), synapse))


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


def test_grid_positions_are_taken_as_given():
    grid = population(16, structure=Grid2D(dx=10.0, dy=10.0))
    assert_identical(both(CONNECTORS["distance"], (grid, grid), WEIGHTS["distance"]))
