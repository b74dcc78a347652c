"""The statements of one cell, as those of several cells at once (``core/lanes.h``).

Sums and products are written alike for both; a cell that keeps its state while it is refractory does so by choosing
between lanes. What calls a function stays a loop over single cells, which compilers make vectors of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from .ahead import ASSIGNMENT, DEFINITION, NAME

SINGLE = """
    int32_t fires[64], any = 0;
#pragma GCC ivdep
    for (int64_t _idx = block; _idx < block + 64; _idx++) {{
      {refractory}
      {draws}
      {vector}
      const int32_t does = (_cond) & not_refractory;
      fires[_idx - block] = does;
      any |= does;
    }}
    if (any) for (int64_t i = 0; i < 64; i++) fired |= (uint64_t)fires[i] << i;"""
SEVERAL = """
#ifdef PYNN_EXT_LANES
#pragma GCC unroll 16
    for (int64_t _idx = block; _idx < block + 64; _idx += LANES) {{
      const Flags not_refractory = {ready};
      {lanes}
      fired |= (uint64_t)(_cond & not_refractory).bits << (_idx - block);
    }}
#else{single}
#endif"""
NAMES = "Lanes Flags get put choose are_ready"  # of lanes.h
PLACE = r"(\w+)\[(_idx(?: - block)?)\]"  # of one cell in a column or an array of a block
FED = re.compile(rf"(fed<\d+>)\({PLACE}, weight, counts, _idx\)")
READ = re.compile(PLACE)
WRITTEN = re.compile(rf"{PLACE} = (\w+)")
CONDITION = re.compile(r"if ?\(not_refractory\) ")
KINDS = {"double": "Lanes", "float": "Lanes", "char": "Flags"}
POWER = re.compile(r"_brian_pow\(\w+, [234]\)")
CALL = re.compile(r"\w\s*\(")
PLAIN = re.compile(r"[\w\s.()+\-*/<>=!&|]*")


def not_refractory(refractory: bool) -> str:
    """Return what defines the flag of one cell."""
    return f"const bool not_refractory = {'ready[_idx] <= now' if refractory else 'true'};"


def cell_loop(vector: list[str], refractory: bool, draws: str, simple: bool) -> str:
    """Return the loop over the cells of a block, which finds those that have fired.

    Parameters
    ----------
    vector : list of str
        What is done for each cell; the last condition is ``_cond``.
    refractory : bool
        Whether cells may be refractory.
    draws : str
        Definitions of what is drawn.
    simple : bool
        Whether the loop may also be one over lanes, where these can do all of it.
    """
    single = SINGLE.format(refractory=not_refractory(refractory), draws=draws, vector="\n      ".join(vector))
    several = lanes(vector) if simple else None
    if several is None:
        return single
    ready = "are_ready(ready + _idx, now)" if refractory else "true"
    return SEVERAL.format(ready=ready, lanes="\n      ".join(several), single=single)


def has_wide(scalar: list[str], vector: list[str], dtype: Any) -> bool:
    """Return whether a loop in single precision uses numbers of double precision, as times are."""
    if np.dtype(dtype) != np.float32:
        return False
    defined = (DEFINITION.match(line) for line in [*scalar, *vector])
    wide = {found["name"] for found in defined if found and found["kind"] == "double"}
    return any(wide.intersection(NAME.findall(line)) for line in vector)


def lanes(lines: Iterable[str]) -> list[str] | None:
    """Return statements of a loop over the cells of a block as statements of a loop over lanes.

    Parameters
    ----------
    lines : iterable of str
        C++ text.

    Returns
    -------
    list of str or None
        None if there is any statement that lanes have not: calls of functions, other types.
    """
    texts = (" ".join(text.split()) for text in "\n".join(lines).split(";"))
    found = [_statement(text) for text in texts if text]
    return None if None in found else [f"{statement};" for statement in found]


def _statement(text: str) -> str | None:
    if written := WRITTEN.fullmatch(text):
        return f"put({written[1]} + {written[2]}, {written[3]})"
    if defined := DEFINITION.fullmatch(text):
        kind, value = KINDS.get(defined["kind"]), _value(defined["value"])
        return f"{defined['const'] or ''}{kind} {defined['name']} = {value}" if kind and value else None
    if assigned := ASSIGNMENT.fullmatch(CONDITION.sub("", text)):
        name, operator, value = assigned["name"], assigned["operator"], _value(assigned["value"])
        if value is None:
            return None
        value = f"{name} {operator} ({value})" if operator else value
        return (
            f"{name} = choose(not_refractory, {value}, {name})"
            if CONDITION.match(text)
            else f"{name} = {value}"
        )
    return None


def _value(text: str) -> str | None:
    """Return an expression of lanes, or None."""
    if fed := FED.fullmatch(text):
        return f"{fed[1]}(get({fed[2]} + {fed[3]}), weight, counts, _idx)"
    bare = POWER.sub("1", READ.sub("1", text))
    if CALL.search(bare) or not PLAIN.fullmatch(bare):
        return None
    return READ.sub(lambda found: f"get({found[1]} + ({found[2]}))", text)
