"""Solutions of the models' equations that owe nothing to the code under test.

Units are PyNN's (ms, mV, nA, nF, uS). An input that arrives at t = 0 acts from there on; before it the results
are zero, or the initial value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad, solve_ivp

Times = np.ndarray


def relaxation(t: Times, v0: float, v_inf: float, tau: float) -> np.ndarray:
    """Return the solution of ``dv/dt = (v_inf - v) / tau``."""
    return v_inf + (v0 - v_inf) * np.exp(-t / tau)


def exponential_psp(t: Times, weight: float, cm: float, tau_m: float, tau_syn: float) -> np.ndarray:
    """Return v - v_rest after one current ``weight exp(-t / tau_syn)``."""
    t = np.maximum(t, 0.0)
    if tau_syn == tau_m:
        return weight / cm * t * np.exp(-t / tau_m)
    scale = weight / cm * tau_m * tau_syn / (tau_m - tau_syn)
    return scale * (np.exp(-t / tau_m) - np.exp(-t / tau_syn))


def alpha_psp(t: Times, weight: float, cm: float, tau_m: float, tau_syn: float) -> np.ndarray:
    """Return v - v_rest after one current ``weight (t / tau_syn) exp(1 - t / tau_syn)``."""
    t = np.maximum(t, 0.0)
    scale = weight * np.e / (cm * tau_syn)
    rate = 1.0 / tau_syn - 1.0 / tau_m
    if rate == 0.0:
        return scale * np.exp(-t / tau_m) * t**2 / 2.0
    return scale * np.exp(-t / tau_m) * (1.0 - np.exp(-rate * t) * (1.0 + rate * t)) / rate**2


def exponential(t: Times, weight: float, tau: float) -> np.ndarray:
    """Return ``weight exp(-t / tau)`` for t > 0."""
    return np.where(t > 1e-9, weight * np.exp(-np.maximum(t, 0.0) / tau), 0.0)


def alpha(t: Times, weight: float, tau: float) -> np.ndarray:
    """Return ``weight (t / tau) exp(1 - t / tau)`` for t > 0."""
    t = np.maximum(t, 0.0)
    return weight * t / tau * np.exp(1.0 - t / tau)


def lif_spikes(
    drive: float,
    threshold: float,
    reset: float,
    start: float,
    tau_m: float,
    tau_refrac: float,
    dt: float,
    until: float,
) -> np.ndarray:
    """Return the spike times of a leaky integrate-and-fire cell on a grid of `dt`.

    `drive` is the potential without a threshold. A spike falls on the end of the step in which v crosses
    the threshold; v is then clamped for tau_refrac (a multiple of dt).
    """
    spikes: list[float] = []
    v, t = start, 0.0
    while True:
        crossing = tau_m * np.log((drive - v) / (drive - threshold))
        t = dt * np.ceil((t + crossing) / dt - 1e-9)
        if t > until:
            return np.array(spikes)
        spikes.append(t)
        v, t = reset, t + tau_refrac


def conductance_potential(
    t: float, g: Callable[[float], float], e_rev: float, v_rest: float, cm: float, tau_m: float, v0: float
) -> float:
    """Return v(t) of a passive membrane with one conductance ``g(t)`` (uS), by its integrating factor.

    ``dv/dt = (v_rest - v) / tau_m + g (e_rev - v) / cm`` is linear in v; the two integrals are done by adaptive
    quadrature.
    """
    precise = {"epsabs": 1e-13, "epsrel": 1e-13, "limit": 200}

    def total(s: float) -> float:
        return s / tau_m + quad(g, 0.0, s, **precise)[0] / cm

    def inflow(s: float) -> float:
        return np.exp(total(s) - total(t)) * (v_rest / tau_m + g(s) * e_rev / cm)

    return v0 * np.exp(-total(t)) + quad(inflow, 0.0, t, **precise)[0]


def integrate(
    rhs: Callable[[float, np.ndarray], np.ndarray], y0: np.ndarray, t: Times, max_step: float = 0.5
) -> np.ndarray:
    """Return the solution of ``dy/dt = rhs(t, y)`` at times `t` to about eleven digits, shape ``(n, len(t))``."""
    solution = solve_ivp(
        rhs, (float(t[0]), float(t[-1])), y0, "DOP853", t, rtol=1e-11, atol=1e-12, max_step=max_step
    )
    return solution.y


def tsodyks_markram(
    times: np.ndarray, u_rest: float, tau_rec: float, tau_facil: float, tau_psc: float
) -> np.ndarray:
    """Return the fraction that each spike releases (Tsodyks, Uziel and Markram 2000), by matrix exponentials.

    x, y, z are the recovered, active and inactive fractions; ``dx/dt = z / tau_rec``, ``dy/dt = -y / tau_psc``,
    ``dz/dt = y / tau_psc - z / tau_rec``.
    """
    from scipy.linalg import expm

    flow = np.array([[0, 0, 1 / tau_rec], [0, -1 / tau_psc, 0], [0, 1 / tau_psc, -1 / tau_rec]])
    state, u, released = np.array([1.0, 0.0, 0.0]), 0.0, []
    for interval in np.diff(times, prepend=times[0]):
        state = expm(flow * interval) @ state
        u = u * np.exp(-interval / tau_facil) if tau_facil > 0 else 0.0
        u += u_rest * (1.0 - u)
        amount = u * state[0]
        state += [-amount, amount, 0.0]
        released.append(amount)
    return np.array(released)


def tsodyks_markram_steady(interval: float, u_rest: float, tau_rec: float, tau_psc: float) -> float:
    """Return the fraction that each spike of a regular train releases in the end, without facilitation.

    The fixed point of the recovered and active fractions (x, y) just before a spike.
    """
    rec, psc = np.exp(-interval / tau_rec), np.exp(-interval / tau_psc)
    into = ((rec - 1.0) * tau_rec - (psc - 1.0) * tau_psc) / (tau_psc - tau_rec)
    # y' = (y + U x) psc; x' = x (1 - U) + (y + U x) into + (1 - x (1 - U) - (y + U x)) (1 - rec)
    a = np.array(
        [
            [rec * (1 - u_rest) + u_rest * (into - 1 + rec), into - 1 + rec],
            [u_rest * psc, psc],
        ]
    )
    x, _ = np.linalg.solve(np.eye(2) - a, [1.0 - rec, 0.0])
    return u_rest * x


def izhikevich_steps(
    parameters: dict[str, float], current: float, v: np.ndarray, u: np.ndarray, dt: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what one step of forward Euler makes of each (v, u), as NEST's ``izhikevich``, and where it fires.

    `current` is in mV/ms; a, b, c, d as in PyNN. A course is checked from sample to sample, because near the
    upstroke the rounding of a whole run grows without bounds.
    """
    a, b, c, d = (parameters[name] for name in "abcd")
    v, u = v + dt * (0.04 * v * v + 5.0 * v + 140.0 - u + current), u + dt * a * (b * v - u)
    fired = v >= 30.0
    return np.where(fired, c, v), np.where(fired, u + d, u), fired


def beta(t: Times, weight: float, tau_rise: float, tau_decay: float) -> np.ndarray:
    """Return a difference of exponentials that peaks at `weight` (equal time constants: an alpha function)."""
    if tau_rise == tau_decay:
        return alpha(t, weight, tau_rise)

    def shape(s: Times) -> Times:
        return np.exp(-s / tau_decay) - np.exp(-s / tau_rise)

    peak = np.log(tau_decay / tau_rise) * tau_decay * tau_rise / (tau_decay - tau_rise)
    return weight * shape(np.maximum(t, 0.0)) / shape(peak)
