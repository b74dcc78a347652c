"""Learning procedures to the figures of plain NumPy programs with the same seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.codegen as sim
import pytest
from scipy.stats import kstest, skew

from pynn_ext.learning import PresynapticPool, Tempotron, ThreeFactorRule
from pynn_ext.learning.observation import SignedWeights
from pynn_ext.learning.tempotron import trained, unit_cell

Array = npt.NDArray[np.float64]


def _signed(source: Any, cells: Any, weights: Array, delay: float) -> SignedWeights:
    pair = []
    for receptor, part in (("excitatory", np.maximum(weights, 0)), ("inhibitory", np.minimum(weights, 0))):
        synapse = sim.StaticSynapse(weight=part, delay=delay)
        connector = sim.AllToAllConnector(allow_self_connections=source is not cells)
        pair.append(sim.Projection(source, cells, connector, synapse, receptor_type=receptor))
    return SignedWeights(*pair)


# --- Tempotron ---------------------------------------------------------------------------------------------

INPUTS = PATTERNS = 200
#: Wrong answers in each round: the error falls from 0.47 to 0 in 28 rounds.
ERRORS = [95, 83, 69, 48, 46, 36, 36, 32, 26, 24, 15, 21, 14, 9, 11, 7, 4, 4, 4, 4, 14, 5, 5, 6, 2, 1, 1, 0]


def _latencies() -> tuple[Array, npt.NDArray[np.bool_], Array, np.random.Generator]:
    """Patterns, labels and first weights, and the generator that goes on to draw the order of the patterns."""
    rng = np.random.default_rng(0)
    rng.random(16 * 4096)  # drawn by the program before
    times, labels = rng.uniform(0.0, 500.0, (PATTERNS, INPUTS)), rng.random(PATTERNS) < 0.5
    return times, labels, rng.standard_normal(INPUTS) * 0.01, rng


def test_200_latency_patterns_are_learned_in_28_rounds() -> None:
    _, errors = trained(*_latencies())
    assert errors.tolist() == ERRORS


def test_a_network_learns_trial_by_trial_as_the_formula_does() -> None:
    """Two rounds of the same patterns on the network's grid of 0.1 ms; which trials are wrong, and the weights."""
    times, labels, start, rng = _latencies()
    times, rounds, trial = times.round(1), 2, 600.0
    expected, errors = trained(times, labels, start, np.random.default_rng(5), rounds=rounds)
    draws = np.random.default_rng(5)
    order = np.concatenate([draws.permutation(PATTERNS) for _ in range(rounds)])
    sim.setup(timestep=0.1)
    starts = trial * np.arange(len(order)) + 1.0
    source = sim.Population(
        INPUTS, sim.SpikeSourceArray(spike_times=list((times[order] + starts[:, None]).T))
    )
    cell = sim.Population(1, sim.IF_curr_exp(**unit_cell()), initial_values={"v": 0.0})
    source.record("spikes")
    cell.record("v", sampling_interval=1.0)
    weights = _signed(source, cell, start[:, None], 1.0)
    learner = Tempotron(weights, labels[order], trial)
    sim.run(trial * len(order), callbacks=[learner])
    assert learner.history["wrong"].reshape(rounds, -1).sum(axis=1).tolist() == errors.tolist()
    np.testing.assert_allclose(weights.read()[:, 0], expected, atol=1e-9)


# --- Presynaptic pool --------------------------------------------------------------------------------------

N, N_EXC, STEPS = 40, 32, 500
#: A cell that takes Euler steps of 1 ms, two steps of the grid: what a spike brings arrives one step of the cell later.
EULER = sim.native_cell_type(
    "EulerLIF",
    equations="now : 1\nleft : 1\nisyn : 1\nv : 1\nrecurrent : 1\ndrive : 1",
    parameters={"tau_m": (20.0, "1"), "tau_syn": (5.0, "1"), "steps_refrac": (2.0, "1")},
    after="""now = 1 - now
left = left - now
isyn = isyn*(1 - now + now*exp(-1/tau_syn)) + now*recurrent
v = (v + now*(isyn + drive - v)/tau_m)*int(left <= 0)
recurrent = recurrent*(1 - now)
drive = drive*(1 - now)""",
    threshold="v >= 1",
    reset="v = 0\nleft = steps_refrac + 1",
    receptors={"excitatory": "recurrent", "inhibitory": "recurrent", "drive": "drive"},
    conductance_based=False,
)


def _recurrent(weights: Array, drive: Array) -> tuple[Any, SignedWeights]:
    sim.setup(timestep=0.5, min_delay=0.5)
    cells = sim.Population(N, EULER())
    cells.record("spikes")
    source = sim.Population(STEPS, sim.SpikeSourceArray(spike_times=[[k + 0.5] for k in range(STEPS)]))
    synapse = sim.StaticSynapse(weight=drive, delay=0.5)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="drive")
    return cells, _signed(cells, cells, weights, 0.5)


def _trains(cells: Any) -> list[Array]:
    return [train.magnitude for train in cells.get_data().segments[-1].spiketrains]


def _distance(a: list[Array], b: list[Array], tau: float = 10.0) -> float:
    """van Rossum's distance per cell as a sum over steps of 1 ms, the kernel cut off after 60."""
    kernel, filtered = np.exp(-np.arange(60) / tau), []
    for trains in (a, b):
        counts = np.zeros((N, STEPS + 2))
        for i, train in enumerate(trains):
            counts[i, np.rint(train - 1.5).astype(int)] = 1
        filtered.append(np.array([np.convolve(row, kernel)[:STEPS] for row in counts]))
    return float(((filtered[0] - filtered[1]) ** 2).sum() / tau / N)


def test_target_trains_are_approached_from_147_to_60() -> None:
    """Distance per cell 1.47 to 0.60 in 150 epochs; the correlation with the true weights 0.53 to 0.54."""
    rng = np.random.default_rng(0)
    smooth = np.exp(-np.arange(20) / 6.0) / 3
    noise = [np.convolve(rng.standard_normal(STEPS + 20), smooth, "same")[:STEPS] for _ in range(N)]
    drive = np.maximum(0.0, 0.55 + 0.9 * np.array(noise).T)
    sign = np.where(np.arange(N) < N_EXC, 1.0, -1.0)
    off = 1.0 - np.eye(N)
    true, first = ((np.abs(rng.normal(0.0, 0.18, (N, N))) * sign * off).T for _ in range(2))
    trial = STEPS + 2.0
    cells, _ = _recurrent(true, drive)
    sim.run(trial)
    targets = _trains(cells)
    assert sum(map(len, targets)) / N / STEPS * 1000 == pytest.approx(7.25)
    cells, weights = _recurrent(first, drive)
    learner = PresynapticPool(weights, targets, trial, seed=rng, clear=False)
    for _ in range(151):
        sim.run(trial, callbacks=[learner])
        sim.reset()
    every = [[t.magnitude for t in segment.spiketrains] for segment in cells.get_data().segments]
    distances = [_distance(trains, targets) for trains in every if len(trains)]
    assert len(distances) >= 151
    assert (round(distances[0], 2), round(min(distances[:151]), 2)) == (1.47, 0.60)
    pairs = off.astype(bool)
    found = [np.corrcoef(w[pairs], true[pairs])[0, 1].round(2) for w in (first, learner.best_weights)]
    assert found == [0.53, 0.54]


# --- Exponentiated gradient --------------------------------------------------------------------------------


def _learned(
    n_pre: int, start: Array, error: Any, project: Any, steps: int, points: int, **options: Any
) -> Any:
    """Weights after `steps` updates of a three-factor rule, of `points` grid points each."""
    sim.setup(timestep=1.0)
    source, cells = (
        sim.Population(n_pre, sim.IF_curr_exp()),
        sim.Population(start.shape[1], sim.IF_curr_exp()),
    )
    source.record("spikes")
    weights = _signed(source, cells, start, 1.0)
    rule = ThreeFactorRule(
        weights,
        lambda grid: error(weights.read),
        interval=float(points),
        project=lambda x: project(),
        **options,
    )
    sim.run(steps * float(points), callbacks=[rule])
    return weights.read()


def test_random_changes_make_weights_log_normal_and_keep_their_sign() -> None:
    """1000 random changes of 4000 weights: log w is normal with the deviation of a random walk, 0.02 sqrt(1000);
    without exponents w is, and 236 weights change their sign."""
    n, found = 4000, []
    for exponentiated in (True, False):
        rng = np.random.default_rng(0)
        weights = _learned(
            1, np.ones((1, n)), lambda read, rng=rng: -rng.standard_normal((1, n)), lambda: np.ones((1, 1)), 1000, 1,
            rate=0.02, exponentiated=exponentiated,
        )  # fmt: skip
        found.append(weights[0])
    grown, added = found

    def normal(values: Array) -> float:
        return float(kstest((values - values.mean()) / values.std(), "norm").pvalue)

    assert normal(np.log(grown)) == pytest.approx(0.876, abs=5e-4) and normal(grown) < 1e-50
    assert np.log(grown).std() == pytest.approx(0.639, abs=5e-4)
    assert ((grown <= 0).sum(), (added <= 0).sum()) == (0, 236)


def test_a_regression_by_exponents_to_the_figures_of_the_program() -> None:
    """400 weights, a fifth of them inhibitory: the loss falls from 3.34 to 5.4e-4, no sign changes, and the skewness of
    weights is 3.71, that of their logarithms 0.33."""
    rng, n = np.random.default_rng(0), 400
    rng.standard_normal((1000, 4000))  # drawn by the program before
    sign = np.where(np.arange(n) < 0.8 * n, 1.0, -1.0)
    teacher, x = sign * rng.lognormal(-3, 1.2, n), rng.standard_normal((2000, n))
    y, start = x @ teacher, sign * rng.lognormal(-3, 0.5, n)
    batch = np.empty(0, dtype=int)

    def drawn(read: Any) -> Array:
        nonlocal batch
        return y[batch, None] - x[batch] @ read()

    def inputs() -> Array:
        nonlocal batch
        batch = rng.integers(0, 2000, 64)
        return x[batch]

    w = _learned(n, start[:, None], drawn, inputs, 3000, 64, rate=0.05 / 64, exponentiated=True)[:, 0]
    losses = [float(np.mean((x @ weights - y) ** 2) / 2) for weights in (start, w)]
    assert losses == pytest.approx([3.341, 5.399e-4], rel=1e-3)
    assert (np.sign(w) == sign).all()
    assert skew(np.abs(w)) == pytest.approx(3.71, abs=5e-3)
    assert skew(np.log(np.abs(w))) == pytest.approx(0.33, abs=5e-3)
