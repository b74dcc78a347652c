"""What flows without spikes: any state variable, one way or both, on both engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.errors import NetworkError
from pynn_ext.network import CellModel, SynapseModel

ENGINES = pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
GAP = SynapseModel(
    "gap",
    pre_state={"v_pre": "v"},
    post_state={"v_post": "v"},
    coupling="weight*(v_pre - v_post)",
    symmetric=True,
)
POOL = CellModel(
    name="pool",
    equations="dc/dt = flow/ms - c/tau : 1\nflow : 1",
    parameters={"tau": "second"},
    receptors={"excitatory": ("c", 1.0)},
    threshold="c > 1e9",
    method="exact",
)
DIFFUSION = SynapseModel(
    "diffusion",
    parameters={"gain": "1"},
    pre_state={"c_pre": "c"},
    post_state={"c_post": "c"},
    coupling="weight*gain*(c_pre - c_post)",
    couples_to="flow",
)


def network(build: Any, size: int = 70) -> Any:
    """Cells with gap junctions in several projections, injected currents, spikes, and plastic synapses."""
    b, rng = build(), np.random.default_rng(2)
    source, cells = b.poisson(20, 400.0), b.cells(size, v_thresh=6.0)
    other = b.cells(9, i_offset=np.linspace(0.0, 1.0, 9))
    pairs = np.array(np.nonzero(rng.random((size, size)) < 0.08))
    b.connect(cells, cells, pairs, model=GAP, weight=rng.uniform(0, 0.02, pairs.shape[1]))
    pairs = np.array(np.nonzero(rng.random((size, 9)) < 0.2))
    b.connect(cells, other, pairs, model=GAP, weight=0.01)
    pairs = np.array(np.nonzero(rng.random((20, size)) < 0.4))
    b.connect(
        source, cells, pairs, weight=0.5, delays=rng.integers(1, 5, pairs.shape[1]), w_max=1.0, **b.stdp
    )
    b.inject(cells, [0, 3, size - 1], lambda k: np.where(k // 50 % 2, 0.4, 0.0))
    b.probe(cells)
    b.probe(other)
    return b


def test_both_engines_agree(build: Any, results: Any, assert_same: Any) -> None:
    found = []
    for engine in (Engine, InterpretedEngine):
        b = network(build)
        simulation = engine(b.network)
        simulation.run(130)
        b.network.connections[0].set("weight", 0.013)
        simulation.run(120)
        found.append(results(b))
    assert len(found[0]["times 1"]) > 50
    assert_same(*found, tolerance=1e-9)


def test_threads_and_divided_runs_change_no_byte(build: Any, results: Any, assert_same: Any) -> None:
    found = []
    for threads, parts in ((1, [300]), (2, [300]), (3, [1, 99, 200])):
        b = network(build)
        simulation = Engine(b.network, threads)
        for steps in parts:
            simulation.run(steps)
        found.append(results(b))
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


@ENGINES
def test_reset_equals_a_fresh_network(engine: Any, build: Any, results: Any, assert_same: Any) -> None:
    fresh, b = network(build), network(build)
    engine(fresh.network).run(90)
    simulation = engine(b.network)
    simulation.run(41)
    b.network.reset()
    simulation.run(90)
    assert_same(results(fresh), results(b))


@ENGINES
def test_a_coupling_added_after_a_run(engine: Any, build: Any) -> None:
    b = build()
    cells = b.cells(2, i_offset=np.array([1.0, 0.0]))
    b.inject(cells, [1], lambda k: np.full(len(k), -0.2))
    probe = b.probe(cells)
    simulation = engine(b.network)
    simulation.run(10)
    b.connect(cells, cells, [[0], [1]], model=GAP, weight=0.05)
    simulation.run(10)
    decay, v = np.exp(-0.1 / 10.0), np.zeros((21, 2))
    for k in range(20):
        flow = 0.05 * (v[k, 0] - v[k, 1]) if k >= 10 else 0.0
        v[k + 1] = v[k] * decay + 10.0 * (np.array([1.0, -0.2]) + [-flow, flow]) * (1 - decay)
    np.testing.assert_allclose(probe.samples(), v, atol=1e-12)


@ENGINES
def test_any_variable_in_one_direction(engine: Any, build: Any) -> None:
    """A pool that flows into two others, through a variable that the equations declare."""
    b = build()
    pools = b.cells(3, POOL, tau=50.0)
    pools.set_initial("c", np.array([4.0, 0.0, 1.0]))
    b.connect(pools, pools, [[0, 0], [1, 2]], model=DIFFUSION, weight=np.array([0.2, 0.1]), gain=0.5)
    probe = b.probe(pools, "c")
    engine(b.network).run(40)
    decay = np.exp(-0.1 / 50.0)
    c = np.array([4.0, 0.0, 1.0])
    for row in probe.samples():
        np.testing.assert_allclose(row, c, atol=1e-12)
        flow = np.array([0.0, 0.1 * (c[0] - c[1]), 0.05 * (c[0] - c[2])])
        c = c * decay + flow * 50.0 * (1 - decay)


@pytest.mark.parametrize(
    "what, text",
    [("source", "has no such state"), ("state", "has no such state"), ("input", "has no such input")],
)
def test_ends_must_have_what_is_coupled(what: str, text: str, build: Any) -> None:
    b = build()
    cells, source = b.cells(1), b.times([1.0])
    model = SynapseModel("odd", post_state={"v_post": "v"}, coupling="weight*v_post", couples_to="flow")
    with pytest.raises(NetworkError, match=text):
        if what == "source":
            b.connect(source, cells, [[0], [0]], model=GAP)
        elif what == "state":
            b.connect(cells, cells, [[0], [0]], model=DIFFUSION, gain=1.0)
        else:
            b.connect(cells, cells, [[0], [0]], model=model)
