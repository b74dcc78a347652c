"""Texts such as ``"2*exp(-d)"`` as functions of the distance d.

PyNN knows no functions in the texts of synapses, though its connectors take NumPy's. A text is read as Python's syntax
tree, of which numbers, arithmetic, comparisons and NumPy's functions of arrays are computed: nothing in it is run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    ast.UAdd: operator.pos, ast.USub: operator.neg,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
CONSTANTS = {"pi": np.pi, "e": np.e}


class _UnknownError(ValueError):
    """Something that is no part of a formula."""


def by_distance(value: Any) -> Any:
    """Return a text with functions of NumPy as a function of the distance d; other values as they are.

    What is no such text is left to PyNN, which says what it cannot take."""
    if not isinstance(value, str):
        return value
    try:
        tree = ast.parse(value.strip(), mode="eval").body
        formula = _formula(tree)
    except (SyntaxError, _UnknownError):
        return value
    return formula if any(isinstance(node, ast.Call) for node in ast.walk(tree)) else value


def _formula(node: ast.AST) -> Callable[[Any], Any]:
    """Return a part of a text as a function of d."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return lambda d: number
        case ast.Name(id="d"):
            return lambda d: d
        case ast.Name(id=name) if name in CONSTANTS:
            return lambda d: CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return _applied(OPERATORS[type(op)], operand)
        case (
            ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if type(op) in OPERATORS:
            return _applied(OPERATORS[type(op)], left, right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            function = getattr(np, name, None)
            if isinstance(function, np.ufunc) or function is np.where:
                return _applied(function, *arguments)
    raise _UnknownError(ast.unparse(node))


def _applied(function: Callable[..., Any], *operands: ast.AST) -> Callable[[Any], Any]:
    parts = [_formula(operand) for operand in operands]
    return lambda d: function(*(part(d) for part in parts))
