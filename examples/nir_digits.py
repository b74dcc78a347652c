"""A classifier from another framework: a NIR graph, read from its file, on any backend, software or chip.

The graph takes 65 inputs (64 pixels and a constant) to 10 integrate-and-fire neurons; the one that fires most names
the digit. Each image is a run of its own after reset().

python nir_digits.py SIMULATOR [--images N] [--plot-figure [FILE]]
"""

import json
from pathlib import Path

import numpy as np
from pyNN.parameters import Sequence
from pyNN.utility import get_simulator

from pynn_ext.nir import from_nir

sim, options = get_simulator(
    ("--images", "how many images to show", {"type": int, "default": 50}),
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "nir_digits.png"},
    ),
)
DATA = Path(__file__).parent / "data"
STEP = 0.96  # ms
CONSTANT = 4  # spikes of the constant input per image

sim.setup(timestep=STEP)
network = from_nir(sim, DATA / "digits.nir")
pixels, digits = network.inputs["pixels"], network.outputs["answer"]
digits.record("spikes")

shown = json.loads((DATA / "digits.json").read_text())
images, labels = np.array(shown["images"][: options.images]), np.array(shown["labels"][: options.images])
duration = (images.sum(axis=1).max() + CONSTANT + 10) * STEP
for n, image in enumerate(images):
    if n:
        sim.reset()
    # As many spikes as the pixel is bright, spread over the time, one spike of all pixels in each step.
    counts = np.append(image, CONSTANT)
    moment = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    pixel = np.repeat(np.arange(65), counts)[np.argsort(moment, kind="stable")]
    times = (np.arange(len(pixel)) + 2) * STEP
    pixels.set(spike_times=[Sequence(times[pixel == i]) for i in range(65)])
    sim.run(duration)

segments = digits.get_data().segments
counts = np.array([[len(train) for train in segment.spiketrains] for segment in segments])
answers = counts.argmax(axis=1)
print(f"{(answers == labels).sum()} of {len(labels)} digits right, {counts.sum()} spikes")

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(10, 3), width_ratios=(1, 2, 2), layout="constrained")
    axes[0].imshow(images[0].reshape(8, 8), cmap="gray_r")
    axes[0].axis("off")
    axes[1].eventplot([train.magnitude for train in segments[0].spiketrains], colors="k", linewidths=0.8)
    axes[1].set(xlabel="time (ms)", ylabel="neuron", yticks=range(10), title=f"this is a {answers[0]}")
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (labels, answers), 1)
    axes[2].imshow(table, cmap="Blues")
    axes[2].set(xlabel="answer", ylabel="digit", xticks=range(10), yticks=range(10))
    axes[2].set_title(f"{np.trace(table)} of {table.sum()} right")
    figure.savefig(options.plot_figure)
sim.end()
