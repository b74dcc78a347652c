"""PyCARL's edge detection: 784 pixels, a centre and a surround of 196 cells, and 196 cells that take the difference.

Centre and surround blur an image of 28 x 28 pixels by a narrow and by a wide Gaussian. An edge cell is excited by the
centre cell at its place and inhibited by the surround cell, and so counts the positive part of the difference, which
is large along edges.

python edge_detection.py SIMULATOR [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "edge_detection.png"},
    )
)

SIDE, RATE, DURATION, THRESHOLD = 28, 200.0, 1000.0, 400.0  # pixels, spikes/s, ms, mV
RADII = {"centre": 0.5, "surround": 3.0}  # pixels
y, x = np.mgrid[:SIDE, :SIDE]
image = np.where((x - 9) ** 2 + (y - 10) ** 2 < 40, 0.9, 0.1) + np.where((x > 15) & (y > 16), 0.6, 0.0)
centre_y, centre_x = np.mgrid[0.5:SIDE:2, 0.5:SIDE:2]
squares = (centre_x.reshape(1, -1) - x.reshape(-1, 1)) ** 2 + (
    centre_y.reshape(1, -1) - y.reshape(-1, 1)
) ** 2

sim.setup(timestep=1.0, min_delay=1.0, rng_seed=42)
pixels = sim.Population(SIDE**2, sim.SpikeSourcePoisson(rate=RATE * image.ravel()), label="pixels")
integrator = sim.IF_curr_delta(tau_m=1e9, v_rest=0.0, v_reset=0.0, v_thresh=THRESHOLD, tau_refrac=1.0)
edges = sim.Population(squares.shape[1], integrator, initial_values={"v": 0.0}, label="edges")
gain = 0.5 * THRESHOLD  # mV: half a spike per spike of a pixel
blurred, synapses = {}, 0
for (name, radius), sign, receptor in zip(RADII.items(), (1, -1), ("excitatory", "inhibitory"), strict=True):
    gauss = np.where(squares < (2.5 * max(radius, 0.5)) ** 2, np.exp(-squares / (2 * radius**2)), 0.0)
    gauss /= gauss.sum(axis=0)
    blurred[name] = image.ravel() @ gauss
    cells = sim.Population(edges.size, integrator, initial_values={"v": 0.0}, label=name)
    rows = [(int(i), int(j), gain * gauss[i, j], 1.0) for i, j in np.argwhere(gauss)]
    sim.Projection(pixels, cells, sim.FromListConnector(rows, column_names=["weight", "delay"]))
    one = sim.StaticSynapse(weight=sign * gain, delay=1.0)
    sim.Projection(cells, edges, sim.OneToOneConnector(), one, receptor_type=receptor)
    synapses += len(rows) + edges.size
    cells.record("spikes")
edges.record("spikes")

sim.run(DURATION)

exact = np.maximum(blurred["centre"] - blurred["surround"], 0.0)
counts = np.array([len(train) for train in edges.get_data().segments[0].spiketrains])
found = counts / (RATE * DURATION * 1e-3 * 0.5**2)
correlation = np.corrcoef(found, exact)[0, 1]
psnr = -10 * np.log10(np.mean((found - exact) ** 2))
print(
    f"{synapses} synapses, {counts.sum()} spikes of edges, PSNR {psnr:.1f} dB, correlation {correlation:.3f}"
)

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
    shown = {
        "image": image,
        "edges, exactly": exact.reshape(14, 14),
        options.simulator: found.reshape(14, 14),
    }
    for axis, (title, values) in zip(axes, shown.items(), strict=True):
        axis.imshow(values, cmap="gray", vmin=0)
        axis.set(title=title, xticks=[], yticks=[])
    figure.savefig(options.plot_figure)
sim.end()
