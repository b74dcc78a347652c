"""One measurement of one network on one PyNN backend, in this process."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from .measure import Clock
from .networks import Layered, Plastic, Recurrent, network

SETTINGS = {"nest": {"spike_precision": "on_grid", "verbosity": "error"}}


def build_recurrent(sim: Any, net: Recurrent, seed: int, wiring: Any = None) -> tuple[list[Any], list[Any]]:
    """Return the recorded populations and the projections; `wiring` generates the connections."""
    from pyNN.random import NumpyRNG, RandomDistribution

    rng, wiring = NumpyRNG(seed=1 + 2 * seed), wiring or NumpyRNG(seed=2 + 2 * seed)
    cell = getattr(sim, net.cell)(**net.parameters)
    populations = [sim.Population(n, cell) for n in (net.excitatory, net.size - net.excitatory)]
    synapses = [sim.StaticSynapse(weight=weight, delay=net.delay) for weight in net.weights]
    projections = []
    for post in populations:
        post.initialize(v=RandomDistribution("uniform", low=net.start[0], high=net.start[1], rng=rng))
        post.record("spikes")
        for pre, synapse, receptor in zip(populations, synapses, ("excitatory", "inhibitory"), strict=True):
            connector = sim.FixedProbabilityConnector(net.probability, rng=wiring)
            projections.append(sim.Projection(pre, post, connector, synapse, receptor_type=receptor))
        if net.drive:
            noise = sim.Population(post.size, sim.SpikeSourcePoisson(rate=net.drive))
            projections.append(
                sim.Projection(noise, post, sim.OneToOneConnector(), synapses[0], receptor_type="excitatory")
            )
    if net.kick:
        kick = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=50.0))
        strong = sim.StaticSynapse(weight=0.1, delay=net.delay)
        for post in populations:
            connector = sim.FixedProbabilityConnector(0.01, rng=wiring)
            projections.append(sim.Projection(kick, post, connector, strong, receptor_type="excitatory"))
    return populations, projections


def build_plastic(sim: Any, net: Plastic, seed: int, fraction: float) -> tuple[list[Any], list[Any]]:
    """Return the recorded population and the projection; `fraction` is the dendritic part of the delay."""
    from pyNN.random import NumpyRNG, RandomDistribution

    rule = dict(net.rule)
    amplitudes = {name: rule.pop(name) for name in ("A_plus", "A_minus")}
    sources = sim.Population(net.sources, sim.SpikeSourcePoisson(rate=net.rate))
    cells = sim.Population(net.size, sim.IF_curr_exp(**net.parameters))
    cells.initialize(v=RandomDistribution("uniform", low=-65.0, high=-50.0, rng=NumpyRNG(seed=1 + 2 * seed)))
    cells.record("spikes")
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**rule, **amplitudes),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2 * net.weight),
        weight=net.weight,
        delay=net.delay,
        dendritic_delay_fraction=fraction,
    )
    connector = sim.FixedProbabilityConnector(net.probability, rng=NumpyRNG(seed=2 + 2 * seed))
    return [cells], [sim.Projection(sources, cells, connector, synapse, receptor_type="excitatory")]


def build_layered(sim: Any, net: Layered, seed: int) -> tuple[list[Any], list[Any]]:
    """Return the recorded populations and the projections."""
    from pyNN.random import NumpyRNG, RandomDistribution

    rng = NumpyRNG(seed=1 + seed)
    populations, projections = [], []
    for n, offset, rate in zip(net.sizes.tolist(), net.offsets.tolist(), net.external.tolist(), strict=True):
        cells = sim.Population(n, sim.IF_curr_exp(**net.parameters, i_offset=offset))
        cells.initialize(v=RandomDistribution("normal", mu=-58.0, sigma=5.0, rng=rng))
        cells.record("spikes")
        noise = sim.Population(n, sim.SpikeSourcePoisson(rate=rate))
        synapse = sim.StaticSynapse(weight=net.weight, delay=net.delay)
        projections.append(
            sim.Projection(noise, cells, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
        )
        populations.append(cells)
    for t, post in enumerate(populations):
        for s, pre in enumerate(populations):
            number, mean = int(net.numbers[t, s]), float(net.weights[t, s])
            if not number:
                continue
            low, high = (0.0, float("inf")) if mean > 0 else (-float("inf"), 0.0)
            delay = 1.5 if mean > 0 else 0.75
            synapse = sim.StaticSynapse(
                weight=RandomDistribution(
                    "normal_clipped", mu=mean, sigma=abs(mean) / 10, low=low, high=high, rng=rng
                ),
                delay=RandomDistribution(
                    "normal_clipped", mu=delay, sigma=delay / 2, low=0.1, high=20.0, rng=rng
                ),
            )
            connector = sim.FixedTotalNumberConnector(number, rng=rng)
            receptor = "excitatory" if mean > 0 else "inhibitory"
            projections.append(sim.Projection(pre, post, connector, synapse, receptor_type=receptor))
    return populations, projections


def main(backend: str, name: str, scale: float, seed: int, cache: str) -> None:
    """Measure and print; `backend` may end with a precision, as ``codegen:single`` does."""
    net = network(name, scale)
    clock = Clock()
    sys.argv = sys.argv[:1]  # NEST reads it
    if backend == "brian2":
        from brian2 import prefs

        prefs.codegen.runtime.cython.cache_dir = cache
    os.environ["PYNN_EXT_CACHE"] = cache
    import pynn_ext  # noqa: F401  (so that the checkout need not be installed)

    backend, _, precision = backend.partition(":")
    sim = import_module(f"pyNN.{backend}")
    clock.phase("import")
    settings = {"rng_seed": 42 + seed, **SETTINGS.get(backend, {})}
    if precision:
        settings["precision"] = precision
    longest = 20.0 if isinstance(net, Layered) else net.delay
    sim.setup(timestep=net.timestep, min_delay=net.delay, max_delay=longest, **settings)
    if isinstance(net, Layered):
        populations, projections = build_layered(sim, net, seed)
    elif isinstance(net, Recurrent):
        populations, projections = build_recurrent(sim, net, seed)
    else:  # pyNN.brian2 can only do 0, pyNN.nest only 1
        populations, projections = build_plastic(sim, net, seed, 0.0 if backend == "brian2" else 1.0)
    clock.phase("build")
    sim.run(net.timestep)
    clock.phase("first")
    sim.run(net.duration - net.timestep)
    clock.phase("run")
    cells = sum(p.size for p in populations)
    spikes = sum(p.mean_spike_count() * p.size for p in populations)
    rate = spikes / cells / net.duration * 1000.0
    clock.finish(neurons=cells, synapses=sum(p.size() for p in projections), rate=rate)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
