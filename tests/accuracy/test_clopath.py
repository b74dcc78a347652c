"""`ClopathSTDP` and `AdEx_clopath` against NEST's numbers of the pairing protocol, and against the equations."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import PynnExtError

from .clopath import FILE, INTERVALS, RATES, begin
from .test_plasticity import engine, sides  # noqa: F401

NEST: dict[str, Any] = json.loads(FILE.read_text())


def pairs(rate: float, interval: float, precision: str = "double", **parameters: float) -> tuple[Any, Any]:
    """Return the projection and the cell after five pairs; times are such that both sides act when NEST's do."""
    sim.setup(timestep=0.1, precision=precision)
    times = begin(rate)
    cell = sim.Population(1, sim.AdEx_clopath(delay_u=4.0))
    pre, drive = (
        sim.Population(1, sim.SpikeSourceArray(spike_times=t))
        for t in (times - 0.1, times[:-1] + interval - 0.1)
    )
    connector = sim.AllToAllConnector()
    sim.Projection(drive, cell, connector, sim.StaticSynapse(weight=80.0, delay=0.1))
    synapse = sim.ClopathSTDP(weight=0.5, delay=0.1, **parameters)
    projection = sim.Projection(pre, cell, connector, synapse)
    cell.record(["spikes", "v", "u_bar_plus", "u_bar_minus", "u_bar_bar", "ltp", "ltd"])
    sim.run(float(times[-1] + 100.0))
    return projection, cell


def weight(projection: Any) -> float:
    return float(projection.get("weight", format="list", with_address=False)[0])


@pytest.mark.model("ClopathSTDP", "AdEx_clopath")
@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("rate", RATES)
def test_pairs_equal_nest(rate: float, interval: float) -> None:
    """To 5 % of the change plus 2e-4; at 50 Hz either order potentiates."""
    expected = NEST[f"{rate:g} Hz {interval:+g} ms"]["weight"]
    projection, cell = pairs(rate, interval)
    assert len(cell.get_data().segments[0].spiketrains[0]) == 5
    assert weight(projection) == pytest.approx(expected, abs=0.05 * abs(expected - 0.5) + 2e-4)


@pytest.mark.model("ClopathSTDP", "AdEx_clopath")
@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("rate", [10.0, 50.0])
def test_depression_that_grows_with_the_mean_potential_equals_nest(rate: float, interval: float) -> None:
    expected = NEST[f"{rate:g} Hz {interval:+g} ms homeostatic"]["weight"]
    projection, _ = pairs(rate, interval, homeostatic=1.0, u_zero=0.0, u_ref_squared=5000.0)
    assert weight(projection) == pytest.approx(expected, abs=0.05 * abs(expected - 0.5) + 2e-4)


@pytest.mark.model("AdEx_clopath")
@pytest.mark.usefixtures("engine")
def test_the_cell_and_its_filters_equal_nest() -> None:
    """Every 10 ms from 100 ms on, with pairs at 50 Hz; NEST's steps adapt and add input a little later."""
    expected = NEST["50 Hz +10 ms"]
    _, cell = pairs(50.0, 10.0)
    signals = {s.name: s.magnitude[:, 0] for s in cell.get_data().segments[0].analogsignals}
    for ours, theirs in {
        "v": "V_m",
        **{name: name for name in ("u_bar_plus", "u_bar_minus", "u_bar_bar")},
    }.items():
        # the input acts 0.1 ms before NEST shows its effect
        np.testing.assert_allclose(signals[ours][1000:2000:100], expected[theirs], atol=0.35)


def summed(ltp: Any, ltd: Any, spikes: Any, weight: float, p: dict[str, float], h: float) -> float:
    """Return the weight by the equations, step by step; `spikes` counts what reaches the synapse in each step."""
    x, gain = 0.0, p["tau_x"] * np.expm1(h / p["tau_x"])
    for k in range(1, len(ltp)):
        x *= np.exp(-h / p["tau_x"])
        weight = min(weight + p["A_LTP"] / p["tau_x"] * x * ltp[k] * gain, p["w_max"])
        for _ in range(int(spikes[k]) if k < len(spikes) else 0):
            weight = max(weight - p["A_LTD"] * ltd[k], p["w_min"])
        x += spikes[k] if k < len(spikes) else 0
    return weight


@pytest.mark.model("ClopathSTDP", "AdEx_clopath")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("w_max, depression", [(3.0, 1e-4), (0.502, 1e-5)])
def test_the_events_add_up_to_the_equations(w_max: float, depression: float) -> None:
    """Random input with delays, several spikes in a step, a long depolarization, and parts of a run."""
    h, n, end = 0.2, 6, 240.0
    p = {"A_LTP": 2e-6, "A_LTD": depression, "tau_x": 9.0, "w_min": 0.0, "w_max": w_max}
    rng = np.random.default_rng(4)
    trains = [np.sort(rng.integers(5, 1100, 25)) * h for _ in range(n)]
    delays = h * rng.integers(1, 6, n)
    sim.setup(timestep=h)
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=trains))
    # from 80 to 200 ms the potential stays above both thresholds, and the second cell fires
    cells = sim.Population(
        2, sim.AdEx_clopath(v_spike=[200.0, 33.0], v_thresh=[200.0, -50.4], theta_plus=-60.0)
    )
    sim.DCSource(amplitude=1.2, start=80.0, stop=200.0).inject_into(cells)
    cells.record(["ltp", "ltd", "spikes"])
    links = [(i, j, 0.5, delays[i]) for i in range(n) for j in range(2)]
    projection = sim.Projection(pre, cells, sim.FromListConnector(links), sim.ClopathSTDP(**p))
    for part in (30.0, 90.4, end - 120.4):
        sim.run(part)
    segment = cells.get_data().segments[0]
    assert len(segment.spiketrains[0]) == 0 and len(segment.spiketrains[1]) >= 2
    signals = {s.name: s.magnitude for s in segment.analogsignals}
    found, expected = projection.get("weight", format="array"), np.empty((n, 2))
    for i in range(n):
        arrivals = np.bincount(np.rint((trains[i] + delays[i]) / h).astype(int))
        for j in range(2):
            expected[i, j] = summed(signals["ltp"][:, j], signals["ltd"][:, j], arrivals, 0.5, p, h)
    assert max(np.bincount(np.rint(t / h).astype(int)).max() for t in trains) > 1
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    free = summed(signals["ltp"][:, 0], signals["ltd"][:, 0], arrivals, 0.5, {**p, "w_max": 3.0}, h)
    assert np.ptp(found) > 1e-4 and (free == expected[-1, 0]) == (w_max > 1)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("interval", INTERVALS)
def test_single_precision_changes_weights_by_the_same(interval: float) -> None:
    changes = [weight(pairs(50.0, interval, precision)[0]) - 0.5 for precision in ("double", "single")]
    assert changes[1] == pytest.approx(changes[0], rel=1e-4)


def test_a_dendritic_delay_is_refused() -> None:
    assert sim.ClopathSTDP(dendritic_delay_fraction=0.0).synapse_model.name == "ClopathSTDP"
    with pytest.raises(PynnExtError, match="dendritic_delay_fraction of 1.0.*all of the delay is axonal"):
        sim.ClopathSTDP(dendritic_delay_fraction=1.0)


def test_delayed_filters_start_again_on_reset() -> None:
    found = []
    projection, cell = pairs(50.0, 10.0)
    for _ in range(2):
        found.append(cell.get_data("ltd", clear=True).segments[-1].analogsignals[0].magnitude[:, 0])
        found.append([weight(projection)])
        sim.reset()
        sim.run(560.0)
    n = min(len(found[0]), len(found[2]))
    np.testing.assert_array_equal(found[0][:n], found[2][:n])
    assert found[1] == found[3]


def test_cells_without_voltage_traces_are_refused() -> None:
    ends = sides()
    with pytest.raises(PynnExtError, match="reads ltd, ltp, u_bar_bar") as error:
        sim.Projection(*ends, sim.AllToAllConnector(), sim.ClopathSTDP(weight=0.1))
    assert "AdEx_clopath" in str(error.value)
    with pytest.raises(PynnExtError, match="at least a time step"):
        sim.AdEx_clopath(delay_u=0.05)
