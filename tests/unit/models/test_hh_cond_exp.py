"""The compiled step of Hodgkin-Huxley cells, with its shared exponentials, makes the steps that the equations say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence

import pyNN.codegen as sim  # isort: skip

PARAMETERS: dict[str, Any] = {
    "i_offset": np.linspace(-0.2, 1.5, 12),
    "cm": np.linspace(0.19, 0.3, 12),
    "gbar_Na": np.linspace(9.0, 20.0, 12),
    "tau_syn_E": np.linspace(0.3, 8.0, 12),
    "v_offset": np.linspace(-65.0, -60.0, 12),
}
#: Potentials at and near which a rate is 0/0 (13, 15 and 40 mV above v_offset), and far away ones.
START = -63.0 + np.array(
    [13.0, 15.0, 40.0, 13.0 + 1e-6, 15.0 - 1e-9, 40.0 + 1e-4, 0.0, 100.0, -57.0, 5.0, -40.0, 20.0]
)


def recorded(parameters: dict[str, Any], timestep: float) -> np.ndarray:
    sim.setup(timestep=timestep, min_delay=timestep)
    cells = sim.Population(12, sim.HH_cond_exp(**parameters))
    cells.initialize(v=START)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence([1.0, 3.0, 7.0, 12.0])))
    for receptor, weight in (("excitatory", 0.01), ("inhibitory", 0.02)):
        synapse = sim.StaticSynapse(weight=weight, delay=timestep)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["v", "gsyn_exc", "gsyn_inh"])
    sim.run(25.0)
    return np.hstack([signal.magnitude for signal in cells.get_data().segments[0].analogsignals])


@pytest.mark.parametrize("timestep", [0.01, 0.05, 0.1, 0.25])
@pytest.mark.parametrize("names", [(), tuple(PARAMETERS), ("i_offset",)])
def test_the_compiled_step_is_that_of_the_equations_as_they_are(
    names: tuple[str, ...], timestep: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = {name: PARAMETERS[name] for name in names}
    whole = replace(
        sim.HH_cond_exp.cell_model, tolerance={}
    )  # what fails a step on trial depends on what is shared
    monkeypatch.setattr(sim.HH_cond_exp, "cell_model", whole)
    compiled = recorded(parameters, timestep)
    plain = replace(whole, name="HH_cond_exp, plain")  # by a name of its own in the cache
    monkeypatch.setattr(sim.HH_cond_exp, "cell_model", plain)
    monkeypatch.setattr("pynn_ext.codegen.brian.shared_exponentials", lambda expressions, *_: expressions)
    np.testing.assert_allclose(compiled, recorded(parameters, timestep), rtol=1e-7, atol=1e-7)


def test_a_cell_exactly_where_a_rate_is_undefined_goes_on() -> None:
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.HH_cond_exp(v_offset=-63.0))
    cells.initialize(v=[-50.0, -48.0, -23.0])
    cells.record("v")
    sim.run(1.0)
    assert np.isfinite(cells.get_data().segments[0].analogsignals[0].magnitude).all()


@pytest.mark.parametrize("timestep", [0.1, 0.25])
def test_cells_that_fail_the_step_on_trial_make_the_steps_of_the_method(
    timestep: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If all fail (no error is below -1 mV), it is as without trial; 0.25 ms are three, of two steps each."""
    answers = []
    for tolerance, most in (({"v": -1.0}, 0.05), ({}, {0.1: 0.05, 0.25: 0.25 / 6}[timestep])):
        model = replace(sim.HH_cond_exp.cell_model, tolerance=tolerance, max_step=most)
        monkeypatch.setattr(sim.HH_cond_exp, "cell_model", model)
        answers.append(recorded(PARAMETERS, timestep))
    np.testing.assert_allclose(*answers, rtol=1e-5, atol=1e-4)  # decays are exact in the one only
