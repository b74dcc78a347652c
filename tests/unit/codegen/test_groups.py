"""What the driver of cells gives the core: receptors that are fed, and steps of refractoriness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pynn_ext.codegen.engine import Engine
from pynn_ext.codegen.interpreted import InterpretedEngine
from pynn_ext.codegen.projections import ProjectionDriver

SIZE = 150


def driven(build: Any, model: str, receptor: str, weight: Any, delay: int = 2) -> Any:
    """Cells with one rapid source each, and a probe of the receptor's variable."""
    b = build()
    source, cells = b.poisson(SIZE, 9000.0), b.standard(model, SIZE)
    source.spikes = None
    index = np.arange(SIZE)
    b.connect(source, cells, [index, index], delays=delay, weight=weight, receptor=receptor)
    b.probe(cells, cells.model.receptors[receptor][0])
    b.probe(cells)
    return b, source, cells


def fed(engine: Engine, cells: Any) -> bool:
    return bool(engine._groups[id(cells)].record.fed)


def samples(b: Any) -> Any:
    return [probe.samples() for probe in b.network.probes]


@pytest.mark.parametrize(
    ("model", "receptor", "weight"),
    [
        ("IF_curr_exp", "excitatory", 0.02),
        ("IF_curr_exp", "inhibitory", -0.02),
        ("IF_cond_exp", "excitatory", 0.0005),
        ("IF_cond_alpha", "inhibitory", 0.0005),
        ("EIF_cond_exp_isfa_ista", "excitatory", 0.0002),
        ("IF_curr_delta", "excitatory", 0.1),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_fed_receptor_has_what_is_added_to_others(
    model: str, receptor: str, weight: float, threads: int, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynn_ext.codegen.engine.LEAST_LOAD", 0.0)
    found = []
    for feeds in (True, False):
        if not feeds:
            monkeypatch.setattr(ProjectionDriver, "feeds", lambda self: False)
        b, _, cells = driven(build, model, receptor, weight)
        engine = Engine(b.network, threads)
        for steps in (1, 2, 97):
            engine.run(steps)
        assert fed(engine, cells) == feeds
        found.append(samples(b))
    assert np.ptp(found[0][1]) > 0
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


def test_what_cannot_be_fed_is_added(build: Any) -> None:
    for model, weight in (("HH_cond_exp", 0.001), ("IF_cond_exp", np.full(SIZE, 0.001))):
        b, _, cells = driven(build, model, "excitatory", weight)
        engine = Engine(b.network)
        engine.run(50)
        assert not fed(engine, cells)
        assert np.ptp(samples(b)[0]) > 0


def test_one_projection_feeds_and_others_are_added(build: Any) -> None:
    """Of two, and again when the weight of the one that fed has become one of each synapse."""
    found = []
    for engine_of in (Engine, InterpretedEngine):
        b, source, cells = driven(build, "IF_curr_exp", "excitatory", 0.02)
        index = np.arange(SIZE)
        b.connect(source, cells, [index, index], delays=5, weight=0.01)
        b.connect(source, cells, [index, index], delays=1, weight=-0.01, receptor="inhibitory")
        engine = engine_of(b.network)
        engine.run(40)
        b.network.connections[0].set("weight", np.linspace(0.0, 0.04, SIZE))
        engine.run(40)
        found.append(samples(b))
        if isinstance(engine, Engine):
            assert fed(engine, cells)
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_sources_of_the_first_cells_only_do_not_feed(build: Any) -> None:
    found = []
    for engine_of in (Engine, InterpretedEngine):
        b = build()
        few, source, cells = b.poisson(60, 20_000.0), b.poisson(SIZE, 9000.0), b.standard("IF_curr_exp", SIZE)
        few.spikes = source.spikes = None
        for sources in (few, source):
            index = np.arange(sources.size)
            b.connect(sources, cells, [index, index], weight=0.02)
        b.probe(cells)
        engine = engine_of(b.network)
        engine.run(50)
        found.append(samples(b)[0])
        if isinstance(engine, Engine):
            assert fed(engine, cells)
    np.testing.assert_allclose(*found, rtol=1e-10, atol=1e-12)
    assert found[0][-1, :60].mean() > found[0][-1, 60:].mean()


def test_sources_that_become_slow_feed_no_longer(build: Any) -> None:
    b, source, cells = driven(build, "IF_curr_exp", "excitatory", 0.02, delay=9)
    engine = Engine(b.network)
    engine.run(50)
    source.rate[:], source.revision = 0.0, source.revision + 1
    engine.run(100)
    assert not fed(engine, cells)
    current = samples(b)[0]  # those with index 50 act in step 59, which the sample 60 has seen
    assert np.all(current[61:] < current[60]) and np.any(current[60] > current[59])


def test_who_is_not_there_gets_input_and_does_not_fire(build: Any) -> None:
    """Blocks are filled up with cells that the same loop integrates: nothing looks for their spikes."""
    b, _, cells = driven(build, "IF_curr_exp", "excitatory", 1.0)
    engine = Engine(b.network)
    engine.run(100)
    b.network.reset()
    engine.run(100)
    padding = np.lib.stride_tricks.as_strided(cells.refractory_steps, (192,))[SIZE:]
    assert fed(engine, cells) and np.all(padding == np.iinfo(np.int32).max)
    assert set(cells.spikes.arrays()[1]) == set(range(SIZE))


@pytest.mark.parametrize("pieces", [[1] * 60, [7, 20, 33], [60]])
def test_refractoriness_goes_on_in_the_next_run(pieces: list[int], build: Any) -> None:
    pauses = np.array([0.0, 0.1, 1.0, 2.5, 1e4])
    found = []
    for engine_of, runs in ((Engine, pieces), (InterpretedEngine, [60])):
        b = build()
        cells = b.cells(5, v_thresh=1.0, i_offset=2.0, tau_refrac=pauses)
        engine = engine_of(b.network)
        for steps in runs:
            engine.run(steps)
        found.append((*cells.spikes.arrays(), cells.refractory_steps[:5].copy()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found[0][2][4] > 90_000 and set(found[0][1]) == set(range(5))
