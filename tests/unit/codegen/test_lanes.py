"""Loops over several cells at once: their statements, and that these do what those of single cells do."""

from __future__ import annotations

import ctypes
import shutil
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import cache
from pynn_ext.codegen.cell_unit import cell_unit
from pynn_ext.codegen.lanes import lanes
from pynn_ext.models.registry import all_models
from pynn_ext.network import CellModel

SEVERAL = "PYNN_EXT_LANES"
needs_lanes = pytest.mark.skipif("avx512dq" not in cache._cpu().split(), reason="the processor has no lanes")


def text(name: str, dtype: Any = np.float64) -> str:
    return cell_unit(all_models()[name].cell_model, frozenset(), dtype=dtype).source  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("of_one", "of_several"),
    [
        ("double v = P_v[_idx];", "Lanes v = get(P_v + (_idx));"),
        ("P_v[_idx] = v;", "put(P_v + _idx, v);"),
        ("const float _new = (a * v) + b;", "const Lanes _new = (a * v) + b;"),
        ("const char _cond = v >= v_thresh;", "const Flags _cond = v >= v_thresh;"),
        ("if(not_refractory)\n    v = _new;", "v = choose(not_refractory, _new, v);"),
        ("if(not_refractory)\n    v -= a + b;", "v = choose(not_refractory, v - (a + b), v);"),
        ("v *= a + b;", "v = v * (a + b);"),
        (
            "double g = fed<1>(P_g[_idx], weight, counts, _idx);",
            "Lanes g = fed<1>(get(P_g + _idx), weight, counts, _idx);",
        ),
        (
            "const double x = a * _ahead_0[_idx - block];",
            "const Lanes x = a * get(_ahead_0 + (_idx - block));",
        ),
        ("const double x = _brian_pow(v, 2);", "const Lanes x = _brian_pow(v, 2);"),
    ],
)
def test_statements(of_one: str, of_several: str) -> None:
    assert lanes([of_one]) == [of_several]


@pytest.mark.parametrize(
    "statement",
    [
        "const double x = exp(v);",
        "const double x = _brian_pow(v, 5);",
        "const double x = v > 0 ? v : 0;",
        "const int64_t n = 3;",
        "if(other)\n    v = 0;",
        "const double x = P_table[i];",
        "v = other[_idx] % 3;",
    ],
)
def test_what_lanes_have_not_stays_a_loop_over_single_cells(statement: str) -> None:
    assert lanes(["double v = P_v[_idx];", statement]) is None


def test_which_cells_have_lanes() -> None:
    for name in ("IF_curr_exp", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha", "Izhikevich"):
        assert SEVERAL in text(name), name
    for name in ("EIF_cond_exp_isfa_ista", "GIF_cond_exp"):  # exponentials; draws
        assert SEVERAL not in text(name), name


OPERATIONS = """
#include "prelude.h"
#include "lanes.h"
extern "C" void evaluate(const real *x, const real *y, const int32_t *ready, real *out, int64_t n) {{
  for (int64_t i = 0; i < n; i += LANES) {{
    const Lanes a = get(x + i), b = get(y + i);
    const Flags free = are_ready(ready + i, 3);
    put(out + i, {expression});
  }}
}}
"""


@needs_lanes
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-a + 2 * b - a / b", lambda a, b, free: -a + 2 * b - a / b),
        ("_brian_pow(a, 2)", lambda a, b, free: a**2),
        ("_brian_pow(a, 3)", lambda a, b, free: a**3),
        ("_brian_pow(a, 4)", lambda a, b, free: a**4),
        ("choose(a < b, a, b)", lambda a, b, free: np.minimum(a, b)),
        ("choose(a <= 1, a, 7)", lambda a, b, free: np.where(a <= 1, a, 7)),
        ("choose(a > 1 && b >= 2, a, b)", lambda a, b, free: np.where((a > 1) & (b >= 2), a, b)),
        ("choose(a == b || !(a != 2), 1, 0)", lambda a, b, free: ((a == b) | (a == 2)) * 1.0),
        ("choose(free, a, b)", lambda a, b, free: np.where(free, a, b)),
        ("choose(true, a, b)", lambda a, b, free: a),
    ],
)
def test_operations(expression: str, expected: Any, dtype: Any) -> None:
    source = "#define PYNN_EXT_SINGLE\n" * (dtype is np.float32) + OPERATIONS.format(expression=expression)
    compiled = ctypes.CDLL(str(cache.compile_library(cache.key(source), source)))
    a, b = (column.ravel().astype(dtype) for column in np.meshgrid(np.arange(-3.0, 5.0), np.arange(1.0, 9.0)))
    ready, out = np.arange(64, dtype=np.int32) % 7, np.empty_like(a)
    pointers = (ctypes.c_void_p(array.ctypes.data) for array in (a, b, ready, out))
    compiled.evaluate(*pointers, ctypes.c_int64(64))
    np.testing.assert_allclose(out, expected(a, b, ready <= 3), rtol=4 * np.finfo(dtype).eps)


def driven(cell: Any, weight: float) -> Any:
    """150 cells, which are no whole block, under input that is fed and input that is not."""
    cells = sim.Population(150, cell)
    for receptor, rate, sign in (("excitatory", 2000.0, 1), ("inhibitory", 300.0, -1)):
        noise = sim.Population(150, sim.SpikeSourcePoisson(rate=rate))
        sign = 1 if cells.celltype.conductance_based else sign
        synapse = sim.StaticSynapse(weight=sign * weight)
        sim.Projection(noise, cells, sim.OneToOneConnector(), synapse, receptor_type=receptor)
    cells.record(["spikes", "v"])
    return cells


def test_times_stay_in_double_precision() -> None:
    """A float32 has steps of 0.06 ms after a quarter of an hour."""
    model = CellModel(
        name="ramp",
        equations="dv/dt = (slope*(t - begun) - v)/tau_m : volt\nbegun : second",
        parameters={"tau_m": "second", "slope": "volt/second"},
        receptors={"excitatory": ("v", 1.0)},
        threshold="v > 10*mV",
        reset="begun = t",
        method="euler",
    )
    found = [
        SEVERAL in cell_unit(model, frozenset(), dtype=dtype).source for dtype in (np.float64, np.float32)
    ]
    assert found == [True, False]


@needs_lanes
@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("compiler", [name for name in ("g++", "clang++") if shutil.which(name)])
def test_equal_to_single_cells(compiler: str, precision: str, builds: Any) -> None:
    found: list[list[Any]] = []
    for flags in ([], ["-mno-avx512vl"]):
        builds(compiler, [*cache.FLAGS, *flags])
        sim.setup(timestep=0.1, precision=precision)
        populations = [
            driven(sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.5), 0.5),
            driven(sim.IF_curr_alpha(tau_refrac=0.0), 0.5),
            driven(sim.IF_curr_delta(tau_refrac=1.0), 4.0),
            driven(sim.IF_cond_exp(tau_refrac=3.0, tau_syn_E=0.1), 0.3),  # growth beyond its polynomial
            driven(sim.IF_cond_exp_gsfa_grr(), 0.03),
            driven(sim.Izhikevich(i_offset=0.01), 4.0),
        ]
        sim.run(50.0)
        found.append([cells.get_data().segments[0] for cells in populations])
    for several, single in zip(*found, strict=True):
        spikes = [
            [train.magnitude.tolist() for train in segment.spiketrains] for segment in (several, single)
        ]
        v, v_single = (segment.analogsignals[0].magnitude for segment in (several, single))
        assert sum(map(len, spikes[0])) > 50
        assert np.median(np.abs(v - v_single)) < 1e-3
        if precision == "double":
            assert spikes[0] == spikes[1]
            np.testing.assert_allclose(v, v_single, atol=1e-7)


def test_a_refractory_cell_above_its_threshold_does_not_fire() -> None:
    sim.setup(timestep=0.1)
    ramp = sim.native_cell_type(
        "Ramp",
        equations="dv/dt = rate : volt",
        parameters={"rate": (1.0, "volt/second"), "tau_refrac": (2.0, "second")},
        threshold="v >= 1*mV",
        refractory="tau_refrac",
        receptors={"excitatory": "v"},
        initial_values={"v": 0.0},
    )
    cells = sim.Population(70, ramp())
    cells.record("spikes")
    sim.run(10.0)
    for train in cells.get_data().segments[0].spiketrains:  # no reset, so above from 1 ms on
        np.testing.assert_allclose(
            np.diff(train.magnitude), 2.1, atol=1e-9
        )  # 20 steps, and the one in which it fires
        assert len(train) == 5
