"""Every placement respects every limit or names the tightest; what a move saves is what it says."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn_ext.errors import MappingError, NetworkError
from pynn_ext.mapping import Clusters, CoreLimits, SpikeGraph, SynapseMemory, partition, place, route
from pynn_ext.mapping.place import METHODS as PLACEMENTS
from pynn_ext.mapping.place import _savings, cost

METIS = pytest.param(
    "metis", marks=pytest.mark.skipif(not find_spec("pymetis"), reason="pymetis is not installed")
)
PARTITIONS = ["sequential", "random", "greedy", "refine"]


def graph_of(seed: int, cells: int, sources: int, synapses: int, profiles: int = 1) -> SpikeGraph:
    rng = np.random.default_rng(seed)
    pre = rng.integers(0, cells + sources, synapses)
    post = rng.integers(0, cells, synapses)
    spikes = rng.integers(0, 9, cells + sources).astype(float)
    return SpikeGraph(
        cells, sources, pre, post, spikes, rng.integers(0, profiles, cells), {"p": slice(0, cells)}
    )


def modular(cells: int = 64, module: int = 8) -> SpikeGraph:
    """Cells that talk within modules, numbered so that consecutive ones are in different modules."""
    rng = np.random.default_rng(3)
    member = np.arange(cells) % (cells // module)
    pairs = [(a, b) for a in range(cells) for b in range(cells) if a != b and member[a] == member[b]]
    noise = [tuple(rng.integers(0, cells, 2)) for _ in range(20)]
    pre, post = np.array(pairs + noise).T
    return SpikeGraph(cells, 0, pre, post, np.ones(cells), np.zeros(cells, dtype=np.int64))


def recount(graph: SpikeGraph, core_of: np.ndarray, n: int) -> float:
    """The number of messages, by its definition."""
    reached = {(int(s), int(core_of[t])) for s, t in zip(graph.pre, graph.post, strict=True)}
    return sum(graph.spikes[s] for s, core in reached if core_of[s] != core)


NETWORKS = st.builds(
    graph_of,
    st.integers(0, 99),
    st.integers(1, 40),
    st.integers(0, 10),
    st.integers(0, 150),
    st.integers(1, 4),
)
LIMITS = st.builds(
    CoreLimits,
    cells=st.integers(1, 20),
    axons_in=st.integers(1, 30),
    axons_out=st.integers(1, 60),
    fan_in=st.integers(5, 60),
    profiles=st.integers(1, 4),
    memory=st.builds(
        SynapseMemory,
        words=st.integers(1, 60),
        word_bits=st.just(8),
        synapse_bits=st.integers(1, 12),
        block_bits=st.integers(0, 10),
        block_size=st.integers(1, 8),
    ),
)


@pytest.mark.parametrize("method", [*PARTITIONS, METIS])
@settings(max_examples=60, deadline=None)
@given(graph=NETWORKS, limits=LIMITS, cores=st.integers(1, 12))
def test_limits_hold_or_the_tightest_is_named(
    method: str, graph: SpikeGraph, limits: CoreLimits, cores: int
) -> None:
    try:
        clusters = partition(graph, limits, cores, method)
    except MappingError as error:
        assert error.problems and "Remedy" in str(error)
        return
    assert clusters.n <= max(cores, 1)
    core_of = clusters.core_of
    assert (core_of[: graph.n_cells] >= 0).all()
    for core in range(clusters.n):
        members = np.flatnonzero(core_of[: graph.n_cells] == core)
        local = np.isin(graph.post, members)
        per_axon = np.bincount(graph.pre[local], minlength=len(graph))
        words = sum(
            -(
                -(
                    min(limits.memory.block_size, n - start) * limits.memory.synapse_bits
                    + limits.memory.block_bits
                )
                // 8
            )
            for n in per_axon
            for start in range(0, n, limits.memory.block_size)
        )
        assert len(members) <= limits.cells
        assert np.count_nonzero(per_axon) <= limits.axons_in
        assert words <= limits.memory.words and words == clusters.words[core]
        assert len(set(graph.profiles[members])) <= limits.profiles
        out = {
            (s, core_of[t])
            for s, t in zip(graph.pre, graph.post, strict=True)
            if core_of[s] == core != core_of[t]
        }
        assert len(out) <= limits.axons_out
    assert clusters.messages() == pytest.approx(recount(graph, core_of, clusters.n))


@settings(max_examples=60, deadline=None)
@given(graph=NETWORKS, cores=st.integers(1, 5), seed=st.integers(0, 9))
def test_a_move_saves_what_was_said(graph: SpikeGraph, cores: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    clusters = Clusters.from_assignment(graph, CoreLimits(), rng.integers(0, cores, graph.n_cells), cores)
    for _ in range(5):
        cell, core = int(rng.integers(graph.n_cells)), int(rng.integers(cores))
        before, gain = clusters.messages(), clusters.gains(cell)[core]
        clusters.move(cell, core)
        assert before - clusters.messages() == pytest.approx(gain)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 99), n=st.integers(1, 8), spare=st.integers(0, 4))
def test_a_swap_of_places_saves_what_was_said(seed: int, n: int, spare: int) -> None:
    rng = np.random.default_rng(seed)
    flow, distance = rng.random((n + spare, n + spare)), rng.random((n + spare, n + spare))
    np.fill_diagonal(flow, 0)
    np.fill_diagonal(distance, 0)
    at = rng.permutation(n + spare)
    saved = _savings(flow, distance, at, 0)
    for b in range(n + spare):
        swapped = at.copy()
        swapped[[0, b]] = at[[b, 0]]
        assert cost(flow, distance, at) - cost(flow, distance, swapped) == pytest.approx(saved[b], abs=1e-9)


def test_better_methods_save_messages() -> None:
    graph, limits = modular(), CoreLimits(cells=8)
    messages = {method: partition(graph, limits, 8, method).messages() for method in PARTITIONS}
    assert messages["sequential"] > 3 * messages["greedy"]
    assert messages["refine"] <= messages["greedy"] < messages["random"]
    assert messages["refine"] <= 20  # only the noise crosses cores


@pytest.mark.parametrize("method", PLACEMENTS)
def test_places_differ_and_are_reproducible(method: str) -> None:
    rng = np.random.default_rng(1)
    traffic = rng.random((9, 9))
    x, y = np.divmod(np.arange(12), 4)
    distance = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    places = place(traffic, distance, method)
    assert len(set(places)) == 9 and (places == place(traffic, distance, method)).all()
    if method not in ("sequential", "random"):
        assert cost(traffic, distance, places) <= cost(
            traffic, distance, place(traffic, distance, "sequential")
        )


def test_a_ring_is_placed_as_a_ring() -> None:
    n = 8
    shuffled = np.random.default_rng(0).permutation(n)
    traffic = np.zeros((n, n))
    traffic[shuffled, np.roll(shuffled, 1)] = 1.0
    x, y = np.divmod(np.arange(n), 4)
    distance = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    assert cost(traffic, distance, place(traffic, distance, "swarm")) <= 10
    assert cost(traffic, distance, place(traffic, distance, "refine")) <= 10


def test_routes_list_every_core_once() -> None:
    graph = graph_of(5, 30, 4, 200)
    clusters = partition(graph, CoreLimits(cells=7), 10)
    places = np.array([9, 3, 1, 0, 4])[: clusters.n]
    routes = route(clusters, places, 10)
    for vertex in range(len(graph)):
        targets = graph.post[graph.pre == vertex]
        assert set(routes.of(vertex)) == set(routes.core_of[targets])
    assert routes.synapses.sum() == len(graph.pre)
    assert routes.use.cells[9] == clusters.cells[0] and routes.use.cells.sum() == 30


def test_too_many_cells_say_so() -> None:
    with pytest.raises(
        MappingError, match=r"14 of 30 cells have no place on 2 cores.*; the tightest limit is 8 cells"
    ):
        partition(graph_of(1, 30, 0, 0), CoreLimits(cells=8), 2, chip="a chip")
    with pytest.raises(NetworkError, match="did you mean 'greedy'"):
        partition(graph_of(1, 30, 0, 0), CoreLimits(), 2, "gredy")
