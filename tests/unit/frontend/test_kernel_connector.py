"""Synapses made from kernels and from patterns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.errors import NetworkError
from pynn_ext.learning import DelayKernels


def _ends(n_pre: int, n_post: int, times: Any = ()) -> tuple[Any, Any]:
    sim.setup(timestep=0.5)
    return sim.Population(n_pre, sim.SpikeSourceArray(spike_times=times)), sim.Population(
        n_post, sim.IF_curr_delta()
    )


def test_each_entry_of_a_sign_is_a_synapse() -> None:
    kernel = np.random.default_rng(0).normal(0.0, 1.0, (2, 4, 3))
    pre, post = _ends(4, 2)
    connector = sim.KernelConnector(kernel, threshold=0.3, resolution=2.0, least_delay=0.5)
    for receptor, sign in (("excitatory", 1.0), ("inhibitory", -1.0)):
        made = sim.Projection(pre, post, connector, sim.StaticSynapse(), receptor_type=receptor)
        rows = sorted(tuple(r) for r in made.get(["weight", "delay"], format="list"))
        c, i, d = np.nonzero(sign * kernel > 0.3)
        expected = sorted(zip(i, c, kernel[c, i, d], 0.5 + 2.0 * d, strict=True))
        np.testing.assert_allclose(rows, expected)


def test_conductances_take_the_size_of_negative_entries() -> None:
    sim.setup(timestep=0.5)
    pre, post = sim.Population(1, sim.SpikeSourceArray()), sim.Population(1, sim.IF_cond_exp())
    made = sim.Projection(
        pre, post, sim.KernelConnector([[[-0.5, 0.25]]]), sim.StaticSynapse(), receptor_type="inhibitory"
    )
    assert made.get(["weight", "delay"], format="list") == [(0, 0, 0.5, 1.0)]


def test_the_evidence_is_what_the_learner_computes() -> None:
    """Delta synapses onto cells without a leak count ``sum K A(t - d)``: v is its running sum."""
    rng, depth, steps = np.random.default_rng(1), 5, 60
    learner = DelayKernels(None, classes=3, depth=depth, inputs=6)
    learner.kernels[:] = rng.normal(0.0, 1.0, learner.kernels.shape)
    learner.bias[:] = 0.0
    activity = (rng.random((steps, 6)) < 0.1).astype(float)
    sim.setup(timestep=1.0)
    source = sim.Population(
        6, sim.SpikeSourceArray(spike_times=[np.flatnonzero(c) + 1.0 for c in activity.T])
    )
    cells = sim.Population(3, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e9, v_rest=0.0, v_reset=0.0))
    cells.initialize(v=0.0)
    for receptor in ("excitatory", "inhibitory"):
        connector = sim.KernelConnector(learner.kernel())
        sim.Projection(source, cells, connector, sim.StaticSynapse(), receptor_type=receptor)
    cells.record("v")
    sim.run(steps + 3.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    np.testing.assert_allclose(np.diff(v, axis=0)[2 : 2 + steps], learner.evidence(activity), atol=1e-9)


def test_a_kernel_at_every_place_of_an_image() -> None:
    """The same as the sum over the kernel, written out."""
    rng, (height, width) = np.random.default_rng(2), (4, 5)
    kernel = np.abs(rng.normal(0.0, 1.0, (2, 3, 2, 3, 5)))
    pre, post = _ends(3 * height * width, 2 * height * width)
    made = sim.Projection(pre, post, sim.KernelConnector(kernel, image=(height, width)), sim.StaticSynapse())
    found = {(int(i), int(j), d): w for i, j, w, d in made.get(["weight", "delay"], format="list")}
    expected = {}
    for c, p, d, y, x, ky, kx in np.ndindex(2, 3, 2, height, width, 3, 5):
        at_y, at_x = y - (ky - 1), x - (kx - 2)
        if 0 <= at_y < height and 0 <= at_x < width:
            pair = ((p * height + at_y) * width + at_x, (c * height + y) * width + x, 1.0 + d)
            expected[pair] = kernel[c, p, d, ky, kx]
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[k] for k in expected], list(expected.values()))


def test_a_segment_takes_back_what_it_was_given() -> None:
    sim.setup(timestep=0.5)
    source = sim.Population(30, sim.SpikeSourceArray())
    cells = sim.Population(2, sim.ActiveDendriteNeuron(t_win=[4.0, 6.0]))
    patterns = [range(10), range(8, 20)]
    connector = sim.SegmentConnector(patterns, 5, rng=sim.NumpyRNG(seed=1))
    made = sim.Projection(
        source, cells, connector, sim.StaticSynapse(weight=1.0, delay=2.0), receptor_type="seg2"
    )
    rows = np.array(made.get(["weight", "delay"], format="list"))
    for cell, window in ((0, 4.0), (1, 6.0)):
        own = rows[rows[:, 1] == cell]
        there, back = own[own[:, 2] > 0], own[own[:, 2] < 0]
        assert set(there[:, 0]) == set(back[:, 0]) and 8 <= len(there) <= 10
        assert set(there[:, 3]) == {2.0} and set(back[:, 3]) == {2.0 + window}
    assert set(rows[rows[:, 1] == 0][:, 0]) != set(rows[rows[:, 1] == 1][:, 0])


def _project(n_pre: int, n_post: int, connector: Any) -> None:
    sim.Projection(*_ends(n_pre, n_post), connector, sim.StaticSynapse())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sim.KernelConnector(np.ones((2, 3))), "shape"),
        (lambda: sim.KernelConnector([[[np.nan]]]), "finite"),
        (lambda: sim.KernelConnector(np.ones((1, 1, 1, 2, 3)), image=(4, 4)), "odd"),
        (lambda: _project(3, 2, sim.KernelConnector(np.ones((2, 4, 1)))), "for 4 to 2"),
        (lambda: sim.SegmentConnector([range(5)], 6), "at least s cells"),
        (lambda: sim.SegmentConnector([[1, 1, 2]], 2), "none of them twice"),
        (lambda: _project(9, 2, sim.SegmentConnector([range(5)], 3)), "has no segments"),
        (lambda: sim.ActiveDendriteNeuron(n_segments=0), "1 to 1024"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make()
