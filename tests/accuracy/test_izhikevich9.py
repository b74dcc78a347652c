"""Izhikevich's nine-parameter neuron: where it begins to fire, how fast, and the equations themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from scipy.integrate import solve_ivp

from pynn_ext.models.izhikevich9 import preset

pytestmark = pytest.mark.model("Izhikevich9")


def _counts(currents: list[float], duration: float = 1000.0, dt: float = 0.1, **parameters: Any) -> list[int]:
    sim.setup(timestep=dt)
    cells = sim.Population(len(currents), sim.Izhikevich9(i_offset=currents, **parameters))
    cells.record("spikes")
    sim.run(duration)
    return [len(train) for train in cells.get_data().segments[0].spiketrains]


def test_rheobase_and_rates_of_regular_spiking() -> None:
    """51 pA is below ``(k (v_t - v_r) + b)^2 / (4 k)`` = 51.43 pA, 52 above; Brian2 gives the same counts."""
    p = preset("RS")
    rheobase = (p["k"] * (p["v_t"] - p["v_r"]) + p["b"]) ** 2 / (4.0 * p["k"])
    assert rheobase == pytest.approx(0.05143, abs=5e-6)
    currents = [0.050, 0.051, 0.052, 0.055, 0.060, 0.070, 0.085, 0.100]
    assert _counts(currents) == [0, 0, 1, 2, 4, 7, 10, 13]


def test_long_after_its_start_the_rheobase_is_sharp() -> None:
    """Within 0.02 pA of the formula, for other values of k and b as well."""
    for k, b in ((7e-4, -2e-3), (1.5e-3, -1e-3), (5e-4, -4e-3)):
        rheobase = (k * 20.0 + b) ** 2 / (4.0 * k)
        below, above = _counts([rheobase - 2e-5, rheobase + 2e-5], 20000.0, 0.5, k=k, b=b, d=0.0)
        assert below == 0 and above > 0


@pytest.mark.parametrize("name", ["RS", "IB", "CH", "FS"])
def test_until_the_first_spike_and_after_its_reset(measure: Callable[..., None], name: str) -> None:
    """v and u follow the equations, integrated by SciPy to 1e-10 with v_peak as an event."""
    p, current, dt = preset(name), 0.45, 0.01
    sim.setup(timestep=dt)
    cell = sim.Population(
        1, sim.Izhikevich9.preset(name, i_offset=current), initial_values={"v": p["v_r"], "u": 0.0}
    )
    cell.record(["spikes", "v", "u"])
    sim.run(80.0)
    segment = cell.get_data().segments[0]
    signals = {s.name: s.magnitude[:, 0] for s in segment.analogsignals}
    first = float(segment.spiketrains[0][0])

    def slopes(_: float, y: Any) -> list[float]:
        v, u = y
        recovery = p["b"] * (v - p["v_r"]) + p["b_cubic"] * max(v + 55.0, 0.0) ** 3
        return [(p["k"] * (v - p["v_r"]) * (v - p["v_t"]) - u + current) / p["cm"], p["a"] * (recovery - u)]

    def peak(_: float, y: Any) -> float:
        return float(y[0] - p["v_peak"])

    peak.terminal = True  # type: ignore[attr-defined]
    course = solve_ivp(
        slopes, (0.0, 80.0), [p["v_r"], 0.0], events=peak, dense_output=True, rtol=1e-10, atol=1e-10
    )
    measure("first spike", first, course.t_events[0][0], dt, "ms", "SciPy")
    before = np.arange(0.0, first - 1.0, dt)
    for row, variable in enumerate(("v", "u")):
        measure(
            f"{variable} before it",
            signals[variable][: len(before)],
            course.sol(before)[row],
            1e-5,
            "",
            "SciPy",
        )
    at = round(first / dt)
    assert signals["v"][at] == p["c"]
    measure("u after it", signals["u"][at], course.y_events[0][0][1] + p["d"], 0.03, "nA", "SciPy")


@pytest.mark.model("Izhikevich")
def test_the_model_of_2003_has_the_spikes_of_nest() -> None:
    """Regular spiking, 10 pA for 1 s: NEST 3.10 has 23 spikes, the first at 3.4, 27.1 and 72.2 ms."""
    sim.setup(timestep=0.1)
    parameters = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "i_offset": 0.01}
    cell = sim.Population(1, sim.Izhikevich(**parameters), initial_values={"v": -65.0, "u": -13.0})
    cell.record("spikes")
    sim.run(1000.0)
    train = cell.get_data().segments[0].spiketrains[0].magnitude
    assert len(train) == 23 and train[:3] == pytest.approx([3.4, 27.1, 72.2], abs=1e-6)


def test_cells_differ_in_their_reset() -> None:
    """c and d of each cell count, not those of the first."""
    currents = [0.1, 0.1]
    together = _counts(currents, c=[-50.0, -40.0], d=[0.1, 0.02])
    assert together == [_counts([0.1])[0], _counts([0.1], c=-40.0, d=0.02)[0]] and together[0] != together[1]
