"""The C++ unit of a synapse model: `see16`/`see32` for the spikes of a presynaptic cell, `grow` for those of
a postsynaptic one.

`see` runs the statements of one row of synapses and writes what each transmits; the core adds that to the
receptor, at once or after the dendritic part of the delay. `grow` runs over the transposed index of a
postsynaptic cell."""

from __future__ import annotations

from dataclasses import dataclass

from ..network import SynapseModel
from .brian import Statements, Variable

TEXT = """#include "prelude.h"
template <typename Index>
static inline void see(double *const *A, double *const *T, int64_t first, int64_t last, int64_t classes, int64_t member,
                       const Index *post, double *__restrict out, double time, double h) {{
{pointers}
  const double P_dt[1] = {{h}}, P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
  {see_scalar}
#pragma GCC ivdep
  for (int64_t _syn = first; _syn < last; _syn++) {{
    const int64_t _post = (int64_t)post[_syn] * classes + member;
    (void)_post;
    {see}
    out[_syn - first] = transmitted;
  }}
}}
#define SEE(NAME, INDEX) \\
  extern "C" void NAME(double *const *A, double *const *T, int64_t first, int64_t last, int64_t classes, \\
                       int64_t member, const INDEX *post, double *out, double time, double h) {{ \\
    see<INDEX>(A, T, first, last, classes, member, post, out, time, h); \\
  }}
SEE(see16, uint16_t)
SEE(see32, uint32_t)
extern "C" void grow(double *const *A, double *const *T, int64_t first, int64_t last, int64_t classes, int64_t member,
                     const uint32_t *synapse, const uint32_t *pre, double time, double h) {{
{pointers}
  const double P_dt[1] = {{h}}, P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
  {grow_scalar}
#pragma GCC ivdep
  for (int64_t entry = first; entry < last; entry++) {{
    const int64_t _syn = synapse[entry], _pre = (int64_t)pre[entry] * classes + member;
    (void)_syn; (void)_pre;
    {grow}
  }}
}}
"""


@dataclass(frozen=True)
class SynapseUnit:
    """Source of a unit, and the names of its columns and traces in the order of their arrays of pointers."""

    source: str
    columns: tuple[str, ...]
    traces: tuple[str, ...]


def synapse_variables(
    model: SynapseModel, arrays: frozenset[str]
) -> tuple[tuple[str, ...], dict[str, Variable]]:
    """Return the names of the columns, and every variable that the statements of `model` may use."""
    columns = ("weight", *model.parameters, *model.state)
    variables = {
        name: Variable("1", "_syn" if name in arrays else "0", writable=name in arrays) for name in columns
    }
    variables.update({name: Variable("1", "_post") for name in model.post_traces})
    variables.update({name: Variable("1", "_pre") for name in model.pre_traces})
    return columns, variables


def seeing(model: SynapseModel) -> str:
    """Return the statements at a presynaptic spike; they set ``transmitted``."""
    parts = [part for part in (model.on_pre, model.on_transmit) if part]
    if "transmitted" not in model.on_transmit:
        parts.append("transmitted = weight")
    return "\n".join(parts)


def synapse_unit(model: SynapseModel, arrays: frozenset[str]) -> SynapseUnit:
    """Generate the unit of `model` for the given set of columns that have one value per synapse."""
    columns, variables = synapse_variables(model, arrays)
    statements = Statements(variables)
    see_scalar, see_vector = statements.translate(seeing(model), iterate="_syn")
    grow_scalar, grow_vector = (
        statements.translate(model.on_post, iterate="_syn") if model.on_post else ([], [])
    )
    traces = (*model.pre_traces, *model.post_traces)
    pointers = [
        f"  {'' if variables[name].writable else 'const '}double *P_{name} = A[{i}]; (void)P_{name};"
        for i, name in enumerate(columns)
    ]
    pointers += [f"  const double *P_{name} = T[{i}]; (void)P_{name};" for i, name in enumerate(traces)]
    source = TEXT.format(
        pointers="\n".join(pointers),
        see_scalar="\n  ".join(see_scalar),
        see="\n    ".join(see_vector),
        grow_scalar="\n  ".join(grow_scalar),
        grow="\n    ".join(grow_vector),
    )
    return SynapseUnit(source, columns, traces)
