"""Fixed-point arithmetic of chips: words of so many bits, what happens beyond them, and how they are rounded.

A word of n bits holds ``-2^(n-1) … 2^(n-1) - 1`` (two's complement), without sign ``0 … 2^n - 1``. A result that does
not fit *wraps* (its upper bits are lost) or *saturates* (the nearest limit is kept). A product is divided by 2^k, and
what is cut off is rounded::

    floor            x >> k
    toward zero      sign(x) floor(|x| / 2^k)

The kernels take integers, in NumPy arrays too, and have no branches. `formats` describes the words of a quantity,
and how real numbers are rounded to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import kernel


@kernel
def wrap(x: Any, bits: int) -> Any:
    """Return the lowest `bits` bits of `x` as a two's complement number."""
    half = 1 << (bits - 1)
    return ((x + half) & (2 * half - 1)) - half


@kernel
def saturate(x: Any, bits: int) -> Any:
    """Return the nearest two's complement number of `bits` bits."""
    half = 1 << (bits - 1)
    return np.minimum(np.maximum(x, -half), half - 1)


@kernel
def toward_zero(x: Any, bits: int) -> Any:
    """Return ``x / 2^bits`` without its fraction."""
    return (x + ((x >> 63) & ((1 << bits) - 1))) >> bits
