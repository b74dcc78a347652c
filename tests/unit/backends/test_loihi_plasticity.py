"""Rules on Loihi's learning engine, beside the compiled engine."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pynn_ext.backends.codegen as codegen
import pynn_ext.backends.loihi as loihi
import pytest

from pynn_ext.errors import MappingError, StrictError

DISTANCES = [-40, -20, -10, -5, -2, 2, 5, 10, 20, 40]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="PyNN")


def pair(sim: Any) -> Any:
    return sim.SpikePairRule(A_plus=0.1, A_minus=0.12, tau_plus=20.0, tau_minus=30.0)


RULES = {
    "additive": (pair, "AdditiveWeightDependence"),
    "multiplicative": (pair, "MultiplicativeWeightDependence"),
    "mixed": (pair, "AdditivePotentiationMultiplicativeDepression"),
    "Jonke": (lambda sim: sim.JonkeRule(A_plus=0.1, A_minus=0.12, beta=0.02), "ExponentialWeightDependence"),
    "symmetric": (lambda sim: sim.Vogels2011Rule(eta=0.1, rho=3.0, tau=20.0), "AdditiveWeightDependence"),
}


def plastic(
    sim: Any, rule: str, distances: list[int], fraction: float = 0.5, sign: float = 1.0, **setup: Any
) -> tuple[Any, Any]:
    """Pairs of cells; each spikes once, at these distances (ms), and the synapse between them learns."""
    timing, dependence = RULES[rule]
    sim.setup(timestep=1.0, **setup)
    n = len(distances)
    times = [[100.0 + d - 1] for d in distances]
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=[100.0]), label="pre")
    drive = sim.Population(n, sim.SpikeSourceArray(spike_times=times))
    post = sim.Population(n, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=1.0), label="post")
    sim.Projection(drive, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
    bounds = {"w_min": 0.0, "w_max": sign}
    synapse = sim.STDPMechanism(
        timing_dependence=timing(sim), weight_dependence=getattr(sim, dependence)(**bounds), weight=0.5 * sign,
        delay=2.0, dendritic_delay_fraction=fraction,
    )  # fmt: skip
    receptor = "excitatory" if sign > 0 else "inhibitory"
    synapses = sim.Projection(
        pre, post, sim.OneToOneConnector(), synapse, receptor_type=receptor, label="plastic"
    )
    return synapses, post


def changes(synapses: Any) -> np.ndarray:
    return np.array(synapses.get("weight", format="list", with_address=False))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("rule", RULES)
def test_pairs_at_any_distance_change_weights_as_on_codegen(rule: str, sign: float) -> None:
    found = []
    for sim in (codegen, loihi):
        synapses, _ = plastic(sim, rule, DISTANCES, sign=sign)
        sim.run(300.0)
        found.append(changes(synapses) - 0.5 * sign)
    # a trace is 20 to 40 after a spike, and rounded at random in every step; a unit of it is 1/255 or 2/255 here
    np.testing.assert_allclose(found[1], found[0], atol=6 / 255)
    assert np.abs(found[1]).max() > 0.04


def test_weights_are_seen_by_callbacks_and_return_on_reset() -> None:
    synapses, _ = plastic(loihi, "additive", [5])
    seen: list[float] = []

    def look(t: float) -> float:
        seen.append(float(changes(synapses)[0]))
        return t + 50.0

    loihi.run(300.0, callbacks=[look])
    assert seen[:2] == pytest.approx([0.5, 128 / 255])  # the second is what the chip has
    assert seen[-1] == changes(synapses)[0] > 0.55
    loihi.reset()
    assert changes(synapses)[0] == pytest.approx(0.5, abs=1e-9)
    loihi.run(300.0)
    assert changes(synapses)[0] == seen[-1]


def test_traces_outlive_changes_of_the_network() -> None:
    """A current that begins between the two spikes of a pair makes a new program."""
    found = []
    for changed in (False, True):
        synapses, post = plastic(loihi, "additive", [5])
        loihi.run(102.0)
        if changed:
            loihi.DCSource(amplitude=0.0).inject_into(post)
        loihi.run(100.0)
        found.append(changes(synapses)[0])
    assert found[0] == found[1] > 0.55


def test_learning_takes_time_and_energy() -> None:
    reports = {}
    for rule in ("additive", None):
        plastic(loihi, "additive", DISTANCES)
        if rule is None:
            loihi.setup(timestep=1.0)
            loihi.Population(10, loihi.IF_curr_delta())
        loihi.run(100.0)
        reports[rule] = loihi.chip_report()
    learned = reports["additive"]
    assert learned["synapses_updated"] == 10 * 100
    assert learned["learning_time_s"] == pytest.approx(10 * 100 * 6.1e-9)
    assert learned["energy_nJ"]["learning"] == pytest.approx(10 * 100 * 0.120)
    assert reports[None]["learning_time_s"] == 0.0
    assert sum(learned["step_times_us"]) == pytest.approx(1e6 * learned["chip_time_s"])
    assert len(learned["step_cores"]) == 100


def test_what_a_rule_became_is_in_the_roundings() -> None:
    plastic(loihi, "symmetric", [5], fraction=1.0)
    loihi.run(1.0)
    rows = {row["quantity"]: row for row in loihi.chip_report()["roundings"] if row["where"] == "plastic"}
    apart = rows["what delays add to the distance of pairs (dendritic_delay_fraction)"]
    assert (apart["asked"], apart["got"], apart["changed"]) == (2.0, 0.0, 1)
    (constant,) = (row for name, row in rows.items() if "coefficient of -0.012  at a pre" in name)
    assert constant["worst_relative"] < 0.01
    plastic(loihi, "additive", [5], fraction=1.0, strict=True)
    with pytest.raises(StrictError):
        loihi.run(1.0)


def test_rules_that_do_not_fit_are_reported_together() -> None:
    loihi.setup(timestep=1.0)
    cells = loihi.Population(2, loihi.IF_curr_delta(), label="cells")
    for label, dependence, amounts in (
        ("powers", loihi.GutigWeightDependence(w_min=0.0, w_max=1.0, mu_plus=0.5), [0.01, 0.01]),
        ("several", loihi.AdditiveWeightDependence(w_min=0.0, w_max=1.0), [0.01, 0.02]),
    ):
        synapse = loihi.STDPMechanism(
            timing_dependence=loihi.SpikePairRule(A_plus=loihi.RandomDistribution("uniform", amounts))
            if label == "several"
            else loihi.SpikePairRule(),
            weight_dependence=dependence,
            weight=0.5,
            delay=1.0,
        )
        loihi.Projection(cells, cells, loihi.AllToAllConnector(), synapse, label=label)
    with pytest.raises(MappingError, match="for 2 reasons") as caught:
        loihi.run(1.0)
    text = str(caught.value)
    assert "has the power 0.5" in text and "different values of A_plus within a projection" in text


def test_learning_rates_beyond_the_engine_name_its_range() -> None:
    synapses, _ = plastic(loihi, "additive", [5])
    synapses.set(A_plus=1e-7)
    with pytest.raises(
        MappingError, match="a change of 2.55e-05 units of the stored weight, the engine has 0.00781"
    ):
        loihi.run(1.0)


def triplets(sim: Any, orders: list[tuple[str, list[float]]]) -> np.ndarray:
    """Change of a weight by each protocol: which sides spike, and when (ms)."""
    sim.setup(timestep=1.0)
    n = len(orders)
    sides = {
        side: [[100.0 + t for which, t in zip(*order, strict=True) if which == side] for order in orders]
        for side in "xy"
    }
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=sides["x"]))
    drive = sim.Population(
        n, sim.SpikeSourceArray(spike_times=[[t - 1 for t in train] for train in sides["y"]])
    )
    post = sim.Population(n, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=1.0))
    sim.Projection(drive, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
    synapse = sim.STDPMechanism(
        timing_dependence=sim.TripletRule(A3_plus=0.1, A2_minus=0.1, A3_minus=0.05),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=0.5, delay=1.0, dendritic_delay_fraction=0.5,
    )  # fmt: skip
    synapses = sim.Projection(pre, post, sim.OneToOneConnector(), synapse)
    sim.run(300.0)
    return changes(synapses) - 0.5


def test_triplets_change_weights_as_on_codegen() -> None:
    """The slow traces have an impulse of 7 and 9: rounding costs more than with pairs."""
    orders = [
        ("yxy", [-10.0, 0.0, 5.0]),
        ("yxy", [-20.0, 0.0, 10.0]),
        ("xyx", [-10.0, -5.0, 5.0]),
        ("xy", [0.0, 5.0]),
    ]
    found = {sim: triplets(sim, orders) for sim in (codegen, loihi)}
    np.testing.assert_allclose(found[loihi], found[codegen], atol=10 / 255)
    assert np.abs(found[codegen]).max() > 0.05
    rows = [row for row in loihi.chip_report()["roundings"] if "coefficient of 5e-10 r1" in row["quantity"]]
    assert [row["got"] for row in rows] == [0.0]  # A2_plus of the visual cortex is next to nothing


def test_traces_that_reach_their_limit_are_reported() -> None:
    loihi.setup(timestep=1.0)
    pre = loihi.Population(1, loihi.SpikeSourceArray(spike_times=np.arange(1.0, 100.0)))
    post = loihi.Population(1, loihi.IF_curr_delta())
    synapse = loihi.STDPMechanism(
        timing_dependence=loihi.SpikePairRule(), weight_dependence=loihi.AdditiveWeightDependence(w_max=1.0),
        weight=0.5, delay=1.0, dendritic_delay_fraction=0.5,
    )  # fmt: skip
    loihi.Projection(pre, post, loihi.OneToOneConnector(), synapse, label="fast")
    loihi.run(200.0)
    assert "times the trace x1 reached its limit" in loihi.simulator.state.changes["fast: the trace x1"]


def test_floating_point_says_that_weights_stand_still() -> None:
    synapses, _ = plastic(loihi, "additive", [5], arithmetic="float")
    loihi.run(200.0)
    told = loihi.simulator.state.changes["plastic, setup(arithmetic='float')"]
    assert "keep their first values" in told and changes(synapses)[0] == pytest.approx(0.5, abs=1 / 255)
    plastic(loihi, "additive", [5], arithmetic="float", strict=True)
    with pytest.raises(StrictError, match="keep their first values|rounded"):
        loihi.run(1.0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SimpleStochasticSynapse", "what it transmits is not its weight"),
        ("FastHebbianSynapse", "it has state of its own"),
        ("ElectricalSynapse", "it acts in every step, without spikes"),
    ],
)
def test_synapses_that_the_engine_has_not_say_what_it_lacks(name: str, reason: str) -> None:
    loihi.setup(timestep=1.0)
    cells = loihi.Population(2, loihi.IF_curr_exp())
    loihi.Projection(cells, cells, loihi.OneToOneConnector(), getattr(loihi, name)(weight=0.1))
    with pytest.raises(MappingError, match=reason):
        loihi.run(1.0)
