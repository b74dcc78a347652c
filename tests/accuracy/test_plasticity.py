"""Modulated and nearest-neighbour plasticity against NEST's numbers and the engine without a compiler."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import PynnExtError

from .plasticity import FILE, JONKE, PAIRINGS, POST, PRE, RELEASES, TRAINS

NEST: dict[str, float] = json.loads(FILE.read_text())
JONKE_RULE = {
    "A_plus": JONKE["lambda"],
    "A_minus": JONKE["lambda"] * JONKE["alpha"],
    "beta": JONKE["lambda"] * JONKE["beta"],
}


def rule_of(name: str) -> tuple[Any, Any]:
    """Return the two parts of a rule of NEST's numbers."""
    if name == "Jonke":
        exponents = {mu: JONKE[mu] for mu in ("mu_plus", "mu_minus")}
        return sim.JonkeRule(**JONKE_RULE, tau_minus=15.0), sim.ExponentialWeightDependence(**exponents)
    return sim.SpikePairRule(pairing=name, tau_minus=15.0), sim.AdditiveWeightDependence()


@pytest.fixture(params=["compiled", "interpreted"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "interpreted":
        from pynn_ext.codegen.interpreted import InterpretedEngine

        monkeypatch.setattr(sim.simulator.state, "_engine_factory", InterpretedEngine)


def sides(pre: list[float] = PRE, post: list[float] = POST, n: int = 1) -> tuple[Any, Any]:
    """Return sources that fire at `pre`, and cells that fire at `post`."""
    sim.setup(timestep=0.1)
    source = sim.Population(n, sim.SpikeSourceArray(spike_times=pre))
    cells = sim.Population(n, sim.IF_curr_delta(tau_m=0.1, v_rest=-65.0, tau_refrac=0.0))
    drive = sim.Population(1, sim.SpikeSourceArray(spike_times=np.array(post) - 0.2))
    sim.Projection(drive, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1000.0, delay=0.1))
    return source, cells


def weight(projection: Any) -> float:
    return float(projection.get("weight", format="list", with_address=False)[0])


def after_pairs(
    rule: Any, dependence: Any, start: float, spikes: Any = (PRE, POST), modulator: Any = None, **options: Any
) -> float:
    """Return the weight after 300 ms; `modulator` is made when there are cells."""
    ends = sides(*spikes)
    part = modulator() if modulator else None
    mechanism = sim.STDPMechanism(rule, dependence, weight=start, delay=1.0, modulator=part, **options)
    projection = sim.Projection(*ends, sim.AllToAllConnector(), mechanism)
    sim.run(300.0)
    return weight(projection)


def dopamine(releases: list[float], size: int = 1, n: int = 1) -> tuple[Any, Any]:
    """Return a projection under dopamine that is released at the given times, and the pool."""
    ends = sides(n=n)
    neurons = sim.Population(1, sim.SpikeSourceArray(spike_times=releases))
    pool = sim.Population(size, sim.DopaminePool())
    release = sim.StaticSynapse(weight=1.0, delay=1.0)
    where = sim.FromListConnector([(0, size // 2)])
    sim.Projection(neurons, pool, where, release, receptor_type="dopamine")
    synapse = sim.DopamineSTDP(pool, weight=10.0, delay=1.0)
    connector = sim.FromListConnector([(i, i) for i in range(n)])
    return sim.Projection(*ends, connector, synapse), pool


@pytest.mark.model("SpikePairRule", "JonkeRule", "ExponentialWeightDependence")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("train", list(TRAINS))
@pytest.mark.parametrize("name", [*PAIRINGS, "Jonke"])
def test_rules_equal_nest(name: str, train: str) -> None:
    assert after_pairs(*rule_of(name), 0.5, TRAINS[train]) == pytest.approx(NEST[name + train], abs=1e-9)


@pytest.mark.model("DopaminePool", "DopamineSTDP")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("releases", list(RELEASES))
def test_dopamine_equals_nest(releases: str) -> None:
    projection, pool = dopamine(RELEASES[releases])
    pool.record("n")
    sim.run(300.0)
    assert weight(projection) == pytest.approx(NEST[f"dopamine {releases}"], abs=1e-8)
    n = pool.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    expected = sum(np.exp(-(300.0 - t - 1.0) / 200.0) / 200.0 for t in RELEASES[releases])
    assert n[-1] == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_dopamine_does_not_depend_on_how_a_run_is_divided() -> None:
    projection, _ = dopamine(RELEASES["three"])
    for _ in range(30):
        sim.run(10.0)
    assert weight(projection) == pytest.approx(NEST["dopamine three"], abs=1e-8)


def test_dopamine_after_a_long_silence() -> None:
    """What decayed is followed back over more than the range of floating-point numbers."""
    ends = sides(pre=[10.0], post=[15.0])
    pool = sim.Population(1, sim.DopaminePool(tau_n=1.0), initial_values={"n": 1.0})
    synapse = sim.DopamineSTDP(pool, weight=10.0, delay=1.0, tau_c=50.0)
    projection = sim.Projection(*ends, sim.AllToAllConnector(), synapse)
    sim.run(3000.0)
    # the pair makes c at 16 ms, when n is e^-16
    c, s = np.exp(-6.0 / 20.0), 1 / 50.0 + 1.0
    assert weight(projection) == pytest.approx(10.0 + c * np.exp(-16.0) / s, rel=1e-12)


def test_one_pool_for_each_postsynaptic_cell() -> None:
    projection, _ = dopamine([120.0], size=3, n=3)
    sim.run(300.0)
    found = projection.get("weight", format="list", with_address=False)
    np.testing.assert_allclose(found, [10.0, NEST["dopamine one"], 10.0], atol=1e-8)


def test_modulators_that_do_not_fit() -> None:
    with pytest.raises(PynnExtError, match="as many as the 1 postsynaptic"):
        dopamine([120.0], size=2)
    with pytest.raises(PynnExtError, match="no modulator"):
        sim.DopamineSTDP(weight=1.0)
    with pytest.raises(PynnExtError, match="pairs a spike with all"):
        sim.SpikePairRule(pairing="next")
    with pytest.raises(PynnExtError, match="rules of pairs"):
        sim.TripletRule(pairing="restricted")
