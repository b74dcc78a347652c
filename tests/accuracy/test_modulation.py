"""Modulated plasticity: against NEST, against the sum over all changes, and against parameters set by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import PynnExtError
from pynn_ext.network import connections

from .plasticity import FILE, RELEASES, trains
from .test_plasticity import engine, sides, weight  # noqa: F401

NEST: dict[str, float] = json.loads(FILE.read_text())
TRAINS = trains(1)
RULES = {
    "pair": lambda: sim.SpikePairRule(A_plus=0.01, A_minus=0.015),
    "pre-centred": lambda: sim.SpikePairRule(pairing="pre_centred"),
    "restricted": lambda: sim.SpikePairRule(pairing="restricted"),
    "triplet": lambda: sim.TripletRule(A2_plus=1e-3, A3_plus=5e-4, A2_minus=1e-3, A3_minus=4e-4),
    "symmetric": lambda: sim.SymmetricPairRule(A_plus=1e-3),
    "Vogels": lambda: sim.Vogels2011Rule(eta=1e-3),
    "Jonke": lambda: sim.JonkeRule(beta=1e-3),
}


def pool_with(releases: list[float], size: int = 1, at: int = 0) -> Any:
    """Return a pool into one cell of which dopamine is released 1 ms after the given times."""
    neurons = sim.Population(1, sim.SpikeSourceArray(spike_times=releases))
    pool = sim.Population(size, sim.DopaminePool())
    release = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(neurons, pool, sim.FromListConnector([(0, at)]), release, receptor_type="dopamine")
    return pool


def connect(ends: tuple[Any, Any], rule: Any, span: float, start: float, **options: Any) -> Any:
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=span)
    synapse = sim.STDPMechanism(rule, dependence, weight=start, delay=1.0, **options)
    return sim.Projection(*ends, sim.OneToOneConnector(), synapse)


@pytest.mark.model("EligibilityModulation", "DopaminePool")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("releases", list(RELEASES))
def test_pairs_and_dopamine_equal_nest(releases: str) -> None:
    """As parts of an `STDPMechanism`, whose amplitudes are in units of w_max."""
    ends, pool = sides(), pool_with(RELEASES[releases])
    rule = sim.SpikePairRule(A_plus=1 / 200, A_minus=1.5 / 200)
    projection = connect(ends, rule, 200.0, 10.0, modulator=sim.EligibilityModulation(pool))
    sim.run(300.0)
    assert weight(projection) == pytest.approx(NEST[f"dopamine {releases}"], abs=1e-8)


@pytest.mark.model("EligibilityModulation")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("rule", list(RULES))
def test_every_rule_changes_the_eligibility(rule: str) -> None:
    """Each change d at t_k adds d times the integral of e^(-(t - t_k)/tau_c) (n - b)."""
    b, tau_c, tau_n, end = 1e-3, 60.0, 200.0, 300.0
    plain = connect(sides(*TRAINS), RULES[rule](), 1.0, 0.5)
    plain.record("weight", sampling_interval=0.1)
    sim.run(end)
    samples = plain.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    assert 0.0 < samples.min() and samples.max() < 1.0
    steps = np.flatnonzero(np.diff(samples))  # a change in step k is seen in the sample after it
    changes, times = np.diff(samples)[steps], 0.1 * steps

    releases = [5.0, 40.0, 41.0, 170.0]
    ends, pool = sides(*TRAINS), pool_with(releases)
    modulator = sim.EligibilityModulation(pool, tau_c=tau_c, b=b)
    projection = connect(ends, RULES[rule](), 1.0, 0.5, modulator=modulator)
    sim.run(end)

    rate = 1 / tau_c + 1 / tau_n
    begin = np.maximum(times[:, None], np.array(releases) + 1.0)
    n = np.exp(-(begin - np.array(releases) - 1.0) / tau_n) / tau_n
    gained = n * np.exp(-(begin - times[:, None]) / tau_c) * -np.expm1(-(end - begin) * rate) / rate
    reach = gained.sum(axis=1) + b * tau_c * np.expm1(-(end - times) / tau_c)
    assert len(times) > 20
    assert weight(projection) - 0.5 == pytest.approx((changes * reach).sum(), rel=1e-9, abs=1e-13)
    c = (changes * np.exp(-(end - times) / tau_c)).sum()
    assert projection.get("c", format="list", with_address=False)[0] == pytest.approx(c, rel=1e-9)


@pytest.mark.model("EligibilityModulation", "ExponentiatedWeightDependence")
def test_eligibility_of_weights_that_change_by_factors() -> None:
    found = {}
    for dependence in (sim.ExponentiatedWeightDependence(), sim.AdditiveWeightDependence(w_max=1.0)):
        ends, pool = sides(), pool_with([20.0, 90.0])
        synapse = sim.STDPMechanism(
            sim.SpikePairRule(), dependence, weight=0.5, delay=1.0, modulator=sim.EligibilityModulation(pool)
        )
        projection = sim.Projection(*ends, sim.AllToAllConnector(), synapse)
        sim.run(300.0)
        found[type(dependence).__name__] = weight(projection)
    exponent = found["AdditiveWeightDependence"] - 0.5
    assert found["ExponentiatedWeightDependence"] == pytest.approx(0.5 * np.exp(exponent), rel=1e-12)


@pytest.mark.model("EligibilityModulation")
def test_nothing_depends_on_how_a_run_is_divided() -> None:
    """Bringing all synapses up to date in between, or resetting, changes nothing."""
    found = []
    for parts in ([300.0], [10.0] * 30):
        projection = connect(
            sides(),
            RULES["triplet"](),
            1.0,
            0.5,
            modulator=sim.EligibilityModulation(pool_with([40.0]), tau_c=7.0),
        )
        for part in parts:
            sim.run(part)
        found.append(weight(projection))
        sim.reset()
        sim.run(300.0)
        found.append(weight(projection))
    np.testing.assert_allclose(found, found[0], rtol=1e-13)
    assert found[0] != 0.5


@pytest.mark.model("GainModulation", "ModulatorPool", "AstroModulatedSTDP")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("inhibitory", [False, True])
def test_an_astrocyte_as_a_modulator(inhibitory: bool) -> None:
    """Equal to `AstroModulatedSTDP` whose A_minus is set by hand: depression, or growth of inhibitory weights."""
    sign, limits = (
        (-1.0, {"w_min": -3.0, "w_max": 0.0}) if inhibitory else (1.0, {"w_min": 0.0, "w_max": 3.0})
    )
    receptor = "inhibitory" if inhibitory else "excitatory"
    found = []
    for composed in (True, False):
        ends = sides()
        if composed:
            # tau far below a time step: m is the level
            astrocyte = sim.Population(1, sim.ModulatorPool(tau=1e-3, level=0.15), initial_values={"m": 0.15})
            # changes are in units of w_max - w_min, the astrocyte's factor comes by gain
            rule = sim.SpikePairRule(A_plus=0.015 / 3, A_minus=0.015 / 3, tau_plus=10.0, tau_minus=10.0)
            side = "potentiation" if inhibitory else "depression"
            synapse = sim.STDPMechanism(
                rule,
                sim.AdditiveWeightDependence(w_min=0.0, w_max=sign * 3.0),
                weight=sign,
                delay=1.0,
                modulator=sim.GainModulation(astrocyte, on=side, gain=1 / 0.15),
            )
        else:
            synapse = sim.AstroModulatedSTDP(weight=sign, delay=1.0, inhibitory=float(inhibitory), **limits)
        projection = sim.Projection(*ends, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        for level in (0.15, 0.45, 0.0):
            if composed:
                astrocyte.set(level=level)
            else:
                projection.set(A_minus=level)
            sim.run(80.0)
        found.append(weight(projection))
    assert found[0] == pytest.approx(found[1], rel=1e-12) and abs(found[0] - sign) > 1e-4


@pytest.mark.model("AstroModulatedSTDP", "ModulatorPool")
@pytest.mark.parametrize("inhibitory", [0.0, 1.0])
def test_an_astrocyte_that_the_spikes_of_a_network_reach(inhibitory: float) -> None:
    """A_minus is the signal of a pool: equal to A_minus set by hand at every time step."""
    found, limits = [], {"w_min": -3.0, "w_max": 3.0, "weight": 0.5, "delay": 1.0, "inhibitory": inhibitory}
    for native in (True, False):
        ends = sides(*TRAINS)
        astrocyte = sim.Population(1, sim.ModulatorPool(tau=30.0, level=0.15), initial_values={"m": 0.15})
        for cells, sign in ((ends[0], -1.0), (ends[1], 1.0)):
            worth = sim.StaticSynapse(weight=4.0 * sign, delay=0.1)
            sim.Projection(cells, astrocyte, sim.AllToAllConnector(), worth, receptor_type="release")
        astrocyte.record("m")
        synapse = sim.AstroModulatedSTDP(astrocyte if native else None, **limits)
        projection = sim.Projection(*ends, sim.AllToAllConnector(), synapse)
        if native:
            sim.run(100.0)
        else:
            for m in found[0][:-1]:
                projection.set(A_minus=float(m))
                sim.run(0.1)
        found += [astrocyte.get_data().segments[0].analogsignals[0].magnitude[:, 0], weight(projection)]
    assert np.ptp(found[0]) > 0.1
    assert found[1] == pytest.approx(found[3], rel=1e-12) and abs(found[1] - 0.5) > 1e-3


@pytest.mark.model("GainModulation")
def test_a_gate_for_each_postsynaptic_cell() -> None:
    ends = sides(n=3)
    gate = sim.Population(3, sim.ModulatorPool(level=[0.0, 1.0, 2.0]), initial_values={"m": [0.0, 1.0, 2.0]})
    gated = connect(ends, RULES["triplet"](), 1.0, 0.5, modulator=sim.GainModulation(gate))
    free = connect(ends, RULES["triplet"](), 1.0, 0.5)
    sim.run(300.0)
    change = weight(free) - 0.5
    found = np.array(gated.get("weight", format="list", with_address=False)) - 0.5
    np.testing.assert_allclose(found, change * np.array([0.0, 1.0, 2.0]), rtol=1e-12)
    gated.set(baseline=1.0, gain=0.0)
    assert set(gated.get("gain", format="list", with_address=False)) == {0.0}


@pytest.mark.model("GainModulation")
def test_the_potential_of_the_postsynaptic_cell_as_a_gate() -> None:
    """Any state variable of any population may be the signal; here it is -65 mV at all spikes but for the reset."""
    ends = sides()
    gated = connect(
        ends, RULES["pair"](), 1.0, 0.5, modulator=sim.GainModulation(ends[1], "v", gain=-1 / 65.0)
    )
    free = connect(ends, RULES["pair"](), 1.0, 0.5)
    sim.run(300.0)
    assert weight(gated) == pytest.approx(weight(free), rel=1e-3) and weight(gated) != 0.5


@pytest.mark.model("ModulatorPool")
def test_the_filter_of_a_modulator_pool(measure: Any) -> None:
    sim.setup(timestep=0.1)
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[[10.0], [30.0]]))
    pool = sim.Population(1, sim.ModulatorPool(tau=40.0, level=0.2))
    weights = sim.FromListConnector([(0, 0, 3.0, 1.0), (1, 0, -2.0, 1.0)])
    sim.Projection(sources, pool, weights, sim.StaticSynapse(), receptor_type="release")
    pool.record("m")
    sim.run(60.0)
    m = pool.get_data().segments[0].analogsignals[0].magnitude[-1, 0]
    expected = 0.2 * (1 - np.exp(-60 / 40)) + (3 * np.exp(-49 / 40) - 2 * np.exp(-29 / 40)) / 40
    measure("m", m, expected, 1e-12)


@pytest.mark.model("STDPMechanism")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("rule", list(RULES))
def test_a_rule_sign_turns_the_changes_of_a_presynaptic_cell_round(rule: str) -> None:
    connector = sim.AllToAllConnector()
    sources, cells = sides(*TRAINS, n=4)
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0)
    synapse = sim.STDPMechanism(RULES[rule](), dependence, weight=0.5, delay=1.0, rule_sign=[1, -1, -1])
    projection = sim.Projection(sources[1:], cells, connector, synapse)
    sim.run(300.0)
    change = projection.get("weight", format="array") - 0.5
    np.testing.assert_allclose(change, np.outer([1, -1, -1], change[0]), rtol=1e-12)
    assert (np.abs(change) > 1e-4).all()
    assert projection.get("rule_sign", format="array")[:, 0].tolist() == [1.0, -1.0, -1.0]


def test_too_many_time_constants_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each combination of delay and time constants is a class, and each source has a row for each class."""
    monkeypatch.setattr(connections, "MOST_ROWS", 50)
    sources, cells = sides(n=8)
    pool = sim.Population(1, sim.DopaminePool())
    for high, fits in ((1000.0, True), (2000.0, False)):
        tau_c = np.linspace(1000.0, high, 64).reshape(8, 8)
        synapse = sim.DopamineSTDP(pool, weight=1.0, delay=1.0, tau_c=tau_c)
        if fits:
            sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)
            continue
        with pytest.raises(
            PynnExtError, match="64 different combinations of delay, tau_plus, tau_minus, tau_c"
        ):
            sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)


def test_what_is_refused() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    parts = sim.SpikePairRule(), sim.AdditiveWeightDependence()
    with pytest.raises(PynnExtError, match="no modulator"):
        sim.EligibilityModulation()
    with pytest.raises(PynnExtError, match="'n' of 'cells'"):
        sim.EligibilityModulation(cells, "n")
    with pytest.raises(PynnExtError, match="one of both, potentiation, depression"):
        sim.GainModulation(cells, "v", on="pre")
    with pytest.raises(PynnExtError, match="says what its signal does"):
        sim.STDPMechanism(*parts, modulator=cells)
    for signs in ([1, 2], [1, -1, 1]):
        synapse = sim.STDPMechanism(*parts, weight=0.1, rule_sign=signs)
        with pytest.raises(PynnExtError, match="each of the 2 presynaptic cells"):
            sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
