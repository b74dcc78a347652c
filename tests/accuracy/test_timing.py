"""The conventions of docs/timing.md, each to the step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .pairs import weight_after_pair
from .response import Input, Response, respond

Measure = Callable[..., None]
GRIDS = pytest.mark.parametrize("dt", [0.1, 0.25, 1.0])
CURRENT_CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta")
CONDUCTANCE_CELLS = ("IF_cond_exp", "IF_cond_alpha", "IF_cond_exp_gsfa_grr")
ADEX_CELLS = ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista")
CELLS = (*CURRENT_CELLS, *CONDUCTANCE_CELLS, *ADEX_CELLS, "HH_cond_exp", "Izhikevich")
EACH_CELL = pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.model(n)) for n in CELLS])
WEIGHT = {"IF_curr_delta": 5.0, "Izhikevich": 5.0, "IF_curr_exp": 0.5, "IF_curr_alpha": 0.5}


def _first_change(answer: Response, undisturbed: Response, variable: str = "v") -> int:
    """Return the number of the first sample that differs by more than rounding."""
    return int(np.argmax(np.abs(answer[variable] - undisturbed[variable]) > 1e-9))


@EACH_CELL
@GRIDS
def test_the_first_sample_is_the_initial_value(name: str, dt: float) -> None:
    """Sample k is the state at k dt; a run of T has T / dt + 1 samples."""
    sim.setup(timestep=dt)
    answer = respond(getattr(sim, name)(), 10.0, initial={"v": -68.0})
    assert answer["v"][0] == -68.0 and answer["v"][1] != -68.0
    assert len(answer.times) == round(10.0 / dt) + 1
    assert answer.times[-1] == pytest.approx(10.0)


@EACH_CELL
@GRIDS
def test_a_current_changes_v_one_step_after_it_is_switched_on(name: str, dt: float) -> None:
    """v(t_on) is unchanged, v(t_on + dt) has changed."""
    answers = []
    for amplitude in (0.0, 0.01):
        sim.setup(timestep=dt)
        current = sim.DCSource(amplitude=amplitude, start=4.0, stop=6.0)
        answers.append(respond(getattr(sim, name)(), 10.0, current=current))
    assert _first_change(answers[1], answers[0]) == round(4.0 / dt) + 1


@pytest.mark.model("DCSource", "IF_curr_exp")
@GRIDS
def test_a_current_acts_from_start_to_stop(measure: Measure, dt: float) -> None:
    """From the step of its start up to the step of its stop, not longer."""
    sim.setup(timestep=dt)
    current = sim.DCSource(amplitude=0.5, start=4.0, stop=6.0)
    answer = respond(sim.IF_curr_exp(tau_m=20.0, cm=1.0), 10.0, current=current)
    t = answer.times
    on = closed_forms.relaxation(np.clip(t - 4.0, 0.0, 2.0), 0.0, 10.0, 20.0)
    measure(
        "v under a pulse", answer["v"], -65.0 + on * np.exp(-np.maximum(t - 6.0, 0.0) / 20.0), 1e-11, "mV"
    )


@EACH_CELL
@GRIDS
@pytest.mark.parametrize("delay", [1, 2, 7])
def test_a_spike_changes_v_one_step_after_its_delay(name: str, dt: float, delay: int) -> None:
    """v(t + d) is unchanged, v(t + d + dt) has changed; with an alpha function one step later shows more."""
    answers = []
    for weight in (0.0, WEIGHT.get(name, 0.01)):
        sim.setup(timestep=dt)
        answers.append(respond(getattr(sim, name)(), 20.0, Input([3.0], weight, delay=delay * dt)))
    assert _first_change(answers[1], answers[0]) == round(3.0 / dt) + delay + 1


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.model(n)) for n in (*CONDUCTANCE_CELLS, *ADEX_CELLS, "HH_cond_exp")],
)
@GRIDS
def test_a_conductance_is_seen_one_step_after_its_arrival_decayed_by_a_step(
    measure: Measure, name: str, dt: float
) -> None:
    """g(t + d) is unchanged and g(t + d + dt) is the kernel after one step."""
    sim.setup(timestep=dt)
    cell_type = getattr(sim, name)(tau_syn_E=4.0)
    answer = respond(cell_type, 8.0, Input([3.0], 0.01, delay=dt), record=("gsyn_exc",))
    arrival = round(3.0 / dt) + 1
    g = answer["gsyn_exc"]
    kernel = closed_forms.alpha if "alpha" in name else closed_forms.exponential
    assert np.all(g[: arrival + 1] == 0.0)
    measure("g after one step", g[arrival + 1], kernel(np.array(dt), 0.01, 4.0), 1e-7, "uS")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.model(n)) for n in CURRENT_CELLS])
@GRIDS
def test_a_spike_falls_on_the_end_of_the_step_of_its_crossing(measure: Measure, name: str, dt: float) -> None:
    """A cell that crosses its threshold in (t, t + dt] fires at t + dt, where v is at its reset value."""
    sim.setup(timestep=dt)
    parameters = {"i_offset": 1.0, "tau_m": 20.0, "cm": 1.0, "tau_refrac": 2.0, "v_reset": -67.0}
    answer = respond(getattr(sim, name)(**parameters), 100.0)
    expected = closed_forms.lif_spikes(-45.0, -50.0, -67.0, -65.0, 20.0, 2.0, dt, 100.0)
    measure("spikes at constant current", answer.spikes[0], expected, 1e-9, "ms")
    for k in np.rint(expected / dt).astype(int):
        assert answer["v"][k] == -67.0 and answer["v"][k - 1] < -50.0


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.model(n)) for n in (*CURRENT_CELLS, *CONDUCTANCE_CELLS, *ADEX_CELLS)],
)
@pytest.mark.parametrize(
    "refractory, steps", [(2.0, 20), (0.1, 1), (0.0, 0), (1.04, 10), (1.05, 11), (1.06, 11)]
)
def test_v_is_clamped_for_the_refractory_period(name: str, refractory: float, steps: int) -> None:
    """After the reset v keeps its value for tau_refrac / dt steps: the nearest number, ties up."""
    parameters = {"i_offset": 2.0, "tau_refrac": refractory, "v_reset": -66.0}
    answer = respond(getattr(sim, name)(**parameters), 60.0)
    v = answer["v"]
    k = round(answer.spikes[0][0] / 0.1)
    assert k + steps + 1 < len(v)
    assert np.all(v[k : k + steps + 1] == -66.0)
    assert v[k + steps + 1] != -66.0


@pytest.mark.model("SpikeSourceArray")
def test_a_spike_exactly_at_the_end_of_a_run_is_recorded_once() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0]))
    source.record("spikes")
    sim.run(5.0)
    assert list(Response(source).spikes[0]) == [5.0]
    sim.run(5.0)
    assert list(Response(source).spikes[0]) == [5.0, 10.0]


@pytest.mark.model("SpikeSourceArray")
@pytest.mark.parametrize("time, step", [(3.01, 30), (3.04, 30), (3.05, 31), (3.06, 31)])
def test_a_source_spike_off_the_grid_acts_at_the_nearest_step(
    measure: Measure, time: float, step: int
) -> None:
    """Ties up; the recorded time is the one given."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[time]))
    source.record("spikes")
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=2.0, tau_m=10.0, cm=1.0))
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
    cell.record("v")
    sim.run(10.0)
    assert list(Response(source).spikes[0]) == [time]
    answer = Response(cell)
    expected = -65.0 + closed_forms.exponential_psp(answer.times - 0.1 * (step + 10), 0.5, 1.0, 10.0, 2.0)
    measure("v of the target", answer["v"], expected, 1e-11, "mV")


@pytest.mark.model("StaticSynapse")
@pytest.mark.parametrize("delay, used", [(2.54, 2.5), (2.55, 2.6), (2.56, 2.6), (0.1, 0.1), (0.26, 0.3)])
def test_delays_are_rounded_to_the_nearest_step(measure: Measure, delay: float, used: float) -> None:
    """Ties up; ``Projection.get("delay")`` gives what is used."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0]))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=2.0, tau_m=10.0, cm=1.0))
    synapse = sim.StaticSynapse(weight=0.5, delay=delay)
    projection = sim.Projection(source, cell, sim.OneToOneConnector(), synapse)
    cell.record("v")
    sim.run(10.0)
    measure("delay", projection.get("delay", "list", with_address=False), [used], 1e-12, "ms")
    answer = Response(cell)
    expected = -65.0 + closed_forms.exponential_psp(answer.times - 3.0 - used, 0.5, 1.0, 10.0, 2.0)
    measure("v of the target", answer["v"], expected, 1e-11, "mV")


@pytest.mark.model("STDPMechanism")
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_what_arrives_is_the_weight_of_the_moment_the_synapse_sees_the_spike(
    measure: Measure, fraction: float
) -> None:
    """With fraction f a synapse sees its presynaptic spike at t + (1 - f) d and sends the weight of then; a
    postsynaptic spike that it sees later does not change what is on its way."""
    delay, change = 10.0, 0.2 * np.exp(-19.0 / 20.0)
    sources = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 30.0]))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[28.8 + 10.0 * (1.0 - 2.0 * fraction)]))
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=1e9, tau_refrac=0.0, v_thresh=0.0, v_reset=-65.0))
    sim.Projection(driver, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1e3, delay=0.1))
    rule = sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.2, A_minus=0.0)
    stdp = sim.STDPMechanism(
        rule,
        sim.AdditiveWeightDependence(w_max=1.0),
        dendritic_delay_fraction=fraction,
        weight=0.5,
        delay=delay,
    )
    sim.Projection(sources, cell, sim.OneToOneConnector(), stdp)
    cell.record(["v", "spikes"])
    sim.run(45.0)
    answer = Response(cell)
    # the cell fires so that the synapse sees it 1 ms before it sees the second presynaptic spike
    seen = answer.spikes[0][0] + fraction * delay
    assert seen == pytest.approx(30.0 + (1.0 - fraction) * delay - 1.0)
    jump = answer["v"][401] - answer["v"][400]
    measure("weight that arrived", jump, 0.5 + change, 1e-9, "mV")


@pytest.mark.model("SpikePairRule")
@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_spikes_that_meet_in_a_step_are_no_pair(measure: Measure, fraction: float) -> None:
    """Each uses the other's trace from before the step, so that a pair at distance 0 does not count."""
    met = 2.0 - 4.0 * fraction  # delay 2 ms: seen at (1 - f) 2 and at f 2 after the spikes
    changed = weight_after_pair(met, "AdditiveWeightDependence", 0.5, 1.0, fraction, delay=2.0)
    measure("weight after a pair at distance 0", changed, 0.5, 0.0)
    # one step apart they are
    for step, size in ((0.1, 0.01), (-0.1, -0.012)):
        changed = weight_after_pair(met + step, "AdditiveWeightDependence", 0.5, 1.0, fraction, delay=2.0)
        measure("weight after a pair", changed, 0.5 + size * np.exp(-0.1 / 20.0), 1e-12)


@pytest.mark.model("Izhikevich", "IF_curr_delta")
@pytest.mark.parametrize("name", ["Izhikevich", "IF_curr_delta"])
def test_a_jump_of_v_is_seen_one_step_after_its_arrival(name: str) -> None:
    """Also where NEST shows it at once."""
    answers = []
    for weight in (0.0, 3.0):
        sim.setup(timestep=0.1)
        answers.append(respond(getattr(sim, name)(), 10.0, Input([4.0], weight)))
    difference = answers[1]["v"] - answers[0]["v"]
    assert np.all(difference[:51] == 0.0) and difference[51] == pytest.approx(3.0, abs=0.2)


@pytest.mark.model("SpikeSourcePoisson")
def test_poisson_spikes_are_on_the_grid_and_several_fit_in_a_step() -> None:
    sim.setup(timestep=1.0)
    sources = sim.Population(100, sim.SpikeSourcePoisson(rate=3000.0))
    sources.record("spikes")
    sim.run(100.0)
    trains = Response(sources).spikes
    spikes = np.concatenate(trains)
    np.testing.assert_array_equal(spikes, np.rint(spikes))
    assert spikes.min() == 1.0 and spikes.max() == 100.0
    assert len(spikes) == pytest.approx(30000, abs=4 * np.sqrt(30000))


@pytest.mark.model("IF_cond_exp")
def test_time_does_not_drift(measure: Measure) -> None:
    """After any number of runs t is a multiple of the step, to rounding."""
    for _ in range(50):
        sim.run(0.7)
    measure("time after 50 runs", sim.get_current_time(), 35.0, 1e-9, "ms")
