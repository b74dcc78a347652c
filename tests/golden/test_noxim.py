"""The handshake router against Noxim: the law of an empty network, delay against load, throughput at saturation."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pynn_ext.chip.noc import Mesh, Messages, Network, simulate

GOLDEN = Path(__file__).parent / "noxim"
FILES = sorted(path.stem for path in GOLDEN.glob("*.csv"))
WARM_UP, CYCLES, SEEDS = 1000, 6000, 4


@cache
def rows(name: str) -> list[dict[str, str]]:
    lines = (GOLDEN / f"{name}.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def saturation(name: str) -> float:
    """The most that was delivered at any load, in flits per node and cycle."""
    return max(float(row["throughput_ip"]) for row in rows(name))


def run(row: dict[str, str], seed: int) -> tuple[float, float]:
    """Mean delay of the heads, and flits delivered per node and cycle."""
    draws = np.random.default_rng(seed)
    side, flits = int(row["dim"]), int(row["flits"])
    mesh = Mesh(side, side, router="handshake", virtual_channels=int(row["vc"]), buffer=int(row["buf"]))
    time, source = np.nonzero(draws.random((CYCLES, mesh.terminals)) < float(row["pir_pkt"]))
    others = draws.integers(0, mesh.terminals - 1, len(time))
    network = Network(mesh)
    network.send(Messages(time, source, others + (others >= source), flits))
    network.advance(CYCLES)
    trace = network.trace()
    counts = trace.head_arrived >= WARM_UP
    delivered = (trace.arrived >= WARM_UP).sum() * flits / (CYCLES - WARM_UP) / mesh.terminals
    return float((trace.head_arrived - trace.generated)[counts].mean()), float(delivered)


@pytest.mark.parametrize("flits", [1, 2, 5])
def test_the_law_for_every_pair(flits: int) -> None:
    """2 H + 2 cycles for the head, two more for each flit behind it."""
    source, destination = np.divmod(np.arange(256), 16)
    trace = simulate(
        Mesh(4, 4, router="handshake"), Messages(100 * np.arange(256), source, destination, flits)
    )
    assert np.array_equal(trace.head_arrived - trace.generated, 2 * trace.hops + 2)
    assert np.array_equal(trace.arrived - trace.head_arrived, np.full(256, 2 * (flits - 1)))
    assert not trace.blocked.any()


@pytest.mark.parametrize("name", FILES)
def test_delay_up_to_80_percent_of_saturation(name: str) -> None:
    """Within 2 % and twice the spread between seeds, since Noxim's point is one seed."""
    for row in rows(name):
        if float(row["offered_flit"]) <= 0.8 * saturation(name):
            delays = [run(row, seed)[0] for seed in range(SEEDS)]
            golden = float(row["avg_delay"])
            assert abs(np.mean(delays) - golden) < 0.02 * golden + 2 * np.std(delays, ddof=1), row


@pytest.mark.parametrize("name", FILES)
def test_what_is_delivered_beyond_saturation(name: str) -> None:
    _, delivered = run(rows(name)[-1], 0)
    assert abs(delivered - saturation(name)) < 0.05 * saturation(name)
