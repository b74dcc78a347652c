"""Coupled copies: variances from the spectrum of the Laplacian, and any variable of any cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.circuits import couple, coupled, laplacian

Measure = Callable[..., None]
N, COPIES = 10, 200
GRADIENT = sim.native_cell_type(
    "NoisyGradient",
    equations="dx/dt = x_coupling - rate*x : 1\nx_coupling : hertz",
    parameters={"rate": (1e-3, "hertz"), "sigma": (1.0, "1")},
    # the noise of the step dt in s: sigma sqrt(dt) N(0, 1)
    after="size = sqrt(-2*log(rand()))\nx = x + sigma*sqrt(dt/second)*size*cos(6.283185307179586*rand())",
    receptors={"excitatory": "x"},
)
#: Theory of the variance around the mean, by graph and kappa.
THEORY = {
    "all to all": {0.0: 0.450, 0.5: 0.075, 2.0: 0.021, 8.0: 0.0056},
    "ring": {0.0: 0.450, 0.5: 0.239, 2.0: 0.117, 8.0: 0.042},
}
ALL = np.ones((N, N)) - np.eye(N)
RING = np.roll(np.eye(N), 1, axis=1) + np.roll(np.eye(N), -1, axis=1)


def _variances(graph: Any, kappa: float) -> tuple[float, float]:
    """Variance of the mean of N copies and of the copies around it, of 200 groups at 200 times."""
    sim.setup(timestep=5.0)
    cells = sim.Population(N * COPIES, GRADIENT())
    if kappa:
        couple(sim, cells, 1e-3 * kappa, np.kron(np.eye(COPIES), graph), variable="x")
    cells.record("x", sampling_interval=100.0)
    sim.run(20000.0)
    x = cells.get_data().segments[0].analogsignals[0].magnitude[50:].reshape(-1, COPIES, N)
    mean = x.mean(axis=2)
    return float((mean**2).mean()), float(((x - mean[:, :, None]) ** 2).mean())


@pytest.mark.model("DiffusiveCoupling")
@pytest.mark.parametrize("kappa", [0.0, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("name", ["all to all", "ring"])
def test_variances_of_coupled_copies(measure: Measure, name: str, kappa: float) -> None:
    """``sigma^2 / (2 lam n)`` and ``1/n sum_k sigma^2 / (2 (lam + kappa lambda_k))``, all to all .450 .075 .021
    .0056."""
    graph = {"all to all": ALL, "ring": RING}[name]
    across, within = _variances(graph, kappa)
    spectrum = np.linalg.eigvalsh(laplacian(graph))[1:]
    # explicit steps of 5 ms: a mode of rate r has the variance sigma^2 / (2 r - r^2 h)
    rates = 1.0 + kappa * spectrum
    theory = (1.0 / (2.0 * rates - rates**2 * 0.005)).sum() / N
    assert (0.5 / rates).sum() / N == pytest.approx(THEORY[name][kappa], abs=5.1e-4)
    measure("variance of the mean", across / 0.05, 1.0, 0.06)
    measure("variance around it", within / theory, 1.0, 0.05)


@pytest.mark.model("DiffusiveCoupling")
def test_any_variable_of_any_cell(measure: Measure) -> None:
    """Recovery variables of two Izhikevich neurons approach each other; uncoupled they stay apart."""
    sim.setup(timestep=0.1)
    kind = coupled(sim.Izhikevich, "u")
    cells = sim.Population(2, kind(a=1e-9, c=-65.0), initial_values={"v": -65.0, "u": [-14.0, -10.0]})
    couple(sim, cells, 0.02, variable="u")
    cells.record("u")
    sim.run(100.0)
    u = cells.get_data().segments[0].analogsignals[0].magnitude
    steps = np.arange(len(u))
    measure("mean", u.mean(axis=1), np.full(len(u), -12.0), 1e-5, "mV/ms")
    # a coupling read at the beginning of a step acts in it
    measure("difference", u[:, 1] - u[:, 0], 4.0 * (1.0 - 2 * 0.02 * 0.1) ** steps, 1e-5, "mV/ms")


@pytest.mark.model("DiffusiveCoupling", "ElectricalSynapse")
def test_coupled_potentials_are_gap_junctions(measure: Measure) -> None:
    """``dv2 / dv1 = g / (g_L + g)`` for a current into the first cell, by either synapse."""
    for directed in (False, True):
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_curr_exp(cm=0.2, tau_m=20.0, v_thresh=1e3, i_offset=[0.05, 0.0]))
        graph = np.array([[0.0, 0.0], [1.0, 0.0]]) if directed else None
        made = couple(sim, cells, 0.002, graph)
        assert type(made.synapse_type).__name__ == ("DiffusiveCoupling" if directed else "ElectricalSynapse")
        cells.record("v")
        sim.run(500.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude[-1] + 65.0
        measure("ratio", v[1] / v[0], 2.0 / 12.0, 1e-5)
        measure("first cell", v[0], 5.0 if directed else 0.05 / (0.01 + 0.002 * 0.01 / 0.012), 1e-6, "mV")
