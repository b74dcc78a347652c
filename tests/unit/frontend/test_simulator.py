"""One backend's API: control, seeds, threads, names, two backends at once."""

from __future__ import annotations

import numpy as np
import pyNN.codegen as sim
import pyNN.standardmodels.cells as standard
import pytest

from pynn_ext.codegen import Engine
from pynn_ext.errors import StrictError, UnsupportedError
from pynn_ext.frontend.simulator import Simulator


def _balanced(backend: object, **setup: object) -> tuple[bytes, bytes]:
    """A network with Poisson drive, conductances and STDP; returns its spikes and traces as bytes."""
    backend.setup(timestep=0.1, **setup)
    cells = backend.Population(300, backend.IF_cond_exp(tau_refrac=2.0))
    noise = backend.Population(100, backend.SpikeSourcePoisson(rate=100.0))
    rng = backend.NumpyRNG(seed=1)
    backend.Projection(
        noise,
        cells,
        backend.FixedProbabilityConnector(0.3, rng=rng),
        backend.STDPMechanism(
            timing_dependence=backend.SpikePairRule(A_plus=0.01, A_minus=0.012),
            weight_dependence=backend.AdditiveWeightDependence(w_max=0.02),
            weight=0.01,
            delay=1.0,
        ),
        receptor_type="excitatory",
    )
    backend.Projection(
        cells,
        cells,
        backend.FixedProbabilityConnector(0.1, rng=rng),
        backend.StaticSynapse(weight=0.005, delay=0.5),
    )
    cells.record(["spikes", "v"])
    backend.run(100.0)
    segment = cells.get_data().segments[0]
    spikes = np.concatenate([t.magnitude for t in segment.spiketrains])
    assert len(spikes) > 100
    return spikes.tobytes(), segment.analogsignals[0].magnitude.tobytes()


def test_results_do_not_depend_on_threads_or_repetition() -> None:
    once = _balanced(sim)
    assert once == _balanced(sim)
    assert once == _balanced(sim, threads=2)
    assert once == _balanced(sim, threads=3)
    assert once != _balanced(sim, rng_seed=7)


def test_a_run_may_be_divided() -> None:
    def run(pieces: list[float]) -> bytes:
        sim.setup(timestep=0.1)
        p = sim.Population(20, sim.EIF_cond_exp_isfa_ista(i_offset=0.8))
        x = sim.Population(20, sim.SpikeSourcePoisson(rate=500.0, start=3.0, duration=30.0))
        sim.NoisyCurrentSource(mean=0.1, stdev=0.2, stop=40.0, start=5.0, dt=0.5).inject_into(p)
        sim.Projection(x, p, sim.OneToOneConnector(), sim.TsodyksMarkramSynapse(weight=0.01, delay=1.0))
        p.record("v")
        for piece in pieces:
            sim.run(piece)
        return p.get_data().segments[0].analogsignals[0].magnitude.tobytes()

    assert run([60.0]) == run([20.0, 0.1, 39.9]) == run([1.0] * 60)


def test_callbacks_and_time() -> None:
    sim.setup(timestep=0.1)
    sim.Population(1, sim.IF_curr_exp())
    times: list[float] = []

    def every(t: float) -> float:
        times.append(t)
        return t + 2.5

    assert sim.run(10.0, callbacks=[every]) == 10.0
    assert times == pytest.approx([0.0, 2.5, 5.0, 7.5, 10.0])
    assert sim.run_until(12.0) == 12.0
    with pytest.raises(ValueError):
        sim.run_until(3.0)
    assert (sim.get_time_step(), sim.num_processes(), sim.rank()) == (0.1, 1, 0)


def test_structure_may_grow_after_a_run() -> None:
    sim.setup(timestep=0.1)
    a = sim.Population(2, sim.IF_curr_exp(i_offset=2.0))
    sim.run(20.0)
    b = sim.Population(2, sim.IF_curr_exp())
    sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0, delay=1.0))
    b.record("spikes")
    sim.run(50.0)
    assert min(b.get_spike_counts().values()) > 0


def test_other_simulators_keywords_are_ignored_and_mistakes_are_not() -> None:
    assert (
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=5.0, spike_precision="on_grid", verbosity="error")
        == 0
    )
    with pytest.raises(Exception, match="time_step"):
        sim.setup(time_step=0.1)
    with pytest.raises(Exception, match="min_delay"):
        sim.setup(timestep=0.1, min_delay=0.05)


@pytest.mark.parametrize(
    ("keyword", "meant"), [("thread", "threads"), ("num_threads", "threads"), ("grng_seed", "rng_seed")]
)
def test_a_misspelt_keyword_is_told(caplog: pytest.LogCaptureFixture, keyword: str, meant: str) -> None:
    assert sim.setup(timestep=0.1, **{keyword: 3}) == 0
    assert f"did you mean '{meant}'?" in caplog.text
    with pytest.raises(StrictError, match=meant):
        sim.setup(timestep=0.1, strict=True, **{keyword: 3})
    sim.setup(timestep=0.1)


@pytest.mark.parametrize(
    "keyword",
    [
        *("verbosity", "spike_precision", "recording_precision", "t_flush", "rng_type"),  # NEST
        *("use_cvode", "rtol", "atol", "default_maxstep", "native_rng_baseseed"),  # NEURON
        *("debug", "quit_on_end", "time_scale_factor", "n_chips_required"),
    ],
)
def test_keywords_of_other_simulators_are_ignored(caplog: pytest.LogCaptureFixture, keyword: str) -> None:
    assert sim.setup(timestep=0.1, strict=True, **{keyword: 1}) == 0
    assert not caplog.records
    sim.setup(timestep=0.1)


def test_every_standard_cell_exists_or_says_why_not() -> None:
    for name, model in vars(standard).items():
        if isinstance(model, type) and issubclass(model, standard.StandardCellType):
            if model is standard.StandardCellType:
                continue
            assert hasattr(sim, name), name
    assert "StandardCellType" not in sim.list_standard_models()
    with pytest.raises(UnsupportedError, match="pyNN.neuron"):
        sim.MultiCompartmentNeuron()


def test_two_backends_in_one_process() -> None:
    other = Simulator("tests.other", "other", Engine)
    names = other.namespace()
    sim.setup(timestep=0.1)
    names["setup"](timestep=0.5)
    mine = sim.Population(2, sim.IF_curr_exp(i_offset=2.0))
    theirs = names["Population"](3, names["IF_curr_exp"](i_offset=2.0))
    mine.record("spikes")
    theirs.record("spikes")
    sim.run(50.0)
    assert (sim.get_current_time(), names["get_current_time"]()) == (50.0, 0.0)
    names["run"](20.0)
    assert mine.get_data().annotations["simulator"] == "codegen"
    assert theirs.get_data().annotations["simulator"] == "other"
    assert mine.mean_spike_count() > 0


def test_network_finds_its_backend() -> None:
    sim.setup()
    p, q = sim.Population(2, sim.IF_curr_exp()), sim.Population(2, sim.SpikeSourcePoisson())
    network = sim.Network(p, q)
    assert network.count_neurons() == 4
    assert network.filter(cell_types="all").populations == [p]
