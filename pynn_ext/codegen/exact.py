"""Exact integration of linear equations: x(t + h) = P x + Q i_inj + q, with the matrices computed as data.

The equations x' = A x + b + c i_inj with parameters p give the matrix M(p) = [[A, c, b], [0, 0, 0], [0, 0,
0]]; the first rows of exp(M h) hold P, Q and q (van Loan 1978). The generated unit computes them (`prepare`)
whenever a parameter changes, so equal time constants need no limit formula and a changed value compiles
nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import brian


@dataclass(frozen=True)
class ExactUpdate:
    """Statements of the update, the names of the propagators, and how `prepare` fills its matrix."""

    code: str
    propagators: tuple[str, ...]
    entries: tuple[tuple[int, int, str], ...]
    picks: tuple[tuple[int, int], ...]
    order: int


def exact_update(equations: Any, variables: Any, where: str) -> ExactUpdate:
    """Build the exact update of linear `equations`."""
    import sympy

    names, matrix, constant = brian.linear_system(equations, variables, where)
    current = sympy.Symbol("i_inj", real=True)
    n = len(names)
    entries = [(i, j, brian.to_text(matrix[i, j])) for i in range(n) for j in range(n) if matrix[i, j] != 0]
    for i in range(n):
        drive = sympy.expand(constant[i])
        slope = drive.coeff(current)
        rest = sympy.simplify(drive - slope * current)
        if slope != 0:
            entries.append((i, n, brian.to_text(slope)))
        if rest != 0:
            entries.append((i, n + 1, brian.to_text(rest)))
    reach = _reachable({(i, j) for i, j, _ in entries}, n)
    columns = [*names, "i_inj", ""]
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
    return ExactUpdate("\n".join(lines), tuple(propagators), tuple(entries), tuple(picks), n + 2)


def _reachable(direct: set[tuple[int, int]], n: int) -> set[tuple[int, int]]:
    """Positions of exp(M h) that can be non-zero: the reflexive, transitive closure of those of M."""
    reach = direct | {(i, i) for i in range(n)}
    while True:
        more = {(i, k) for i, j in reach for j2, k in reach if j == j2}
        if more <= reach:
            return reach
        reach |= more
