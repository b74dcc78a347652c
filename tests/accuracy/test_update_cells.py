"""Cells whose time step is an update: step by step against NumPy, and their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import ring

Measure = Callable[..., None]
Array = npt.NDArray[np.float64]


def _lse(epsilon: float, *values: Any) -> Any:
    top = np.maximum.reduce(values)
    return top + epsilon * np.log(sum(np.exp((x - top) / epsilon) for x in values))


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -700.0, 700.0)))


def _driven(
    cell: Any, inputs: Array, record: list[str], prepare: Any = None
) -> tuple[dict[str, Array], list[Array]]:
    """Run one cell per column of `inputs`, which arrive as weights of spikes, one per step of 1 ms."""
    steps, n = inputs.shape
    sim.setup(timestep=1.0)
    cells = sim.Population(n, cell)
    source = sim.Population(steps, sim.SpikeSourceArray(spike_times=[[float(k)] for k in range(steps)]))
    for sign, receptor in ((1.0, "excitatory"), (-1.0, "inhibitory")):
        step, column = np.nonzero(sign * inputs > 0)
        if len(step):
            rows = np.column_stack([step, column, inputs[step, column]])
            connector = sim.FromListConnector(rows, column_names=["weight"])
            sim.Projection(source, cells, connector, sim.StaticSynapse(delay=1.0), receptor_type=receptor)
    if prepare is not None:
        prepare(cells)
    cells.record([*record, "spikes"])
    sim.run(steps + 1.0)
    segment = cells.get_data().segments[0]
    # an input at step k, delivered at k + 1, is in the sample at k + 2
    return {s.name: s.magnitude[2:] for s in segment.analogsignals}, [
        t.magnitude for t in segment.spiketrains
    ]


def _inputs(steps: int = 200) -> tuple[Array, Array]:
    """Input that stays below the threshold, and input that is 0.1 away from it at least."""
    draws = np.random.default_rng(1)
    below, u = draws.uniform(0.0, 0.8, steps), draws.uniform(0.0, 1.3, steps)
    return below[:, None], np.where(np.abs(u - 1.0) < 0.1, 0.5, u)[:, None]


def _ultra_lif(inputs: Array, epsilon: float, start: float = 0.0) -> tuple[Array, Array]:
    v, found, sent = np.full(inputs.shape[1], start), [], []
    for drive in inputs:
        inner = _lse(epsilon, v + np.log(0.9), drive)
        s = _sigmoid((inner - 1.0) / epsilon)
        v = inner * (1.0 - s)
        found.append(v)
        sent.append(s)
    return np.array(found), np.array(sent)


def _rest_step(epsilon: float) -> float:
    """What the first step, which is without input, leaves of v = 0."""
    return float(_ultra_lif(np.zeros((1, 1)), epsilon)[0][0, 0])


@pytest.mark.model("UltraLIF")
@pytest.mark.parametrize("epsilon", [1.0, 0.3, 0.05])
def test_ultra_lif_step_by_step(measure: Measure, epsilon: float) -> None:
    inputs = np.random.default_rng(3).normal(0.5, 0.7, (150, 4))
    signals, spikes = _driven(sim.UltraLIF(epsilon=epsilon), inputs, ["v", "s"])
    v, s = _ultra_lif(inputs, epsilon, _rest_step(epsilon))
    measure("v", signals["v"], v, 1e-12)
    measure("s", signals["s"], s, 1e-12)
    for column, train in enumerate(spikes):
        np.testing.assert_allclose(train[train > 1.5], np.flatnonzero(s[:, column] > 0.5) + 2.0)


@pytest.mark.model("UltraLIF")
def test_its_limit_is_the_tropical_neuron(measure: Measure) -> None:
    """Within t epsilon log 2; and not the classical neuron, which with this input fires where the tropical is
    silent."""
    below, inputs = _inputs()
    for epsilon, expected in ((0.1, 0.259), (0.03, 0.030), (0.01, 0.0044), (0.003, 3.7e-4), (0.001, 2.3e-6)):
        signals, _ = _driven(sim.UltraLIF(epsilon=epsilon), inputs, ["v"])
        v, tropical = 0.0, []
        for drive in np.concatenate([[0.0], inputs[:, 0]]):
            v = max(v + np.log(0.9), drive)
            v *= v <= 1.0
            tropical.append(v)
        error = np.abs(signals["v"][:, 0] - np.array(tropical[1:]))
        measure(
            "v over t epsilon log 2", np.max(error / (np.arange(2, 202) * epsilon * np.log(2.0))), 0.0, 1.0
        )
        assert error.max() == pytest.approx(expected, rel=0.2)
    classical, count = 0.0, 0
    for drive in below[:, 0]:
        classical = 0.9 * classical + drive
        count, classical = count + (classical > 1.0), classical * (classical <= 1.0)
    _, spikes = _driven(sim.UltraLIF(epsilon=0.001), below, ["v"])
    assert count == 57 and len(spikes[0]) == 0


@pytest.mark.model("UltraLIF")
@pytest.mark.parametrize("epsilon", [0.2, 0.5])
def test_rest_is_not_zero(measure: Measure, epsilon: float) -> None:
    """Silent, without s, v settles at ``-epsilon log(1 - tau_0^(1/epsilon))``, 2.30 for epsilon = 1."""
    signals, _ = _driven(sim.UltraLIF(epsilon=epsilon, theta=1e3), np.zeros((400, 1)), ["v"])
    measure("v", signals["v"][-1, 0], -epsilon * np.log(1.0 - 0.9 ** (1.0 / epsilon)), 1e-9)
    assert -np.log(1.0 - 0.9) == pytest.approx(2.30, abs=0.01)
    signals, _ = _driven(sim.UltraLIF(), np.zeros((50, 1)), ["s"])
    assert signals["s"][-1, 0] == pytest.approx(0.47, abs=0.005)  # graded output without input
    for variant in ("paper", "code"):
        _, spikes = _driven(sim.UltraDLIF(variant=variant), np.zeros((50, 3)), ["v"], lambda c: ring(sim, c))
        assert [len(train) for train in spikes] == [51] * 3


@pytest.mark.model("UltraLIF")
@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.01])
def test_the_steepest_slope_of_s(measure: Measure, epsilon: float) -> None:
    """``ds/dV = 1 / (4 epsilon)``, where V, before the reset by s, is at theta."""
    bias = 1.0 + epsilon * np.linspace(-1.0, 1.0, 2001)
    sim.setup(timestep=1.0)
    cells = sim.Population(len(bias), sim.UltraLIF(epsilon=epsilon, bias=bias), initial_values={"v": -1e3})
    cells.record(["v", "s"])
    sim.run(1.0)
    v, s = (signal.magnitude[1] for signal in cells.get_data().segments[0].analogsignals)
    slopes = np.diff(s) / np.diff(v / (1.0 - s))
    measure("slope", slopes.max() * 4.0 * epsilon, 1.0, 1e-6)
    assert abs(bias[slopes.argmax()] - 1.0) < 0.01 * epsilon


def _ultra_dlif(inputs: Array, epsilon: float, variant: str) -> tuple[Array, Array]:
    steps, n = inputs.shape
    v, found, sent = np.zeros(n), [], []
    for drive in inputs:
        if variant == "paper":
            inner = _lse(epsilon, np.roll(v, 1), v, np.roll(v, -1)) + drive
            s = _sigmoid((inner - 1.0) / epsilon)
            v = inner * (1.0 - s)
            found.append(v)
        else:
            v = 0.9 * v + drive
            found.append(v)
            s = _sigmoid(_lse(epsilon, np.roll(v, 1), v, np.roll(v, -1)) / epsilon)
            v = v * (1.0 - s)
        sent.append(s)
    return np.array(found), np.array(sent)


@pytest.mark.model("UltraDLIF", "GradedSynapse")
@pytest.mark.parametrize("variant", ["paper", "code"])
@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.001])
def test_ultra_dlif_step_by_step(measure: Measure, variant: str, epsilon: float) -> None:
    draws = np.random.default_rng(2)
    inputs = np.where(draws.random((50, 32)) < 0.05, draws.uniform(0.1, 0.35, (50, 32)), 0.0)
    signals, _ = _driven(
        sim.UltraDLIF(variant=variant, epsilon=epsilon), inputs, ["v", "s"], lambda c: ring(sim, c)
    )
    # the first step has no input
    v, s = _ultra_dlif(np.vstack([np.zeros((1, 32)), inputs]), epsilon, variant)
    measure("v", signals["v"], v[1:], 1e-9)
    # the code's s needs the neighbours' v of the same step, and comes one later
    measure("s", signals["s"], s[1:] if variant == "paper" else s[:-1], 1e-9)


@pytest.mark.model("UltraDLIF")
def test_tropical_limit_of_the_ring_away_from_threshold() -> None:
    """``|dv| <= t epsilon log 3`` while nothing is near theta."""
    draws = np.random.default_rng(5)
    inputs = np.where(draws.random((20, 16)) < 0.05, draws.uniform(0.1, 0.2, (20, 16)), 0.0)
    for epsilon in (0.01, 0.001):
        cell = sim.UltraDLIF(epsilon=epsilon, theta=50.0)
        signals, _ = _driven(cell, inputs, ["v"], lambda c: ring(sim, c))
        v = np.zeros(16)
        for t, drive in enumerate(inputs):
            v = np.maximum.reduce([np.roll(v, 1), v, np.roll(v, -1)]) + drive
            assert np.abs(signals["v"][t] - v).max() <= (t + 2) * epsilon * np.log(3.0) * (1 + 1e-9)


@pytest.mark.model("UltraDLIF")
def test_the_ring_drifts_without_input(measure: Measure) -> None:
    """The paper's variant rises by epsilon log 3 in every silent step."""
    cell = sim.UltraDLIF(epsilon=0.01, theta=50.0)
    signals, _ = _driven(cell, np.zeros((30, 5)), ["v"], lambda c: ring(sim, c))
    expected = 0.01 * np.log(3.0) * np.arange(2, 32)
    measure("v", signals["v"], np.repeat(expected[:, None], 5, axis=1), 1e-12)


@pytest.mark.model("GradedSynapse")
def test_graded_synapses_carry_s_of_both_signs(measure: Measure) -> None:
    weights = np.array([[0.5, -1.0, 0.0], [2.0, 0.3, -0.7]])
    sim.setup(timestep=1.0)
    senders = sim.Population(2, sim.UltraLIF(), initial_values={"s": [0.2, 0.9]})
    receivers = sim.Population(3, sim.UltraLIF(epsilon=0.5))
    pre, post = np.nonzero(weights)
    rows = np.column_stack([pre, post, weights[pre, post]])
    connector = sim.FromListConnector(rows, column_names=["weight"])
    sim.Projection(senders, receivers, connector, sim.GradedSynapse())
    for cells in (senders, receivers):
        cells.record(["s", "v"])
    sim.run(20.0)
    sent, got = (
        {s.name: s.magnitude for s in c.get_data().segments[0].analogsignals} for c in (senders, receivers)
    )
    v, expected = np.zeros(3), []
    for s in sent["s"][:-1]:
        inner = _lse(0.5, v + np.log(0.9), s @ weights)
        v = inner * (1.0 - _sigmoid((inner - 1.0) / 0.5))
        expected.append(v)
    measure("v", got["v"][1:], expected, 1e-12)


def _meta(
    inputs: Array, a: float = 0.02, b: float = 0.2, c: float = 0.0, d: float = 0.08
) -> tuple[Array, Array]:
    v, u, found, fired = np.zeros(inputs.shape[1]), np.full(inputs.shape[1], 0.08), [], []
    for drive in inputs:
        v, u = v * v - u + _sigmoid(drive), u + a * (b * v - u)
        spikes = v > 0.5
        v, u = np.where(spikes, c, v), u + d * spikes
        found.append(v)
        fired.append(spikes)
    return np.array(found), np.array(fired)


@pytest.mark.model("MetaDynamicNeuron")
def test_meta_dynamic_neuron_step_by_step(measure: Measure) -> None:
    inputs = np.random.default_rng(4).normal(0.0, 2.0, (200, 6))
    signals, spikes = _driven(sim.MetaDynamicNeuron(), inputs, ["v"])
    v, fired = _meta(np.vstack([np.zeros((1, 6)), inputs]))
    measure("v", signals["v"], v[1:], 1e-10)
    for column, train in enumerate(spikes):
        np.testing.assert_allclose(train, np.flatnonzero(fired[:, column]) + 1.0)


@pytest.mark.model("MetaDynamicNeuron")
def test_its_noise_vanishes_with_delta_and_its_rate_grows_with_the_input() -> None:
    inputs = np.random.default_rng(4).normal(0.0, 2.0, (200, 6))
    sharp, noisy = (_driven(sim.MetaDynamicNeuron(delta=d), inputs, ["v"])[1] for d in (0.0, 1e-9))
    assert [list(t) for t in sharp] == [list(t) for t in noisy]
    sim.setup(timestep=1.0)
    bias = [-6.0, -2.0, 0.0, 1.0, 3.0]
    populations = [sim.Population(200, sim.MetaDynamicNeuron(delta=0.1, bias=x)) for x in bias]
    for cells in populations:
        cells.record("spikes")
    sim.run(300.0)
    counts = [sum(map(len, c.get_data().segments[0].spiketrains)) for c in populations]
    assert counts == sorted(counts) and counts[0] < counts[-1]
