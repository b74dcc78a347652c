"""The loop around a program: times of spikes, probes, sources and currents are those of every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence

from pynn_ext.frontend.chips import ChipSimulator
from pynn_ext.mapping import Roundings
from pynn_ext.mapping.engine import ChipEngine, Emitted, Program
from pynn_ext.models.base import Source
from pynn_ext.models.registry import all_models
from pynn_ext.network import CellGroup, Network

LEAK = 0.9


class Adder(Program):
    """Each cell adds what arrives and fires above one; delays and weights as given, in floats."""

    compiled = 0

    def __init__(self, network: Network, roundings: Roundings, gain: float = 1.0) -> None:
        type(self).compiled += 1
        self.network, self.gain = network, gain
        roundings.add("all cells", "gain", 1.0, gain, "1")
        self.reset()

    def reset(self) -> None:
        self.v = {n: np.zeros(g.size) for n, g in self._cells()}
        self.current = {n: np.zeros(g.size) for n, g in self._cells()}
        self.due: dict[int, list[Any]] = {}

    def _cells(self) -> list[tuple[int, CellGroup]]:
        return [(n, g) for n, g in enumerate(self.network.groups) if isinstance(g, CellGroup)]

    def _send(self, step: int, emitted: Emitted) -> None:
        for number, index in emitted:
            for block in self.network.connections:
                if block.pre is not self.network.groups[number]:
                    continue
                for row in index:
                    for at in np.flatnonzero(block.pre_indices() == row):
                        arrival = (block, int(block.post_index[at]), float(block.get("weight")[at]))
                        self.due.setdefault(step + int(block.delays()[at]), []).append(arrival)

    def advance(self, step: int, emitted: Emitted) -> Emitted:
        self._send(step, emitted)
        fired = []
        for number, group in self._cells():
            self.v[number] = self.v[number] * LEAK + self.current[number]
            for block, cell, weight in self.due.get(step, []):
                if block.post is group:
                    self.v[number][cell] += weight * self.gain
            over = np.flatnonzero(self.v[number] > 1.0).astype(np.int32)
            self.v[number][over] = 0.0
            if over.size:
                fired.append((number, over))
        self.due.pop(step, None)
        self._send(step + 1, fired)
        return fired

    def read(self, group: int, variable: str) -> np.ndarray:
        return self.v[group]

    def write(self, group: int, variable: str, values: np.ndarray) -> None:
        self.v[group] = values.copy()

    def inject(self, group: int, currents: np.ndarray) -> None:
        self.current[group] = currents

    def variables(self, group: int) -> tuple[str, ...]:
        return ("v",)

    def report(self) -> dict[str, Any]:
        return {"gain": self.gain}


@pytest.fixture(scope="module")
def sim() -> Any:
    def engine(network: Network, **options: Any) -> ChipEngine:
        return ChipEngine(network, Adder, **options)

    models = ["IF_curr_delta", "StaticSynapse", "StepCurrentSource"]
    backend = ChipSimulator(
        "tests.adder", "adder", engine, models=models, lacks={"IF_cond_exp": "it has no conductances"},
        options={"gain": 1.0},
    )  # fmt: skip
    return type("sim", (), {name: staticmethod(value) for name, value in backend.namespace().items()})


def chain(sim: Any, **setup: Any) -> tuple[Any, Any]:
    sim.setup(timestep=1.0, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 7.0]))
    cells = sim.Population(2, sim.IF_curr_delta(), initial_values={"v": 0.0})
    sim.Projection(source, cells[0:1], sim.OneToOneConnector(), sim.StaticSynapse(weight=1.5, delay=3.0))
    sim.Projection(cells[0:1], cells[1:2], sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=2.0))
    cells.record(["v", "spikes"])
    return source, cells


def test_spikes_arrive_as_on_every_engine(sim: Any) -> None:
    _, cells = chain(sim)
    sim.run(12.0)
    segment = cells.get_data().segments[0]
    # emitted at 2, arrives at 5, acts in the step from 5 to 6
    assert [train.magnitude.tolist() for train in segment.spiketrains] == [[6.0, 11.0], []]
    v = segment.filter(name="v")[0].magnitude[:, 1]
    assert v[8] == 0.0 and v[9] == 0.5 and v[10] == pytest.approx(0.45)


def test_parts_of_a_run_and_reset(sim: Any) -> None:
    _, cells = chain(sim)
    compiled = Adder.compiled
    for stop in (1.0, 3.0, 5.0, 12.0):
        sim.run_until(stop)
    sim.reset()
    sim.run(12.0)
    first, second = cells.get_data().segments
    assert Adder.compiled == compiled + 1
    for a, b in zip(first.spiketrains, second.spiketrains, strict=True):
        assert a.magnitude.tolist() == b.magnitude.tolist()
    assert first.filter(name="v")[0].magnitude.tolist() == second.filter(name="v")[0].magnitude.tolist()


def test_state_set_between_runs_and_currents(sim: Any) -> None:
    _, cells = chain(sim)
    sim.run(1.0)
    cells.initialize(v=[0.25, 0.0])
    sim.StepCurrentSource(times=[3.0], amplitudes=[0.1]).inject_into(cells[1:2])
    sim.run(3.0)
    v = cells.get_data().segments[0].filter(name="v")[0].magnitude
    assert v[2, 0] == pytest.approx(0.25 * LEAK)
    assert v[:, 1].tolist() == [0.0, 0.0, 0.0, 0.0, 0.1]


def test_options_report_and_annotations(sim: Any) -> None:
    _, cells = chain(sim, gain=2.0, another_simulators_keyword=3)
    with pytest.raises(ValueError, match="no report yet"):
        sim.chip_report()
    sim.run(1.0)
    report = sim.chip_report()
    assert report["gain"] == 2.0 and report["roundings"][0]["changed"] == 1
    annotations = cells.get_data().annotations
    assert '"gain": 2.0' in annotations["chip_report"] and "gain are rounded" in annotations["changes"]


def test_strict_forbids_roundings(sim: Any) -> None:
    chain(sim, gain=2.0, strict=True)
    with pytest.raises(ValueError, match="silent changes"):
        sim.run(1.0)


def test_other_models_say_what_the_chip_lacks(sim: Any) -> None:
    with pytest.raises(NotImplementedError, match="it has no conductances"):
        sim.IF_cond_exp()
    cells, sources = sim.list_standard_models()[:1], sim.list_standard_models()[1:]
    assert cells == ["IF_curr_delta"]
    assert sources == [name for name, model in all_models().items() if issubclass(model, Source)]


def test_every_kind_of_source_drives_the_chip(sim: Any) -> None:
    """The chip gets the spikes that are recorded of the source."""
    for celltype in (
        sim.SpikeSourcePoisson(rate=100.0),
        sim.SpikeSourcePoissonRefractory(rate=100.0, tau_refrac=4.0),
        sim.SpikeSourceGamma(alpha=3.0, beta=400.0),
        sim.SpikeSourceInhGamma(a=Sequence([2.0]), b=Sequence([0.004]), tbins=Sequence([0.0])),
    ):
        sim.setup(timestep=1.0)
        source = sim.Population(1, celltype)
        cell = sim.Population(1, sim.IF_curr_delta(), initial_values={"v": 0.0})
        sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
        for population in (source, cell):
            population.record("spikes")
        sim.run(200.0)
        given, answered = (p.get_data().segments[0].spiketrains[0].magnitude for p in (source, cell))
        assert len(given) > 5
        assert set(answered) == {t + 2.0 for t in given if t <= 198.0}
