"""What procedures follow, as Neo signals: on projections and by the procedure itself, on every backend."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pyNN.codegen as codegen
import pytest

from pynn_ext.errors import NetworkError, PynnExtError
from pynn_ext.learning import procedures
from pynn_ext.learning.eprop import EpropLearner
from pynn_ext.learning.orthogonal_projection import OrthogonalProjection
from pynn_ext.learning.recording import TOLERANCE, Track, Variable
from pynn_ext.learning.synaptic_scaling import RateHomeostasis, SynapticScaling
from pynn_ext.learning.three_factor import ThreeFactorRule

from .test_three_factor import TRAINS, network, trace


def by_name(block: Any, segment: int = 0) -> dict[str, Any]:
    return {s.name: s for s in block.segments[segment].analogsignals}


def error(t: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(t / 5.0), np.cos(t / 9.0)], axis=1)


def test_state_of_a_three_factor_rule(sim: Any) -> None:
    _, projection = network(sim)
    rule = ThreeFactorRule(projection, error, lambda t: 0.5, tau=12.0, interval=10.0, rate=0.01)
    rule.record("all", sampling_interval=2.0)
    own = hasattr(projection, "record")
    if own:
        projection.record(["x", "ThreeFactorRule.dw"], sampling_interval=2.0)
    sim.run(40.0, callbacks=[rule])
    found, times = by_name(rule.get_data()), 2.0 * np.arange(21)
    x = np.stack([trace(train, times, 12.0) for train in TRAINS], axis=1)
    np.testing.assert_allclose(found["x"].magnitude, x, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["error"].magnitude[1:], error(times[1:]))
    assert np.isnan(found["error"].magnitude[0]).all() and (found["gate"].magnitude[1:] == 0.5).all()
    assert found["x"].array_annotations["presynaptic_index"].tolist() == [0, 1, 2]
    assert found["error"].array_annotations["postsynaptic_index"].tolist() == [0, 1]
    dw = found["dw"]
    assert dw.shape == (21, 6) and str(dw.dimensionality) == "nA" and float(dw.sampling_period) == 2.0
    assert dw.array_annotations["postsynaptic_index"].tolist() == [0, 0, 0, 1, 1, 1]
    weights = np.array(projection.get("weight", format="list"))
    total = dw.magnitude[5::5].sum(axis=0)
    order = np.lexsort((weights[:, 0], weights[:, 1]))
    np.testing.assert_allclose(
        weights[order, 2] - 1.0, total, atol=0.02 if sim.__name__ == "pyNN.loihi" else 1e-9
    )
    if own:
        here = by_name(projection.get_data())
        assert np.array_equal(here["x"].magnitude, found["x"].magnitude)
        assert np.array_equal(here["ThreeFactorRule.dw"].magnitude, dw.magnitude, equal_nan=True)
        assert here["x"].annotations["source_projection"] == str(projection.label)


def test_segments_have_the_numbers_that_they_have_elsewhere(sim: Any) -> None:
    """The first run has no samples, the second no procedure."""
    cells, projection = network(sim)
    cells.record("spikes")
    rule = ThreeFactorRule(projection, error, tau=12.0, interval=10.0)
    sim.run(10.0, callbacks=[rule])
    sim.reset()
    sim.run(20.0)
    sim.reset()
    rule.record("x")
    sim.run(20.0, callbacks=[rule])
    sim.reset()
    sim.run(20.0, callbacks=[rule])
    block = rule.get_data()
    assert [segment.name for segment in block.segments] == ["segment002", "segment003"]
    first, second = (by_name(block, k)["x"] for k in (0, 1))
    assert len(first) == len(second) > 1 and float(second.t_start) == 0.0
    numbers = [int(segment.name[-3:]) for segment in cells.get_data().segments]
    assert numbers[-2:] == [2, 3] and len(numbers) == 4


def test_a_reset_that_no_call_showed_is_noticed() -> None:
    codegen.setup(timestep=0.5)
    _, projection = network(codegen)
    rule = ThreeFactorRule(projection, error, tau=12.0, interval=10.0)
    rule.record("x")
    codegen.run(10.0, callbacks=[rule])
    codegen.reset()
    codegen.run(30.0)  # beyond the time of the last call
    codegen.run(20.0, callbacks=[rule])
    segments = rule.get_data().segments
    assert [segment.name for segment in segments] == ["segment000", "segment001"]
    assert float(segments[1].analogsignals[0].t_start) == 30.0


def test_segments_late_recording_and_clearing() -> None:
    codegen.setup(timestep=0.5)
    _, projection = network(codegen)
    rule = ThreeFactorRule(projection, error, tau=12.0, interval=10.0)
    codegen.run(10.0, callbacks=[rule])
    projection.record(["x", "weight"], sampling_interval=5.0)
    rule.record("x")
    codegen.run(25.0, callbacks=[rule])  # the last 5 ms are not known yet
    codegen.reset()
    codegen.run(20.0, callbacks=[rule])
    for block in (projection.get_data(), rule.get_data(clear=True)):
        first, second = (by_name(block, k)["x"] for k in (0, 1))
        every = float(first.sampling_period)
        assert (float(first.t_start), float(second.t_start)) == (10.0, 0.0)
        assert first.shape == (20.0 / every + 1, 3) and second.shape == (20.0 / every + 1, 3)
        at = 10.0 + every * np.arange(len(first))
        expected = np.stack([trace(train, at, 12.0) for train in TRAINS], axis=1)
        np.testing.assert_allclose(first.magnitude, expected, rtol=1e-9, atol=1e-12)
        assert (second.magnitude[0] == 0).all()
    codegen.run(10.0, callbacks=[rule])
    (again,) = rule.get_data().segments
    assert float(again.analogsignals[0].t_start) == 21.0 and len(again.analogsignals[0]) == 10
    assert float(projection.get("x", format="array")[1, 0]) == rule.x[1]


def test_several_procedures_on_one_projection() -> None:
    codegen.setup(timestep=1.0)
    _, projection = network(codegen)
    projection.post.record("spikes")
    scaling = SynapticScaling(projection, norm=2.0, interval=10.0)
    rates = RateHomeostasis(projection, interval=10.0)
    assert {"sums", "rate", "RateHomeostasis.rate"} <= set(projection.recordable)
    projection.record(["sums", "rate"], sampling_interval=10.0)
    codegen.run(30.0, callbacks=[scaling, rates])
    found = by_name(projection.get_data())
    assert str(found["sums"].dimensionality) == "nA" and str(found["rate"].dimensionality) == "Hz"
    assert (
        found["sums"].magnitude[1, 0] == pytest.approx(3.0, rel=2e-3)
        and np.isnan(found["sums"].magnitude[0]).all()
    )
    np.testing.assert_array_equal(found["rate"].magnitude[1:], rates.history["rate"])
    del scaling, rates
    assert "sums" not in projection.recordable


def test_eligibility_of_e_prop_over_a_trial() -> None:
    """ebar by its recursion from the recorded factors, and its sum with L against the gradient."""
    codegen.setup(timestep=1.0)
    rng = np.random.default_rng(2)
    trains = [np.unique(rng.integers(1, 60, 12)).astype(float) for _ in range(4)]
    pre = codegen.Population(4, codegen.SpikeSourceArray(spike_times=trains))
    cells = codegen.Population(3, codegen.ALIF_eprop(beta=1.8))
    pre.record("spikes")
    cells.record(["spikes", "v"])
    synapse = codegen.StaticSynapse(weight=rng.uniform(0.5, 4.0, (4, 3)), delay=1.0)
    projection = codegen.Projection(pre, cells, codegen.AllToAllConnector(), synapse)
    learner = EpropLearner([projection], lambda trial: np.zeros((60, 2)), 2, 60.0, rate=0.0, rate_out=0.0)
    projection.record(["e", "ebar", "psi", "xbar", "L", "y"])
    codegen.run(60.0, callbacks=[learner])
    found = {name: s.magnitude[1:] for name, s in by_name(projection.get_data()).items()}
    e = found["e"].reshape(60, 3, 4).transpose(0, 2, 1)
    ebar = found["ebar"].reshape(60, 3, 4).transpose(0, 2, 1)
    assert np.abs(e).max() > 1e-4
    np.testing.assert_allclose(ebar[1:], learner.kappa * ebar[:-1] + e[1:], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(ebar[-1], learner.eligibility()[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found["y"] @ learner.readout.T, found["L"], atol=1e-12)
    assert found["psi"].shape == (60, 3) and found["xbar"].max() > 0.5


def test_procedures_without_a_projection(sim: Any) -> None:
    pre, _ = network(sim)
    learner = OrthogonalProjection(pre, 2, interval=10.0)
    learner.record(["lateral", "residual"], sampling_interval=10.0)
    sim.run(40.0, callbacks=[learner])
    found = by_name(learner.get_data())
    assert found["lateral"].shape == (5, 6)
    np.testing.assert_array_equal(found["lateral"].magnitude[-1], learner.lateral.ravel())
    np.testing.assert_array_equal(found["residual"].magnitude[1:, 0], learner.history["residual"])


def test_a_sample_is_the_last_value_at_or_before_it() -> None:
    track = Track("a", Variable(), None, 3.0, 0.0)
    track.take(np.array([2.0, 4.0]), [[1.0], [2.0]])
    assert np.isnan(track.rows[0][0]) and [r[0] for r in track.rows[1:]] == [1.0]
    track.take(np.array([6.0 + TOLERANCE / 2, 11.0]), [[3.0], [4.0]])
    assert [r[0] for r in track.rows[1:]] == [1.0, 3.0, 3.0]
    assert len(track.due(14.9)) == 1


def test_mistakes_are_named() -> None:
    codegen.setup(timestep=1.0)
    _, projection = network(codegen)
    with pytest.raises(PynnExtError, match="has no parameter 'x'"):
        projection.record("x")
    rule = ThreeFactorRule(projection, error)
    with pytest.raises(PynnExtError, match="has no parameter 'eror'.*error"):
        projection.record("eror")
    with pytest.raises(NetworkError, match="no 'eror' to record.*x, error, gate, dw"):
        rule.record("eror")
    with pytest.raises(NetworkError, match="sampling_interval of -1"):
        rule.record("x", sampling_interval=-1)
    with pytest.raises(NetworkError, match="there are no data.*callbacks"):
        rule.get_data()
    learner = EpropLearner.variables
    assert set(learner) and all(v.over in ("synapse", "pre", "post", "") for v in learner.values())


def test_a_projection_without_synapses() -> None:
    codegen.setup(timestep=1.0)
    pre, filled = network(codegen)
    synapse = codegen.StaticSynapse(delay=1.0)
    projection = codegen.Projection(pre, filled.post, codegen.FromListConnector([]), synapse)
    rule = ThreeFactorRule(projection, error, interval=5.0)
    projection.record(["x", "dw", "weight"], sampling_interval=5.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codegen.run(10.0, callbacks=[rule])
    found = by_name(projection.get_data())
    assert {name: s.shape for name, s in found.items()} == {"x": (3, 3), "dw": (3, 0), "weight": (3, 0)}
    assert (rule.history["change"] == 0).all()


def test_every_procedure_says_what_can_be_recorded() -> None:
    assert all(procedure.variables for procedure in procedures().values())
