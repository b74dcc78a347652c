"""Our mesh against BookSim2: every packet of short runs, the law of an empty network, load curves, saturation."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from pynn_ext.chip.noc import Mesh, Messages, simulate

from .booksim_runs import CURVES, GOLDEN, Curve, latency

PACKETS = np.load(GOLDEN / "packets.npz")
RUNS = sorted(name for name in PACKETS.files if not name.endswith(".mesh"))


@pytest.mark.parametrize("name", RUNS)
def test_every_packet_moves_in_the_same_cycle(name: str) -> None:
    parameters = json.loads(str(PACKETS[f"{name}.mesh"]))
    flits = parameters.pop("flits")
    source, destination, generated, injected, arrived, ties = PACKETS[name].astype(np.int64)
    trace = simulate(Mesh(**parameters), Messages(generated, source, destination, flits, ties=ties))
    assert np.array_equal(trace.injected, injected)
    assert np.array_equal(trace.arrived, arrived)


def test_the_latency_of_every_pair_in_an_empty_network() -> None:
    with (GOLDEN / "mesh4_zero_load_pairs.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    pairs = np.array([[int(row[name]) for name in ("src", "dst", "formula_cycles")] for row in rows]).T
    trace = simulate(Mesh(4, 4), Messages(100 * np.arange(256), pairs[0], pairs[1]))
    assert np.array_equal(trace.latency, pairs[2])
    assert np.allclose([float(row["booksim_latency_cycles"]) for row in rows], trace.latency, atol=0.04)


@pytest.mark.parametrize("route_delay", [0, 1, 2])
@pytest.mark.parametrize(
    "changes",
    [{}, {"speculative": True}, {"vc_delay": 2}, {"switch_delay": 2}, {"crossbar_delay": 3}, {"torus": True}],
)
@pytest.mark.parametrize("flits", [1, 4])
def test_the_law_for_every_pair_and_pipeline(route_delay: int, changes: dict[str, int], flits: int) -> None:
    """2 + (P + 1)(H + 1) + F - 1 cycles; flits follow each other as fast as the switch is allocated."""
    mesh = Mesh(5, 4, virtual_channels=2, route_delay=route_delay, **changes)  # type: ignore[arg-type]
    source, destination = np.divmod(np.arange(400), 20)
    trace = simulate(mesh, Messages(200 * np.arange(400), source, destination, flits))
    law = 2 + (mesh.pipeline + 1) * (trace.hops + 1) + (flits - 1) * mesh.switch_delay
    assert np.array_equal(trace.latency, law)
    assert not trace.blocked.any()


def loads(curve: Curve) -> list[tuple[float, float, float]]:
    return [point for point in curve.stable() if point[0] <= 0.8 * curve.carried]


def agree(curve: Curve, rate: float, golden: float, routers: float, cycles: int) -> None:
    mean, error = latency(curve, rate, cycles, routers)
    assert abs(mean - golden) < 0.02 * golden + 2 * error, (rate, mean, golden, error)


@pytest.mark.parametrize("name", CURVES)
def test_latency_at_a_high_load(name: str) -> None:
    curve = CURVES[name]
    agree(curve, *loads(curve)[-1], cycles=6000)


@pytest.mark.slow
@pytest.mark.parametrize("name", CURVES)
def test_latency_up_to_80_percent_of_saturation(name: str) -> None:
    """Every second point; the highest is above."""
    curve = CURVES[name]
    for point in loads(curve)[:-1:2]:
        agree(curve, *point, cycles=10000)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, curve in CURVES.items() if curve.saturation])
def test_the_saturation_point_within_5_percent(name: str) -> None:
    curve = CURVES[name]
    assert curve.saturation is not None
    empty = curve.stable()[0][1]
    assert latency(curve, 0.95 * curve.saturation, 7000)[0] < 3 * empty
    assert latency(curve, 1.05 * curve.saturation, 7000)[0] > 3 * empty
