"""Digits learned by local rules alone: symmetric STDP, adaptive thresholds, scaled weights, and a teacher.

64 pixels of scikit-learn's digits drive hidden cells that compete, each by an inhibitory partner; their thresholds grow
with every spike, so that all take part. From pixels to hidden cells and from those to ten cells for labels, pairs of
spikes of either order strengthen synapses, and the weights onto a cell keep their sum. While it learns, a teacher fires
the label's cell; in the test the cell with most spikes is the label, or that with the largest summed input (Hao, Huang,
Dong and Xu 2020, Neural Networks 121:387; constants theirs but for fewer pixels, stronger, and fewer images, whose
thresholds grow three times faster).

python symmetric_stdp.py SIMULATOR [--hidden N] [--images N] [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator
from sklearn.datasets import load_digits

from pynn_ext.learning.observation import spikes_between
from pynn_ext.learning.synaptic_scaling import SynapticScaling

sim, options = get_simulator(
    ("--hidden", "hidden cells", {"type": int, "default": 100}),
    ("--images", "images to learn from", {"type": int, "default": 400}),
    ("--plot-figure", "plot the results", {"metavar": "FILE", "nargs": "?", "const": "symmetric_stdp.png"}),
)
DT, SHOW, REST, TESTED = 0.5, 350.0, 50.0, 300  # ms, and images
PIXELS, LABELS, RATE, TEACHER = 64, 10, 250.0, 200.0  # spikes/s of a white pixel and of the teacher
INWARD = {"nu": 0.005, "w_max": 1.0, "total": 15.0}  # conductances in units of the leak's
OUTWARD = {"nu": 0.04, "w_max": 8.0, "total": 0.8 * options.hidden}
FAST = {"cm": 10.0, "tau_m": 10.0, "v_rest": -60.0, "v_reset": -45.0, "v_thresh": -40.0, "tau_refrac": 2.0}
rng = np.random.default_rng(0)


def plastic(pre, post, nu, w_max, total):
    """Connect all to all by the symmetric rule: a pair adds 0.1 nu exp(-|dt| / 20 ms); return it and its scaling."""
    change = 0.1 * nu / w_max
    synapse = sim.STDPMechanism(
        sim.SymmetricPairRule(A_plus=change, A_minus=change),
        sim.AdditiveWeightDependence(w_max=w_max),
        delay=DT,
    )
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
    projection.set(weight=0.3 * w_max * rng.random(projection.shape))
    return projection, SynapticScaling(projection, norm=total, interval=SHOW + REST)


class Classifier:
    """The network; it learns until `freeze`."""

    def __init__(self):
        n = options.hidden
        slow = {"cm": 100.0, "tau_refrac": 2.0, "theta_plus": 0.2, "tau_theta": 6e6, "slowing": 1.0}
        adaptive = sim.LIF_adaptive_threshold(**slow)
        fast = sim.IF_cond_exp(tau_syn_E=1.0, tau_syn_I=1.0, e_rev_I=0.0, **FAST)
        self.pixels = sim.Population(PIXELS, sim.SpikeSourcePoisson(rate=0.0))
        self.teacher = sim.Population(LABELS, sim.SpikeSourcePoisson(rate=0.0))
        self.hidden = sim.Population(n, adaptive, label="hidden")
        self.labels = sim.Population(LABELS, fast, initial_values={"v": -60.0}, label="labels")
        partner = sim.Population(n, fast, initial_values={"v": -60.0})
        one_to_one, others = sim.OneToOneConnector(), [(i, j) for i in range(n) for j in range(n) if i != j]

        def fixed(pre, post, weight, connector, receptor="excitatory"):
            synapse = sim.StaticSynapse(weight=weight, delay=DT)
            sim.Projection(pre, post, connector, synapse, receptor_type=receptor)

        fixed(self.hidden, partner, 10.4, one_to_one)
        fixed(partner, self.hidden, 17.0, sim.FromListConnector(others), "inhibitory")
        # the teacher has the second receptor, reversal potential 0; that of the hidden cells is at rest until the test
        fixed(self.teacher, self.labels, 100.0, one_to_one, "inhibitory")
        self.labels.set(e_rev_E=-60.0)
        pairs = [
            plastic(self.pixels, self.hidden, **INWARD),
            plastic(self.hidden, self.labels, **OUTWARD),
        ]
        (self.inward, self.outward), self.scalings = zip(*pairs, strict=True)
        for scaling in self.scalings:
            scaling.update(0.0)
        self.hidden.record("spikes")
        self.labels.record("spikes")

    def show(self, image, label=None):
        """Show an image, and its label if it is to be learned; return spikes of hidden cells and of labels."""
        self.pixels.set(rate=RATE * image)
        self.teacher.set(rate=TEACHER * (np.arange(LABELS) == label))
        sim.run(SHOW)
        self.pixels.set(rate=0.0)
        self.teacher.set(rate=0.0)
        self.hidden.initialize(v=-65.0)
        self.labels.initialize(v=-60.0)
        sim.run(REST, callbacks=self.scalings if label is not None else [])
        span, populations = (sim.get_current_time() - SHOW - REST, np.inf), (self.hidden, self.labels)
        return [np.bincount(spikes_between(p, *span, clear=True)[0], minlength=p.size) for p in populations]

    def freeze(self):
        """End learning; from now on the hidden cells drive the labels."""
        self.inward.set(A_plus=0.0, A_minus=0.0)
        self.outward.set(A_plus=0.0, A_minus=0.0)
        self.hidden.set(adapt=0.0)
        self.labels.set(e_rev_E=0.0)


def main():
    digits = load_digits()
    images, labels = digits.data / 16.0, digits.target
    order = rng.permutation(len(images))
    test = order[-TESTED:]
    sim.setup(timestep=DT, min_delay=DT, rng_seed=1)
    net = Classifier()
    for k in order[: options.images]:
        net.show(images[k], labels[k])
    net.freeze()
    weights = net.outward.get("weight", format="array")
    hidden, spikes = map(np.array, zip(*(net.show(images[k]) for k in test), strict=True))
    by_spikes, by_input = spikes.argmax(axis=1), (hidden @ weights).argmax(axis=1)
    print(
        f"{100 * np.mean(by_spikes == labels[test]):.1f} % of {TESTED} digits right by the labels' spikes, "
        f"{100 * np.mean(by_input == labels[test]):.1f} % by their input; {hidden.sum(axis=1).mean():.0f} spikes each"
    )
    if options.plot_figure:
        plot(net.inward.get("weight", format="array"), weights, labels[test], by_input)
    sim.end()


def plot(inward, outward, true, answer):
    """Draw what each hidden cell has learned, sorted by its label, and which digits are taken for which."""
    import matplotlib.pyplot as plt

    n = inward.shape[1]
    rows, columns = -(-n // 20), 20
    order = np.argsort(outward.argmax(axis=1), kind="stable")
    field = np.full((rows, 9, columns, 9), np.nan)
    for place, cell in enumerate(order):
        field[place // columns, :8, place % columns, :8] = inward[:, cell].reshape(8, 8)
    figure, panels = plt.subplots(1, 2, figsize=(12, 4), width_ratios=[2.2, 1], layout="constrained")
    panels[0].imshow(field.reshape(9 * rows, -1), cmap="gray_r")
    panels[0].set(
        xticks=[], yticks=[], title="weights of hidden cells, sorted by the digit that they speak for"
    )
    table = np.histogram2d(true, answer, bins=np.arange(11) - 0.5)[0]
    panels[1].imshow(table, cmap="Blues")
    panels[1].set(xlabel="answer", ylabel="digit", xticks=range(10), yticks=range(10), title="test")
    for (y, x), count in np.ndenumerate(table):
        if count:
            panels[1].text(x, y, f"{count:.0f}", ha="center", va="center", fontsize=7, color="gray")
    figure.savefig(options.plot_figure, dpi=110)


if __name__ == "__main__":
    main()
