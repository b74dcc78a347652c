"""Statements of the synapses, run in plain Python, against NEST's numbers; composition of STDP mechanisms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.models.registry import all_models

from .interpreter import Interpreter

MODELS: dict[str, Any] = dict(all_models())
PRE = [10.0, 30.0, 55.0, 60.0, 100.0, 131.0, 200.0]
POST = [t + 1.0 for t in (15.0, 28.0, 58.0, 90.0, 105.0, 128.0)]  # after a dendritic delay of 1 ms
# NEST 3.10 stdp_synapse, weight 0.5, Wmax 1, lambda 0.01, alpha 1, both tau 20 ms
GOLDEN = {
    "AdditiveWeightDependence": 0.486064266,
    "MultiplicativeWeightDependence": 0.493063370,
    "AdditivePotentiationMultiplicativeDepression": 0.512124907,
    "GutigWeightDependence": 0.490176335,
}


class _State:
    default_delay = 0.1


class _Simulator:
    state = _State()


class Mechanism(MODELS["STDPMechanism"]):  # type: ignore[misc, name-defined, valid-type]
    _simulator = _Simulator()


def _mechanism(dependence: str, **parameters: Any) -> Any:
    return Mechanism(
        timing_dependence=MODELS["SpikePairRule"](tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.01),
        weight_dependence=MODELS[dependence](**parameters),
        weight=0.5,
    )


def _weight(dependence: str, weight: float = 0.5, **parameters: Any) -> float:
    mechanism = _mechanism(dependence, **parameters)
    components = (mechanism.timing_dependence, mechanism.weight_dependence)
    values = {name: c.parameter_space[name].base_value for c in components for name in c.default_parameters}
    return Interpreter(mechanism.synapse_model, {"weight": weight, **values}).pairs(PRE, POST)


@pytest.mark.parametrize("dependence", list(GOLDEN))
def test_stdp_equals_nest(dependence: str) -> None:
    assert _weight(dependence) == pytest.approx(GOLDEN[dependence], abs=1e-9)


@pytest.mark.parametrize("dependence", list(GOLDEN))
@pytest.mark.parametrize("scale", [0.04, 25.0, -1.0])
def test_stdp_scales_with_w_max(dependence: str, scale: float) -> None:
    """As in NEST; a negative w_max goes with the negative weights of an inhibitory current."""
    changed = _weight(dependence, 0.5 * scale, w_max=scale)
    assert changed == pytest.approx(scale * GOLDEN[dependence], abs=1e-9 * abs(scale))


@pytest.mark.parametrize("dependence", list(GOLDEN))
def test_stdp_stays_within_its_bounds(dependence: str) -> None:
    for weight, bounds in ((0.0, (0.0, 1.0)), (1.0, (0.0, 1.0)), (0.5, (0.5, 0.5)), (0.3, (0.2, 0.9))):
        changed = _weight(dependence, weight, w_min=bounds[0], w_max=bounds[1])
        assert bounds[0] <= changed <= bounds[1]


def test_each_mechanism_has_its_own_parameters() -> None:
    additive, guetig = _mechanism("AdditiveWeightDependence"), _mechanism("GutigWeightDependence")
    assert "mu_plus" in guetig.translations and "mu_plus" not in additive.translations
    assert set(Mechanism.base_translations) == {"weight", "delay", "dendritic_delay_fraction"}
    assert additive.synapse_model != guetig.synapse_model
    assert set(additive.native_parameters.keys()) == set(additive.get_parameter_names())


# NEST 3.10 tsodyks_synapse: weight 100, tau_psc 3 ms, (tau_rec, tau_facil, U) -> what each spike transmits
TSODYKS_TIMES = [1.0, 11.0, 12.0, 40.0, 45.0, 100.0]
TSODYKS = {
    (800.0, 0.0, 0.5): [50.0, 25.220978092, 12.642853112, 7.765597367, 4.158364286, 5.253155010],
    (100.0, 1000.0, 0.04): [4.0, 7.511028346, 10.197276496, 12.285411378, 13.056743142, 15.553945542],
    (5.0, 50.0, 0.3): [30.0, 43.160760995, 31.743596830, 54.589911621, 42.134260808, 45.097875792],
}


def _tsodyks(
    times: list[float], tau_rec: float, tau_facil: float, use: float, tau_psc: float = 3.0
) -> list[float]:
    values = {"weight": 100.0, "U": use, "tau_rec": tau_rec, "tau_facil": tau_facil, "tau_psc": tau_psc}
    synapse = Interpreter(MODELS["TsodyksMarkramSynapse"].synapse_model, values)
    return [synapse.pre(t) for t in times]


@pytest.mark.parametrize("parameters", list(TSODYKS))
def test_tsodyks_markram_equals_nest(parameters: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(_tsodyks(TSODYKS_TIMES, *parameters), TSODYKS[parameters], atol=1e-7)


def test_delays_of_plastic_synapses_may_be_an_array() -> None:
    delays = np.array([[1.0, 2.0], [3.0, 4.0]])
    mechanism = Mechanism(
        timing_dependence=MODELS["SpikePairRule"](),
        weight_dependence=MODELS["AdditiveWeightDependence"](),
        delay=delays,
    )
    assert np.array_equal(mechanism.parameter_space["delay"].base_value, delays)


def test_tsodyks_markram_epsp_ratios() -> None:
    """EPSP peaks at 20 Hz: what is transmitted plus what is left of earlier EPSPs (tau_m 10 ms)."""
    times = [10.0 + 50.0 * i for i in range(8)]
    sent = np.array(_tsodyks(times, 800.0, 0.0, 0.5, tau_psc=0.5))
    np.testing.assert_allclose(
        _peaks(sent), [1.0, 0.538, 0.313, 0.208, 0.158, 0.135, 0.124, 0.119], atol=0.002
    )


def _peaks(sent: np.ndarray) -> np.ndarray:
    """Peaks of alternately summed bi-exponential EPSPs (0.5 and 10 ms), relative to the first."""
    t = np.arange(0.0, 420.0, 0.01)
    v = np.zeros_like(t)
    for i, amplitude in enumerate(sent):
        s = np.clip(t - 50.0 * i, 0.0, None)
        v += amplitude * (np.exp(-s / 10.0) - np.exp(-s / 0.5))
    peaks = np.array([v[round(50.0 * i / 0.01) :][:2000].max() for i in range(len(sent))])
    return peaks / peaks[0]


def test_tsodyks_markram_where_the_time_constants_meet() -> None:
    equal = _tsodyks(TSODYKS_TIMES, 3.0, 10.0, 0.5)
    above = _tsodyks(TSODYKS_TIMES, 3.0001, 10.0, 0.5)
    assert np.isfinite(equal).all()
    np.testing.assert_allclose(equal, above, rtol=1e-4)


def test_without_facilitation_the_use_is_constant() -> None:
    """Even for two spikes in one step: the second finds x (1 - U)."""
    assert _tsodyks([0.0, 0.0], 800.0, 0.0, 0.5) == pytest.approx([50.0, 25.0])


@pytest.mark.parametrize("receptor, expected", [("excitatory", 2.0), ("inhibitory", 7.0), ("other", 3.0)])
def test_tsodyks_markram_takes_the_time_constant_of_its_receptor(receptor: str, expected: float) -> None:
    synapse = MODELS["TsodyksMarkramSynapse"]
    hook = synapse.parameters_from_target(None, {"tau_syn_E": 2.0, "tau_syn_I": 7.0}, receptor)
    assert hook == {"tau_psc": expected}


def test_static_synapse_only_transmits() -> None:
    assert MODELS["StaticSynapse"].synapse_model.static


@pytest.mark.parametrize("plastic", [False, True])
def test_a_weight_by_distance_may_have_functions_of_numpy(plastic: bool) -> None:
    import pyNN.codegen as sim
    from pyNN.space import Line

    sim.setup(timestep=0.1)
    cells = sim.Population(4, sim.IF_curr_exp(), structure=Line(dx=2.0))
    text, delay = "0.5 + 2*exp(-d/3)", "0.2 + maximum(d, 1.0)"
    synapse = (
        sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=5.0), weight=text, delay=delay
        )
        if plastic
        else sim.StaticSynapse(weight=text, delay=delay)
    )
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    distance = 2.0 * np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    np.testing.assert_allclose(projection.get("weight", "array"), 0.5 + 2 * np.exp(-distance / 3), rtol=1e-6)
    np.testing.assert_allclose(projection.get("delay", "array"), 0.2 + np.maximum(distance, 1.0))
