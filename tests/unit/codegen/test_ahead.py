"""The growth of exponential steps: right for every argument, and the same for a cell whatever cells are beside it."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import cache
from pynn_ext.codegen.ahead import step_exprel, taken_ahead
from pynn_ext.codegen.cell_unit import cell_unit

SOURCE = """
#include "prelude.h"
extern "C" void evaluate(const real *x, real *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = step_exprel(x[i]);
}
"""


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-15), (np.float32, 4e-7)])
def test_of_every_argument(dtype: Any, tolerance: float) -> None:
    source = "#define PYNN_EXT_SINGLE\n" * (dtype is np.float32) + SOURCE
    compiled = ctypes.CDLL(str(cache.compile_library(f"test_ahead_{np.dtype(dtype)}", source)))
    x = np.concatenate([np.linspace(-0.8, 0.8, 10_001), np.linspace(-80.0, 80.0, 1001), [0.0, 1e-30]]).astype(
        dtype
    )
    found = np.empty_like(x)
    compiled.evaluate(
        ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(found.ctypes.data), ctypes.c_int64(len(x))
    )
    np.testing.assert_allclose(found, step_exprel(x.astype(np.float64)), rtol=tolerance)


def test_only_arguments_that_can_be_known_are_taken_ahead() -> None:
    lines = [
        "double v = P_v[_idx];",
        "const double a = k * v;",
        "const double b = step_exprel(h * a);",
        "v = b;",
    ]
    ahead, rest = taken_ahead([*lines, "const double c = step_exprel(v);", "P_v[_idx] = v;"])
    assert "const real _x_0 = h * a;" in ahead and "_x_1" not in ahead
    assert rest[2] == "const double b = _ahead_0[_idx - block];"
    assert rest[4] == "const double c = step_exprel(v);"
    assert taken_ahead(["const double a = step_exprel(_draw_0);"])[0] == ""


def test_a_cell_with_conductances_has_its_step_ahead() -> None:
    assert "_ahead_0" in cell_unit(sim.IF_cond_exp.cell_model, frozenset()).source


def test_neighbours_do_not_matter() -> None:
    """A cell whose argument is not small takes another path, and only that cell."""
    found = []
    for loud in (0.0, 50.0):
        sim.setup(timestep=0.1)
        cells = sim.Population(3, sim.IF_cond_exp(tau_refrac=0.1, e_rev_E=-55.0))
        cells.initialize(gsyn_exc=[0.011, 10 * loud, loud / 3], v=-70.0)
        cells.record("v")
        sim.run(20.0)
        found.append(cells.get_data().segments[0].filter(name="v")[0].magnitude)
    np.testing.assert_array_equal(found[0][:, 0], found[1][:, 0])
    assert abs(found[1][3, 1] + 55.0) < 0.01  # it follows the synaptic current
