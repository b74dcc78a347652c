"""Every cell runs compiled, whatever its step is made of, and records what it says it can; and which cells can be
neurons of a `PointNeuron`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pyNN.codegen as sim
import pytest

from pynn_ext.models.base import Cell, Neuron, Receptor
from pynn_ext.models.registry import all_models

MODELS: dict[str, Any] = all_models()
CELLS = {n: m for n, m in MODELS.items() if issubclass(m, Cell) and n != "PointNeuron"}
NEURONS = [n for n, m in MODELS.items() if issubclass(m, Neuron)]


def _python_calls(act: Callable[[], Any]) -> int:
    """How many functions of Python are entered by `act`."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


def _assert_compiled(cell: Any) -> None:
    """A run of 2000 steps more enters functions of Python a few times more, for progress and interrupts."""
    sim.setup(timestep=1.0)
    cells = sim.Population(70, cell)
    cells.record("spikes")
    sim.run(2.0)
    few, many = (_python_calls(lambda n=n: sim.run(float(n))) for n in (5, 2005))
    assert many < few + 200
    cells.record(cells.celltype.recordable)
    sim.run(2.0)
    signals = cells.get_data().segments[0].analogsignals
    assert {signal.name for signal in signals} == set(cells.celltype.recordable) - {"spikes"}


@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_step_of_a_cell_is_compiled(name: str) -> None:
    _assert_compiled(getattr(sim, name)())


@pytest.mark.parametrize("name", sorted(NEURONS))
def test_a_step_of_a_neuron_with_any_receptor_is_compiled(name: str) -> None:
    kinds = [n for n, m in MODELS.items() if issubclass(m, Receptor)]
    for conductances in (True, False):
        parts = [getattr(sim, kind)() for kind in kinds if MODELS[kind].conductance_based == conductances]
        receptors = {f"r{k}": part for k, part in enumerate(parts)}
        _assert_compiled(sim.PointNeuron(getattr(sim, name)(), **receptors))


def test_cells_with_plain_receptors_are_neurons_of_a_point_neuron() -> None:
    """A cell beyond PyNN's whose only receptors are two exponential ones can be given others."""
    plain = [{"excitatory": f"{x}_exc", "inhibitory": f"{x}_inh"} for x in ("isyn", "gsyn")]
    for name, model in CELLS.items():
        ours = not any(c.__name__ == name and c.__module__.startswith("pyNN.") for c in model.__mro__)
        targets = {receptor: variable for receptor, (variable, _) in model.cell_model.receptors.items()}
        if ours and targets in plain:
            assert name in NEURONS, f"{name} is no neuron of a PointNeuron"
    assert {"GLIF", "Izhikevich9", "LIF_adaptive_threshold", "LIF_stochastic_threshold"} <= set(NEURONS)
