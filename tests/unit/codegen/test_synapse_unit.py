"""What statements of synapses may use: draws, traces of both sides, state of the cells at both ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.codegen.projections import is_whole
from pynn_ext.codegen.synapse_unit import synapse_unit
from pynn_ext.network import SynapseModel

ENGINES = pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
RANDOM = SynapseModel(
    "random walk",
    parameters={"p": "1", "n": "1", "tau": "1"},
    state={"count": 0.0},
    post_traces={"y": "tau"},
    on_transmit="count = count + binomial(3, n, p)\ntransmitted = weight*int(uniform(0) < p)",
    on_pre="weight = weight + 0.01*(uniform(1) - 0.5)*(1 + y)",
    on_post="weight = weight + 0.02*(uniform(0) - 0.5)",
)
TRIPLETS = SynapseModel(
    "triplets",
    parameters=dict.fromkeys(("tau_plus", "tau_x", "tau_minus", "tau_y"), "1"),
    pre_traces={"r1": "tau_plus", "r2": "tau_x"},
    post_traces={"o1": "tau_minus", "o2": "tau_y"},
    on_pre="weight = weight - o1*(7e-3 + 2.3e-4*r2)",
    on_post="weight = weight + r1*(5e-10 + 6.2e-3*o2)",
)
TRIPLET_VALUES = {"tau_plus": 16.8, "tau_x": 101.0, "tau_minus": 33.7, "tau_y": 125.0}
VOLTAGE = SynapseModel(
    "voltage rule",
    pre_state={"v_source": "v"},
    post_state={"v_target": "v"},
    on_pre="weight = weight + 0.1*v_target",
    on_post="weight = weight + 0.01*v_source",
)


POWERS = SynapseModel(
    "powers",
    parameters={"mu": "1", "tau": "1"},
    post_traces={"y": "tau"},
    on_pre="weight = clip(weight + 0.01*clip(1 - weight, 0, 1)**mu*(1 + y), 0, 1)",
    on_post="weight = clip(weight - 0.01*clip(weight, 0, 1)**mu, 0, 1)",
)


@pytest.mark.parametrize("mu", [0.0, 0.3, 0.5, 1.0, 2.0, [0.0, 0.3, 0.5, 1.0] * 300])
def test_usual_powers_are_what_others_would_be(mu: Any, build: Any) -> None:
    """Of a weight at 0 and at 1 too; a loop over one exponent is told its function, one over many takes any."""
    found = []
    for engine in (Engine, InterpretedEngine):
        b = build()
        source, cells = b.poisson(30, 2000.0), b.cells(40, v_thresh=-64.0, i_offset=2.0)
        index = np.array(np.nonzero(np.ones((30, 40))))
        weight = np.resize([0.0, 0.2, 0.7, 1.0], 1200)
        b.connect(source, cells, index, model=POWERS, weight=weight, mu=np.asarray(mu), tau=20.0)
        engine(b.network).run(200)
        found.append(b.network.connections[-1].columns["weight"].copy())
    assert np.ptp(found[0]) > 0.01 and np.abs(found[0] - weight).max() > 0.01
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-15)


def test_a_loop_over_one_exponent_takes_powers_of_whole_blocks() -> None:
    for exponents, chosen in (({"weight"}, True), ({"weight", "mu"}, False)):
        assert ("powers_of(mu);" in synapse_unit(POWERS, frozenset(exponents)).source) is chosen


EXPONENTIALS = replace(
    POWERS,
    on_pre="weight = clip(weight + 0.01*exp(-3*weight)*(1 + y), 0, 1)",
    on_post="weight = clip(weight - 0.01*weight**mu*exp(weight), 0, 1)",
)


@pytest.mark.parametrize("model", [POWERS, EXPONENTIALS], ids=["powers", "exponentials"])
def test_rows_with_exponentials_may_be_cut_for_threads(
    model: SynapseModel, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_PLASTIC", 0)
    monkeypatch.setattr("pynn_ext.codegen.threads.LEAST_BLOCKS", 1)
    monkeypatch.setattr("pynn_ext.codegen.threads.Trial.choose", lambda trial, steps: (trial.threads, steps))
    found, rng = [], np.random.default_rng(2)
    pairs = np.array(np.nonzero(rng.random((30, 150)) < 0.7))
    weight, delays = rng.random(pairs.shape[1]), rng.integers(1, 3, pairs.shape[1])
    for threads in (1, 2, 3):
        b = build()
        source, cells = b.poisson(30, 2000.0), b.cells(150, v_thresh=-64.0, i_offset=2.0)
        b.connect(source, cells, pairs, model=model, weight=weight, mu=0.3, tau=20.0, delays=delays)
        engine = Engine(b.network, threads)
        engine.run(300)
        assert engine._core.threads == threads
        found.append(b.network.connections[-1].columns["weight"].tobytes())
    assert found[0] == found[1] == found[2] != weight.tobytes()


def test_only_functions_in_blocks_may_be_cut() -> None:
    assert not is_whole(POWERS) and not is_whole(EXPONENTIALS)
    assert is_whole(replace(POWERS, on_pre="weight = log(weight)"))
    assert is_whole(replace(POWERS, on_pre="weight = weight*exp(uniform(0))"))


def busy_random(build: Any, recurrent: bool = True) -> Any:
    b, rng = build(), np.random.default_rng(3)
    source, cells = b.poisson(30, 2000.0), b.cells(40, v_thresh=5.0)
    pairs = np.array(np.nonzero(rng.random((30, 40)) < 0.5))
    options = {"model": RANDOM, "p": rng.uniform(0, 1, pairs.shape[1]), "tau": 20.0}
    options |= {"n": rng.integers(1, 6, pairs.shape[1]), "delays": rng.integers(1, 4, pairs.shape[1])}
    b.connect(source, cells, pairs, weight=0.3, fraction=0.5, **options)
    if recurrent:
        pairs = np.array(np.nonzero(rng.random((40, 40)) < 0.1))
        b.connect(cells, cells, pairs, model=RANDOM, p=0.4, n=3.0, tau=20.0, weight=0.1)
    b.probe(cells)
    return b


def test_draws_of_both_engines_are_equal(build: Any, results: Any, assert_same: Any) -> None:
    """Several spikes of one source in a step draw afresh."""
    found = []
    for engine in (Engine, InterpretedEngine):
        b = busy_random(build)
        simulation = engine(b.network)
        for steps in (60, 90):
            simulation.run(steps)
        found.append(results(b))
        found[-1]["counts"] = b.network.connections[0].get("count").copy()
    assert len(found[0]["times 1"]) > 30 and found[0]["counts"].max() > 10
    assert_same(*found, tolerance=1e-10)


def test_threads_runs_and_resets_change_no_draw(build: Any, results: Any, assert_same: Any) -> None:
    found = []
    for threads, parts in ((1, [200]), (2, [70, 130]), (3, [200])):
        b = busy_random(build)
        simulation = Engine(b.network, threads)
        simulation.run(33)
        b.network.reset()
        for steps in parts:
            simulation.run(steps)
        found.append(results(b))
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


@ENGINES
def test_draws_of_one_projection_do_not_depend_on_others(engine: Any, build: Any) -> None:
    counts = []
    for recurrent in (False, True):
        b = busy_random(build, recurrent)
        engine(b.network).run(50)
        counts.append(b.network.connections[0].get("count").copy())
    np.testing.assert_array_equal(*counts)


@ENGINES
def test_triplets_use_the_traces_of_both_sides(engine: Any, build: Any) -> None:
    """Traces as they were before the spikes of the step."""
    b = build()
    pre, drive = b.times([5.0, 9.0, 20.0, 30.1]), b.times([7.0, 8.0, 19.0, 29.0])
    cells = b.cells(1, v_thresh=3.0, tau_refrac=0.0)
    b.connect(drive, cells, [[0], [0]], weight=10.0)
    made = b.connect(pre, cells, [[0], [0]], delays=10, weight=1.0, model=TRIPLETS, **TRIPLET_VALUES)
    engine(b.network).run(400)
    events = [(t, True) for t in (5.0, 9.0, 20.0, 30.1)] + [
        (t + 1.0, False) for t in cells.spikes.arrays()[0]
    ]
    weight, spikes = 1.0, {True: [], False: []}  # type: ignore[var-annotated]

    def trace(side: bool, tau: float, now: float) -> float:
        return sum(np.exp(-(now - s) / tau) for s in spikes[side])

    for t, presynaptic in sorted(events):
        if presynaptic:
            weight -= trace(False, 33.7, t) * (7e-3 + 2.3e-4 * trace(True, 101.0, t))
        else:
            weight += trace(True, 16.8, t) * (5e-10 + 6.2e-3 * trace(False, 125.0, t))
        spikes[presynaptic].append(t)
    assert made.get("weight")[0] == pytest.approx(weight, abs=1e-12)


@ENGINES
def test_a_rule_may_read_the_state_of_both_cells(engine: Any, build: Any) -> None:
    b = build()
    pre = b.cells(1, v_thresh=1.0, i_offset=0.4, tau_refrac=0.0)
    post = b.cells(1, v_thresh=1.0, i_offset=0.7, tau_refrac=0.0)
    made = b.connect(pre, post, [[0], [0]], delays=2, weight=0.0, fraction=0.0, model=VOLTAGE)
    probes = b.probe(pre), b.probe(post)
    engine(b.network).run(150)
    v = [probe.samples()[:, 0] for probe in probes]
    steps = [np.rint(group.spikes.arrays()[0] / 0.1).astype(int) for group in (pre, post)]
    seen = steps[0] + 2
    expected = 0.1 * v[1][seen[seen < 150]].sum() + 0.01 * v[0][steps[1][steps[1] < 150]].sum()
    assert len(steps[0]) > 2 and len(steps[1]) > 4
    # the weight is transmitted as well: v of the target is read before it arrives
    assert made.get("weight")[0] == pytest.approx(expected, abs=1e-12)


def test_a_model_is_static_only_without_statements() -> None:
    assert not RANDOM.static and not replace(RANDOM, on_transmit="", on_pre="").static
    assert SynapseModel("plain").static and not SynapseModel("gap", coupling="weight").static
