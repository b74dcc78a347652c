"""SPSA against the losses of a reference implementation, and tuning a network in software and on a chip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning.observation import Weights
from pynn_ext.learning.spsa import SPSA


@pytest.mark.parametrize(("noise", "losses"), [(0.05, [1.3e-3, 6e-4, 3e-4, 1e-4]), (0.0, [6e-4, 0, 0, 0])])
def test_a_noisy_quadratic_in_20_dimensions(noise: float, losses: list[float]) -> None:
    """Relative loss after 500, 1000, 2000 and 4000 evaluations, to the digits of the reference."""
    rng = np.random.default_rng(0)
    target, scale = rng.standard_normal(20), np.linspace(0.5, 2, 20)

    def loss(p: np.ndarray) -> float:
        return float((scale * (p - target) ** 2).sum() + noise * rng.standard_normal())

    found = []
    for evaluations in (500, 1000, 2000, 4000):
        p = SPSA(np.zeros(20), seed=1).minimise(loss, evaluations)
        found.append(round((scale * (p - target) ** 2).sum() / (scale * target**2).sum(), 4))
    assert found == pytest.approx(losses, abs=1e-9)


def test_a_weight_is_tuned_while_the_network_runs(sim: Any) -> None:
    """The weight with which one input spike raises the membrane by 6 mV; each interval is one evaluation."""
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=list(np.arange(5.0, 4000.0, 50.0))))
    post = sim.Population(
        1, sim.IF_curr_exp(tau_m=8.0, tau_syn_E=4.0, v_rest=0.0, v_reset=0.0, v_thresh=200.0)
    )
    post.initialize(v=0.0)
    post.record("v")
    projection = sim.Projection(
        pre,
        post,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=1.0, delay=1.0),
        receptor_type="excitatory",
    )
    weights = Weights(projection)

    def measure(t: float) -> float:
        v = post.get_data("v").segments[-1].analogsignals[0].magnitude[:, 0]
        return float((v[-50:].max() / 6.0 - 1.0) ** 2)

    tuner = SPSA(
        [1.0], a=3.0, c=0.1, stability=5.0, lower=0.1, upper=20.0, interval=50.0, measure=measure,
        apply=lambda p: weights.write(np.full((1, 1), p[0])),
    )  # fmt: skip
    sim.run(4000.0, callbacks=[tuner])
    assert tuner.iteration == 40
    assert tuner.history["loss"][-10:].mean() < 0.02 < 0.1 < tuner.history["loss"][0]


def test_it_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    def loss(p: np.ndarray) -> float:
        return float((p**2).sum())

    whole, half = SPSA([1.0, 2.0]), SPSA([1.0, 2.0])
    whole.minimise(loss, 20)
    half.minimise(loss, 11)
    half.save(tmp_path / "half.npz")
    tried: list[np.ndarray] = []
    rest = SPSA([1.0, 2.0], apply=tried.append)
    rest.restore(tmp_path / "half.npz")
    np.testing.assert_array_equal(tried[-1], half.ask())
    np.testing.assert_array_equal(rest.minimise(loss, 9), whole.parameters)


def test_wrong_use_is_refused() -> None:
    with pytest.raises(NetworkError, match="without apply or measure"):
        SPSA([0.0]).update(1.0)
    with pytest.raises(NetworkError, match="a loss of nan"):
        SPSA([0.0]).tell(float("nan"))
    with pytest.raises(NetworkError, match="finite numbers"):
        SPSA([np.inf])
