"""Learning procedures are called when they are due, on every backend, and their state is kept and restored."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from pynn_ext.errors import NetworkError, UnsupportedError
from pynn_ext.learning import LearningProcedure, procedures
from pynn_ext.learning.base import MAX_BYTES
from pynn_ext.learning.observation import Weights, samples_between, spikes_between

from .conftest import begin


class Counter(LearningProcedure):
    """Counts spikes and raises all weights by 0.5 at each call."""

    state_names: ClassVar[tuple[str, ...]] = ("rng", "total")

    def __init__(self, projection: Any, interval: float, **options: Any) -> None:
        super().__init__(interval, **options)
        self.weights, self.total = Weights(projection), np.zeros(2)
        self.rng = np.random.default_rng(3)

    def update(self, t: float) -> None:
        cells, _ = spikes_between(self.weights.projection.pre, self.since, t)
        self.total += np.bincount(cells, minlength=2)
        self.weights.write(self.weights.read() + 0.5)
        self.history.append(t, total=self.total, draw=self.rng.random())


def network(sim: Any) -> Any:
    pre = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 12.0, 13.0], [22.0]]))
    post = sim.Population(3, sim.IF_curr_exp())
    pre.record("spikes")
    connector = sim.FromListConnector([(0, 0, 1.0, 1.0), (1, 0, 2.0, 1.0), (1, 2, 3.0, 1.0)])
    return sim.Projection(pre, post, connector, sim.StaticSynapse(), receptor_type="excitatory")


def test_it_is_called_at_its_times_and_changes_weights(sim: Any) -> None:
    projection = network(sim)
    counter = Counter(projection, 10.0)
    sim.run(25.0, callbacks=[counter])
    assert counter.history["t"] == pytest.approx([10.0, 20.0])
    assert counter.history["total"].tolist() == [[1, 0], [3, 0]]
    sim.run(15.0, callbacks=[counter])
    assert counter.history["t"] == pytest.approx([10.0, 20.0, 30.0, 40.0])
    assert counter.history["total"][-1].tolist() == [3, 1]
    weights = projection.get("weight", format="array")
    expected = np.array([[3.0, np.nan, np.nan], [4.0, np.nan, 5.0]])
    np.testing.assert_allclose(weights, expected)


def test_a_reset_begins_again_and_keeps_what_was_learned(sim: Any) -> None:
    counter = Counter(network(sim), 10.0)
    for _ in range(2):
        sim.run(20.0, callbacks=[counter])
        sim.reset()
    assert counter.history["t"] == pytest.approx([10.0, 20.0, 10.0, 20.0])
    assert counter.total.tolist() == [6, 0] and counter.updates == 4


def test_a_changed_weight_acts_on_the_next_spike(sim: Any) -> None:
    """The membrane of a cell with little leak sums what arrives."""
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 13.0, 23.0]))
    cell = sim.IF_curr_exp(tau_m=5000.0, v_rest=0.0, v_reset=0.0, v_thresh=100.0, tau_syn_E=1.0)
    post = sim.Population(1, cell, initial_values={"v": 0.0})
    pre.record("spikes")
    post.record("v")
    projection = sim.Projection(
        pre,
        post,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=2.0, delay=1.0),
        receptor_type="excitatory",
    )

    class Doubling(LearningProcedure):
        def update(self, t: float) -> None:
            projection.set(weight=2.0 * Weights(projection).read()[0, 0])

    sim.run(30.0, callbacks=[Doubling(10.0)])
    times, v = samples_between(post, "v", 0.0, 30.0)
    at = np.searchsorted(times, [12.0, 22.0, 30.0])
    once = v[at[0], 0]
    # Loihi rounds weights and decays to their grids
    assert once > 0 and v[at, 0] / once == pytest.approx([1.0, 3.0, 7.0], rel=0.02)


def test_a_chip_that_is_programmed_between_runs_learns_from_trial_to_trial() -> None:
    import pyNN.neurocorex as sim

    sim.setup(timestep=0.96)
    pre = sim.Population(2, sim.SpikeSourceArray(spike_times=[[4.8], [6.72]]))
    cell = sim.IF_curr_delta(tau_m=1e9, v_rest=0.0, v_reset=0.0, v_thresh=60.0, tau_refrac=0.96)
    post = sim.Population(3, cell, initial_values={"v": 0.0})
    pre.record("spikes")
    connector = sim.FromListConnector([(0, 0, 1.0, 0.96), (1, 0, 2.0, 0.96), (1, 2, 3.0, 0.96)])
    projection = sim.Projection(pre, post, connector, sim.StaticSynapse(), receptor_type="excitatory")
    counter = Counter(projection, 19.2)
    for _ in range(2):
        sim.run(19.2, callbacks=[counter])
        sim.reset()
    assert counter.total.tolist() == [2, 2] and counter.history["t"] == pytest.approx([19.2, 19.2])
    assert projection.get("weight", format="array")[1, 2] == 4.0
    with pytest.raises(UnsupportedError, match="programmed between emulations only"):
        sim.run(38.4, callbacks=[counter])


def test_spikes_that_are_not_recorded_are_missed(sim: Any) -> None:
    projection = network(sim)
    with pytest.raises(NetworkError, match="spikes that are not recorded"):
        spikes_between(projection.post, 0.0, 10.0)


def test_one_that_comes_late_sees_nothing_of_before() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    projection = network(sim)
    sim.run(15.0)
    counter = Counter(projection, 10.0)
    sim.run(15.0, callbacks=[counter])
    assert counter.history["t"].tolist() == [20.0, 30.0]
    assert counter.history["total"].tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize("timestep", [0.1, 0.3])
def test_times_do_not_drift(timestep: float) -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=timestep)
    counter = Counter(network(sim), 3 * timestep, start=2 * timestep)
    sim.run(300 * timestep, callbacks=[counter])
    np.testing.assert_allclose(counter.history["t"], (2 + 3 * np.arange(1, 100)) * timestep)


def test_state_and_history_are_restored(sim: Any, tmp_path: Path) -> None:
    whole = Counter(network(sim), 10.0)
    sim.run(40.0, callbacks=[whole])
    end = whole.weights.read()
    begin(sim)
    half = Counter(network(sim), 10.0)
    sim.run(20.0, callbacks=[half])
    half.save(tmp_path / "half.npz")
    again = Counter(half.weights.projection, 10.0)
    again.restore(tmp_path / "half.npz")
    sim.run(20.0, callbacks=[again])
    for name in ("t", "total", "draw"):
        np.testing.assert_array_equal(again.history[name], whole.history[name])
    assert again.updates == 4 and again.total.tolist() == whole.total.tolist()
    np.testing.assert_array_equal(again.weights.read(), end)


def test_what_is_no_state_of_this_procedure_is_refused(tmp_path: Path) -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    counter = Counter(network(sim), 10.0)
    counter.save(tmp_path / "state.npz")
    counter.total = np.zeros(3)
    with pytest.raises(NetworkError, match=r"'total' in .* has shape \(2,\)"):
        counter.restore(tmp_path / "state.npz")

    class Other(Counter):
        pass

    with pytest.raises(NetworkError, match="holds the state of Counter"):
        Other(counter.weights.projection, 10.0).restore(tmp_path / "state.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(NetworkError, match=r"not a \.npz file"):
        counter.restore(tmp_path / "text.npz")
    np.savez(tmp_path / "object.npz", total=np.array([{}], dtype=object))
    with pytest.raises(NetworkError, match="not an array of numbers"):
        counter.restore(tmp_path / "object.npz")
    with zipfile.ZipFile(tmp_path / "large.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("total.npy", "w", force_zip64=True) as member:
            member.write(b"0")
        archive.filelist[0].file_size = MAX_BYTES + 1
    with pytest.raises(NetworkError, match="at most"):
        counter.restore(tmp_path / "large.npz")


@pytest.mark.parametrize("interval", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_interval_is_refused(interval: float) -> None:
    class Nothing(LearningProcedure):
        def update(self, t: float) -> None: ...

    with pytest.raises(NetworkError, match="an interval of"):
        Nothing(interval)


def test_several_synapses_per_pair_are_refused() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=1.0)
    a, b = sim.Population(1, sim.SpikeSourceArray()), sim.Population(1, sim.IF_curr_exp())
    connector = sim.FromListConnector([(0, 0, 1.0, 1.0), (0, 0, 1.0, 2.0)])
    with pytest.raises(NetworkError, match="2 synapses between 1 pairs"):
        Weights(sim.Projection(a, b, connector, sim.StaticSynapse()))


def test_every_procedure_is_found_by_its_file() -> None:
    import pynn_ext.learning as learning

    assert "SynapticScaling" in procedures()
    assert all(getattr(learning, name) is cls and cls.__doc__ for name, cls in procedures().items())
    with pytest.raises(AttributeError):
        getattr(learning, "Nothing")  # noqa: B009
