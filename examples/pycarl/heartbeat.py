"""PyCARL's heartbeat: the heart rate from spikes of an electrocardiogram.

The signal is synthetic: each beat the sum of five Gaussians, P, Q, R, S and T, in the form of McSharry et al. (2003,
IEEE Trans. Biomed. Eng. 50:289), with noise, a wandering baseline, and intervals that breathe. 64 sources fire whenever
it rises through their level, 64 others when it falls. Only the R wave is steep enough to drive 16 detectors past their
thresholds; a last cell fires when most of them agree. Its intervals are the heart's.

python heartbeat.py SIMULATOR [--plot-figure [FILE]]
"""

from itertools import pairwise

import numpy as np
from pyNN.parameters import Sequence
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "heartbeat.png"},
    )
)

DURATION, LEVELS, DETECTORS = 10000, 64, 16  # ms
#: of P, Q, R, S and T: time from the R wave and width, in parts of the interval, and height (mV)
WAVES = (
    (-0.2, 0.028, 0.15),
    (-0.035, 0.012, -0.12),
    (0.0, 0.013, 1.1),
    (0.035, 0.012, -0.25),
    (0.28, 0.05, 0.3),
)

rng = np.random.default_rng(1)
t = np.arange(DURATION, dtype=float)
beats = [400.0]
while beats[-1] < DURATION:  # 72 beats per minute, faster and slower with the breath
    beats.append(
        beats[-1] + 833.0 * (1 + 0.06 * np.sin(2 * np.pi * beats[-1] / 4000.0)) + rng.normal(0, 15.0)
    )
ecg = 0.05 * np.sin(2 * np.pi * t / 3300.0) + rng.normal(0, 0.01, DURATION)
for beat, following in pairwise(beats):
    interval = following - beat
    for at, width, height in WAVES:
        ecg += height * np.exp(-0.5 * ((t - beat - at * interval) / (width * interval)) ** 2)

levels = np.linspace(-0.3, 1.1, LEVELS)
above = ecg[:, None] > levels
trains = [t[1:][above[1:, n] & ~above[:-1, n]] for n in range(LEVELS)]
trains += [t[1:][~above[1:, n] & above[:-1, n]] for n in range(LEVELS)]

sim.setup(timestep=1.0, min_delay=1.0)
sources = sim.Population(
    2 * LEVELS, sim.SpikeSourceArray(spike_times=[Sequence(s) for s in trains]), label="levels"
)
cell = sim.IF_curr_delta(tau_m=10.0, v_rest=0.0, v_reset=0.0, v_thresh=100.0, tau_refrac=50.0)
detectors = sim.Population(DETECTORS, cell, initial_values={"v": 0.0}, label="detectors")
beat = sim.Population(1, cell, initial_values={"v": 0.0}, label="beat")
rise, fall = sources[:LEVELS], sources[LEVELS:]
gains = 100.0 / np.linspace(10.0, 18.0, DETECTORS)  # mV: from 10 to 18 levels at once
up = sim.StaticSynapse(weight=np.tile(gains, (LEVELS, 1)), delay=1.0)
down = sim.StaticSynapse(weight=-np.tile(gains, (LEVELS, 1)), delay=1.0)
sim.Projection(rise, detectors, sim.AllToAllConnector(), up, receptor_type="excitatory")
sim.Projection(fall, detectors, sim.AllToAllConnector(), down, receptor_type="inhibitory")
most = sim.StaticSynapse(weight=2.0 * 100.0 / DETECTORS, delay=1.0)
sim.Projection(detectors, beat, sim.AllToAllConnector(), most)
detectors.record("spikes")
beat.record("spikes")

sim.run(float(DURATION))

found = beat.get_data().segments[0].spiketrains[0].magnitude
true = np.array([b for b in beats if b < DURATION])
rate = 60000.0 / np.diff(found).mean() if len(found) > 1 else 0.0
expected = 60000.0 / np.diff(true).mean()
print(
    f"{len(found)} of {len(true)} beats, {rate:.2f} beats/min instead of {expected:.2f}, "
    f"error {100 * abs(rate / expected - 1):.2f} %"
)

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(9, 3), layout="constrained")
    axis.plot(t, ecg, lw=0.8)
    axis.vlines(found, 1.2, 1.4, color="tab:red")
    axis.set(xlabel="time (ms)", ylabel="ECG (mV)", title=f"{options.simulator}: {rate:.1f} beats/min")
    figure.savefig(options.plot_figure)
sim.end()
