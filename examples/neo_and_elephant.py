"""From the recorded Neo block onwards: rates, CV and correlations with Elephant, a NIX file, a figure.

python neo_and_elephant.py SIMULATOR [--plot-figure [FILE]]
"""

import os
import tempfile

import elephant.statistics as statistics
import numpy as np
import quantities as pq
from elephant.conversion import BinnedSpikeTrain
from elephant.spike_train_correlation import correlation_coefficient
from neo import AnalogSignal
from neo.io import NixIO
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "neo_and_elephant.png"},
    )
)
sim.setup(timestep=0.1)
rng = NumpyRNG(seed=7)
noise = sim.Population(200, sim.SpikeSourcePoisson(rate=20.0), label="noise")
cells = sim.Population(50, sim.IF_curr_exp(tau_refrac=2.0), label="cells")
cells.initialize(v=RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng))
synapse = sim.StaticSynapse(weight=RandomDistribution("uniform", low=0.1, high=0.3, rng=rng), delay=1.0)
sim.Projection(noise, cells, sim.FixedNumberPreConnector(40, rng=rng), synapse, receptor_type="excitatory")
cells.record("spikes")
cells[:3].record("v", sampling_interval=1.0)
sim.run(2000.0)

segment = cells.get_data().segments[0]
trains = list(segment.spiketrains)
rates = np.array([float(statistics.mean_firing_rate(t).rescale("Hz")) for t in trains])
cvs = np.array([statistics.cv(statistics.isi(t)) for t in trains if len(t) > 2])
correlations = correlation_coefficient(BinnedSpikeTrain(trains, bin_size=5 * pq.ms))
pairs = correlations[np.triu_indices(len(trains), 1)]
print(f"rate {rates.mean():.2f} spikes/s, CV {cvs.mean():.3f}, correlation {np.nanmean(pairs):.4f}")

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "cells.nix")
    with NixIO(path, mode="ow") as file:
        file.write_block(cells.get_data())  # a copy: writing adds annotations
    with NixIO(path, mode="ro") as file:
        again = file.read_block().segments[0]
for before, after in zip(trains, again.spiketrains, strict=True):
    assert np.array_equal(before.magnitude, after.magnitude) and before.units == after.units
assert np.array_equal(segment.analogsignals[0].magnitude, again.analogsignals[0].magnitude)
print("the NIX file holds the same data")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    counts, _ = np.histogram(np.concatenate([t.magnitude for t in trains]), 100, (0.0, 2000.0))
    rate = AnalogSignal(counts / len(trains) / 0.02, units="Hz", sampling_period=20 * pq.ms, name="rate")
    Figure(
        Panel(segment.spiketrains, ylabel="cell", markersize=1.0, xlim=(0, 2000), yticks=True),
        Panel(rate, ylabel="rate (Hz)", xlim=(0, 2000), yticks=True, legend=False),
        Panel(
            segment.analogsignals[0],
            ylabel="v (mV)",
            xlabel="time (ms)",
            xlim=(0, 2000),
            xticks=True,
            yticks=True,
        ),
        title=f"{rates.mean():.1f} spikes/s, CV {cvs.mean():.2f}",
    ).save(options.plot_figure)
sim.end()
