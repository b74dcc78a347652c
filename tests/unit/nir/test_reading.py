"""NIR graphs on PyNN backends, against NIR's own equations integrated in small steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import UnsupportedError
from pynn_ext.nir import from_nir

nir = pytest.importorskip("nir")

WIDTH = 1e-4
RNG = np.random.default_rng(4)


def ends(n_in: int, n_out: int) -> dict[str, Any]:
    return {"in": nir.Input({"input": np.array([n_in])}), "out": nir.Output({"output": np.array([n_out])})}


def neuron(kind: str, n: int) -> Any:
    """A node of `n` neurons that all differ."""
    spread = np.linspace(0.8, 1.2, n)
    common = {"r": 100.0 * spread, "v_threshold": 1.0 * spread, "v_reset": -0.1 * spread}
    leaky = {"v_leak": 0.05 * spread}
    match kind:
        case "IF":
            return nir.IF(**common)
        case "LIF":
            return nir.LIF(tau=0.02 * spread, **common, **leaky)
        case _:
            return nir.CubaLIF(
                tau_mem=0.02 * spread, tau_syn=0.005 * spread, w_in=1.5 * spread, **common, **leaky
            )


def integrated(
    node: Any, weight: np.ndarray, bias: np.ndarray, trains: list[np.ndarray], seconds: float
) -> list[int]:
    """Spike counts by Euler steps of 2 us; a spike is a current of 1 for `WIDTH`, spread over its area."""
    h = 2e-6
    n = len(bias)
    leak = np.asarray(getattr(node, "v_leak", np.zeros(n)))
    v, i, counts = leak.copy(), np.zeros(n), np.zeros(n, dtype=int)
    arrivals = np.zeros((round(seconds / h) + 1, len(trains)))
    for j, train in enumerate(trains):
        np.add.at(arrivals[:, j], np.round(train / 1e3 / h).astype(int), 1.0)
    kind = type(node).__name__
    if kind == "CubaLIF":
        i = node.w_in * bias  # a bias acts from the start
    for arrived in arrivals:
        pulse = weight @ arrived * WIDTH
        if kind == "CubaLIF":
            i = i + node.w_in * pulse / node.tau_syn
            v = v + h / node.tau_mem * (leak - v + node.r * i)
            i = i + h / node.tau_syn * (node.w_in * bias - i)
        elif kind == "LIF":
            v = v + h / node.tau * (leak - v + node.r * bias) + node.r * pulse / node.tau
        else:
            v = v + h * node.r * bias + node.r * pulse
        fired = v > node.v_threshold
        counts += fired
        v = np.where(fired, node.v_reset, v)
    return counts.tolist()


@pytest.mark.parametrize("kind", ["IF", "LIF", "CubaLIF"])
def test_spike_counts_are_those_of_nir_s_equations(kind: str) -> None:
    """Within one spike in forty: the grid of 0.01 ms moves a crossing, and with it what is lost at the reset."""
    node = neuron(kind, 4)
    weight = RNG.uniform(-0.3, 1.0, (4, 6)) * {"IF": 6.0, "LIF": 2.0, "CubaLIF": 0.15}[kind]
    bias = np.array([0.0, 0.001, 0.002, 0.003]) * {"IF": 50.0, "LIF": 1.0, "CubaLIF": 1.0}[kind]
    graph = nir.NIRGraph(
        {**ends(6, 4), "w": nir.Affine(weight, bias), "cells": node},
        [("in", "w"), ("w", "cells"), ("cells", "out")],
    )
    trains = [np.sort(RNG.choice(np.arange(1.0, 198.0), 40, replace=False)) for _ in range(6)]
    sim.setup(timestep=0.01)
    network = from_nir(sim, graph, spike_width=WIDTH)
    network.inputs["in"].set(spike_times=trains)
    network.populations["cells"].record("spikes")
    sim.run(200.0)
    found = [len(train) for train in network.outputs["out"].get_data().segments[0].spiketrains]
    expected = integrated(node, weight, bias, trains, 0.2)
    assert sum(expected) > 20
    assert np.abs(np.array(found) - expected).max() <= max(1, max(expected) // 40), (found, expected)


def test_loops_and_sub_graphs_are_followed() -> None:
    """Two cells that excite each other through a loop, the second inside a sub-graph."""
    inner = nir.NIRGraph(
        {**ends(1, 1), "w": nir.Linear(np.array([[200.0]])), "second": neuron("LIF", 1)},
        [("in", "w"), ("w", "second"), ("second", "out")],
    )
    graph = nir.NIRGraph(
        {
            **ends(1, 1),
            "start": nir.Linear(np.array([[300.0]])),
            "first": neuron("LIF", 1),
            "sub": inner,
            "back": nir.Linear(np.array([[300.0]])),
        },
        [
            ("in", "start"),
            ("start", "first"),
            ("first", "sub"),
            ("sub", "back"),
            ("back", "first"),
            ("sub", "out"),
        ],
    )
    sim.setup(timestep=0.1)
    network = from_nir(sim, graph)
    assert set(network.populations) == {"first", "sub.second"} and len(network.projections) == 3
    network.inputs["in"].set(spike_times=[1.0])
    network.outputs["out"].record("spikes")
    sim.run(10.0)
    intervals = np.diff(network.outputs["out"].get_data().segments[0].spiketrains[0].magnitude)
    assert len(intervals) > 20 and np.allclose(
        intervals, 0.4
    )  # each way takes the delay and the step of the crossing


def test_a_file_is_read(tmp_path: Path) -> None:
    graph = nir.NIRGraph(
        {
            **ends(1, 2),
            "w": nir.Linear(np.ones((2, 1))),
            "li": nir.LI(np.full(2, 0.02), np.ones(2), np.zeros(2)),
        },
        [("in", "w"), ("w", "li"), ("li", "out")],
    )
    nir.write(tmp_path / "graph.nir", graph)
    sim.setup(timestep=0.1)
    network = from_nir(sim, tmp_path / "graph.nir", unit=2.0)
    cells = network.outputs["out"]
    assert cells.celltype.__class__.__name__ == "IF_curr_delta" and cells.get("tau_m") == pytest.approx(20.0)
    assert network.projections[0].get("weight", format="list")[0][-1] == pytest.approx(2.0 * WIDTH / 0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"odd": nir.Threshold(np.ones(2))}, "a node of type Threshold"),
        ({"odd": nir.Linear(np.ones((3, 2)))}, "3 values go into 2 neurons"),
    ],
)
def test_what_has_no_counterpart_is_refused(change: dict[str, Any], message: str) -> None:
    graph = nir.NIRGraph(
        {**ends(2, 2), **change, "cells": neuron("LIF", 2)},
        [("in", "odd"), ("odd", "cells"), ("cells", "out")],
        type_check=False,
    )
    sim.setup(timestep=0.1)
    with pytest.raises(UnsupportedError, match=message):
        from_nir(sim, graph)


def test_a_readout_without_neurons_is_refused() -> None:
    graph = nir.NIRGraph(
        {
            **ends(2, 1),
            "cells": neuron("LIF", 2),
            "w": nir.Linear(np.ones((1, 2))),
            "v": nir.Linear(np.ones((2, 2))),
        },
        [("in", "v"), ("v", "cells"), ("cells", "w"), ("w", "out")],
    )
    sim.setup(timestep=0.1)
    with pytest.raises(UnsupportedError, match="weighted sum.*LI node"):
        from_nir(sim, graph)
