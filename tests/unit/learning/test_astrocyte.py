"""The astrocyte against its recursion and its fixed point, and the rule that it modulates against its equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest

from pynn_ext.learning.astrocyte import Astrocyte

PRE, POST = [10.0, 30.0, 55.0, 60.0, 100.0], [15.0, 28.0, 58.0, 90.0, 105.0]


def pair(**synapse: Any) -> tuple[Any, Any, Any]:
    """A synapse whose cells fire when told."""
    sim.setup(timestep=1.0)
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=PRE))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[t - 2.0 for t in POST]))
    post = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0, tau_m=1.0, tau_refrac=1.0))
    pre.record("spikes")
    post.record("spikes")
    sim.Projection(driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=50.0, delay=1.0))
    kind = "inhibitory" if synapse.get("inhibitory") else "excitatory"
    plastic = sim.AstroModulatedSTDP(delay=1.0, **synapse)
    return pre, post, sim.Projection(pre, post, sim.AllToAllConnector(), plastic, receptor_type=kind)


def expected(
    post: list[float], weight: float, p: float, depression: Any, bounds: tuple[float, float], sign: int
) -> float:
    """The weight after all events; the synapse sees postsynaptic spikes 1 ms later."""
    x = y = last = 0.0
    for t in sorted({*PRE, *(s + 1.0 for s in post)}):
        x, y, last = x * np.exp(-(t - last) / 10), y * np.exp(-(t - last) / 10), t
        before_x, before_y, a = x, y, depression(t)
        if t in PRE:
            weight = float(np.clip(weight + (-a if sign > 0 else p) * before_y, *bounds))
            x += 0.1
        if t - 1.0 in post:
            weight = float(np.clip(weight + (p if sign > 0 else -a) * before_x, *bounds))
            y += 0.1
    return weight


CASES = [(0, 1.5, (0.0, 3.0)), (1, -1.5, (-3.0, 0.0)), (0, 0.01, (0.0, 3.0))]


@pytest.mark.parametrize(("inhibitory", "weight", "bounds"), CASES)
def test_the_rule_is_its_equations(inhibitory: int, weight: float, bounds: tuple[float, float]) -> None:
    _, post, projection = pair(
        weight=weight, A_plus=0.4, A_minus=0.7, inhibitory=inhibitory, w_min=bounds[0], w_max=bounds[1]
    )
    sim.run(150.0)
    spikes = post.get_data().segments[0].spiketrains[0].magnitude.tolist()
    assert len(spikes) == len(POST)
    value = expected(spikes, weight, 0.4, lambda t: 0.7, bounds, 1 - 2 * inhibitory)
    assert projection.get("weight", format="list")[0][2] == pytest.approx(value, rel=1e-12, abs=1e-15)
    assert value != weight


@pytest.mark.parametrize("interval", [1.0, 10.0])
def test_the_astrocyte_follows_its_recursion(interval: float) -> None:
    pre, post, projection = pair(weight=1.0)
    astrocyte = Astrocyte({post: 1.0, pre: -0.5}, [projection], weight=2.0, interval=interval)
    sim.run(120.0, callbacks=[astrocyte])
    spikes = post.get_data().segments[0].spiketrains[0].magnitude
    a, course = 0.15, []
    for t in np.arange(1.0, 121.0):
        a += (2.0 * ((spikes == t).sum() - 0.5 * (np.array(PRE) == t).sum()) + 0.15 - a) / 100.0
        course.append(a)
    np.testing.assert_allclose(
        astrocyte.history["state"], course[int(interval) - 1 :: int(interval)], rtol=1e-12
    )
    assert projection.get("A_minus", format="list")[0][2] == pytest.approx(a)


def test_the_depression_of_each_moment_acts() -> None:
    """A step of the astrocyte between two events changes what the second one does."""
    pre, post, projection = pair(weight=1.5)
    astrocyte = Astrocyte({post: 1.0}, [projection], weight=5.0)
    sim.run(150.0, callbacks=[astrocyte])
    course = astrocyte.history["state"]
    spikes = post.get_data().segments[0].spiketrains[0].magnitude.tolist()
    # an event in the step that ends at t uses what was set at the end of the step before
    value = expected(spikes, 1.5, 0.15, lambda t: course[int(t) - 1], (0.0, 3.0), 1)
    assert projection.get("weight", format="list")[0][2] == pytest.approx(value, rel=1e-9)


def test_fixed_point_fading_and_reset() -> None:
    """A tends to bias + w (N_liquid - N_input); fading lowers all of it; reset ends that."""
    sim.setup(timestep=1.0)
    liquid = sim.Population(3, sim.SpikeSourceArray(spike_times=list(np.arange(1.0, 2001.0))))
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=list(np.arange(1.0, 2001.0, 2.0))))
    liquid.record("spikes")
    source.record("spikes")
    cells = sim.Population(1, sim.IF_curr_delta())
    projections = [
        sim.Projection(p, cells, sim.AllToAllConnector(), sim.AstroModulatedSTDP(weight=0.0))
        for p in (liquid, source)
    ]
    astrocyte = Astrocyte({liquid: 1.0, source: -1.0}, projections, interval=10.0)
    sim.run(1500.0, callbacks=[astrocyte])
    assert astrocyte.state == pytest.approx(0.15 + 0.015 * (3 - 1), rel=5e-3)
    astrocyte.fading = 0.99
    sim.run(200.0, callbacks=[astrocyte])
    assert astrocyte.state < 0.18 * 0.99**190
    assert projections[0].get("A_plus", format="list")[0][2] == pytest.approx(0.15 * 0.99**200)
    sim.reset()
    sim.run(0.0, callbacks=[astrocyte])
    assert astrocyte.state == 0.15 and astrocyte.faded == 1.0
