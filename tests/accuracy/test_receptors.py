"""Receptors of composed neurons against the course they must have, on both neurons and several in one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .response import Input, respond

Measure = Callable[..., None]
RECEPTORS: dict[str, tuple[dict[str, float], str, Callable[..., np.ndarray]]] = {
    # name: parameters, recordable, course from the weight and the time constants
    "CurrExpPostSynapticResponse": ({"tau_syn": 3.0}, "isyn", closed_forms.exponential),
    "CondExpPostSynapticResponse": ({"tau_syn": 3.0}, "gsyn", closed_forms.exponential),
    "CondAlphaPostSynapticResponse": ({"tau_syn": 3.0}, "gsyn", closed_forms.alpha),
    "CondBetaPostSynapticResponse": ({"tau_rise": 0.7, "tau_decay": 4.0}, "gsyn", closed_forms.beta),
}


CURRENTS = ["CurrExpPostSynapticResponse"] * 2
CONDUCTANCES = [*(name for name in RECEPTORS if name.startswith("Cond")), "CondExpPostSynapticResponse"]


@pytest.mark.parametrize("neuron", [pytest.param(n, marks=pytest.mark.model(n)) for n in ("LIF", "AdExp")])
@pytest.mark.parametrize(
    "kinds", [pytest.param(kinds, marks=pytest.mark.model(*set(kinds))) for kinds in (CURRENTS, CONDUCTANCES)]
)
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_course_of_each_receptor(measure: Measure, neuron: str, kinds: list[str], dt: float) -> None:
    """Side by side, two of one kind apart; exact on LIF, of fourth order in steps of 0.1 ms on AdExp."""
    sim.setup(timestep=dt)
    receptors = {f"r{i}": getattr(sim, kind)(**RECEPTORS[kind][0]) for i, kind in enumerate(kinds)}
    inputs = [Input([3.0 + i, 7.0, 7.0], 0.001 * (i + 1), f"r{i}") for i in range(len(kinds))]
    record = [f"r{i}.{RECEPTORS[kind][1]}" for i, kind in enumerate(kinds)]
    answer = respond(sim.PointNeuron(getattr(sim, neuron)(), **receptors), 40.0, *inputs, record=record)
    limit = 1e-12 if neuron == "LIF" else 2e-7
    for given, kind, variable in zip(inputs, kinds, record, strict=True):
        taus, recordable, course = RECEPTORS[kind]
        expected = sum(course(answer.times - t - 1.0, given.weight, *taus.values()) for t in given.times)
        measure("course", answer[variable], expected, limit, "nA" if recordable == "isyn" else "uS")


@pytest.mark.model("CondBetaPostSynapticResponse")
def test_equal_rise_and_decay_are_an_alpha_function(measure: Measure) -> None:
    receptor = sim.CondBetaPostSynapticResponse(tau_rise=2.5, tau_decay=2.5)
    answer = respond(
        sim.PointNeuron(sim.LIF(), only=receptor), 30.0, Input([3.0], 0.01, "only"), record=("only.gsyn",)
    )
    measure("course", answer["only.gsyn"], closed_forms.alpha(answer.times - 4.0, 0.01, 2.5), 1e-8, "uS")


@pytest.mark.model("PointNeuron", "LIF", "CurrExpPostSynapticResponse")
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_currents_of_three_receptors_add_up_exactly(measure: Measure, dt: float) -> None:
    sim.setup(timestep=dt)
    taus, weights = {"fast": 0.5, "medium": 5.0, "slow": 40.0}, {"fast": 0.4, "medium": -0.2, "slow": 0.05}
    receptors = {name: sim.CurrExpPostSynapticResponse(tau_syn=tau) for name, tau in taus.items()}
    cell = sim.PointNeuron(sim.LIF(tau_m=15.0, cm=0.5, v_rest=-65.0, v_thresh=1e3), **receptors)
    inputs = [Input([3.0, 12.0], weights[name], name) for name in taus]
    answer = respond(cell, 60.0, *inputs)
    expected = -65.0 + sum(
        closed_forms.exponential_psp(answer.times - t - 1.0, weights[name], 0.5, 15.0, taus[name])
        for name in taus
        for t in (3.0, 12.0)
    )
    measure("PSP", answer["v"], expected, 1e-10, "mV")


COMPOSED = {
    "IF_curr_exp": ("LIF", "CurrExpPostSynapticResponse", 0.4),
    "IF_cond_exp": ("LIF", "CondExpPostSynapticResponse", 0.02),
    "IF_cond_alpha": ("LIF", "CondAlphaPostSynapticResponse", 0.02),
    "EIF_cond_exp_isfa_ista": ("AdExp", "CondExpPostSynapticResponse", 0.01),
    "EIF_cond_alpha_isfa_ista": ("AdExp", "CondAlphaPostSynapticResponse", 0.01),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.model("PointNeuron", *parts[:2])) for n, parts in COMPOSED.items()],
)
def test_a_composed_neuron_is_the_cell_type_it_describes(measure: Measure, name: str) -> None:
    """The same v and the same spikes, to rounding."""
    neuron, receptor, weight = COMPOSED[name]
    whole = getattr(sim, name)
    cell = {**whole.default_parameters, "i_offset": 0.9, "tau_refrac": 2.0}
    responses = {}
    for side, end in (("excitatory", "E"), ("inhibitory", "I")):
        values = {"tau_syn": cell[f"tau_syn_{end}"]}
        if f"e_rev_{end}" in cell:
            values["e_syn"] = cell[f"e_rev_{end}"]
        responses[side] = getattr(sim, receptor)(**values)
    known = getattr(sim, neuron).default_parameters
    parts = sim.PointNeuron(
        getattr(sim, neuron)(**{k: v for k, v in cell.items() if k in known}), **responses
    )
    sign = -1.0 if "curr" in name else 1.0
    inputs = Input([3.0, 5.0, 30.0], weight), Input([20.0], sign * weight, "inhibitory")
    initial = {"v": cell["v_rest"]}
    expected = respond(whole(**cell), 150.0, *inputs, initial=initial)
    sim.setup(timestep=0.1)
    answer = respond(parts, 150.0, *inputs, initial=initial)
    assert len(expected.spikes[0]) >= 2
    measure("spikes", answer.spikes[0], expected.spikes[0], 1e-9, "ms", name)
    measure("v", answer["v"], expected["v"], 1e-8, "mV", name)
