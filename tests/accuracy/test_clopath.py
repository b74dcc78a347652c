"""`ClopathSTDP` and `AdEx_clopath` against NEST's numbers of the pairing protocol, and against the equations."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import PynnExtError

from .clopath import DELAYS, FILE, INTERVALS, RATES, begin
from .test_plasticity import engine, sides  # noqa: F401

NEST: dict[str, Any] = json.loads(FILE.read_text())


END = 240.0  # ms: five pairs at 50 Hz have acted, with all delays


def pairs(
    rate: float,
    interval: float,
    precision: str = "double",
    delay: float = 0.1,
    end: float | None = None,
    **parameters: float,
) -> tuple[Any, Any]:
    """Return the projection and the cell after five pairs; times are such that both sides act when NEST's do.

    Without `end` (ms) the run is as long as NEST's, whose weight a late spike brings up to date."""
    sim.setup(timestep=0.1, precision=precision)
    times = begin(rate)
    # NEST's presynaptic spike comes 0.1 ms after these times, and looks back by a delay of at least 0.1 ms
    first = -0.1 if parameters.get("dendritic_delay_fraction", 0.0) == 0.0 else 0.1
    cell = sim.Population(1, sim.AdEx_clopath(delay_u=4.0))
    pre, drive = (
        sim.Population(1, sim.SpikeSourceArray(spike_times=t))
        for t in (times + first, times[:-1] + interval - 0.1)
    )
    connector = sim.AllToAllConnector()
    sim.Projection(drive, cell, connector, sim.StaticSynapse(weight=80.0, delay=0.1))
    synapse = sim.ClopathSTDP(weight=0.5, delay=delay, **parameters)
    projection = sim.Projection(pre, cell, connector, synapse)
    cell.record(["spikes", "v", "u_bar_plus", "u_bar_minus", "u_bar_bar", "ltp", "ltd"])
    sim.run(float(times[-1] + 100.0) if end is None else end)
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
@pytest.mark.parametrize("delay", DELAYS)
def test_dendritic_delays_equal_nest(delay: float, interval: float) -> None:
    """NEST's delay is all dendritic. The tolerance has 2e-4 more than without, for potentiation and depression that
    cancel; delays of 3 and 12 ms change weights by more."""
    key = f"50 Hz {interval:+g} ms" + f" delay {delay:g}" * (delay > 0.1)
    expected = NEST[key]["weight"]
    projection, _ = pairs(50.0, interval, delay=delay, dendritic_delay_fraction=1.0)
    tolerance = 0.05 * abs(expected - 0.5) + 4e-4
    assert weight(projection) == pytest.approx(expected, abs=tolerance)
    assert delay == 0.1 or abs(NEST[f"50 Hz {interval:+g} ms"]["weight"] - expected) > 5 * tolerance


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
    _, cell = pairs(50.0, 10.0, end=END)
    signals = {s.name: s.magnitude[:, 0] for s in cell.get_data().segments[0].analogsignals}
    for ours, theirs in {
        "v": "V_m",
        **{name: name for name in ("u_bar_plus", "u_bar_minus", "u_bar_bar")},
    }.items():
        # the input acts 0.1 ms before NEST shows its effect
        np.testing.assert_allclose(signals[ours][1000:2000:100], expected[theirs], atol=0.35)


def summed(
    ltp: Any, ltd: Any, spikes: Any, weight: float, p: dict[str, float], h: float, late: int = 0
) -> float:
    """Return the weight by the equations, step by step; `spikes` counts what reaches the synapse in each step, and the
    potential does so `late` steps later."""
    ltp, ltd = (np.concatenate([np.full(late, s[0]), s])[: len(s)] for s in (ltp, ltd))
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
@pytest.mark.parametrize(
    "w_max, depression, fraction", [(3.0, 1e-4, 0.0), (0.502, 1e-5, 0.0), (3.0, 1e-4, 0.4), (3.0, 1e-4, 1.0)]
)
def test_the_events_add_up_to_the_equations(w_max: float, depression: float, fraction: float) -> None:
    """Random input with delays, several spikes in a step, a long depolarization, and parts of a run."""
    h, n, end = 0.2, 6, 240.0
    p = {"A_LTP": 2e-6, "A_LTD": depression, "tau_x": 9.0, "w_min": 0.0, "w_max": w_max}
    rng = np.random.default_rng(4)
    trains = [np.sort(rng.integers(5, 1100, 25)) * h for _ in range(n)]
    delays = h * np.array([1, 2, 60, 25, 4, 2]) if fraction else h * rng.integers(1, 6, n)
    sim.setup(timestep=h)
    pre = sim.Population(n, sim.SpikeSourceArray(spike_times=trains))
    # from 80 to 200 ms the potential stays above both thresholds, and the second cell fires
    cells = sim.Population(
        2, sim.AdEx_clopath(v_spike=[200.0, 33.0], v_thresh=[200.0, -50.4], theta_plus=-60.0)
    )
    sim.DCSource(amplitude=1.2, start=80.0, stop=200.0).inject_into(cells)
    cells.record(["ltp", "ltd", "spikes"])
    links = [(i, j, 0.5, delays[i]) for i in range(n) for j in range(2)]
    synapse = sim.ClopathSTDP(**p, dendritic_delay_fraction=fraction)
    projection = sim.Projection(pre, cells, sim.FromListConnector(links), synapse)
    for part in (30.0, 90.4, end - 120.4):
        sim.run(part)
    segment = cells.get_data().segments[0]
    assert len(segment.spiketrains[0]) == 0 and len(segment.spiketrains[1]) >= 2
    signals = {s.name: s.magnitude for s in segment.analogsignals}
    found, expected = projection.get("weight", format="array"), np.empty((n, 2))
    for i in range(n):
        late = int(fraction * delays[i] / h + 0.5 + 1e-9)
        arrivals = np.bincount(np.rint((trains[i] + delays[i]) / h).astype(int) - late)
        for j in range(2):
            expected[i, j] = summed(signals["ltp"][:, j], signals["ltd"][:, j], arrivals, 0.5, p, h, late)
    assert max(np.bincount(np.rint(t / h).astype(int)).max() for t in trains) > 1
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    free = summed(signals["ltp"][:, 0], signals["ltd"][:, 0], arrivals, 0.5, {**p, "w_max": 3.0}, h, late)
    assert np.ptp(found) > 1e-4 and (free == expected[-1, 0]) == (w_max > 1)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("interval", INTERVALS)
def test_single_precision_changes_weights_by_the_same(interval: float) -> None:
    changes = [
        weight(pairs(50.0, interval, precision, end=END)[0]) - 0.5 for precision in ("double", "single")
    ]
    assert abs(changes[0]) > 1e-3
    assert changes[1] == pytest.approx(changes[0], rel=1e-4)


def test_single_precision_sees_the_past_of_the_potential() -> None:
    late = {"delay": 3.0, "dendritic_delay_fraction": 0.7}
    changes = [weight(pairs(50.0, 10.0, precision, **late)[0]) - 0.5 for precision in ("double", "single")]
    assert changes[1] == pytest.approx(changes[0], rel=1e-4)
    assert abs(weight(pairs(50.0, 10.0, delay=3.0)[0]) - 0.5 - changes[0]) > 1e-3


@pytest.mark.parametrize("fraction", [0.3, 1.0])
def test_delays_of_one_projection_equal_projections_of_one_delay(fraction: float) -> None:
    """The cells are driven alike: plastic weights act on them by less than an ulp of their potential."""
    rng = np.random.default_rng(8)
    kinds, n = np.array([0.1, 0.7, 2.0, 6.3]), 12
    delays = rng.choice(kinds, n)
    options = {"A_LTP": 1e-18, "A_LTD": 1e-18, "w_max": 1e-14, "dendritic_delay_fraction": fraction}
    found = []
    for groups in ([kinds], [[d] for d in kinds]):
        sim.setup(timestep=0.1, rng_seed=2)
        pre = sim.Population(n, sim.SpikeSourcePoisson(rate=60.0))
        cells = sim.Population(3, sim.AdEx_clopath())
        drive = sim.Population(3, sim.SpikeSourcePoisson(rate=40.0))
        sim.Projection(drive, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=80.0, delay=0.1))
        projections = [
            sim.Projection(
                pre,
                cells,
                sim.FromListConnector(
                    [(i, j, 1e-15, delays[i]) for i in range(n) for j in range(3) if delays[i] in those]
                ),
                sim.ClopathSTDP(**options),
            )
            for those in groups
        ]
        sim.run(120.0)
        sim.run(80.0)
        weights = [p.get("weight", format="array") for p in projections]
        found.append(np.nansum(weights, axis=0))
    assert all(len(p) for p in projections)
    assert np.ptp(found[0]) > 1e-17
    np.testing.assert_allclose(*found, rtol=1e-14)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_threads_change_no_byte(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    monkeypatch.setattr("pynn_ext.codegen.threads.LEAST_BLOCKS", 1)
    monkeypatch.setattr("pynn_ext.codegen.threads.Trial.choose", lambda trial, steps: (trial.threads, steps))
    found, n = [], 150
    delays = np.random.default_rng(1).integers(1, 40, (20, n)) * 0.1
    for threads in (1, 2):
        sim.setup(timestep=0.1, rng_seed=3, threads=threads, precision=precision)
        pre = sim.Population(20, sim.SpikeSourcePoisson(rate=40.0))
        drive = sim.Population(n, sim.SpikeSourcePoisson(rate=40.0))
        cells = sim.Population(n, sim.AdEx_clopath())
        sim.Projection(drive, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=80.0, delay=0.1))
        synapse = sim.ClopathSTDP(weight=0.5, delay=delays, dendritic_delay_fraction=0.6)
        projection = sim.Projection(pre, cells, sim.AllToAllConnector(), synapse)
        sim.run(150.0)
        assert sim.simulator.state.engine._core.threads == threads
        found.append(projection.get("weight", format="array"))
    assert np.ptp(found[0]) > 0.1
    assert found[0].tobytes() == found[1].tobytes()


def test_the_fraction_can_be_set_between_runs_and_is_within_bounds() -> None:
    projection, _ = pairs(50.0, 10.0, delay=3.0)
    assert set(projection.get("dendritic_delay_fraction", format="list", with_address=False)) == {0.0}
    changes = []
    for fraction in (0.0, 1.0):
        sim.reset()
        projection.set(dendritic_delay_fraction=fraction)
        sim.run(500.0)
        changes.append(weight(projection) - 0.5)
    other, _ = pairs(50.0, 10.0, delay=3.0, dendritic_delay_fraction=1.0)
    assert changes[0] != changes[1]
    with pytest.raises(PynnExtError, match="from 0 to 1"):
        other.set(dendritic_delay_fraction=1.5)
    with pytest.raises(PynnExtError, match="from 0 to 1"):
        pairs(50.0, 10.0, dendritic_delay_fraction=-0.1)


@pytest.mark.parametrize("late", [{}, {"delay": 3.0, "dendritic_delay_fraction": 1.0}])
def test_delayed_filters_start_again_on_reset(late: Any) -> None:
    found = []
    projection, cell = pairs(50.0, 10.0, **late)
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
    for several in ([4.0, 5.0], sim.RandomDistribution("uniform", (4.0, 5.0))):
        with pytest.raises(PynnExtError, match="one number .* for all cells.*a Population for each value"):
            sim.AdEx_clopath(delay_u=several)
