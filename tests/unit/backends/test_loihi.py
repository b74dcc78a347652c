"""``import pyNN.loihi``: PyNN scripts on the chip's integers, what does not fit, and what is reported."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pynn_ext.backends.codegen as codegen
import pynn_ext.backends.loihi as loihi
import pytest
from pyNN.standardmodels import ModelNotAvailable

from pynn_ext.errors import MappingError, NetworkError, StrictError
from pynn_ext.models.registry import all_models


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="PyNN")


def trains(cells: Any, segment: int = 0) -> list[list[float]]:
    return [train.magnitude.tolist() for train in cells.get_data().segments[segment].spiketrains]


def driven(sim: Any, cells: int = 40, weight: float = 0.3, **setup: Any) -> tuple[Any, Any]:
    """Cells under Poisson input, inhibiting each other."""
    sim.setup(timestep=1.0, min_delay=1.0, **setup)
    source = sim.Population(30, sim.SpikeSourcePoisson(rate=40.0), label="input")
    population = sim.Population(cells, sim.IF_curr_exp(tau_refrac=2.0), label="cells")
    rng = sim.NumpyRNG(seed=4)
    drive = sim.Projection(
        source,
        population,
        sim.FixedProbabilityConnector(0.5, rng=rng),
        sim.StaticSynapse(weight=weight, delay=2.0),
    )
    sim.Projection(
        population, population, sim.FixedProbabilityConnector(0.1, rng=rng), sim.StaticSynapse(weight=-0.05, delay=3.0),
        receptor_type="inhibitory",
    )  # fmt: skip
    population.record("spikes")
    return population, drive


def test_spike_counts_within_one_percent_of_floating_point() -> None:
    counts = []
    for sim in (codegen, loihi):
        cells, _ = driven(sim, 100)
        sim.run(1000.0)
        counts.append(sum(map(len, trains(cells))))
    assert counts[0] > 1000 and counts[1] == pytest.approx(counts[0], rel=0.01)


@pytest.mark.parametrize("delay", [1.0, 5.0, 62.0])
def test_a_potential_begins_in_the_same_step_as_on_codegen(delay: float) -> None:
    found = []
    for sim in (codegen, loihi):
        sim.setup(timestep=1.0, min_delay=1.0)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0]))
        cell = sim.Population(1, sim.IF_curr_delta(tau_m=20.0))
        sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=4.0, delay=delay))
        cell.record("v")
        sim.run(80.0)
        found.append(cell.get_data().segments[0].filter(name="v")[0].magnitude[:, 0])
    assert np.argmax(found[0] > -64.9) == np.argmax(found[1] > -64.9) == 4 + delay
    assert np.abs(found[0] - found[1]).max() < 0.02


def test_parts_of_a_run_equal_the_whole_to_the_bit() -> None:
    cells, _ = driven(loihi)
    loihi.run(200.0)
    whole = trains(cells)
    cells, _ = driven(loihi)
    for part in (1.0, 72.0, 127.0):
        loihi.run(part)
        cells.get_data()
    assert trains(cells) == whole


def test_reset_equals_the_first_time() -> None:
    cells, _ = driven(loihi)
    loihi.run(150.0)
    loihi.reset()
    loihi.run(150.0)
    assert trains(cells, 0) == trains(cells, 1) and sum(map(len, trains(cells))) > 20


def test_currents_change_the_bias() -> None:
    found = []
    for sim in (codegen, loihi):
        sim.setup(timestep=1.0)
        cells = sim.Population(2, sim.IF_curr_exp(), label="cells")
        sim.StepCurrentSource(times=[10.0, 60.0], amplitudes=[2.0, 0.0]).inject_into(cells[0:1])
        cells.set(i_offset=[0.0, 1.5])
        cells.record(["spikes", "v"])
        sim.run(100.0)
        found.append(trains(cells))
    for a, b in zip(*found, strict=True):
        assert len(a) == len(b) > 1 and np.abs(np.array(a) - np.array(b)).max() <= 1.0


def test_weights_set_between_runs_act_and_state_stays() -> None:
    cells, drive = driven(loihi, weight=0.02)
    loihi.run(100.0)
    quiet_spikes = sum(map(len, trains(cells)))
    drive.set(weight=0.5)
    loihi.run(100.0)
    assert quiet_spikes == 0 and sum(map(len, trains(cells))) > 20
    assert loihi.chip_report()["steps"] == 200


def test_weights_set_in_callbacks_leave_cells_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynn_ext.backends._loihi.placement as placement

    calls: list[int] = []
    partition = placement.partition
    monkeypatch.setattr(placement, "partition", lambda *args: calls.append(1) or partition(*args))
    cells, drive = driven(loihi)

    def louder(t: float) -> float:
        drive.set(weight=0.1 + 0.01 * t)
        return t + 10.0

    loihi.run(50.0, callbacks=[louder])
    assert len(calls) == 1
    other = loihi.Population(3, loihi.IF_curr_exp())
    loihi.Projection(cells, other, loihi.AllToAllConnector(), loihi.StaticSynapse(weight=0.1, delay=1.0))
    loihi.run(1.0)
    assert len(calls) == 2 and sum(row["cells"] for row in loihi.chip_report()["use"]) == 43


@pytest.mark.parametrize(("first", "sign"), [("pre", 1), ("post", -1)])
def test_pairs_of_spikes_change_weights_as_the_rule_says(first: str, sign: int) -> None:
    found = []
    for sim in (codegen, loihi):
        sim.setup(timestep=1.0)
        before, after = ([20.0], [24.0]) if first == "pre" else ([24.0], [20.0])
        pre = sim.Population(1, sim.SpikeSourceArray(spike_times=before))
        drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[t - 1 for t in after]))
        post = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0), label="post")
        sim.Projection(drive, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.12, tau_plus=20.0, tau_minus=20.0),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=9.0), weight=0.5, delay=1.0,
        )  # fmt: skip
        plastic = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
        post.record("spikes")
        sim.run(60.0)
        found.append(plastic.get("weight", format="list", with_address=False)[0] - 0.5)
    assert np.sign(found[1]) == sign
    assert found[1] == pytest.approx(found[0], rel=0.2)


def test_everything_that_does_not_fit_is_said_at_once() -> None:
    loihi.setup(timestep=1.0)
    a = loihi.Population(2, loihi.IF_curr_exp(v_reset=-40.0, tau_refrac=90.0), label="a")
    a.record("isyn_inh")
    loihi.Projection(
        a, a, loihi.AllToAllConnector(), loihi.StaticSynapse(weight=0.1, delay=70.0), label="slow"
    )
    with pytest.raises(MappingError) as caught:
        loihi.run(1.0)
    text = str(caught.value)
    assert "does not fit Loihi, for 4 reasons" in text
    for part in (
        "70 ms",
        "1 to 62 steps",
        "v_thresh is not above v_reset",
        "isyn_inh",
        "tau_refrac = 90",
    ):
        assert part in text
    assert all(problem.remedy for problem in caught.value.problems)


def test_a_network_beyond_the_chip_names_the_tightest_limit() -> None:
    loihi.setup(timestep=1.0, chips=1, chip=loihi.Chip(cores=2, compartments=8))
    loihi.Population(20, loihi.IF_curr_exp(), label="many")
    with pytest.raises(MappingError, match="no place on 2 cores.*tightest limit is 8 cells per core"):
        loihi.run(1.0)


REFUSED = [
    name
    for name, model in vars(loihi).items()
    if isinstance(model, type) and issubclass(model, ModelNotAvailable) and name in all_models()
]


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_chip_lacks_names_the_nearest(name: str) -> None:
    with pytest.raises(NotImplementedError, match="nearest"):
        getattr(loihi, name)()


def test_a_class_with_parameters_beside_it_is_refused_alike() -> None:
    loihi.setup(timestep=1.0)
    with pytest.raises(NotImplementedError, match="nearest: IF_curr_exp"):
        loihi.Population(1, loihi.IF_cond_exp, {"tau_m": 10.0})


def test_strict_forbids_rounding() -> None:
    driven(loihi, strict=True)
    with pytest.raises(StrictError, match="are rounded"):
        loihi.run(1.0)


@pytest.mark.parametrize("strict", [False, True])
def test_registers_that_are_too_small_are_reported(strict: bool) -> None:
    """2000 strong inhibitory inputs in one step are more than the accumulator holds."""
    loihi.setup(timestep=1.0, strict=False)
    source = loihi.Population(2000, loihi.SpikeSourceArray(spike_times=[5.0]))
    cell = loihi.Population(1, loihi.IF_curr_delta(tau_m=1e9), label="cell")
    loihi.Projection(source, cell, loihi.AllToAllConnector(), loihi.StaticSynapse(weight=-1.0, delay=1.0),
                     receptor_type="inhibitory")  # fmt: skip
    loihi.run(1.0)
    loihi.simulator.state.strict = strict  # what came before the run was rounded as well
    if strict:
        with pytest.raises(StrictError, match="wrapped around"):
            loihi.run(20.0)
    else:
        loihi.run(20.0)
        assert loihi.chip_report()["accumulators_wrapped"] == 1
        assert "1 times sums of inputs wrapped around" in cell_changes()


def cell_changes() -> str:
    return "; ".join(loihi.simulator.state.changes.values())


def test_report_and_annotations() -> None:
    cells, _ = driven(loihi, 30, chip=loihi.Chip(compartments=8), costs="sanafe", timing="detailed")
    loihi.run(200.0)
    report = loihi.chip_report()
    assert len(report["use"]) == 4 and sum(row["cells"] for row in report["use"]) == 30
    assert report["spikes"] == sum(map(len, trains(cells)))
    assert report["messages"] > report["spikes"] > 0
    assert set(report["energy_nJ"]) == {"soma", "synapse", "network", "learning"}
    assert report["static_energy_nJ"]["leakage"] > 0
    assert report["time_per_step_us"] <= report["longest_step_us"]
    annotated = json.loads(cells.get_data().annotations["chip_report"])
    assert annotated["spikes"] == report["spikes"] and annotated["roundings"]


def test_cost_sets_are_apart() -> None:
    reports = []
    for costs in ("davies", "sanafe"):
        driven(loihi, costs=costs)
        loihi.run(100.0)
        reports.append(loihi.chip_report())
    assert reports[0]["spikes"] == reports[1]["spikes"]
    assert reports[0]["energy_nJ"]["synapse"] < reports[1]["energy_nJ"]["synapse"]
    with pytest.raises(ValueError, match="did you mean 'davies'"):
        loihi.setup(timestep=1.0, costs="davis")
        loihi.Population(1, loihi.IF_curr_exp())
        loihi.run(1.0)


@pytest.mark.parametrize("partition", ["sequential", "greedy", "refine"])
@pytest.mark.parametrize("placement", ["sequential", "refine", "swarm"])
def test_placement_changes_cost_but_no_spike(partition: str, placement: str) -> None:
    chip = loihi.Chip(compartments=10)
    cells, _ = driven(loihi, chip=chip, partition=partition, placement=placement)
    loihi.run(100.0)
    found = trains(cells)
    cells, _ = driven(loihi)
    loihi.run(100.0)
    assert found == trains(cells)


@pytest.mark.parametrize(
    ("cell", "parameters"),
    [
        ("IF_curr_exp", {"tau_syn_E": 5.0, "tau_syn_I": 10.0}),
        ("IF_curr_exp", {"v_rest": -52.0, "v_reset": -60.0}),
        ("IF_curr_alpha", {"tau_syn_E": 3.0, "tau_syn_I": 3.0}),
        ("IF_curr_alpha", {"tau_syn_E": 2.0, "tau_syn_I": 6.0}),
    ],
)
def test_traces_follow_floating_point(cell: str, parameters: dict[str, float]) -> None:
    found = []
    for sim in (codegen, loihi):
        sim.setup(timestep=0.5)
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0, 20.0, 50.0]))
        cells = sim.Population(1, getattr(sim, cell)(**parameters))
        cells.initialize(v=parameters.get("v_reset", -65.0))
        for index, weight, receptor in ((0, 0.4, "excitatory"), (1, -0.3, "inhibitory")):
            synapse = sim.StaticSynapse(weight=weight, delay=1.0 + 12 * index)
            ends = source[index : index + 1], cells
            sim.Projection(*ends, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("v")
        sim.run(150.0)
        found.append(cells.get_data().segments[0].filter(name="v")[0].magnitude[:, 0])
    size = np.abs(found[0] - found[0][0]).max()
    assert size > 1.0 and np.abs(found[0] - found[1]).max() < 0.09 * size
    assert found[1].sum() == pytest.approx(found[0].sum(), rel=2e-3)


def test_currents_follow_floating_point() -> None:
    found = []
    for sim in (codegen, loihi):
        cells, _ = driven(sim, 10, weight=0.05)
        cells.record("isyn_exc")
        sim.run(200.0)
        signal = cells.get_data().segments[0].filter(name="isyn_exc")[0].magnitude
        found.append(signal)
    assert found[0].max() > 0.3
    np.testing.assert_allclose(found[1], found[0], atol=0.01 * found[0].max())


def test_the_mesh_changes_times_but_no_spike() -> None:
    reports, found = {}, []
    for timing in ("simple", "cycle"):
        cells, _ = driven(loihi, 60, chip=loihi.Chip(compartments=4), costs="sanafe", timing=timing)
        loihi.run(100.0)
        reports[timing] = loihi.chip_report()
        found.append(trains(cells))
    simple, mesh = reports["simple"], reports["cycle"]
    assert found[0] == found[1] and simple["energy_nJ"] == mesh["energy_nJ"]
    assert simple["chip_time_s"] < mesh["chip_time_s"] < 1.2 * simple["chip_time_s"]
    link = mesh["busiest_link"]
    assert 0 < link["messages"] <= mesh["hops"] and link["towards"] in ("east", "west", "north", "south")
    assert mesh["messages_waited_us"] >= 0 and "busiest_link" not in simple
    assert sum(row["steps it ended"] for row in mesh["use"]) == 100


@pytest.mark.parametrize("timing", ["simple", "detailed", "cycle"])
def test_more_than_one_chip(timing: str) -> None:
    cells, _ = driven(loihi, 200, chip=loihi.Chip(compartments=1), costs="sanafe", timing=timing)
    loihi.run(50.0)
    report = loihi.chip_report()
    assert report["chips"] == 2 and report["spikes"] == sum(map(len, trains(cells))) > 0
    assert report["hops"] > report["messages"] > 0 and report["time_per_step_us"] > 1.8


def weights_of(bits: int, weights: tuple[float, float]) -> np.ndarray:
    """What the chip stores of weights from one to the other."""
    loihi.setup(timestep=1.0, chip={"weight_bits": bits})
    a, b = loihi.Population(1, loihi.SpikeSourceArray()), loihi.Population(100, loihi.IF_curr_delta())
    synapse = loihi.StaticSynapse(weight=np.linspace(*weights, 100)[None, :], delay=1.0)
    loihi.Projection(a, b, loihi.AllToAllConnector(), synapse)
    loihi.run(1.0)
    return np.asarray(loihi.simulator.state.engine.program.blocks[0][1].values)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 5, 6, 8])
def test_weight_bits(bits: int) -> None:
    values = weights_of(bits, (0.01, 1.0))
    assert len(np.unique(values)) <= 2**bits and set(values % 2 ** (8 - bits)) == {0}
    assert values.max() == 256 - 2 ** (8 - bits)


def test_revisions_of_the_chip() -> None:
    cells, _ = driven(loihi, chip={"compartments": 8, "delay_max": 3})
    loihi.run(20.0)
    assert max(row["cells"] for row in loihi.chip_report()["use"]) == 8
    driven(loihi, chip={"delay_max": 2})
    with pytest.raises(MappingError, match="the chip has 1 to 2 steps"):
        loihi.run(1.0)


@pytest.mark.parametrize(
    ("setup", "text"),
    [
        ({"chip": {"compartment": 8}}, "did you mean 'compartments'"),
        ({"chip": {"weight_bits": 7}}, "the chip stores 1, 2, 3, 4, 5, 6, 8 bits"),
        ({"chip": {"delay_max": 100}}, "room for 62 steps"),
        ({"chip": {"cores": 0}}, "a positive number"),
        ({"chip": {"potential": loihi.CHIP.current}}, "computes in the chip's formats"),
        ({"chip": "loihi2"}, "did you mean 'loihi'"),
        ({"chips": 0}, "'auto', or 1 to 32"),
        ({"epoch": 0.5}, "1 to 63 steps"),
        ({"timing": "exact"}, "choose one of cycle, detailed, simple"),
        ({"partition": "metric"}, "did you mean 'metis'"),
        ({"placement": "swam"}, "did you mean 'swarm'"),
    ],
)
def test_settings_that_the_chip_cannot_have(setup: dict[str, Any], text: str) -> None:
    driven(loihi, **setup)
    with pytest.raises(NetworkError, match=text):
        loihi.run(1.0)
