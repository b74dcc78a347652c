"""C++ text that takes a step on trial for every cell, and the steps of the model's method for those that fail it.

Cells that fail are listed, gathered into vectors, integrated and scattered back. All lanes do the same arithmetic
wherever a cell comes to lie, so results depend neither on blocks nor on threads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .brian import Statements, Variable, identifiers
from .groups import FINER, trials
from .trial import Trial

ADVANCE = """#include "trial.h"
enum {{ LANES = 128 / sizeof(real), SPAN = 4096 }};  // two vectors at once; cells whose failures are listed together

static __attribute__((noinline)) void refine(real *const *A, const int32_t *ready, int32_t now,
                                             const int32_t *failed, int64_t count, double t, double step) {{
{shared}
  for (int64_t from = 0; from < count; from += LANES) {{
    alignas(64) real {lanes};
    int32_t free_from[LANES];
    for (int64_t k = 0; k < LANES; k++) {{
      const int64_t cell = failed[from + k < count ? from + k : count - 1];
      {gather}
      free_from[k] = ready[cell];
    }}
    for (int64_t substep = 0; substep < {finer}; substep++) {{
      const real P_dt[1] = {{(real)(step / {finer})}};
      const double P_t[1] = {{t + substep * (step / {finer})}};
      (void)P_t;
      {fine_scalar}
#pragma GCC ivdep
      for (int64_t _idx = 0; _idx < LANES; _idx++) {{
        const bool not_refractory = free_from[_idx] <= now;
        {fine_vector}
      }}
    }}
    for (int64_t k = 0; k < LANES && from + k < count; k++) {{
      const int64_t cell = failed[from + k];
      {scatter}
    }}
  }}
}}

static __attribute__((noinline)) void advance(real *const *A, const int32_t *__restrict ready, int32_t now,
                                              int64_t first, int64_t last, double t, double whole) {{
{pointers}
  const double step = whole / {trials};
  const real P_dt[1] = {{(real)step}};
  int32_t listed[SPAN + 16];
  for (int64_t from = first; from < last; from += SPAN)
    for (int64_t trial = 0; trial < {trials}; trial++) {{
      const double P_t[1] = {{t + trial * step}};
      (void)P_t;
      int64_t _count = 0;
      {scalar}
      for (int64_t block = from; block < from + SPAN && block < last; block += 64) {{
        int32_t _fails[64];
#pragma GCC ivdep
        for (int64_t _idx = block; _idx < block + 64; _idx++) {{
          const bool not_refractory = ready[_idx] <= now;
          {vector}
        }}
        _count = append(listed, _count, block, _fails);
      }}
      refine(A, ready, now, listed, _count, P_t[0], step);
    }}
}}
"""


def advance_text(
    variables: Mapping[str, Variable], columns: Sequence[str], trial: Trial, before: str,
    substeps: int, dtype: Any, pointers: Callable[[Sequence[str]], str],
) -> str:  # fmt: skip
    """Return the functions ``advance`` and ``refine``.

    Parameters
    ----------
    variables : mapping of str to Variable
        All names that statements may use.
    columns : sequence of str
        All columns, in the order of the unit's argument.
    trial : Trial
        The step on trial.
    before : str
        Statements before each step.
    substeps : int
        How many steps of the model's method would be made in a time step.
    dtype : dtype
        That of the columns.
    pointers : callable
        Returns the definitions of the pointers to some columns.
    """
    statements = Statements(variables, dtype, identifiers(ADVANCE))
    own = [name for name in columns if name in variables and variables[name].index != "0"]
    place = {name: f"((real *)A[{columns.index(name)}])[cell]" for name in own}
    scalar, vector = _translated(statements, before, trial.code)
    fine_scalar, fine_vector = _translated(statements, before, trial.finer)
    return ADVANCE.format(
        shared=pointers([name for name in columns if name not in own]),
        lanes=", ".join(f"P_{name}[LANES]" for name in own),
        gather="\n      ".join(f"P_{name}[k] = {place[name]};" for name in own),
        scatter="\n      ".join(f"{place[name]} = P_{name}[k];" for name in own if variables[name].writable),
        finer=FINER,
        fine_scalar="\n      ".join(fine_scalar),
        fine_vector="\n        ".join(fine_vector),
        pointers=pointers(columns),
        trials=trials(substeps),
        scalar="\n      ".join(scalar),
        vector="\n          ".join(_if_passed(vector, trial.excess)),
    )


def _translated(statements: Statements, before: str, update: str) -> tuple[list[str], list[str]]:
    scalar, vector = statements.translate("\n".join(filter(None, (before, update))))
    return scalar, [line for line in vector if "P_not_refractory" not in line]


def _if_passed(lines: list[str], excess: Sequence[str]) -> list[str]:
    """Let statements change columns only where the step passes; what is not a number does not."""
    stored = re.compile(r"^(P_\w+\[_idx\]) = (\w+);$")
    kept = [line for line in lines if not stored.match(line)]
    changes = [stored.sub(r"\1 = choose(_passes, \2, \1);", line) for line in lines if stored.match(line)]
    passes = " & ".join(f"({name} <= 0)" for name in excess)
    return [*kept, f"const int32_t _passes = {passes};", *changes, "_fails[_idx - block] = !_passes;"]
