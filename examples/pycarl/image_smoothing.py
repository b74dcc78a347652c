"""PyCARL's image smoothing: 784 pixels, 196 cells, Gaussian weights.

A noisy image of 28 x 28 pixels becomes Poisson spike trains. Each cell integrates a neighbourhood through the weights
of a Gaussian and has no leak, so that its spikes count the smoothed image, at half the resolution. What it should be is
known; the distance is given as peak signal-to-noise ratio.

python image_smoothing.py SIMULATOR [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "image_smoothing.png"},
    )
)

SIDE, SIGMA, RATE, DURATION, THRESHOLD = 28, 1.5, 200.0, 1000.0, 400.0  # pixels, pixels, spikes/s, ms, mV
y, x = np.mgrid[:SIDE, :SIDE]
clean = np.where((x - 9) ** 2 + (y - 10) ** 2 < 40, 0.9, 0.1) + np.where((x > 15) & (y > 16), 0.6, 0.0)
image = np.clip(clean + np.random.default_rng(1).normal(0, 0.15, clean.shape), 0, 1)

centre_y, centre_x = np.mgrid[0.5:SIDE:2, 0.5:SIDE:2]
squares = (centre_x.reshape(1, -1) - x.reshape(-1, 1)) ** 2 + (
    centre_y.reshape(1, -1) - y.reshape(-1, 1)
) ** 2
gauss = np.where(squares < (2.5 * SIGMA) ** 2, np.exp(-squares / (2 * SIGMA**2)), 0.0)
gauss /= gauss.sum(axis=0)  # also at the border
exact = image.ravel() @ gauss

sim.setup(timestep=1.0, min_delay=1.0, rng_seed=42)
pixels = sim.Population(SIDE**2, sim.SpikeSourcePoisson(rate=RATE * image.ravel()), label="pixels")
integrator = sim.IF_curr_delta(tau_m=1e9, v_rest=0.0, v_reset=0.0, v_thresh=THRESHOLD, tau_refrac=1.0)
smooth = sim.Population(exact.size, integrator, initial_values={"v": 0.0}, label="smoothed")
gain = 20 * THRESHOLD / 100.0  # mV: a white image gives 0.2 spikes per spike of a pixel
synapses = [(int(i), int(j), gain * gauss[i, j], 1.0) for i, j in np.argwhere(gauss)]
sim.Projection(pixels, smooth, sim.FromListConnector(synapses, column_names=["weight", "delay"]))
smooth.record("spikes")

sim.run(DURATION)

counts = np.array([len(train) for train in smooth.get_data().segments[0].spiketrains])
found = counts / (RATE * DURATION * 1e-3 * gain / THRESHOLD)
psnr = -10 * np.log10(np.mean((found - exact) ** 2))
print(f"{len(synapses)} synapses, {counts.sum()} spikes, PSNR {psnr:.1f} dB")

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
    shown = {
        "image": image,
        "smoothed, exactly": exact.reshape(14, 14),
        options.simulator: found.reshape(14, 14),
    }
    for axis, (title, values) in zip(axes, shown.items(), strict=True):
        axis.imshow(values, cmap="gray", vmin=0, vmax=1)
        axis.set(title=title, xticks=[], yticks=[])
    figure.savefig(options.plot_figure)
sim.end()
