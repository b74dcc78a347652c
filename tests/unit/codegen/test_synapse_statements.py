"""Statements of synapses on each occasion, and the indices of their variables."""

from __future__ import annotations

from pynn_ext.codegen.synapse_statements import drawing, growing, seeing, synapse_variables
from pynn_ext.network import SynapseModel

RANDOM = SynapseModel(
    "random walk",
    parameters={"p": "1", "tau": "1"},
    state={"count": 0.0},
    pre_traces={"x": "tau"},
    post_traces={"y": "tau"},
    pre_state={"v_source": "v"},
    post_state={"v_target": "v"},
    on_transmit="count = count + binomial(3, 2, p)\ntransmitted = weight*int(uniform(0) < p)",
    on_pre="weight = weight + 0.01*(uniform(1) - 0.5)*(1 + y)",
    on_post="weight = weight + 0.02*(uniform(0) - 0.5)",
)


def test_every_draw_belongs_to_its_synapse() -> None:
    assert drawing("x = uniform(0) + my_uniform(1)") == "x = uniform(_syn, 0) + my_uniform(1)"
    assert seeing(RANDOM).count("_syn, ") == 3 and growing(RANDOM).count("_syn, ") == 1


def test_a_synapse_that_says_nothing_transmits_its_weight() -> None:
    assert seeing(SynapseModel("plain")) == "transmitted = weight"
    assert seeing(RANDOM).index("0.01") < seeing(RANDOM).index("transmitted")


def test_variables_have_the_index_of_what_they_belong_to() -> None:
    columns, variables = synapse_variables(RANDOM, frozenset({"weight", "count"}))
    assert columns == ("weight", "p", "tau", "count", "v_source", "v_target")
    assert {name: variable.index for name, variable in variables.items()} == {
        "weight": "_syn", "p": "0", "tau": "0", "count": "_syn", "x": "_pre", "y": "_post", "v_source": "_source",
        "v_target": "_target",
    }  # fmt: skip
    assert [name for name, variable in variables.items() if variable.writable] == ["weight", "count"]
