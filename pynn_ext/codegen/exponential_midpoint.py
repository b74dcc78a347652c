"""Second-order exponential integration of conditionally linear equations.

With x' = A x + B, where A and B depend on the other variables only, half a step of exponential Euler gives the
others at the midpoint, and a whole step with A and B taken there is of second order: ``x(t + h) = x + h (A x + B)
exprel(A h)`` with ``exprel(z) = (e^z - 1) / z``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import brian


def exponential_midpoint(equations: brian.Equations, variables: Mapping[str, Any], where: str) -> str:
    """Return the statements of one step.

    Raises
    ------
    NetworkError
        If the equations are not conditionally linear.
    """
    import sympy

    system = brian.conditionally_linear_system(equations, variables, where)
    half = {name: sympy.Symbol(f"_half_{name}", real=True) for name in system}
    symbol = {name: sympy.Symbol(name, real=True) for name in system}
    used = {s.name for a, b in system.values() for s in (a + b).free_symbols}
    chained = {name for name in system if _is_chained(name, system)}
    lines = []
    for name, (a, b) in system.items():
        if name in chained:
            lines.append(_chained_step(name, f"_half_{name}", system, "0.5*dt"))
        elif name in used:
            lines += _exponential_step(name, f"_half_{name}", a, b, "0.5*dt", "half")
    at_half = {symbol[name]: half[name] for name in system}
    for name, (a, b) in system.items():
        if name in chained:
            lines.append(_chained_step(name, f"_new_{name}", system, "dt"))
            continue
        a, b = (x.xreplace(at_half) for x in (a, b))
        lines += _exponential_step(name, f"_new_{name}", a, b, "dt", "new")
    lines += [f"{name} = _new_{name}" for name in system]
    return "\n".join(lines)


def _is_chained(name: str, system: Mapping[str, Any]) -> bool:
    """Whether `name` is driven only by variables that decay freely, as alpha and beta functions are."""
    import sympy

    a, b = system[name]
    drivers = {s.name for s in b.free_symbols} & set(system)
    if not drivers or {s.name for s in a.free_symbols} & set(system):
        return False
    rates = {d: system[d][0] for d in drivers}
    free = all(
        system[d][1] == 0 and not {s.name for s in rates[d].free_symbols} & set(system) for d in drivers
    )
    symbols = [s for s in b.free_symbols if s.name in drivers]
    return free and sympy.simplify(b - sum(b.diff(s) * s for s in symbols)) == 0


def _chained_step(name: str, result: str, system: Mapping[str, Any], step: str) -> str:
    """The exact solution of x' = a x + sum of c_i y_i where y_i decays at the rate a_i: ``x(t + h) = (x + sum of
    c_i y_i h exprel((a_i - a) h)) e^(a h)``, with ``exprel(0) = 1``."""
    import sympy

    a, b = system[name]
    terms = [name]
    for driver in sorted((s for s in b.free_symbols if s.name in system), key=str):
        gap = sympy.simplify(system[driver.name][0] - a)
        growth = "" if gap == 0 else f"*exprel({step}*({brian.to_text(gap)}))"
        terms.append(f"{step}*({brian.to_text(b.diff(driver))}){growth}*{driver.name}")
    return f"{result} = ({' + '.join(terms)})*exp({step}*({brian.to_text(a)}))"


def _exponential_step(name: str, result: str, a: Any, b: Any, step: str, tag: str) -> list[str]:
    if a == 0:
        return [f"{result} = {name} + {step}*({brian.to_text(b)})"]
    if b == 0:
        return [f"{result} = {name}*exp({step}*({brian.to_text(a)}))"]
    rate = f"_rate_{tag}_{name}"
    return [
        f"{rate} = {brian.to_text(a)}",
        f"{result} = {name} + {step}*({rate}*{name} + {brian.to_text(b)})*step_exprel({step}*{rate})",
    ]
