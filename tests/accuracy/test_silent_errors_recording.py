"""Recording, reset and clear, where no official backend is right throughout, against the solution of the membrane.

A leaky cell at constant current relaxes: every sample of every block has a known value and time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from . import closed_forms
from .response import Response

Measure = Callable[..., None]
TAU, DRIVE = 20.0, 0.6  # ms, nA: v goes from -65 to -53 mV, below the threshold
pytestmark = pytest.mark.model("IF_curr_exp")


def _cell(size: int = 1, **parameters: float) -> Any:
    return sim.Population(size, sim.IF_curr_exp(**{"i_offset": DRIVE, "tau_m": TAU, "cm": 1.0, **parameters}))


def _v(t: Any, v0: float = -65.0, drive: float = DRIVE) -> Any:
    return closed_forms.relaxation(np.asarray(t), v0, -65.0 + TAU * drive, TAU)


@pytest.mark.parametrize("interval", [0.1, 0.3, 1.0, 2.0])
@pytest.mark.silent_error(18)
def test_a_sampling_interval_takes_samples_at_its_multiples(measure: Measure, interval: float) -> None:
    """Samples were taken one interval minus one step late."""
    cell = _cell()
    cell.record("v", sampling_interval=interval)
    sim.run(30.0)
    answer = Response(cell)
    assert len(answer.times) == round(30.0 / interval) + 1
    measure("v at a sampling interval", answer["v"], _v(answer.times), 1e-11, "mV")


@pytest.mark.parametrize("interval", [0.1, 1.0])
@pytest.mark.silent_error(19)
def test_after_clear_the_record_goes_on_with_the_present_value(measure: Measure, interval: float) -> None:
    """The next block began with the initial value, at the wrong time; NEST lacks its last sample and NEURON
    shifts it by one sample."""
    cell = _cell()
    cell.record("v", sampling_interval=interval)
    sim.run(10.0)
    cell.get_data(clear=True)
    for start in (10.0, 20.0):
        sim.run(10.0)
        signal = cell.get_data(clear=True).segments[0].analogsignals[0]
        assert signal.shape == (round(10.0 / interval) + 1, 1)
        assert float(signal.t_start) == pytest.approx(start) and float(signal.t_stop) == pytest.approx(
            start + 10.0 + interval
        )
        times = start + interval * np.arange(len(signal))
        measure("v after clear", signal.magnitude[:, 0], _v(times), 1e-11, "mV")


@pytest.mark.silent_error(19)
def test_spikes_before_a_clear_do_not_come_back(measure: Measure) -> None:
    """With ``clear=True`` spikes were kept."""
    cell = _cell(i_offset=1.5, tau_refrac=2.0)
    cell.record("spikes")
    expected = closed_forms.lif_spikes(-65.0 + TAU * 1.5, -50.0, -65.0, -65.0, TAU, 2.0, 0.1, 150.0)
    for start in (0.0, 50.0, 100.0):
        sim.run(50.0)
        (train,) = cell.get_data(clear=True).segments[0].spiketrains
        here = expected[(expected > start) & (expected <= start + 50.0)]
        measure("spikes between clears", train.magnitude, here, 1e-9, "ms")
        assert float(train.t_start) == pytest.approx(start)


@pytest.mark.silent_error(20)
def test_what_is_recorded_later_starts_later(measure: Measure) -> None:
    """A variable first recorded after run(5) was labelled as starting at 0, with the initial value first."""
    cells = _cell(2)
    cells.record("isyn_exc")
    sim.run(5.0)
    cells[1:].record("v")
    sim.run(5.0)
    current, v = cells.get_data().segments[0].analogsignals
    assert (current.shape, v.shape) == ((101, 2), (51, 1))
    assert float(v.t_start) == pytest.approx(5.0)
    assert list(v.array_annotations["channel_index"]) == [1]
    measure("v recorded late", v.magnitude[:, 0], _v(5.0 + 0.1 * np.arange(51)), 1e-11, "mV")


@pytest.mark.silent_error(21)
def test_reset_keeps_parameters_that_were_set(measure: Measure) -> None:
    """Reset undid every ``set`` since the creation."""
    cell = _cell()
    cell.record("v")
    sim.run(10.0)
    cell.set(i_offset=0.3)
    sim.reset()
    sim.run(10.0)
    assert cell.get("i_offset") == 0.3
    for segment, drive in ((0, DRIVE), (1, 0.3)):
        answer = Response(cell, segment)
        measure("v, before and after reset", answer["v"], _v(answer.times, drive=drive), 1e-11, "mV")


@pytest.mark.silent_error(22)
def test_reset_restarts_current_sources(measure: Measure) -> None:
    """After a reset DC and step currents were dead, AC and noise went on in mid-state."""
    cells = _cell(4, i_offset=0.0)
    sources = [
        sim.DCSource(amplitude=0.5, start=2.0, stop=6.0),
        sim.StepCurrentSource(times=[1.0, 4.0], amplitudes=[0.4, -0.2]),
        sim.ACSource(amplitude=0.5, frequency=80.0, start=1.0, stop=8.0),
        sim.NoisyCurrentSource(mean=0.3, stdev=0.2, start=1.0, stop=8.0),
    ]
    for source, cell in zip(sources, cells, strict=True):
        source.inject_into([cell])
    cells.record("v")
    for _ in range(3):
        sim.run(7.3)
        sim.reset()
    sim.run(7.3)
    first = Response(cells, 0)
    for segment in (1, 2, 3):
        measure("v after a reset", Response(cells, segment).signals["v"], first.signals["v"], 0.0, "mV")
    t = first.times
    dc = np.where(t > 2.0, _v(np.clip(t - 2.0, 0.0, 4.0), drive=0.5), -65.0)
    dc = np.where(t > 6.0, -65.0 + (dc[60] + 65.0) * np.exp(-(t - 6.0) / TAU), dc)
    measure("v under a DC current", first["v"], dc, 1e-11, "mV")


@pytest.mark.silent_error(28)
def test_a_reset_starts_from_what_was_initialised_last(measure: Measure) -> None:
    """The record showed -60 mV as its first sample while the simulation started from -65 mV."""
    cell = _cell(i_offset=0.0)
    cell.record("v")
    sim.run(5.0)
    cell.initialize(v=-60.0)
    sim.reset()
    sim.run(5.0)
    answer = Response(cell, 1)
    measure("v from its initial value", answer["v"], _v(answer.times, -60.0, 0.0), 1e-11, "mV")


def test_a_reset_makes_a_segment_and_repeats(measure: Measure) -> None:
    """Every segment is the same run from t = 0, of cells, sources, plastic weights and random streams."""
    cell = _cell(i_offset=0.5)
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
    stdp = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.05, A_minus=0.05),
        sim.AdditiveWeightDependence(w_max=1.0),
        weight=0.5,
        delay=1.0,
    )
    projection = sim.Projection(noise, cell, sim.AllToAllConnector(), stdp)
    cell.record(["v", "spikes"])
    weights = []
    for _ in range(3):
        sim.run(100.0)
        weights.append(projection.get("weight", format="list", with_address=False))
        sim.reset()
        assert sim.get_current_time() == 0.0
        assert projection.get("weight", format="list", with_address=False) == [0.5] * 20
    segments = cell.get_data().segments
    assert [s.name for s in segments] == ["segment000", "segment001", "segment002"]
    assert weights[0] == weights[1] == weights[2] and weights[0] != [0.5] * 20
    one = Response(cell, 0)
    assert len(one.spikes[0]) > 2
    for i in (1, 2):
        measure("v, repeated", Response(cell, i)["v"], one["v"], 0.0, "mV")
        measure("spikes, repeated", Response(cell, i).spikes[0], one.spikes[0], 0.0, "ms")


def test_clear_and_reset_together(measure: Measure) -> None:
    """What follows a clear belongs to the segment that the reset closes, at its own times."""
    cell = _cell()
    cell.record("v")
    sim.run(4.0)
    cell.get_data(clear=True)
    sim.run(3.0)
    sim.reset()
    sim.run(2.0)
    before, after = (s.analogsignals[0] for s in cell.get_data().segments)
    measure("v after clear", before.magnitude[:, 0], _v(4.0 + 0.1 * np.arange(31)), 1e-11, "mV")
    assert float(before.t_start) == pytest.approx(4.0) and float(after.t_start) == 0.0
    measure("v after reset", after.magnitude[:, 0], _v(0.1 * np.arange(21)), 1e-11, "mV")


def test_cells_added_after_a_run_run_from_zero_after_a_reset(measure: Measure) -> None:
    """NEST, NEURON and Brian2 raise errors here."""
    sim.run(5.0)
    late = _cell()
    late.record("v")
    sim.run(5.0)
    sim.reset()
    sim.run(5.0)
    first, second = Response(late, 0), Response(late, 1)
    assert first.times[0] == pytest.approx(5.0) and second.times[0] == 0.0
    measure("v of a late cell", first["v"], _v(first.times - 5.0), 1e-11, "mV")
    measure("v of a late cell", second["v"], _v(second.times), 1e-11, "mV")
