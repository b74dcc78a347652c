"""Projections: reading, writing, ends of every kind, delays, multapses, and what is refused."""

from __future__ import annotations

import logging

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors

from pynn_ext.errors import PynnExtError, StrictError


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _ends() -> dict[str, object]:
    p, q = sim.Population(4, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    return {
        "population": p,
        "view": p[1:3],
        "view of view": p[0:4][1:3],
        "mask": p[np.array([0, 3])],
        "assembly": q + p,
        "assembly of views": q[0:2] + p[2:4],
    }


@pytest.mark.parametrize("post", ["population", "view", "mask", "assembly", "assembly of views"])
@pytest.mark.parametrize(
    "pre", ["population", "view", "view of view", "mask", "assembly", "assembly of views"]
)
def test_every_pair_of_ends(pre: str, post: str) -> None:
    ends = _ends()
    a, b = ends[pre], ends[post]
    weights = 0.01 * (1.0 + np.arange(a.size * b.size).reshape(a.size, b.size))  # type: ignore[attr-defined]
    prj = sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights, delay=0.5))
    assert len(prj) == weights.size
    np.testing.assert_allclose(prj.get("weight", format="array"), weights)
    listed = prj.get(["weight", "delay"], format="list")
    assert [(int(i), int(j)) for i, j, _, _ in listed] == [
        (i, j) for j in range(b.size) for i in range(a.size)
    ]  # type: ignore[attr-defined]
    assert {d for *_, d in listed} == {0.5}
    prj.set(weight=2.0 * weights)
    np.testing.assert_allclose(prj.get("weight", format="array"), 2.0 * weights)
    connection = prj[1]
    connection.weight = 7.0
    assert prj.get("weight", format="list")[1] == (
        connection.presynaptic_index,
        connection.postsynaptic_index,
        7.0,
    )
    assert len(list(prj.connections)) == weights.size
    sim.run(1.0)


def test_multapses_keep_their_own_weight_and_delay() -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    pairs = [(0, 1, 0.1, 1.0), (0, 1, 0.2, 2.0), (1, 1, 0.4, 1.0)]
    prj = sim.Projection(p, p, sim.FromListConnector(pairs), sim.StaticSynapse())
    assert sorted(prj.get(["weight", "delay"], "list")) == sorted(pairs)
    for operation, expected in {"sum": 0.3, "min": 0.1, "max": 0.2, "first": 0.1, "last": 0.2}.items():
        assert prj.get("weight", "array", multiple_synapses=operation)[0, 1] == pytest.approx(expected)
    assert np.isnan(prj.get("weight", "array")[0, 0])


def test_no_connections_at_all() -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    prj = sim.Projection(p, p, sim.FixedProbabilityConnector(0.0), sim.StaticSynapse(weight=1.0))
    sim.run(1.0)
    assert len(prj) == 0 and prj.get("weight", "list") == []
    assert np.isnan(prj.get("weight", "array")).all()


def test_delays_are_rounded_to_steps_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=0.1, delay=2.55)
    with caplog.at_level(logging.WARNING, logger="PyNN"):
        prj = sim.Projection(p, p, sim.AllToAllConnector(), synapse, label="first")
        sim.Projection(p, p, sim.OneToOneConnector(), synapse, label="second")
        assert not caplog.text
        sim.run(1.0)
        sim.run(1.0)
    assert prj.get("delay", "list", with_address=False) == pytest.approx([2.6] * 4)
    said = "first and 1 further projection: 6 delays were rounded to multiples of 0.1 ms"
    assert [r.getMessage() for r in caplog.records] == [said]
    assert prj._simulator.state.changes["second"] == "2 delays were rounded to multiples of 0.1 ms"
    sim.setup(timestep=0.1, strict=True)
    p = sim.Population(2, sim.IF_curr_exp())
    with pytest.raises(StrictError, match="strict"):
        sim.Projection(p, p, sim.AllToAllConnector(), synapse)


def test_smallest_and_largest_delay() -> None:
    p = sim.Population(3, sim.IF_curr_exp())
    delays = np.array([[0.5, 1.5, 2.5]] * 3)
    sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse(delay=delays))
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 2.5)


def test_weights_and_delays_change_between_runs() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 11.0, 21.0]))
    cell = sim.Population(1, sim.IF_curr_delta(v_rest=-65.0, tau_m=1e9))
    prj = sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    cell.record("v")
    sim.run(10.0)
    prj.set(weight=2.0)
    sim.run(10.0)
    prj.set(delay=3.0)
    sim.run(10.0)
    v = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    jumps = {
        round(0.1 * k, 1): round(v[k] - v[k - 1], 6) for k in range(1, len(v)) if abs(v[k] - v[k - 1]) > 1e-6
    }
    assert jumps == {2.1: 1.0, 12.1: 2.0, 24.1: 2.0}


def test_two_stdp_projections_do_not_share_translations() -> None:
    def mechanism(w_max: float) -> object:
        return sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.01),
            weight_dependence=sim.AdditiveWeightDependence(w_max=w_max),
            weight=0.5 * w_max,
            delay=1.0,
        )

    p, q = sim.Population(2, sim.IF_curr_exp()), sim.Population(2, sim.IF_cond_exp())
    one = sim.Projection(p, p, sim.AllToAllConnector(), mechanism(1.0), receptor_type="excitatory")
    two = sim.Projection(p, q, sim.AllToAllConnector(), mechanism(0.04), receptor_type="excitatory")
    assert set(one.get("weight", "list", with_address=False)) == {0.5}
    assert set(two.get("w_max", "list", with_address=False)) == {0.04}


@pytest.mark.parametrize(
    ("synapse", "receptor", "words"),
    [
        (
            {"weight": 0.1, "delay": 0.01},
            "excitatory",
            ["delay of 0.01", "at least one time step", "increase the delay"],
        ),
        ({"weight": np.full((2, 2), np.nan), "delay": 1.0}, "excitatory", ["4 of 4 weights", "finite"]),
    ],
)
def test_errors_name_projection_limit_and_remedy(synapse: dict, receptor: str, words: list[str]) -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    connector = sim.AllToAllConnector(safe=False)
    with pytest.raises(PynnExtError) as caught:
        sim.Projection(p, p, connector, sim.StaticSynapse(**synapse), receptor_type=receptor, label="prj")
    for word in ["prj", "test_projections.py:", *words]:
        assert word in str(caught.value)


def test_unknown_receptor_and_parameter() -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    with pytest.raises(errors.ConnectionError, match="excitatory"):
        sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse(), receptor_type="excitatoy")
    prj = sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse())
    with pytest.raises(PynnExtError, match="did you mean 'weight'"):
        prj.set(wieght=1.0)
