"""Without a compiler: the same spikes, and everything else up to rounding."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen import Engine, cache, choose_engine, selection
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.models.base import Neuron, Receptor
from pynn_ext.models.registry import all_models
from pynn_ext.network.draws import exponential

MODELS: dict[str, Any] = all_models()
CELLS = [name for name, model in MODELS.items() if hasattr(model, "cell_model")]


def _composed(neuron: str, receptor: str) -> Any:
    parts = {name: MODELS[receptor]() for name in ("excitatory", "inhibitory")}
    return MODELS["PointNeuron"](MODELS[neuron](), **parts)


COMPOSED = [
    pytest.param(_composed(neuron, receptor), id=f"{neuron} {receptor}")
    for neuron, model in MODELS.items()
    if issubclass(model, Neuron)
    for receptor, other in MODELS.items()
    if issubclass(other, Receptor)
    if neuron == "LIF" or receptor.endswith("ExpPostSynapticResponse")
]


@pytest.mark.parametrize("plastic", [False, True], ids=["static", "plastic"])
@pytest.mark.parametrize("name", [*CELLS, *COMPOSED])
def test_equal_to_the_compiled_engine(
    name: Any, plastic: bool, busy: Any, results: Any, assert_same: Any
) -> None:
    found = []
    for engine in (Engine, InterpretedEngine):
        b = busy(name, plastic)
        simulation = engine(b.network)
        simulation.run(201)
        simulation.run(150)
        found.append(results(b))
    assert len(found[0]["times 0"]) > 400 and np.ptp(found[0]["probe 0"], axis=0).min() > 0
    assert_same(*found, tolerance=1e-7)


@pytest.mark.parametrize("fractions", [(0.3, 1.0, 0.0), (1.0, 0.4), (0.0, 1.0)])
def test_the_dendritic_part_of_delays_may_change_between_runs(
    fractions: tuple[float, ...], busy: Any, results: Any, assert_same: Any
) -> None:
    """What was on its way in the dendrites is forgotten."""
    found = []
    for engine in (Engine, InterpretedEngine):
        b = busy("IF_curr_exp", True)
        simulation = engine(b.network)
        for fraction in fractions:
            b.network.connections[0].dendritic_delay_fraction = fraction
            b.network.connections[0].revision += 1
            simulation.run(120)
        found.append(results(b))
    assert len(found[0]["times 1"]) > 50
    assert_same(*found, tolerance=1e-7)


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_dendritic_and_axonal_delays(fraction: float, busy: Any, results: Any, assert_same: Any) -> None:
    found = []
    for engine in (Engine, InterpretedEngine):
        b = busy("IF_curr_exp", True, fraction)
        engine(b.network).run(400)
        found.append(results(b))
    assert_same(*found, tolerance=1e-9)


def test_many_spikes_of_a_source_in_one_step(build: Any, results: Any, assert_same: Any) -> None:
    found = []
    for engine in (Engine, InterpretedEngine):
        b = build(timestep=1.0)
        source, cells = b.poisson(20, 5000.0), b.cells(20)
        b.connect(source, cells, [range(20), range(20)], weight=0.5)
        engine(b.network).run(100)
        found.append(results(b))
    assert len(found[0]["times 0"]) == pytest.approx(10000, abs=400)
    assert_same(*found, tolerance=1e-11)


@pytest.mark.parametrize("engine", [Engine, InterpretedEngine])
def test_changes_between_runs(engine: Any, build: Any, busy: Any, results: Any, assert_same: Any) -> None:
    found = []
    for kind in (Engine, engine):
        b = busy("IF_curr_exp")
        simulation = kind(b.network)
        simulation.run(100)
        source, cells = b.network.groups
        cells.set_parameter("tau_syn_E", np.linspace(2.0, 8.0, cells.size))
        cells.set_parameter("tau_refrac", 5.0, slice(0, 9))
        source.rate[:30] = 900.0
        source.revision += 1
        b.network.connections[1].set("weight", 0.7)
        simulation.run(100)
        b.connect(cells, cells, [[0, 1], [2, 2]], delays=9)
        b.probe(cells, "isyn_exc", every=7)
        simulation.run(200)
        found.append(results(b))
    assert_same(*found, tolerance=1e-9)


@pytest.mark.parametrize("plastic", [False, True], ids=["static", "plastic"])
def test_reset_equals_a_fresh_network(plastic: bool, busy: Any, results: Any, assert_same: Any) -> None:
    fresh = busy("IF_cond_exp", plastic)
    InterpretedEngine(fresh.network).run(150)
    b = busy("IF_cond_exp", plastic)
    engine = InterpretedEngine(b.network)
    engine.run(77)
    b.network.reset()
    engine.run(150)
    engine.close()
    assert_same(results(fresh), results(b))


def test_draws_are_exponential_and_independent() -> None:
    source, draw = (a.ravel() for a in np.meshgrid(np.arange(200), np.arange(200, dtype=np.uint64)))
    draws = exponential(3, 1, source, draw)
    assert draws.min() >= 0.0
    assert draws.mean() == pytest.approx(1.0, abs=0.02) and draws.std() == pytest.approx(1.0, abs=0.03)
    table = draws.reshape(200, 200)
    for shifted in (table[1:], np.roll(table, 1, axis=1)[1:]):
        assert abs(np.corrcoef(table[:-1].ravel(), shifted.ravel())[0, 1]) < 0.03
    assert len(np.unique(exponential(4, 1, source, draw))) == len(draws)


def test_the_compiler_decides_and_the_warning_comes_once(monkeypatch: pytest.MonkeyPatch, build: Any) -> None:
    assert isinstance(choose_engine(build().network), Engine)
    monkeypatch.setattr(cache, "compiler", lambda: None)
    selection._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match=r"no C\+\+ compiler.*pynn-ext doctor"):
        assert isinstance(choose_engine(build().network, threads=2), InterpretedEngine)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choose_engine(build().network)


def test_importing_the_engines_imports_no_brian2() -> None:
    code = "import sys, pynn_ext.codegen.interpreted; sys.exit('brian2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
