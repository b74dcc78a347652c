"""For an archive: write the recorded data as NWB, check the file, and work with it by pynwb alone.

python nwb_archive.py SIMULATOR [--plot-figure [FILE]]
"""

import os
import tempfile
from datetime import UTC, datetime

import numpy as np
import pynwb
from neo.io import NWBIO
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "nwb_archive.png"},
    )
)
sim.setup(timestep=0.1)
cells = sim.Population(
    30, sim.IF_curr_exp(i_offset=RandomDistribution("uniform", (0.7, 1.0), rng=NumpyRNG(3)), tau_refrac=2.0)
)
cells.record("spikes")
cells[:2].record("v", sampling_interval=0.5)
sim.run(500.0)
data = cells.get_data().segments[0]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "cells.nwb")
    # cells.write_data(path) is enough; who it was and what for are the archive's questions.
    about = {"experimenter": "A. Modeller", "institution": "An Institute", "keywords": ["simulation", "PyNN"]}
    cells.write_data(NWBIO(path, "w", session_start_time=datetime.now(UTC), **about))

    with pynwb.NWBHDF5IO(path, "r") as file:
        assert not pynwb.validate(io=file), "the file is not valid NWB"
        content = file.read()
        print(
            f"{len(content.units)} units, series {sorted(content.acquisition)}, by {content.experimenter[0]}"
        )
        trains = [content.units.get_unit_spike_times(unit) for unit in range(len(content.units))]
        (series,) = content.acquisition.values()
        v, rate = series.data[:], series.rate

# NWB counts in seconds
assert all(
    np.allclose(a.rescale("s").magnitude, b, atol=1e-9) for a, b in zip(data.spiketrains, trains, strict=True)
)
assert np.array_equal(v, data.analogsignals[0].magnitude)
print(f"the same {sum(map(len, trains))} spikes and {len(v)} samples at {rate:g} Hz as in the Neo block")

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, (raster, trace) = plt.subplots(2, 1, sharex=True, figsize=(7, 4), layout="constrained")
    raster.eventplot(trains, colors="k", linewidths=0.7)
    raster.set(ylabel="unit", title="read by pynwb")
    trace.plot(np.arange(len(v)) / rate, v, linewidth=0.8)
    trace.set(xlabel="time (s)", ylabel=f"v ({series.unit})")
    figure.savefig(options.plot_figure)
sim.end()
