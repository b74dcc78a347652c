"""Plastic and dynamic synapses against numbers from NEST and from the published model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyNN.codegen as sim
import pytest

Measure = Callable[..., None]
PRE = [10.0, 30.0, 55.0, 60.0, 100.0, 131.0, 200.0]
POST = np.array([15.0, 28.0, 58.0, 90.0, 105.0, 128.0])
# NEST 3.10 stdp_synapse, weight 0.5, w_max 1, lambda 0.01, tau 20 ms, delay 1 ms
GOLDEN = {
    "AdditiveWeightDependence": 0.486064266,
    "MultiplicativeWeightDependence": 0.493063370,
    "AdditivePotentiationMultiplicativeDepression": 0.512124907,
    "GutigWeightDependence": 0.490176335,
}


def _weight_after(
    dependence: object, fraction: float = 1.0, pre: list[float] = PRE, post: np.ndarray = POST
) -> float:
    """Weight after given pre- and postsynaptic spikes; a strong input one step earlier makes the cell fire."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=pre))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=post - 0.2))
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=0.1, v_rest=-65.0, tau_refrac=0.0))
    sim.Projection(driver, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1000.0, delay=0.1))
    mechanism = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.01),
        weight_dependence=dependence,
        dendritic_delay_fraction=fraction,
        weight=0.5,
        delay=1.0,
    )
    projection = sim.Projection(source, cell, sim.OneToOneConnector(), mechanism)
    cell.record("spikes")
    sim.run(250.0)
    np.testing.assert_allclose(cell.get_data().segments[0].spiketrains[0].magnitude, post, atol=1e-9)
    return projection.get("weight", format="list", with_address=False)[0]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.model(n, "STDPMechanism")) for n in GOLDEN]
)
def test_stdp_equals_nest(measure: Measure, name: str) -> None:
    extra = {"mu_plus": 0.5, "mu_minus": 0.5} if name == "GutigWeightDependence" else {}
    dependence = getattr(sim, name)(w_min=0.0, w_max=1.0, **extra)
    measure("weight after two trains", _weight_after(dependence), GOLDEN[name], 1e-8, reference="NEST")


def _pairs(fraction: float) -> float:
    """The additive rule in plain Python; what meets in one step uses the traces from before it."""
    w = 0.5
    events = [(t + (1.0 - fraction), "pre") for t in PRE] + [(t + fraction, "post") for t in POST]
    x = y = last = 0.0
    for time in sorted({round(t, 6) for t, _ in events}):
        x, y = (trace * np.exp(-(time - last) / 20.0) for trace in (x, y))
        last = time
        here = [kind for t, kind in events if round(t, 6) == time]
        w += 0.01 * x if "post" in here else 0.0
        w -= 0.01 * y if "pre" in here else 0.0
        x += "pre" in here
        y += "post" in here
    return w


@pytest.mark.model("STDPMechanism", "SpikePairRule")
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.5, 1.0])
def test_any_dendritic_delay_fraction(measure: Measure, fraction: float) -> None:
    weight = _weight_after(sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0), fraction)
    measure("weight after two trains", weight, _pairs(fraction), 1e-12)


@pytest.mark.model("TsodyksMarkramSynapse")
def test_tsodyks_markram_depression(measure: Measure) -> None:
    """EPSPs above rest at 20 Hz with U = 0.5 and tau_rec = 800 ms, in a cell whose tau_m is 10 ms."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0 + 50.0 * i for i in range(8)]))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=0.5, tau_m=10.0))
    synapse = sim.TsodyksMarkramSynapse(U=0.5, tau_rec=800.0, tau_facil=1.0, weight=0.1, delay=1.0)
    sim.Projection(source, cell, sim.OneToOneConnector(), synapse)
    cell.record("v")
    sim.run(420.0)
    v = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0] + 65.0
    peaks = np.array([v[round((11.0 + 50.0 * i) / 0.1) :][:400].max() for i in range(8)])
    expected = [1.0, 0.538, 0.313, 0.208, 0.158, 0.135, 0.124, 0.119]
    measure("relative EPSPs at 20 Hz", peaks / peaks[0], expected, 0.002)


@pytest.mark.model("TsodyksMarkramSynapse")
def test_facilitation_grows() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0 + 20.0 * i for i in range(5)]))
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=0.5))
    synapse = sim.TsodyksMarkramSynapse(U=0.04, tau_rec=100.0, tau_facil=1000.0, weight=0.01, delay=1.0)
    sim.Projection(source, cell, sim.OneToOneConnector(), synapse)
    cell.record("gsyn_exc")
    sim.run(120.0)
    g = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    peaks = [g[round((11.1 + 20.0 * i) / 0.1)] for i in range(5)]
    assert all(b > a for a, b in zip(peaks, peaks[1:], strict=False))
