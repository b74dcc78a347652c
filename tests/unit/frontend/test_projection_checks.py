"""What a projection refuses, in words and as PyNN's exceptions; what it takes from PyNN's own connectors."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors
from pyNN.random import RandomDistribution

from pynn_ext.errors import NetworkError, PynnExtError


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _project(weight: Any = 1.0, delay: Any = 1.0, **arguments: Any) -> Any:
    p = sim.Population(3, sim.IF_curr_exp(), label="cells")
    connector = arguments.pop("connector", None) or sim.AllToAllConnector()
    return sim.Projection(
        p, p, connector, sim.StaticSynapse(weight=weight, delay=delay), label="prj", **arguments
    )


class _Handing(sim.AllToAllConnector):
    """Hands over what it is given, as a connector of a user's own would."""

    def __init__(self, sources: Callable[[Any], Any], target: Callable[[Any], Any]) -> None:
        super().__init__()
        self.sources, self.target = sources, target

    def connect(self, projection: Any) -> None:
        projection._convergent_connect(
            self.sources(projection.pre), self.target(projection.post), weight=[0.1, 0.2], delay=1.0
        )


def test_cells_instead_of_positions() -> None:
    connector = _Handing(lambda pre: [pre[0], pre[2]], lambda post: post[1])
    prj = _project(connector=connector)
    assert prj.get("weight", "list") == [(0, 1, 0.1), (2, 1, 0.2)]


def _to_sources() -> None:
    s = sim.Population(2, sim.SpikeSourcePoisson(), label="noise")
    sim.Projection(s, s, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0), label="prj")


def _fraction(value: float) -> None:
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(), weight=0.5
    )
    p = sim.Population(2, sim.IF_curr_exp())
    prj = sim.Projection(p, p, sim.AllToAllConnector(), rule, label="prj")
    prj.set(dendritic_delay_fraction=value)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: _project(receptor_type="excitatry"), errors.ConnectionError, ["did you mean 'excitatory'", "'cells'"]),
        (_to_sources, errors.ConnectionError, ["'noise' receives no spikes"]),
        (lambda: _project(weight=float("nan")), errors.InvalidWeightError, ["1 of 1 weights", "finite"]),
        (lambda: _project(weight=np.full((3, 3), np.nan)), errors.InvalidWeightError, ["9 of 9 weights"]),
        (lambda: _project(weight=-1.0, receptor_type="excitatory"), errors.ConnectionError, ["positive"]),
        (lambda: _project(delay=float("nan")), NetworkError, ["delay", "not a number"]),
        (lambda: _project(delay=0.04), NetworkError, ["delay of 0.04 ms", "0.1 ms", "increase the delay"]),
        (
            lambda: _project(connector=_Handing(lambda pre: [0, 3], lambda post: 1)),
            errors.ConnectionError,
            ["0 to 3", "positions are 0 to 2"],
        ),
        (lambda: _project().get("wieght", "list"), errors.NonExistentParameterError, ["did you mean 'weight'"]),
        (lambda: _project().set(wieght=1.0), errors.NonExistentParameterError, ["did you mean 'weight'"]),
        (
            lambda: _project().set(weight=np.ones((2, 2))),
            errors.InvalidDimensionsError,
            ["(2, 2)", "9 connections between 3 and 3 cells"],
        ),
        (lambda: _fraction(1.5), errors.InvalidParameterValueError, ["dendritic_delay_fraction of 1.5", "0 to 1"]),
    ],
)  # fmt: skip
def test_errors_name_projection_line_and_remedy(
    make: Callable[[], Any], kind: type, words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert isinstance(caught.value, PynnExtError)
    for word in ["prj", "test_projection_checks.py:", *words]:
        assert word in str(caught.value)


def test_rounded_delays_are_counted_and_stand_in_the_results(caplog: pytest.LogCaptureFixture) -> None:
    prj = _project(delay=1.04)
    assert prj.rounded_delays == 9 and prj.annotations["rounded_delays"] == 9
    prj.set(delay=1.0)
    prj.set(delay=1.06)
    assert prj.rounded_delays == 18
    prj.post.record("v")
    sim.run(1.0)
    prj.set(delay=1.06)
    sim.run(1.0)
    assert ["18 delays were rounded" in r.getMessage() for r in caplog.records] == [True]
    assert "27 delays were rounded" in prj.post.get_data().annotations["changes"]
    sim.setup(timestep=0.1)
    assert _project().rounded_delays == 0


@pytest.mark.parametrize(
    ("delay", "expected"), [(0.05, 0.1), (0.25, 0.3), (0.35, 0.4), (2.54, 2.5), (2.55, 2.6)]
)
def test_ties_are_rounded_up(delay: float, expected: float) -> None:
    assert _project(delay=delay)[0].delay == pytest.approx(expected)


def test_zero_connections_with_values_per_connection() -> None:
    prj = _project(
        weight=RandomDistribution("uniform", (0, 1)), connector=sim.FixedProbabilityConnector(0.0), delay=1.04
    )
    assert (len(prj), prj.rounded_delays, list(prj.connections)) == (0, 0, [])
    prj.set(weight=1.0, delay=2.0)


@pytest.mark.parametrize("value", [list(range(9)), np.arange(9.0), np.arange(9.0).reshape(3, 3)])
def test_values_for_each_connection(value: Any) -> None:
    prj = _project()
    prj.set(weight=value)
    np.testing.assert_array_equal(prj.get("weight", "array").ravel(), np.arange(9.0))


def test_projections_describe_and_save_themselves(tmp_path: Any) -> None:
    prj = _project(weight=0.5)
    assert "cells" in prj.describe()
    prj.save("all", str(tmp_path / "prj.txt"))
    rows = np.loadtxt(tmp_path / "prj.txt")
    assert rows.shape == (9, 4) and set(rows[:, 2]) == {0.5}


def _synapse(name: str, **parameters: Any) -> Any:
    p = sim.Population(3, sim.IF_curr_exp(), label="cells")
    return sim.Projection(
        p, p, sim.AllToAllConnector(), getattr(sim, name)(weight=0.1, **parameters), label="prj"
    )


@pytest.mark.parametrize(
    "name, parameter, value",
    [
        ("SimpleStochasticSynapse", "p", 1.5),
        ("SimpleStochasticSynapse", "p", -0.1),
        ("StochasticTsodyksMarkramSynapse", "U", 2.0),
        ("MultiQuantalSynapse", "n", 0),
        ("MultiQuantalSynapse", "tau_rec", -1.0),
    ],
)
def test_parameters_of_synapses_have_limits(name: str, parameter: str, value: float) -> None:
    with pytest.raises(errors.InvalidParameterValueError, match=f"prj.*'{parameter}'.*allows"):
        _synapse(name, **{parameter: value})
    projection = _synapse(name)
    with pytest.raises(errors.InvalidParameterValueError, match="allows"):
        projection.set(**{parameter: value})
    with pytest.raises(errors.InvalidParameterValueError, match="allows"):
        setattr(projection[0], parameter, value)


def test_gap_junctions_connect_cells_wherever_they_are_said_to_be() -> None:
    source = sim.Population(1, sim.SpikeSourcePoisson(), label="noise")
    cells = sim.Population(3, sim.HH_cond_exp(), label="cells")
    junction = sim.ElectricalSynapse(weight=0.01)
    place = {"source": "source_section.gap", "receptor_type": "source_section.gap"}
    projection = sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), junction, **place)
    assert projection.get("weight", "list") == [(0, 0, 0.01), (0, 1, 0.01)]
    with pytest.raises(NetworkError, match=r"ElectricalSynapse reads v.*'noise' has no such state"):
        sim.Projection(source, cells, sim.AllToAllConnector(), junction, label="prj")
    with pytest.raises(PynnExtError, match="no parameter 'delay'"):
        projection.get("delay", "list")


def test_gap_junctions_too_strong_for_the_time_step() -> None:
    cells = sim.Population(3, sim.IF_curr_exp(cm=0.2), label="cells")
    connect = sim.AllToAllConnector(allow_self_connections=False)
    with pytest.raises(NetworkError, match=r"prj.*4 uS in all.*'cells'.*2 uS.*smaller timestep"):
        sim.Projection(cells, cells[:1], connect, sim.ElectricalSynapse(weight=2.0), label="prj")
    projection = sim.Projection(cells, cells[:1], connect, sim.ElectricalSynapse(weight=0.9), label="prj")
    cells.initialize(v=[-65.0, -60.0, -70.0])
    cells.record("v")
    sim.run(20.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    assert np.abs(np.diff(v[-1])).max() < 1e-6
    with pytest.raises(NetworkError, match="smaller timestep"):
        projection.set(weight=1.1)


def test_gap_junctions_have_no_part_in_the_smallest_delay() -> None:
    p = sim.Population(2, sim.IF_curr_exp())
    sim.Projection(p, p, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))
    sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=2.0))
    assert sim.get_min_delay() == sim.get_max_delay() == 2.0


def test_a_receptor_of_another_name_takes_weights_of_either_sign_without_a_word() -> None:
    pool = sim.Population(1, sim.DopaminePool())
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prj = sim.Projection(
            source,
            pool,
            sim.FromListConnector([(0, 0, 1.0, 1.0), (1, 0, -0.5, 1.0)]),
            receptor_type="dopamine",
        )
        sim.Projection(
            source, pool, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0), receptor_type="dopamine"
        )
    assert prj.get("weight", format="list", with_address=False) == [1.0, -0.5]


def test_cells_of_an_earlier_setup_are_refused() -> None:
    """At either end, as a modulator, with a current or recorded: no engine would run them."""
    old, pool = sim.Population(2, sim.IF_curr_exp(), label="old"), sim.Population(1, sim.DopaminePool())
    sim.setup(timestep=0.1)
    new = sim.Population(2, sim.IF_curr_exp(), label="new")
    connector, fixed = sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0)
    for ends in ((old, new), (new, old)):
        with pytest.raises(NetworkError, match=r"'old' was made before the last setup\(\)"):
            sim.Projection(*ends, connector, fixed)
    with pytest.raises(NetworkError, match="made before the last setup"):
        sim.Projection(new, new, connector, sim.DopamineSTDP(pool, weight=1.0))
    with pytest.raises(NetworkError, match="made before the last setup"):
        sim.DCSource(amplitude=0.1).inject_into(old)
    with pytest.raises(NetworkError, match="made before the last setup"):
        old.record("v")
    sim.run(1.0)


@pytest.mark.parametrize("fraction", [1.5, -0.1, [0.1, 0.2], "half", RandomDistribution("uniform", (0, 1))])
def test_a_dendritic_fraction_of_stdp_is_one_number(fraction: Any) -> None:
    with pytest.raises(PynnExtError, match="one number from 0 to 1 for all synapses"):
        sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(), dendritic_delay_fraction=fraction
        )
