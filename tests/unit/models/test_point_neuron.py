"""Neurons composed of a membrane and receptors: names, access, equality with the cells they describe, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.errors import NonExistentParameterError
from pyNN.random import NumpyRNG, RandomDistribution

from pynn_ext.errors import NetworkError, PynnExtError
from pynn_ext.models.composition import Response, compose
from pynn_ext.models.lif import LIF

MEMBRANE = {"tau_m": 12.0, "cm": 0.5, "v_rest": -62.0, "tau_refrac": 2.0, "v_reset": -63.0, "i_offset": 0.1}
ADEX = {"tau_refrac": 2.0, "i_offset": 0.6}
EXCITATORY = [5.0, 7.3, 12.0, 20.1, 30.0, 31.0, 32.5, 50.0, 50.5, 51.0, 80.0, 82.0, 84.0]
INHIBITORY = [25.0, 60.0, 90.0]


def _composed(kind: str) -> tuple[Any, Any, float, float]:
    """A cell of one piece, the same one composed, and the weights of the two inputs."""
    pieces = {
        "IF_curr_exp": (sim.LIF, MEMBRANE, 2.0, -1.0),
        "IF_cond_exp": (sim.LIF, MEMBRANE, 0.05, 0.03),
        "IF_cond_alpha": (sim.LIF, MEMBRANE, 0.05, 0.03),
        "EIF_cond_exp_isfa_ista": (sim.AdExp, ADEX, 0.02, 0.01),
        "EIF_cond_alpha_isfa_ista": (sim.AdExp, ADEX, 0.02, 0.01),
    }
    neuron, parameters, excitation, inhibition = pieces[kind]
    taus = {"tau_syn_E": 2.0, "tau_syn_I": 7.0}
    if "curr" in kind:
        parts = [sim.CurrExpPostSynapticResponse(tau_syn=tau) for tau in taus.values()]
        reversal = {}
    else:
        response = sim.AlphaPSR if "alpha" in kind else sim.ExpPSR
        parts = [response(tau_syn=tau, e_syn=e) for tau, e in zip(taus.values(), (0.0, -75.0), strict=True)]
        reversal = {"e_rev_E": 0.0, "e_rev_I": -75.0}
    whole = getattr(sim, kind)(**parameters, **taus, **reversal)
    return whole, sim.PointNeuron(neuron(**parameters), AMPA=parts[0], GABA=parts[1]), excitation, inhibition


@pytest.mark.parametrize(
    "kind",
    [
        "IF_curr_exp",
        "IF_cond_exp",
        "IF_cond_alpha",
        "EIF_cond_exp_isfa_ista",
        "EIF_cond_alpha_isfa_ista",
    ],
)
def test_composed_equals_the_cell_of_one_piece(kind: str) -> None:
    sim.setup(timestep=0.1)
    whole, parts, excitation, inhibition = _composed(kind)
    cells = [sim.Population(2, whole), sim.Population(2, parts)]
    inputs = [sim.Population(1, sim.SpikeSourceArray(spike_times=t)) for t in (EXCITATORY, INHIBITORY)]
    for population, receptors in zip(cells, (("excitatory", "inhibitory"), ("AMPA", "GABA")), strict=True):
        for source, receptor, weight in zip(inputs, receptors, (excitation, inhibition), strict=True):
            synapse = sim.StaticSynapse(weight=weight, delay=1.0)
            sim.Projection(source, population, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    conductance = "isyn" if "curr" in kind else "gsyn"
    cells[0].record(["spikes", "v", f"{conductance}_exc", f"{conductance}_inh"])
    cells[1].record(["spikes", "v", f"AMPA.{conductance}", f"GABA.{conductance}"])
    sim.run(120.0)
    one, two = (p.get_data().segments[0] for p in cells)
    assert len(one.spiketrains[0]) > 2
    for a, b in zip(one.spiketrains, two.spiketrains, strict=True):
        np.testing.assert_array_equal(a.magnitude, b.magnitude)
    for a, b in zip(one.analogsignals, two.analogsignals, strict=True):
        np.testing.assert_allclose(b.magnitude, a.magnitude, rtol=1e-9, atol=1e-9)
        assert a.units == b.units


def _neuron(**extra: Any) -> Any:
    return sim.PointNeuron(
        sim.LIF(tau_m=12.0),
        GABA=sim.AlphaPSR(tau_syn=7.0, e_syn=-80.0),
        AMPA=sim.ExpPSR(tau_syn=2.0),
        **extra,
    )


def test_names_come_in_pynns_order() -> None:
    neuron = _neuron(NMDA=sim.BetaPSR())
    assert neuron.receptor_types == ["AMPA", "GABA", "NMDA"]
    assert neuron.recordable == ["spikes", "v", "AMPA.gsyn", "GABA.gsyn", "NMDA.gsyn"]
    assert neuron.units["NMDA.gsyn"] == "uS" and neuron.conductance_based and neuron.injectable
    assert neuron.has_parameter("NMDA.tau_rise") and not neuron.has_parameter("NMDA.tau_syn")
    assert "PointNeuron" in neuron.describe()


def test_nested_parameters_are_read_and_written_by_name_and_by_view() -> None:
    sim.setup()
    p = sim.Population(4, _neuron(), initial_values={"v": -60.0, "AMPA.gsyn": 0.1})
    assert p.get("tau_m") == 12.0 and p.get("GABA.e_syn") == -80.0
    assert p.get(["AMPA.tau_syn", "GABA.tau_syn"]) == [2.0, 7.0]
    p.set(AMPA={"tau_syn": 3.0}, **{"GABA.tau_syn": [4.0, 5.0, 6.0, 7.0]}, tau_m=9.0)
    p[1:3].set(**{"AMPA.tau_syn": 8.0})
    assert p.get("tau_m") == 9.0
    assert p.get("AMPA.tau_syn").tolist() == [3.0, 8.0, 8.0, 3.0]
    assert p[2:].get("GABA.tau_syn").tolist() == [6.0, 7.0]
    p[0].set_parameters(**{"AMPA.e_syn": -5.0})
    assert p.get("AMPA.e_syn").tolist() == [-5.0, 0.0, 0.0, 0.0]
    p[3:].initialize(**{"AMPA.gsyn": 0.4})
    assert p.initial_values["AMPA.gsyn"].evaluate().tolist() == [0.1, 0.1, 0.1, 0.4]
    p.record("AMPA.gsyn")
    sim.run(0.1)
    first = p.get_data().segments[0].analogsignals[0].magnitude[0]
    assert first.tolist() == [0.1, 0.1, 0.1, 0.4]


def test_values_that_differ_act_cell_by_cell() -> None:
    sim.setup()
    taus = RandomDistribution("uniform", (2.0, 9.0), rng=NumpyRNG(1))
    neuron = sim.PointNeuron(
        sim.LIF(cm=[0.5, 1.0, 1.5]), A=sim.AlphaPSR(tau_syn=taus), B=sim.ExpPSR(tau_syn=[1.0, 2.0, 3.0])
    )
    together = sim.Population(3, neuron)
    apart = []
    for i in range(3):
        receptors = {
            "A": sim.AlphaPSR(tau_syn=float(together.get("A.tau_syn")[i])),
            "B": sim.ExpPSR(tau_syn=i + 1.0),
        }
        apart.append(sim.Population(1, sim.PointNeuron(sim.LIF(cm=0.5 + 0.5 * i), **receptors)))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=EXCITATORY))
    for p in (together, *apart):
        for receptor in "AB":
            synapse = sim.StaticSynapse(weight=0.01, delay=1.0)
            sim.Projection(source, p, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        p.record("v")
    sim.run(60.0)
    v, *single = (p.get_data().segments[0].analogsignals[0].magnitude for p in (together, *apart))
    np.testing.assert_allclose(v, np.hstack(single), rtol=1e-12)


def test_twenty_receptors_are_integrated_exactly() -> None:
    sim.setup()
    taus = np.linspace(1.0, 20.0, 20)
    receptors = {f"R{i:02d}": sim.CurrExpPostSynapticResponse(tau_syn=tau) for i, tau in enumerate(taus)}
    p = sim.Population(1, sim.PointNeuron(sim.LIF(tau_m=20.5), **receptors))
    p.initialize(**{f"{name}.isyn": 0.01 for name in receptors})
    p.record("v")
    sim.run(30.0)
    t = np.arange(301) * 0.1
    response = (np.exp(-t[:, None] / 20.5) - np.exp(-t[:, None] / taus)) / (1.0 / taus - 1.0 / 20.5)
    v = p.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    np.testing.assert_allclose(v + 65.0, 0.01 * response.sum(axis=1), atol=1e-11)


@pytest.mark.parametrize(
    ("rise", "decay"), [(0.2, 1.7), (2.0, 5.0), (5.0, 1.0), (3.0, 3.0), (3.0, 3.0 + 1e-7)]
)
def test_beta_peaks_at_the_weight_for_any_time_constants(rise: float, decay: float) -> None:
    sim.setup()
    p = sim.Population(1, sim.PointNeuron(sim.LIF(), R=sim.BetaPSR(tau_rise=rise, tau_decay=decay)))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    p.record("R.gsyn")
    sim.run(30.0)
    g = p.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    t = np.clip(np.arange(301) * 0.1 - 2.0, 0.0, None)
    if abs(rise - decay) < 1e-3:
        expected = t / rise * np.exp(1.0 - t / rise)
    else:
        peak = np.log(decay / rise) * rise * decay / (decay - rise)
        expected = (np.exp(-t / decay) - np.exp(-t / rise)) / (np.exp(-peak / decay) - np.exp(-peak / rise))
    np.testing.assert_allclose(g, 0.01 * expected, rtol=1e-6, atol=1e-15)


def test_a_neuron_without_receptors_is_driven_by_current() -> None:
    sim.setup()
    p = sim.Population(1, sim.PointNeuron(sim.LIF(i_offset=1.0)))
    assert p.receptor_types == []
    p.record("spikes")
    sim.run(100.0)
    assert len(p.get_data().segments[0].spiketrains[0]) == 3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: sim.PointNeuron(sim.LIF(), A=sim.ExpPSR(), B=sim.CurrExpPostSynapticResponse()),
            "A is a conductance, B is a current",
        ),
        (lambda: sim.PointNeuron(sim.IF_cond_exp()), "is no neuron"),
        (lambda: sim.PointNeuron(sim.LIF(), A=0.5), "A=0.5 is no receptor"),
        (lambda: sim.PointNeuron(sim.LIF(), _A=sim.ExpPSR()), "named '_A'"),
        (lambda: sim.LIF(taum=1.0), "did you mean 'tau_m'"),
        (lambda: sim.BetaPSR(tau_syn=1.0), "no parameter 'tau_syn'"),
    ],
)
def test_what_cannot_be_composed_is_refused(make: Any, words: str) -> None:
    with pytest.raises(PynnExtError, match=words):
        make()


def test_unknown_names_and_meaningless_values_are_refused() -> None:
    sim.setup()
    p = sim.Population(2, _neuron())
    with pytest.raises(NonExistentParameterError):
        p.set(AMPA={"tau": 1.0})
    with pytest.raises(NonExistentParameterError):
        p.get("AMPA.locations")
    with pytest.raises(PynnExtError, match=r"AMPA.tau_syn = 0"):
        p.set(**{"AMPA.tau_syn": 0.0})
    with pytest.raises(PynnExtError, match=r"no variable 'AMPA.g'"):
        p.record("AMPA.g")
    with pytest.raises(NetworkError, match=r"no state variable 'AMPA.g'"):
        p.initialize(**{"AMPA.g": 0.0})


def test_names_of_receptors_replace_whole_words_alone() -> None:
    response = Response(
        "dd/dt = (x - d)/tau : siemens\ndx/dt = -x/tau : siemens",
        "d*(e - v)",
        {"tau": "second", "e": "volt"},
        "x",
    )
    model = compose("m", LIF.membrane, {"d": response, "tau": response})
    assert model.state_variables == ("v", "d_d", "d_x", "tau_d", "tau_x")
    assert "d_d*(d_e - v) + tau_d*(tau_e - v)" in model.equations
    assert "dd_x/dt = -d_x/d_tau" in model.equations and "v_rest - v)/tau_m" in model.equations
