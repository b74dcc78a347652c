"""The GIF cell against NEST, spike for spike where its threshold is sharp and by rates where it is not; and against
the law of its escape noise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy import stats

from .gif import CELLS, DETERMINISTIC, REFERENCE, SIGNALS, STOCHASTIC, counts, deterministic
from .response import Response

pytestmark = pytest.mark.model("GIF_cond_exp")
RECORDED: dict[str, Any] = json.loads(REFERENCE.read_text())
# NEST holds i_eta and v_t for a step of 0.01 ms: mV, mV, nA
TOLERANCE = {"v": 1e-3, "v_t": 5e-3, "i_eta": 1e-4}

V = -50.0
STILL = {"v_rest": V, "v_reset": V, "a_eta": (0.0, 0.0, 0.0), "a_gamma": (0.0, 0.0, 0.0)}


def _cells(
    size: int, duration: float, dt: float, record: tuple[str, ...] = (), **parameters: Any
) -> Response:
    sim.setup(timestep=dt)
    cells = sim.Population(size, sim.GIF_cond_exp(**parameters), initial_values={"v": V})
    cells.record(["spikes", *record])
    sim.run(duration)
    return Response(cells)


@pytest.mark.parametrize("name", list(DETERMINISTIC))
def test_spike_for_spike_where_the_threshold_is_sharp(measure: Callable[..., None], name: str) -> None:
    spikes, signals = deterministic(sim, name)
    reference = RECORDED[name]
    measure("spikes", spikes, reference["spikes"], 1e-6, "ms", reference="NEST")
    times = np.arange(len(reference["v"]), dtype=float)
    far = np.ones(len(times), dtype=bool)
    for spike in spikes:
        far &= ~((times > spike - 2.0) & (times < spike + 6.0))
    for key in SIGNALS:
        got, expected = (np.array(x[key])[: len(far)][far] for x in (signals, reference))
        measure(key, got, expected, TOLERANCE[key], "nA" if key == "i_eta" else "mV", reference="NEST")


@pytest.mark.parametrize("name", list(STOCHASTIC))
def test_rates_with_noise(name: str) -> None:
    """Means of 400 cells and their spread, within 4 standard errors of both."""
    for (mean, deviation), (theirs, their_deviation) in zip(counts(sim, name), RECORDED[name], strict=True):
        error = np.hypot(deviation, their_deviation) / np.sqrt(CELLS)
        assert abs(mean - theirs) < 4.0 * error
        assert deviation == pytest.approx(their_deviation, rel=0.15)


def test_at_a_fixed_potential_spikes_are_poisson_with_a_dead_time() -> None:
    """At v = v_reset = v_rest the rate is lambda0 exp((v - v_t) / delta_v): intervals are geometric."""
    sim.setup(timestep=0.1)
    zero = (0.0,)
    p = sim.Population(
        300,
        sim.GIF_cond_exp(
            v_t_star=-68.0, delta_v=2.0, lambda0=30.0, tau_refrac=2.0,
            tau_eta=(1.0,), a_eta=zero, tau_gamma=(1.0,), a_gamma=zero,
        ),
    )  # fmt: skip
    p.record("spikes")
    sim.run(1000.0)
    intervals = np.concatenate([np.diff(t.magnitude) for t in p.get_data().segments[0].spiketrains])
    steps = np.rint(intervals / 0.1).astype(int) - 20
    chance = 1.0 - np.exp(-0.1e-3 * 30.0 * np.exp(1.5))
    observed = np.bincount(np.minimum(steps, 400), minlength=401)[1:]
    law = stats.geom(chance)
    expected = len(steps) * np.append(law.pmf(np.arange(1, 400)), law.sf(399))
    groups = np.arange(400) // 20
    seen, due = (np.bincount(groups, x) for x in (observed, expected))
    assert stats.chisquare(seen, due * seen.sum() / due.sum()).pvalue > 0.001
    assert steps.min() >= 1


def test_threshold_that_moves(measure: Callable[..., None]) -> None:
    """The second spike under ``lambda0 exp((v - v_t* - a exp(-t / tau)) / delta_v)`` since the first."""
    dt, dead, jump, tau = 0.1, 4.0, 3.0, 15.0
    moving = {**STILL, "tau_gamma": (tau, 1.0, 1.0), "a_gamma": (jump, 0.0, 0.0), "tau_refrac": dead}
    trains = _cells(3000, 150.0, dt, v_t_star=V, delta_v=1.0, lambda0=300.0, **moving).spikes
    second = np.array([train[1] - train[0] for train in trains])
    t = dead + dt * np.arange(1, 1200)
    hazard = 0.3 * np.exp(-jump * np.exp(-t / tau)) * dt
    law = 1.0 - np.exp(-np.cumsum(hazard))
    shares = np.array([(second <= x + dt / 2).mean() for x in t])
    measure("distance from the law of second spikes", np.abs(shares - law).max(), 0.0, 1.63 / np.sqrt(3000))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_spike_triggered_parts(measure: Callable[..., None], count: int) -> None:
    """One spike, at the first step: each part decays by itself, v answers the sum of the currents."""
    dt, tau_m, cm = 0.1, 20.0, 0.5
    tau, a = np.array([2.0, 9.0, 30.0, 70.0])[:count], np.array([0.3, 0.1, -0.05, 0.02])[:count]
    answer = _cells(
        2,
        100.0,
        dt,
        ("v", "i_eta", "v_t"),
        **{"v_rest": V, "v_reset": -60.0, "tau_m": tau_m, "cm": cm, "tau_refrac": 0.0},
        **{"v_t_star": -100.0, "delta_v": 0.01, "tau_eta": tuple(tau), "a_eta": tuple(a)},
        **{"tau_gamma": (1e9, 5.0), "a_gamma": (500.0, 7.0)},
    )
    assert [list(train) for train in answer.spikes] == [pytest.approx([dt])] * 2
    since = answer.times[1:] - dt
    decays = np.exp(-since[:, None] / tau)
    measure("i_eta", answer["i_eta"][1:], decays @ a, 1e-12, "nA")
    threshold = -100.0 + 500.0 * np.exp(-since / 1e9) + 7.0 * np.exp(-since / 5.0)
    measure("v_t", answer["v_t"][1:], threshold, 1e-9, "mV")
    leak = np.exp(-since / tau_m)
    drive = (decays - leak[:, None]) / (1.0 / tau_m - 1.0 / tau) @ (a / cm)
    # the currents of the middle of a step act in it: second order
    measure("v under i_eta", answer["v"][1:], V + (-60.0 - V) * leak - drive, 1e-3, "mV")
