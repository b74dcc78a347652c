"""Timing, threads, splitting of runs, reset, and changes of the network between runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import Engine, library, projections
from pynn_ext.codegen import engine as compiled
from pynn_ext.codegen.interpreted import InterpretedEngine

ENGINES = pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
DECAY = np.exp(-0.1 / 10.0)


@ENGINES
@pytest.mark.parametrize("delay", [1, 2, 13])
def test_a_spike_acts_after_its_delay(engine: Any, delay: int, build: Any) -> None:
    b = build()
    source, cells = b.times([2.0]), b.cells(3)
    b.connect(source, cells, [[0], [1]], delays=delay, weight=5.0)
    probe = b.probe(cells)
    engine(b.network).run(60)
    v = probe.samples()
    arrival = 20 + delay  # it acts at this step, and the sample there is still without it
    assert np.all(v[: arrival + 1] == 0.0)
    np.testing.assert_allclose(v[arrival + 1 :, 1], 5.0 * DECAY ** np.arange(1, 60 - arrival + 1), rtol=1e-12)
    assert np.all(v[:, [0, 2]] == 0.0)
    assert source.spikes.arrays()[0].tolist() == [2.0]


def test_what_plastic_synapses_need_is_asked_for_when_there_are_some(
    busy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for module in (compiled, projections):
        monkeypatch.setattr(module, "plastic", lambda single: asked.append(single) or library.plastic(single))
    Engine(busy().network).run(50)
    assert not asked
    Engine(busy(plastic=True).network).run(50)
    assert set(asked) == {False}


@ENGINES
def test_spikes_at_time_zero_are_emitted(engine: Any, build: Any) -> None:
    b = build()
    source, cells = b.times([0.0, 0.04, 0.1]), b.cells(1)
    b.connect(source, cells, [[0], [0]], delays=1, weight=1.0)
    probe = b.probe(cells)
    engine(b.network).run(3)
    np.testing.assert_allclose(probe.samples()[:, 0], [0, 0, 2 * DECAY, (2 * DECAY + 1) * DECAY])
    assert source.spikes.arrays()[0].tolist() == [0.0, 0.04, 0.1]  # as given, not as rounded


@ENGINES
def test_a_crossing_in_a_step_is_a_spike_at_its_end(engine: Any, build: Any) -> None:
    b = build()
    source, cells = b.times([1.0]), b.cells(2, v_thresh=3.0, tau_refrac=0.5)
    b.connect(source, cells, [[0], [0]], delays=2, weight=4.0)
    b.connect(cells, cells, [[0], [1]], delays=3, weight=1.0)
    probe = b.probe(cells)
    engine(b.network).run(30)
    times, index = cells.spikes.arrays()
    assert index.tolist() == [0] and times[0] == pytest.approx(1.3)  # acts at 1.2
    v = probe.samples()
    assert np.all(v[:17, 1] == 0.0) and v[17, 1] == pytest.approx(DECAY)  # 1.3 + 0.3, seen one step later


@ENGINES
def test_refractory_period(engine: Any, build: Any) -> None:
    b = build()
    cells = b.cells(4, v_thresh=1.0, i_offset=2.0, tau_refrac=np.array([0.0, 0.1, 1.0, 2.5]))
    engine(b.network).run(400)
    times, index = cells.spikes.arrays()
    rise = np.ceil(np.log(20.0 / 19.0) / 0.01 - 1e-9)  # steps from 0 to the threshold
    for cell, pause in enumerate((0, 1, 10, 25)):
        steps = np.round(np.diff(times[index == cell]) / 0.1)
        assert np.all(steps == rise + pause), cell


@ENGINES
def test_several_spikes_of_one_source_in_one_step(engine: Any, build: Any) -> None:
    b = build()
    source, cells = b.times([1.0, 1.01, 1.02], [1.0]), b.cells(1)
    b.connect(source, cells, [[0, 1], [0, 0]], weight=1.0)
    probe = b.probe(cells)
    engine(b.network).run(20)
    assert probe.samples()[12, 0] == pytest.approx(4 * DECAY)
    assert len(source.spikes.arrays()[0]) == 4


@ENGINES
def test_injected_currents_add_up(engine: Any, build: Any) -> None:
    b = build()
    cells = b.cells(3)
    b.inject(cells, [0, 2], lambda k: np.where((k >= 10) & (k < 20), 1.0, 0.0))
    b.inject(cells, [2, 2], lambda k: np.where(k >= 15, 0.5, 0.0))
    probe = b.probe(cells)
    simulation = engine(b.network)
    for n in (7, 8, 3, 12):
        simulation.run(n)
    expected, v = np.zeros((31, 3)), np.zeros(3)
    for k in range(30):
        current = np.array([10 <= k < 20, 0, (10 <= k < 20) + (k >= 15)], dtype=float)
        v = expected[k + 1] = v * DECAY + 10.0 * current * (1 - DECAY)
    np.testing.assert_allclose(probe.samples(), expected, atol=1e-13)


@ENGINES
def test_sampling_interval(engine: Any, build: Any) -> None:
    found = []
    for every in (1, 7):
        b = build()
        probe = b.probe(b.cells(5, i_offset=np.arange(5.0)), every=every)
        simulation = engine(b.network)
        for n in (3, 10, 1, 50):
            simulation.run(n)
        found.append(probe.samples())
    assert found[1].tobytes() == found[0][::7].tobytes()


@pytest.mark.parametrize("kind", ["static", "plastic", "divided"])
@pytest.mark.parametrize("name", ["IF_cond_exp", "IF_curr_alpha", "EIF_cond_exp_isfa_ista"])
def test_threads_change_no_byte(
    name: str, kind: str, busy: Any, results: Any, assert_same: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    monkeypatch.setattr("pynn_ext.codegen.threads.LEAST_BLOCKS", 1)
    monkeypatch.setattr("pynn_ext.codegen.threads.Trial.choose", lambda trial, steps: (trial.threads, steps))
    if kind == "divided":
        monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_PLASTIC", 0)
    plastic, found = kind != "static", []
    for threads in (1, 2, 3):
        b = busy(name, plastic, 0.5)
        engine = Engine(b.network, threads)
        engine.run(500)
        assert engine._core.threads == threads and engine._core.divided == (kind == "divided")
        found.append(results(b))
    assert len(found[0]["times 1"]) > 50
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


def test_threads_may_come_and_go(
    busy: Any, results: Any, assert_same: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    monkeypatch.setattr("pynn_ext.codegen.threads.LEAST_BLOCKS", 1)
    monkeypatch.setattr("pynn_ext.codegen.threads.TRIAL", 20)
    monkeypatch.setattr("pynn_ext.codegen.threads.PATIENCE", 15)
    found = []
    for threads in (1, 3):
        b = busy("IF_cond_exp", True, 0.5)
        engine = Engine(b.network, threads)
        for steps in (1, 7, 300, 192):
            engine.run(steps)
        found.append(results(b))
    assert len(found[0]["times 1"]) > 50
    assert_same(*found)


@pytest.mark.parametrize("plastic", [False, True], ids=["static", "plastic"])
def test_reset_equals_a_fresh_network(plastic: bool, busy: Any, results: Any, assert_same: Any) -> None:
    fresh = busy("IF_cond_exp", plastic, 0.5)
    Engine(fresh.network).run(300)
    b = busy("IF_cond_exp", plastic, 0.5)
    engine = Engine(b.network)
    for n in (1, 50, 333):
        engine.run(n)
        b.network.reset()
    engine.run(300)
    assert_same(results(fresh), results(b))


@ENGINES
def test_what_is_added_after_a_run_acts_from_then_on(engine: Any, build: Any) -> None:
    b = build()
    source, cells = b.times([1.0, 2.0, 3.0, 4.0]), b.cells(1)
    b.connect(source, cells, [[0], [0]], weight=1.0)
    simulation = engine(b.network)
    simulation.run(25)
    late = b.cells(2, i_offset=1.0)
    late_source = b.times([2.2, 3.5])
    b.connect(late_source, late, [[0], [1]], delays=4, weight=2.0)
    b.connect(source, late, [[0], [1]], delays=30, weight=0.0)  # longer than any delay before
    probe = b.probe(late)
    assert probe.start == 25
    simulation.run(25)
    v = probe.samples()
    assert v.shape == (26, 2)
    np.testing.assert_allclose(v[:, 0], 10 * (1 - DECAY ** np.arange(26)), atol=1e-13)
    extra = v[:, 1] - v[:, 0]
    assert np.all(extra[: 39 - 25 + 1] == 0.0) and extra[40 - 25] == pytest.approx(2 * DECAY)


@ENGINES
def test_a_plastic_projection_added_in_flight_keeps_its_time(engine: Any, build: Any) -> None:
    """What was sent before it existed is lost, and does not push what is sent later out of its time."""
    b = build()
    source, cells = b.times([1.0, 2.0]), b.cells(1)
    simulation = engine(b.network)
    simulation.run(15)
    b.connect(source, cells, [[0], [0]], delays=20, weight=1.0, w_max=2.0, **b.stdp)
    probe = b.probe(cells)
    simulation.run(45)
    changed = np.flatnonzero(np.diff(probe.samples()[:, 0]) > 0) + 1 + probe.start
    assert changed.tolist() == [41]


@ENGINES
def test_pairs_of_spikes(engine: Any, build: Any) -> None:
    """Weights against the sum over all pairs; a pair at zero distance does not count."""
    b = build()
    pre, drive = b.times([5.0, 9.0, 20.0, 30.1]), b.times([7.0, 19.0, 29.0])
    cells = b.cells(1, v_thresh=3.0, tau_refrac=0.0)
    b.connect(drive, cells, [[0], [0]], delays=1, weight=10.0)
    made = b.connect(pre, cells, [[0], [0]], delays=10, weight=1.0, w_max=2.0, **b.stdp)
    engine(b.network).run(400)
    fired = cells.spikes.arrays()[0]
    np.testing.assert_allclose(fired, [7.2, 19.2, 29.2])
    weight, x, y, events = 1.0, [], [], []
    events += [(round(t * 10), 1, t) for t in (5.0, 9.0, 20.0, 30.1)]  # all of the delay is dendritic
    events += [(round(t * 10) + 10, 0, t + 1.0) for t in fired]
    for _, presynaptic, t in sorted(events):
        if presynaptic:
            weight -= 0.06 * weight * sum(np.exp(-(t - s) / 15.0) for s in y if t - s > 1e-6)
            x.append(t)
        else:
            weight += 0.05 * 2.0 * sum(np.exp(-(t - s) / 20.0) for s in x if t - s > 1e-6)
            y.append(t)
    assert made.get("weight")[0] == pytest.approx(weight, abs=1e-12)


def test_an_engine_can_be_closed_and_its_network_run_by_another(
    busy: Any, results: Any, assert_same: Any
) -> None:
    whole, b = busy("IF_cond_exp"), busy("IF_cond_exp")
    Engine(whole.network).run(100)
    engine = Engine(b.network)
    engine.run(100)
    engine.close()
    engine.close()
    assert_same(results(whole), results(b))
    b.network.reset()
    Engine(b.network).run(100)
    assert_same(results(whole), results(b))


def rapid(build: Any, rates: Any, recorded: bool = True) -> Any:
    """Sources with several spikes in a step, one for each cell and one for all."""
    b = build()
    source = b.poisson(150, 0.0, start=1.23, duration=20.0)
    source.rate[:] = rates
    cells = b.cells(150)
    index = np.arange(150)
    b.connect(source, cells, np.stack([index, index]), delays=3, weight=0.1)
    b.connect(source, cells, np.stack([index, index[::-1]]), delays=2, weight=index / 150)
    b.probe(cells)
    if not recorded:
        source.spikes = None
    return b, source, cells


@pytest.mark.parametrize("rates", [13_000.0, np.linspace(2000.0, 50_000.0, 150)], ids=["equal", "different"])
def test_rapid_sources_are_counted_alike_by_all(
    rates: Any, build: Any, results: Any, assert_same: Any
) -> None:
    found = []
    for make in (Engine, InterpretedEngine, lambda network: Engine(network, 3)):
        b, source, _ = rapid(build, rates)
        make(b.network).run(300)
        found.append(results(b))
        times, _ = source.spikes.arrays()
        assert 1.2 < times.min() < 1.4 and 21.1 < times.max() < 21.4
        expected = source.rate.sum() * 20e-3
        assert abs(len(times) - expected) < 5 * np.sqrt(expected)
    assert_same(found[0], found[1], tolerance=1e-10)
    if np.ndim(rates) == 0:
        assert_same(found[0], found[2])


def test_counts_and_lists_turn_into_each_other(build: Any) -> None:
    """Rates, projections and recorders that come and go leave what is under way as it is."""
    potentials = []
    for disturbed in (False, True):
        b, source, cells = rapid(build, 9000.0, recorded=False)
        del b.network.connections[1]
        engine = Engine(b.network)
        engine.run(100)
        if disturbed:
            pairs = np.zeros((2, 1), int)
            b.connect(source, cells, pairs, delays=9, weight=0.0)  # looks spikes up in lists
        source.rate[:], source.revision = 0.0, source.revision + 1  # the spikes under way still arrive
        engine.run(20)
        potentials.append(b.network.probes[0].samples())
    np.testing.assert_array_equal(*potentials)
    assert len(np.unique(potentials[0][-18:, 3])) > 2


def test_rapid_sources_of_the_first_cells_only(build: Any, results: Any, assert_same: Any) -> None:
    found = []
    for make in (Engine, InterpretedEngine):
        b = build()
        source, cells = b.poisson(30, 20_000.0), b.cells(200)
        b.connect(source, cells, [range(30), range(30)], delays=2, weight=0.1)
        make(b.network).run(50)
        found.append(results(b))
    assert_same(*found, tolerance=1e-10)
    assert found[0]["v 1"][:30].min() > 0 and not found[0]["v 1"][30:].any()


def test_samples_do_not_depend_on_how_memory_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for held, chunk in ((1 << 25, 2000), (5000, 7)):
        monkeypatch.setattr(compiled, "HELD", held)
        monkeypatch.setattr(compiled, "CHUNK", chunk)
        sim.setup(timestep=0.1)
        cells = sim.Population(70, sim.IF_cond_exp(i_offset=np.linspace(0.5, 2.0, 70)))
        cells.record("spikes")
        cells[:40].record("v", sampling_interval=0.3)
        cells[np.array([3, 68, 5])].record("gsyn_exc")
        for duration in (20.0, 0.1, 31.4):
            sim.run(duration)
        segment = cells.get_data().segments[0]
        signals = [signal.magnitude for signal in segment.analogsignals]
        found.append([*signals, np.concatenate([train.magnitude for train in segment.spiketrains])])
    assert {len(signal) for signal in found[0][:-1]} == {172}
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("pieces", [[120], [1, 2, 47, 70]])
def test_counts_that_one_projection_reads_are_those_that_are_recorded(pieces: Any, build: Any) -> None:
    """Counts are made where they are read, if nobody else looks at them."""
    potentials = []
    for recorded, runs in ((True, [120]), (False, pieces)):
        b, _, _ = rapid(build, 9000.0, recorded)
        del b.network.connections[1]
        engine = Engine(b.network)
        for n in runs:
            engine.run(n)
        potentials.append(b.network.probes[0].samples())
    assert len(np.unique(potentials[0])) > 100
    np.testing.assert_array_equal(*potentials)
