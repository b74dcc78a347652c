"""One pair of spikes at a plastic synapse, simulated and by its closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim

from .response import Input, Response, connect

A_PLUS, A_MINUS, TAU = 0.01, 0.012, 20.0
WEIGHT_DEPENDENCES: dict[str, tuple[dict[str, float], Callable, Callable]] = {
    # name: further parameters, f_plus(w, w_max), f_minus(w, w_max), for w_min = 0
    "AdditiveWeightDependence": ({}, lambda w, top: top, lambda w, top: top),
    "MultiplicativeWeightDependence": ({}, lambda w, top: top - w, lambda w, top: w),
    "AdditivePotentiationMultiplicativeDepression": ({}, lambda w, top: top, lambda w, top: w),
    "GutigWeightDependence": (
        {"mu_plus": 0.4, "mu_minus": 0.7},
        lambda w, top: top * (1.0 - w / top) ** 0.4,
        lambda w, top: top * (w / top) ** 0.7,
    ),
}


def weight_after_pair(
    interval: float, dependence: str, weight: float, w_max: float, fraction: float = 1.0, delay: float = 1.0
) -> float:
    """Return the weight after one presynaptic spike at 40 ms and one postsynaptic spike `interval` later."""
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, tau_refrac=0.0))
    connect(cell, Input([40.0 + interval - 0.2], 1000.0, delay=0.1))
    rule = sim.SpikePairRule(tau_plus=TAU, tau_minus=TAU, A_plus=A_PLUS, A_minus=A_MINUS)
    extra = WEIGHT_DEPENDENCES[dependence][0]
    mechanism = sim.STDPMechanism(
        rule,
        getattr(sim, dependence)(w_min=0.0, w_max=w_max, **extra),
        dendritic_delay_fraction=fraction,
        weight=weight,
        delay=delay,
    )
    projection = connect(cell, Input([40.0], weight), mechanism)
    cell.record("spikes")
    sim.run(100.0)
    np.testing.assert_allclose(Response(cell).spikes[0], [40.0 + interval], atol=1e-9)
    return projection.get("weight", format="list", with_address=False)[0]


def pair_window(interval: float, dependence: str, weight: float, w_max: float) -> float:
    """Return the weight after a pair that reaches the synapse `interval` ms apart."""
    _, f_plus, f_minus = WEIGHT_DEPENDENCES[dependence]
    if interval == 0.0:
        return weight
    size = np.exp(-abs(interval) / TAU)
    change = A_PLUS * f_plus(weight, w_max) if interval > 0 else -A_MINUS * f_minus(weight, w_max)
    return weight + change * size
