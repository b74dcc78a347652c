"""Other processors and libraries: builds without wide vectors and without glibc's vector functions, by any compiler."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import Engine, bundles, cache, library

BASELINE = [
    flag if not flag.startswith("-march") else "-march=x86-64" if cache._cpu().startswith("flags") else "-O3"
    for flag in cache.FLAGS
]
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]


def forget() -> None:
    for cached in (cache.compiler, cache._environment, library.core, library.merger):
        cached.cache_clear()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A function that makes all that follows be built by a compiler with certain flags, into an empty cache."""

    def use(compiler: str, flags: list[str]) -> None:
        folder = tmp_path / "cache"
        folder.mkdir(mode=0o700, exist_ok=True)
        monkeypatch.setenv("PYNN_EXT_CACHE", str(folder))
        monkeypatch.setenv("CXX", compiler)
        monkeypatch.setattr(cache, "FLAGS", flags)
        forget()

    yield use
    monkeypatch.undo()
    forget()


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("model", ["IF_cond_exp", "IF_curr_exp", "HH_cond_exp"])
def test_a_build_for_any_processor_gives_the_same_spikes(
    model: str,
    compiler: str,
    builds: Any,
    busy: Any,
    monkeypatch: pytest.MonkeyPatch,
    results: Any,
    assert_same: Any,
) -> None:
    monkeypatch.setattr(bundles, "LEAST_SYNAPSES", 0)
    found = []
    for portable in (False, True):
        if portable:
            builds(compiler, [*BASELINE, "-DPYNN_EXT_SCALAR_MATH"])
        b = busy(model, plastic=model == "IF_curr_exp")
        rapid = b.poisson(64, 20_000.0)  # counted, with vectors of its own
        index = list(range(64))
        b.connect(rapid, b.network.groups[1], [index, index], weight=1e-6)
        Engine(b.network, 2).run(300)
        found.append(results(b))
    assert len(found[0]["times 1"]) > 5
    assert_same(*found, tolerance=1e-7)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_single_precision_of_a_build_for_any_processor(compiler: str, builds: Any) -> None:
    found = []
    for portable in (False, True):
        if portable:
            builds(compiler, [*BASELINE, "-DPYNN_EXT_SCALAR_MATH"])
        sim.setup(timestep=0.1, precision="single")
        cells = sim.Population(20, sim.IF_cond_exp(i_offset=np.linspace(0.5, 1.5, 20)))
        cells.record("v")
        sim.run(50.0)
        found.append(cells.get_data().segments[0].analogsignals[0].magnitude)
    assert found[0].min() == -65.0 and found[0].max() > -51.0
    assert np.median(np.abs(found[0] - found[1])) < 1e-4


def test_the_processor_may_be_chosen(builds: Any) -> None:
    builds(COMPILERS[0], list(cache.FLAGS))
    native = cache.key("anything")
    builds(COMPILERS[0], BASELINE)
    assert cache.key("anything") != native
