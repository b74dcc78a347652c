"""Synapses and projections: right where PyNN's backends for Brian2 and NEURON are silently wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import UnsupportedError

from . import closed_forms
from .pairs import A_PLUS, TAU, WEIGHT_DEPENDENCES, pair_window, weight_after_pair
from .response import Input, Response, connect

Measure = Callable[..., None]


@pytest.mark.parametrize("interval", [10.0, -10.0])
@pytest.mark.parametrize(
    "dependence",
    [
        pytest.param(n, marks=pytest.mark.model(n, "STDPMechanism", "SpikePairRule"))
        for n in WEIGHT_DEPENDENCES
    ],
)
@pytest.mark.silent_error(1)
def test_each_weight_dependence_is_its_own(measure: Measure, dependence: str, interval: float) -> None:
    """All weight dependences ran as the additive one; the default dendritic delay fraction is 1."""
    changed = weight_after_pair(interval, dependence, 0.3, 1.0)
    # the postsynaptic spike reaches the synapse after the whole delay of 1 ms
    measure("weight after a pair", changed, pair_window(interval + 1.0, dependence, 0.3, 1.0), 1e-12)


@pytest.mark.parametrize("interval", [10.0, -10.0])
@pytest.mark.parametrize(
    "dependence",
    [
        pytest.param(n, marks=pytest.mark.model(n))
        for n in ("AdditivePotentiationMultiplicativeDepression", "GutigWeightDependence")
    ],
)
def test_weight_changes_scale_with_the_largest_weight(
    measure: Measure, dependence: str, interval: float
) -> None:
    """NEURON ignores the scale of w_max in these two: changes 25 times too large for w_max = 0.04."""
    changed = weight_after_pair(interval, dependence, 0.02, 0.04)
    measure("weight, w_max 0.04", changed, pair_window(interval + 1.0, dependence, 0.02, 0.04), 1e-14)
    same = weight_after_pair(interval, dependence, 0.5, 1.0)
    measure("weight over w_max", changed / 0.04, same, 1e-13)


@pytest.mark.parametrize(
    "dependence", [pytest.param(n, marks=pytest.mark.model(n)) for n in WEIGHT_DEPENDENCES]
)
@pytest.mark.parametrize("weight, interval, bound", [(0.04, 5.0, 0.04), (0.0, -5.0, 0.0)])
def test_weights_stay_between_their_bounds(
    measure: Measure, dependence: str, weight: float, interval: float, bound: float
) -> None:
    """NEURON's Guetig rule leaves [w_min, w_max] and then gives NaN."""
    measure("weight at its bound", weight_after_pair(interval, dependence, weight, 0.04), bound, 1e-15)


@pytest.mark.model("TsodyksMarkramSynapse")
@pytest.mark.parametrize("tau_rec", [10.0, 100.0, 800.0])
@pytest.mark.parametrize("tau_facil", [0.0, 50.0])
@pytest.mark.silent_error(2)
def test_recovery_time_constant_governs_depression(
    measure: Measure, tau_rec: float, tau_facil: float
) -> None:
    """Tau_rec had no effect, x recovered with tau_syn; the trap of tau_facil = 0, PyNN's default."""
    times = np.array([5.0, 25.0, 45.0, 50.0, 120.0])
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=3.0))
    synapse = sim.TsodyksMarkramSynapse(U=0.5, tau_rec=tau_rec, tau_facil=tau_facil, weight=0.01, delay=1.0)
    connect(cell, Input(list(times), 0.01), synapse)
    cell.record("gsyn_exc")
    sim.run(150.0)
    answer = Response(cell)
    released = closed_forms.tsodyks_markram(times, 0.5, tau_rec, tau_facil, 3.0)
    expected = sum(
        closed_forms.exponential(answer.times - t - 1.0, 0.01 * r, 3.0)
        for t, r in zip(times, released, strict=True)
    )
    measure("g through a dynamic synapse", answer["gsyn_exc"], expected, 1e-14, "uS")


@pytest.mark.model("TsodyksMarkramSynapse")
@pytest.mark.parametrize("size", [1, 2])
def test_dynamic_synapses_onto_populations_of_any_size(measure: Measure, size: int) -> None:
    """The trap of equal parameters: a time constant that all target cells share was indexed as an array."""
    cells = sim.Population(size, sim.IF_cond_exp(tau_syn_E=3.0))
    source = sim.Population(size, sim.SpikeSourceArray(spike_times=[5.0, 15.0]))
    synapse = sim.TsodyksMarkramSynapse(U=0.5, tau_rec=100.0, weight=0.01, delay=1.0)
    sim.Projection(source, cells, sim.OneToOneConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(17.0)
    first, second = closed_forms.tsodyks_markram(np.array([5.0, 15.0]), 0.5, 100.0, 0.0, 3.0)
    expected = 0.01 * (first * np.exp(-11.0 / 3.0) + second * np.exp(-1.0 / 3.0))
    measure("g through a dynamic synapse", Response(cells).signals["gsyn_exc"][-1], [expected] * size, 1e-14)


@pytest.mark.model("StaticSynapse")
@pytest.mark.silent_error(23)
def test_each_multapse_has_its_own_weight_and_delay(measure: Measure) -> None:
    """All synapses of a pair got the weight and delay of the last."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=2.0, tau_m=10.0, cm=1.0))
    rows = [(0, 0, 0.1, 1.0), (0, 0, 0.2, 2.0), (0, 0, 0.4, 2.0)]
    connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
    projection = sim.Projection(source, cell, connector)
    cell.record("v")
    sim.run(20.0)
    answer = Response(cell)
    expected = -65.0 + sum(
        closed_forms.exponential_psp(answer.times - 5.0 - delay, weight, 1.0, 10.0, 2.0)
        for *_, weight, delay in rows
    )
    measure("v of three synapses of a pair", answer["v"], expected, 1e-11, "mV")
    assert sorted(tuple(row) for row in projection.get(["weight", "delay"], "list")) == rows


@pytest.mark.model("StaticSynapse")
@pytest.mark.silent_error(24)
def test_arrays_of_a_view_are_indexed_within_the_view() -> None:
    """``get(format="array")`` put values at the indices of the parent, or raised IndexError."""
    cells = sim.Population(5, sim.IF_curr_exp())
    source = sim.Population(4, sim.SpikeSourceArray(spike_times=[1.0]))
    weights = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    projection = sim.Projection(
        source[1:], cells[3:], sim.ArrayConnector(weights > 0), sim.StaticSynapse(weight=weights)
    )
    np.testing.assert_array_equal(projection.get("weight", format="array"), weights)
    assert {(int(i), int(j)) for i, j, _ in projection.get("weight", format="list")} == {
        (i, j) for i in range(3) for j in range(2)
    }


@pytest.mark.model("StaticSynapse")
@pytest.mark.parametrize("timestep", [0.05, 0.1, 0.5])
@pytest.mark.silent_error(25)
def test_the_smallest_delay_is_in_milliseconds(measure: Measure, timestep: float) -> None:
    """It was counted in steps of 0.1 ms: 0.75 or 7.5 ms for delays of 1.5 ms."""
    sim.setup(timestep=timestep)
    cells = sim.Population(2, sim.IF_curr_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.5))
    sim.run(1.0)
    measure("smallest and largest delay", [sim.get_min_delay(), sim.get_max_delay()], [1.5, 1.5], 1e-12, "ms")


@pytest.mark.model("STDPMechanism")
def test_plastic_projections_onto_currents_and_conductances_live_side_by_side(measure: Measure) -> None:
    """Translations were state of the class, so that the second changed the unit of the first."""
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
    projections = []
    for cell_type, weight in ((sim.IF_curr_exp, 0.5), (sim.IF_cond_exp, 0.004)):
        stdp = sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=2 * weight), weight=weight, delay=1.0
        )
        cells = sim.Population(2, cell_type())
        projections.append((sim.Projection(source, cells, sim.AllToAllConnector(), stdp), weight))
    for projection, weight in projections:
        names = ["weight", "w_max"]
        got = np.array(projection.get(names, "list", with_address=False))
        measure("weight and w_max", got, [[weight, 2 * weight]] * 4, 0.0)
        projection.set(weight=1.5 * weight, w_max=3 * weight)
        got = np.array(projection.get(names, "list", with_address=False))
        measure("weight and w_max, set", got, [[1.5 * weight, 3 * weight]] * 4, 0.0)


@pytest.mark.model("STDPMechanism")
def test_a_voltage_dependence_is_not_ignored() -> None:
    """The argument is accepted by PyNN and then has no effect."""
    with pytest.raises(UnsupportedError, match="voltage_dependence"):
        sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(), voltage_dependence=object(), delay=1.0
        )


@pytest.mark.model("StaticSynapse")
def test_one_cell_connects_to_one_cell(measure: Measure) -> None:
    """OneToOneConnector raises between populations of size 1 with NumPy 2.1 and later."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=4.0))
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    cell.record("gsyn_exc")
    sim.run(10.0)
    answer = Response(cell)
    expected = closed_forms.exponential(answer.times - 6.0, 0.01, 4.0)
    measure("g", answer["gsyn_exc"], expected, 1e-14, "uS")


@pytest.mark.model("STDPMechanism")
def test_weights_are_read_during_a_run(measure: Measure) -> None:
    """PyNN records no synapses; a callback sees the weight after every event until then."""
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
    connect(cell, Input([30.0, 60.0], 1000.0, delay=0.1))
    rule = sim.SpikePairRule(tau_plus=TAU, tau_minus=TAU, A_plus=A_PLUS, A_minus=0.0)
    stdp = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=1.0), weight=0.5, delay=1.0)
    projection = connect(cell, Input([20.0, 50.0], 0.5), stdp)
    seen: list[tuple[float, float]] = []

    def look(t: float) -> float:
        seen.append((t, projection.get("weight", "list", with_address=False)[0]))
        return t + 10.0

    sim.run(100.0, callbacks=[look])
    # the cell fires at 30.2 and 60.2 ms, which the synapse sees 1 ms later
    jumps = [A_PLUS * np.exp(-11.2 / TAU), A_PLUS * (np.exp(-11.2 / TAU) + np.exp(-41.2 / TAU))]
    expected = [0.5 + jumps[0] * (t > 31.2) + jumps[1] * (t > 61.2) for t, _ in seen]
    assert [t for t, _ in seen] == pytest.approx([10.0 * i for i in range(len(seen))]) and len(seen) >= 10
    measure("weight seen by a callback", [w for _, w in seen], expected, 1e-12)


@pytest.mark.model("StaticSynapse", "IF_curr_exp")
@pytest.mark.parametrize("receptor, weight", [("excitatory", 0.5), ("inhibitory", -0.5)])
def test_the_receptor_follows_from_the_sign_in_assemblies(
    measure: Measure, receptor: str, weight: float
) -> None:
    """The order of an assembly's receptor types was random in every backend: excitatory in some processes only."""
    both = sim.Population(1, sim.IF_curr_exp(tau_syn_E=2.0, tau_syn_I=9.0)) + sim.Population(
        1, sim.IF_curr_exp(tau_syn_E=2.0, tau_syn_I=9.0)
    )
    assert list(both.receptor_types) == ["excitatory", "inhibitory"]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
    sim.Projection(source, both, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))
    both.record("v")
    sim.run(10.0)
    v = both.get_data().segments[0].analogsignals[0].magnitude
    tau = 2.0 if receptor == "excitatory" else 9.0
    expected = -65.0 + closed_forms.exponential_psp(0.1 * np.arange(101) - 3.0, weight, 1.0, 20.0, tau)
    measure("v", v[:, 0], expected, 1e-12, "mV")


@pytest.mark.model("IF_curr_exp", "IF_cond_exp")
@pytest.mark.parametrize("name, weight", [("IF_curr_exp", 0.5), ("IF_cond_exp", 0.01)])
def test_weights_of_zero_and_no_connections_leave_a_cell_alone(
    measure: Measure, name: str, weight: float
) -> None:
    """A projection without connections made a run raise."""
    cell = sim.Population(1, getattr(sim, name)())
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, cell, sim.FixedProbabilityConnector(0.0), sim.StaticSynapse(weight=weight))
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0))
    cell.record("v")
    sim.run(5.0)
    measure("v at rest", Response(cell)["v"], np.full(51, -65.0), 1e-12, "mV")


@pytest.mark.model("SpikeSourcePoisson", "StaticSynapse")
def test_poisson_input_of_a_cell_has_the_mean_it_should() -> None:
    """Campbell's theorem: the mean of v - v_rest is rate x weight x tau_syn x tau_m / cm."""
    answer_of = sim.Population(40, sim.IF_curr_exp(tau_syn_E=2.0, tau_m=10.0, cm=1.0, v_thresh=1e3))
    noise = sim.Population(40, sim.SpikeSourcePoisson(rate=1000.0))
    sim.Projection(noise, answer_of, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    answer_of.record("v")
    sim.run(2000.0)
    v = Response(answer_of).signals["v"][1000:] + 65.0
    # variance: rate x integral of psp^2 = rate (w tau_m tau_s / cm)^2 / (2 (tau_m + tau_s)) = 2 / 12 mV^2
    assert v.mean() == pytest.approx(0.1 * 2.0 * 10.0, abs=0.02)
    assert v.var() == pytest.approx((0.1 * 10.0 * 2.0) ** 2 / (2 * 12.0), rel=0.06)
