"""Other processors and libraries: builds without wide vectors and without glibc's vector functions, by any compiler."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.codegen import Engine, bundles, cache
from pynn_ext.network import counting

BASELINE = [
    flag if not flag.startswith("-march") else "-march=x86-64" if cache._cpu().startswith("flags") else "-O3"
    for flag in cache.FLAGS
]
FEATURE = {
    "x86-64": "sse2",
    "x86-64-v3": "avx2",
    "x86-64-v4": "avx512bw",
    "native": "",
}  # that a processor needs
ARCHITECTURES = [
    name for name, feature in FEATURE.items() if feature in cache._cpu().split() or name == "native"
]
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]


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


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_counts_do_not_depend_on_the_width_of_registers(
    architecture: str, compiler: str, builds: Any, build: Any
) -> None:
    """Means with few thresholds, with too many for a table, and of 130 sources, which are no whole blocks."""
    builds(compiler, [f"-march={architecture}" if f.startswith("-march") else f for f in cache.FLAGS])
    steps, sizes = 300, {0.13: 512, 1.6: 512, 2.9: 130, 40.0: 256}
    b = build()
    sources = {mean: b.poisson(size, 1e4 * mean) for mean, size in sizes.items()}
    Engine(b.network).run(steps)
    halves_alike = 0
    for mean, source in sources.items():
        times, index = source.spikes.arrays()
        found = np.zeros((steps, source.size), int)
        np.add.at(found, (np.rint(times / 0.1).astype(int) - 1, index), 1)
        quads = counting.quad_keys(b.network.seed, source.stream, source.size)
        levels = counting.levels(np.full(source.size, mean))
        for step in range(steps):
            bits = counting.draws(quads, step, source.size)
            np.testing.assert_array_equal(found[step], counting.count(bits, *levels))
            halves_alike += np.isin(bits >> 16, levels[2] >> 16).sum()
    assert halves_alike > 50  # draws whose high halves do not tell


def test_the_processor_may_be_chosen(builds: Any) -> None:
    builds(COMPILERS[0], list(cache.FLAGS))
    native = cache.key("anything")
    builds(COMPILERS[0], BASELINE)
    assert cache.key("anything") != native
