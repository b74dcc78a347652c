"""The growth of exponential steps, ``exprel(x) = (e^x - 1) / x``, is found ahead for a whole block of cells.

As a rule ``x = -h / tau`` is small, and a polynomial will do (``core/exprel.h``). What a block needs is therefore
found in a loop of its own before the others; only if an argument is not small, a second loop replaces it there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from .exponentials import argument_ends

CALL = "step_exprel("
NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
DEFINITION = re.compile(
    r"\s*(?P<const>const\s+)?(?P<kind>double|float|auto|char|bool|int\w*)\s+(?P<name>\w+)\s*=(?!=)\s*(?P<value>.*)"
)
ASSIGNMENT = re.compile(r"\s*(?P<name>\w+)\s*(?P<operator>[-+*/]?)=(?!=)\s*(?P<value>.*)")
OPEN = ("_draw_", "_ahead_", "not_refractory")  # what only the loop itself knows
AHEAD = """
    real {arrays};
    int far = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {{
      {lines}
      {near}
    }}
    if (far)
#pragma GCC ivdep
      for (int64_t _idx = block; _idx < block + 64; _idx++) {{
        {lines}
        {beyond}
      }}"""
NEAR = "_ahead_{k}[_idx - block] = near_exprel(_x_{k}); far |= is_far(_x_{k});"
BEYOND = "_ahead_{k}[_idx - block] = is_far(_x_{k}) ? far_exprel(_x_{k}) : _ahead_{k}[_idx - block];"


def step_exprel(x: Any) -> Any:
    """Return (e^x - 1) / x, and 1 for x = 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, np.expm1(safe) / safe)


def taken_ahead(lines: Iterable[str]) -> tuple[str, list[str]]:
    """Move calls of ``step_exprel`` into a loop ahead.

    Parameters
    ----------
    lines : iterable of str
        C++ statements of a loop over the cells of a block.

    Returns
    -------
    ahead : str
        The loop ahead; empty if there is none. A call stays whose argument has been assigned to before it.
    lines : list of str
        What remains.
    """
    source = [line for text in lines for line in text.splitlines()]
    needed: set[int] = set()
    arguments: list[str] = []
    for k, line in enumerate(source):
        start = 0
        while (start := line.find(CALL, start)) >= 0:
            _, end = argument_ends(line, start + len(CALL))
            argument = line[start + len(CALL) : end]
            steps = steps_to(argument, source[:k])
            if steps is not None:
                line = f"{line[:start]}_ahead_{len(arguments)}[_idx - block]{line[end + 1 :]}"
                needed |= steps
                arguments.append(argument)
            start += 1
        source[k] = line
    return _ahead([source[k] for k in sorted(needed)], arguments) if arguments else "", source


def steps_to(argument: str, before: list[str]) -> set[int] | None:
    """Return which statements an argument comes from; None if a name in it has been assigned to."""
    names = set(NAME.findall(argument))
    found = set()
    for k in reversed(range(len(before))):
        definition, assignment = DEFINITION.match(before[k]), ASSIGNMENT.match(before[k])
        if definition and definition["name"] in names:
            found.add(k)
            names.update(NAME.findall(definition["value"]))
        elif assignment and assignment["name"] in names:
            return None
    return None if any(name.startswith(OPEN) for name in names) else found


def _ahead(steps: list[str], arguments: list[str]) -> str:
    lines = [*steps, *(f"const real _x_{k} = {argument};" for k, argument in enumerate(arguments))]
    near, beyond = ([text.format(k=k) for k in range(len(arguments))] for text in (NEAR, BEYOND))
    return AHEAD.format(
        arrays=", ".join(f"_ahead_{k}[64]" for k in range(len(arguments))),
        lines="\n      ".join(lines),
        near="\n      ".join(near),
        beyond="\n        ".join(beyond),
    )
