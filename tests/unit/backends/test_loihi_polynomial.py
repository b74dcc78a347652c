"""Statements of a rule, expanded to terms of traces and the weight."""

from __future__ import annotations

import pytest
from pynn_ext.backends._loihi.polynomial import InexpressibleError, Term, terms

from pynn_ext.network import SynapseModel

VALUES = {"A2": 0.1, "A3": 0.3, "tau": 20.0}


def rule(on_pre: str = "", on_post: str = "") -> SynapseModel:
    return SynapseModel(
        "rule", dict.fromkeys(VALUES, "1"), pre_traces={"x": "tau"}, post_traces={"y": "tau", "slow": "tau"},
        on_pre=on_pre, on_post=on_post,
    )  # fmt: skip


def test_sums_of_products_are_expanded() -> None:
    model = rule("weight = clip(weight - A2*y, 0, 1)", "weight = clip(weight + x*(A2 + A3*slow), 0, 1)")
    found = {(term.side, term.traces): term.coefficient for term in terms(model, VALUES)}
    assert found == {("x", ("y",)): -0.1, ("y", ("x",)): 0.1, ("y", ("slow", "x")): pytest.approx(0.3)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("y*(1 - weight)", Term("x", ("y",), -1.0, -1.0)),
        ("y*weight", Term("x", ("y",), 1.0, 0.0)),
        ("y**2/4", Term("x", ("y", "y"), 0.25)),
        ("-clip(A3, 0, 0.2)*y", Term("x", ("y",), -0.2)),
        ("exp(0*A2)*y**0", Term("x", (), 1.0)),
    ],
)
def test_the_weight_powers_and_numbers(change: str, expected: Term) -> None:
    assert terms(rule(f"weight = clip(weight + {change}, 0, 1)"), VALUES) == [expected]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("weight = clip(weight + y*weight*weight, 0, 1)", "squared"),
        ("weight = clip(weight + exp(y), 0, 1)", "an exponential of a trace"),
        ("weight = clip(weight + A2/y, 0, 1)", "not a number"),
        ("tag = tag + y", "not one change of the weight"),
        ("weight = clip(weight + y, 0, 1)\nA2 = 3", "not one change of the weight"),
    ],
)
def test_what_is_no_sum_of_products_is_refused(statement: str, reason: str) -> None:
    with pytest.raises(InexpressibleError, match=reason):
        terms(rule(statement), VALUES)
