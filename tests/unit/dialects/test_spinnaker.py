"""A script for sPyNNaker runs on another backend; what is the machine's affair is said to have no effect."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pynn_ext import runner
from pynn_ext.dialects import dialects, speaking
from pynn_ext.errors import UnsupportedError

SCRIPT = """
import {module} as sim
sim.setup(timestep=1.0, min_delay=1.0, max_delay=144.0, n_chips_required=1)
sim.set_number_of_neurons_per_core(sim.IF_curr_exp, 64)
sim.set_number_of_neurons_per_core(sim.IF_curr_exp, 32)
source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 9.0]), label="source")
cells = sim.Population(2, sim.IF_curr_exp(), label="cells", additional_parameters={{"seed": 3}})
to_cells = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0, delay=2.0))
inhibition = sim.Projection(cells, cells, sim.OneToOneConnector(), receptor_type="inhibitory",
                            synapse_type=sim.StaticSynapse(weight=1.5, delay=2.0))
cells.record({record})
sim.run(20.0)
"""
RESULT = """
import numpy
from {utilities} import neo_convertor
block = cells.get_data()
numpy.savez("{file}", spikes=neo_convertor.convert_spikes(block), v=neo_convertor.convert_data(block, "v"),
            own=cells.spinnaker_get_data("v"), weights=inhibition.get("weight", format="list"), n=len(sim.name()))
"""


def run(text: str, tmp_path: Path) -> int:
    script = tmp_path / "script.py"
    script.write_text(text)
    return runner.run(str(script), [], "codegen")


@pytest.mark.parametrize(
    ("module", "utilities"),
    [
        ("pyNN.spiNNaker", "spynnaker.pyNN.utilities"),
        ("spynnaker.pyNN", "spynnaker.pyNN.utilities"),
        ("spynnaker8", "spynnaker8.utilities"),
    ],
)
def test_an_unchanged_script_runs(
    module: str, utilities: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.npz"
    text = SCRIPT.format(module=module, record='"all"') + RESULT.format(utilities=utilities, file=file)
    assert run(text, tmp_path) == runner.OK
    said = capsys.readouterr().err
    assert (
        said.count("set_number_of_neurons_per_core says how SpiNNaker is filled: no effect on codegen") == 1
    )
    assert "seed of a population" in said
    found = np.load(file)
    assert found["n"] == len("codegen")
    np.testing.assert_array_equal(found["spikes"][:, 0], [0, 1])
    assert found["v"].shape == (2 * 21, 3)
    np.testing.assert_array_equal(found["v"][:, 0], np.repeat([0, 1], 21))
    np.testing.assert_array_equal(found["v"][:21, 1], np.arange(21.0))
    np.testing.assert_array_equal(found["v"], found["own"])
    np.testing.assert_array_equal(found["weights"], [[0, 0, 1.5], [1, 1, 1.5]])


def test_it_is_the_same_network_as_in_plain_pynn(tmp_path: Path) -> None:
    import pyNN.codegen as sim

    file = tmp_path / "found.npz"
    text = SCRIPT.format(module="pyNN.spiNNaker", record='["spikes", "v"]')
    assert run(text + RESULT.format(utilities="spynnaker8.utilities", file=file), tmp_path) == runner.OK
    sim.setup(timestep=1.0, min_delay=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 9.0]))
    cells = sim.Population(2, sim.IF_curr_exp())
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0, delay=2.0))
    sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=-1.5, delay=2.0),
                   receptor_type="inhibitory")  # fmt: skip
    cells.record("v")
    sim.run(20.0)
    np.testing.assert_array_equal(
        np.load(file)["v"][:, 2], cells.get_data().segments[0].analogsignals[0].magnitude.T.ravel()
    )


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("sim.extra_models.IFCondExpStoc()", runner.UNSUPPORTED, "IFCondExpStoc is not one of codegen"),
        ("sim.external_devices.SpikeInjector()", runner.UNSUPPORTED, "has no live input or output"),
        (
            "from spynnaker.pyNN.external_devices import SpikeInjector",
            runner.UNSUPPORTED,
            "SpikeInjector belongs to the machine SpiNNaker",
        ),
        ("sim.KernelConnector([4, 4], [2, 2], [3, 3])", runner.UNSUPPORTED, "list for FromListConnector"),
        ("sim.RandomSelection()", runner.FAILED, "is codegen in this run, which has no 'RandomSelection'"),
    ],
)
def test_what_there_is_not_is_said(
    line: str, code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"import pyNN.spiNNaker as sim\nsim.setup()\n{line}\n", tmp_path) == code
    assert message in capsys.readouterr().err


def test_a_synapse_of_both_signs_keeps_its_weight(tmp_path: Path) -> None:
    text = """
import pyNN.spiNNaker as sim
sim.setup(timestep=1.0)
cells = sim.Population(2, sim.IF_curr_exp())
synapse = sim.StaticSynapse(weight=1.5, delay=2.0)
for receptor, weight in (("inhibitory", -1.5), ("excitatory", 1.5), ("inhibitory", -1.5)):
    projection = sim.Projection(cells, cells, sim.OneToOneConnector(), synapse, receptor_type=receptor)
    assert [w for _, _, w in projection.get("weight", format="list")] == [abs(weight)] * 2
    assert [c.weight for c in projection.connections] == [weight, weight]
"""
    assert run(text, tmp_path) == runner.OK


def test_synaptic_currents_have_its_names_and_sign(tmp_path: Path) -> None:
    text = """
import pyNN.spiNNaker as sim
sim.setup(timestep=1.0)
source = sim.Population(1, sim.SpikeSourceArray([2.0]), structure=sim.Line())
cells = sim.Population(2, sim.IF_curr_exp(tau_syn_I=2.0))
for receptor in ("excitatory", "inhibitory"):
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.5), receptor_type=receptor)
cells[0:1].record(["v", "gsyn_exc"])
cells[1:2].record("all")
sim.run(10.0)
for _ in range(2):
    found = cells.get_data().segments[0]
    e, i = (found.filter(name=name)[0].magnitude for name in ("gsyn_exc", "gsyn_inh"))
    assert e.shape == (11, 2) and i.shape == (11, 1)
    assert e.min() == 0.0 == i.min() and 0.9 < i.max() < e.max() < 1.5
[signal] = cells.get_data("gsyn_inh").segments[0].analogsignals
assert signal.name == "gsyn_inh" and signal.dimensionality.string == "nA"
assert cells.spinnaker_get_data("gsyn_exc").shape == (22, 3)
"""
    assert run(text, tmp_path) == runner.OK


def test_distances_without_a_space_are_those_of_pynn(tmp_path: Path) -> None:
    text = """
import pyNN.spiNNaker as sim
sim.setup(timestep=1.0)
cells = sim.Population(9, sim.IF_curr_exp(), structure=sim.Grid2D())
near = sim.DistanceDependentProbabilityConnector("d < 1.1")
projection = sim.Projection(cells, cells, near, sim.StaticSynapse(weight="0.1*d"))
assert len(projection) == 9 + 24
"""
    assert run(text, tmp_path) == runner.OK


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    import sys

    import pyNN

    names = {name for dialect in dialects().values() for name in (*dialect.MODULES, *dialect.HELPERS)}
    before = {name: sys.modules.get(name) for name in names}
    run(SCRIPT.format(module="spynnaker8", record='"spikes"'), tmp_path)
    assert {name: sys.modules.get(name) for name in names} == before
    assert not hasattr(pyNN, "spiNNaker")


def test_how_a_population_is_split_has_no_effect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = f"""
import pyNN.spiNNaker as sim
from spynnaker.pyNN.extra_algorithms.splitter_components import SplitterPoissonDelegate
sim.setup(timestep=1.0)
cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0),
                       additional_parameters={{"splitter": SplitterPoissonDelegate(1, False, delay=2)}})
cells.record("spikes")
sim.run(50.0)
import numpy
numpy.save("{tmp_path / "n.npy"}", cells.mean_spike_count())
"""
    assert run(script, tmp_path) == 0
    assert np.load(tmp_path / "n.npy") > 0
    assert "splitter of a population says how SpiNNaker is filled: no effect here" in capsys.readouterr().err


def test_what_is_no_splitter_is_an_import_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = "import pyNN.spiNNaker\nfrom spynnaker.pyNN.extra_algorithms.splitter_components import Merger"
    assert run(script, tmp_path) == 1
    assert "cannot import name 'Merger'" in capsys.readouterr().err


def pairing(sim: Any, synapse: Any, negative: bool = False) -> float:
    """Return the weight after spikes of both sides, and of the one alone."""
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 12.0, 30.0, 41.0]))
    drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[8.0, 10.0, 33.0, 36.0]))
    cells = sim.Population(1, sim.IF_curr_exp(tau_refrac=1.0))
    sim.Projection(drive, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=60.0, delay=1.0))
    plastic = sim.Projection(
        pre, cells, sim.AllToAllConnector(), synapse, receptor_type="inhibitory" if negative else "excitatory"
    )
    cells.record("spikes")
    sim.run(80.0)
    assert len(cells.get_data().segments[0].spiketrains[0]) >= 3
    return float(plastic.get("weight", format="list", with_address=False)[0])


@pytest.mark.parametrize("w_min", [0.0, 0.002])
def test_triplets_are_those_of_the_triplet_rule(w_min: float) -> None:
    import pyNN.codegen as plain

    sim = speaking("spiNNaker", plain, "codegen")["pyNN.spiNNaker"]
    found = []
    for rule in ("theirs", "ours"):
        plain.setup(timestep=1.0, min_delay=1.0)
        if rule == "theirs":
            timing = sim.extra_models.PfisterSpikeTriplet(16.8, 33.7, 101.0, 125.0, A_plus=0.03, A_minus=0.02)
            weight = sim.extra_models.WeightDependenceAdditiveTriplet(
                w_min, 0.01, A3_plus=0.05, A3_minus=0.04
            )
        else:
            unit = 0.01 / (0.01 - w_min)  # amplitudes are in units of w_max there, of w_max - w_min here
            amplitudes = {"A2_plus": 0.03, "A2_minus": 0.02, "A3_plus": 0.05, "A3_minus": 0.04}
            timing = plain.TripletRule(
                tau_plus=16.8,
                tau_minus=33.7,
                tau_x=101.0,
                tau_y=125.0,
                **{k: v * unit for k, v in amplitudes.items()},
            )
            weight = plain.AdditiveWeightDependence(w_min=w_min, w_max=0.01)
        found.append(pairing(sim, sim.STDPMechanism(timing, weight, weight=0.005, delay=1.0)))
    assert found[0] == pytest.approx(found[1], rel=1e-12) and abs(found[0] - 0.005) > 1e-5


@pytest.mark.parametrize("negative", [False, True])
def test_the_inhibitory_rule_is_that_of_vogels(negative: bool) -> None:
    """By the equation: eta is A_plus w_max, each presynaptic spike takes alpha; inhibitory currents are negative."""
    import pyNN.codegen as plain

    sim = speaking("spiNNaker", plain, "codegen")["pyNN.spiNNaker"]
    changes = []
    for alpha in (0.12, 0.32):
        plain.setup(timestep=1.0, min_delay=1.0)
        timing = sim.extra_models.Vogels2011Rule(alpha=alpha, tau=20.0, A_plus=0.01)
        weight = sim.AdditiveWeightDependence(w_max=0.02)
        synapse = sim.STDPMechanism(
            timing_dependence=timing, weight_dependence=weight, weight=0.01, delay=1.0
        )
        after = pairing(sim, synapse, negative)
        changes.append(after - 0.01)  # a magnitude
    # four presynaptic spikes
    assert changes[0] - changes[1] == pytest.approx(4 * 0.01 * 0.02 * 0.2, rel=1e-9)
    assert changes[0] > 0


def test_rules_without_a_counterpart_say_why() -> None:
    import pyNN.codegen as plain

    sim = speaking("spiNNaker", plain, "codegen")["pyNN.spiNNaker"]
    rule = sim.extra_models.Vogels2011Rule(alpha=0.1)
    with pytest.raises(UnsupportedError, match="Vogels2011Rule with MultiplicativeWeightDependence"):
        sim.STDPMechanism(rule, sim.MultiplicativeWeightDependence())
    triplet = sim.extra_models.PfisterSpikeTriplet(16.8, 33.7, 101.0, 125.0)
    with pytest.raises(UnsupportedError, match="use extra_models.WeightDependenceAdditiveTriplet"):
        sim.STDPMechanism(triplet, sim.AdditiveWeightDependence())
    with pytest.raises(UnsupportedError, match="amplitudes of triplets"):
        sim.STDPMechanism(sim.SpikePairRule(), sim.extra_models.WeightDependenceAdditiveTriplet())


def test_some_cells_are_recorded_by_their_indexes() -> None:
    import pyNN.codegen as plain

    sim = speaking("spiNNaker", plain, "codegen")["pyNN.spiNNaker"]
    sim.setup(timestep=1.0)
    cells = sim.Population(5, sim.IF_curr_exp())
    cells.record("v", indexes=[1, 3])
    cells.record(["spikes"])
    sim.run(5.0)
    segment = cells.get_data().segments[0]
    assert segment.analogsignals[0].array_annotations["channel_index"].tolist() == [1, 3]
    assert len(segment.spiketrains) == 5


def test_a_class_without_parameters_is_enough_on_pynn_s_own_backends() -> None:
    from pyNN import mock

    sim = speaking("spiNNaker", mock, "mock")["pyNN.spiNNaker"]
    sim.setup()
    for cells in (sim.Population(3, sim.IF_curr_exp), sim.Population(3, sim.IF_curr_exp, None, label="c")):
        assert cells.size == 3 and cells.get("tau_m") == 20.0


def modules(name: str = "codegen") -> tuple[Any, Any]:
    plain = import_module(f"pyNN.{name}")
    return plain, speaking("spiNNaker", plain, name)["pyNN.spiNNaker"]


@pytest.mark.parametrize("backend", ["codegen", "mock"])
def test_connections_are_listed_by_source_with_positions_in_the_population(backend: str) -> None:
    _, sim = modules(backend)
    sim.setup(timestep=1.0, min_delay=1.0)
    a, b = sim.Population(4, sim.IF_curr_exp()), sim.Population(5, sim.IF_curr_exp())
    of_views = sim.Projection(
        a[1:3], b[2:4], sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=2.0)
    )
    rows = of_views.get(["weight", "delay"], "list")
    assert rows == [[1, 2, 0.5, 2.0], [1, 3, 0.5, 2.0], [2, 2, 0.5, 2.0], [2, 3, 0.5, 2.0]]
    assert {1: "a"}[rows[0][0]] == "a" and isinstance(rows[0][0], int)
    assert of_views.get("weight", "list", with_address=False) == [0.5] * 4
    assert of_views.get(["source", "weight"], "list", with_address=False) == [
        [1, 0.5],
        [1, 0.5],
        [2, 0.5],
        [2, 0.5],
    ]
    matrix = of_views.get(["weight"], "array")
    assert matrix.shape == (4, 5) and np.isnan(matrix).sum() == 16
    assert (matrix[1:3, 2:4] == 0.5).all()
    assert len(of_views.get(["weight", "delay"], "nparray")) == 2


@pytest.mark.parametrize("how", ["list", "drawn", "array", "distance", "one by one"])
def test_inhibitory_weights_in_any_form_inhibit(how: str) -> None:
    plain, sim = modules()
    sim.setup(timestep=1.0)
    source = sim.Population(2, sim.SpikeSourceArray([3.0]), structure=sim.Line())
    cells = sim.Population(2, sim.IF_curr_exp(), structure=sim.Line())
    connector, weight = sim.AllToAllConnector(), 0.0
    if how == "list":
        connector = sim.FromListConnector([(0, 0, 0.6, 1.0), (0, 1, 0.3, 1.0), (1, 1, -0.4, 1.0)])
    elif how == "drawn":
        weight = plain.RandomDistribution("normal", mu=0.1, sigma=0.3, rng=plain.NumpyRNG(seed=4))
    elif how == "array":
        weight = np.array([[0.5, 0.2], [0.3, 0.4]])
    elif how == "distance":
        weight = "0.5 + d"
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    projection = sim.Projection(source, cells, connector, synapse, receptor_type="inhibitory")
    if how == "one by one":
        projection.set(weight=[[0.5, 0.2], [0.3, 0.4]])
    own = [connection.weight for connection in projection.connections]
    assert len(own) == 4 - (how == "list") and max(own) < 0.0
    assert sorted(projection.get("weight", "list", with_address=False)) == sorted(np.abs(own))
    cells.record("v")
    sim.run(10.0)
    assert (cells.get_data().segments[0].analogsignals[0].magnitude[-1] < -65.0).all()


def test_spike_times_come_in_any_order() -> None:
    _, sim = modules()
    sim.setup(timestep=1.0)
    sources = sim.Population(2, sim.SpikeSourceArray([[7.0, 3.0], [4.0]]))
    same = sim.Population(2, sim.SpikeSourceArray(spike_times=[6.0, 2.0]))
    for population in (sources, same):
        population.record("spikes")
    sim.run(10.0)
    same.set(spike_times=[15.0, 12.0])
    sim.run(10.0)
    first, second = (p.get_data().segments[0].spiketrains for p in (sources, same))
    assert [train.magnitude.tolist() for train in first] == [[3.0, 7.0], [4.0]]
    assert [train.magnitude.tolist() for train in second] == [[2.0, 6.0, 12.0, 15.0]] * 2


def test_initial_values_stand_among_the_parameters() -> None:
    _, sim = modules()
    sim.setup(timestep=1.0)
    named = sim.Population(2, sim.IF_curr_exp, {"tau_m": 10.0, "v": [-60.0, -62.0]})
    made = sim.Population(1, sim.Izhikevich(a=0.02, v=-75.0, u_init=0.0))
    later = sim.Population(2, sim.IF_curr_exp())
    later.set(v=-61.0, tau_m=5.0)
    later[1:2].set(v_init=-63.0)
    later.record("v")
    named.record("v")
    made.record(["v", "u"])
    sim.run(1.0)
    assert named.get_data().segments[0].analogsignals[0].magnitude[0].tolist() == [-60.0, -62.0]
    assert later.get_data().segments[0].analogsignals[0].magnitude[0].tolist() == [-61.0, -63.0]
    assert later.get("tau_m") == 5.0
    assert made.get_data().segments[0].filter(name="v")[0].magnitude[0, 0] == -75.0
    assert made.get_data().segments[0].filter(name="u")[0].magnitude[0, 0] == 0.0


def test_what_says_how_a_core_is_filled_has_no_effect(capsys: pytest.CaptureFixture[str]) -> None:
    _, sim = modules()
    sim.setup(timestep=1.0)
    for _ in range(2):
        sim.Population(2, sim.IF_curr_exp()).set_max_atoms_per_core(1)
    assert capsys.readouterr().err.count("set_max_atoms_per_core says how SpiNNaker is filled") == 1


def test_recorded_data_as_matrices_and_lists_of_runs() -> None:
    from pynn_ext.dialects._spinnaker_results import CONVERTOR

    _, sim = modules()
    sim.setup(timestep=1.0)
    cells = sim.Population(3, sim.IF_cond_exp(i_offset=1.0))
    cells.record(["v", "gsyn_exc", "gsyn_inh", "spikes"])
    for duration in (20.0, 30.0):
        if sim.get_current_time():
            sim.reset()
        sim.run(duration)
    block = cells.get_data()
    assert [len(rows) for rows in CONVERTOR.convert_v_list(block)] == [63, 93]
    assert CONVERTOR.convert_gsyn(block, block).shape == (63, 4)
    matrix = cells.spinnaker_get_data("v", as_matrix=True, view_indexes=[0, 2])
    np.testing.assert_array_equal(matrix, block.segments[1].filter(name="v")[0].magnitude[:, [0, 2]])
    np.testing.assert_array_equal(sim.PopulationView(cells, [0, 2]).spinnaker_get_data("v", True), matrix)
    np.testing.assert_array_equal(cells[0:3][[0, 2]].spinnaker_get_data("v", True), matrix)
    assert set(cells.spinnaker_get_data(["spikes"], view_indexes=[1])[:, 0]) == {1}
    with pytest.raises(ValueError, match="run 2 of 2"):
        CONVERTOR.convert_spikes(block, 2)


@pytest.mark.parametrize(("w_max", "times"), [(1.0, 0), (5.0, 1)])
def test_it_is_said_that_amplitudes_are_in_units_of_w_max(
    w_max: float, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _, sim = modules()
    sim.setup(timestep=1.0)
    for _ in range(2):
        sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=w_max), weight=0.5, delay=1.0
        )
    assert capsys.readouterr().err.count("amplitudes in units of w_max here") == times
