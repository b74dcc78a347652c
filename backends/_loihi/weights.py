"""Synaptic weights of Loihi: what is stored, and what is added.

::

    lsb   = 8 - (bits - mixed)                  mixed = 1 where one list holds both signs
    w'    = truncate(w / 2^lsb) * 2^lsb         towards zero
    w_eff = floor(w' * 2^exponent) * 64         an arithmetic shift; the exponent is -8 … 7
    w_eff clipped to ±(2^21 - 64)

Weights are -256 … 254 mixed, 0 … 255 excitatory, -255 … 0 inhibitory; there is no format of 7 bits. Source:
brian2-loihi 0.5.2 ``calcActualWeights``, nengo-loihi 1.1.0 ``discretize``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pynn_ext.chip.fixed import toward_zero

Integers = npt.NDArray[np.int64]

MIXED, EXCITATORY, INHIBITORY = 1, 2, 3
RANGES = {MIXED: (-256, 254), EXCITATORY: (0, 255), INHIBITORY: (-255, 0)}
BITS = (0, 1, 2, 3, 4, 5, 6, 8)
LARGEST = 2**21 - 64


def stored(weight: Any, bits: int = 8, mode: int = EXCITATORY) -> Integers:
    """Return weights as they are stored with so many bits, in the units in which they were given."""
    low, high = RANGES[mode]
    lsb = 8 - (bits - (1 if mode == MIXED else 0))
    whole = np.clip(np.asarray(weight, dtype=np.int64), low, high)
    return np.asarray(toward_zero(whole, lsb) << lsb)


def effective(weight: Any, exponent: Any = 0) -> Integers:
    """Return what stored weights add to the accumulator."""
    shifted = np.floor(np.asarray(weight, dtype=np.int64) * 2.0 ** np.asarray(exponent)).astype(np.int64)
    return np.clip(shifted * 64, -LARGEST, LARGEST)
