"""A step of third order on trial, for cells far from a spike, and two of fourth order for those that fail it.

With x' = f(x) and a step h, Ralston's method (1962, Math. Comput. 16:431) is ``k1 = f(x)``, ``k2 = f(x + h k1 / 2)``,
``k3 = f(x + 3 h k2 / 4)``, ``x(t + h) = x + h (2 k1 + 3 k2 + 4 k3) / 9``. The same stages give the midpoint rule ``x +
h k2``, of second order; the difference ``2 h (k1 - 3 k2 + 2 k3) / 9`` is the estimate of the error. A cell for which
that of some variable exceeds its tolerance keeps its state and makes two steps of the classical method of fourth
order, which depends on nothing but that cell.

Variables that decay freely are integrated exactly. An exponential e^b of which several are powers (see
`exponentials`) is taken once in a step on trial: at later stages it is multiplied by the series of e^d, where d is
the change of b; a cell with abs(d) > `SMALL` fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NetworkError
from . import brian
from .exponentials import products

SMALL = 0.02  # the series ends at d^4: what is left is below 3e-11
ESTIMATE = (2 / 9, -2 / 3, 4 / 9)


@dataclass(frozen=True)
class Method:
    """An explicit Runge-Kutta method where each stage needs only the one before.

    Attributes
    ----------
    times : tuple of float
        Where in the step its stages are, in quarters.
    weights : tuple of float
        Those of their derivatives in the step.
    """

    times: tuple[float, ...]
    weights: tuple[float, ...]


RALSTON = Method((0, 0.5, 0.75), (2 / 9, 1 / 3, 4 / 9))
CLASSICAL = Method((0, 0.5, 0.5, 1), (1 / 6, 1 / 3, 1 / 3, 1 / 6))


@dataclass(frozen=True)
class Trial:
    """Statements of a step on trial.

    Attributes
    ----------
    code : str
        Statements of a step on trial, which write the new state.
    excess : tuple of str
        Variables of these; a cell passes if none is above 0.
    finer : str
        Statements of a step for cells that fail.
    """

    code: str
    excess: tuple[str, ...]
    finer: str


def trial(
    equations: brian.Equations,
    variables: Mapping[str, Any],
    method: str,
    tolerance: Mapping[str, float],
    where: str,
) -> Trial:
    """Return the steps for `equations`, with the largest estimated error of each variable in `tolerance`.

    Raises
    ------
    NetworkError
        If `method` is not ``"rk4"``, or a variable has no equation.
    """
    unknown = tolerance.keys() - equations.diff_eq_names
    if method != "rk4" or unknown:
        raise NetworkError(
            f"a tolerance for {', '.join(tolerance)} with the method '{method}'",
            where=where,
            limit="variables with differential equations, integrated by 'rk4'",
            remedy="leave out the tolerance",
        )
    derivatives = brian.derivatives(equations, variables)
    cheap, finer = _Writer(derivatives, RALSTON, series=True), _Writer(derivatives, CLASSICAL, series=False)
    code = cheap.step()
    lines = [f"_excess_{name} = abs({_sum(name, ESTIMATE)}) - {most!r}" for name, most in tolerance.items()]
    excess = (*cheap.excess, *(f"_excess_{name}" for name in tolerance))
    return Trial(
        "\n".join([*code, *lines, *cheap.commit()]), excess, "\n".join([*finer.step(), *finer.commit()])
    )


class _Writer:
    """Writes the statements of a step; with `series`, exponentials at later stages by their series."""

    def __init__(self, derivatives: Mapping[str, Any], method: Method, series: bool) -> None:
        import sympy

        self._derivatives, self._method, self._series = derivatives, method, series
        self._state = {
            s.name: s for e in derivatives.values() for s in e.free_symbols if s.name in derivatives
        }
        self._free = sorted(name for name in self._state if self._decays(name))
        calls = {
            c for e in derivatives.values() for c in e.atoms(sympy.Function) if c.func.__name__ == "exp_power"
        }
        self._powers = sorted(calls, key=str)
        self._bases = sorted({call.args[0] for call in calls}, key=str)
        self.excess: list[str] = []

    def _decays(self, name: str) -> bool:
        symbol, f = self._state[name], self._derivatives[name]
        rate = f.diff(symbol)
        constant = not {"t", *self._derivatives} & {s.name for s in rate.free_symbols}
        return constant and bool((f - symbol * rate).expand() == 0)

    def step(self) -> list[str]:
        """Return the lines that compute the new state."""
        lines = []
        for name in self._free:
            rate = brian.to_text(self._derivatives[name].diff(self._state[name]))
            lines.append(f"_kept_{name} = exp(0.25*dt*({rate}))")
        for stage, time in enumerate(self._method.times, 1):
            lines += [*self._moved(stage, time), *self._grown(stage), *self._slopes(stage, time)]
        for name in self._derivatives:
            if name in self._free:
                lines.append(f"_new_{name} = whole_power(_kept_{name}, 4)*{name}")
            else:
                lines.append(f"_new_{name} = {name} + {_sum(name, self._method.weights)}")
        return lines

    def commit(self) -> list[str]:
        """Return the lines that make the new state the present one."""
        return [f"{name} = _new_{name}" for name in self._derivatives]

    def _moved(self, stage: int, time: float) -> list[str]:
        """Lines that define the state at a stage."""
        lines: list[str] = []
        for name in self._state if stage > 1 else ():
            if name in self._free:
                lines.append(f"_at_{stage}_{name} = whole_power(_kept_{name}, {round(4 * time)})*{name}")
                continue
            lines += [
                f"_by_{stage}_{name} = {time}*dt*_k_{stage - 1}_{name}",
                f"_at_{stage}_{name} = {name} + _by_{stage}_{name}",
            ]
        return lines

    def _grown(self, stage: int) -> list[str]:
        """Lines that define the shared exponentials at a stage."""
        import sympy

        lines = []
        for k, base in enumerate(self._bases):
            if stage == 1 or not self._series:
                lines.append(f"_grown_{stage}_{k} = exp({brian.to_text(self._at(base, stage))})")
                continue
            by = {s: s + sympy.Symbol(f"_by_{stage}_{name}", real=True) for name, s in self._state.items()}
            lines += [
                f"_change_{stage}_{k} = {brian.to_text((base.xreplace(by) - base).expand())}",
                f"_grown_{stage}_{k} = _grown_1_{k}*exp_near(_change_{stage}_{k})",
                f"_excess_{stage}_{k} = abs(_change_{stage}_{k}) - {SMALL}",
            ]
            self.excess.append(f"_excess_{stage}_{k}")
        return lines

    def _slopes(self, stage: int, time: float) -> list[str]:
        """Lines that define the derivatives at a stage."""
        import sympy

        powers, lines = {}, []
        for k, base in enumerate(self._bases):
            grown = f"_grown_{stage}_{k}"
            wanted = {int(call.args[1]): call for call in self._powers if call.args[0] == base}
            name = {n: f"{grown}_{n}" if n > 1 else grown for n in range(1, max(wanted) + 1)}
            lines += [f"{name[n]} = {name[a]}*{name[b]}" for n, a, b in products(wanted)]
            powers.update({call: sympy.Symbol(name[n], real=True) for n, call in wanted.items()})
        for variable, f in self._derivatives.items():
            if variable in self._free:
                continue
            f = self._at(f.subs(powers, simultaneous=True), stage)
            later = {s: s + time * sympy.Symbol("dt", real=True) for s in f.free_symbols if s.name == "t"}
            lines.append(f"_k_{stage}_{variable} = {brian.to_text(f.xreplace(later))}")
        return lines

    def _at(self, f: Any, stage: int) -> Any:
        import sympy

        if stage == 1:
            return f
        return f.xreplace(
            {s: sympy.Symbol(f"_at_{stage}_{name}", real=True) for name, s in self._state.items()}
        )


def _sum(name: str, weights: tuple[float, ...]) -> str:
    return " + ".join(f"{w!r}*dt*_k_{k}_{name}" for k, w in enumerate(weights, 1)).replace("+ -", "- ")
