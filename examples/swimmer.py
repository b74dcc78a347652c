"""A swimming worm: five shared weights, an oscillator in the head, and a body that closes the loop.

The circuit of C. elegans that N. X. Bhattasali et al. (NeurIPS 2022) use as a prior, in spikes. At each joint a dorsal
and a ventral B neuron feel the joint before (proprioception), excite their own muscle and inhibit the opposite one;
the first pair follows an oscillator. Here each neuron is a population of cells and its activity their rate; the body
is a callback that turns muscle spikes into joint angles and angles into currents. The bend travels from head to tail.

python swimmer.py SIMULATOR [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "swimmer.png"},
    )
)
JOINTS, CELLS = 8, 20
PERIOD, DURATION = 800.0, 4000.0  # ms
STEP = 10.0  # ms, how often body and network meet
TAU_BODY, GAIN = 60.0, 0.35  # a joint's time constant (ms), its bend per muscle activity (rad)
W_OSCILLATOR, W_PROPRIOCEPTION = 1.0, 4.0  # shared by all joints, as the next two
W_IPSILATERAL, W_CONTRALATERAL = 0.3, -0.3  # nA, from B neurons to muscles
REST, DRIVE = 0.70, 0.50  # nA: just below rheobase; for full activity

sim.setup(timestep=0.5)
sides = ("dorsal", "ventral")
kind = sim.IF_curr_exp(tau_refrac=2.0)
cells = {
    (what, side): sim.Population(JOINTS * CELLS, kind, label=f"{side} {what}")
    for what in ("B", "muscle")
    for side in sides
}
for source in sides:
    for target in sides:
        same = source == target
        weight = W_IPSILATERAL if same else W_CONTRALATERAL
        by_joint = [
            (joint * CELLS + i, joint * CELLS + j)
            for joint in range(JOINTS)
            for i in range(CELLS)
            for j in range(CELLS)
        ]
        sim.Projection(
            cells["B", source],
            cells["muscle", target],
            sim.FromListConnector(by_joint),
            sim.StaticSynapse(weight=weight, delay=1.0),
            receptor_type="excitatory" if same else "inhibitory",
        )
noise = RandomDistribution("uniform", (-65.0, -50.0), rng=NumpyRNG(seed=6))
for population in cells.values():
    population.initialize(v=noise)
    population.record("spikes")
spread = np.tile(np.linspace(0.0, 0.1, CELLS), JOINTS)  # nA, so that cells do not fire together


class Body:
    """Overdamped joints between the muscles and the stretch they feel."""

    def __init__(self):
        self.angles = np.zeros(JOINTS)
        self.counts = {side: np.zeros(JOINTS) for side in sides}
        self.history = []

    def activity(self, side):
        """Return the mean spikes per cell and step of a side's muscles, scaled to 1 at 40 spikes/s, smoothed."""
        spikes = cells["muscle", side].get_spike_counts()
        counts = np.array([spikes[cell] for cell in sorted(spikes)]).reshape(JOINTS, CELLS).mean(1)
        new, self.counts[side] = counts - self.counts[side], counts
        return new / (40.0 * STEP / 1000)

    def __call__(self, t):
        torque = self.activity("dorsal") - self.activity("ventral")
        self.angles += STEP / TAU_BODY * (GAIN * torque - self.angles)
        self.history.append(self.angles.copy())
        before = np.append(0.0, self.angles[:-1]) * W_PROPRIOCEPTION
        head = W_OSCILLATOR if t % PERIOD < PERIOD / 2 else -W_OSCILLATOR
        for sign, side in ((1, "dorsal"), (-1, "ventral")):
            felt = np.clip(sign * (before + head * (np.arange(JOINTS) == 0)), 0.0, 1.0)
            cells["B", side].set(i_offset=REST - spread + DRIVE * np.repeat(felt, CELLS))
        return t + STEP


body = Body()
sim.run(DURATION, callbacks=[body])

angles = np.array(body.history)[round(PERIOD / STEP) :]  # without the first period
wave = (
    np.exp(-2j * np.pi * np.arange(len(angles)) * STEP / PERIOD) @ angles
)  # component at the oscillator's period
lags = -np.diff(np.unwrap(np.angle(wave))) / (2 * np.pi) * PERIOD
amplitude = np.abs(wave) / len(angles) * 2
print(
    f"a wave from head to tail: each joint follows the one before by {lags.mean():.0f} ms ({lags.min():.0f} to "
    f"{lags.max():.0f}), {lags.sum() / PERIOD:.2f} wavelengths on the body, bends of {amplitude.min():.2f} to "
    f"{amplitude.max():.2f} rad"
)

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, (kymograph, shapes, raster) = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
    image = kymograph.imshow(
        np.array(body.history).T,
        aspect="auto",
        cmap="RdBu_r",
        extent=(0, DURATION / 1000, JOINTS - 0.5, -0.5),
    )
    kymograph.set(xlabel="time (s)", ylabel="joint", title="bends (rad), head above")
    figure.colorbar(image, ax=kymograph)
    for n, moment in enumerate(np.linspace(0, PERIOD / STEP, 6, endpoint=False).astype(int)):
        heading = np.append(0.0, np.cumsum(angles[moment]))
        heading -= heading.mean()
        x, y = np.append(0.0, np.cumsum(np.cos(heading))), np.append(0.0, np.cumsum(np.sin(heading)))
        shapes.plot(x, y - y.mean() - 3 * n, linewidth=4, solid_capstyle="round", color=plt.cm.viridis(n / 6))
    shapes.set(aspect="equal", title="the body through a period, head left")
    shapes.axis("off")
    for side, colour in zip(sides, ("tab:red", "tab:blue"), strict=True):
        trains = cells["B", side].get_data().segments[0].spiketrains
        raster.eventplot([train.magnitude / 1000 for train in trains], colors=colour, linewidths=0.5)
    raster.set(xlabel="time (s)", ylabel="B cell", title="dorsal red, ventral blue", xlim=(0, 2))
    raster.invert_yaxis()
    figure.savefig(options.plot_figure)
sim.end()
