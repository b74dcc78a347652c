"""Neurons that are cells by themselves: the same in a PointNeuron, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pyNN.loihi as chip
import pytest
from pyNN.parameters import ArrayParameter

from pynn_ext.errors import NetworkError, UnsupportedError
from pynn_ext.models.neuron_cell import NeuronCell
from pynn_ext.models.registry import all_models

MODELS: dict[str, Any] = all_models()
NEURONS = [name for name, model in MODELS.items() if issubclass(model, NeuronCell)]


def _run(
    cell: Any, receptors: tuple[str, str], weights: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    sim.setup(timestep=0.1)
    cells = sim.Population(3, cell)
    for times, receptor, weight in zip(([5.0, 9.0, 30.0], [20.0]), receptors, weights, strict=True):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["spikes", "v"])
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    return segment.spiketrains[0].magnitude, segment.analogsignals[0].magnitude[:, 0]


@pytest.mark.parametrize("name", NEURONS)
def test_a_point_neuron_with_the_same_receptors_is_the_same(name: str) -> None:
    model = getattr(sim, name)
    parameters = {"i_offset": [0.3, 0.35, 0.4]}
    if model.conductance_based:
        d, weights = model.default_parameters, (0.02, 0.02)
        parts = [sim.ExpPSR(tau_syn=d[f"tau_syn_{x}"], e_syn=d[f"e_rev_{x}"]) for x in "EI"]
    else:
        parts, weights = [sim.CurrExpPostSynapticResponse(tau_syn=5.0) for _ in range(2)], (0.8, -0.5)
    alone = _run(model(**parameters), ("excitatory", "inhibitory"), weights)
    composed = _run(sim.PointNeuron(model(**parameters), A=parts[0], G=parts[1]), ("A", "G"), weights)
    np.testing.assert_allclose(composed[0], alone[0], atol=1e-9)
    np.testing.assert_allclose(composed[1], alone[1], atol=1e-9)


def test_receptors_of_its_own_are_not_those_of_a_point_neuron() -> None:
    with pytest.raises(NetworkError, match="tau_syn_E"):
        sim.PointNeuron(sim.GLIF(tau_syn_E=2.0), A=sim.CurrExpPostSynapticResponse())
    cells = sim.PointNeuron(sim.GLIF(), A=sim.CurrExpPostSynapticResponse())
    assert not {"tau_syn_E", "tau_syn_I"} & set(cells.get_parameter_names())
    assert "isyn_exc" not in cells.recordable and "A.isyn" in cells.recordable


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sim.GLIF(level=6), "levels are 1 to 5"),
        (lambda: sim.GLIF(level=1, th_spike_add=0.5), "th_spike_add"),
        (lambda: sim.GLIF(level=2, v_reset=-70.0), "v_reset"),
        (lambda: sim.GLIF(level=3, asc_amps=ArrayParameter([0.1])), "one value each"),
        (lambda: sim.Izhikevich9.preset("RX"), "there is no preset 'RX'"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make()


def test_cells_of_one_kind_have_different_after_spike_currents() -> None:
    sim.setup(timestep=0.1)
    amps = np.array([ArrayParameter([-0.01, -0.1]), ArrayParameter([0.0, 0.0])], dtype=object)
    cells = sim.Population(2, sim.GLIF(level=3, asc_amps=amps, i_offset=0.4))
    cells.record("spikes")
    sim.run(300.0)
    few, many = (len(train) for train in cells.get_data().segments[0].spiketrains)
    assert 0 < few < many
    assert [list(x.value) for x in cells.get("asc_amps")] == [[-0.01, -0.1], [0.0, 0.0]]


def test_a_preset_takes_further_parameters() -> None:
    cell = sim.Izhikevich9.preset("IB", i_offset=0.4, d=0.2)
    values = dict(cell.parameter_space.items())
    assert (values["cm"].base_value, values["i_offset"].base_value, values["d"].base_value) == (
        0.15,
        0.4,
        0.2,
    )


def test_a_chip_says_that_it_has_no_such_model() -> None:
    with pytest.raises(UnsupportedError, match="Izhikevich9 is not available on the backend 'loihi'"):
        chip.Izhikevich9()


def test_a_preset_begins_at_rest() -> None:
    sim.setup()
    cells = sim.Population(1, sim.Izhikevich9.preset("IB"))
    cells.record("v")
    sim.run(1.0)
    assert cells.get_data().segments[0].analogsignals[0].magnitude[0, 0] == -75.0
