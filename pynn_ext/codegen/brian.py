"""The only file that touches Brian2's internals: equations and statements in, C++ statements out.

Brian2 parses and checks the units of the equations (`Equations`), turns them into update statements
(`StateUpdateMethod`), and its `CPPCodeGenerator` turns statements into C++ with loop invariants hoisted. The
generated code computes in PyNN's coherent units: unit names are constants of `core/prelude.h`."""

from __future__ import annotations

import collections
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.variables import ArrayVariable, AuxiliaryVariable
from brian2.devices.cpp_standalone import CPPStandaloneCodeObject
from brian2.devices.device import RuntimeDevice
from brian2.equations import Equations
from brian2.parsing.sympytools import sympy_to_str
from brian2.stateupdaters.base import StateUpdateMethod
from brian2.stateupdaters.exact import get_linear_system
from brian2.stateupdaters.exponential_euler import get_conditionally_linear_system
from brian2.units.fundamentalunits import DIMENSIONLESS, get_dimensions

from ..errors import NetworkError


class _Owner:
    name = "group"


class _Index(AuxiliaryVariable):
    """The loop variable of a column; no value occurs twice in one loop, so writes may be vectorised."""

    unique = True


class _Generator(CPPCodeGenerator):
    """Brian2's C++ generator with our array names: the column ``x`` is the pointer ``P_x``."""

    class_name = "cpp"

    @staticmethod
    def get_array_name(var: Any, access_data: bool = True) -> str:
        return f"P_{var.name}"


@dataclass(frozen=True)
class Variable:
    """A name that statements may use.

    Attributes
    ----------
    unit : str
        Brian2 unit expression.
    index : str
        C++ index of its column; ``"0"`` for a value that all share.
    writable : bool
        Whether statements may assign to it.
    conditional : bool
        Whether it is clamped during the refractory period.
    boolean : bool
        Whether it is a truth value.
    """

    unit: str
    index: str = "_idx"
    writable: bool = False
    conditional: bool = False
    boolean: bool = False


def dimensions(unit: str) -> Any:
    """Return the dimensions of a unit expression such as ``"volt/second"``."""
    result = DIMENSIONLESS
    operator = "*"
    for token in unit.replace("*", " * ").replace("/", " / ").split():
        if token in "*/":
            operator = token
        else:
            base, _, power = token.partition("^")
            part = DIMENSIONLESS if base == "1" else get_dimensions(getattr(brian2, base))
            part = part ** int(power) if power else part
            result = result * part if operator == "*" else result / part
    return result


class Statements:
    """Translates abstract code over a set of variables into C++.

    Parameters
    ----------
    variables : mapping of str to Variable
        Every name the code may use, besides ``dt``, ``t``, units and functions.
    """

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        device = RuntimeDevice()
        self._owner = _Owner()
        self._index = {name: v.index for name, v in variables.items()}
        self._index.update(dt="0", t="0")
        self.variables: dict[str, Any] = {}
        everything = {**variables, "dt": Variable("second", "0"), "t": Variable("second", "0")}
        for name, v in everything.items():
            shared = v.index == "0"
            self.variables[name] = ArrayVariable(
                name,
                owner=self._owner,
                size=1 if shared else 64,
                scalar=shared,
                device=device,
                dtype=np.bool_ if v.boolean else np.float64,
                constant=not v.writable,
                read_only=not v.writable,
                dimensions=dimensions(v.unit),
            )
        for name, v in variables.items():
            if v.conditional:
                self.variables[name].set_conditional_write(self.variables["not_refractory"])
        for index in set(self._index.values()) - {"0"}:
            self.variables[index] = _Index(index, dtype=np.int64, scalar=False)
        self.variables.update(
            {n: f for n, f in DEFAULT_FUNCTIONS.items() if n not in ("rand", "randn", "poisson")}
        )

    def translate(self, code: str, iterate: str = "_idx") -> tuple[list[str], list[str]]:
        """Return ``(scalar lines, vector lines)`` for `code`, vectorised over the index `iterate`."""
        index = collections.defaultdict(lambda: iterate, self._index)
        generator = _Generator(
            variables=self.variables,
            variable_indices=index,
            owner=self._owner,
            iterate_all={iterate},
            codeobj_class=CPPStandaloneCodeObject,
            name="kernel",
            template_name="stateupdate",
            override_conditional_write=None,
            allows_scalar_write=True,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scalar, vector, _ = generator.translate({None: code}, dtype=np.float64)
        return list(scalar[None]), list(vector[None])


def parse(equations: str, where: str) -> Equations:
    """Parse equations; a syntax error becomes a `NetworkError` that names the model."""
    try:
        return Equations(equations)
    except Exception as error:
        raise NetworkError(f"the equations cannot be parsed ({error})", where=where) from error


def check_units(equations: Equations, variables: Mapping[str, Any], where: str) -> None:
    """Check the units of every equation."""
    try:
        equations.check_units(_Units(variables), run_namespace={})
    except Exception as error:
        raise NetworkError(f"units do not agree ({error})", where=where) from error


class _Units:
    """Stands for a Brian2 group in unit checks: resolves names."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self.variables = variables

    def resolve_all(self, identifiers: Iterable[str], *_: Any, **__: Any) -> dict[str, Any]:
        from brian2.core.namespace import DEFAULT_UNITS
        from brian2.core.variables import Constant

        resolved: dict[str, Any] = {}
        for name in identifiers:
            if name in self.variables:
                resolved[name] = self.variables[name]
            elif name in DEFAULT_UNITS:
                unit = DEFAULT_UNITS[name]
                resolved[name] = Constant(name, float(unit), dimensions=get_dimensions(unit))
            else:
                raise KeyError(f"the name '{name}' is not known")
        return resolved


def update_code(equations: Equations, variables: Mapping[str, Any], method: str, where: str) -> str:
    """Return the statements that advance the state by one step with a method of Brian2 or
    `exponential_midpoint`."""
    if method == "exponential_midpoint":
        return exponential_midpoint(equations, variables, where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return StateUpdateMethod.apply_stateupdater(
                equations, dict(variables), method, group_name="group"
            )
        except Exception as error:
            raise NetworkError(
                f"the method '{method}' cannot integrate these equations ({error})", where=where
            ) from error


def exponential_midpoint(equations: Equations, variables: Mapping[str, Any], where: str) -> str:
    """Second-order exponential integration of conditionally linear equations.

    With x' = A x + B, where A and B depend on the other variables only, half a step of exponential Euler
    gives the others at the midpoint, and a whole step with A and B taken there is of second order: ``x(t + h)
    = x e^(A h) + (e^(A h) - 1) B / A``."""
    try:
        system = get_conditionally_linear_system(equations, variables)
    except Exception as error:
        raise NetworkError(f"the equations are not conditionally linear ({error})", where=where) from error
    import sympy

    half = {name: sympy.Symbol(f"_half_{name}", real=True) for name in system}
    symbol = {name: sympy.Symbol(name, real=True) for name in system}
    used = {s.name for a, b in system.values() for s in (sympy.sympify(a) + sympy.sympify(b)).free_symbols}
    lines = []
    for name, (a, b) in system.items():
        if name in used:
            lines += _exponential_step(
                name, f"_half_{name}", sympy.sympify(a), sympy.sympify(b), "0.5*dt", "half"
            )
    at_half = {symbol[name]: half[name] for name in system}
    for name, (a, b) in system.items():
        a, b = (sympy.sympify(x).xreplace(at_half) for x in (a, b))
        lines += _exponential_step(name, f"_new_{name}", a, b, "dt", "new")
    lines += [f"{name} = _new_{name}" for name in system]
    return "\n".join(lines)


def _exponential_step(name: str, result: str, a: Any, b: Any, step: str, tag: str) -> list[str]:
    if a == 0:
        return [f"{result} = {name} + {step}*({sympy_to_str(b)})"]
    if b == 0:
        return [f"{result} = {name}*exp({step}*({sympy_to_str(a)}))"]
    rate, ratio = f"_rate_{tag}_{name}", f"_limit_{tag}_{name}"
    return [
        f"{rate} = {sympy_to_str(a)}",
        f"{ratio} = -({sympy_to_str(b)})/{rate}",
        f"{result} = {ratio} + ({name} - {ratio})*exp({step}*{rate})",
    ]


def linear_system(
    equations: Equations, variables: Mapping[str, Any], where: str
) -> tuple[list[str], Any, Any]:
    """Return ``(names, A, b)`` of x' = A x + b, or raise if the equations are not linear."""
    try:
        names, matrix, constant = get_linear_system(equations, variables)
    except Exception as error:
        raise NetworkError(f"the equations are not linear ({error})", where=where) from error
    return list(names), matrix, constant


def to_text(expression: Any) -> str:
    """Return a sympy expression as text in Brian2's syntax."""
    return sympy_to_str(expression)


def unit_text(dim: Any) -> str:
    """Return a unit expression for dimensions, in the form that `dimensions` reads."""
    names = ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candela")
    parts = [f"{name}^{int(power)}" for name, power in zip(names, dim._dims, strict=True) if power]
    return "*".join(parts) or "1"
