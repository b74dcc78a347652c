"""Simulations that must agree, because they describe one network: however it is cut, ordered, run or stored."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyNN.random import NumpyRNG, RandomDistribution

from . import networks
from .networks import (
    Description,
    assert_same,
    build,
    descriptions,
    permuted,
    result,
    rows,
    simulate,
    tolerance,
)

GIVEN = os.environ.get("PYNN_EXT_PROPERTY_EXAMPLES")  # a longer search, each time with other examples


def examples(number: int) -> settings:
    """Settings for `number` examples, always the same ones."""
    slow = [HealthCheck.too_slow]  # the first examples compile
    number = int(GIVEN or number)
    return settings(max_examples=number, deadline=None, derandomize=not GIVEN, suppress_health_check=slow)


EXAMPLES = examples(25)
FEW = examples(8)


@pytest.fixture(scope="module", autouse=True)
def no_network_afterwards() -> Any:
    yield
    sim.setup()


@EXAMPLES
@given(descriptions(), st.data())
def test_one_population_or_an_assembly_of_several(d: Description, data: st.DataObject) -> None:
    split = data.draw(st.sets(st.integers(1, d.size - 1)).map(sorted), "split")
    sources = data.draw(
        st.sets(st.integers(1, max(1, len(d.spike_times) - 1))).map(sorted), "split of sources"
    )
    sources = [k for k in sources if k < len(d.spike_times)]
    single = 1 in np.diff([0, *split, d.size])  # constants may be rounded in another way, see below
    found = simulate(d, split=split, split_sources=sources)
    assert_same(simulate(d), found, 1e-9 if single else tolerance(d))


@EXAMPLES
@given(descriptions(poisson=True), st.data())
def test_a_view_stands_for_its_cells(d: Description, data: st.DataObject) -> None:
    """Connections to, and values of, the two parts of a population as of the whole."""
    members = data.draw(st.sets(st.integers(0, d.size - 1), min_size=1, max_size=d.size - 1).map(sorted))
    expected = simulate(d)
    parts = [members, [i for i in range(d.size) if i not in members]]
    plain = replace(d, parameters={}, wirings=())
    built = build(plain)
    views = [built.cells[np.array(part)] for part in parts]
    for view, part in zip(views, parts, strict=True):
        view.set(**{n: np.array(v)[part] for n, v in d.parameters.items()})
        view.initialize(v=np.array(d.start)[part])
    for w in d.wirings:
        for view, part in zip(views, parts, strict=True):
            place = {i: k for k, i in enumerate(part)}
            mine = [[i, place[j], x, delay] for i, j, x, delay in rows(d, w) if j in place]
            pre = built.cells if w.pre else built.sources
            kind = networks.synapse_type(w.synapse, networks.weight_unit(d.cell))
            sim.Projection(
                pre, view, sim.FromListConnector(mine), kind, receptor_type=networks.receptor(d, w)
            )
    sim.run(d.duration)
    found = result(built)
    sim.end()
    del expected["weights"], found["weights"]
    assert_same(expected, found, tolerance(d))


@EXAMPLES
@given(descriptions(), st.data())
def test_the_order_of_the_cells_does_not_matter(d: Description, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(d.size)))
    expected, found = simulate(d), simulate(permuted(d, order))
    del expected["weights"], found["weights"]
    assert_same({n: [v[i] for i in order] for n, v in expected.items()}, found, tolerance(d))


@EXAMPLES
@given(descriptions(poisson=True), st.lists(st.integers(0, 400), max_size=5))
def test_a_run_may_be_divided(d: Description, cuts: list[int]) -> None:
    built = build(d)
    for cut in sorted(cuts):
        if cut * 0.1 < d.duration:
            sim.run_until(cut * 0.1)
            built.cells.get_data("spikes")
            weights = [p.get("weight", format="list", with_address=False) for p in built.projections]
            assert all(np.isfinite(w).all() for w in weights)
    sim.run_until(d.duration)
    found = result(built)
    sim.end()
    assert_same(simulate(d), found)


@EXAMPLES
@given(descriptions(poisson=True), st.floats(0.5, 60.0))
def test_after_a_reset_all_is_as_at_first(d: Description, before: float) -> None:
    built = build(d)
    sim.run(before)
    sim.reset()
    sim.run(d.duration)
    found = result(built)
    sim.end()
    assert_same(simulate(d), found)


def test_another_process_gives_the_same() -> None:
    """Bit for bit, with another hash seed."""
    program = "from tests.properties.test_simulation import digests; print(*digests())"
    environment = {**os.environ, "PYTHONHASHSEED": "12", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == digests()


def digests() -> list[str]:
    """A digest of the result of one network for each type of cell."""
    from hashlib import sha256

    found = []
    for k, cell in enumerate(networks.cell_names()):
        values = simulate(networks.example(cell, seed=k))
        found.append(
            sha256(b"".join(v.tobytes() for name in sorted(values) for v in values[name])).hexdigest()
        )
    return found


CONNECTORS: dict[str, Callable[[int], Any]] = {
    "all to all": lambda seed: sim.AllToAllConnector(allow_self_connections=False),
    "fixed probability": lambda seed: sim.FixedProbabilityConnector(0.4, rng=NumpyRNG(seed)),
    "fixed number of targets": lambda seed: sim.FixedNumberPostConnector(2, rng=NumpyRNG(seed)),
    "fixed total number": lambda seed: sim.FixedTotalNumberConnector(7, rng=NumpyRNG(seed)),
}


@EXAMPLES
@given(descriptions(poisson=True), st.sampled_from(["rows", *CONNECTORS]), st.integers(0, 1000))
def test_saved_connections_are_the_same_connections(d: Description, connector: str, seed: int) -> None:
    make = CONNECTORS.get(connector)
    built = build(d, connectors=None if make is None else lambda k, wiring: make(seed + k))
    if make:
        for k, projection in enumerate(built.projections):
            weights = RandomDistribution("uniform", (0.1, 1.0), rng=NumpyRNG(seed))
            projection.set(weight=weights, delay=d.timestep * (1 + 3 * k))
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder) / f"{k}.txt") for k in range(len(d.wirings))]
        for name, projection in zip(names, built.projections, strict=True):
            projection.save(["weight", "delay"], name, format="list", with_address=True)
        sim.run(d.duration)
        expected = result(built)
        sim.end()
        assert_same(expected, simulate(d, connectors=lambda k, wiring: sim.FromFileConnector(names[k])))


@FEW
@given(descriptions(poisson=True))
def test_stored_data_are_the_same_data(d: Description) -> None:
    nix = pytest.importorskip("neo.io").NixIO
    pytest.importorskip("nixio")
    built = build(d)
    sim.run(d.duration)
    expected = networks.segment_result(built.cells.get_data().segments[0], d.size)
    with tempfile.TemporaryDirectory() as folder:
        name = str(Path(folder) / "data.nix")
        built.cells.write_data(name)
        with nix(name, mode="ro") as file:
            (block,) = file.read_all_blocks()
            assert_same(expected, networks.segment_result(block.segments[0], d.size))
    sim.end()


@EXAMPLES
@given(descriptions())
def test_an_array_of_parameters_or_a_cell_for_each(d: Description) -> None:
    """Cells with heterogeneous parameters behave as populations of one cell with numbers.

    What all cells share is compiled as a constant, and the last digit may be rounded in another way."""
    assert_same(simulate(d), simulate(d, split=range(1, d.size)), 1e-9)


@FEW
@given(descriptions(sizes=(2, 300), poisson=True))
def test_threads_change_nothing(d: Description) -> None:
    expected = simulate(d)
    for threads in (2, 3):
        assert_same(expected, simulate(replace(d, threads=threads)))
