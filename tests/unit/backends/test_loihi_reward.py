"""Reward-modulated plasticity on Loihi: eligibilities in tags, dopamine in the reward trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pynn_ext.backends.codegen as codegen
import pynn_ext.backends.loihi as loihi
import pytest
from pynn_ext.backends._loihi import eligibility
from pynn_ext.backends._loihi.learning import EpochEngine, TraceSetting, parsed
from pynn_ext.backends._loihi.microcode import Reward
from pynn_ext.backends._loihi.polynomial import InexpressibleError

from pynn_ext.errors import MappingError
from pynn_ext.models.dopamine_stdp import DopamineSTDP

DISTANCES = [-30.0, -15.0, -5.0, 5.0, 15.0, 30.0]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="PyNN")


def conditioned(
    sim: Any, rewards: Sequence[float], b: float = 0.0, amount: float = 1.0, **setup: Any
) -> tuple[Any, Any]:
    """Pairs at these distances, each three times, and dopamine at these times (ms); return synapses and pool."""
    sim.setup(timestep=1.0, **setup)
    n = len(DISTANCES)
    starts = np.array([100.0, 200.0, 300.0])
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=starts))
    drive = sim.Population(n, sim.SpikeSourceArray(spike_times=[starts + d - 1 for d in DISTANCES]))
    post = sim.Population(n, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=1.0), label="post")
    sim.Projection(drive, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
    pool = sim.Population(1, sim.DopaminePool(tau_n=200.0), label="pool")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(rewards)))
    sim.Projection(
        source, pool, sim.AllToAllConnector(), sim.StaticSynapse(weight=amount, delay=1.0), receptor_type="dopamine",
        label="release",
    )  # fmt: skip
    synapse = sim.DopamineSTDP(
        pool, weight=0.5, delay=1.0, dendritic_delay_fraction=0.5, A_plus=0.1, A_minus=0.12, tau_c=1000.0, b=b,
        w_min=0.0, w_max=1.0,
    )  # fmt: skip
    return sim.Projection(pre, post, sim.OneToOneConnector(), synapse, label="plastic"), pool


def changes(synapses: Any) -> np.ndarray:
    return np.array(synapses.get("weight", format="list", with_address=False)) - 0.5


def test_rewarded_pairs_change_weights_as_on_codegen() -> None:
    found = {}
    for sim in (codegen, loihi):
        runs = []
        for seed in range(3):
            synapses, _ = conditioned(sim, [400.0, 600.0], rng_seed=seed)
            sim.run(1500.0)
            runs.append(changes(synapses))
        found[sim] = np.mean(runs, axis=0)
    # tags, r1 and weights are rounded at random: a run is within a fifth of the largest change
    largest = np.abs(found[codegen]).max()
    assert largest > 0.1
    np.testing.assert_allclose(found[loihi], found[codegen], atol=0.2 * largest)


def test_without_reward_weights_stay_and_eligibility_decays() -> None:
    found = {}
    for sim in (codegen, loihi):
        synapses, _ = conditioned(sim, [])
        synapses.record("c", sampling_interval=100.0)
        sim.run(1300.0)
        assert not changes(synapses).any() or np.abs(changes(synapses)).max() < 1 / 255
        found[sim] = synapses.get_data().segments[0].analogsignals[0].magnitude
    assert found[codegen].shape == found[loihi].shape
    np.testing.assert_allclose(found[loihi], found[codegen], atol=0.04)  # 4 to 6 units of the tag
    assert found[codegen].max() > 0.15


def test_a_baseline_punishes_what_is_not_rewarded() -> None:
    found = []
    for sim in (codegen, loihi):
        synapses, _ = conditioned(sim, [], b=0.001)
        sim.run(1500.0)
        found.append(changes(synapses))
    np.testing.assert_allclose(found[1], found[0], atol=0.25 * np.abs(found[0]).max())
    assert found[0][3] < -0.05 and found[0][2] > 0.05  # pre before post, and after


def test_the_pool_is_recorded_and_set() -> None:
    synapses, pool = conditioned(loihi, [50.0])
    pool.record("n", sampling_interval=10.0)
    loihi.run(400.0)
    signal = pool.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    times = 10.0 * np.arange(len(signal))
    after = times > 55.0
    assert not signal[times < 50.0].any()
    np.testing.assert_allclose(
        signal[after], np.exp(-(times[after] - 51.0) / 200.0) / 200.0, atol=0.2 / 200.0
    )
    pool.initialize(n=0.01)
    loihi.reset()
    loihi.run(1.0)
    assert loihi.simulator.state.engine.program.plasticity[0].signal == pytest.approx(0.01, rel=0.05)
    assert len(synapses) == len(DISTANCES)


def test_traces_and_rewards_outlive_changes_of_the_network() -> None:
    found = []
    for changed in (False, True):
        synapses, _ = conditioned(loihi, [400.0])
        loihi.run(400.0)  # the release is on its way
        if changed:
            loihi.DCSource(amplitude=0.0).inject_into(synapses.post)
        loihi.run(600.0)
        found.append(changes(synapses))
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0]).max() > 0.1


def test_what_a_pool_on_the_chip_cannot_be_is_reported_together() -> None:
    loihi.setup(timestep=1.0)
    cells = loihi.Population(2, loihi.IF_curr_delta(), label="cells")
    pool = loihi.Population(2, loihi.DopaminePool(), label="pool")
    for weight in (1.0, 2.0):
        synapse = loihi.StaticSynapse(weight=weight, delay=1.0)
        loihi.Projection(cells, pool, loihi.AllToAllConnector(), synapse, receptor_type="dopamine")
    loihi.Projection(cells, cells, loihi.OneToOneConnector(), loihi.DopamineSTDP(pool, weight=0.5, delay=1.0))
    with pytest.raises(MappingError, match="for 2 reasons") as caught:
        loihi.run(1.0)
    text = str(caught.value)
    assert "a pool of 2 cells" in text and "released amounts of 1 to 2" in text


def test_weights_too_slow_for_the_engine_name_its_range() -> None:
    conditioned(loihi, [400.0], amount=1e-4)
    with pytest.raises(
        MappingError, match="units per unit of the tag and of r1 in 64 ms, the engine has 0.000244 and more"
    ):
        loihi.run(1.0)


def test_coefficients_stand_for_those_of_the_rule() -> None:
    values = {
        "A_plus": 0.1, "A_minus": 0.12, "tau_plus": 20.0, "tau_minus": 20.0, "tau_c": 1000.0, "b": 0.0, "w_min": 0.0,
        "w_max": 1.0,
    }  # fmt: skip
    model, reward = DopamineSTDP.synapse_model, Reward(25.0, 1 / 200.0 / 25.0, 200.0)
    code = eligibility.compiled(model, values, 255.0, reward, 1.0)
    (turned,) = code.products
    period = 2 ** int(turned.dependency[1:])
    per_ms = turned.mantissa * 2.0 ** (turned.exponent - turned.shift) * code.tag_unit / reward.unit / period
    assert per_ms == pytest.approx(255.0)  # dw/dt = c n
    post = next(p for p in code.tags if p.dependency == "y0")
    change = post.mantissa * 2.0 ** (post.exponent - post.shift) * code.impulses["x1"]
    assert change == pytest.approx(0.1 * code.tag_unit, rel=1e-3)
    decay = [p for p in code.tags if p.dependency[0] == "u"]
    rate = sum(p.mantissa * 2.0**p.exponent for p in decay) / 2 ** int(decay[0].dependency[1:])
    assert rate == pytest.approx(-1e-3, rel=0.03)
    with pytest.raises(InexpressibleError, match="no spike changes its eligibility"):
        eligibility.compiled(model, values | {"A_plus": 0.0, "A_minus": 0.0}, 255.0, reward, 1.0)
    with pytest.raises(InexpressibleError, match="a baseline of"):
        eligibility.compiled(model, values | {"b": 1.0}, 255.0, reward, 1.0)


def test_reward_spikes_add_impulses_that_decay() -> None:
    """In one step, and in several steps of an epoch."""
    engine = EpochEngine(
        {"w": parsed("2^0*u0*r1")}, {"r1": TraceSetting(10.0, 5.0)}, np.zeros(1, int), np.zeros(1, int),
        np.zeros(1, int), 2, 1, lambda kind: 0.999 if "decay" in kind or kind == "rounding" else 127.0, (1, 1),
    )  # fmt: skip
    none = np.zeros(1, bool)
    seen = []
    for rewards in (0, 0, 3, 0, 1, 1, 0, 0):
        engine.step(none, none, rewards)
        seen.append(int(engine.value["r1"][0]))
    decay = np.exp(-0.2)
    first = int((20 * decay) + 10)  # two of three at once, one in its step
    assert seen[3] == int(int(first) * decay)
    second = int(int((seen[3] + 10) * decay) * decay) + 10
    assert seen[5] == second and seen[7] == int(int(second * decay) * decay)
    assert engine.weight[0] == seen[3] + seen[5] + seen[7]


def modulated(sim: Any, kind: str, dependence: str, seed: int, **timing: Any) -> np.ndarray:
    """Change of weights by pairs at these distances under a modulator of `STDPMechanism`."""
    sim.setup(timestep=1.0, rng_seed=seed)
    n, starts = len(DISTANCES), np.array([100.0, 200.0, 300.0])
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=starts))
    drive = sim.Population(n, sim.SpikeSourceArray(spike_times=[starts + d - 1 for d in DISTANCES]))
    post = sim.Population(n, sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=1.0))
    sim.Projection(drive, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
    pool = sim.Population(1, sim.ModulatorPool(tau=200.0))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[80.0, 400.0]))
    release = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(source, pool, sim.AllToAllConnector(), release, receptor_type="release")
    modulator = {"eligibility": sim.EligibilityModulation(pool, tau_c=500.0)}.get(kind) or sim.GainModulation(
        pool, gain=100.0
    )
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.12, **timing),
        weight_dependence=getattr(sim, dependence)(w_min=0.0, w_max=1.0),
        weight=0.5, delay=1.0, dendritic_delay_fraction=0.5, modulator=modulator,
    )  # fmt: skip
    synapses = sim.Projection(pre, post, sim.OneToOneConnector(), synapse)
    sim.run(1000.0)
    return changes(synapses)


@pytest.mark.parametrize("dependence", ["AdditiveWeightDependence", "MultiplicativeWeightDependence"])
@pytest.mark.parametrize("kind", ["eligibility", "gain"])
def test_modulators_of_stdp_act_as_on_codegen(kind: str, dependence: str) -> None:
    ideal = modulated(codegen, kind, dependence, 0)
    chip = np.mean([modulated(loihi, kind, dependence, seed) for seed in range(3)], axis=0)
    largest = np.abs(ideal).max()
    assert largest > 0.04
    np.testing.assert_allclose(chip, ideal, atol=max(0.2 * largest, 3 / 255))


@pytest.mark.parametrize(
    ("dependence", "timing", "reason"),
    [
        ("GutigWeightDependence", {}, "not a number|has the power"),
        ("ExponentiatedWeightDependence", {}, "state of its own"),
        ("AdditiveWeightDependence", {"pairing": "nearest"}, "it pairs nearest spikes only"),
    ],
)
def test_modulated_rules_that_the_engine_has_not_say_what_it_lacks(
    dependence: str, timing: dict[str, str], reason: str
) -> None:
    with pytest.raises(MappingError, match=reason):
        modulated(loihi, "eligibility", dependence, 0, **timing)
