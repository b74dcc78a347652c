"""Curl descent (Ninou, Kadmon and Cayco-Gajic 2025): a linear student, some presynaptic cells of which have a rule of
the other sign.

Fixed points are those of gradient descent. Whether they are stable depends on the shape of the network: an expansive
one learns to the last digit with flipped inputs, a compressive one learns with flipped hidden cells, and fails with
flipped inputs. The batch is the grid of an interval; `project` puts its values in the place of the spike traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.learning import LearningProcedure, ThreeFactorRule
from pynn_ext.learning.observation import SignedWeights


class Norms(LearningProcedure):
    """Hold the Frobenius norms of both layers, as the authors do, and keep the weights that the next batch sees."""

    def __init__(self, layers: list[Any], interval: float) -> None:
        super().__init__(interval)
        self.layers = layers
        self.w = [layer.read() for layer in layers]
        self.norms = [np.linalg.norm(w) for w in self.w]

    def update(self, t: float) -> None:
        for k, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            w = layer.read()
            self.w[k] = w * norm / np.linalg.norm(w)
            layer.write(self.w[k])


def layer(pre: Any, post: Any, weights: Any) -> SignedWeights:
    """Return all-to-all weights of both signs."""
    signed = [
        sim.Projection(
            pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0), receptor_type=receptor
        )
        for receptor in ("excitatory", "inhibitory")
    ]
    found = SignedWeights(*signed)
    found.write(weights)
    return found


def error_after(
    n_in: int, n_hidden: int, flipped_in: float, flipped_hidden: float, updates: int, n: int = 100
) -> float:
    """Return the error on other samples than those that the student learned from."""
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        return rng.uniform(-1, 1, shape) / np.sqrt(shape[0])

    teacher = drawn(n_in, n_hidden) @ drawn(n_hidden, 1)
    x, other = (rng.standard_normal((m, n_in)) / np.sqrt(2) for m in (n, 500))
    signs = [np.ones(n_in), np.ones(n_hidden)]
    signs[0][: round(flipped_in * n_in)] = -1
    signs[1][: round(flipped_hidden * n_hidden)] = -1
    sim.setup(timestep=1.0)
    pre, hidden, out = (sim.Population(size, sim.IF_curr_exp()) for size in (n_in, n_hidden, 1))
    for cells in (pre, hidden):
        cells.record("spikes")
    layers = [layer(pre, hidden, drawn(n_in, n_hidden)), layer(hidden, out, drawn(n_hidden, 1))]
    student = Norms(layers, float(n))

    def error(_: Any) -> Any:
        return x @ teacher - x @ student.w[0] @ student.w[1]

    options: dict[str, Any] = {"rate": 0.3 / n, "interval": float(n)}
    rules = [
        ThreeFactorRule(
            layers[0], lambda t: error(t) @ student.w[1].T, rule_sign=signs[0], project=lambda _: x, **options
        ),
        ThreeFactorRule(layers[1], error, rule_sign=signs[1], project=lambda _: x @ student.w[0], **options),
    ]
    sim.run(updates * float(n), callbacks=[*rules, student])
    assert student.updates == updates
    return float(0.5 * np.mean((other @ teacher - other @ student.w[0] @ student.w[1]) ** 2))


@pytest.mark.parametrize(
    "shape, flipped, low, high",
    [
        ((10, 100), (0.3, 0.0), 0.0, 1e-12),
        ((20, 8), (0.0, 0.0), 0.0, 1e-4),
        ((20, 8), (0.0, 0.5), 0.0, 1e-2),
        ((20, 8), (0.3, 0.0), 1e-2, 1.0),
    ],
)
def test_stability_depends_on_the_shape(
    shape: tuple[int, int], flipped: tuple[float, float], low: float, high: float
) -> None:
    found = error_after(*shape, *flipped, updates=130)
    assert low <= found <= high
