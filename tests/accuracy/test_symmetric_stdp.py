"""Three noisy patterns told apart by symmetric STDP, adaptive thresholds, scaled weights and a teacher (Hao, Huang,
Dong and Xu 2020, Neural Networks 121:387), with the constants of the authors' code.

100 inputs, 60 hidden cells, 3 labels; 90 samples of 350 ms to learn from and 45 to test with. As in a NumPy program of
the same equations, the labels' input tells every sample, and so do the hidden cells' spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.learning.observation import spikes_between
from pynn_ext.learning.synaptic_scaling import SynapticScaling

INPUTS, HIDDEN, LABELS, LEARN, TEST, SHOW, REST, DT = 100, 60, 3, 90, 45, 350.0, 50.0, 0.5
FAST = {"cm": 10.0, "tau_m": 10.0, "v_rest": -60.0, "v_reset": -45.0, "v_thresh": -40.0, "tau_refrac": 2.0}


class Toy:
    """The network: inputs, hidden cells that compete by inhibitory partners, and a cell for each label."""

    def __init__(self, rng: np.random.Generator) -> None:
        sim.setup(timestep=DT, min_delay=DT, rng_seed=3)
        slow = {"cm": 100.0, "tau_refrac": 2.0, "theta_plus": 0.07, "tau_theta": 6e6, "slowing": 1.0}
        fast = sim.IF_cond_exp(tau_syn_E=1.0, tau_syn_I=1.0, e_rev_I=0.0, **FAST)
        self.inputs = sim.Population(INPUTS, sim.SpikeSourcePoisson(rate=0.0))
        self.teacher = sim.Population(LABELS, sim.SpikeSourcePoisson(rate=0.0))
        self.hidden = sim.Population(HIDDEN, sim.LIF_adaptive_threshold(**slow))
        partner = sim.Population(HIDDEN, fast, initial_values={"v": -60.0})
        self.labels = sim.Population(LABELS, fast, initial_values={"v": -60.0})
        self.labels.set(e_rev_E=-60.0)  # hidden cells drive no label until the test
        one_to_one = sim.OneToOneConnector()
        others = sim.FromListConnector([(i, j) for i in range(HIDDEN) for j in range(HIDDEN) if i != j])
        for pre, post, weight, connector, receptor in (
            (self.hidden, partner, 10.4, one_to_one, "excitatory"),
            (partner, self.hidden, 17.0, others, "inhibitory"),
            (self.teacher, self.labels, 100.0, one_to_one, "inhibitory"),
        ):
            synapse = sim.StaticSynapse(weight=weight, delay=DT)
            sim.Projection(pre, post, connector, synapse, receptor_type=receptor)
        self.inward, self.scale_in = self.plastic(self.inputs, self.hidden, 0.005, 1.0, 0.1 * INPUTS, rng)
        self.outward, self.scale_out = self.plastic(self.hidden, self.labels, 0.04, 8.0, 0.8 * HIDDEN, rng)
        self.hidden.record("spikes")
        self.labels.record("spikes")

    def plastic(
        self, pre: Any, post: Any, nu: float, w_max: float, total: float, rng: np.random.Generator
    ) -> tuple[Any, SynapticScaling]:
        rule = sim.SymmetricPairRule(A_plus=0.1 * nu / w_max, A_minus=0.1 * nu / w_max)
        synapse = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=w_max), delay=DT)
        projection = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
        projection.set(weight=0.3 * w_max * rng.random(projection.shape))
        return projection, SynapticScaling(projection, norm=total, interval=SHOW + REST)

    def show(self, rates: np.ndarray, label: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Show a sample, with its label if it is to be learned; return spikes of the hidden cells and of the labels."""
        self.scale_in.scale()
        if label is not None:
            self.scale_out.scale()
        self.inputs.set(rate=rates)
        self.teacher.set(rate=200.0 * (np.arange(LABELS) == label))
        sim.run(SHOW)
        self.inputs.set(rate=0.0)
        self.teacher.set(rate=0.0)
        self.hidden.initialize(v=-65.0)
        self.labels.initialize(v=-60.0)
        sim.run(REST)
        begin = sim.get_current_time() - SHOW - REST
        hidden, labels = (
            np.bincount(spikes_between(p, begin, np.inf, clear=True)[0], minlength=p.size)
            for p in (self.hidden, self.labels)
        )
        return hidden, labels

    def freeze(self) -> None:
        """End learning; from now on the hidden cells drive the labels."""
        for projection in (self.inward, self.outward):
            projection.set(A_plus=0.0, A_minus=0.0)
        self.hidden.set(adapt=0.0)
        self.labels.set(e_rev_E=0.0)


@pytest.mark.model("SymmetricPairRule", "LIF_adaptive_threshold")
def test_three_classes_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    patterns = rng.random((LABELS, INPUTS)) < 0.25
    toy = Toy(rng)

    def sample(label: int) -> np.ndarray:
        return 200.0 * (patterns[label] ^ (rng.random(INPUTS) < 0.05))

    learned = np.zeros((HIDDEN, LABELS))
    for _ in range(LEARN):
        label = int(rng.integers(LABELS))
        learned[:, label] += toy.show(sample(label), label)[0]
    toy.freeze()
    weights, speaks_for = toy.outward.get("weight", format="array"), learned.argmax(axis=1)
    asked = np.arange(TEST) % LABELS
    spikes, answers = map(np.array, zip(*(toy.show(sample(int(label))) for label in asked), strict=True))
    by_cells = np.stack([spikes[:, speaks_for == c].mean(axis=1) for c in range(LABELS)], axis=1)
    # a label's cell may be silent: then the summed input decides
    assert ((answers + 1e-6 * spikes @ weights).argmax(axis=1) == asked).all()
    assert (by_cells.argmax(axis=1) == asked).all()
    assert (
        len(set(speaks_for)) == LABELS and spikes.sum(axis=1).min() > 4 and answers.any(axis=1).mean() > 0.5
    )
