"""The C++ unit of a cell model: `update` advances a range of cells by one step and lists those that fire.

Cells are taken in blocks of 64 without a scalar remainder (columns are padded), so the result of a cell does
not depend on where a thread's range begins. A block's threshold flags are collected while it is integrated;
only a block with a spike is looked at again. Parameters are read from columns: of one value, or of one per
cell, which is all that distinguishes units.

Refractory cells have in `ready` the step of the run from which they are free again: `now` is that of this call. A
receptor may be fed with spikes that come from one source to each cell, as counts of one weight: a unit that is compiled
with `PYNN_EXT_FED` as the number of its column adds them to what it reads (`fed` in ``core/prelude.h``)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network import CellModel
from ..network.kernels import Kernel
from . import brian
from .ahead import AHEAD, BEYOND, NEAR, taken_ahead
from .brian import Statements, Variable
from .exact import INPUT, ExactUpdate, exact_update
from .exponential_midpoint import exponential_midpoint
from .lanes import NAMES, SEVERAL, SINGLE, cell_loop, has_wide, not_refractory
from .trial import Trial, trial
from .trial_unit import advance_text

NEVER = "0 > 1"  # condition of a cell that does not fire
DRAWN = "const real {name} = drawn(P_{keys}[_idx], (uint64_t)step * {draws} + {k}); (void){name};"
FED = "fed<{k}>(P_{name}[_idx], weight, counts, _idx)"  # what a receptor has, with what it is fed
KEYS = "_keys"  # column of what `draws.keys` gives for each cell
PREPARE = """
extern "C" void prepare(double *const *A, int64_t cells, double h) {{
{pointers}
  const double P_dt[1] = {{h}}, P_t[1] = {{0.0}};
  (void)P_dt; (void)P_t;
  double matrix[{order} * {order}], result[{order} * {order}];
  for (int64_t _idx = 0; _idx < cells; _idx++) {{
    memset(matrix, 0, sizeof matrix);
    {fill}
    expm<{order}>(matrix, h, result);
    {pick}
  }}
}}
"""
SUBSTEPS = """
    for (int64_t substep = 0; substep < {substeps}; substep++) {{
      const real P_dt[1] = {{(real)(h / {substeps})}};
      {scalar}{ahead}
#pragma GCC ivdep
      for (int64_t _idx = block; _idx < block + 64; _idx++) {{
        {refractory}
        {vector}
      }}
    }}"""
UPDATE = """{functions}
extern "C" int64_t update(real *const *A, int32_t *__restrict ready, const int32_t *__restrict period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *__restrict counts, double weight, int32_t *__restrict spikes) {{
{pointers}
  const real P_dt[1] = {{(real)h}};
  const double P_t[1] = {{step * h}};
  (void)P_dt; (void)P_t;
  {scalar}
  int64_t count = 0;{advance}
  for (int64_t block = first; block < last; block += 64) {{
    uint64_t fired = 0;{substeps}{ahead}{loop}
    for (; fired; fired &= fired - 1) {{
      const int64_t _idx = block + __builtin_ctzll(fired);
      if (_idx >= cells) break;
      const bool not_refractory = true;
      (void)not_refractory;
      {draws}
      {{ {reset} }}
      {restart}
      spikes[count++] = (int32_t)_idx;
    }}
  }}
  return count;
}}
"""

# The kernel reaches columns through A and the lanes through pointers that nothing else may alias: two functions.
KERNEL = """
static __attribute__((noinline)) void kernel(real *const *A, int64_t block, double h) {{
  enum {{ {columns} }};
{tables}
{source}
}}
{lanes}
extern "C" int64_t update(real *const *A, int32_t *ready, const int32_t *period,
                          int64_t first, int64_t last, int64_t cells, int64_t step, int32_t now, double h,
                          const uint16_t *counts, double weight, int32_t *spikes) {{
  for (int64_t block = first; block < last; block += 64) kernel(A, block, h);
  return lanes(A, ready, period, first, last, cells, step, now, h, counts, weight, spikes);
}}
"""

TAKEN = brian.identifiers(
    PREPARE, SUBSTEPS, UPDATE, SINGLE, SEVERAL, KERNEL, DRAWN, FED, AHEAD, NEAR, BEYOND, NAMES
)


@dataclass(frozen=True)
class CellUnit:
    """Source of a unit and what the engine must know to call it.

    Attributes
    ----------
    source : str
        C++ text.
    columns : tuple of str
        Names of the columns, in the order of the array of pointers.
    propagators : tuple of str
        Columns that `prepare` fills.
    varying : tuple of str
        Those of them that have one value per cell.
    feeds : tuple of str
        Receptor variables that the unit can feed.
    """

    source: str
    columns: tuple[str, ...]
    propagators: tuple[str, ...] = ()
    varying: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


def _variables(model: CellModel, arrays: frozenset[str], equations: brian.Equations) -> dict[str, Variable]:
    units = {name: "1" for name in model.state_variables}
    flags: dict[str, bool] = {}
    for equation in equations.values():
        units[equation.varname] = brian.unit_text(equation.dim)
        flags[equation.varname] = "unless refractory" in equation.flags
    variables = {
        name: Variable(units[name], writable=True, conditional=flags.get(name, False))
        for name in model.state_variables
    }
    for name, unit in model.parameters.items():
        variables[name] = Variable(unit, "_idx" if name in arrays else "0")
    variables[INPUT] = Variable("amp", "_idx" if INPUT in arrays else "0")
    variables["not_refractory"] = Variable("1", boolean=True)
    return variables


@dataclass(frozen=True)
class CellPlan:
    """What a model's equations mean, for whatever runs them.

    Attributes
    ----------
    variables : dict of str to Variable
        Every column, and the flag ``not_refractory``.
    update : str
        Statements that advance the state by one step.
    exact : ExactUpdate or None
        The propagators that `update` uses, if it is exact.
    varying : tuple of str
        Those of them that have one value per cell.
    after, threshold, reset : str
        Those of the model, with the numbered variable ``_draw_0`` and so on for each ``rand()``.
    draws : int
        How many of these there are.
    trial : Trial or None
        A cheaper step that may do for two, if the model has a tolerance.
    """

    variables: dict[str, Variable]
    update: str
    exact: ExactUpdate | None
    varying: tuple[str, ...]
    after: str
    threshold: str
    reset: str
    draws: int
    trial: Trial | None = None


def cell_plan(model: CellModel, arrays: frozenset[str], dtype: Any = np.float64) -> CellPlan:
    """Check and integrate the equations of `model` for the given set of columns that have one value per cell.

    In double precision (`dtype`), exponentials are shared where `shared_exponentials` can.

    Raises
    ------
    NetworkError
        If the equations cannot be parsed, have wrong units, or do not suit the integration method.
    """
    where = f"cell model {model.name}"
    equations = brian.parse(model.equations, where)
    variables = _variables(model, arrays, equations)
    checker = Statements(variables, dtype)
    brian.check_units(equations, checker.variables, where)
    after, threshold, reset, draws = _numbered(model)
    for name in draw_names(draws):
        variables[name] = Variable("1")
    if model.method != "exact":
        update = _step(model, equations, checker, where)
        tried = None
        if model.tolerance:
            tried = trial(equations, checker.variables, model.method, model.tolerance, where)
        return CellPlan(variables, update, None, (), after, threshold, reset, draws, tried)
    exact = exact_update(equations, checker.variables, where)
    own = arrays - {INPUT}
    varying = tuple(name for name, used in zip(exact.propagators, exact.depends, strict=True) if used & own)
    for name in exact.propagators:
        variables[name] = Variable("1", "_idx" if name in varying else "0")
    return CellPlan(variables, exact.code, exact, varying, after, threshold, reset, draws)


def _step(model: CellModel, equations: brian.Equations, checker: Statements, where: str) -> str:
    if model.method == "exponential_midpoint" and equations.diff_eq_names:
        return exponential_midpoint(equations, checker.variables, where)
    return brian.update_code(equations, checker.variables, model.method, where)


def prelude(dtype: Any) -> str:
    """Return how the text of a unit begins whose columns have this type."""
    single = "#define PYNN_EXT_SINGLE\n" if np.dtype(dtype) == np.float32 else ""
    return f'{single}#include "prelude.h"\n'


def draw_names(draws: int) -> list[str]:
    """Return the variables that stand for calls of ``rand()``."""
    return [f"_draw_{k}" for k in range(draws)]


def _numbered(model: CellModel) -> tuple[str, str, str, int]:
    """Return what may draw, with a variable of its own for each ``rand()``, and how many there are."""
    number = itertools.count()
    after, threshold, reset = (
        re.sub(r"\brand\(\s*\)", lambda _: f"_draw_{next(number)}", code)
        for code in (model.after, model.threshold, model.reset)
    )
    return after, threshold, reset, next(number)


def cell_unit(
    model: CellModel, arrays: frozenset[str], substeps: int = 1, dtype: Any = np.float64
) -> CellUnit:
    """Generate the unit of `model` for the given set of columns that have one value per cell.

    With `substeps` > 1, `before` and the integration are repeated that many times inside a step. `dtype` is that of
    the columns; `prepare` takes double ones whatever it is.

    Raises
    ------
    NetworkError
        If the equations cannot be parsed, have wrong units, or do not suit the integration method.
    """
    plan = cell_plan(model, arrays, dtype)
    variables, exact = plan.variables, plan.exact
    given = {"not_refractory", *draw_names(plan.draws)}
    columns = tuple(name for name in variables if name not in given) + ((KEYS,) if plan.draws else ())
    update = _update_text(model, plan, columns, substeps, dtype)
    if model.kernel is not None:
        update = _with_kernel(model.kernel, update, columns)
        columns += tuple(f"T_{name}" for name in model.kernel.tables)
    source = prelude(dtype) + ('#include "lanes.h"\n' if "Lanes" in update else "") + update
    if exact is not None:
        source += _prepare_text(plan, columns, exact)
    feeds = tuple(name for k, name in enumerate(columns) if FED.format(k=k, name=name) in update)
    return CellUnit(source, columns, exact.propagators if exact else (), plan.varying, feeds)


def _with_kernel(kernel: Kernel, update: str, columns: tuple[str, ...]) -> str:
    tables = (
        f"  const double *__restrict T_{name} = (const double *)A[{len(columns) + k}]; (void)T_{name};"
        for k, name in enumerate(kernel.tables)
    )
    return KERNEL.format(
        columns=", ".join(f"C_{name} = {i}" for i, name in enumerate(columns)),
        tables="\n".join(tables),
        source=kernel.source,
        lanes=update.replace(
            'extern "C" int64_t update(', "static __attribute__((noinline)) int64_t lanes(", 1
        ),
    )


def _pointers(
    variables: dict[str, Variable],
    columns: tuple[str, ...],
    writable: frozenset[str] = frozenset(),
    kind: str = "real",
    only: Collection[str] | None = None,
) -> str:
    lines = []
    for i, name in enumerate(columns):
        if only is not None and name not in only:
            continue
        if name == KEYS:
            lines.append(f"  const uint64_t *P_{name} = (const uint64_t *)A[{i}];")
            continue
        const = "" if variables[name].writable or name in writable else "const "
        lines.append(f"  {const}{kind} *__restrict P_{name} = A[{i}]; (void)P_{name};")
    return "\n".join(lines)


def _own(lines: list[str]) -> list[str]:
    """Drop the statements that read or write `not_refractory` and draws, which the template defines."""
    return [line for line in lines if not re.search(r"P_(not_refractory|_draw_\d+)\b", line)]


def _text(lines: list[str]) -> str:
    return "\n      ".join(_own(lines))


def _fed(model: CellModel, columns: tuple[str, ...], lines: list[str]) -> list[str]:
    """Let statements read receptors as they are fed."""
    receptors = {variable for variable, _ in model.receptors.values()}
    place = {
        f"P_{name}[_idx]": FED.format(k=k, name=name) for k, name in enumerate(columns) if name in receptors
    }
    read = re.compile(r"(?<= = )(P_\w+\[_idx\])(?=;)")
    return [read.sub(lambda found: place.get(found[1], found[1]), line) for line in lines]


def _update_text(
    model: CellModel, plan: CellPlan, columns: tuple[str, ...], substeps: int, dtype: Any
) -> str:
    statements, update = Statements(plan.variables, dtype, TAKEN), plan.update
    ending = [plan.after, f"_cond = {plan.threshold or NEVER}"]
    refractory = bool(model.refractory)
    inner, functions = "", ""
    if substeps > 1 and plan.trial is not None:
        functions = advance_text(
            plan.variables, columns, plan.trial, model.before, substeps, dtype,
            lambda names: _pointers(plan.variables, columns, only=names),
        )  # fmt: skip
    elif substeps > 1:
        scalar, vector = statements.translate("\n".join(part for part in (model.before, update) if part))
        ahead, vector = taken_ahead(vector)
        inner = SUBSTEPS.format(
            substeps=substeps,
            scalar="\n      ".join(scalar),
            ahead=ahead,
            refractory=not_refractory(refractory),
            vector=_text(vector),
        )
    else:
        ending = [model.before, update, *ending]
    scalar, vector = statements.translate("\n".join(part for part in ending if part))
    if substeps == 1 and model.kernel is None:
        vector = _fed(model, columns, vector)
    ahead, vector = taken_ahead(vector)
    reset_scalar, reset_vector = statements.translate(plan.reset) if plan.reset else ([], [])
    draws = "\n      ".join(
        DRAWN.format(name=name, keys=KEYS, draws=plan.draws, k=k)
        for k, name in enumerate(draw_names(plan.draws))
    )
    simple = not (plan.draws or plan.trial or model.kernel or has_wide(scalar, vector, dtype))
    return UPDATE.format(
        functions=functions,
        advance="\n  advance(A, ready, now, first, last, P_t[0], h);" if functions else "",
        pointers=_pointers(plan.variables, columns),
        draws=draws,
        scalar="\n  ".join(scalar),
        substeps=inner,
        ahead=ahead,
        loop=cell_loop(_own(vector), refractory, draws, simple),
        reset=_text(reset_scalar + reset_vector),
        restart="ready[_idx] = now + 1 + period[_idx];" if model.refractory else "",
    )


def _prepare_text(plan: CellPlan, columns: tuple[str, ...], exact: ExactUpdate) -> str:
    variables = plan.variables
    code = "\n".join(f"_m_{i}_{j} = {text}" for i, j, text in exact.entries)
    scalar, vector = Statements(variables, taken=TAKEN).translate(code)
    order = exact.order
    fill = [*scalar, *vector, *(f"matrix[{i * order + j}] = _m_{i}_{j};" for i, j, _ in exact.entries)]
    pick = [
        f"{'' if name in plan.varying else 'if (!_idx) '}P_{name}[{variables[name].index}] = result[{i * order + j}];"
        for name, (i, j) in zip(exact.propagators, exact.picks, strict=True)
    ]
    return PREPARE.format(
        pointers=_pointers(variables, columns, frozenset(exact.propagators), "double"),
        order=order,
        fill="\n    ".join(_text(fill).splitlines()),
        pick="\n    ".join(pick),
    )
