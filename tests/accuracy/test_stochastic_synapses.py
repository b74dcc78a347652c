"""Synapses that release at random: counts, means and variances against their distributions.

Deviations are in standard errors: with a fixed seed each test has one answer, and a right one lies within 4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.codegen as sim
import pytest

from . import closed_forms

Measure = Callable[..., None]
Floats = npt.NDArray[np.float64]
TIMES = np.array([5.0, 15.0, 20.0, 22.0, 50.0, 120.0, 125.0, 130.0])
WEIGHT = 0.01


def released(synapse: Any, times: Floats, size: int, **options: Any) -> Floats:
    """Return what each spike (rows) releases at each of `size` synapses, as a fraction of the weight.

    Every synapse is that of a cell of its own; a spike adds what it releases to the conductance."""
    sim.setup(timestep=0.1, **options)
    cells = sim.Population(size, sim.IF_cond_exp(tau_syn_E=2.0))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(times)))
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(times[-1] + 2.0)
    g = cells.get_data().segments[0].analogsignals[0].magnitude
    decay = np.exp(-0.1 / 2.0)
    arrivals = np.rint((times + 0.1) / 0.1).astype(int)
    return (g[arrivals + 1] / decay - g[arrivals]) / WEIGHT


def chain(use: float, tau_rec: float, tau_facil: float) -> Floats:
    """Return the probability that a single site releases at each of `TIMES`: u x of Tsodyks and Markram with a
    transmitter that is inactive at once."""
    x, u, last, answer = 1.0, 0.0, 0.0, []
    for t in TIMES:
        x = 1.0 - (1.0 - x) * np.exp(-(t - last) / tau_rec)
        u = u * np.exp(-(t - last) / tau_facil) if tau_facil else 0.0
        u += use * (1.0 - u)
        answer.append(u * x)
        x, last = x - u * x, t
    return np.array(answer)


@pytest.mark.model("SimpleStochasticSynapse")
@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_simple_synapses_release_binomial_counts(measure: Measure, p: float) -> None:
    from scipy.stats import binom

    spikes, size = 40, 5000
    times = 5.0 + 3.0 * np.arange(spikes)
    sent = released(sim.SimpleStochasticSynapse(p=p, weight=WEIGHT), times, size)
    assert np.all(np.isclose(sent, 0.0, atol=1e-9) | np.isclose(sent, 1.0, atol=1e-9))
    counts = np.rint(sent).sum(axis=0)
    error = np.sqrt(spikes * p * (1 - p) / size)
    measure("mean of counts", (counts.mean() - spikes * p) / error, 0.0, 4.0, "standard errors")
    variance, fourth = binom.stats(spikes, p, moments="vk")
    spread = variance * np.sqrt((fourth + 2.0) / size)
    measure("variance of counts", (counts.var() - variance) / spread, 0.0, 4.0, "standard errors")
    edges = binom.ppf([0.1, 0.3, 0.5, 0.7, 0.9], spikes, p)
    expected = binom.cdf(edges, spikes, p)
    got = np.array([(counts <= edge).mean() for edge in edges])
    deviation = (got - expected) / np.sqrt(expected * (1 - expected) / size)
    measure("distribution of counts", deviation, np.zeros(5), 4.0, "standard errors")


@pytest.mark.model("SimpleStochasticSynapse")
def test_releases_are_independent_in_time_and_between_synapses(measure: Measure) -> None:
    times = 5.0 + 1.0 * np.arange(400)
    sent = np.rint(released(sim.SimpleStochasticSynapse(p=0.5, weight=WEIGHT), times, 400)) - 0.5
    for name, shifted in (("in time", sent[1:] * sent[:-1]), ("of neighbours", sent[:, 1:] * sent[:, :-1])):
        error = 0.25 / np.sqrt(shifted.size)
        measure(f"correlation {name}", shifted.mean() / error, 0.0, 4.0, "standard errors")


@pytest.mark.model("SimpleStochasticSynapse")
def test_certainties(measure: Measure) -> None:
    never = released(sim.SimpleStochasticSynapse(p=0.0, weight=WEIGHT), TIMES, 50)
    always = released(sim.SimpleStochasticSynapse(p=1.0, weight=WEIGHT), TIMES, 50)
    measure("released with p = 0", never, np.zeros(never.shape), 1e-12)
    measure("released with p = 1", always, np.ones(always.shape), 1e-9)


CASES = pytest.mark.parametrize(
    "use, tau_rec, tau_facil", [(0.8, 100.0, 0.0), (0.1, 50.0, 200.0), (0.5, 20.0, 5.0)]
)


@CASES
@pytest.mark.model("StochasticTsodyksMarkramSynapse")
def test_stochastic_tsodyks_markram_has_the_deterministic_mean(
    measure: Measure, use: float, tau_rec: float, tau_facil: float
) -> None:
    size = 20000
    synapse = sim.StochasticTsodyksMarkramSynapse(U=use, tau_rec=tau_rec, tau_facil=tau_facil, weight=WEIGHT)
    sent = released(synapse, TIMES, size)
    assert np.all(np.isclose(sent, 0.0, atol=1e-9) | np.isclose(sent, 1.0, atol=1e-9))
    expected = chain(use, tau_rec, tau_facil)
    error = np.sqrt(expected * (1 - expected) / size)
    measure(
        "mean release", (sent.mean(axis=1) - expected) / error, np.zeros(len(TIMES)), 4.0, "standard errors"
    )
    # the same recursion from the equations of the deterministic synapse, with a short-lived transmitter
    limit = closed_forms.tsodyks_markram(TIMES, use, tau_rec, tau_facil, 1e-6)
    measure("mean release, two ways", expected, limit, 1e-6)


@CASES
@pytest.mark.parametrize("n", [1, 5, 20])
@pytest.mark.model("MultiQuantalSynapse")
def test_multiquantal_mean_and_variance(
    measure: Measure, n: int, use: float, tau_rec: float, tau_facil: float
) -> None:
    size = 5000
    synapse = sim.MultiQuantalSynapse(n=n, U=use, tau_rec=tau_rec, tau_facil=tau_facil, weight=WEIGHT)
    quanta = released(synapse, TIMES, size)
    np.testing.assert_allclose(quanta, np.rint(quanta), atol=1e-8)
    sent = np.rint(quanta) / n
    mean = chain(use, tau_rec, tau_facil)
    variance = mean * (1 - mean) / n
    zero = np.zeros(len(TIMES))
    measure(
        "mean release", (sent.mean(axis=1) - mean) / np.sqrt(variance / size), zero, 4.0, "standard errors"
    )
    kurtosis = (1 - 6 * mean * (1 - mean)) / (n * mean * (1 - mean))
    error = variance * np.sqrt(np.maximum(2.0 + kurtosis, 0.05) / size)
    measure("variance", (sent.var(axis=1) - variance) / error, zero, 4.0, "standard errors")


@pytest.mark.model("SimpleStochasticSynapse", "StochasticTsodyksMarkramSynapse", "MultiQuantalSynapse")
@pytest.mark.parametrize(
    "name", ["SimpleStochasticSynapse", "StochasticTsodyksMarkramSynapse", "MultiQuantalSynapse"]
)
def test_draws_depend_on_the_seed_alone(measure: Measure, name: str) -> None:
    """Not on the number of threads; another seed, other releases."""
    runs = [
        released(getattr(sim, name)(weight=WEIGHT), TIMES, 300, threads=threads, rng_seed=seed)
        for threads, seed in ((1, 3), (2, 3), (1, 4))
    ]
    measure("releases on two threads", runs[0], runs[1], 0.0)
    assert 0.2 < np.mean(np.rint(runs[0]) != np.rint(runs[2])) or name == "MultiQuantalSynapse"
    assert not np.array_equal(runs[0], runs[2])


@pytest.mark.model("SimpleStochasticSynapse")
def test_reset_begins_the_draws_anew_and_two_projections_differ(measure: Measure) -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(TIMES)))
    cells = [sim.Population(200, sim.IF_cond_exp()) for _ in range(2)]
    synapse = sim.SimpleStochasticSynapse(p=0.5, weight=WEIGHT)
    for population in cells:
        sim.Projection(source, population, sim.AllToAllConnector(), synapse)
        population.record("gsyn_exc")
    sim.run(140.0)
    sim.reset()
    for _ in range(4):
        sim.run(35.0)
    first, second = ([s.analogsignals[0].magnitude for s in c.get_data().segments] for c in cells)
    measure("conductance after a reset, run in parts", first[1], first[0], 0.0, "uS")
    assert not np.array_equal(first[0], second[0])
