"""The statements of a plasticity rule as polynomials in traces and the weight.

What the statements of a side add to the weight, or to its eligibility, is expanded into monomials::

    sum_i c_i w^m_i prod_j T_ij

with numbers c_i, in which the parameters have their values, and m_i of 0 or 1. Monomials of the same traces T make one
term, ``c T (w + C)``. The clip around a new weight is left out: the engine holds weights between bounds."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product as pairs

import numpy as np

from pynn_ext.network import SynapseModel

Monomial = tuple[str, ...]  # variables, sorted; one that is there twice is squared
Polynomial = dict[Monomial, float]

WEIGHT = "weight"


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


def terms(model: SynapseModel, values: Mapping[str, float]) -> list[Term]:
    """Return the products of a rule: those of its eligibility, if it has one.

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
    variables = {WEIGHT, *model.pre_traces, *model.post_traces, *model.modulator_state}
    found = []
    if model.eligibility is not None:
        for side, change in (("x", model.eligibility.on_pre), ("y", model.eligibility.on_post)):
            if change:
                found += _terms(side, _polynomial(ast.parse(change, mode="eval").body, values, variables))
        return found
    if model.coupling:
        raise InexpressibleError("it acts in every step, without spikes")
    for there, reason in (
        (model.nearest, "it pairs nearest spikes only, and the engine's traces add up"),
        (model.on_step, "it changes in every step"),
        (len(model.modulator_state) > 1, "it has several modulators, and the engine one reward trace"),
    ):
        if there:
            raise InexpressibleError(reason)
    if model.on_transmit and not (model.on_pre or model.on_post):
        raise InexpressibleError("what it transmits is not its weight")
    if model.on_transmit or model.state or model.pre_state or model.post_state:
        raise InexpressibleError("it has state of its own, or reads that of cells")
    for side, statement in (("x", model.on_pre), ("y", model.on_post)):
        if statement:
            found += _terms(side, _change(statement, values, variables))
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
            exponent = {m: c for m, c in of(value).items() if c and m}
            if exponent:
                raise InexpressibleError(f"'{ast.unparse(node)}' is an exponential of a trace or the weight")
            return {(): float(np.exp(of(value).get((), 0.0)))}
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
