"""What plastic synapses read of their postsynaptic cells after the dendritic part of their delay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.codegen.histories import History
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.codegen.projections import axonal_dendritic
from pynn_ext.network import SynapseModel

Array = np.ndarray[Any, Any]
AT_SPIKES = {"on_pre": "weight = weight + v_post", "on_post": "weight = weight - 0.5*v_post"}
TRANSMIT = "transmitted = 0*weight"  # so that the potential does not depend on the weights
SPIKES = SynapseModel("spikes", post_state={"v_post": "v"}, on_transmit=TRANSMIT, **AT_SPIKES)
STEPS = SynapseModel(
    "steps",
    post_state={"v_post": "v"},
    on_transmit=TRANSMIT,
    **AT_SPIKES,
    on_step="weight = weight + 0.01*v_post",
)
EXPONENTIALS = SynapseModel(  # whose loops are divided into blocks
    "exponentials", post_state={"v_post": "v"}, on_transmit=TRANSMIT,
    on_pre="weight = weight + exp(0.1*v_post)", on_post="weight = weight - 0.5*exp(0.1*v_post)",
)  # fmt: skip
N, SIZE = 5, 150


def network(build: Any, model: SynapseModel, fraction: float, delays: Any) -> Any:
    """Cells that a wave of current drives to fire, and synapses with several delays that read their potential."""
    b, rng = build(), np.random.default_rng(2)
    pre = b.times(*(np.sort(rng.choice(np.arange(1, 400), 30, replace=False)) * 0.1 for _ in range(N)))
    cells = b.cells(SIZE, i_offset=np.linspace(0.5, 3.0, SIZE), v_thresh=8.0, tau_refrac=0.5)
    cells.set_initial("v", np.linspace(-1.0, 1.0, SIZE))
    pairs = np.array(np.nonzero(np.ones((N, SIZE))))
    b.connect(
        pre, cells, pairs, model=model, delays=rng.choice(delays, N * SIZE), fraction=fraction, weight=1.0
    )
    b.probe(cells)
    return b


def by_the_steps(b: Any, v: Array, parts: list[tuple[int, float]]) -> Array:
    """Return the weights by a loop that knows the potential of all steps; `parts` are steps and fractions of runs."""
    c = b.network.connections[0]
    model, delays, source, target = c.model, c.delays(), c.pre_indices(), c.post_index
    (pre_times, pre_index), (post_times, post_index) = (g.spikes.arrays() for g in b.network.groups)
    pre, post = np.zeros((len(v), N)), np.zeros((len(v), SIZE))
    np.add.at(pre, (np.rint(pre_times / 0.1).astype(int), pre_index), 1)
    np.add.at(post, (np.rint(post_times / 0.1).astype(int), post_index), 1)
    weight, begin, oldest = np.ones(len(c)), 0, 0
    for steps, fraction in parts:
        dendritic = np.floor(fraction * delays + 0.5 + 1e-9).astype(int)
        axonal, first = delays - dendritic, begin if not dendritic.any() else oldest
        for k in range(begin, begin + steps):
            seen = np.where(dendritic > 0, v[np.maximum(k - dendritic, first), target], v[k, target])
            if model.on_step:
                weight = weight + 0.01 * seen
            seen = np.exp(0.1 * seen) if model is EXPONENTIALS else seen
            weight = weight - 0.5 * seen * post[np.maximum(k - dendritic, 0), target] * (k >= dendritic)
            weight = weight + seen * pre[np.maximum(k - axonal, 0), source] * (k >= axonal)
        begin += steps
        # of what has not been kept, the oldest value that has stands for it; without a history it begins now
        oldest = max(begin - dendritic.max() - 1, oldest) if dendritic.any() else begin
    return weight


@pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
@pytest.mark.parametrize("model", [SPIKES, STEPS, EXPONENTIALS], ids=lambda model: model.name)
@pytest.mark.parametrize("fraction", [0.0, 0.35, 1.0])
def test_synapses_see_the_cells_as_they_were(build: Any, engine: Any, model: Any, fraction: float) -> None:
    b = network(build, model, fraction, [1, 4, 17, 90])
    running = engine(b.network)
    for steps in (1, 149, 250):
        running.run(steps)
    v = b.network.probes[0].samples()  # of step k in row k
    c = b.network.connections[0]
    assert len(b.network.groups[1].spikes.arrays()[0]) > 100
    np.testing.assert_allclose(c.get("weight"), by_the_steps(b, v, [(400, fraction)]), rtol=1e-12, atol=1e-12)
    assert fraction == 0 or np.ptp(c.get("weight") - by_the_steps(b, v, [(400, 0.0)])) > 1


@pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
@pytest.mark.parametrize("fractions", [(0.3, 1.0), (1.0, 0.3), (0.0, 0.5), (0.5, 0.0, 1.0)])
def test_the_fraction_may_change_between_runs(build: Any, engine: Any, fractions: tuple[float, ...]) -> None:
    """A longer delay finds the oldest value where nothing has been kept."""
    b = network(build, STEPS, fractions[0], [2, 30, 61])
    running = engine(b.network)
    c = b.network.connections[0]
    for fraction in fractions:
        c.dendritic_delay_fraction = fraction
        c.revision += 1
        running.run(100)
    v = b.network.probes[0].samples()  # of step k in row k
    expected = by_the_steps(b, v, [(100, f) for f in fractions])
    np.testing.assert_allclose(c.get("weight"), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
def test_reset_begins_the_past_anew(build: Any, engine: Any) -> None:
    b = network(build, STEPS, 1.0, [3, 50])
    running, found = engine(b.network), []
    for _ in range(2):
        running.run(60)
        found.append(b.network.connections[0].get("weight").copy())
        b.network.reset()
    assert np.ptp(found[0]) > 0
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize("model", [SPIKES, STEPS], ids=["divided", "whole"])
def test_any_number_of_threads_gives_the_same_bytes(
    build: Any, monkeypatch: pytest.MonkeyPatch, model: Any
) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_PLASTIC", 0)
    monkeypatch.setattr("pynn_ext.codegen.threads.LEAST_BLOCKS", 1)
    monkeypatch.setattr("pynn_ext.codegen.threads.Trial.choose", lambda trial, steps: (trial.threads, steps))
    found = []
    for threads in (1, 2, 3):
        b = network(build, model, 0.6, [1, 4, 17, 90])
        running = Engine(b.network, threads)
        running.run(300)
        assert running._core.threads == threads
        found.append(b.network.connections[0].get("weight").tobytes())
    assert found[0] == found[1] == found[2]


def test_there_is_one_ring_for_all_projections_as_long_as_the_longest_delay(build: Any) -> None:
    b = network(build, SPIKES, 1.0, [3, 50])
    first, (pre, cells) = b.network.connections[0], b.network.groups
    second = b.connect(pre, cells, [[0], [0]], model=STEPS, delays=20, fraction=0.5)
    running = Engine(b.network)
    driver = running._groups
    for fractions, slots in (((1.0, 0.5), 51), ((0.1, 0.5), 11), ((0.0, 1.0), 21), ((0.0, 0.0), 0)):
        first.dendritic_delay_fraction, second.dendritic_delay_fraction = fractions
        first.revision, second.revision = first.revision + 1, second.revision + 1
        running.run(5)
        kept = driver[id(cells)].histories._kept  # type: ignore[attr-defined]
        assert list(kept) == ["v"] * bool(slots)
        assert [h.ring.shape for h in kept.values()] == [(slots, SIZE)] * bool(slots)
        assert running._core.n_histories == bool(slots)
    assert axonal_dendritic(first)[1].max() == 0


def test_a_ring_keeps_its_past_when_it_grows_or_shrinks() -> None:
    column = np.zeros(2)
    history = History(column)
    history.keep(3, 0)
    np.testing.assert_array_equal(history.at(0, 2), column)  # nothing is known yet
    for step in range(6):
        column[:] = step
        history.remember(step)
    for steps, oldest in ((5, 2), (7, 2), (1, 4), (3, 4)):
        history.keep(steps, 6)
        assert history.ring.shape == (steps + 1, 2)
        found = [history.ring[(6 - age) % (steps + 1), 0] for age in range(1, steps + 2)]
        assert found == [max(6 - age, oldest) for age in range(1, steps + 2)]
