"""Single cells against recorded answers of pyNN.nest and pyNN.neuron, to the tolerances stated here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from .scenarios import REFERENCE, SCENARIOS, run

Measure = Callable[..., None]
RECORDED = json.loads(REFERENCE.read_text())
# largest deviation of v (mV) outside -2 ... +3 ms around spikes, from pyNN.nest at 0.1 and at 0.01 ms
V_TOLERANCE = {
    "IF_curr": (1e-6, 1e-6),
    "IF_cond_exp": (0.01, 1e-3),
    "IF_cond_alpha": (0.01, 1e-3),
    "IF_facets": (0.01, 1e-3),
    "EIF": (0.75, 0.01),
    "HH": (0.05, 1e-3),
}
# and of spike times (ms) from pyNN.neuron at 0.01 ms: HH differs by its initial gates and Izhikevich by its
# integration, whatever the step; slow synapses add its errors of first order up (3 ms at 0.1 ms)
NEURON_TOLERANCE = {"HH_cond_exp": 0.5, "Izhikevich": 0.5, "IF_facets_hardware1": 0.3}


def _scenarios(backend: str) -> list[Any]:
    """Scenarios that the backend has answered, marked with their cell type."""
    return [
        pytest.param(name, marks=pytest.mark.model(scenario["cell"]))
        for name, scenario in SCENARIOS.items()
        if f"{backend} 0.01" in RECORDED[name]
    ]


def _outside_spikes(v: np.ndarray, *spikes: np.ndarray) -> np.ndarray:
    t = np.arange(len(v), dtype=float)
    far = np.ones(len(v), dtype=bool)
    for spike in np.concatenate(spikes):
        far &= ~((t > spike - 2.0) & (t < spike + 3.0))
    return far


@pytest.mark.parametrize("timestep", [0.1, 0.01])
@pytest.mark.parametrize("name", _scenarios("nest"))
def test_spikes_within_one_step_of_nest(measure: Measure, name: str, timestep: float) -> None:
    spikes, v = (np.array(x) for x in run(sim, name, timestep))
    reference = RECORDED[name][f"nest {timestep}"]
    expected = np.array(reference["spikes"])
    measure("spikes", spikes, expected, timestep + 1e-9, "ms", reference="NEST")
    model = next((m for m in V_TOLERANCE if name.startswith(m)), None)
    if model is not None:
        far = _outside_spikes(v, spikes, expected)
        nests = np.array(reference["v"])[: len(v)]
        tolerance = V_TOLERANCE[model][timestep < 0.05]
        measure("v outside spikes", v[far], nests[far], tolerance, "mV", reference="NEST")


@pytest.mark.parametrize("name", _scenarios("neuron"))
def test_spikes_near_neuron(measure: Measure, name: str) -> None:
    spikes, _ = run(sim, name, 0.01)
    limit = NEURON_TOLERANCE.get(SCENARIOS[name]["cell"], 0.1)
    measure("spikes", spikes, RECORDED[name]["neuron 0.01"]["spikes"], limit, "ms", reference="NEURON")


def test_every_scenario_was_answered() -> None:
    assert set(RECORDED) == set(SCENARIOS)
    assert {p.values[0] for p in _scenarios("nest")} >= {n for n in SCENARIOS if "gsfa" not in n}
    assert all(len(a["spikes"]) >= 2 for answers in RECORDED.values() for a in answers.values())
