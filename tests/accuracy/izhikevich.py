"""The course of an Izhikevich cell, checked from sample to sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import closed_forms
from .response import Response


def check_izhikevich(
    measure: Callable[..., None],
    parameters: dict[str, float],
    current: float,
    answer: Response,
    dt: float,
    cell: int = 0,
) -> None:
    """Compare v, u and the spikes of a cell with Euler's steps under a constant current (mV/ms)."""
    v, u = answer.signals["v"][:, cell], answer.signals["u"][:, cell]
    next_v, next_u, fired = closed_forms.izhikevich_steps(parameters, current, v[:-1], u[:-1], dt)
    measure("v, Euler steps", v[1:], next_v, 1e-11, "mV")
    measure("u, Euler steps", u[1:], next_u, 1e-11, "mV/ms")
    measure("spikes, Euler steps", answer.spikes[cell], dt * (1 + np.flatnonzero(fired)), 1e-9, "ms")
