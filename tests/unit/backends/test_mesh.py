"""``import pyNN.mesh``: any network with its spikes carried by a network on chip."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pynn_ext.backends.codegen as codegen
import pynn_ext.backends.mesh as mesh
import pytest

from pynn_ext.errors import MappingError, UnsupportedError

#: One cell to a core, four by four, half a step a cycle.
CHAIN = {"columns": 4, "rows": 4, "cells": 1, "biological_ms": 0.05}


def first_spikes(cells: Any) -> np.ndarray:
    return np.array([train.magnitude[0] for train in cells.get_data().segments[0].spiketrains])


def chain(n: int = 12, delay: float = 0.5, **setup: Any) -> Any:
    mesh.setup(timestep=0.1, partition="sequential", placement="sequential", **setup)
    source = mesh.Population(1, mesh.SpikeSourceArray(spike_times=[5.0, 50.0]))
    cells = mesh.Population(n, mesh.IF_curr_delta(v_thresh=-60.0, tau_refrac=0.1), label="chain")
    mesh.Projection(source, cells[:1], mesh.AllToAllConnector(), mesh.StaticSynapse(weight=20.0, delay=1.0))
    links = [(i, i + 1, 20.0, delay) for i in range(n - 1)]
    mesh.Projection(cells, cells, mesh.FromListConnector(links))
    cells.record("spikes")
    return cells


def recurrent(sim: Any, **setup: Any) -> Any:
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(40, sim.SpikeSourcePoisson(rate=80.0))
    cells = sim.Population(60, sim.IF_cond_exp(tau_refrac=2.0), label="cells")
    rng = sim.NumpyRNG(seed=1)
    sim.Projection(
        source, cells, sim.FixedProbabilityConnector(0.3, rng=rng), sim.StaticSynapse(weight=0.02, delay=0.5)
    )
    sim.Projection(
        cells, cells, sim.FixedProbabilityConnector(0.2, rng=rng), sim.StaticSynapse(weight=0.01, delay=0.3),
        receptor_type="inhibitory",
    )  # fmt: skip
    cells.record("spikes")
    return cells


def trains(cells: Any, segment: int = 0) -> list[list[float]]:
    return [train.magnitude.tolist() for train in cells.get_data().segments[segment].spiketrains]


def test_a_chain_takes_the_sum_of_hops_and_synaptic_delays() -> None:
    direct = chain(chip=CHAIN, interconnect="ideal")
    mesh.run(100.0)
    ideal = first_spikes(direct)
    cells = chain(chip=CHAIN)
    mesh.run(100.0)
    closed = first_spikes(cells)
    hops = np.array([4 if i % 4 == 3 else 1 for i in range(11)])
    latency = 2 + 5 * (hops + 1)  # cycles of an empty mesh
    steps = np.floor(latency / 2 + 0.5)
    assert np.diff(closed) == pytest.approx(np.diff(ideal) + 0.1 * steps)


def test_trace_carries_messages_and_changes_nothing() -> None:
    found = []
    for setting in ("ideal", "trace"):
        cells = chain(chip=CHAIN, interconnect=setting)
        mesh.run(100.0)
        found.append(trains(cells))
    assert found[0] == found[1]
    report = mesh.chip_report()
    assert report["messages"] == 22 and report["latency_cycles"]["mean"] == pytest.approx(
        (9 * 12 + 2 * 27) / 11
    )


def test_a_recurrent_network_parts_from_its_open_loop_twin() -> None:
    slow = {"cells": 6, "inputs": 200, "columns": 4, "rows": 4, "biological_ms": 0.01}
    results = {}
    for setting in ("ideal", "trace", "closed"):
        cells = recurrent(mesh, chip=slow, interconnect=setting)
        mesh.run(300.0)
        results[setting] = trains(cells)
    cells = recurrent(codegen)
    codegen.run(300.0)
    assert results["ideal"] == results["trace"] == trains(cells)
    assert results["closed"] != results["ideal"]
    report = mesh.chip_report()
    assert report["acted_later"] > 0 and report["late"][0]["source"].startswith("cells[")
    blocked = [entry for entry in report["late"] if not entry["by"].endswith(" 0 cycles blocked")]
    busiest = {link["link"] for link in report["busiest_links"]}
    assert blocked and {entry["link"] for entry in blocked} & busiest
    assert all(entry["link"] for entry in blocked)


def test_a_fast_mesh_changes_nothing() -> None:
    cells = recurrent(mesh, chip={"cells": 10, "biological_ms": 1e-5})
    mesh.run(100.0)
    found = trains(cells)
    cells = recurrent(codegen)
    codegen.run(100.0)
    assert found == trains(cells)


def test_a_population_that_projects_to_several_others_reaches_all() -> None:
    """The second projection has axons that the first lacks: every synapse must start from its own."""

    def run(sim: Any, **setup: Any) -> list[list[float]]:
        sim.setup(timestep=0.1, **setup)
        kind = sim.IF_curr_delta(v_thresh=-60.0, tau_refrac=0.1)
        drive = sim.Population(40, sim.SpikeSourceArray(spike_times=[[2.0 + i] for i in range(40)]))
        pre, first, second = (sim.Population(40, kind) for _ in range(3))
        sim.Projection(drive, pre, sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=0.1))
        for post, cells in ((first, range(0, 20)), (second, range(40))):
            sim.Projection(pre, post, sim.FromListConnector([(i, 39 - i, 20.0, 1.0) for i in cells]))
            post.record("spikes")
        sim.run(60.0)
        return [
            train.magnitude.tolist()
            for post in (first, second)
            for train in post.get_data().segments[0].spiketrains
        ]

    small = {"columns": 4, "rows": 4, "cells": 16, "biological_ms": 1e-6}
    assert run(mesh, chip=small, partition="sequential") == run(codegen)
    run(mesh, chip=small, partition="sequential")
    shadow = mesh.simulator.state.engine._shadow
    sizes = [
        (len(part.offsets), part.pre.size * len(part.delay_steps) + 1)
        for _, parts in shadow.parts
        for part in parts
    ]
    assert len(sizes) == 3 and all(rows == wanted for rows, wanted in sizes)


def test_parts_reset_and_annotations() -> None:
    cells = recurrent(mesh, chip={"cells": 10, "biological_ms": 0.01})
    for part in (20.0, 30.1, 49.9):
        mesh.run(part)
    mesh.reset()
    mesh.run(100.0)
    assert trains(cells, 0) == trains(cells, 1)
    report = json.loads(cells.get_data().annotations["chip_report"])
    assert report["interconnect"] == "closed" and len(report["use"]) == 6
    assert report["energy_nJ"]["router"] > 0 and len(report["heat"]["frames"]) == 20


def plastic_pair(sim: Any, setup: dict[str, Any], trains: list[Any]) -> Any:
    """Return a plastic synapse of a weight of 0.5 between two cells that fire at given times."""
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=trains))
    cells = sim.Population(2, sim.IF_curr_delta(v_thresh=-60.0))
    drive = sim.StaticSynapse(weight=20.0, delay=0.1)
    sim.Projection(source, cells, sim.OneToOneConnector(), drive)
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.1),
        weight_dependence=sim.AdditiveWeightDependence(w_max=1.0), weight=0.5, delay=0.5,
    )  # fmt: skip
    return sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), rule)


def test_plastic_synapses_learn_at_their_target() -> None:
    found = {}
    for name, sim, setup in (
        ("codegen", codegen, {}),
        ("fast", mesh, {"chip": {**CHAIN, "biological_ms": 1e-5}}),
        ("slow", mesh, {"chip": {**CHAIN, "biological_ms": 0.1}}),
    ):
        plastic = plastic_pair(sim, setup, [sim_times(10.0), sim_times(12.0)])
        sim.run(40.0)
        found[name] = plastic.get("weight", format="list", with_address=False)[0]
    assert found["codegen"] == found["fast"] > 0.5
    assert found["slow"] > found["fast"]  # the spike arrives later, so nearer to the postsynaptic one


def test_the_dendritic_part_of_delays_set_between_runs_acts() -> None:
    found = {}
    for name, sim, setup in (
        ("codegen", codegen, {}),
        ("mesh", mesh, {"chip": {**CHAIN, "biological_ms": 1e-5}}),
    ):
        plastic = plastic_pair(sim, setup, [sim_times(10.0, 40.0), sim_times(12.0, 43.0)])
        found[name] = []
        for fraction in (1.0, 0.0):
            plastic.set(dendritic_delay_fraction=fraction)
            sim.run(30.0)
            found[name] += plastic.get("weight", format="list", with_address=False)
    assert found["mesh"] == found["codegen"]
    first, second = found["mesh"][0] - 0.5, found["mesh"][1] - found["mesh"][0]
    assert first == pytest.approx(0.1 * np.exp(-2.5 / 20.0), rel=1e-9) and second != first


def sim_times(*times: float) -> Any:
    from pyNN.parameters import Sequence

    return Sequence(times)


def test_weights_set_between_runs_act() -> None:
    cells = chain(3, chip=CHAIN)
    mesh.run(10.0)
    projection = mesh.simulator.state.network.connections[1]
    projection.set("weight", 0.0)
    mesh.run(90.0)
    assert [len(t) for t in trains(cells)] == [2, 1, 1]


def test_limits_and_options_are_checked() -> None:
    with pytest.raises(MappingError, match="tightest limit is 1 cells per core"):
        chain(20, chip=CHAIN)
        mesh.run(1.0)
    with pytest.raises(ValueError, match="did you mean 'columns'"):
        chain(chip={"colums": 3})
        mesh.run(1.0)
    with pytest.raises(ValueError, match="whole number of cycles"):
        chain(chip={**CHAIN, "biological_ms": 0.03})
        mesh.run(1.0)
    chain(chip=CHAIN)
    mesh.run(1.0)
    mesh.Population(1, mesh.IF_cond_exp())
    with pytest.raises(UnsupportedError, match="added after the network has run"):
        mesh.run(1.0)


def test_a_barrier_waits_for_messages() -> None:
    found = []
    for options in ({"interconnect": "ideal"}, {"chip": {**CHAIN, "time": "barrier"}}):
        cells = chain(**{"chip": CHAIN, **options})
        mesh.run(100.0)
        found.append(trains(cells))
    assert found[0] == found[1]
    report = mesh.chip_report()
    assert report["time_contract"] == "barrier" and report["acted_later"] == 0
    # a message to the next column takes 2 + 5 * 2 cycles, one to the next row from the end of a row 2 + 5 * 5
    assert report["cycles_of_steps"]["n"] == 22 and report["cycles_of_steps"]["largest"] == 28
    cells = chain(chip={**CHAIN, "time": "barrier"}, interconnect="trace")
    mesh.run(100.0)
    assert trains(cells) == found[0]
    assert mesh.chip_report()["cycles_of_steps"] == report["cycles_of_steps"]


@pytest.mark.parametrize(
    ("time", "steps"),
    [
        ("real-time tick", lambda latency: latency // 20),
        ("clocked", lambda latency: -(-latency // 20)),
        ("asynchronous", lambda latency: (2 * latency + 20) // 40),
    ],
)
def test_time_contracts_shift_spikes_by_whole_steps(time: str, steps: Any) -> None:
    chip = {**CHAIN, "biological_ms": 0.005, "time": time}
    ideal = chain(chip=chip, interconnect="ideal")
    mesh.run(100.0)
    before = first_spikes(ideal)
    cells = chain(chip=chip)
    mesh.run(100.0)
    latency = 2 + 5 * (np.array([4 if i % 4 == 3 else 1 for i in range(11)]) + 1)
    assert np.diff(first_spikes(cells)) == pytest.approx(np.diff(before) + 0.1 * steps(latency))
    assert mesh.chip_report()["acted_later"] == (22 if time == "asynchronous" else 4)


def test_a_tick_may_drop_what_is_late() -> None:
    from pynn_ext.chip.contracts import RealTimeTick

    cells = chain(chip={**CHAIN, "biological_ms": 0.005, "time": RealTimeTick(drops=True)})
    mesh.run(100.0)
    assert [len(train) for train in trains(cells)] == [2] * 4 + [
        0
    ] * 8  # the link to the second row is too long
    report = mesh.chip_report()
    assert report["lost"] == 2 and report["in_flight"] == 0 and len(report["late"]) == 2


def test_several_projections_of_one_population_share_its_relays() -> None:
    """Synapses of the first projection see relays that only the second one needs."""
    found = {}
    for name, sim, setup in (
        ("codegen", codegen, {}),
        ("mesh", mesh, {"chip": {"cells": 30, "biological_ms": 1e-5}, "partition": "sequential"}),
    ):
        sim.setup(timestep=0.1, min_delay=0.5, **setup)
        noise = sim.Population(60, sim.SpikeSourcePoisson(rate=50.0))
        groups = [sim.Population(60, sim.IF_curr_delta(), label=label) for label in "ab"]
        sim.Projection(noise, groups[0], sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=0.5))
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.1),
            weight_dependence=sim.AdditiveWeightDependence(w_max=1.0), weight=0.5, delay=0.5,
        )  # fmt: skip
        rng = sim.NumpyRNG(seed=1)
        learning = [
            sim.Projection(groups[0], post, sim.FixedProbabilityConnector(0.1, rng=rng), rule)
            for post in groups
        ]
        groups[1].record("spikes")
        sim.run(200.0)
        found[name] = [p.get("weight", format="list", with_address=False) for p in learning]
    assert found["mesh"] == found["codegen"]
    assert len(set(found["mesh"][0])) > 10


def test_a_dictionary_may_start_from_a_preset() -> None:
    from pynn_ext.chip.record import revision

    chip = revision({"preset": "pycarl", "inputs": 1024}, mesh.CHIP, mesh.PRESETS)
    assert (chip.cells, chip.inputs, chip.columns, chip.biological_ms) == (128, 1024, 5, 0.01)
    with pytest.raises(ValueError, match="did you mean 'pycarl'"):
        revision({"preset": "pycar"}, mesh.CHIP, mesh.PRESETS)


def test_the_preset_of_pycarl_takes_three_cycles_a_hop() -> None:
    chain(8, chip={"preset": "pycarl", "cells": 1})  # one cell to a crossbar: along a row and to the next one
    mesh.run(100.0)
    rows = mesh.chip_report()["latency_by_hops"]
    assert [row["hops"] for row in rows] == [1, 5]
    assert all(row["mean"] == row["largest"] == 3 * row["hops"] + 5 for row in rows)


def test_a_message_takes_as_many_cycles_more_as_it_has_flits_more() -> None:
    found = []
    for bits in (32, 16, 8):
        chain(4, chip={**CHAIN, "flit_bits": bits})
        mesh.run(100.0)
        report = mesh.chip_report()
        found.append((report["latency_cycles"]["mean"], report["link_flits"] // report["messages"]))
    assert found == [(12.0, 1), (13.0, 2), (15.0, 4)]
