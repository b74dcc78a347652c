"""The C++ unit of a synapse model: `see16`/`see32` for the spikes of a presynaptic cell, `grow` for those of
a postsynaptic one, `sweep16`/`sweep32` for every step, `couple` for what flows in every step; `fold` and
`rescale16`/`rescale32` bring the synapses of a postsynaptic cell, or all, back to a scale of 1.

`see` runs the statements of one row of synapses and writes what each transmits; the core adds that to the
receptor, at once or after the dendritic part of the delay. `grow` runs over the transposed index of a
postsynaptic cell. `couple` sums over all synapses of a range of cells; the same function serves both halves of a
symmetric coupling.

Indices of the columns: ``_syn`` the synapse, ``_pre`` and ``_post`` the rows of traces (cell and class),
``_source`` and ``_target`` the cells at the two ends. Columns that postsynaptic spikes change together lie beside each
other, ``_beside``, so that a synapse is one line of memory.

What a model reads of the postsynaptic cells comes last among the columns, once for each class: classes differ in the
dendritic part of their delay, and so in the step of which they see these cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network import SynapseModel
from .beside import changed_together
from .blocks import blocked
from .brian import Statements, Variable
from .cell_unit import prelude
from .costly import DRAWS, in_blocks

SPIKES = """
template <typename Index>
static inline void see(real *const *A, real *const *T, int64_t first, int64_t last, int64_t classes, int64_t row,
                       const Index *post, real *__restrict out, double time, double h, uint64_t key) {{
{pointers}
  const real P_dt[1] = {{(real)h}};
  const double P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
  const int64_t _pre = row, _source = row / classes, member = row % classes;
  (void)_pre; (void)_source; (void)member;
{at_class}
{draws}
  {scalar}
  {loop}
}}
#define SEE(NAME, INDEX) \\
  extern "C" void NAME(real *const *A, real *const *T, int64_t first, int64_t last, int64_t classes, int64_t row, \\
                       const INDEX *post, real *out, double time, double h, uint64_t key) {{ \\
    see<INDEX>(A, T, first, last, classes, row, post, out, time, h, key); \\
  }}
SEE(see16, uint16_t)
SEE(see32, uint32_t)
"""
GROW = """
extern "C" void {name}(real *const *A, real *const *T, int64_t first, int64_t last, int64_t known, int64_t classes,
                     int64_t row, const uint32_t *synapse, const uint32_t *pre, double time, double h,
                     uint64_t key) {{
{pointers}
  const real P_dt[1] = {{(real)h}};
  const double P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
  const int64_t _post = row, _target = row / classes, member = row % classes;
  (void)_post; (void)_target;
{at_class}
{draws}
  {scalar}
  if (known) {{
    if (first == 0) for (int64_t entry = 0; entry < known && entry < {far}; entry++) {{ {distant} }}
    {far_loop}
  }}
  else {{
    {first_near}
    {near_loop}
  }}
}}
"""
SEE_LOOP = """#pragma GCC ivdep
  for (int64_t _syn = first; _syn < last; _syn++) {{
    const int64_t _target = post[_syn], _post = _target * classes + member, _beside = {width} * _syn;
    (void)_target; (void)_post; (void)_beside;
    {vector}
    out[_syn - first] = transmitted;
  }}"""
# Places are asked for ahead of time: if entries are `known`, those of the spikes that follow too, else all are in a
# cache.
GROW_LOOP = """for (int64_t entry = first; entry < last; entry++) {{
    {prefetch}
    const int64_t _syn = synapse[entry], _source = pre[entry], _pre = _source * classes + member;
    const int64_t _beside = {width} * _syn;
    (void)_syn; (void)_source; (void)_pre; (void)_beside;
    {vector}
  }}"""
ASK = "if (entry + {ahead} < {end}) {{ {asked} }}"
ASK_FIRST = "for (int64_t entry = first; entry < last && entry < first + {ahead}; entry++) {{ {asked} }}"
ASK_IN_BLOCK = (
    "if (block + group + LANES + {ahead} <= {end}) EACH_LANE_APART "
    "{{ const int64_t entry = block + group + lane; {asked} }}"
)
SWEEP = """
template <typename Index>
static inline void {name}(real *const *A, real *const *T, const int64_t *offsets, int64_t rows, int64_t classes,
                         const Index *post, double time, double h, uint64_t key) {{
{pointers}
  const real P_dt[1] = {{(real)h}};
  const double P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
{draws}
  for (int64_t _pre = 0; _pre < rows; _pre++) {{
    const int64_t _source = _pre / classes, member = _pre % classes;
    (void)_source; (void)member;
{at_class}
    {scalar}
#pragma GCC ivdep
    for (int64_t _syn = offsets[_pre]; _syn < offsets[_pre + 1]; _syn++) {{
      const int64_t _target = post[_syn], _post = _target * classes + member, _beside = {width} * _syn;
      (void)_target; (void)_post; (void)_beside;
      {vector}
    }}
  }}
}}
#define DEFINE_{name}(NAME, INDEX) \\
  extern "C" void NAME(real *const *A, real *const *T, const int64_t *offsets, int64_t rows, int64_t classes, \\
                       const INDEX *post, double time, double h, uint64_t key) {{ \\
    {name}<INDEX>(A, T, offsets, rows, classes, post, time, h, key); \\
  }}
DEFINE_{name}({name}16, uint16_t)
DEFINE_{name}({name}32, uint32_t)
"""
COUPLE = """
extern "C" void couple(real *const *A, const int64_t *offsets, int64_t classes, const uint32_t *synapse,
                       const uint32_t *partner, int64_t low, int64_t high, real *__restrict into, double time,
                       double h) {{
{pointers}
  const real P_dt[1] = {{(real)h}};
  const double P_t[1] = {{time}};
  (void)P_dt; (void)P_t;
  {scalar}
  for (int64_t _target = low; _target < high; _target++) {{
    double sum = 0.0;
    for (int64_t entry = offsets[_target * classes]; entry < offsets[(_target + 1) * classes]; entry++) {{
      const int64_t _syn = synapse[entry], _source = partner[entry];
      (void)_syn; (void)_source;
      {vector}
      sum += _coupled;
    }}
    into[_target] += sum;
  }}
}}
"""
DRAWN = """  const auto uniform = [key](int64_t synapse, int64_t number) { return uniform_draw(key, synapse, number); };
  const auto binomial = [key](int64_t synapse, int64_t number, double n, double p) {
    return binomial_draw(key, synapse, number, n, p);
  };
  (void)uniform; (void)binomial;"""
# Entries ahead of which places are asked for, into the second and the first level of the cache: those of a postsynaptic
# cell are each in another row, so in another line.
FAR, NEAR = 128, 24
# What the indices of the two loops are for an entry of a block.
SEEN = {
    "_syn": "block + e",
    "_beside": "{width} * (block + e)",
    "_target": "post[block + e]",
    "_post": "post[block + e] * classes + member",
}
GROWN = {
    "_syn": "synapse[block + e]",
    "_beside": "{width} * (int64_t)synapse[block + e]",
    "_source": "pre[block + e]",
    "_pre": "pre[block + e] * classes + member",
}
SEEN_BY, GROWN_BY = {"post": "Index"}, {"synapse": "uint32_t", "pre": "uint32_t"}


@dataclass(frozen=True)
class SynapseUnit:
    """Source of a unit, and the names of its columns (state of cells included) and traces in the order of their
    arrays of pointers."""

    source: str
    columns: tuple[str, ...]
    traces: tuple[str, ...]


def synapse_variables(
    model: SynapseModel, arrays: frozenset[str]
) -> tuple[tuple[str, ...], dict[str, Variable]]:
    """Return the names of the columns, and every variable that the statements of `model` may use."""
    columns = ("weight", *model.parameters, *model.state)
    variables = {
        name: Variable(
            "1", "_syn" if name in arrays else "0", writable=name in arrays, double=name in model.times
        )
        for name in columns
    }
    variables.update({name: Variable("1", "_source") for name in model.pre_state})
    variables.update({name: Variable("1", "_target") for name in model.post_state})
    variables.update(
        {name: Variable("1", "_target" if name in arrays else "0") for name in model.modulator_state}
    )
    variables.update({name: Variable("1", "_post") for name in model.post_traces})
    variables.update({name: Variable("1", "_pre") for name in model.pre_traces})
    if model.scale:
        each = has_own_integral(model, arrays)
        variables["scale"] = Variable("1", "0", double=True)
        variables["integral"] = Variable("1", "_post" if each else "0", double=True)
    return (*columns, *model.pre_state, *model.modulator_state, *model.post_state), variables


def has_own_integral(model: SynapseModel, arrays: frozenset[str]) -> bool:
    """Return whether each postsynaptic cell has an integral of its own."""
    return model.scale is not None and (
        model.scale.signal in model.post_state or model.scale.signal in arrays
    )


def drawing(code: str) -> str:
    """Give every draw the synapse that it belongs to, so that it is a function of its arguments."""
    return DRAWS.sub(r"\1(_syn, ", code)


def seeing(model: SynapseModel) -> str:
    """Return the statements at a presynaptic spike; they set ``transmitted``."""
    parts = [part for part in (model.on_pre, model.on_transmit) if part]
    if "transmitted" not in model.on_transmit:
        parts.append("transmitted = weight")
    return drawing("\n".join(parts))


def growing(model: SynapseModel) -> str:
    """Return the statements at a postsynaptic spike."""
    return drawing(model.on_post)


def stepping(model: SynapseModel) -> str:
    """Return the statements of every step."""
    return drawing(model.on_step)


def coupling(model: SynapseModel) -> str:
    """Return the statement of every step; it sets ``_coupled``."""
    return f"_coupled = {model.coupling}"


def rescaling(model: SynapseModel) -> str:
    """Return the statements that bring a synapse to a scale of 1."""
    return drawing(model.on_rescale)


def synapse_unit(model: SynapseModel, arrays: frozenset[str], dtype: Any = np.float64) -> SynapseUnit:
    """Generate the unit of `model` for the given set of columns that have one value per synapse; `dtype` is that of
    all columns."""
    columns, variables = synapse_variables(model, arrays)
    statements = Statements(variables, dtype)
    traces = (*model.pre_traces, *model.post_traces, *(("scale", "integral") if model.scale else ()))
    of_class = (
        [] if not model.scale else ["scale"] if has_own_integral(model, arrays) else ["scale", "integral"]
    )
    of_cells = [] if model.coupling else list(model.post_state)
    fixed = columns[: len(columns) - len(of_cells)]
    pointers = "\n".join(
        [
            f"  {'' if variables[name].writable else 'const '}{kind} *P_{name} = ({kind} *)A[{i}]; (void)P_{name};"
            for i, name in enumerate(fixed)
            for kind in ["double" if variables[name].double else "real"]
        ]
        + [
            f"  const {kind} *P_{name} = (const {kind} *)T[{i}]; (void)P_{name};"
            for i, name in enumerate(traces)
            for kind in ["double" if variables[name].double else "real"]
            if name not in of_class
        ]
    )
    at_class = [
        f"  const double P_{n}[1] = {{((const double *)T[{traces.index(n)}])[member]}}; (void)P_{n};"
        for n in of_class
    ] + [
        f"  const real *P_{n} = (const real *)A[{len(fixed)} + member * {len(of_cells)} + {j}]; (void)P_{n};"
        for j, n in enumerate(of_cells)
    ]
    head = prelude(dtype) + '#include "blocks.h"\n'
    if model.coupling:
        scalar, vector = statements.translate(coupling(model), iterate="_syn")
        text = COUPLE.format(pointers=pointers, scalar="\n  ".join(scalar), vector="\n      ".join(vector))
        return SynapseUnit(head + text, columns, traces)
    used = model.on_pre + model.on_transmit + model.on_post + model.on_step
    frame = {
        "pointers": pointers,
        "at_class": "\n".join(at_class),
        "draws": DRAWN if DRAWS.search(used) else "",
    }
    kinds = {name: "double" if v.double else "real" for name, v in variables.items()}
    together = changed_together(model, arrays)
    width = max(len(together), 1)
    seen, grown = ({i: p.format(width=width) for i, p in places.items()} for places in (SEEN, GROWN))

    def translated(code: str) -> tuple[list[str], list[str]]:
        scalar, vector = statements.translate(code, iterate="_syn")
        return scalar, [
            re.sub(rf"\bP_({'|'.join(together)})\[_syn\]", r"P_\1[_beside]", x) if together else x
            for x in vector
        ]

    scalar, vector = translated(seeing(model))
    loop = (
        blocked(vector, seen, SEEN_BY, kinds, out="out + (block - first)")
        if in_blocks(seeing(model))
        else SEE_LOOP.format(vector="\n    ".join(vector), width=width)
    )
    text = SPIKES.format(scalar="\n  ".join(scalar), loop=loop, **frame)

    def add(template: str, name: str, code: str) -> str:
        scalar, vector = translated(code) if code else ([], [])
        used = [n for n in sorted(arrays & set(columns)) if re.search(rf"\b{n}\b", code)]
        lines_of = {n: 1 for n in used if n not in together} | dict.fromkeys(together[:1], width)

        def asked(place: str, level: str = "0, 2") -> str:
            return " ".join(
                f"__builtin_prefetch(P_{n} + {'' if times == 1 else f'(int64_t){times} * '}synapse[{place}], {level});"
                for n, times in lines_of.items()
            )

        def loop(ahead: int, end: str, level: str) -> str:
            asking = {"ahead": ahead, "end": end, "asked": asked(f"entry + {ahead}", level)}
            if in_blocks(code):
                prefetch = ASK_IN_BLOCK.format(**asking)
                return blocked(vector, grown, GROWN_BY, kinds, prefetch=prefetch)
            return GROW_LOOP.format(prefetch=ASK.format(**asking), vector="\n    ".join(vector), width=width)

        near = 2 * NEAR if in_blocks(code) else NEAR
        lines = {
            "scalar": "\n  ".join(scalar),
            "vector": "\n      ".join(vector),
            "far_loop": loop(FAR, "known", "0, 2"),
            "first_near": ASK_FIRST.format(ahead=near, asked=asked("entry", "1")) if in_blocks(code) else "",
            "near_loop": loop(near, "last", "1"),
        }
        return template.format(name=name, far=FAR, distant=asked("entry"), width=width, **lines, **frame)

    text += add(GROW, "grow", growing(model))
    if model.on_step:
        text += add(SWEEP, "sweep", stepping(model))
    if model.scale:
        text += add(GROW, "fold", rescaling(model)) + add(SWEEP, "rescale", rescaling(model))
    return SynapseUnit(head + text, columns, traces)
