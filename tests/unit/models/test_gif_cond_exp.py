"""Array parameters of the GIF cell: any number of exponentials, values for each cell, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import NetworkError, PynnExtError

SHARP = {"delta_v": 1e-6, "v_t_star": -55.0, "tau_refrac": 4.0, "i_offset": 0.8}


def _run(population: Any, duration: float = 100.0) -> tuple[Any, dict[str, np.ndarray]]:
    population.record(["spikes", "v", "v_t", "i_eta"])
    sim.run(duration)
    segment = population.get_data().segments[0]
    return segment.spiketrains, {s.name: s.magnitude for s in segment.analogsignals}


def test_arrays_are_read_and_written_cell_by_cell() -> None:
    sim.setup()
    p = sim.Population(3, sim.GIF_cond_exp(tau_eta=(2.0, 20.0), a_eta=[(0.1, 0.2), (0.3, 0.4), (0.5, 0.6)]))
    assert [x.value.tolist() for x in p.get("a_eta")] == [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    assert [x.value.tolist() for x in p.get("tau_gamma")] == 3 * [[1.0, 10.0, 100.0]]
    assert p.get(["cm", "delta_v"]) == [1.0, 0.5]
    p.set(a_eta=(0.7, 0.8), cm=2.0)
    p[1:2].set(tau_eta=(3.0, 30.0))
    assert [x.value.tolist() for x in p.get("a_eta")] == 3 * [[0.7, 0.8]]
    assert [x.value.tolist() for x in p.get("tau_eta")] == [[2.0, 20.0], [3.0, 30.0], [2.0, 20.0]]
    assert p.get("cm") == 2.0


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_any_number_of_exponentials(count: int) -> None:
    """Between spikes both sums are those of the exponentials that the spikes have started."""
    sim.setup(timestep=0.1)
    taus = tuple(5.0 * 2.0**k for k in range(count))
    values = {"tau_eta": taus, "a_eta": (0.05,) * count, "tau_gamma": taus, "a_gamma": (0.5,) * count}
    trains, signals = _run(
        sim.Population(1, sim.GIF_cond_exp(**SHARP, **values), initial_values={"v_t": -55.0})
    )
    spikes = trains[0].magnitude
    assert len(spikes) >= 2
    elapsed = np.arange(1001)[:, None] * 0.1 - spikes
    past = elapsed > -1e-9
    kernel = sum(np.where(past, np.exp(-np.maximum(elapsed, 0.0) / tau), 0.0) for tau in taus) + 0.0 * elapsed
    np.testing.assert_allclose(signals["i_eta"][:, 0], 0.05 * kernel.sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(signals["v_t"][:, 0], -55.0 + 0.5 * kernel.sum(axis=1), atol=1e-12)


def test_noise_depends_on_the_seed_alone() -> None:
    def spikes(threads: int, seed: int, pieces: tuple[float, ...]) -> list[list[float]]:
        sim.setup(timestep=0.1, threads=threads, rng_seed=seed)
        p = sim.Population(200, sim.GIF_cond_exp(i_offset=1.0, delta_v=3.0, lambda0=20.0))
        p.record("spikes")
        for piece in pieces:
            sim.run(piece)
        return [t.magnitude.tolist() for t in p.get_data().segments[0].spiketrains]

    one = spikes(1, 3, (100.0,))
    assert sum(map(len, one)) > 150 and len({tuple(t) for t in one}) > 100
    assert spikes(2, 3, (33.3, 66.7)) == one
    assert spikes(1, 4, (100.0,)) != one


def test_lengths_that_do_not_agree_are_refused() -> None:
    with pytest.raises(NetworkError, match=r"\[3\] values of tau_eta and \[2\] values of a_eta"):
        sim.GIF_cond_exp(a_eta=(1.0, 2.0))
    with pytest.raises(NetworkError, match="one length for all cells"):
        sim.GIF_cond_exp(a_gamma=[(1.0, 2.0), (1.0, 2.0, 3.0)])
    sim.setup()
    p = sim.Population(2, sim.GIF_cond_exp())
    with pytest.raises(PynnExtError, match="made with 3"):
        p.set(tau_eta=(1.0, 2.0))
    with pytest.raises(PynnExtError, match="tau_eta_1 = 0"):
        p.set(tau_eta=(1.0, 0.0, 3.0))


def test_equations_of_ones_own_may_be_random() -> None:
    """Two numbers a step, independent of each other, and a third at each spike."""
    noisy = sim.native_cell_type(
        "Noisy",
        equations="dv/dt = -v/tau : 1\nu : 1\nafter : 1",
        parameters={"tau": (10.0, "second")},
        threshold="rand() < 0.25 and rand() < 0.5",
        reset="after = rand()",
    )
    sim.setup(timestep=0.1)
    p = sim.Population(100, noisy())
    p.record(["spikes", "after"])
    sim.run(100.0)
    segment = p.get_data().segments[0]
    counts = np.array([len(t) for t in segment.spiketrains])
    assert counts.mean() == pytest.approx(125.0, abs=4.0) and counts.std() == pytest.approx(10.5, abs=2.5)
    drawn = np.unique(segment.analogsignals[0].magnitude)
    assert drawn.mean() == pytest.approx(0.5, abs=0.02) and drawn.std() == pytest.approx(12**-0.5, abs=0.02)
