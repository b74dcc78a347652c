"""What PyNN offers around a network, used as a script would: files, descriptions, several simulators at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.multisim import MultiSim
from pyNN.network import Network
from pyNN.random import NumpyRNG, RandomDistribution

ORDERS = """
import json, sys
import pynn_ext, pyNN.codegen as sim
sim.setup()
a, b = sim.Population(2, sim.IF_cond_exp(), label="a"), sim.Population(2, sim.EIF_cond_exp_isfa_ista(), label="b")
b.record(["w", "gsyn_inh", "v", "gsyn_exc"])
sim.run(1.0)
weight = sim.StaticSynapse(weight=0.01)
projection = sim.Projection(a, a + b, sim.AllToAllConnector(), weight)
names = [signal.name for signal in b.get_data().segments[0].analogsignals]
print(json.dumps([names, list((a + b).receptor_types), projection.receptor_type]))
"""


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_orders_do_not_depend_on_the_hashes_of_strings(seed: str) -> None:
    """PyNN goes through sets: which receptor an assembly is connected to changes from process to process."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-W", "ignore", "-c", ORDERS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)
    expected = [["w", "gsyn_inh", "v", "gsyn_exc"], ["excitatory", "inhibitory"], "excitatory"]
    assert json.loads(done.stdout.splitlines()[-1]) == expected


def _build() -> Network:
    """A network of driven cells with views at its ends, inhibition and short-term plasticity."""
    sim.setup(timestep=0.1)
    rng = NumpyRNG(seed=11)
    cells = sim.Population(12, sim.IF_cond_exp(tau_m=lambda i: 10 + 0.1 * i, i_offset=2.0), label="cells")
    targets = sim.Population(9, sim.EIF_cond_exp_isfa_ista(i_offset=1.5), label="targets")
    weights = RandomDistribution("uniform", (0.0, 0.05), rng=rng)
    some = sim.FixedProbabilityConnector(0.5, rng=rng)
    static = sim.StaticSynapse(weight=weights, delay=0.5)
    depressing = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=200.0, weight=0.02, delay=1.5)
    forward = sim.Projection(cells, targets, some, static, receptor_type="excitatory", label="forward")
    back = sim.Projection(targets, cells, some, depressing, receptor_type="inhibitory", label="back")
    return Network(cells, targets, forward, back)


def _spikes(populations: list[Any]) -> list[list[float]]:
    for population in populations:
        population.record("spikes")
    sim.run(150.0)
    return [train.tolist() for p in populations for train in p.get_data().segments[0].spiketrains]


def test_a_network_from_a_sonata_file_gives_the_same_spikes(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    from pyNN.serialization import export_to_sonata, import_from_sonata

    network = _build()
    export_to_sonata(network, str(tmp_path / "circuit"), overwrite=True)
    tables = [network.get_component(n).get(["weight", "delay"], format="list") for n in ("forward", "back")]
    before = _spikes([network.get_component(label) for label in ("cells", "targets")])
    sim.setup(timestep=0.1)
    again = import_from_sonata(str(tmp_path / "circuit" / "circuit_config.json"), sim)
    for table, label in zip(tables, ("forward-0", "back-0"), strict=True):
        np.testing.assert_allclose(
            sorted(again.get_component(label).get(["weight", "delay"], format="list")), sorted(table)
        )
    after = _spikes([again.get_component(label) for label in ("cells", "targets")])
    assert after == before and sum(map(len, before)) > 50


class Firing:
    """A model as `MultiSim` wants it."""

    def __init__(self, simulator: Any, parameters: dict[str, float]) -> None:
        simulator.setup(timestep=0.1)
        self.cells = simulator.Population(3, simulator.IF_curr_exp(**parameters))
        self.cells.record("spikes")

    def counts(self) -> list[int]:
        return [int(n) for n in self.cells.get_spike_counts().values()]


def test_multisim_runs_a_model_beside_another_simulator() -> None:
    import pyNN.mock

    several = MultiSim([sim, pyNN.mock], Firing, {"i_offset": 1.5})
    several.run(100.0, steps=4)
    counts = several.counts()
    several.end()
    model = Firing(sim, {"i_offset": 1.5})
    sim.run(100.0)
    assert counts[sim.__name__] == model.counts() and model.counts()[0] > 3
    assert set(counts) == {sim.__name__, "pyNN.mock"}


def test_a_network_takes_populations_views_and_assemblies() -> None:
    network = _build()
    cells = network.get_component("cells")
    view, assembly = cells[2:5], cells + network.get_component("targets")
    network.add(view, assembly, cells[2:5])
    assert network.views == {view}, "views of the same cells are one"
    assert network.count_neurons() == 21
    assert network.count_connections() == sum(len(p) for p in network.projections)
    assert sim.Network(cells).filter([sim.IF_cond_exp]).size == 12
    assert hash(cells[:]) == hash(cells) and cells[:] == cells


def test_descriptions_are_short_and_name_their_objects() -> None:
    network = _build()
    cells, forward = network.get_component("cells"), network.get_component("forward")
    assert all(text in cells.describe() for text in ("cells", "IF_cond_exp", "12"))
    assert "cells" in cells[:3].describe()
    assembly = cells + network.get_component("targets")
    assert assembly.describe().splitlines()[1:] == [
        "    cells (12 IF_cond_exp)",
        "    targets (9 EIF_cond_exp_isfa_ista)",
    ]
    text = forward.describe()
    for part in (
        "forward",
        f"{len(forward)} conn",
        "cells (12",
        "targets (9",
        "excitatory",
        "p_connect=0.5",
        "delay=0.5",
    ):
        assert part in text
    assert len(text) < 600
    assert forward.describe(template=None)["size"] == len(forward)
    assert cells.describe("$label has $size cells", engine="string") == "cells has 12 cells"


def test_connectors_and_plasticity_describe_themselves() -> None:
    connector = sim.FixedProbabilityConnector(0.25)
    assert connector.describe() == "FixedProbabilityConnector(allow_self_connections=True, p_connect=0.25)"
    assert connector.describe(template=None)["parameters"]["p_connect"] == 0.25
    assert len(sim.FromListConnector([(0, i, 0.1, 1.0) for i in range(500)]).describe()) < 200
    rules = {
        "timing_dependence": sim.SpikePairRule(tau_plus=17.0),
        "weight_dependence": sim.GutigWeightDependence(),
    }
    text = sim.STDPMechanism(**rules).describe()
    assert (
        text.startswith("STDPMechanism(SpikePairRule(") and "17.0" in text and "GutigWeightDependence" in text
    )


def test_stdp_without_its_rules_says_what_is_missing() -> None:
    with pytest.raises(NotImplementedError, match="weight_dependence.*needs both.*AdditiveWeightDependence"):
        sim.STDPMechanism(timing_dependence=sim.SpikePairRule())
