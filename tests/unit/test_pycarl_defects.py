"""The defects of the published PyCARL (master 6db829d), by number, must not occur here: one test each.

Those that cannot occur in this package are in the table of ``docs/pycarl.md``, with the reason.
"""

from __future__ import annotations

import importlib
import math
import runpy
import sys
from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence


@pytest.fixture(params=["codegen", "mesh"])
def sim(request: pytest.FixtureRequest) -> Any:
    module = importlib.import_module(f"pynn_ext.backends.{request.param}")
    module.setup(timestep=0.1, min_delay=0.1)
    return module


REGULAR = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0}


def counts(population: Any) -> list[int]:
    return [len(train) for train in population.get_data().segments[-1].spiketrains]


def driven(sim: Any, n: int = 3, current: float = 0.02) -> Any:
    return sim.Population(n, sim.Izhikevich(**REGULAR, i_offset=current), label="cells")


def pair(sim: Any, interval: float, **rule: float) -> float:
    """Return the change of a weight by one pair of spikes, post after pre by `interval` (ms)."""
    times = (50.0, 50.0 + interval)
    sources = [sim.Population(1, sim.SpikeSourceArray(spike_times=[t])) for t in times]
    cell = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=0.1))
    strong = sim.StaticSynapse(weight=20.0, delay=0.1)
    sim.Projection(sources[1], cell, sim.AllToAllConnector(), strong)
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**rule),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0), weight=0.5, delay=0.1,
    )  # fmt: skip
    plastic = sim.Projection(sources[0], cell, sim.AllToAllConnector(), synapse)
    sim.run(150.0)
    return float(plastic.get("weight", format="list", with_address=False)[0]) - 0.5


def test_1_recording_begins_when_it_is_asked_for(sim: Any) -> None:
    cells = driven(sim)
    sim.run(100.0)
    cells.record("spikes")
    sim.run(200.0)
    trains = cells.get_data().segments[0].spiketrains
    assert all(len(train) and train.magnitude.min() > 100.0 for train in trains)


def test_2_every_kind_of_population_is_recorded(sim: Any) -> None:
    populations = [
        driven(sim),
        sim.Population(3, sim.SpikeSourcePoisson(rate=50.0)),
        sim.Population(3, sim.SpikeSourceArray(spike_times=[10.0, 20.0])),
        sim.Population(3, sim.IF_curr_exp(i_offset=1.0)),
    ]
    for population in populations:
        population.record("spikes")
    sim.run(200.0)
    assert all(min(counts(population)) > 0 for population in populations)
    assert counts(populations[2]) == [2, 2, 2]


def test_3_recordings_come_back_and_are_written(sim: Any, tmp_path: Any) -> None:
    cells = driven(sim)
    cells.record(["spikes", "v"])
    sim.run(50.0)
    segment = cells.get_data().segments[0]
    assert segment.filter(name="v")[0].shape == (501, 3) and len(segment.spiketrains) == 3
    cells.write_data(str(tmp_path / "cells.pkl"))
    assert (tmp_path / "cells.pkl").stat().st_size > 0


@pytest.mark.parametrize("interval", [5.0, -5.0])
def test_4_both_time_constants_count_and_depression_depresses(sim: Any, interval: float) -> None:
    change = pair(sim, interval, tau_plus=10.0, tau_minus=30.0, A_plus=0.02, A_minus=0.01)
    if interval > 0:
        assert change == pytest.approx(0.02 * math.exp(-interval / 10.0), rel=0.05)
    else:
        assert change == pytest.approx(-0.01 * math.exp(interval / 30.0), rel=0.05)


def test_5_plasticity_belongs_to_a_projection_and_keeps_its_bounds(sim: Any) -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(10.0, 400.0, 10.0)))
    cell = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=0.1))
    fixed = sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
    learning = [
        sim.Projection(
            source, cell, sim.AllToAllConnector(),
            sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(A_plus=0.2, A_minus=0.01),
                weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=w_max), weight=0.5, delay=0.1,
            ),
        )
        for w_max in (0.6, 0.8)
    ]  # fmt: skip
    sim.run(500.0)
    weights = [p.get("weight", format="list", with_address=False)[0] for p in (fixed, *learning)]
    assert weights == pytest.approx([20.0, 0.6, 0.8])


def test_6_what_is_not_supported_says_so_and_the_receptor_counts(sim: Any, capsys: Any) -> None:
    from pyNN.errors import ConnectionError

    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    synapse = sim.StaticSynapse(weight=0.01, delay=1.0)
    for i, receptor in enumerate(("excitatory", "inhibitory")):
        sim.Projection(source, cells[i : i + 1], sim.AllToAllConnector(), synapse, receptor_type=receptor)
    with pytest.raises(ConnectionError, match="no_such_receptor"):
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="no_such_receptor")
    cells.record("v")
    sim.run(30.0)
    up, down = cells.get_data().segments[0].filter(name="v")[0].magnitude.T
    assert up.max() > -64.9 and down.min() < -65.001
    assert capsys.readouterr().out == ""


def test_7_projection_get_takes_what_pynn_says(sim: Any) -> None:
    a, b = driven(sim, 2), driven(sim, 3)
    weights = np.arange(6.0).reshape(2, 3)
    projection = sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights, delay=0.5))
    assert projection.get("weight", format="array").tolist() == weights.tolist()
    rows = projection.get(["weight", "delay"], format="list", with_address=True)
    assert sorted(tuple(row) for row in rows)[4] == (1, 1, 4.0, 0.5)
    assert sorted(projection.get("weight", format="list", with_address=False)) == [0, 1, 2, 3, 4, 5]


def test_8_synapse_types_share_nothing(sim: Any) -> None:
    first, second = (sim.StaticSynapse(weight=w, delay=1.0) for w in (1.0, 2.0))
    first.parameter_space["weight"].base_value = 7.0
    assert second.parameter_space["weight"].base_value == 2.0
    assert sim.StaticSynapse().parameter_space["weight"].base_value == 0.0


def test_9_cells_take_parameters_alone_and_arrays_of_numpy(sim: Any) -> None:
    times = np.array([1.5, 20.25])
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[Sequence(times), Sequence(times + 1)]))
    sim.Population(2, sim.Izhikevich(a=np.float32(0.02), d=np.array([8.0, 2.0])))
    source.record("spikes")
    sim.run(50.0)
    assert [t.magnitude.tolist() for t in source.get_data().segments[0].spiketrains] == [
        pytest.approx([1.5, 20.2], abs=0.06),
        pytest.approx([2.5, 21.2], abs=0.06),
    ]


def test_10_time_advances_and_the_timestep_is_the_one_asked_for(sim: Any) -> None:
    assert sim.get_time_step() == 0.1
    driven(sim)
    assert sim.get_current_time() == 0.0
    sim.run(1500.0)
    sim.run_until(1700.0)
    assert sim.get_current_time() == pytest.approx(1700.0)
    sim.setup(timestep=0.25)
    assert sim.get_time_step() == 0.25


def test_11_reset_and_a_second_setup_begin_anew(sim: Any) -> None:
    cells = driven(sim)
    cells.record("spikes")
    sim.run(200.0)
    sim.reset()
    assert sim.get_current_time() == 0.0
    sim.run(200.0)
    first, second = cells.get_data().segments
    assert [t.magnitude.tolist() for t in first.spiketrains] == [
        t.magnitude.tolist() for t in second.spiketrains
    ]
    sim.setup(timestep=0.1)
    again = driven(sim, 1)
    again.record("spikes")
    sim.run(200.0)
    assert len(sim.simulator.state.network.groups) == 1 and len(again.get_data().segments) == 1


def test_12_views_set_get_and_initial_values_act(sim: Any) -> None:
    cells = driven(sim, 4)
    view = cells[1:3]
    view.set(i_offset=0.0)
    assert cells.get("i_offset").tolist() == [0.02, 0.0, 0.0, 0.02]
    cells.initialize(v=-70.0)
    view.initialize(v=-60.0)
    cells.record("v")
    sim.run(0.1)
    assert cells.get_data().segments[0].filter(name="v")[0][0].magnitude.tolist() == [-70, -60, -60, -70]


def test_14_current_sources_keep_to_start_and_stop(sim: Any) -> None:
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=1000.0))
    sim.DCSource(amplitude=0.5, start=20.0, stop=40.0).inject_into(cells)
    cells.record("v")
    sim.run(100.0)
    v = cells.get_data().segments[0].filter(name="v")[0].magnitude[:, 0]
    assert (v[:200] == -65.0).all() and v[395:405].max() == v.max() > -60.0 and v[-1] < -64.0


def test_15_inhibitory_cells_of_the_80_20_network_inhibit(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynn_ext.backends.codegen as codegen

    from tests.unit.examples.test_pycarl import WORKLOADS

    monkeypatch.setattr(sys, "argv", ["network_80_20.py", "codegen", "--duration", "1"])
    runpy.run_path(str(WORKLOADS["network_80_20"]), run_name="__main__")
    network = codegen.simulator.state.network
    exc, inh = network.groups[:2]
    assert (exc.size, inh.size) == (800, 200)
    assert exc.parameters["a"] != inh.parameters["a"]
    signs = {(block.pre.label, bool((block.columns["weight"] < 0).all())) for block in network.connections}
    assert ("inhibitory", True) in signs and ("excitatory", False) in signs


def test_18_names_of_models_say_what_they_are(sim: Any) -> None:
    """A cell type is PyNN's own of the same name: its parameters, defaults, and nothing adaptive in LIF."""
    from pyNN.standardmodels import cells

    for name in ("Izhikevich", "IF_curr_exp", "IF_cond_exp_gsfa_grr", "LIF"):
        ours, theirs = getattr(sim, name), getattr(cells, name)
        assert issubclass(ours, theirs) and ours.default_parameters == theirs.default_parameters
    assert {"tau_sfa", "q_sfa"} <= set(sim.IF_cond_exp_gsfa_grr.default_parameters)
    assert not [parameter for parameter in sim.LIF.default_parameters if "sfa" in parameter]
