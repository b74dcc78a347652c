"""Loihi's integers against the same quantised network in floating point, which `codegen` runs.

Balanced networks are chaotic: one of them, begun with potentials that differ by less than 0.1 mV, fires about 1 % more
or less often. Theirs is therefore a mean over several beginnings."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pynn_ext.backends.loihi as loihi
import pytest
from pynn_ext.backends._loihi.floating import floating_point

from pynn_ext.codegen import choose_engine


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="PyNN")


def spikes(group: Any) -> set[tuple[int, int]]:
    """Steps and cells."""
    times, index = group.spikes.arrays()
    return set(zip(np.rint(times / loihi.get_time_step()).astype(int).tolist(), index.tolist(), strict=True))


def both(
    populations: list[Any], duration: float, jitters: tuple[float, ...] = (0.0,)
) -> tuple[Any, list[Any]]:
    """Run what is set up on the chip, and in floating point once with each jitter (mV) of the first potentials; return
    the groups of cells."""
    for population in populations:
        population.record("spikes")
    loihi.run(duration)
    engine = loihi.simulator.state.engine
    found = []
    for seed, jitter in enumerate(jitters):
        network = floating_point(engine.program)
        network.step = 0
        rng = np.random.default_rng(seed)
        for group in network.groups:
            if hasattr(group, "model"):
                group.set_initial("v", group.initial["v"] + jitter * rng.random(group.size))
            else:
                group.reset()
        choose_engine(network).run(round(duration / loihi.get_time_step()))
        found.append([group for group in network.groups if hasattr(group, "model")])
    return [group for group in engine.network.groups if hasattr(group, "model")], found


CELLS = {
    "exp": ("IF_curr_exp", {"tau_syn_E": 5.0, "tau_syn_I": 5.0, "tau_refrac": 2.0}, 1.0),
    "exp, two time constants": ("IF_curr_exp", {"tau_syn_E": 8.0, "tau_syn_I": 4.0, "v_rest": -60.0}, 0.5),
    "alpha": ("IF_curr_alpha", {"tau_syn_E": 4.0, "tau_syn_I": 2.0, "tau_refrac": 3.0}, 0.4),
    "delta": ("IF_curr_delta", {"tau_m": 15.0}, 1.8),
}


@pytest.mark.parametrize("kind", CELLS)
def test_driven_cells_fire_in_the_same_steps(kind: str) -> None:
    """Without feedback nothing amplifies a rounding."""
    name, parameters, weight = CELLS[kind]
    loihi.setup(timestep=1.0)
    inputs = loihi.Population(80, loihi.SpikeSourcePoisson(rate=30.0))
    cells = loihi.Population(50, getattr(loihi, name)(i_offset=0.2, **parameters), label="cells")
    loihi.DCSource(amplitude=0.1).inject_into(cells[:25])
    rng = loihi.NumpyRNG(seed=2)
    for receptor, factor in (("excitatory", 1.0), ("inhibitory", -0.5)):
        values = loihi.RandomDistribution("uniform", low=0.5, high=1.5, rng=rng)
        drawn = values.next(80 * 50).reshape(80, 50) * weight * factor
        loihi.Projection(
            inputs, cells, loihi.AllToAllConnector(), loihi.StaticSynapse(weight=drawn * 0.5, delay=2.0),
            receptor_type=receptor,
        )  # fmt: skip
    (chip,), ((ideal,),) = both([cells], 1000.0)
    a, b = spikes(chip), spikes(ideal)
    assert len(b) > 1000
    assert len(a) == pytest.approx(len(b), rel=0.01)
    assert len(a & b) > 0.97 * len(b)


def balanced(alpha: bool, seed: int) -> list[Any]:
    """Cells that excite and inhibit each other at random, in the manner of Vogels and Abbott (2005, J. Neurosci.
    25:10786), currents instead of conductances, or of Brunel (2000, J. Comput. Neurosci. 8:183) with alpha functions
    that last a few steps."""
    loihi.setup(timestep=0.5, rng_seed=seed)
    rng = loihi.NumpyRNG(seed=seed)
    if alpha:
        cell = loihi.IF_curr_alpha(tau_m=20.0, tau_syn_E=0.5, tau_syn_I=0.5, tau_refrac=2.0, v_rest=0.0, v_reset=0.0,
                                   v_thresh=20.0, cm=1.0)  # fmt: skip
        weights, low, high, connected = (0.75, -3.5), 0.0, 20.0, 0.1
    else:
        cell = loihi.IF_curr_exp(tau_m=20.0, tau_syn_E=5.0, tau_syn_I=10.0, tau_refrac=5.0, v_rest=-49.0,
                                 v_reset=-60.0, v_thresh=-50.0, cm=0.2)  # fmt: skip
        weights, low, high, connected = (0.0324, -0.18), -60.0, -50.0, 0.04
    sizes = (400, 100)
    populations = [loihi.Population(n, cell) for n in sizes]
    for population in populations:
        population.initialize(v=loihi.RandomDistribution("uniform", low=low, high=high, rng=rng))
    for pre, weight, receptor in zip(populations, weights, ("excitatory", "inhibitory"), strict=True):
        for post in populations:
            loihi.Projection(pre, post, loihi.FixedProbabilityConnector(connected, rng=rng),
                             loihi.StaticSynapse(weight=weight, delay=1.5), receptor_type=receptor)  # fmt: skip
    if alpha:
        for post in populations:
            inputs = loihi.Population(post.size, loihi.SpikeSourcePoisson(rate=1500.0))
            loihi.Projection(
                inputs, post, loihi.OneToOneConnector(), loihi.StaticSynapse(weight=weights[0], delay=0.5)
            )
    return populations


def count(groups: list[Any]) -> int:
    return sum(len(group.spikes.arrays()[0]) for group in groups)


@pytest.mark.parametrize("alpha", [False, True])
def test_balanced_networks_fire_as_often(alpha: bool) -> None:
    counts = np.zeros(2)
    for seed in range(2):
        chip, ideal = both(balanced(alpha, seed), 1000.0, (0.0, 0.1, 0.1, 0.1))
        counts += count(chip), np.mean([count(groups) for groups in ideal])
    assert counts[1] > 2 * 500 * 3
    assert counts[0] == pytest.approx(counts[1], rel=0.01)
