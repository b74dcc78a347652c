"""A liquid whose plasticity an astrocyte keeps in check: its rate, and the branching factor of its spikes.

1000 cells on a grid, 80 % excitatory, connected by distance, see images as trains of spikes. Every synapse is plastic;
the astrocyte raises depression when the liquid fires more than its input (NALSM, Ivanov and Michmizos 2021). Three
liquids start from the largest weights: with fixed weights, with plasticity alone, and with the astrocyte. The branching
factor is 1 where a spike is followed by as many spikes as preceded it: the edge of chaos.

The images are blobs. The paper reports a factor near 1 after 50000 snapshots of handwritten digits, which this shorter
run does not reach. Synapses add up and share one time constant, where the authors' keep the last spike's current.

python nalsm.py SIMULATOR [--images N] [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.space import Grid3D
from pyNN.utility import get_simulator

from pynn_ext.analysis import branching_factor
from pynn_ext.learning.astrocyte import Astrocyte

sim, options = get_simulator(
    ("--images", "images to learn from", {"type": int, "default": 50}),
    ("--plot-figure", "plot the results", {"metavar": "FILE", "nargs": "?", "const": "nalsm.png"}),
)
N, N_EXC, PIXELS, SNAPSHOT, SAMPLE, DEAD = 1000, 800, 28, 20.0, 250.0, 2.0  # cells, pixels, ms
UNIT = 1.4 / 1.5  # nA per unit of the authors' weights: their synapse's charge over the time constant
CELL = {"tau_m": 64.0, "cm": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_thresh": 20.0, "tau_refrac": DEAD}
PROBABILITY = {("E", "E"): 0.2, ("E", "I"): 0.1, ("I", "E"): 0.3, ("I", "I"): 0.05}


def images(count, rng):
    """Return images of blobs, shape (count, pixels), about as many pixels lit as in handwritten digits."""
    y, x = np.mgrid[:PIXELS, :PIXELS]
    found = np.zeros((count, PIXELS**2))
    for image in found:
        z = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / 14.0) for a, b in rng.uniform(6, 22, (4, 2)))
        image[:] = (np.clip(z, 0, 1) * (z > 0.25)).ravel()
    return found


class Liquid:
    """The network, with or without plasticity and astrocyte."""

    def __init__(self, plastic, astrocyte):
        sim.setup(timestep=1.0, min_delay=1.0, rng_seed=5)
        rng = np.random.default_rng(1)
        place = Grid3D(fill_order="random", rng=sim.NumpyRNG(seed=2))
        cell = sim.IF_curr_exp(tau_syn_E=1.5, tau_syn_I=1.5, **CELL)
        self.cells = sim.Population(N, cell, structure=place, initial_values={"v": 0.0}, label="liquid")
        self.inputs = sim.Population(PIXELS**2, sim.SpikeSourcePoissonRefractory(tau_refrac=DEAD))
        self.cells.record("spikes")
        self.inputs.record("spikes")
        self.plastic, self.projections = plastic, []
        kinds = {"E": self.cells[:N_EXC], "I": self.cells[N_EXC:]}
        for (pre, post), c in PROBABILITY.items():
            near = sim.DistanceDependentProbabilityConnector(
                f"{c}*exp(-(d/3.0)**2)", allow_self_connections=False, rng=sim.NumpyRNG(seed=int(100 * c))
            )
            self.connect(kinds[pre], kinds[post], near, pre == "I", pre == "I")
        sign = rng.choice([-1, 1], (PIXELS**2, N)) * (rng.random((PIXELS**2, N)) < 0.15)
        for value in (1, -1):  # input synapses have the rule of excitation, whatever their sign
            self.connect(self.inputs, self.cells, sim.ArrayConnector(sign == value), value < 0, False)
        self.callbacks = []
        if astrocyte:
            sources, constants = {self.cells: 1.0, self.inputs: -1.0}, np.array([0.015, 0.15, 0.15]) * UNIT
            names = ("weight", "bias", "potentiation")
            self.callbacks = [
                Astrocyte(sources, self.projections, **dict(zip(names, constants, strict=True)))
            ]

    def connect(self, pre, post, connector, negative, inhibitory):
        """Make a projection at the largest weight."""
        low, high = (-3.0 * UNIT, 0.0) if negative else (0.0, 3.0 * UNIT)
        common = {"weight": low + high, "delay": 1.0}
        synapse = sim.StaticSynapse(**common)
        if self.plastic:
            rule = {"A_plus": 0.15 * UNIT, "A_minus": 0.15 * UNIT, "inhibitory": float(inhibitory)}
            synapse = sim.AstroModulatedSTDP(w_min=low, w_max=high, **rule, **common)
        kind = "inhibitory" if negative else "excitatory"
        self.projections.append(sim.Projection(pre, post, connector, synapse, receptor_type=kind))

    def show(self, image, duration, fading=1.0):
        """Run with sources that fire with the pixel's probability in each ms after their dead time; return spikes."""
        self.inputs.set(rate=1e3 / (DEAD + 1.0 / np.maximum(image, 1e-3)) * (image > 0))
        for astrocyte in self.callbacks:
            astrocyte.fading = fading
        sim.run(duration, callbacks=self.callbacks)
        self.inputs.get_data(clear=True)
        return self.cells.get_data(clear=True).segments[-1].spiketrains

    def begin(self):
        """Begin a sample at rest, with the weights as they are."""
        kept = [projection.get("weight", format="array") for projection in self.projections]
        sim.reset()
        for projection, weights in zip(self.projections, kept, strict=True):
            projection.set(weight=weights)

    def measure(self, pictures):
        """Return branching factor and rate (spikes/s) over some samples, and the spikes of the last one."""
        pairs = []
        for projection, kind in zip(self.projections, PROBABILITY, strict=False):
            listed = np.array(projection.get("weight", format="list"))[:, :2].astype(int)
            pairs.append(listed + N_EXC * (np.array(kind) == "I"))
        factors, rate = [], []
        for image in pictures:
            self.begin()
            trains = self.show(image, SAMPLE, fading=0.99)
            factors.append(branching_factor(trains, np.concatenate(pairs)))
            rate.append(sum(map(len, trains)) / N / SAMPLE * 1e3)
        return np.mean(factors), np.mean(rate), [train.magnitude for train in trains]


def main():
    pictures = images(options.images + 3, np.random.default_rng(0))
    results = {}
    for name, plastic, astrocyte in (("fixed", 0, 0), ("plastic", 1, 0), ("astrocyte", 1, 1)):
        liquid = Liquid(plastic, astrocyte)
        for image in pictures[: options.images] if plastic else []:
            liquid.show(image, SNAPSHOT)
        results[name] = liquid.measure(pictures[-3:])
        print(f"{name:9s}  branching factor {results[name][0]:.2f}, {results[name][1]:.0f} spikes/s")
    if options.plot_figure:
        plot(results, liquid.callbacks[0].history["state"][-int(SAMPLE) :] / UNIT)
    sim.end()


def plot(results, course):
    """Draw the spikes of a sample for each liquid, the branching factors, and the astrocyte."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
    for axes, (name, (_, rate, trains)) in zip(panels[0], results.items(), strict=True):
        axes.eventplot(trains[::4], color="black", linewidths=0.6, linelengths=0.9)
        axes.set(title=f"{name}: {rate:.0f} spikes/s", xlabel="time (ms)", ylabel="every fourth cell")
    colors = ["tab:gray", "tab:orange", "tab:green"]
    for k, name in enumerate(("branching factor", "spikes/s")):
        panels[1, k].bar(list(results), [result[k] for result in results.values()], color=colors)
        panels[1, k].set(ylabel=name)
    panels[1, 0].axhline(1.0, color="black", linestyle="--")
    panels[1, 2].plot(course, color="tab:green")
    panels[1, 2].set(xlabel="time of a sample (ms)", ylabel="depression set by the astrocyte")
    figure.savefig(options.plot_figure, dpi=110)


if __name__ == "__main__":
    main()
