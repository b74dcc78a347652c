"""PyCARL's digit recognition: 784 pixels, 100 excitatory cells that inhibit each other through 100 inhibitory ones.

The network has the shape of Diehl and Cook (2015, Front. Comput. Neurosci. 9:99) and 88,500 synapses. Instead of being
learned, the weights of each excitatory cell are a prototype: ten per digit, the centres of clusters of 300 images.
The cell that fires most names the digit. Images are scikit-learn's digits of 8 x 8 pixels in five levels, three times
enlarged. Weights, inhibition and duration were chosen on the images that are shown, so the score is no held-out
accuracy.

python digit_recognition.py SIMULATOR [--images N] [--plot-figure [FILE]]
"""

import json
from pathlib import Path

import numpy as np
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--images", "how many images to show", {"type": int, "default": 40}),
    ("--plot-figure", "plot the results to a file", {"metavar": "FILE", "nargs": "?", "const": "digits.png"}),
)

KNOWN, PER_DIGIT, DURATION, THRESHOLD, RATE = (
    300,
    10,
    400.0,
    1000.0,
    60.0,
)  # images, prototypes, ms, mV, spikes/s
data = json.loads((Path(__file__).parents[1] / "data" / "digits.json").read_text())
small, labels = np.array(data["images"], dtype=float) / 4, np.array(data["labels"])
large = np.array([np.pad(np.kron(image.reshape(8, 8), np.ones((3, 3))), 2).ravel() for image in small])


def prototypes(images):
    """Return the centres of clusters of one digit's images (Lloyd's algorithm), shape (PER_DIGIT, 784)."""
    centres = images[:PER_DIGIT].copy()
    for _ in range(10):
        nearest = ((images[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.array(
            [images[nearest == n].mean(axis=0) if (nearest == n).any() else c for n, c in enumerate(centres)]
        )
    return centres


classes = np.repeat(np.arange(10), PER_DIGIT)
known, known_labels = large[:KNOWN], labels[:KNOWN]
fields = np.concatenate([prototypes(known[known_labels == digit]) for digit in range(10)])
fields /= np.linalg.norm(fields, axis=1, keepdims=True)
images, labels = large[KNOWN : KNOWN + options.images], labels[KNOWN : KNOWN + options.images]

sim.setup(timestep=1.0, min_delay=1.0, rng_seed=42)
pixels = sim.Population(784, sim.SpikeSourcePoisson(rate=0.0), label="pixels")
integrator = sim.IF_curr_delta(tau_m=100.0, v_rest=0.0, v_reset=0.0, v_thresh=THRESHOLD, tau_refrac=1.0)
exc, inh = (
    sim.Population(100, integrator, initial_values={"v": 0.0}, label=label)
    for label in ("excitatory", "inhibitory")
)
strong = sim.StaticSynapse(weight=1.2 * THRESHOLD, delay=1.0)
lateral = sim.StaticSynapse(weight=-0.1 * THRESHOLD, delay=1.0)
projections = [
    sim.Projection(
        pixels, exc, sim.AllToAllConnector(), sim.StaticSynapse(weight=60.0 * fields.T, delay=1.0)
    ),
    sim.Projection(exc, inh, sim.OneToOneConnector(), strong),
    sim.Projection(inh, exc, sim.AllToAllConnector(), lateral, receptor_type="inhibitory"),
]
exc.record("spikes")

for n, image in enumerate(images):
    if n:
        sim.reset()
    pixels.set(rate=RATE * image * np.sqrt(200.0 / (image**2).sum()))  # every image as bright
    sim.run(DURATION)

segments = exc.get_data().segments
counts = np.array([[len(train) for train in segment.spiketrains] for segment in segments])
answers = classes[counts.argmax(axis=1)]
right = int((answers == labels).sum())
print(
    f"{sum(p.size() for p in projections)} synapses, {counts.sum()} spikes, {right} of {len(labels)} digits right"
)

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 8, figsize=(10, 3), layout="constrained")
    for column, image, row, answer in zip(axes.T, images, counts, answers, strict=False):
        column[0].imshow(image.reshape(28, 28), cmap="gray_r")
        column[0].axis("off")
        column[1].bar(range(100), row, width=1.0)
        column[1].set_title(f"{answer}", fontsize="small")
    figure.savefig(options.plot_figure)
sim.end()
