"""Populations, views and assemblies: parameters, initial values, and what is refused."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution

from pynn_ext.errors import NetworkError, PynnExtError, StrictError


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def test_parameters_are_scalars_until_they_differ() -> None:
    p = sim.Population(4, sim.IF_cond_exp(tau_m=12.0))
    assert p.get("tau_m") == 12.0
    p[1:3].set(tau_m=[5.0, 6.0])
    assert list(p.get("tau_m")) == [12.0, 5.0, 6.0, 12.0]
    p.set(tau_m=7.0)
    assert p.get("tau_m") == 7.0


@pytest.mark.parametrize(
    "value", [[1.0, 2.0, 3.0], lambda i: i + 1.0, RandomDistribution("uniform", (1, 2), rng=NumpyRNG(1))]
)
def test_every_kind_of_value(value: object) -> None:
    p = sim.Population(3, sim.IF_curr_exp())
    p.set(tau_refrac=value)
    got = p.get("tau_refrac")
    assert got.shape == (3,) and got.min() >= 1.0


def test_single_cells_read_and_write_parameters() -> None:
    p = sim.Population(3, sim.Izhikevich())
    p[1].c = -50.0
    assert [cell.c for cell in p] == [-65.0, -50.0, -65.0]


def test_view_of_a_view_initialises_its_cells() -> None:
    p = sim.Population(6, sim.IF_curr_exp())
    p[1:5][1:3].initialize(v=[-70.0, -71.0])
    p.record("v")
    sim.run(0.1)
    v = p.get_data().segments[0].analogsignals[0].magnitude[0]
    assert list(v) == [-65.0, -65.0, -70.0, -71.0, -65.0, -65.0]


def test_heterogeneous_reset_and_refractory_period() -> None:
    p = sim.Population(2, sim.IF_curr_exp(i_offset=2.0, tau_refrac=[1.0, 9.0], v_reset=[-65.0, -60.0]))
    p.record(["spikes", "v"])
    sim.run(100.0)
    segment = p.get_data().segments[0]
    for cell, reset in enumerate((-65.0, -60.0)):
        step = round(float(segment.spiketrains[cell][0]) / 0.1)
        assert segment.analogsignals[0].magnitude[step, cell] == reset
    intervals = [np.diff(t.magnitude)[0] for t in segment.spiketrains]
    alone = sim.Population(2, sim.IF_curr_exp(i_offset=2.0, tau_refrac=1.0))
    assert alone.size == 2
    assert intervals[1] > 9.0 > intervals[0] - 8.0


def test_assembly_keeps_the_order_of_receptors() -> None:
    a = sim.Population(2, sim.IF_curr_exp()) + sim.Population(2, sim.IF_cond_exp())
    assert list(a.receptor_types) == ["excitatory", "inhibitory"]
    assert a.local_size == 4


def test_a_class_without_parameters_is_a_cell_type_too() -> None:
    for p in (
        sim.Population(2, sim.IF_cond_exp),
        sim.Population(2, sim.IF_cond_exp, label="x", cellparams={}),
    ):
        assert p.get("tau_m") == 20.0
    with pytest.warns(DeprecationWarning, match="separately"):
        assert sim.Population(2, sim.IF_cond_exp, {"tau_m": 7.0}).get("tau_m") == 7.0


def test_changed_spike_times_keep_the_past() -> None:
    p = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 7.0]))
    p.record("spikes")
    sim.run(5.0)
    p.set(spike_times=[2.0, 8.0])
    sim.run(5.0)
    assert [list(t.magnitude) for t in p.get_data().segments[0].spiketrains] == [[1.0, 8.0]] * 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sim.Population(0, sim.IF_curr_exp(), label="empty"), ["empty", "size 0", "test_populations.py:"]),
        (lambda: sim.Population(2, sim.IF_curr_exp(tau_m=-1.0), label="neg"), ["neg", "tau_m = -1", "positive"]),
        (lambda: sim.Population(2, sim.IF_curr_exp(cm=float("nan")), label="nan"), ["nan", "cm", "needs a number"]),
        (lambda: sim.Population(1, sim.SpikeSourceArray(spike_times=[-1.0]), label="s"), ["s[0]", "-1 ms", "t = 0"]),
        (lambda: sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 2.0]), label="s"), ["3, 2", "sort"]),
        (lambda: sim.Population(1, sim.SpikeSourcePoisson(rate=-5.0), label="r"), ["rate = -5", "negative"]),
        (lambda: sim.Population(2, sim.IF_curr_exp(), label="v").initialize(vv=1.0), ["vv", "did you mean 'v'"]),
    ],
)  # fmt: skip
def test_errors_say_what_where_and_what_to_do(make: object, words: list[str]) -> None:
    with pytest.raises(PynnExtError) as caught:
        make()  # type: ignore[operator]
    for word in words:
        assert word in str(caught.value)


def test_errors_remain_pynns() -> None:
    with pytest.raises(errors.InvalidParameterValueError):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 2.0]))
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'tau_m'"):
        sim.Population(2, sim.IF_curr_exp()).set(tau_me=1.0)
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'tau_m'"):
        sim.IF_curr_exp(tau_me=1.0)
    with pytest.raises(errors.InvalidDimensionsError):
        sim.Population(3, sim.IF_curr_exp(tau_m=[1.0, 2.0]))
    with pytest.raises(ValueError):
        sim.Population(0, sim.IF_curr_exp())
    assert issubclass(NetworkError, ValueError)


def test_a_cell_sets_its_own_initial_value() -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    p.record("v")
    p[1].set_initial_value("v", -60.0)
    sim.run(0.1)
    assert list(p.get_data().segments[0].analogsignals[0].magnitude[0]) == [-65.0, -60.0]
    assert p[1].get_initial_value("v") == -60.0 and p.initial_values["v"][0] == -65.0


def test_a_view_leaves_the_selection_as_it_was() -> None:
    p = sim.Population(4, sim.IF_curr_exp())
    selection = np.array([3, 1])
    assert list(p[selection].all_cells) == [p[1], p[3]]
    assert list(selection) == [3, 1]


@pytest.mark.parametrize("selector", [slice(2, 2), [], np.zeros(4, dtype=bool)])
def test_a_view_has_cells(selector: object) -> None:
    with pytest.raises(NetworkError, match="view without cells"):
        sim.Population(4, sim.IF_curr_exp(), label="p")[selector]


def test_wrong_shapes_and_sizes() -> None:
    with pytest.raises(NetworkError, match="size"):
        sim.Population((0, 3), sim.IF_curr_exp())
    p = sim.Population((2, 2), sim.IF_curr_exp())
    with pytest.raises(errors.InvalidDimensionsError, match="3 values of 'v' for 4 cells"):
        p.initialize(v=[1.0, 2.0, 3.0])
    with pytest.raises(errors.InvalidDimensionsError, match="3 values of 'v' for 2 cells"):
        p[:2].initialize(v=[1.0, 2.0, 3.0])
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'tau_m'"):
        p.get("tau_me")


def test_cells_share_a_class_that_knows_their_population() -> None:
    """A parent set for each of them would take longer than all the rest of making a population."""
    p = sim.Population(20000, sim.IF_curr_exp())
    assert len({type(cell) for cell in p.all_cells}) == 1
    assert p[19999].parent is p and "parent" not in vars(p[19999])


def test_after_a_reset_the_present_spike_times_hold() -> None:
    p = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 7.0]))
    p.record("spikes")
    sim.run(5.0)
    p[1:].set(spike_times=[2.0, 8.0])
    sim.run(5.0)
    sim.reset()
    sim.run(10.0)
    one, two = p.get_data().segments
    assert [list(t.magnitude) for t in one.spiketrains] == [[1.0, 7.0], [1.0, 8.0]]
    assert [list(t.magnitude) for t in two.spiketrains] == [[1.0, 7.0], [2.0, 8.0]]


def test_spike_times_off_the_grid_and_several_in_one_step() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.02, 1.03, 1.97, 5.0]))
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=1e9))
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    source.record("spikes")
    cell.record("v")
    sim.run(5.0)
    (train,) = source.get_data().segments[0].spiketrains
    assert list(train.magnitude) == [1.02, 1.03, 1.97, 5.0]
    v = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0] + 65.0
    np.testing.assert_allclose([v[20], v[21], v[30], v[31]], [0.0, 2.0, 2.0, 3.0], atol=1e-6)


def test_spike_times_of_different_lengths_may_be_plain_lists() -> None:
    import pyNN.codegen as sim

    sim.setup(timestep=0.1)
    sources = sim.Population(3, sim.SpikeSourceArray())
    sources.set(spike_times=[[1.0, 2.0], [3.0], []])
    assert [list(train) for train in sources.get("spike_times")] == [[1.0, 2.0], [3.0], []]


def test_rounded_refractory_periods_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    sim.setup(timestep=1.0)
    first = sim.Population(3, sim.IF_cond_exp(tau_refrac=[0.1, 1.0, 2.5]), label="first")
    sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0))
    sim.Population(2, sim.HH_cond_exp())
    sim.Population(2, sim.IF_curr_exp(), label="last")
    first.record("v")
    sim.run(1.0)
    sim.run(1.0)
    said = (
        "first (tau_refrac) and 1 further population: 4 refractory periods were rounded to multiples of 1 ms"
    )
    assert [record.getMessage() for record in caplog.records if record.name == "PyNN"] == [said]
    first.set(tau_refrac=[0.1, 1.0, 2.0], v_rest=-64.0)
    sim.run(1.0)
    assert "first (tau_refrac): 1 refractory periods were rounded to multiples of 1 ms" in caplog.text
    first.set(v_rest=-65.0)
    first[1:].set(tau_refrac=[1.5, 2.5])
    sim.run(1.0)
    told = "first (tau_refrac): 3 refractory periods were rounded to multiples of 1 ms"
    assert [record.getMessage() for record in caplog.records if record.name == "PyNN"][2:] == [told]
    assert told in first.get_data().annotations["changes"]
    sim.setup(timestep=1.0, strict=True)
    sim.Population(1, sim.IF_curr_exp(tau_refrac=0.1))
    with pytest.raises(StrictError, match="choose refractory periods that are multiples of the timestep"):
        sim.run(1.0)


def test_a_refractory_period_without_a_parameter_is_rounded_too(caplog: pytest.LogCaptureFixture) -> None:
    sim.setup(timestep=0.3)
    sim.Population(2, sim.HH_cond_exp(), label="hh")
    sim.run(0.3)
    assert "hh (2 ms): 2 refractory periods were rounded to multiples of 0.3 ms" in caplog.text


@pytest.mark.parametrize(
    ("name", "timestep", "first"),
    [
        ("mesh", 1.0, " (tau_refrac): 2 refractory periods"),
        ("loihi", 1.0, ": tau_refrac: 2 of 2 values"),
        ("neurocorex", 0.96, ": tau_refrac: 2 of 2 values"),
    ],
)
def test_refractory_periods_rounded_by_chips_are_said_with_every_change(
    caplog: pytest.LogCaptureFixture, name: str, timestep: float, first: str
) -> None:
    chip = import_module(f"pyNN.{name}")
    chip.setup(timestep=timestep)
    cells = chip.Population(2, chip.IF_curr_delta(tau_refrac=2.5, v_reset=-65.0), label="cells")
    chip.run(10 * timestep)
    assert f"cells{first}" in caplog.text
    told = "cells (tau_refrac): 1 refractory periods were rounded"
    assert told not in caplog.text
    chip.reset()  # NeuroCoreX takes no change before
    cells.set(tau_refrac=[3.5 * timestep, 2 * timestep])
    chip.run(10 * timestep)
    chip.run(10 * timestep)
    assert caplog.text.count(told) == 1
    chip.setup()
