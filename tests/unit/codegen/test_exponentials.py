"""Exponentials that are shared: the same numbers, with one exponential for each value of the variable."""

from __future__ import annotations

import ctypes
import re
from typing import Any

import numpy as np
import pytest
import sympy

from pynn_ext.codegen import brian, cache, exponentials
from pynn_ext.codegen.cell_unit import cell_unit
from pynn_ext.models.hh_cond_exp import HH_cond_exp

FUNCTIONS = [
    {"exp_power": exponentials.exp_power, "exprel_inverse": exponentials.exprel_inverse},
    {"exprel": lambda x: np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))},
    "numpy",
]


def shared(**texts: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return derivatives as they are, and with shared exponentials."""
    given = {name: brian.str_to_sympy(text) for name, text in texts.items()}
    return given, exponentials.shared_exponentials(given, set(texts), brian.EXPREL)


def test_rates_of_a_neuron_have_the_same_values() -> None:
    texts = {
        "m": "1.28/exprel((13 - v)/4)*(1 - m) - 1.4/exprel((v - 40)/5)*m",
        "h": "0.128*exp((17 - v)/18)*(1 - h) - 4/(1 + exp((40 - v)/5))*h",
        "v": "exprel((v - 3)/9)*m*h",
    }
    given, found = shared(**texts)
    v = np.concatenate([np.linspace(-150.0, 150.0, 3001), 40.0 + np.array([0.0, 1e-9, -1e-3, 0.14, 0.16])])
    for name, expression in found.items():
        assert not expression.atoms(sympy.exp, brian.EXPREL)
        before, after = (
            sympy.lambdify(sympy.symbols("v m h", real=True), e, FUNCTIONS)(v, 0.3, 0.6)
            for e in (given[name], expression)
        )
        np.testing.assert_allclose(after, before, rtol=1e-11)


@pytest.mark.parametrize(
    "text", ["exp(v)*m", "exp(v) + exp(v*m)", "exp(v) + exp(v**2)", "exp(v) + exp(1000*v/999)"]
)
def test_what_is_not_in_proportion_stays(text: str) -> None:
    given, found = shared(v=text, m="1 - m")
    assert found == given


def test_a_changed_variable_has_a_new_exponential() -> None:
    lines = [
        "const double a = exp_power(k * v, 9);",
        "v = f(v, a);",
        "const double b = exp_power(k * v, 9) * exp_power(c, 2);",
    ]
    assert exponentials.hoisted(lines) == [
        "const auto _exp_0 = exp(k * v);",
        "const double a = whole_power(_exp_0, 9);",
        lines[1],
        "const auto _exp_1 = exp(k * v);",
        "const auto _exp_2 = exp(c);",
        "const double b = whole_power(_exp_1, 9) * whole_power(_exp_2, 2);",
    ]


def test_a_stage_of_hodgkin_and_huxley_has_one_exponential() -> None:
    source = cell_unit(HH_cond_exp.cell_model, frozenset()).source
    assert len(re.findall(r"\bexp\(", source)) == 4 and "exprel(" not in source


def test_exponentials_are_right_to_the_last_place() -> None:
    source = """#include "prelude.h"
    extern "C" void take(double *x, int64_t n) { for (int64_t i = 0; i < n; i++) x[i] = exp(x[i]); }"""
    library = ctypes.CDLL(str(cache.compile_library("test_exp", source)))
    x = np.concatenate([np.linspace(-700.0, 709.3, 20_001), np.linspace(-1.0, 1.0, 20_001)])
    edges = np.array([-np.inf, -1e300, -800.0, 0.0, 710.0, 1e300, np.inf, np.nan])
    found = np.concatenate([x, edges])
    library.take(ctypes.c_void_p(found.ctypes.data), ctypes.c_int64(found.size))
    right = np.exp(x.astype(np.longdouble))
    # Not np.spacing: its subnormal numbers are 0 where another library of the process has switched them off.
    place = np.ldexp(np.longdouble(1), np.frexp(right)[1] - 53)
    error = np.abs(found[: x.size] - right) / place
    assert error.max() < (1.0 if "avx512dq" in cache._cpu() else 4.0)  # in line, or by the vector library
    np.testing.assert_array_equal(found[x.size :], [0.0, 0.0, 0.0, 1.0, np.inf, np.inf, np.inf, np.nan])
