"""Handwritten digits: a classifier trained outside, its weights on any backend, software or chip.

64 pixels and a constant drive 10 integrate-and-fire cells without leak; the one that fires most names the digit. The
weights are those of a logistic regression on scikit-learn's digits (1297 for training, levels 0 to 4), rounded to 8
bits; the images shown are from the other 500. Each image is a run of its own after reset(), so the results are one Neo
segment per image. Spikes of different pixels never coincide, because one chip takes a single one per step.

python digits.py SIMULATOR [--images N] [--plot-figure [FILE]]
"""

import json
from pathlib import Path

import numpy as np
from pyNN.parameters import Sequence
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--images", "how many images to show", {"type": int, "default": 50}),
    ("--plot-figure", "plot the results to a file", {"metavar": "FILE", "nargs": "?", "const": "digits.png"}),
)

STEP = 0.96  # ms
CONSTANT = 4  # spikes of the constant input per image, as many as a white pixel has
data = json.loads((Path(__file__).parent / "data" / "digits.json").read_text())
weights = np.array(data["weights"], dtype=float)
weights[:, 64] /= CONSTANT
images, labels = np.array(data["images"][: options.images]), np.array(data["labels"][: options.images])


def spike_steps(image):
    """Return the steps in which each input fires: as often as its level says, spread out, never two at once."""
    counts = np.append(image, CONSTANT)
    pixel = np.repeat(np.arange(65), counts)
    nth = np.concatenate([np.arange(n) for n in counts])
    order = np.lexsort((pixel, (nth + 0.5) / np.repeat(counts, counts)))
    steps = np.empty(len(pixel), dtype=int)
    steps[order] = np.arange(len(pixel)) + 2
    return [steps[pixel == i] for i in range(65)]


sim.setup(timestep=STEP)
inputs = sim.Population(65, sim.SpikeSourceArray(), label="pixels")
cells = sim.Population(
    10,
    sim.IF_curr_delta(tau_m=1e9, v_rest=0.0, v_reset=0.0, v_thresh=60.0, tau_refrac=STEP),
    initial_values={"v": 0.0},
    label="digits",
)
for sign, receptor in ((1, "excitatory"), (-1, "inhibitory")):
    # one projection per sign, as current-based receptors want
    chosen = np.argwhere(sign * weights.T > 0)
    synapses = [(int(i), int(j), weights[j, i], STEP) for i, j in chosen]
    connector = sim.FromListConnector(synapses, column_names=["weight", "delay"])
    sim.Projection(inputs, cells, connector, sim.StaticSynapse(), receptor_type=receptor)
cells.record("spikes")

duration = (images.sum(axis=1).max() + CONSTANT + 10) * STEP
for n, image in enumerate(images):
    if n:
        sim.reset()
    inputs.set(spike_times=[Sequence(steps * STEP) for steps in spike_steps(image)])
    sim.run(duration)

segments = cells.get_data().segments
counts = np.array([[len(train) for train in segment.spiketrains] for segment in segments])
answers = counts.argmax(axis=1)
print(f"{(answers == labels).sum()} of {len(labels)} digits right, {counts.sum()} spikes")

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 8, figsize=(10, 3), layout="constrained")
    for n, (image, answer) in enumerate(zip(images[:8], answers, strict=False)):
        axes[0, n].imshow(image.reshape(8, 8), cmap="gray_r")
        axes[0, n].axis("off")
        colours = ["tab:green" if d == labels[n] else "tab:gray" for d in range(10)]
        axes[1, n].bar(range(10), counts[n], color=colours)
        axes[1, n].set_title(f"{answer}", fontsize="small")
        axes[1, n].set_yticks([])
    figure.savefig(options.plot_figure)
    print(f"figure: {options.plot_figure}")
sim.end()
