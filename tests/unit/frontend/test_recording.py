"""Recording: samples, segments, clearing, late recording, sampling intervals, files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyNN.codegen as sim
import pytest


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def _cells(n: int = 3) -> object:
    return sim.Population(n, sim.IF_cond_exp(i_offset=np.linspace(0.8, 1.2, n)), label="cells")


def test_clear_continues_without_a_gap() -> None:
    p = _cells()
    p.record(["v", "spikes"])
    sim.run(10.0)
    whole = p.get_data().segments[0].analogsignals[0].magnitude
    p.get_data(clear=True)
    sim.run(10.0)
    second = p.get_data().segments[0].analogsignals[0]
    assert second.shape == (101, 3) and float(second.t_start) == pytest.approx(10.0)
    np.testing.assert_array_equal(second.magnitude[0], whole[-1])


def test_sampling_interval_takes_every_nth_sample() -> None:
    p = _cells()
    p.record("v", sampling_interval=1.0)
    sim.run(7.0)
    coarse = p.get_data().segments[0].analogsignals[0]
    sim.setup(timestep=0.1)
    p = _cells()
    p.record("v")
    sim.run(7.0)
    fine = p.get_data().segments[0].analogsignals[0]
    np.testing.assert_array_equal(coarse.magnitude, fine.magnitude[::10])
    assert float(coarse.sampling_period.rescale("ms")) == 1.0


def test_recording_that_begins_late_says_so() -> None:
    p = _cells()
    p[:1].record("v")
    sim.run(5.0)
    p[1:].record("v")
    p.record("gsyn_exc")
    sim.run(5.0)
    first, rest, g = p.get_data().segments[0].analogsignals
    assert (first.shape, rest.shape, g.shape) == ((101, 1), (51, 2), (51, 3))
    assert [float(s.t_start) for s in (first, rest, g)] == pytest.approx([0.0, 5.0, 5.0])
    assert list(rest.array_annotations["channel_index"]) == [1, 2]


def test_signals_come_in_the_order_of_record() -> None:
    p = _cells()
    for name in ("gsyn_inh", "v", "gsyn_exc"):
        p.record(name)
    sim.run(1.0)
    assert [s.name for s in p.get_data().segments[0].analogsignals] == ["gsyn_inh", "v", "gsyn_exc"]


def test_reset_gives_a_segment_and_repeats() -> None:
    p = _cells()
    noise = sim.Population(10, sim.SpikeSourcePoisson(rate=200.0))
    sim.Projection(noise, p, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    p.record(["v", "spikes"])
    sim.run(50.0)
    sim.reset(annotations={"trial": 1})
    assert sim.get_current_time() == 0.0
    sim.run(50.0)
    one, two = p.get_data().segments
    np.testing.assert_array_equal(one.analogsignals[0].magnitude, two.analogsignals[0].magnitude)
    assert [list(t.magnitude) for t in one.spiketrains] == [list(t.magnitude) for t in two.spiketrains]
    assert one.annotations["trial"] == 1


def test_reset_keeps_parameters_and_restarts_currents() -> None:
    p = _cells(1)
    sim.DCSource(amplitude=0.5, start=2.0, stop=4.0).inject_into(p)
    p.record("v")
    sim.run(6.0)
    p.set(i_offset=0.0)
    sim.reset()
    p.initialize(v=-60.0)
    sim.run(6.0)
    v = p.get_data().segments[1].analogsignals[0].magnitude[:, 0]
    assert v[0] == -60.0 and v[20] < v[0] and v[40] > v[20]
    assert p.get("i_offset") == 0.0


def test_annotations_are_pynns() -> None:
    p = _cells()
    p.annotate(area="V1")
    p.record("spikes")
    sim.run(1.0)
    block = p.get_data()
    expected = {
        "size": 3,
        "label": "cells",
        "simulator": "codegen",
        "dt": 0.1,
        "area": "V1",
        "mpi_processes": 1,
    }
    assert expected.items() <= block.annotations.items()
    train = block.segments[0].spiketrains[2]
    assert train.annotations["source_index"] == 2 and train.annotations["source_population"] == "cells"


def test_files_are_written_at_the_end_and_not_by_the_next_network(tmp_path: Path) -> None:
    p = _cells()
    p.record("v", to_file=str(tmp_path / "v.pkl"))
    sim.run(1.0)
    sim.end()
    assert (tmp_path / "v.pkl").exists()
    (tmp_path / "v.pkl").unlink()
    _cells().record("v", to_file=str(tmp_path / "v.pkl"))
    sim.setup(timestep=0.1)
    sim.end()
    assert not (tmp_path / "v.pkl").exists()


def test_every_state_variable_can_be_recorded() -> None:
    p = sim.Population(1, sim.HH_cond_exp(i_offset=0.5))
    p.record(["m", "h", "n", "v"])
    sim.run(20.0)
    names = {s.name: s for s in p.get_data().segments[0].analogsignals}
    assert set(names) == {"m", "h", "n", "v"}
    assert 0.0 <= names["m"].magnitude.min() and names["m"].magnitude.max() <= 1.0
