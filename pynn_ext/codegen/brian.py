"""The only file that touches Brian2's internals: equations and statements in, C++ statements or NumPy programs
out.

Brian2 parses and checks the units of the equations (`Equations`), turns them into update statements
(`StateUpdateMethod`), and its `CPPCodeGenerator` turns statements into C++ with loop invariants hoisted; where
there is no compiler, its `NumpyCodeGenerator` and `NumpyCodeObject` run the same statements. Both compute in
PyNN's coherent units: unit names are the constants of `core/prelude.h`."""

from __future__ import annotations

import collections
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brian2
import numpy as np
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import ArrayVariable, AuxiliaryVariable
from brian2.devices.cpp_standalone import CPPStandaloneCodeObject
from brian2.devices.device import RuntimeDevice
from brian2.equations import Equations
from brian2.equations.codestrings import Expression
from brian2.equations.equations import SingleEquation
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.stateupdaters.base import StateUpdateMethod
from brian2.stateupdaters.exact import get_linear_system
from brian2.stateupdaters.exponential_euler import get_conditionally_linear_system
from brian2.units.fundamentalunits import DIMENSIONLESS, get_dimensions
from sympy import exp as sympy_exp

from ..errors import NetworkError
from .ahead import step_exprel
from .exponentials import exp_near, exp_power, exprel_inverse, hoisted, shared_exponentials, whole_power

EXPREL = DEFAULT_FUNCTIONS["exprel"].sympy_func

# Words of C++ that Brian2 takes for names, but for those that Python or Brian2 keep for themselves.
KEYWORDS = frozenset(
    "auto bool case catch char const constexpr default delete do double enum explicit extern float friend goto inline "
    "long mutable namespace new operator private protected public real register short signed sizeof static struct "
    "switch template this throw typedef typename union unsigned using virtual void volatile".split()
)

ASSIGNED = re.compile(r"^\s*([A-Za-z]\w*)\s*[-+*/]?=(?!=)", re.MULTILINE)
IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z]\w*")
LITERAL = re.compile(r"(?<![\w.])(\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)(?![\w.])")


class _Owner:
    name = "group"


class _Index(AuxiliaryVariable):
    """The loop variable of a column; no value occurs twice in one loop, so writes may be vectorised."""

    unique = True


def _no_draw(*_: Any) -> Any:
    raise NotImplementedError("the caller of a program gives it its draws")


# functions of synapse and number of the draw: `core/random.h`, and `interpreted_groups` for NumPy
DRAWS = {
    "uniform": Function(_no_draw, arg_units=[1, 1], return_unit=1),
    "binomial": Function(_no_draw, arg_units=[1, 1, 1, 1], return_unit=1),
}
EXPONENTIALS = {
    f.__name__: Function(f, arg_units=[1] * f.__code__.co_argcount, return_unit=1)
    for f in (exp_power, exprel_inverse, exp_near, whole_power, step_exprel)
}
for _name, _function in (*DRAWS.items(), *EXPONENTIALS.items()):
    _function.implementations.add_implementation(CPPCodeGenerator, None, name=_name)


class _Generator(CPPCodeGenerator):
    """Brian2's C++ generator with our array names: the column ``x`` is the pointer ``P_x``."""

    class_name = "cpp"

    @staticmethod
    def get_array_name(var: Any, access_data: bool = True) -> str:
        return f"P_{var.name}"


class _ProgramGenerator(NumpyCodeGenerator):
    """Brian2's NumPy generator with the same array names."""

    @staticmethod
    def get_array_name(var: Any, access_data: bool = True) -> str:
        return f"P_{var.name}"

    def read_arrays(self, read: Any, write: Any, indices: Any, *rest: Any) -> list[str]:
        return super().read_arrays(read, write, (), *rest)  # indices are given by the caller

    def translate_statement(self, statement: Any) -> str:
        text = super().translate_statement(statement)
        # `old = v` must not share memory with v, which later statements may change in place
        return re.sub(r"^(\w+ = )([A-Za-z_]\w*)$", r"\1_numpy.copy(\2)", text)


@lru_cache
def unit_values() -> dict[str, float]:
    """Return the value of each unit name in PyNN's coherent units, as `core/prelude.h` gives them."""
    prelude = (Path(__file__).parent / "core" / "prelude.h").read_text()
    lines = re.findall(r"^static constexpr real ([^;]*);", prelude, re.MULTILINE)
    pairs = (item.split("=") for line in lines for item in line.split(","))
    return {name.strip(): float(value) for name, value in pairs}


class Program(NumpyCodeObject):
    """Statements that run over our arrays: the column ``x`` is ``P_x`` in `namespace`, set by the caller."""

    generator_class = _ProgramGenerator

    def __init__(self, statements: Statements, lines: Sequence[str]) -> None:
        self._statements = statements  # Brian2 itself keeps only a weak reference to the owner
        super().__init__(
            statements.owner,
            SimpleNamespace(run="\n".join(lines)),
            statements.variables,
            None,
            "stateupdate",
            "",
            {},
            name="kernel",
        )
        self.compile()

    def variables_to_namespace(self) -> None:
        """Functions and units; nothing is asked from a device."""
        self.nonconstant_values: list[Any] = []
        self.namespace.update(unit_values(), _numpy=np)
        for name, value in self.variables.items():
            if isinstance(value, Function):
                known = type(self) in value.implementations
                self.namespace[name] = (
                    value.implementations[type(self)].get_code(self.owner) if known else value.pyfunc
                )


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
    double : bool
        Whether it is in double precision always, as times are.
    """

    unit: str
    index: str = "_idx"
    writable: bool = False
    conditional: bool = False
    boolean: bool = False
    double: bool = False


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


def _single(line: str, double: set[str]) -> str:
    """Return a C++ statement with constants in single precision, unless one of the names `double` is in it; Brian2
    makes them double whatever the variables are."""
    line = LITERAL.sub(r"\1f", line)
    return (
        line
        if double.intersection(re.findall(r"\w+", line))
        else line.replace("const double _lio_", "const float _lio_")
    )


class Statements:
    """Translates abstract code over a set of variables into C++.

    Parameters
    ----------
    variables : mapping of str to Variable
        Every name the code may use, besides ``dt``, ``t``, units and functions.
    dtype : dtype
        Of everything that need not be double.
    taken : frozenset of str
        Names that have a meaning where the C++ text goes: what statements call so has another name there.
    """

    def __init__(
        self, variables: Mapping[str, Variable], dtype: Any = np.float64, taken: frozenset[str] = frozenset()
    ) -> None:
        self._dtype = np.dtype(dtype)
        self._taken = taken | KEYWORDS
        device = RuntimeDevice()
        self.owner = _Owner()
        self._index = {name: v.index for name, v in variables.items()}
        self._index.update(dt="0", t="0")
        self.variables: dict[str, Any] = {}
        everything = {**variables, "dt": Variable("second", "0"), "t": Variable("second", "0", double=True)}
        self._double = {name for name, v in everything.items() if v.double}
        for name, v in everything.items():
            shared = v.index == "0"
            self.variables[name] = ArrayVariable(
                name,
                owner=self.owner,
                size=1 if shared else 64,
                scalar=shared,
                device=device,
                dtype=np.bool_ if v.boolean else np.float64 if v.double else self._dtype,
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
        self.variables.update(DRAWS)
        self.variables.update(EXPONENTIALS)
        self._taken_here = self._taken & variables.keys()
        for name in self._taken_here:
            own = self._own(name)
            self.variables[own], self._index[own] = self.variables[name], self._index[name]
            if name in self._double:
                self._double.add(own)

    @staticmethod
    def _own(name: str) -> str:
        """Return what a name that is taken is called; Brian2 lets no name of a model begin so."""
        return f"_own_{name}"

    def translate(self, code: str, iterate: str = "_idx") -> tuple[list[str], list[str]]:
        """Return ``(scalar lines, vector lines)`` for `code`, vectorised over the index `iterate`."""
        taken = self._taken_here | self._taken & set(ASSIGNED.findall(code))
        code = IDENTIFIER.sub(lambda found: self._own(found[0]) if found[0] in taken else found[0], code)
        scalar, vector = self._generate(_Generator, CPPStandaloneCodeObject, code, iterate, True)
        if self._dtype == np.float32:
            return [_single(x, self._double) for x in scalar], [_single(x, self._double) for x in vector]
        return hoisted(scalar), hoisted(vector)

    def program(self, code: str, iterate: str = "_idx", whole: bool = True) -> Program:
        """Return `code` as a program over NumPy arrays.

        It acts on whole columns, or on the entries that `iterate` and other indices in its namespace select.
        """
        scalar, vector = self._generate(_ProgramGenerator, Program, code, iterate, whole)
        return Program(self, [*scalar, *vector])

    def _generate(
        self, generator_class: Any, codeobj_class: Any, code: str, iterate: str, whole: bool
    ) -> tuple[list[str], list[str]]:
        index = collections.defaultdict(lambda: iterate, self._index)
        self.variables.setdefault(iterate, _Index(iterate, dtype=np.int64, scalar=False))
        generator = generator_class(
            variables=self.variables,
            variable_indices=index,
            owner=self.owner,
            iterate_all={iterate} if whole else set(),
            codeobj_class=codeobj_class,
            name="kernel",
            template_name="stateupdate",
            override_conditional_write=None,
            allows_scalar_write=True,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scalar, vector, _ = generator.translate({None: code}, dtype=self._dtype)
        return list(scalar[None]), list(vector[None])


def identifiers(*texts: str) -> frozenset[str]:
    """Return all names in texts."""
    return frozenset(name for text in texts for name in IDENTIFIER.findall(text))


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
    """Return the statements that advance the state by one step with a method of Brian2."""
    if not equations.diff_eq_names:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return StateUpdateMethod.apply_stateupdater(
                _share(equations, variables), dict(variables), method, group_name="group"
            )
        except Exception as error:
            raise NetworkError(
                f"the method '{method}' cannot integrate these equations ({error})", where=where
            ) from error


def _share(equations: Equations, variables: Mapping[str, Any]) -> Equations:
    """Return the equations with as few exponentials as `shared_exponentials` can do with."""
    if any(variables[name].dtype == np.float32 for name in equations.diff_eq_names):
        return equations  # powers of what has seven digits have fewer
    texts = {e.varname: e.expr.code for e in equations.values() if e.expr is not None}
    expressions = {name: str_to_sympy(text, variables) for name, text in texts.items()}
    if sum(len(e.atoms(EXPREL, sympy_exp)) for e in expressions.values()) < 2:
        return equations
    shared = shared_exponentials(expressions, equations.diff_eq_names, EXPREL)
    return Equations(
        [
            SingleEquation(
                e.type, e.varname, e.dim, e.var_type, Expression(sympy_to_str(shared[e.varname])), e.flags
            )
            if e.varname in shared and shared[e.varname] != expressions[e.varname]
            else e
            for e in equations.values()
        ]
    )


def conditionally_linear_system(
    equations: Equations, variables: Mapping[str, Any], where: str
) -> dict[str, tuple[Any, Any]]:
    """Return ``(A, B)`` of x' = A x + B for each variable, where these depend on others only, or raise."""
    import sympy

    try:
        system = get_conditionally_linear_system(equations, variables)
    except Exception as error:
        raise NetworkError(f"the equations are not conditionally linear ({error})", where=where) from error
    return {name: (sympy.sympify(a), sympy.sympify(b)) for name, (a, b) in system.items()}


def derivatives(equations: Equations, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the right-hand side of each differential equation, as a sympy expression with shared exponentials."""
    shared = _share(equations, variables)
    return {
        name: str_to_sympy(e.code, variables)
        for name, e in shared.get_substituted_expressions(variables)
        if name in equations.diff_eq_names
    }


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
