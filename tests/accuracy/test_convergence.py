"""How the error of each integration method falls with the time step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from .response import Input, Response, connect, respond

Measure = Callable[..., None]
# inputs and samples on a grid of 1 ms that every step divides
EXCITATORY, INHIBITORY = Input([3.0, 8.0, 9.0], 0.01), Input([12.0], 0.015, "inhibitory")
METHODS = {  # cell type: parameters, method, order, steps (ms), below max_step where there is one
    "IF_cond_exp": ({}, "exponential_midpoint", 2, (0.2, 0.1, 0.05)),
    "IF_cond_alpha": ({}, "exponential_midpoint", 2, (0.2, 0.1, 0.05)),
    "IF_cond_exp_gsfa_grr": ({}, "exponential_midpoint", 2, (0.2, 0.1, 0.05)),
    "EIF_cond_exp_isfa_ista": ({"v_thresh": -40.0, "v_spike": 0.0}, "rk4", 4, (0.1, 0.05, 0.025)),
    "EIF_cond_alpha_isfa_ista": ({"v_thresh": -40.0, "v_spike": 0.0}, "rk4", 4, (0.1, 0.05, 0.025)),
    "HH_cond_exp": ({"gbar_Na": 0.0, "gbar_K": 0.6}, "rk4", 4, (0.05, 0.025, 0.0125)),
    "Izhikevich": ({"i_offset": 0.001}, "euler", 1, (0.1, 0.05, 0.025)),
}
NATIVE = {"euler": 1, "exponential_euler": 1, "rk2": 2, "exponential_midpoint": 2, "rk4": 4}


def _v(cell_type: Any, dt: float, *inputs: Input) -> np.ndarray:
    sim.setup(timestep=dt)
    answer = respond(cell_type, 25.0, *inputs)
    assert not len(answer.spikes[0])
    return answer["v"][:: round(1.0 / dt)]


def _order(answers: list[np.ndarray]) -> float:
    """Return the order from three answers, each at half the step of the one before."""
    coarse, fine = (np.abs(a - b).max() for a, b in zip(answers, answers[1:], strict=False))
    return float(np.log2(coarse / fine))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.model(n)) for n in ("IF_curr_exp", "IF_curr_alpha")]
)
def test_exact_integration_does_not_depend_on_the_step(measure: Measure, name: str) -> None:
    """From 1 ms to 0.01 ms."""
    inputs = Input([3.0, 8.0, 9.0], 0.4), Input([12.0], -0.6, "inhibitory")
    cell = {"i_offset": 0.2, "tau_syn_E": 2.0, "tau_syn_I": 7.0}
    finest = _v(getattr(sim, name)(**cell), 0.01, *inputs)
    for dt in (1.0, 0.5, 0.1):
        measure("v from step to step", _v(getattr(sim, name)(**cell), dt, *inputs), finest, 1e-10, "mV")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.model(n)) for n in METHODS])
def test_order_of_each_cell_type(measure: Measure, name: str) -> None:
    parameters, method, order, steps = METHODS[name]
    cell_type = getattr(sim, name)
    assert cell_type.cell_model.method == method
    inputs = () if name == "Izhikevich" else (EXCITATORY, INHIBITORY)
    answers = [_v(cell_type(**parameters), dt, *inputs) for dt in steps]
    measure(f"order of {method}, from {order}", _order(answers), order, 0.25)


def test_every_method_in_use_is_measured() -> None:
    """A cell type with another method needs its line above."""
    from pynn_ext.models.base import Cell
    from pynn_ext.models.registry import all_models

    used = {
        model.cell_model.method
        for model in all_models().values()
        if issubclass(model, Cell) and hasattr(model, "cell_model")
    }
    assert used <= {method for _, method, _, _ in METHODS.values()} | {"exact", "update"}


@pytest.mark.parametrize("method", list(NATIVE))
def test_order_of_each_method_for_cells_of_ones_own(method: str) -> None:
    """A membrane with a conductance that decays and a variable that follows v slowly."""
    cell_type = sim.native_cell_type(
        "OrderOfConvergence",
        "dv/dt = (e_leak - v)/tau + g*(e_rev - v)/c - slow/tau : volt\n"
        "dslow/dt = (v - e_leak - slow)/(2*tau) : volt\n"
        "dg/dt = -g/tau_g : siemens",
        {
            "tau": (10.0, "second"),
            "tau_g": (3.0, "second"),
            "e_leak": (-65.0, "volt"),
            "e_rev": (0.0, "volt"),
            "c": (1.0, "farad"),
        },
        threshold="v > 100*mV",
        receptors={"excitatory": "g"},
        initial_values={"v": -65.0},
        method=method,
    )
    answers = [_v(cell_type(), dt, EXCITATORY) for dt in (0.2, 0.1, 0.05)]
    assert _order(answers) == pytest.approx(NATIVE[method], abs=0.25)


@pytest.mark.model("IF_cond_exp", "EIF_cond_exp_isfa_ista")
@pytest.mark.parametrize("name", ["IF_cond_exp", "EIF_cond_exp_isfa_ista"])
def test_spike_times_converge_with_the_grid(measure: Measure, name: str) -> None:
    """A spike falls on the end of its step, so each spike adds at most one step to what follows."""
    times = []
    for dt in (0.1, 0.01, 0.001):
        sim.setup(timestep=dt)
        cell = sim.Population(1, getattr(sim, name)(i_offset=1.2, tau_refrac=2.0))
        connect(cell, Input([3.0, 9.0, 20.0], 0.01))
        cell.record("spikes")
        sim.run(60.0)
        times.append(Response(cell).spikes[0])
    finest = times[-1]
    assert len(finest) >= 2
    for dt, spikes in zip((0.1, 0.01), times[:2], strict=True):
        count = 1.0 + np.arange(len(finest))
        measure("spike times, steps per spike", (spikes - finest) / dt / count, np.zeros(len(finest)), 1.5)


@pytest.mark.model("HH_cond_exp")
def test_steps_on_trial_follow_fine_steps(measure: Measure) -> None:
    """200 ms at 50 to 160 spikes/s: what most cells pass at most times is as good as the finer steps of all."""
    answers = []
    for dt in (0.1, 0.01):
        sim.setup(timestep=dt)
        cells = sim.Population(5, sim.HH_cond_exp(i_offset=[0.2, 0.5, 0.8, 1.5, 2.5]))
        cells.record(["v", "spikes"])
        sim.run(200.0)
        segment = cells.get_data().segments[0]
        v = segment.analogsignals[0].magnitude[:: round(0.1 / dt)]
        answers.append((v, [train.magnitude for train in segment.spiketrains]))
    (v, spikes), (fine, expected) = answers
    for mine, theirs in zip(spikes, expected, strict=True):
        assert len(mine) >= 5
        measure("spike times at 0.1 ms", mine, theirs, 0.2, "ms")  # of which the grid makes 0.1
    far = np.abs(np.subtract.outer(0.1 * np.arange(len(v)), expected[0])).min(axis=1) > 3.0
    measure("v outside spikes", v[far, 0], fine[far, 0], 0.05, "mV")
