"""Single precision: near the double result, the same on any number of threads, refused where it is not possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pyNN.mesh
import pytest

from pynn_ext.codegen import cache
from pynn_ext.errors import NetworkError, StrictError


def uniform(low: float, high: float) -> Any:
    return sim.RandomDistribution("uniform", low=low, high=high, rng=sim.NumpyRNG(3))


SYNAPSES = {
    "static": lambda: sim.StaticSynapse(weight=0.006, delay=uniform(0.5, 3.0)),
    "weights": lambda: sim.StaticSynapse(weight=uniform(0.002, 0.01), delay=1.0),
    "depressing": lambda: sim.TsodyksMarkramSynapse(weight=0.02, delay=1.0, U=0.5, tau_rec=100.0),
    "stochastic": lambda: sim.SimpleStochasticSynapse(weight=0.012, delay=1.0, p=0.5),
    "plastic": lambda: sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.02, A_minus=0.021),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.02),
        weight=0.006,
        delay=1.0,
        dendritic_delay_fraction=0.5,
    ),
}
CELLS = ["IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista", "HH_cond_exp", "Izhikevich"]


def simulate(
    cell: str, synapse: str = "static", threads: int = 1, size: int = 90, **settings: Any
) -> dict[str, Any]:
    sim.setup(timestep=0.1, threads=threads, **settings)
    celltype = getattr(sim, cell)()
    cells = sim.Population(size, celltype, label="cells")
    sources = sim.Population(80, sim.SpikeSourcePoisson(rate=150.0))
    ends = [(sources, 0.4)] if size < 1000 else [(sources, 0.4), (cells, 0.01)]  # not chaotic if compared
    scale = 1.0 if celltype.conductance_based else 100.0
    made = SYNAPSES[synapse]()
    made.parameter_space["weight"] *= scale
    projections = []
    for pre, probability in ends:
        connector = sim.FixedProbabilityConnector(probability, rng=sim.NumpyRNG(4))
        projections.append(sim.Projection(pre, cells, connector, made, receptor_type="excitatory"))
    cells.record(["spikes", "v"])
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    return {
        "v": segment.filter(name="v")[0].magnitude,
        "spikes": np.concatenate([train.magnitude for train in segment.spiketrains]),
        "weights": projections[0].get("weight", format="list", with_address=False),
    }


@pytest.mark.parametrize(
    ("cell", "synapse"), [*((c, "static") for c in CELLS), *(("IF_cond_exp", s) for s in SYNAPSES)]
)
def test_near_double_precision(cell: str, synapse: str) -> None:
    double, single = (simulate(cell, synapse, precision=p) for p in ("double", "single"))
    assert (double["v"].dtype, single["v"].dtype) == (np.float64, np.float32)
    assert len(double["spikes"]) > 20
    assert len(single["spikes"]) == pytest.approx(len(double["spikes"]), rel=0.02)
    # single cells that fire one step apart differ by tens of mV at that step
    assert np.median(np.abs(single["v"] - double["v"])) < 2e-3
    np.testing.assert_allclose(single["weights"], double["weights"], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("synapse", ["weights", "plastic"])
def test_threads_change_no_byte(synapse: str) -> None:
    one, two = (simulate("IF_cond_exp", synapse, n, size=2000, precision="single") for n in (1, 2))
    assert len(one["spikes"]) > 100
    for name, value in one.items():
        assert np.array_equal(value, two[name]), name


@pytest.mark.parametrize("synapse", ["depressing", "stochastic", "plastic"])
def test_without_a_compiler(synapse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = simulate("IF_cond_exp", synapse, precision="single")
    monkeypatch.setattr(cache, "compiler", lambda: None)
    interpreted = simulate("IF_cond_exp", synapse, precision="single")
    assert interpreted["v"].dtype == np.float32
    assert len(interpreted["spikes"]) == pytest.approx(len(compiled["spikes"]), rel=0.02)
    assert np.median(np.abs(interpreted["v"] - compiled["v"])) < 1e-3


def test_parameters_are_exact_and_weights_are_rounded() -> None:
    sim.setup(precision="single")
    cells = sim.Population(3, sim.IF_cond_exp(tau_m=20.1))
    cells.set(tau_refrac=[0.1, 0.2, 0.3])
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    assert cells.get("tau_m") == 20.1
    assert list(cells.get("tau_refrac")) == [0.1, 0.2, 0.3]
    assert set(projection.get("weight", format="list", with_address=False)) == {0.1}
    weights = np.linspace(0.1, 0.9, 9).reshape(3, 3)
    projection.set(weight=weights)
    assert np.array_equal(projection.get("weight", format="array"), weights.astype(np.float32))
    next(iter(projection.connections)).weight = 0.3
    assert projection.get("weight", format="array")[0, 0] == np.float32(0.3)


def test_a_run_is_repeated_after_a_reset() -> None:
    sim.setup(precision="single")
    cells = sim.Population(5, sim.IF_curr_exp(i_offset=np.linspace(1.0, 2.0, 5)))
    cells.record(["spikes", "v"])
    for _ in range(2):
        sim.run(60.0)
        sim.reset()
    first, second = (segment.analogsignals[0].magnitude for segment in cells.get_data().segments[:2])
    assert np.array_equal(first, second)


def test_what_it_cannot_be() -> None:
    with pytest.raises(NetworkError, match=r"precision='half'.*double, single"):
        sim.setup(precision="half")
    sim.setup(precision="single")
    with pytest.raises(
        NetworkError, match=r"ELM has a step written by hand, in double.*leave out 'precision'"
    ):
        sim.Population(2, sim.ELM())
    sim.setup()
    with pytest.raises(StrictError, match="the backend computes in double precision"):
        pyNN.mesh.setup(precision="single", strict=True)
