"""Exact integration of linear equations: x(t + h) = P x + Q i + q, with the matrices computed as data.

The inputs i are constant during a step: the injected current, and variables that the equations declare without
dynamics. The equations x' = A x + b + C i with parameters p give the matrix M(p) = [[A, C, b], [0, 0, 0], [0, 0,
0]]; the first rows of exp(M h) hold P, Q and q (van Loan 1978). The generated unit computes them (`prepare`)
whenever a parameter changes, so equal time constants need no limit formula and a changed value compiles
nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import NetworkError
from . import brian

INPUT = "i_inj"


@dataclass(frozen=True)
class ExactUpdate:
    """Statements of the update, the names of the propagators, and how `prepare` fills its matrix.

    `depends` gives for each propagator the names in the coefficients that it is made of: only if one of these has a
    value per cell, the propagator has. A current of each cell, for example, leaves all others one value for all
    cells, which need not be read from memory for each."""

    code: str
    propagators: tuple[str, ...]
    depends: tuple[frozenset[str], ...]
    entries: tuple[tuple[int, int, str], ...]
    picks: tuple[tuple[int, int], ...]
    order: int


def exact_update(equations: Any, variables: Any, where: str) -> ExactUpdate:
    """Build the exact update of linear `equations`."""
    import sympy

    names, matrix, constant = brian.linear_system(equations, variables, where)
    n = len(names)
    declared = {symbol.name for entry in matrix for symbol in entry.free_symbols} & set(
        equations.parameter_names
    )
    if declared:
        raise NetworkError(
            f"the equations multiply {', '.join(sorted(declared))} with a variable",
            where=where,
            limit="what is integrated exactly has coefficients that do not change",
            remedy="use another method, for example 'exponential_midpoint'",
        )
    driving = {symbol.name for entry in constant for symbol in entry.free_symbols}
    inputs = [INPUT, *sorted(driving & set(equations.parameter_names))]
    entries = [(i, j, brian.to_text(matrix[i, j])) for i in range(n) for j in range(n) if matrix[i, j] != 0]
    for i in range(n):
        drive = sympy.expand(constant[i])
        for j, name in enumerate(inputs):
            given = sympy.Symbol(name, real=True)
            slope = drive.coeff(given)
            drive = sympy.expand(drive - slope * given)  # expanded, or `coeff` finds nothing
            if slope != 0:
                entries.append((i, n + j, brian.to_text(slope)))
        if drive != 0:
            entries.append((i, n + len(inputs), brian.to_text(drive)))
    columns = [*names, *inputs, ""]
    reach = _reachable({(i, j) for i, j, _ in entries}, len(columns))
    propagators, picks, lines = [], [], []
    for i, name in enumerate(names):
        terms = []
        for j, factor in enumerate(columns):
            if (i, j) in reach:
                propagator = f"_P_{name}_{factor or '1'}"
                propagators.append(propagator)
                picks.append((i, j))
                terms.append(f"{propagator}*{factor}" if factor else propagator)
        lines.append(f"_new_{name} = {' + '.join(terms)}")
    lines += [f"{name} = _new_{name}" for name in names]
    depends = tuple(_dependencies(entries, reach, i, j) for i, j in picks)
    return ExactUpdate(
        "\n".join(lines), tuple(propagators), depends, tuple(entries), tuple(picks), len(columns)
    )


def _dependencies(
    entries: list[tuple[int, int, str]], reach: set[tuple[int, int]], i: int, j: int
) -> frozenset[str]:
    """Names in the coefficients of M on any way from `i` to `j`, which exp(M h) multiplies there."""
    texts = [text for a, b, text in entries if (i, a) in reach and (b, j) in reach]
    return frozenset(re.findall(r"[A-Za-z_]\w*", " ".join(texts)))


def _reachable(direct: set[tuple[int, int]], n: int) -> set[tuple[int, int]]:
    """Positions of exp(M h) that can be non-zero: the reflexive, transitive closure of those of M."""
    reach = direct | {(i, i) for i in range(n)}
    while True:
        more = {(i, k) for i, j in reach for j2, k in reach if j == j2}
        if more <= reach:
            return reach
        reach |= more
