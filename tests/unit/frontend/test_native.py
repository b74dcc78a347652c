"""A user's own cell type: equations, units, recording, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN import errors

from pynn_ext.errors import NetworkError

EQUATIONS = """dv/dt = (e_l - v)/tau + (g*(e_rev - v) + i_inj)/c : volt (unless refractory)
dg/dt = -g/tau_g : siemens"""


def _quadratic(**changes: Any) -> Any:
    description = {
        "equations": EQUATIONS,
        "parameters": {
            "tau": (10.0, "second"),
            "c": (0.2, "farad"),
            "e_l": (-70.0, "volt"),
            "e_rev": (0.0, "volt"),
            "tau_g": (5.0, "second"),
            "v_t": (-50.0, "volt"),
        },
        "threshold": "v > v_t",
        "reset": "v = e_l",
        "refractory": "2 ms",
        "receptors": {"AMPA": "g"},
        "initial_values": {"v": -70.0},
        **changes,
    }
    return sim.native_cell_type("Own", **description)


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def test_it_is_a_cell_type_like_any_other() -> None:
    own = _quadratic()
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 20.0]))
    p = sim.Population(3, own(tau=[5.0, 10.0, 20.0]), label="own")
    sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    p.record(["v", "g", "spikes"])
    sim.run(30.0)
    v, g = p.get_data().segments[0].analogsignals
    assert (v.name, str(v.units.dimensionality), g.name, str(g.units.dimensionality)) == (
        "v",
        "mV",
        "g",
        "uS",
    )
    assert list(p.get("tau")) == [5.0, 10.0, 20.0]
    assert v.magnitude[0].tolist() == [-70.0] * 3 and min(p.get_spike_counts().values()) > 0
    np.testing.assert_allclose(g.magnitude[21, 0], 0.1 * np.exp(-0.1 / 5.0), rtol=1e-9)


def test_its_parameters_can_be_set_between_runs() -> None:
    p = sim.Population(1, _quadratic()())
    p.record("v")
    sim.run(1.0)
    p.set(e_l=-60.0)
    sim.run(100.0)
    assert p.get_data().segments[0].analogsignals[0].magnitude[-1, 0] == pytest.approx(-60.0, abs=0.01)


def test_mistakes() -> None:
    with pytest.raises(NetworkError, match="not a valid name"):
        _quadratic(parameters={"tau; import os": (1.0, "second")})
    with pytest.raises(NetworkError, match="did you mean 'g'"):
        _quadratic(receptors={"AMPA": "gg"})
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'tau'"):
        _quadratic()(taw=1.0)
    p = sim.Population(1, _quadratic()())
    with pytest.raises(errors.ConnectionError, match="did you mean 'AMPA'"):
        sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), receptor_type="AMPAA")
