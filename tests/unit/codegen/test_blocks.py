"""Exponentials and powers of blocks of synapses: right, and the same whatever is beside them."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import cache
from pynn_ext.codegen.blocks import blocked

SOURCE = """
#include "prelude.h"
#include "blocks.h"
extern "C" void take_exponentials(real *x, int64_t n) {
  for (int64_t first = 0; first < n; first += LANES) exponentials(x + first);
}
extern "C" void take_powers(real *x, int64_t n, double exponent) {
  const Powers &of = powers_of(exponent);
  for (int64_t first = 0; first < n; first += LANES) powers(x + first, of);
}
"""
BASES = np.concatenate(
    [np.linspace(0.0, 1.0, 4001), np.logspace(-300, 300, 4000), np.linspace(0.99, 1.01, 999)]
)
EXPONENTS = [0.0, 1e-9, 0.02, 0.3, 0.5, 0.75, 0.999, 1.0, 1.7, 3.0, 6.5, -0.4, -1.0, -3.0, 9.0]


def applied(name: str, x: np.ndarray[Any, Any], *rest: Any) -> np.ndarray[Any, Any]:
    """Return what a function of the header makes of `x`."""
    library = ctypes.CDLL(str(cache.compile_library("test_blocks", SOURCE)))
    found = np.concatenate([x, np.ones(-len(x) % 8)])
    getattr(library, name)(ctypes.c_void_p(found.ctypes.data), ctypes.c_int64(len(x)), *rest)
    return found[: len(x)]


def places(found: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the error in units in the last place."""
    return np.abs(found - right) / np.ldexp(np.longdouble(1), np.frexp(right)[1] - 53)


def test_exponentials_are_right_to_the_last_place() -> None:
    x = np.concatenate(
        [np.linspace(-1.0, 1.0, 20_001), np.linspace(-700.0, 709.0, 20_001), np.logspace(-20, 0, 99)]
    )
    error = places(applied("take_exponentials", x), np.exp(x.astype(np.longdouble)))
    assert error.max() < (1.0 if " fma " in cache._cpu() else 4.0)  # in line, or by the vector library
    edges = np.array([-np.inf, -800.0, 0.0, 800.0, np.inf, np.nan])
    np.testing.assert_array_equal(
        applied("take_exponentials", edges), [0.0, 0.0, 1.0, np.inf, np.inf, np.nan]
    )


def test_exponentials_of_zeros_are_one_whatever_is_beside_them() -> None:
    for x in (np.zeros(24), -np.zeros(24), np.eye(16)[3] * 0.1, np.eye(16)[3] * 9.0):
        found = applied("take_exponentials", x)
        np.testing.assert_array_equal(found[x == 0], 1.0)
        np.testing.assert_allclose(found, np.exp(x), rtol=1e-15)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_powers_are_right_to_four_places(exponent: float) -> None:
    bases = BASES[BASES > 0.0]
    found = applied("take_powers", bases, ctypes.c_double(exponent))
    right = bases.astype(np.longdouble) ** np.longdouble(exponent)
    normal = (right > 1e-300) & (right < 1e300)
    assert places(found, right)[normal].max() < 4.0
    edges = np.array([0.0, 1.0, 5e-324, np.inf, np.nan, -0.5])
    with np.errstate(all="ignore"):
        expected = edges**exponent
    np.testing.assert_allclose(applied("take_powers", edges, ctypes.c_double(exponent)), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "rest"), [("take_exponentials", ()), ("take_powers", (ctypes.c_double(0.3),))]
)
def test_neighbours_do_not_matter(name: str, rest: tuple[Any, ...]) -> None:
    """Small arguments alone take the short way, beside a large one the long way; zeros and others likewise."""
    x = np.linspace(0.0, 0.34, 1000)
    alone = applied(name, x, *rest)
    for other in (5e-324, 1e-12):  # in no table, and in one that is not in registers
        beside = np.stack([x, *np.full((3, 1000), 2.0), *np.full((4, 1000), other)], axis=1).reshape(-1)
        np.testing.assert_array_equal(applied(name, beside, *rest)[::8], alone)


def test_what_is_known_before_is_computed_for_the_whole_block() -> None:
    lines = [
        "double w = P_w[_syn];",
        "const double x = P_x[_pre];",
        "w = exp(k * w) * _brian_pow(x, mu) + _brian_pow(x, w);",
        "w = w * exp(w) * P_y[_post];",
        "P_w[_syn] = w;",
    ]
    places = {"_syn": "synapse[block + lane]", "_pre": "pre[block + lane] * classes + member"}
    indices = {"synapse": "uint32_t", "pre": "uint32_t"}
    text = blocked(lines, places, indices, dict.fromkeys("wxy", "real"))
    for part in (
        "const Powers &_powers_1 = powers_of(mu);",
        "_ahead_0[lane] = k * w;",
        "exponentials(_ahead_0); powers(_ahead_1, _powers_1);",
        "w = _ahead_0[lane] * _ahead_1[lane] + _brian_pow(x, w);",
        "w = w * exp(w) * P_y[_post];",
        "if (classes == 1) gather(_of_x, [&](int64_t lane) { return P_x[_in_pre[lane]]; });",
        "scatter(_of_w, [&](int64_t lane) -> real & { return P_w[_in_synapse[lane]]; });",
    ):
        assert part in text
    assert "P_x[_in_pre[group + lane] * classes + member] = " not in text


def test_columns_in_order_are_used_where_they_lie() -> None:
    lines = ["P_w[_syn] = exp(P_w[_syn]) + P_y[_beside];", "const double transmitted = 0;"]
    places = {"_syn": "block + lane", "_beside": "2 * (block + lane)"}
    text = blocked(lines, places, {}, dict.fromkeys("wy", "real"), out="out + block")
    for part in (
        "real *_at_w = count < LANES ? _of_w : P_w + block;",
        "if (count < LANES) take(P_w + 1 * block, 1, count, _of_w);",
        "if (count < LANES) put(_of_w, 1, count, P_w + 1 * block);",
        "if (count < LANES) put_part(_of_transmitted, 1, count, out + block);",
        "take(P_y + 2 * block, 2, count, _of_y);",
    ):
        assert part in text
    assert "put(_of_y" not in text
