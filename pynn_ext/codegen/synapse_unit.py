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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network import SynapseModel
from .beside import changed_together
from .blocks import AHEAD, BLOCKS, GATHER, SCATTER, blocked
from .brian import Statements, Variable, identifiers
from .cell_unit import prelude
from .costly import DRAWS, in_blocks
from .synapse_statements import (
    coupling,
    growing,
    has_own_integral,
    rescaling,
    seeing,
    stepping,
    synapse_variables,
)

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
    "if (block + LANES + {ahead} <= {end}) EACH_LANE_APART {{ const int64_t entry = block + lane; {asked} }}"
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
    "_syn": "block + lane",
    "_beside": "{width} * (block + lane)",
    "_target": "post[block + lane]",
    "_post": "post[block + lane] * classes + member",
}
GROWN = {
    "_syn": "synapse[block + lane]",
    "_beside": "{width} * (int64_t)synapse[block + lane]",
    "_source": "pre[block + lane]",
    "_pre": "pre[block + lane] * classes + member",
}
TAKEN = identifiers(SPIKES, GROW, SEE_LOOP, GROW_LOOP, SWEEP, COUPLE, DRAWN, BLOCKS, AHEAD, GATHER, SCATTER)
TAKEN -= {"transmitted"}  # which statements set for the text around them
SEEN_BY, GROWN_BY = {"post": "Index"}, {"synapse": "uint32_t", "pre": "uint32_t"}


@dataclass(frozen=True)
class SynapseUnit:
    """Source of a unit, and the names of its columns (state of cells included) and traces in the order of their
    arrays of pointers."""

    source: str
    columns: tuple[str, ...]
    traces: tuple[str, ...]


def synapse_unit(model: SynapseModel, arrays: frozenset[str], dtype: Any = np.float64) -> SynapseUnit:
    """Generate the unit of `model` for the given set of columns that have one value per synapse; `dtype` is that of
    all columns."""
    columns, variables = synapse_variables(model, arrays)
    traces = (*model.pre_traces, *model.post_traces, *(("scale", "integral") if model.scale else ()))
    of_class = _of_class(model, arrays)
    of_cells = [] if model.coupling else list(model.post_state)
    fixed = columns[: len(columns) - len(of_cells)]
    pointers = _pointers(fixed, traces, of_class, variables)
    statements = Statements(variables, dtype, TAKEN)
    if model.coupling:
        text = _couple(statements, pointers, coupling(model))
    else:
        used = model.on_pre + model.on_transmit + model.on_post + model.on_step
        frame = {
            "pointers": pointers,
            "at_class": _pointers_of_class(len(fixed), of_cells, traces, of_class),
            "draws": DRAWN if DRAWS.search(used) else "",
        }
        functions = _Functions(model, arrays, statements, frame)
        text = functions.see(seeing(model)) + functions.grow("grow", growing(model))
        if model.on_step:
            text += functions.sweep("sweep", stepping(model))
        if model.scale:
            text += functions.grow("fold", rescaling(model)) + functions.sweep("rescale", rescaling(model))
    return SynapseUnit(f'{prelude(dtype)}#include "blocks.h"\n{text}', columns, traces)


def _of_class(model: SynapseModel, arrays: frozenset[str]) -> tuple[str, ...]:
    """Return the traces that have one value for each class instead of each row."""
    if not model.scale:
        return ()
    return ("scale",) if has_own_integral(model, arrays) else ("scale", "integral")


def _kinds(variables: Mapping[str, Variable]) -> dict[str, str]:
    """Return the C++ types of variables."""
    return {name: "double" if variable.double else "real" for name, variable in variables.items()}


def _pointers(
    fixed: Sequence[str], traces: Sequence[str], of_class: Sequence[str], variables: Mapping[str, Variable]
) -> str:
    """Return the pointers that are the same for all classes: to columns, and to traces with a value for each row."""
    kinds = _kinds(variables)
    lines = [
        f"  {'' if variables[n].writable else 'const '}{kinds[n]} *P_{n} = ({kinds[n]} *)A[{i}]; (void)P_{n};"
        for i, n in enumerate(fixed)
    ]
    lines += [
        f"  const {kinds[n]} *P_{n} = (const {kinds[n]} *)T[{i}]; (void)P_{n};"
        for i, n in enumerate(traces)
        if n not in of_class
    ]
    return "\n".join(lines)


def _pointers_of_class(
    fixed: int, of_cells: Sequence[str], traces: Sequence[str], of_class: Sequence[str]
) -> str:
    """Return the pointers that are others for each class: to values of the class, and to the state of postsynaptic
    cells as it sees them, which is behind the `fixed` columns."""
    lines = [
        f"  const double P_{n}[1] = {{((const double *)T[{traces.index(n)}])[member]}}; (void)P_{n};"
        for n in of_class
    ]
    lines += [
        f"  const real *P_{n} = (const real *)A[{fixed} + member * {len(of_cells)} + {j}]; (void)P_{n};"
        for j, n in enumerate(of_cells)
    ]
    return "\n".join(lines)


def _couple(statements: Statements, pointers: str, code: str) -> str:
    """Return the function `couple`."""
    scalar, vector = statements.translate(code, iterate="_syn")
    return COUPLE.format(pointers=pointers, scalar="\n  ".join(scalar), vector="\n      ".join(vector))


class _Functions:
    """The functions of a unit that run statements over synapses, one synapse after the other or in blocks.

    Parameters
    ----------
    model : SynapseModel
    arrays : frozenset of str
        Columns that have one value per synapse.
    statements : Statements
        Translates to C++.
    frame : dict of str to str
        What every function begins with: ``pointers``, ``at_class`` and ``draws``.
    """

    def __init__(
        self, model: SynapseModel, arrays: frozenset[str], statements: Statements, frame: dict[str, str]
    ) -> None:
        columns, variables = synapse_variables(model, arrays)
        self.statements, self.frame, self.kinds = statements, frame, _kinds(variables)
        self.varying = sorted(arrays & set(columns))
        self.together = changed_together(model, arrays)
        self.width = max(len(self.together), 1)

    def see(self, code: str) -> str:
        """Return the functions `see16` and `see32`."""
        scalar, vector = self._translated(code)
        if in_blocks(code):
            out = "out + (block - first)"
            loop = blocked(vector, self._places(SEEN), SEEN_BY, self.kinds, out=out)
        else:
            loop = SEE_LOOP.format(vector="\n    ".join(vector), width=self.width)
        return SPIKES.format(scalar="\n  ".join(scalar), loop=loop, **self.frame)

    def grow(self, name: str, code: str) -> str:
        """Return a function over the synapses of a postsynaptic cell."""
        scalar, vector = self._translated(code)
        lines = self._lines(code)
        if in_blocks(code):
            loop, near = self._grow_loop_in_blocks, 2 * NEAR
            first = ASK_FIRST.format(ahead=near, asked=_asked(lines, "entry", "1"))
        else:
            loop, near, first = self._grow_loop, NEAR, ""
        return GROW.format(
            name=name,
            scalar="\n  ".join(scalar),
            far=FAR,
            distant=_asked(lines, "entry", "0, 2"),
            far_loop=loop(vector, _ahead(lines, FAR, "known", "0, 2")),
            first_near=first,
            near_loop=loop(vector, _ahead(lines, near, "last", "1")),
            **self.frame,
        )

    def sweep(self, name: str, code: str) -> str:
        """Return the functions over all synapses, for both types of index."""
        scalar, vector = self._translated(code)
        lines = {"scalar": "\n  ".join(scalar), "vector": "\n      ".join(vector)}
        return SWEEP.format(name=name, width=self.width, **lines, **self.frame)

    def _translated(self, code: str) -> tuple[list[str], list[str]]:
        """Return the C++ statements before the loop, and those of one synapse."""
        if not code:
            return [], []
        scalar, vector = self.statements.translate(code, iterate="_syn")
        if self.together:
            column = re.compile(rf"\bP_({'|'.join(self.together)})\[_syn\]")
            vector = [column.sub(r"P_\1[_beside]", line) for line in vector]
        return scalar, vector

    def _places(self, places: Mapping[str, str]) -> dict[str, str]:
        """Return what the indices are in a block: `SEEN` or `GROWN`."""
        return {index: place.format(width=self.width) for index, place in places.items()}

    def _lines(self, code: str) -> dict[str, int]:
        """Return the columns of which statements use a line of memory for each synapse, and their strides."""
        used = [name for name in self.varying if re.search(rf"\b{name}\b", code)]
        apart = {name: 1 for name in used if name not in self.together}
        return apart | dict.fromkeys(self.together[:1], self.width)

    def _grow_loop(self, vector: list[str], asking: dict[str, Any]) -> str:
        prefetch = ASK.format(**asking)
        return GROW_LOOP.format(prefetch=prefetch, vector="\n    ".join(vector), width=self.width)

    def _grow_loop_in_blocks(self, vector: list[str], asking: dict[str, Any]) -> str:
        prefetch = ASK_IN_BLOCK.format(**asking)
        return blocked(vector, self._places(GROWN), GROWN_BY, self.kinds, prefetch=prefetch)


def _asked(lines: Mapping[str, int], place: str, level: str) -> str:
    """Return the requests for the columns of an entry, into a level of the cache: arguments of the builtin."""
    return " ".join(
        f"__builtin_prefetch(P_{n} + {'' if width == 1 else f'(int64_t){width} * '}synapse[{place}], {level});"
        for n, width in lines.items()
    )


def _ahead(lines: Mapping[str, int], ahead: int, end: str, level: str) -> dict[str, Any]:
    """Return what `ASK` needs for the columns of the entry that is so far ahead, unless it is behind the `end`."""
    return {"ahead": ahead, "end": end, "asked": _asked(lines, f"entry + {ahead}", level)}
