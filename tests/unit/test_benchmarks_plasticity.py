"""The benchmark of plasticity knows every rule of the package, and measures."""

from __future__ import annotations

import sys

import pyNN.codegen as sim
import pytest

from benchmarks import plasticity
from pynn_ext.models.registry import all_models
from pynn_ext.models.stdp import TimingDependence


def test_every_rule_is_measured_and_every_counterpart_is_one_of_them() -> None:
    names = [variant.name for variant in plasticity.variants(sim)]
    timing = {name for name, model in all_models().items() if issubclass(model, TimingDependence)}
    assert timing | {"DopamineSTDP", "ClopathSTDP", "FastHebbianSynapse"} <= set(names)
    assert set(plasticity.COUNTERPARTS) <= set(names) and len(set(names)) == len(names)


def test_the_pair_rule_is_the_unit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nest", None)  # as if it were not installed
    assert (
        plasticity.main(["--rules", "StaticSynapse", "--size", "20", "--repeats", "1", "--turns", "2"]) == 0
    )
    out, err = capsys.readouterr()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines()[2:]]
    assert [row[0] for row in rows] == ["StaticSynapse", plasticity.PAIR] and rows[1][2] == "1.00"
    assert all(row[1].endswith(" s") and row[5:] == ["", ""] for row in rows) and "not installed" in err


@pytest.mark.parametrize("cell", sorted(plasticity.STRENGTH))
def test_cells_fire_a_spike_for_a_spike(cell: str) -> None:
    sim.setup(timestep=0.1, min_delay=1.0, rng_seed=1)
    teacher = sim.Population(100, sim.SpikeSourcePoisson(rate=plasticity.RATE))
    cells = sim.Population(100, getattr(sim, cell)())
    synapse = sim.StaticSynapse(weight=plasticity.STRENGTH[cell], delay=1.0)
    sim.Projection(teacher, cells, sim.OneToOneConnector(), synapse)
    for population in (teacher, cells):
        population.record("spikes")
    sim.run(plasticity.DURATION)
    assert 0.9 < cells.mean_spike_count() / teacher.mean_spike_count() < 1.1


def test_counterparts_run_in_nest() -> None:
    pytest.importorskip("nest")
    assert plasticity.nest_seconds("TripletRule", 5, 1) > 0.0
