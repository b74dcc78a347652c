"""Composed neurons against recorded answers of NEST and of pyNN.neuron."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from .composed import REFERENCE, SCENARIOS, run

RECORDED = json.loads(REFERENCE.read_text())
# spike times (ms), v outside spikes (mV) and the receptor's state (nA or uS); NEURON integrates in first order
TOLERANCE = {
    "LIF CurrExp": (1e-9, 1e-8, 1e-8),
    "LIF CondExp": (0.1, 0.1, 1e-8),
    "LIF CondBeta": (1e-9, 2e-4, 1e-8),
    "AdExp CondAlpha": (0.011, 0.002, 1e-8),
    "AdExp CondBeta": (0.011, 0.002, 1e-8),
}


def _scenarios() -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.model("PointNeuron", neuron, receptor))
        for name, (neuron, _, receptor, *_) in SCENARIOS.items()
    ]


@pytest.mark.parametrize("name", _scenarios())
def test_composed_neurons(measure: Callable[..., None], name: str) -> None:
    spikes, v, state = (np.array(x) for x in run(sim, name))
    expected, theirs, states = (np.array(RECORDED[name][key]) for key in ("spikes", "v", "A"))
    reference = "NEURON" if SCENARIOS[name][-1] == "neuron" else "NEST"
    spike_limit, v_limit, state_limit = TOLERANCE[name]
    measure("spikes", spikes, expected, spike_limit, "ms", reference)
    times = np.arange(min(len(v), len(theirs)), dtype=float)
    far = np.ones(len(times), dtype=bool)
    for spike in (*spikes, *expected):
        far &= ~((times > spike - 2.0) & (times < spike + 3.0))
    measure("v outside spikes", v[: len(far)][far], theirs[: len(far)][far], v_limit, "mV", reference)
    measure("receptor", state[: len(far)], states[: len(far)], state_limit, "", reference)
