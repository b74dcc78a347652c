"""A network out of PyNN: write it as a NIR graph for other frameworks, read it back, and get the same spikes.

python nir_export.py SIMULATOR [--plot-figure [FILE]]
"""

import os
import tempfile

import nir
import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

from pynn_ext.nir import from_nir, to_nir

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "nir_export.png"},
    )
)
rng = NumpyRNG(seed=2)
TIMES = [np.sort(rng.next(15, "uniform", {"low": 1.0, "high": 200.0})).round(1) for _ in range(20)]

sim.setup(timestep=0.1)
sources = sim.Population(20, sim.SpikeSourceArray(spike_times=TIMES), label="sources")
hidden = sim.Population(
    30, sim.IF_curr_exp(tau_refrac=0.0, tau_syn_E=5.0, tau_syn_I=5.0, i_offset=0.3), label="hidden"
)
readout = sim.Population(3, sim.IF_curr_exp(tau_refrac=0.0, tau_syn_E=5.0, tau_syn_I=5.0), label="readout")
positive, negative = (RandomDistribution("uniform", limits, rng=rng) for limits in ((0.0, 2.0), (-2.0, 0.0)))
projections = [
    sim.Projection(
        pre, post, sim.FixedProbabilityConnector(p, rng=rng), sim.StaticSynapse(weight=weight, delay=delay),
        receptor_type=receptor,
    )
    for pre, post, p, weight, delay, receptor in (
        (sources, hidden, 0.5, positive, 1.0, "excitatory"),
        (hidden, hidden, 0.2, negative, 2.0, "inhibitory"),
        (hidden, readout, 0.5, positive, 1.0, "excitatory"),
    )
]  # fmt: skip
hidden.record("spikes")
readout.record("spikes")
sim.run(220.0)
before = [
    train.magnitude for cells in (hidden, readout) for train in cells.get_data().segments[0].spiketrains
]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "network.nir")
    nir.write(path, to_nir([sources, hidden, readout], projections))
    graph = nir.read(path)
    for name, node in graph.nodes.items():
        print(f"{name:25} {type(node).__name__}")
    sim.setup(timestep=0.1)
    network = from_nir(sim, path)
network.inputs["sources"].set(spike_times=TIMES)
for cells in network.populations.values():
    cells.record("spikes")
sim.run(220.0)
after = [
    train.magnitude
    for name in ("hidden", "readout")
    for train in network.populations[name].get_data().segments[0].spiketrains
]
same = sum(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
print(f"{sum(map(len, before))} spikes; after the file {same} of {len(before)} trains are the same")

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 3.5), layout="constrained")
    for axis, trains, title in zip(axes, (before, after), ("from PyNN", "from the NIR file"), strict=True):
        axis.eventplot(trains, colors="k", linewidths=0.7)
        axis.set(xlabel="time (ms)", title=title)
    axes[0].set_ylabel("cell")
    figure.savefig(options.plot_figure)
sim.end()
