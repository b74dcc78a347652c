"""Recording at synapses: the values that callbacks read, in Neo's form, on every backend that learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as codegen
import pynn_ext.backends.loihi as loihi
import pynn_ext.backends.mesh as mesh
import pytest

from pynn_ext.errors import NetworkError


def learning(sim: Any, timestep: float = 0.1, **setup: Any) -> Any:
    sim.setup(timestep=timestep, **setup)
    pre = sim.Population(3, sim.SpikeSourceArray(spike_times=[[10.0, 30.0], [12.0], [25.0, 41.0]]))
    post = sim.Population(2, sim.IF_curr_exp(i_offset=[1.5, 2.0], tau_refrac=2.0))
    stdp = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
        sim.AdditiveWeightDependence(w_max=1.0),
        weight=0.5,
        delay=1.0,
    )
    return sim.Projection(pre, post, sim.AllToAllConnector(), stdp, label="plastic")


@pytest.mark.parametrize(
    ("sim", "timestep"), [(codegen, 0.1), (mesh, 0.1), (loihi, 1.0)], ids=["codegen", "mesh", "loihi"]
)
def test_samples_are_what_callbacks_read(sim: Any, timestep: float) -> None:
    projection = learning(sim, timestep)
    read = []

    def look(t: float) -> float:
        read.append(projection.get("weight", format="list", with_address=False))
        return t + 5.0

    projection.record("weight", sampling_interval=5.0)
    sim.run(60.0, callbacks=[look])
    (signal,) = projection.get_data().segments[0].analogsignals
    assert signal.shape == (13, 6) and signal.name == "weight" and str(signal.units.dimensionality) == "nA"
    assert float(signal.t_start) == 0.0 and float(signal.sampling_period) == 5.0
    assert np.array_equal(signal.magnitude, np.array(read)[:13]) and np.ptp(signal.magnitude) > 0.05
    assert signal.array_annotations["presynaptic_index"].tolist() == [0, 1, 2, 0, 1, 2]
    assert signal.array_annotations["postsynaptic_index"].tolist() == [0, 0, 0, 1, 1, 1]


def test_recording_changes_no_result() -> None:
    def spikes(record: bool) -> Any:
        projection = learning(codegen)
        projection.post.record("spikes")
        if record:
            projection.record("weight", sampling_interval=0.3)
        codegen.run(60.0)
        trains = projection.post.get_data().segments[0].spiketrains
        return [t.magnitude.tolist() for t in trains], projection.get("weight", format="list")

    assert spikes(True) == spikes(False)


def test_segments_late_beginning_and_clearing() -> None:
    projection = learning(codegen)
    codegen.run(20.0)
    projection.record(["weight", "delay"], sampling_interval=2.0)
    codegen.run(10.0)
    codegen.reset()
    codegen.run(31.0)
    first, second = projection.get_data("weight", clear=True).segments
    assert float(first.analogsignals[0].t_start) == 20.0 and first.analogsignals[0].shape == (6, 6)
    assert float(second.analogsignals[0].t_start) == 0.0 and second.analogsignals[0].shape == (16, 6)
    assert np.array_equal(first.analogsignals[0].magnitude[:5], second.analogsignals[0].magnitude[10:15])
    codegen.run(4.0)
    (again,) = projection.get_data().segments
    assert float(again.analogsignals[0].t_start) == 31.0 and {s.name for s in again.analogsignals} == {
        "weight",
        "delay",
    }
    projection.record(None)
    with pytest.raises(NetworkError, match="nothing is recorded"):
        projection.get_data()


def test_mistakes_are_named() -> None:
    projection = learning(codegen)
    with pytest.raises(NetworkError, match="nothing is recorded.*record"):
        projection.get_data()
    with pytest.raises(Exception, match="wieght"):
        projection.record("wieght")
    with pytest.raises(NetworkError, match="multiple of the timestep"):
        projection.record("weight", sampling_interval=0.25)
    projection.record("weight")
    with pytest.raises(NetworkError, match="no data"):
        projection.get_data()
