"""Cells: what PyNN's backend for Brian2 gets wrong without an error, right.

The reference is a closed form wherever there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .izhikevich import check_izhikevich
from .response import Input, Response, respond

Measure = Callable[..., None]
ADEX = {"i_offset": 0.9, "tau_refrac": 2.0}
IZHIKEVICH = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0}


def _run(cells: Any, duration: float, *record: str) -> Response:
    cells.record([*record, "spikes"])
    sim.run(duration)
    return Response(cells)


@pytest.mark.model("IF_curr_alpha")
@pytest.mark.silent_error(3)
def test_inhibitory_alpha_current_decays_with_its_own_time_constant(measure: Measure) -> None:
    """IF_curr_alpha took tau_syn_E for the decay of the inhibitory current."""
    cell = sim.IF_curr_alpha(tau_syn_E=1.0, tau_syn_I=15.0, tau_m=20.0, cm=1.0)
    answer = respond(cell, 120.0, Input([5.0], -0.5, "inhibitory"))
    expected = -65.0 + closed_forms.alpha_psp(answer.times - 6.0, -0.5, 1.0, 20.0, 15.0)
    measure("v, inhibitory", answer["v"], expected, 1e-10, "mV")


@pytest.mark.model("EIF_cond_alpha_isfa_ista")
@pytest.mark.silent_error(4)
def test_conductance_of_eif_cond_alpha_is_an_alpha_function(measure: Measure) -> None:
    """The weight was added to g instead of its drive, so that g was exponential."""
    cell = sim.EIF_cond_alpha_isfa_ista(tau_syn_E=5.0, tau_syn_I=3.0)
    inputs = Input([10.0], 0.02), Input([10.0], 0.01, "inhibitory")
    answer = respond(cell, 60.0, *inputs, record=("gsyn_exc", "gsyn_inh"))
    for name, weight, tau in (("gsyn_exc", 0.02, 5.0), ("gsyn_inh", 0.01, 3.0)):
        measure(name, answer[name], closed_forms.alpha(answer.times - 11.0, weight, tau), 1e-7, "uS")
    assert answer.times[answer["gsyn_exc"].argmax()] == pytest.approx(16.0)


@pytest.mark.model("IF_cond_exp_gsfa_grr")
@pytest.mark.silent_error(5)
def test_adaptation_conductances_jump_by_their_quanta_in_ns(measure: Measure) -> None:
    """Q_sfa and q_rr were scaled by 10^9 twice. PyNN gives them, g_s and g_r in nS."""
    cell = sim.IF_cond_exp_gsfa_grr(i_offset=1.5, tau_refrac=2.0, v_thresh=-52.0)
    answer = respond(cell, 300.0, record=("v", "g_s", "g_r"))
    (spikes,) = answer.spikes
    assert len(spikes) >= 3
    for name, quantum, tau in (("g_s", 15.0, 100.0), ("g_r", 3000.0, 2.0)):
        since = answer.times[:, None] - spikes
        expected = np.where(since > -1e-9, quantum * np.exp(-np.maximum(since, 0.0) / tau), 0.0).sum(axis=1)
        measure(name, answer[name], expected, 1e-9, "nS")
    assert answer["v"].min() > -75.0, "v stays above the reversal potential of adaptation"


@pytest.mark.model("HH_cond_exp")
@pytest.mark.silent_error(6)
def test_an_action_potential_is_one_spike(measure: Measure) -> None:
    """Every sample above -40 mV counted as a spike."""
    sim.setup(timestep=0.01)
    answer = respond(sim.HH_cond_exp(i_offset=0.6), 60.0)
    v = answer["v"]
    upward = answer.times[1:][(v[:-1] < -20.0) & (v[1:] >= -20.0)]
    assert len(upward) >= 3
    measure("spikes per action potential", len(answer.spikes[0]) / len(upward), 1.0, 0.0)
    peak = np.array([answer.times[(answer.times >= t) & (answer.times < t + 2.0)][0] for t in upward])
    assert np.all(answer.spikes[0] - peak > 0.0) and np.all(answer.spikes[0] - peak < 1.0)


@pytest.mark.model("HH_cond_exp")
@pytest.mark.silent_error(7)
def test_hodgkin_huxley_cell_is_stable_at_a_tenth_of_a_millisecond(measure: Measure) -> None:
    """Forward Euler gave NaN at 0.1 ms."""
    sim.setup(timestep=0.01)
    fine = respond(sim.HH_cond_exp(i_offset=0.6), 150.0)
    sim.setup(timestep=0.1)
    coarse = respond(sim.HH_cond_exp(i_offset=0.6), 150.0)
    assert np.isfinite(coarse["v"]).all()
    measure("spikes, dt 0.1 and 0.01", coarse.spikes[0], fine.spikes[0], 0.2, "ms")


def _check_reset_of_adex(answer: Response, own: dict[str, list[float]]) -> None:
    """Each cell stays at its v_reset for its tau_refrac after a spike, and its w jumps by its b."""
    for i, spikes in enumerate(answer.spikes):
        at = np.rint(spikes / 0.1).astype(int)
        assert len(at) >= 2
        v, w = answer.signals["v"][:, i], answer.signals["w"][:, i]
        clamped = round(own["tau_refrac"][i] / 0.1)
        for k in at[at + clamped + 1 < len(v)]:
            assert np.all(v[k : k + clamped + 1] == own["v_reset"][i])
            assert v[k + clamped + 1] != own["v_reset"][i]
        # w moves by less than 0.002 nA in a step, apart from the jump
        np.testing.assert_allclose(w[at] - w[at - 1], own["b"][i], atol=2e-3)


ADEX_CELLS = pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.model(n))
        for n in ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista")
    ],
)
OWN = {"b": [0.02, 0.3], "v_reset": [-60.0, -65.0], "tau_refrac": [1.0, 4.0]}


@pytest.mark.silent_error(12)
@ADEX_CELLS
def test_reset_parameters_of_each_adex_cell_are_its_own(name: str) -> None:
    """The b, v_reset and tau_refrac of cell 0 served all cells."""
    answer = _run(sim.Population(2, getattr(sim, name)(**{**ADEX, **OWN})), 200.0, "v", "w")
    _check_reset_of_adex(answer, OWN)
    assert len(answer.spikes[0]) > len(answer.spikes[1]), "the larger b and refractory period fire less"


@pytest.mark.silent_error(14)
@ADEX_CELLS
def test_an_adex_cell_whose_reset_potential_was_set_still_adapts(name: str) -> None:
    """``set(v_reset=...)`` removed the statement ``w += b``."""
    cells = sim.Population(2, getattr(sim, name)(**ADEX))
    cells.set(v_reset=-63.0)
    answer = _run(cells, 200.0, "v", "w")
    _check_reset_of_adex(answer, {"b": [0.0805] * 2, "v_reset": [-63.0] * 2, "tau_refrac": [2.0] * 2})


@pytest.mark.silent_error(17)
@ADEX_CELLS
def test_reset_parameters_of_adex_cells_are_set_through_views(name: str) -> None:
    """``view.set(tau_refrac=...)`` had no effect."""
    cells = sim.Population(2, getattr(sim, name)(**ADEX))
    for i in range(2):
        cells[i : i + 1].set(**{key: value[i] for key, value in OWN.items()})
    _check_reset_of_adex(_run(cells, 200.0, "v", "w"), OWN)


@pytest.mark.silent_error(13)
@pytest.mark.model("Izhikevich")
def test_reset_parameters_of_each_izhikevich_cell_are_its_own(measure: Measure) -> None:
    """The c and d of cell 0 served all cells. NEST counts 12 and 46 spikes in 500 ms at 10 mV/ms."""
    own = {"c": [-65.0, -50.0], "d": [8.0, 2.0]}
    answer = _run(sim.Population(2, sim.Izhikevich(i_offset=0.01, **own)), 500.0, "v", "u")
    for i in range(2):
        parameters = {**IZHIKEVICH, "c": own["c"][i], "d": own["d"][i]}
        check_izhikevich(measure, parameters, 10.0, answer, 0.1, cell=i)
    assert [len(s) for s in answer.spikes] == [12, 46]


@pytest.mark.silent_error(15)
@pytest.mark.model("Izhikevich")
def test_an_izhikevich_cell_whose_reset_potential_was_set_still_recovers(measure: Measure) -> None:
    """``set(c=...)`` removed the statement ``u += d``."""
    cells = sim.Population(1, sim.Izhikevich(i_offset=0.01))
    cells.set(c=-60.0)
    answer = _run(cells, 300.0, "v", "u")
    check_izhikevich(measure, {**IZHIKEVICH, "c": -60.0}, 10.0, answer, 0.1)
    assert len(answer.spikes[0]) > 5


def _adex_first_spike(v_thresh: float, v_spike: float, dt: float) -> float:
    """Return the end of the step in which an AdExp cell at 0.9 nA passes `v_spike`, to eleven digits."""
    default = sim.EIF_cond_exp_isfa_ista.default_parameters
    rest, tau_m, cm = default["v_rest"], default["tau_m"], default["cm"]

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        v = min(y[0], v_spike)
        spike = default["delta_T"] * np.exp((v - v_thresh) / default["delta_T"])
        w = (default["a"] * 1e-3 * (v - rest) - y[1]) / default["tau_w"]
        return np.array([(rest - v + spike) / tau_m + (0.9 - y[1]) / cm, w])

    times = np.arange(0.0, 40.0, dt)
    v = closed_forms.integrate(rhs, np.array([rest, 0.0]), times)[0]
    return times[np.argmax(v >= v_spike)]


@pytest.mark.model("EIF_cond_exp_isfa_ista")
@pytest.mark.parametrize(
    "v_thresh, v_spike", [(-50.4, -40.0), (-47.0, -40.0), (-50.4, -30.0), (-50.4, -49.0)]
)
@pytest.mark.silent_error(16)
def test_adex_fires_at_v_spike_whenever_its_threshold_was_set(
    measure: Measure, v_thresh: float, v_spike: float
) -> None:
    """The cut-off was fixed when the cells were made, at v_thresh + 5 delta_T of the first of them."""
    sim.setup(timestep=0.01)
    cells = sim.Population(1, sim.EIF_cond_exp_isfa_ista(**ADEX))
    cells.set(v_thresh=v_thresh, v_spike=v_spike)
    answer = _run(cells, 40.0, "v")
    expected = _adex_first_spike(v_thresh, v_spike, 0.01)
    measure("first spike", answer.spikes[0][0], expected, 1e-6, "ms")
    assert answer["v"].max() < v_spike


@pytest.mark.model("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta")
@pytest.mark.parametrize("name", ["IF_curr_exp", "IF_curr_alpha", "IF_curr_delta"])
@pytest.mark.silent_error(17)
def test_refractory_period_set_through_a_view(measure: Measure, name: str) -> None:
    """``view.set(tau_refrac=...)`` had no effect; as an array it raised."""
    refractory = [0.1, 5.0, 2.0]
    parameters = {"i_offset": 2.0, "tau_m": 10.0, "cm": 1.0, "tau_refrac": 0.1}
    cells = sim.Population(3, getattr(sim, name)(**parameters))
    cells[1:].set(tau_refrac=refractory[1:])
    answer = _run(cells, 200.0)
    for period, spikes in zip(refractory, answer.spikes, strict=True):
        expected = closed_forms.lif_spikes(-65.0 + 20.0, -50.0, -65.0, -65.0, 10.0, period, 0.1, 200.0)
        measure("spikes at constant current", spikes, expected, 1e-9, "ms")
