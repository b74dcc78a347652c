"""Numbers of a network in the integers of a chip.

A leaky integrator in steps multiplies by ``1 - D / 2^n`` where its continuous form multiplies by ``exp(-dt /
tau)``. What one spike adds is ``w (tau_syn / cm) (1 - a) tau_m (1 - b) / dt`` with the decay factors a and b that
the chip really has: scaling weights by this *area-preserving* gain keeps the area under a
postsynaptic potential, and with it the rates, although the factors are rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def round_half_up(values: Any) -> Integers:
    """Return the nearest integers, ties up."""
    return np.floor(np.asarray(values, dtype=float) + 0.5).astype(np.int64)


def decay(tau: Any, timestep: float, bits: int) -> Integers:
    """Return D of the decay factor ``1 - D / 2^bits`` nearest to ``exp(-timestep / tau)``.

    Parameters
    ----------
    tau, timestep : float or ndarray
        ms.
    bits : int
        Bits of the factor.
    """
    return round_half_up(2**bits * -np.expm1(-timestep / np.asarray(tau, dtype=float)))


def time_constant(factor: Any, timestep: float, bits: int) -> Floats:
    """Return the time constant (ms) that a decay of D really has: infinite for 0, 0 for ``2^bits``."""
    kept = 1.0 - np.asarray(factor, dtype=float) / 2**bits
    with np.errstate(divide="ignore"):
        return np.where(kept > 0, timestep / np.abs(np.log(np.maximum(kept, 1e-300))), 0.0)


def area_preserving_gain(
    tau_syn: Any, tau_m: Any, cm: Any, kept_syn: Any, kept_m: Any, timestep: float
) -> Floats:
    """Return the first value (mV/nA) of the potential that a synaptic current of 1 nA causes.

    Parameters
    ----------
    tau_syn, tau_m : ndarray
        Time constants that were asked for (ms).
    cm : ndarray
        Capacitance (nF).
    kept_syn, kept_m : ndarray
        Decay factors per step that the chip has.
    timestep : float
        ms.
    """
    tau_syn, tau_m, cm = (np.asarray(x, dtype=float) for x in (tau_syn, tau_m, cm))
    return tau_syn / cm * (1.0 - np.asarray(kept_syn)) * tau_m * (1.0 - np.asarray(kept_m)) / timestep


def mantissa_and_exponent(values: Any, largest: int, exponents: int) -> tuple[Integers, Integers]:
    """Return ``(mantissa, exponent)`` with ``mantissa * 2^exponent`` nearest to each value, the smallest
    exponent that fits.

    Parameters
    ----------
    values : ndarray
        Numbers in the chip's units.
    largest : int
        Largest magnitude of a mantissa.
    exponents : int
        Largest exponent.

    Raises
    ------
    NetworkError
        If a value does not fit the largest exponent.
    """
    values = np.asarray(values, dtype=float)
    exponent = np.zeros(values.shape, dtype=np.int64)
    for candidate in range(exponents):
        exponent[np.abs(round_half_up(values / 2.0**candidate)) > largest] = candidate + 1
    mantissa = round_half_up(values / 2.0**exponent)
    if np.any(np.abs(mantissa) > largest):
        raise NetworkError(
            f"a value of {values.flat[int(np.abs(values).argmax())]:g} in units of the chip",
            limit=f"the largest is {largest * 2**exponents}",
            remedy="reduce it",
        )
    return mantissa, exponent
