"""From the statements of a plasticity rule to products of the learning engine.

A rule fits the engine if the change of a weight at a spike is a sum of products of traces, the weight and numbers::

    w := w + sum_i c_i prod_j T_ij w^m_i  ->  z := z + sum_i S_i prod_j V_ij (w + C_i)

On the chip a spike adds an impulse I to a trace, ``V = I T``, and a weight is ``u`` units large, so that ``S_i = u c_i
/ (prod I u^m)``. The statements mean traces as they are before a spike; the engine's have the impulse of that spike
already, so a trace of the side that fires becomes ``V - I``. S is a mantissa of four bits times a power of two. For
each trace the impulse is chosen between 20 and 40 (less where S would be too small) such that one product is exact;
where another one is not, a second product adds what is missing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product as pairs

import numpy as np

from pynn_ext.network import SynapseModel

from .learning import Factor, Product

Monomial = tuple[str, ...]  # variables, sorted; one that is there twice is squared
Polynomial = dict[Monomial, float]

WEIGHT = "weight"
CHIP_TRACES = {"x": ("x1", "x2"), "y": ("y1", "y2", "y3")}
MANTISSA_MIN, MANTISSA_MAX = -8, 7
EXPONENT_MIN, EXPONENT_MAX = -7, 8
LARGEST_CONSTANT = 255
LEAST_IMPULSE, LARGEST_IMPULSE = 1.0, 40.0
CLOSE = 0.01


class InexpressibleError(ValueError):
    """A rule is no sum of products; its text says which part of it is not."""


@dataclass(frozen=True)
class Term:
    """One product of a rule: at a spike of `side` the weight changes by `coefficient` times traces, times the weight
    plus `offset` if `offset` is given; in units of the statements."""

    side: str
    traces: Monomial
    coefficient: float
    offset: float | None = None

    def __str__(self) -> str:
        parts = [*self.traces, *([] if self.offset is None else [f"(w {self.offset:+g})"])]
        return f"{self.coefficient:.4g} {' '.join(parts)} at a {'pre' if self.side == 'x' else 'post'}synaptic spike"


@dataclass
class Microcode:
    """A rule on the engine.

    Attributes
    ----------
    products : list of Product
        For the weight.
    impulses : dict of str to float
        By trace of the engine.
    taus : dict of str to str
        By trace of the engine: the parameter that is its time constant.
    names : dict of str to str
        By trace of the rule: the engine's.
    asked, got : list of (Term, float)
        Coefficients.
    """

    products: list[Product] = field(default_factory=list)
    impulses: dict[str, float] = field(default_factory=dict)
    taus: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[Term, float]] = field(default_factory=list)
    got: list[float] = field(default_factory=list)


def terms(model: SynapseModel, values: Mapping[str, float]) -> list[Term]:
    """Return the products of a rule.

    Parameters
    ----------
    model : SynapseModel
        Its statements.
    values : mapping of str to float
        Numbers for all parameters.

    Raises
    ------
    InexpressibleError
        If there are none.
    """
    if model.on_transmit or model.coupling or model.state or model.pre_state or model.post_state:
        raise InexpressibleError("it has state of its own, or reads that of cells")
    if model.nearest or model.on_step or model.modulator_state:
        raise InexpressibleError("it pairs nearest spikes only, changes in every step, or has a modulator")
    found = []
    for side, statement in (("x", model.on_pre), ("y", model.on_post)):
        if statement:
            found += _terms(side, _change(statement, values, {WEIGHT, *model.pre_traces, *model.post_traces}))
    return found


def _change(statement: str, values: Mapping[str, float], variables: set[str]) -> Polynomial:
    """Return what ``weight = clip(weight + change, low, high)`` adds."""
    body = ast.parse(statement.strip()).body
    node = body[0]
    if len(body) != 1 or not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != WEIGHT:
        raise InexpressibleError(f"'{statement}' is not one change of the weight")
    value = node.value
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "clip":
        value = value.args[0]
    change = _polynomial(value, values, variables)
    change[(WEIGHT,)] = change.get((WEIGHT,), 0.0) - 1.0
    return {m: c for m, c in change.items() if abs(c) > 1e-12}


def _terms(side: str, change: Polynomial) -> list[Term]:
    found = []
    for traces in sorted({tuple(v for v in m if v != WEIGHT) for m in change}):
        constant = change.get(traces, 0.0)
        slope = change.get(tuple(sorted((*traces, WEIGHT))), 0.0)
        if slope:
            found.append(Term(side, traces, slope, constant / slope + 0.0))
        elif constant:
            found.append(Term(side, traces, constant))
    if any(m.count(WEIGHT) > 1 for m in change):
        raise InexpressibleError("the weight is squared")
    return found


def _polynomial(node: ast.expr, values: Mapping[str, float], variables: set[str]) -> Polynomial:
    def of(part: ast.expr) -> Polynomial:
        return _polynomial(part, values, variables)

    match node:
        case ast.Constant(value=float() | int() as number):
            return {(): float(number)}
        case ast.Name(id=name) if name in variables:
            return {(name,): 1.0}
        case ast.Name(id=name) if name in values:
            return {(): float(values[name])}
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _times(of(inner), {(): -1.0})
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _plus(of(left), of(right))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _plus(of(left), _times(of(right), {(): -1.0}))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _times(of(left), of(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _times(of(left), {(): 1.0 / _number(right, values)})
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(left, _number(right, values), values, variables)
        case ast.Call(func=ast.Name(id="clip"), args=[value, low, high]):
            least, most = _number(low, values), _number(high, values)
            return {(): min(max(_number(value, values), least), most)}
        case ast.Call(func=ast.Name(id="exp"), args=[value]):
            return {(): float(np.exp(_number(value, values)))}
    raise InexpressibleError(f"'{ast.unparse(node)}' is no sum of products of traces and the weight")


def _power(base: ast.expr, exponent: float, values: Mapping[str, float], variables: set[str]) -> Polynomial:
    if exponent == 0.0:
        return {(): 1.0}
    if exponent != int(exponent) or exponent < 0:
        raise InexpressibleError(f"'{ast.unparse(base)}' has the power {exponent:g}")
    result: Polynomial = {(): 1.0}
    for _ in range(int(exponent)):
        result = _times(result, _polynomial(base, values, variables))
    return result


def _number(node: ast.expr, values: Mapping[str, float]) -> float:
    """Return the value of an expression without traces and weight."""
    try:
        return _polynomial(node, values, set()).get((), 0.0)
    except InexpressibleError as error:
        raise InexpressibleError(f"'{ast.unparse(node)}' is not a number") from error


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    return {m: a.get(m, 0.0) + b.get(m, 0.0) for m in {**a, **b}}


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for (m, c), (n, d) in pairs(a.items(), b.items()):
        key = tuple(sorted((*m, *n)))
        result[key] = result.get(key, 0.0) + c * d
    return result


def compiled(model: SynapseModel, values: Mapping[str, float], units: float) -> Microcode:
    """Return a rule on the engine.

    Parameters
    ----------
    model : SynapseModel
        Its statements.
    values : mapping of str to float
        Numbers for all parameters.
    units : float
        Units of a stored weight that are a weight of 1.

    Raises
    ------
    InexpressibleError
        If it is no sum of products, or needs more traces or other coefficients than the engine has.
    """
    code = Microcode()
    names = code.names
    for side, traces in (("x", model.pre_traces), ("y", model.post_traces)):
        if len(traces) > len(CHIP_TRACES[side]):
            raise InexpressibleError(
                f"it needs {len(traces)} traces of one side, the engine has {len(CHIP_TRACES[side])}"
            )
        for name, chip in zip(traces, CHIP_TRACES[side], strict=False):
            names[name], code.taus[chip] = chip, traces[name]
    for term in sorted(terms(model, values), key=lambda term: (len(term.traces), term.side)):
        _add(code, term, names, units)
    for trace in code.taus:
        code.impulses.setdefault(trace, 0.0)
    return code


def _add(code: Microcode, term: Term, names: Mapping[str, str], units: float) -> None:
    """Add the products of a term."""
    factors, scale = [], units * term.coefficient
    for trace in (names[name] for name in term.traces):
        factors.append(Factor(trace))
        scale /= code.impulses.get(trace, 1.0)
    if term.offset is not None:
        constant = round(term.offset * units)
        scale /= units
        if abs(constant) > LARGEST_CONSTANT:
            raise InexpressibleError(f"{term}: the engine adds at most {LARGEST_CONSTANT} units to a weight")
        factors.append(Factor("w", constant or None))
    shape = Product(f"{term.side}0", 1, 0, tuple(factors))
    free = [
        factor.variable
        for factor in factors
        if factor.variable in code.taus and factor.variable not in code.impulses
    ]
    for trace in dict.fromkeys(free[1:]):
        code.impulses[trace] = 30.0
        scale /= 30.0
    if free:
        code.impulses[free[0]], exponent = _impulse(scale, shape.shift, term)
        found = [replace(shape, mantissa=1 if scale > 0 else -1, exponent=exponent)]
        scale /= code.impulses[free[0]]
    else:
        found = _approximated(scale, shape, term)
    code.asked.append((term, scale))
    code.got.append(sum(p.mantissa * 2.0 ** (p.exponent - p.shift) for p in found))
    for one in found:
        code.products += _before_its_own_spike(one, code.impulses, term.side)


def _impulse(change: float, shift: int, term: Term) -> tuple[float, int]:
    """Return an impulse (a multiple of 1 / 256), and the exponent of S, such that their product is the change."""
    exponent = max(int(np.ceil(np.log2(abs(change) / LARGEST_IMPULSE))), EXPONENT_MIN - shift)
    impulse = round(abs(change) / 2.0**exponent * 256) / 256
    if impulse < LEAST_IMPULSE or exponent + shift > EXPONENT_MAX:
        low, high = (
            LEAST_IMPULSE * 2.0 ** (EXPONENT_MIN - shift),
            LARGEST_IMPULSE * 2.0 ** (EXPONENT_MAX - shift),
        )
        raise InexpressibleError(
            f"{term}: a change of {abs(change):.3g} units of the stored weight, the engine has {low:.3g} to {high:.3g}"
        )
    return impulse, exponent + shift


def _approximated(scale: float, shape: Product, term: Term) -> list[Product]:
    """Return one or two products whose S add up to `scale`."""
    found: list[Product] = []
    rest = scale
    while abs(rest) > CLOSE * abs(scale) and len(found) < 2:
        options = [
            replace(shape, mantissa=m, exponent=e)
            for e in range(EXPONENT_MIN, EXPONENT_MAX + 1)
            for m in range(MANTISSA_MIN, MANTISSA_MAX + 1)
            if m
        ]
        best = min(options, key=lambda p: abs(p.mantissa * 2.0 ** (p.exponent - p.shift) - rest))
        left = rest - best.mantissa * 2.0 ** (best.exponent - best.shift)
        if abs(left) >= abs(rest):
            break
        found.append(best)
        rest = left
    if abs(rest) > 0.1 * abs(scale):
        raise InexpressibleError(
            f"{term}: a coefficient of {scale:.3g} on the engine, which is out of its range"
        )
    return found


def _before_its_own_spike(product: Product, impulses: Mapping[str, float], side: str) -> list[Product]:
    """Take the impulse of a spike out of the traces of its own side: ``V`` becomes ``V - I``, I rounded."""
    factors = tuple(
        replace(factor, constant=-round(impulses[factor.variable]) or None)
        if factor.variable[0] == side and factor.variable in impulses
        else factor
        for factor in product.factors
    )
    return [replace(product, factors=factors)]
