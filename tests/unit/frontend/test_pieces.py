"""Single connections: reading and writing them, and keeping hold of them while the block is sorted anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _all_to_all(n: int = 3, **synapse: Any) -> Any:
    p = sim.Population(n, sim.IF_curr_exp())
    return sim.Projection(
        p, p, sim.AllToAllConnector(), sim.StaticSynapse(**{"weight": 1.0, "delay": 1.0, **synapse})
    )


def _stdp(delay: float = 1.0) -> Any:
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 20.0, 40.0]))
    target = sim.Population(1, sim.IF_curr_exp(i_offset=2.0))
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(),
        weight=0.5,
        delay=delay,
    )
    return sim.Projection(source, target, sim.AllToAllConnector(), rule)


def test_values_set_in_a_loop_reach_their_own_connections() -> None:
    prj = _all_to_all()
    for k, connection in enumerate(prj.connections):
        connection.delay = 2.0 - 0.1 * k
        connection.weight = float(k)
    listed = prj.get(["weight", "delay"], format="list")
    assert [w for _, _, w, _ in listed] == list(range(9))
    assert [d for *_, d in listed] == pytest.approx([2.0 - 0.1 * k for k in range(9)])


def test_a_held_connection_stays_the_same_when_delays_change() -> None:
    prj = _all_to_all()
    held = list(prj)
    for k, connection in enumerate(held):
        connection.delay = 2.0 - 0.1 * k
    sim.run(1.0)  # now the block is sorted anew
    assert [(c.presynaptic_index, c.postsynaptic_index) for c in held] == [
        (i, j) for j in range(3) for i in range(3)
    ]
    held[4].weight = 7.0
    assert prj.get("weight", format="array")[1, 1] == 7.0
    assert prj[4].as_tuple("weight", "delay") == pytest.approx((7.0, 1.6))
    assert sim.get_min_delay() == pytest.approx(1.2)


def test_a_delay_set_alone_acts() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=1e9))
    prj = sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    prj[0].delay = 4.0
    cell.record("v")
    sim.run(10.0)
    v = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    assert int(np.argmax(np.diff(v) > 0.5)) == 50


@pytest.mark.parametrize("change", [{"delay": 2.0}, {"tau_plus": 5.0}, {"delay": [2.0, 3.0]}])
def test_reset_restores_plastic_weights_after_the_block_was_sorted_anew(change: dict[str, Any]) -> None:
    prj = _stdp()
    sim.run(60.0)
    learnt = prj.get("weight", "list", with_address=False)
    assert all(w != 0.5 for w in learnt)
    prj.set(**change)
    assert prj.get("weight", "list", with_address=False) == learnt
    sim.reset()
    assert prj.get("weight", "list", with_address=False) == [0.5, 0.5]


def test_setting_one_plastic_weight_leaves_what_the_others_return_to() -> None:
    prj = _stdp()
    sim.run(60.0)
    prj[0].weight = 0.25
    sim.reset()
    assert prj.get("weight", "list", with_address=False) == [0.25, 0.5]


def test_time_constants_of_single_connections() -> None:
    prj = _stdp()
    first, second = prj
    second.delay = 3.0
    first.tau_plus = 5.0
    assert prj.get(["tau_plus", "delay"], "list", with_address=False) == [
        (5.0, 1.0),
        (20.0, pytest.approx(3.0)),
    ]
    assert (first.tau_plus, second.tau_plus) == (5.0, 20.0)


def test_names_and_positions() -> None:
    prj = _all_to_all()
    with pytest.raises(AttributeError, match="did you mean 'weight'"):
        prj[0].wieght  # noqa: B018
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'weight'"):
        prj[0].wieght = 1.0
    with pytest.raises(errors.InvalidWeightError):
        prj[0].weight = float("nan")
    with pytest.raises(IndexError):
        prj[9]
    assert [c.presynaptic_index for c in prj[0:2]] == [0, 1]
    assert prj[-1].postsynaptic_index == 2


def test_a_descending_view_keeps_its_order() -> None:
    p, q = sim.Population(3, sim.IF_curr_exp()), sim.Population(2, sim.IF_curr_exp())
    weights = np.arange(6.0).reshape(3, 2)
    prj = sim.Projection(p[::-1], q, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights))
    np.testing.assert_array_equal(prj.get("weight", "array"), weights)
    assert prj.get("weight", "list", with_address=False) == [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]


@pytest.mark.parametrize("run_first", [False, True])
def test_one_weight_set_alone_acts(run_first: bool) -> None:
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]))
    cells = sim.Population(2, sim.IF_curr_delta(tau_m=1e9))
    prj = sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    cells.record("v")
    if run_first:
        sim.run(1.0)
    prj[1].weight = 3.0
    sim.run(10.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude + 65.0
    np.testing.assert_allclose(v[70], [1.0, 3.0], atol=1e-6)
