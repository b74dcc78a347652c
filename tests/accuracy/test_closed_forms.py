"""Cells below and above threshold against the solutions of their equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy.optimize import brentq

from . import closed_forms
from .izhikevich import check_izhikevich
from .response import Input, respond

Measure = Callable[..., None]
PSPS = {"IF_curr_exp": closed_forms.exponential_psp, "IF_curr_alpha": closed_forms.alpha_psp}
KERNELS = {
    "IF_cond_exp": closed_forms.exponential,
    "IF_cond_exp_gsfa_grr": closed_forms.exponential,
    "IF_cond_alpha": closed_forms.alpha,
    "EIF_cond_exp_isfa_ista": closed_forms.exponential,
    "EIF_cond_alpha_isfa_ista": closed_forms.alpha,
    "HH_cond_exp": closed_forms.exponential,
}
TAU_SYN = {"tau_syn_E": 3.0, "tau_syn_I": 8.0}
EXCITATORY, INHIBITORY = [5.0, 9.3, 9.4, 30.0], [12.0, 33.0]
PASSIVE = ["IF_cond_exp", "IF_cond_alpha", "IF_cond_exp_gsfa_grr"]
ADEX = ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"]


def each(*names: str) -> Any:
    """Parametrise by cell type."""
    return pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.model(n)) for n in names])


def conductances(name: str, weights: tuple[float, float], taus: dict[str, float]) -> Callable:
    """Return ``g(t) -> (exc, inh)`` of the trains above with a delay of 1 ms."""
    kernel = KERNELS[name]

    def at(t: float) -> tuple[float, float]:
        return (
            float(kernel(t - 1.0 - np.array(EXCITATORY), weights[0], taus["tau_syn_E"]).sum()),
            float(kernel(t - 1.0 - np.array(INHIBITORY), weights[1], taus["tau_syn_I"]).sum()),
        )

    return at


def solve(rhs: Callable, y0: list[float], times: np.ndarray, max_step: float = 0.5) -> np.ndarray:
    """Integrate from arrival to arrival, because the conductances jump there."""
    arrivals = sorted({t + 1.0 for t in (*EXCITATORY, *INHIBITORY)})
    ends = [times[0], *(t for t in arrivals if t < times[-1]), times[-1]]
    y, pieces = np.array(y0), []
    for a, b in zip(ends, ends[1:], strict=False):
        inside = times[(times > a + 1e-9) & (times < b - 1e-9)]
        solution = closed_forms.integrate(rhs, y, np.array([a, *inside, b]), max_step)
        pieces.append(solution[:, :-1])
        y = solution[:, -1]
    return np.column_stack([*pieces, y])


def _inputs(excitatory: float, inhibitory: float) -> tuple[Input, Input]:
    return Input(EXCITATORY, excitatory), Input(INHIBITORY, inhibitory, "inhibitory")


@each(*PSPS)
@pytest.mark.parametrize("tau_syn", [0.5, 3.0, 20.0, 60.0])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_postsynaptic_potentials(measure: Measure, name: str, tau_syn: float, dt: float) -> None:
    """Also where tau_syn and tau_m are equal, and at any step: the integration is exact."""
    sim.setup(timestep=dt)
    passive = {"tau_m": 20.0, "cm": 0.8, "i_offset": 0.2, "v_thresh": 1e3}
    cell = getattr(sim, name)(tau_syn_E=tau_syn, tau_syn_I=2.0 * tau_syn, **passive)
    given = Input([5.0, 9.0, 10.0], 0.3), Input([12.0, 33.0], -0.2, "inhibitory")
    answer = respond(cell, 80.0, *given, record=("v", "isyn_exc"))
    expected = closed_forms.relaxation(answer.times, -65.0, -65.0 + 0.2 * 20.0 / 0.8, 20.0)
    for source, tau in zip(given, (tau_syn, 2.0 * tau_syn), strict=True):
        for t in source.times:
            expected += PSPS[name](answer.times - t - 1.0, source.weight, 0.8, 20.0, tau)
    measure("PSP", answer["v"], expected, 1e-9, "mV")
    kernel = closed_forms.alpha if name == "IF_curr_alpha" else closed_forms.exponential
    current = sum(kernel(answer.times - t - 1.0, 0.3, tau_syn) for t in given[0].times)
    measure("synaptic current", answer["isyn_exc"], current, 1e-12, "nA")


@pytest.mark.model("IF_curr_delta")
def test_jumps_of_the_potential(measure: Measure) -> None:
    """The whole jump is in v one step after its arrival; from there it decays. Input to a refractory cell is
    lost."""
    given = Input([5.0, 9.3], 4.0), Input([12.0], -2.5, "inhibitory")
    answer = respond(sim.IF_curr_delta(tau_m=15.0), 40.0, *given)
    expected = np.full(len(answer.times), -65.0)
    for source in given:
        for t in source.times:
            since = answer.times - t - 1.1
            expected += np.where(since > -1e-9, source.weight * np.exp(-since / 15.0), 0.0)
    measure("v", answer["v"], expected, 1e-11, "mV")
    sim.setup(timestep=0.1)
    lost = respond(sim.IF_curr_delta(tau_m=15.0, tau_refrac=5.0), 20.0, Input([5.0], 20.0), Input([8.0], 5.0))
    measure("v after input to a refractory cell", lost["v"][61:], np.full(140, -65.0), 1e-12, "mV")


@each("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", *PASSIVE, *ADEX)
@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_firing_at_constant_current(measure: Measure, name: str, dt: float) -> None:
    """Without synapses and adaptation each is a leaky integrate-and-fire cell, whose intervals are known."""
    sim.setup(timestep=dt)
    parameters = {"i_offset": 1.1, "tau_m": 20.0, "cm": 1.0, "tau_refrac": 3.0, "v_reset": -68.0}
    extra = {"IF_cond_exp_gsfa_grr": {"q_sfa": 0.0, "q_rr": 0.0}}
    adex = {"a": 0.0, "b": 0.0, "delta_T": 0.0, "v_rest": -65.0, "v_thresh": -50.0}
    more = adex if name in ADEX else extra.get(name, {})
    answer = respond(getattr(sim, name)(**parameters, **more), 200.0, initial={"v": -65.0})
    expected = closed_forms.lif_spikes(-43.0, -50.0, -68.0, -65.0, 20.0, 3.0, dt, 200.0)
    measure("spikes at constant current", answer.spikes[0], expected, 1e-9, "ms")


@pytest.mark.model("IF_cond_exp")
@pytest.mark.parametrize("receptor, e_rev", [("excitatory", 0.0), ("inhibitory", -90.0)])
def test_a_constant_conductance_shortens_the_time_constant(
    measure: Measure, receptor: str, e_rev: float
) -> None:
    """With fixed g the membrane relaxes to the mean of the reversal potentials with cm / (g_leak + g)."""
    cell = sim.IF_cond_exp(tau_m=20.0, cm=1.0, tau_syn_E=1e13, tau_syn_I=1e13, e_rev_I=-90.0, v_thresh=1e3)
    answer = respond(cell, 100.0, Input([4.0], 0.15, receptor))
    tau = 1.0 / (0.05 + 0.15)
    end = (0.05 * -65.0 + 0.15 * e_rev) / (0.05 + 0.15)
    expected = closed_forms.relaxation(np.maximum(answer.times - 5.0, 0.0), -65.0, end, tau)
    measure("v under a constant conductance", answer["v"], expected, 1e-9, "mV")


@each(*PASSIVE)
@pytest.mark.parametrize("dt, limit", [(0.1, 2e-3), (0.01, 2e-5)])
def test_conductance_driven_membranes(measure: Measure, name: str, dt: float, limit: float) -> None:
    """By the integrating factor; the step is of second order."""
    sim.setup(timestep=dt)
    parameters = {"tau_m": 20.0, "cm": 1.0, "v_thresh": 1e3, **TAU_SYN}
    answer = respond(getattr(sim, name)(**parameters), 30.0, Input([4.0], 0.05))
    kernel = KERNELS[name]
    moments = np.array([0.5, 2.0, 7.0, 20.0])
    expected = [
        closed_forms.conductance_potential(
            float(s), lambda t: float(kernel(np.array(t + 1e-8), 0.05, 3.0)), 0.0, -65.0, 1.0, 20.0, -65.0
        )
        for s in moments
    ]
    got = answer["v"][np.rint((moments + 5.0) / dt).astype(int)]
    measure("v under a conductance", got, expected, limit, "mV")


@each(*PASSIVE)
@pytest.mark.parametrize("dt, limit", [(0.1, 0.02), (0.01, 2e-4)])
def test_conductances_of_both_signs(measure: Measure, name: str, dt: float, limit: float) -> None:
    sim.setup(timestep=dt)
    answer = respond(getattr(sim, name)(v_thresh=1e3, i_offset=0.1, **TAU_SYN), 60.0, *_inputs(0.03, 0.02))
    g = conductances(name, (0.03, 0.02), TAU_SYN)

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        exc, inh = g(t)
        return (-65.0 - y) / 20.0 + (exc * (0.0 - y) + inh * (-70.0 - y) + 0.1) / 1.0

    measure("v under two receptors", answer["v"], solve(rhs, [-65.0], answer.times)[0], limit, "mV")


@each(*ADEX)
@pytest.mark.parametrize("dt, limit", [(0.1, 1e-4), (0.01, 1e-7)])
def test_adaptive_exponential_cells_below_threshold(
    measure: Measure, name: str, dt: float, limit: float
) -> None:
    sim.setup(timestep=dt)
    default = getattr(sim, name).default_parameters
    answer = respond(
        getattr(sim, name)(i_offset=0.3, **TAU_SYN), 60.0, *_inputs(0.005, 0.004), record=("v", "w")
    )
    assert not len(answer.spikes[0])
    g = conductances(name, (0.005, 0.004), TAU_SYN)

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        v, w = y
        exc, inh = g(t)
        spike = default["delta_T"] * np.exp((v - default["v_thresh"]) / default["delta_T"])
        current = exc * (0.0 - v) + inh * (-80.0 - v) + 0.3 - w
        return np.array(
            [
                (default["v_rest"] - v + spike) / default["tau_m"] + current / default["cm"],
                (default["a"] * 1e-3 * (v - default["v_rest"]) - w) / default["tau_w"],
            ]
        )

    v, w = solve(rhs, [-70.6, 0.0], answer.times)
    measure("v below threshold", answer["v"], v, limit, "mV")
    measure("w below threshold", answer["w"], w, limit, "nA")


@each("IF_cond_exp_gsfa_grr")
def test_adaptation_between_spikes(measure: Measure, name: str) -> None:
    """From each spike on, v follows the two decaying conductances of all spikes so far."""
    sim.setup(timestep=0.01)
    answer = respond(sim.IF_cond_exp_gsfa_grr(i_offset=2.0, tau_refrac=2.0), 200.0)
    (spikes,) = answer.spikes
    assert len(spikes) >= 3
    for spike, end in zip(spikes, [*spikes[1:], 200.0], strict=True):
        before = spikes[spikes <= spike]
        inside = (answer.times > spike + 2.0 - 1e-9) & (answer.times < end - 1e-9)

        def rhs(t: float, y: np.ndarray, before: np.ndarray = before) -> np.ndarray:
            slow = 0.015 * np.exp(-(t - before) / 100.0).sum()
            fast = 3.0 * np.exp(-(t - before) / 2.0).sum()
            return (-65.0 - y) / 20.0 + (slow + fast) * (-75.0 - y) + 2.0

        v = closed_forms.integrate(rhs, np.array([-65.0]), answer.times[inside])[0]
        measure("v between spikes", answer["v"][inside], v, 1e-4, "mV")
        if end < 200.0:
            assert v[-1] < -50.0 < v[-1] + 0.01 * (v[-1] - v[-2]) / 0.01 + 1e-4


# --- Hodgkin-Huxley ----------------------------------------------------------------------------------------


def _rates(u: float) -> dict[str, tuple[float, float]]:
    """Return opening and closing rates (1/ms) of the gates at u = v - v_offset (Traub and Miles 1991)."""
    return {
        "m": (0.32 * (13.0 - u) / np.expm1((13.0 - u) / 4.0), 0.28 * (u - 40.0) / np.expm1((u - 40.0) / 5.0)),
        "h": (0.128 * np.exp((17.0 - u) / 18.0), 4.0 / (1.0 + np.exp((40.0 - u) / 5.0))),
        "n": (0.032 * (15.0 - u) / np.expm1((15.0 - u) / 5.0), 0.5 * np.exp((10.0 - u) / 40.0)),
    }


def _hh(g: Callable | None = None, current: float = 0.0) -> Callable:
    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        v, m, h, n = y
        exc, inh = g(t) if g else (0.0, 0.0)
        ionic = 20.0 * m**3 * h * (50.0 - v) + 6.0 * n**4 * (-90.0 - v) + 0.01 * (-65.0 - v)
        rates = _rates(v + 63.0).values()
        gates = [a * (1.0 - x) - b * x for x, (a, b) in zip((m, h, n), rates, strict=True)]
        return np.array([(ionic + exc * (0.0 - v) + inh * (-80.0 - v) + current) / 0.2, *gates])

    return rhs


@pytest.mark.model("HH_cond_exp")
def test_resting_state_of_the_hodgkin_huxley_cell(measure: Measure) -> None:
    """All gates are at their steady state and all currents add up to nothing."""

    def steady(v: float) -> dict[str, float]:
        return {gate: a / (a + b) for gate, (a, b) in _rates(v + 63.0).items()}

    def net(v: float) -> float:
        gates = steady(v)
        return _hh()(0.0, np.array([v, gates["m"], gates["h"], gates["n"]]))[0]

    rest = brentq(net, -70.0, -60.0, xtol=1e-13)
    answer = respond(sim.HH_cond_exp(), 1000.0, record=("v", "m", "h", "n"))
    measure("resting potential", answer["v"][-1], rest, 1e-6, "mV")
    for gate, value in steady(rest).items():
        measure(f"resting {gate}", answer[gate][-1], value, 1e-8)


@pytest.mark.model("HH_cond_exp")
@pytest.mark.parametrize("dt, limit, jitter", [(0.1, 1.0, 0.11), (0.01, 0.01, 0.011)])
def test_action_potentials(measure: Measure, dt: float, limit: float, jitter: float) -> None:
    """The whole course of v, spikes included; a spike is reported on the step after the maximum of v."""
    sim.setup(timestep=dt)
    answer = respond(sim.HH_cond_exp(i_offset=0.6), 100.0)
    fine = np.arange(0.0, 100.0 + 1e-9, 0.005)
    v = closed_forms.integrate(_hh(current=0.6), np.array([-65.0, 0.0, 1.0, 0.0]), fine, 0.05)[0]
    peaks = 1 + np.flatnonzero((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:]) & (v[1:-1] > -33.0))
    measure("spike after its maximum", answer.spikes[0], fine[peaks] + dt, jitter, "ms")
    on_grid = np.interp(answer.times, fine, v)
    quiet = np.abs(answer.times[:, None] - fine[peaks]).min(axis=1) > 3.0
    measure("v outside spikes", answer["v"][quiet], on_grid[quiet], limit, "mV")


@pytest.mark.model("HH_cond_exp")
def test_synapses_of_the_hodgkin_huxley_cell(measure: Measure) -> None:
    sim.setup(timestep=0.01)
    answer = respond(sim.HH_cond_exp(**TAU_SYN), 60.0, *_inputs(0.002, 0.004))
    assert not len(answer.spikes[0])
    g = conductances("HH_cond_exp", (0.002, 0.004), TAU_SYN)
    v = solve(_hh(g), [-65.0, 0.0, 1.0, 0.0], answer.times, 0.05)[0]
    measure("v below threshold", answer["v"], v, 1e-4, "mV")


@pytest.mark.model("Izhikevich")
@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize(
    "parameters", [{}, {"c": -50.0, "d": 2.0}, {"a": 0.1}, {"b": 0.25, "c": -55.0, "d": 0.05}]
)
def test_izhikevich_cells_take_eulers_steps(measure: Measure, dt: float, parameters: dict) -> None:
    sim.setup(timestep=dt)
    answer = respond(sim.Izhikevich(i_offset=0.008, **parameters), 300.0, record=("v", "u"))
    values = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0, **parameters}
    check_izhikevich(measure, values, 8.0, answer, dt)
