"""One exponential instead of several, where a variable is in the arguments of many, as in the rates of ion channels.

``exp(a - v / 4 mV)``, ``exp(b - v / 5 mV)`` and ``exp(c - v / 18 mV)`` are ``E^45``, ``e^b' E^36`` and ``e^c' E^10``
with ``E = exp((a - v / 4 mV) / 45)``. In the result ``exp_power(x, n)`` is ``exp(x)^n`` and ``exprel_inverse(x, e)`` is
``x / (e^x - 1)`` with ``e = e^x`` given. The exponential of each `x` becomes a line of its own in C++, since compilers
do not find it in all that have it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Any

import numpy as np
import sympy

LARGEST_POWER = 127  # that `exp_power` can form


def exp_power(x: Any, n: int) -> Any:
    """Return exp(x)^n, as ``core/prelude.h`` has it."""
    return np.exp(x) ** n


def whole_power(e: Any, n: int) -> Any:
    """Return e^n for 0 < n < 128."""
    return e**n


def exp_near(x: Any) -> Any:
    """Return e^x for small x, by its series to x^4."""
    return 1.0 + x * (1.0 + x * (1.0 / 2 + x * (1.0 / 6 + x * (1.0 / 24))))


def products(powers: Collection[int]) -> list[tuple[int, int, int]]:
    """Return how powers of one number follow from each other by few products.

    Parameters
    ----------
    powers : collection of int
        Positive exponents.

    Returns
    -------
    list of (int, int, int)
        Exponents that are the sum of two that come before, the first of all being 1.

    Examples
    --------
    >>> products([9, 20, 72, 90])
    [(2, 1, 1), (4, 2, 2), (8, 4, 4), (9, 1, 8), (18, 9, 9), (20, 2, 18), (36, 18, 18), (72, 36, 36), (90, 18, 72)]
    """
    known, found, left = {1}, [], set(powers) - {1}
    while left:
        n = max(left)
        others = known | left - {n}
        pairs = [(a, n - a) for a in sorted(others) if 2 * a <= n and n - a in others]
        if pairs:
            found.append((n, *pairs[-1]))
            known.add(n)
            left.discard(n)
            continue
        steps = sorted({n - a for a in others} | ({n // 2} if n % 2 == 0 else set()))
        near = [b for b in steps if any(b - a in others for a in others)]
        left.add(near[0] if near else n // 2 if n % 2 == 0 else n - 1)
    return sorted(found)


def exprel_inverse(x: Any, grown: Any) -> Any:
    """Return x / (grown - 1), where grown is e^x; by its series near 0, where the difference loses digits: to 1e-9
    there."""
    return np.where(np.abs(x) < 1e-4, 1.0 - x / 2, x / np.where(grown == 1.0, np.inf, grown - 1.0))


def shared_exponentials(expressions: dict[str, Any], varying: Collection[str], exprel: Any) -> dict[str, Any]:
    """Rewrite expressions so that exponentials with arguments in proportion become powers of one.

    Parameters
    ----------
    expressions : dict of str to sympy expression
        Derivatives by variable.
    varying : collection of str
        Names of the variables of state.
    exprel : sympy function
        What stands for ``(e^x - 1) / x``.

    Returns
    -------
    dict of str to sympy expression
        The same where nothing can be shared.
    """
    found = {a for e in expressions.values() for a in e.atoms(sympy.exp, exprel)}
    state = sorted((s for e in expressions.values() for s in e.free_symbols if s.name in varying), key=str)
    replaced: dict[Any, Any] = {}
    for symbol in dict.fromkeys(state):
        calls = sorted((call for call in found if symbol in call.args[0].free_symbols), key=str)
        replaced.update(_powers(calls, symbol, exprel))
    return {name: e.subs(replaced, simultaneous=True) for name, e in expressions.items()}


def _powers(calls: list[Any], symbol: Any, exprel: Any) -> dict[Any, Any]:
    """Return what stands for each of `calls`; nothing if fewer than two have arguments in proportion to the first."""
    if len(calls) < 2:
        return {}
    first = calls[0].args[0]
    slope = sympy.diff(first, symbol)
    shares: dict[Any, tuple[sympy.Rational, float]] = {}
    for call in calls:
        ratio = sympy.nsimplify(sympy.simplify(sympy.diff(call.args[0], symbol) / slope), rational=True)
        if symbol in slope.free_symbols or not ratio.is_Rational:
            continue
        rest = sympy.simplify(call.args[0] - ratio * first)
        if rest.is_number:
            shares[call] = ratio, float(rest)
    whole = math.lcm(*(int(ratio.q) for ratio, _ in shares.values())) if shares else 1
    # as small an exponent as can be: the common divisor of all powers goes into it
    divisor = math.gcd(*(int(ratio * whole) for ratio, _ in shares.values())) if shares else 1
    if len(shares) < 2 or max(abs(ratio * whole) for ratio, _ in shares.values()) > LARGEST_POWER * divisor:
        return {}
    power = sympy.Function("exp_power")
    base = first * sympy.Rational(divisor, whole)
    result = {}
    for call, (ratio, rest) in shares.items():
        n = int(ratio * whole) // divisor
        grown = power(base, sympy.Integer(abs(n))) * sympy.Float(math.exp(rest if n > 0 else -rest))
        result[call] = (
            _inverse_exprel(call.args[0], grown, n)
            if isinstance(call, exprel)
            else grown ** (1 if n > 0 else -1)
        )
    return result


def _inverse_exprel(x: Any, grown: Any, n: int) -> Any:
    """Return exprel(x) where `grown` is e^x for positive `n`, else e^-x: x / (e^x - 1) = e^-x (-x) / (e^-x - 1)."""
    inverse = sympy.Function("exprel_inverse")
    return 1 / inverse(x, grown) if n > 0 else 1 / (inverse(-x, grown) * grown)


def hoisted(lines: list[str]) -> list[str]:
    """Return C++ statements where every exponential within ``exp_power`` is taken once.

    >>> hoisted(["a = exp_power(k*v, 9);", "b = exp_power(k*v, 20);"])
    ['const auto _exp_0 = exp(k*v);', 'a = whole_power(_exp_0, 9);', 'b = whole_power(_exp_0, 20);']
    """
    known: dict[str, str] = {}
    count, found = 0, []
    for line in lines:
        while "exp_power(" in line:
            start = line.index("exp_power(")
            comma, end = argument_ends(line, start + len("exp_power("))
            x = line[start + len("exp_power(") : comma]
            if x not in known:
                known[x] = f"_exp_{count}"
                count += 1
                found.append(f"const auto {known[x]} = exp({x});")
            line = f"{line[:start]}whole_power({known[x]},{line[comma + 1 : end]}){line[end + 1 :]}"
        found.append(line)
        changed = re.match(r"\s*(\w+)\s*[-+*/]?=[^=]", line)  # not the definition of a constant
        if changed:
            known = {x: name for x, name in known.items() if not re.search(rf"\b{changed[1]}\b", x)}
    return found


def argument_ends(line: str, start: int) -> tuple[int, int]:
    """Return where the last comma and the closing bracket of a call are whose arguments begin at `start`."""
    depth, comma = 0, start
    for k in range(start, len(line)):
        if line[k] == ")" and depth == 0:
            return comma, k
        depth += (line[k] == "(") - (line[k] == ")")
        comma = k if line[k] == "," and depth == 0 else comma
    raise ValueError(f"no closing bracket in: {line}")
