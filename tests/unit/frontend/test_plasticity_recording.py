"""Traces, eligibility and modulator of plastic synapses: the values at the sample times, in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as codegen
import pynn_ext.backends.loihi as loihi
import pynn_ext.backends.mesh as mesh
import pynn_ext.backends.neurocorex as neurocorex
import pytest

from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.errors import PynnExtError
from pynn_ext.frontend.simulator import Simulator

PRE, POST = np.array([10.0, 30.0, 55.0, 60.0]), np.array([15.0, 28.0, 58.0])
interpreted = Simulator("tests.interpreted", "interpreted", InterpretedEngine)


class Interpreted:
    """The NumPy engine as a backend."""

    def __getattr__(self, name: str) -> Any:
        return interpreted.namespace()[name]


BACKENDS = pytest.mark.parametrize("sim", [codegen, Interpreted(), mesh], ids=["codegen", "numpy", "mesh"])


def trace(spikes: Any, tau: float, t: Any, latency: float) -> Any:
    """Sum of decaying exponentials; a spike that arrives at t itself does not count yet."""
    since = np.asarray(t)[:, None] - (np.asarray(spikes) + latency)
    return np.where(since > 1e-9, np.exp(-np.maximum(since, 0.0) / tau), 0.0).sum(axis=1)


def pair_of_cells(sim: Any, timestep: float = 0.1) -> tuple[Any, Any]:
    """A source, and a cell that fires at POST."""
    sim.setup(timestep=timestep)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=PRE))
    post = sim.Population(1, sim.IF_curr_exp(tau_refrac=0.1))
    teacher = sim.Population(1, sim.SpikeSourceArray(spike_times=POST - 2 * timestep))
    sim.Projection(teacher, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=1e3, delay=timestep))
    post.record("spikes")
    return pre, post


def fired(post: Any) -> np.ndarray:
    return np.asarray(post.get_data().segments[0].spiketrains[0].magnitude)


def signals(projection: Any) -> dict[str, np.ndarray]:
    return {s.name: s.magnitude[:, 0] for s in projection.get_data().segments[0].analogsignals}


@BACKENDS
@pytest.mark.parametrize("fraction", [1.0, 0.25])
def test_traces_of_triplets(sim: Any, fraction: float) -> None:
    pre, post = pair_of_cells(sim)
    stdp = sim.STDPMechanism(
        sim.TripletRule(tau_x=101.0, tau_y=125.0), sim.AdditiveWeightDependence(w_max=1e-3), weight=1e-4, delay=2.0,
        dendritic_delay_fraction=fraction,
    )  # fmt: skip
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), stdp)
    projection.record(["r1", "r2", "o1", "o2"], sampling_interval=0.7)
    sim.run(80.0)
    times, found = 0.7 * np.arange(115), signals(projection)
    apart = {"r": (PRE, 2.0 * (1 - fraction)), "o": (fired(post), 2.0 * fraction)}
    for name, tau in (("r1", 16.8), ("r2", 101.0), ("o1", 33.7), ("o2", 125.0)):
        spikes, latency = apart[name[0]]
        assert np.allclose(found[name], trace(spikes, tau, times, latency), rtol=1e-9, atol=1e-12), name
        assert found[name].max() > 1.0


def eligibility(x: np.ndarray, y: np.ndarray, p: dict[str, float], t: float) -> float:
    """Eligibility at t of pairs of presynaptic arrivals x and postsynaptic ones y."""
    events = sorted([(s, "x") for s in x] + [(s, "y") for s in y])
    c = 0.0
    for when, side in events:
        if when > t - 1e-9:
            break
        others, tau = (y, p["tau_minus"]) if side == "x" else (x, p["tau_plus"])
        pairs = trace(others, tau, [when], 0.0)[0]
        c += (-p["A_minus"] if side == "x" else p["A_plus"]) * pairs * np.exp(-(t - when) / p["tau_c"])
    return float(c)


@BACKENDS
def test_eligibility_and_dopamine(sim: Any) -> None:
    pre, post = pair_of_cells(sim)
    pool = sim.Population(1, sim.DopaminePool(tau_n=50.0))
    reward = sim.Population(1, sim.SpikeSourceArray(spike_times=[40.0]))
    sim.Projection(
        reward,
        pool,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=1.0, delay=1.0),
        receptor_type="dopamine",
    )
    p = {"A_plus": 1e-3, "A_minus": 1.5e-3, "tau_plus": 20.0, "tau_minus": 25.0, "tau_c": 70.0}
    projection = sim.Projection(
        pre, post, sim.AllToAllConnector(), sim.DopamineSTDP(pool, weight=0.05, delay=1.0, w_max=1.0, **p)
    )
    assert projection.recordable[-4:] == ("x", "y", "c", "n")
    pool.record("n")
    projection.record(["c", "n", "x", "weight"], sampling_interval=1.3)
    sim.run(90.0)
    found, times = signals(projection), 1.3 * np.arange(70)
    expected = [eligibility(PRE, fired(post) + 1.0, p, t) for t in times]
    assert np.allclose(found["c"], expected, rtol=1e-9, atol=1e-15) and np.ptp(found["c"]) > 1e-3
    n = pool.get_data().segments[0].filter(name="n")[0].magnitude[:, 0]
    assert np.array_equal(found["n"], n[::13][:70]) and n.max() > 0.015
    # dw/dt = c n, in the middle of each step
    c = np.array([eligibility(PRE, fired(post) + 1.0, p, t) for t in 0.05 + 0.1 * np.arange(900)])
    gained = np.concatenate([[0.0], np.cumsum(0.1 * c * n[1:] * np.exp(0.05 / 50.0))])[::13][:70]
    assert np.allclose(found["weight"] - 0.05, gained, rtol=1e-5, atol=1e-8) and gained.min() < -0.01
    by_name = {s.name: s for s in projection.get_data().segments[0].analogsignals}
    assert [str(by_name[k].units.dimensionality) for k in ("c", "n", "x")] == ["nA", "kHz", "dimensionless"]


@BACKENDS
def test_state_that_is_updated_at_spikes_is_read_at_the_sample(sim: Any) -> None:
    pre, post = pair_of_cells(sim)
    synapse = sim.FastHebbianSynapse(weight=0.0, delay=1.0, eta=1e-4, tau=100.0, tau_pre=20.0)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    projection.record("f", sampling_interval=2.1)
    sim.run(90.0)
    (f,), times = signals(projection).values(), 2.1 * np.arange(43)
    spikes = fired(post) + 1.0
    jumps = 1e-4 * trace(PRE, 20.0, spikes, 0.0)
    since = times[:, None] - spikes
    expected = np.where(since > 1e-9, jumps * np.exp(-np.maximum(since, 0) / 100.0), 0.0).sum(axis=1)
    assert np.allclose(f, expected, rtol=1e-9, atol=1e-15) and f.max() > 5e-5


def test_get_reads_state_and_a_reset_forgets_it() -> None:
    pre, post = pair_of_cells(codegen)
    stdp = codegen.STDPMechanism(
        codegen.SpikePairRule(tau_plus=20.0),
        codegen.AdditiveWeightDependence(w_max=1e-3),
        weight=1e-4,
        delay=1.0,
    )
    projection = codegen.Projection(pre, post, codegen.AllToAllConnector(), stdp)
    traces = [t for t in projection.recordable if t not in stdp.get_parameter_names()]
    assert len(traces) == 2 and projection.get(traces, format="list", with_address=False) == [(0.0, 0.0)]
    codegen.run(40.0)
    assert projection.get(traces[0], format="array")[0, 0] == pytest.approx(trace(PRE, 20.0, [40.0], 0.0)[0])
    codegen.reset()
    projection.record(traces, sampling_interval=40.0)
    codegen.run(40.0)
    first, last = signals(projection)[traces[0]]
    assert first == 0.0 and last == pytest.approx(trace(PRE, 20.0, [40.0], 0.0)[0])


def test_what_can_be_recorded_is_said() -> None:
    pre, post = pair_of_cells(codegen)
    projection = codegen.Projection(
        pre, post, codegen.AllToAllConnector(),
        codegen.STDPMechanism(codegen.TripletRule(), codegen.AdditiveWeightDependence(), weight=0.0, delay=1.0),
    )  # fmt: skip
    with pytest.raises(
        PynnExtError, match="has no parameter 'eligibility'.*recorded: weight, .*r1, r2, o1, o2"
    ):
        projection.record("eligibility")
    with pytest.raises(PynnExtError, match="'r1' of STDPMechanism is no parameter.*computes it"):
        projection.set(r1=1.0)


def test_all_that_is_recordable_has_units() -> None:
    pre, post = pair_of_cells(codegen)
    cell = codegen.Population(1, codegen.IF_curr_exp())
    dopamine, level = (
        codegen.Population(1, codegen.DopaminePool()),
        codegen.Population(1, codegen.ModulatorPool()),
    )
    traced = codegen.Population(1, codegen.AdEx_clopath())
    pair = codegen.SpikePairRule(), codegen.AdditiveWeightDependence()

    def stdp(modulator: Any) -> Any:
        return codegen.STDPMechanism(*pair, modulator=modulator)

    for cells, synapse, units in [
        (post, stdp(codegen.EligibilityModulation(dopamine)), {"signal": "kHz", "b": "kHz"}),
        (post, stdp(codegen.EligibilityModulation(level)), {"c": "nA", "w_max": "nA"}),
        (post, stdp(codegen.GainModulation(post, "v")), {"signal": "mV"}),
        (traced, codegen.ClopathSTDP(), {"A_LTP": "1/mV", "delay": "ms", "weight": "mV"}),
        (post, codegen.ElectricalSynapse(weight=0.1), {"weight": "uS"}),
    ]:  # fmt: skip
        source = cell if isinstance(synapse, codegen.ElectricalSynapse) else pre
        projection = codegen.Projection(source, cells, codegen.AllToAllConnector(), synapse)
        projection.record(projection.recordable, sampling_interval=1.0)
        codegen.run(2.0)
        found = {s.name: str(s.dimensionality) for s in projection.get_data().segments[0].analogsignals}
        assert set(found) == set(projection.recordable) and found | units == found


def test_registers_of_loihi() -> None:
    """Of the chip one sees the register after the last epoch: integers, in units of one spike."""
    pre, post = pair_of_cells(loihi, 1.0)
    stdp = loihi.STDPMechanism(
        loihi.SpikePairRule(A_plus=0.05, A_minus=0.05), loihi.AdditiveWeightDependence(w_max=1.0), weight=0.5,
        delay=1.0,
    )  # fmt: skip
    projection = loihi.Projection(pre, post, loihi.AllToAllConnector(), stdp)
    names = [t for t in projection.recordable if t not in stdp.get_parameter_names()]
    projection.record(names, sampling_interval=1.0)
    loihi.run(80.0)
    found = signals(projection)
    times = np.arange(81.0)
    exact = trace(
        PRE, 20.0, times, -1e-6
    )  # the register has the spikes of its last step, and decays in the next
    ratio = found[names[0]][1:]
    assert np.abs(ratio - exact[:-1]).max() < 0.15 and ratio.max() > 1.2
    assert found[names[1]].max() > 0.5


def test_a_chip_without_readable_traces_says_so() -> None:
    sim = neurocorex
    sim.setup(timestep=0.96)
    cells = sim.Population(2, sim.IF_curr_delta())
    stdp = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=9.6, tau_minus=9.6, A_plus=0.1, A_minus=0.1),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=4.0), weight=2.0, delay=0.96,
    )  # fmt: skip
    projection = sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), stdp)
    projection.record(["weight", "A_plus"], sampling_interval=0.96)
    for trace in ("x", "y"):
        with pytest.raises(PynnExtError, match=f"'{trace}'.*cannot be read.*record the weight"):
            projection.record(["weight", trace])
    sim.run(9.6)
    assert len(projection.get_data().segments[0].analogsignals) == 2


@pytest.mark.parametrize(
    ("arithmetic", "name", "reason"),
    [("chip", "r2", "does without this trace"), ("float", "r1", "weights keep their first values")],
)
def test_loihi_refuses_traces_that_it_will_not_have(arithmetic: str, name: str, reason: str) -> None:
    import pyNN.loihi as sim

    sim.setup(timestep=1.0, arithmetic=arithmetic)
    cells = sim.Population(2, sim.IF_curr_exp())
    stdp = sim.STDPMechanism(
        sim.TripletRule(A2_plus=0.01, A3_plus=0.02, A2_minus=0.01, A3_minus=0.0),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0), weight=0.5, delay=1.0,
    )  # fmt: skip
    projection = sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), stdp)
    projection.record("weight", sampling_interval=1.0)
    with pytest.raises(PynnExtError, match=f"'{name}'.*{reason}"):
        projection.record(name)
    if arithmetic == "chip":
        projection.record(["r1", "o2"], sampling_interval=1.0)
        sim.run(5.0)
        assert len(projection.get_data().segments[0].analogsignals) == 3


def resources(times: Any, steps: int, h: float, p: dict[str, float]) -> dict[str, np.ndarray]:
    """The equations of Tsodyks, Uziel and Markram (2000) in small steps, with spikes at `times`."""
    u, x, y = np.zeros(steps), np.ones(steps), np.zeros(steps)
    spikes = set(np.rint(np.asarray(times) / h).astype(int).tolist())
    for k in range(1, steps):
        u[k], x[k], y[k] = u[k - 1], x[k - 1], y[k - 1]
        if k - 1 in spikes:
            u[k] += p["U"] * (1 - u[k])
            released = u[k] * x[k]
            x[k], y[k] = x[k] - released, y[k] + released
        z = 1 - x[k] - y[k]
        x[k] += h * z / p["tau_rec"]
        y[k] -= h * y[k] / p["tau_psc"]
        u[k] -= h * u[k] / p["tau_facil"]
    return {"u": u, "x": x, "y": y, "z": 1 - x - y}


@BACKENDS
def test_resources_of_depressing_synapses(sim: Any) -> None:
    pre, post = pair_of_cells(sim)
    p = {"U": 0.4, "tau_rec": 80.0, "tau_facil": 60.0}
    synapse = sim.TsodyksMarkramSynapse(weight=0.1, delay=1.0, **p)
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    projection.record(["u", "x", "y", "z"], sampling_interval=1.0)
    sim.run(80.0)
    found = signals(projection)
    expected = resources(PRE, 80_001, 1e-3, {**p, "tau_psc": 5.0})
    for name in ("u", "x", "y", "z"):
        np.testing.assert_allclose(found[name], expected[name][::1000], atol=2e-4)
    assert found["u"].max() > 0.6 and found["x"].min() < 0.25


def test_sites_of_stochastic_synapses_and_what_is_set_in_mid_run() -> None:
    pre, post = pair_of_cells(codegen)
    options = {"U": 0.5, "tau_rec": 1e9, "tau_facil": 60.0, "delay": 1.0, "weight": 0.1}
    one, many = (
        codegen.Projection(pre, post, codegen.AllToAllConnector(), synapse)
        for synapse in (
            codegen.StochasticTsodyksMarkramSynapse(**options),
            codegen.MultiQuantalSynapse(n=9, **options),
        )
    )
    one.record(["u", "R"], sampling_interval=1.0)
    many.record(["u", "a"], sampling_interval=1.0)
    codegen.run(50.0)
    many.initialize(a=7.0, u=0.8)
    many.set(tau_facil=30.0)
    codegen.run(30.0)
    ready, sites = signals(one), signals(many)
    assert set(ready["R"]) <= {0.0, 1.0} and (np.diff(ready["R"]) <= 0).all()
    assert (np.diff(sites["a"][:51]) <= 0).all() and sites["a"][0] == 9.0 and 7.0 > sites["a"][-1]
    np.testing.assert_allclose(ready["u"][11:30], 0.5 * np.exp(-np.arange(1, 20) / 60.0))
    np.testing.assert_allclose(sites["u"][51:55], 0.8 * np.exp(-np.arange(1, 5) / 30.0))
    codegen.reset()
    codegen.run(1.0)
    assert many.get("a", format="list", with_address=False) == [7.0]
