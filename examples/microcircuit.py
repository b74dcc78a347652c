"""A square millimetre of cortex: 77 169 cells in four layers, 0.3 billion synapses.

Potjans TC, Diesmann M (2014), Cerebral Cortex 24:785-806, tables 4 and 5, with Poisson input. ``--scale`` multiplies
cells and inputs of a cell; weights then grow with the square root, and a constant current makes up for the mean input
that is lost (van Albada et al. 2015, PLoS Comput. Biol. 11:e1004490, eq. 8 to 10).

python microcircuit.py SIMULATOR [--scale 0.1] [--time 1000] [--threads 2] [--native]
                       [--precision single] [--plot-figure [FILE]]

``--native`` lets the simulator draw connections, weights and delays by its own generator. The full scale needs it;
pyNN.nest cannot draw clipped distributions by itself, and does without.
"""

import time

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--scale", "cells and inputs of a cell, as a part of the full circuit", {"type": float, "default": 0.1}),
    ("--time", "what is simulated after 200 ms (ms)", {"type": float, "default": 1000.0}),
    ("--threads", "number of threads", {"type": int, "default": 1}),
    ("--native", "draw connections by the simulator's own generator", {"action": "store_true"}),
    ("--precision", "single or double, where the simulator lets one choose", {"default": None}),
    ("--plot-figure", "plot the spikes", {"metavar": "FILE", "nargs": "?", "const": "microcircuit.png"}),
)

names = ["L2/3E", "L2/3I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
full_size = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
external_inputs = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
published_rate = np.array([0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523])  # spikes/s
probability = np.array(  # of at least one connection; row: target, column: source
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
weight, inhibition, background, tau_syn, timestep = 0.0878, -4.0, 8.0, 0.5, 0.1  # nA, ratio, spikes/s, ms, ms

pairs = np.outer(full_size, full_size)
inputs = (
    np.log1p(-probability) / np.log1p(-1.0 / pairs) / full_size[:, None]
)  # of a cell, from each population
weights = np.where(np.arange(8) % 2, inhibition * weight, weight) * np.ones((8, 1))
weights[0, 2] *= 2  # layer 4 to layer 2/3
size = np.round(full_size * options.scale).astype(int)
number = np.round(inputs * options.scale * size[:, None]).astype(int)
mean_input = (weights * inputs) @ published_rate + weight * external_inputs * background
offset = 1e-3 * tau_syn * (1 - np.sqrt(options.scale)) * mean_input  # nA
weights, weight = weights / np.sqrt(options.scale), weight / np.sqrt(options.scale)
external_rate = external_inputs * background * options.scale

started = time.perf_counter()
chosen = {"precision": options.precision} if options.precision else {}
sim.setup(timestep=timestep, min_delay=timestep, max_delay=20.0, threads=options.threads, **chosen)
rng = sim.NativeRNG(seed=12) if options.native else NumpyRNG(seed=12)
populations = []
for p, name in enumerate(names):
    cell = sim.IF_curr_exp(
        cm=0.25, tau_m=10.0, tau_refrac=2.0, tau_syn_E=tau_syn, tau_syn_I=tau_syn,
        v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, i_offset=offset[p],
    )  # fmt: skip
    population = sim.Population(size[p], cell, label=name)
    population.initialize(v=RandomDistribution("normal", mu=-58.0, sigma=5.0, rng=NumpyRNG(seed=p)))
    population.record("spikes")
    noise = sim.Population(size[p], sim.SpikeSourcePoisson(rate=external_rate[p]), label=f"input of {name}")
    synapse = sim.StaticSynapse(weight=weight, delay=timestep)
    sim.Projection(noise, population, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
    populations.append(population)
for t, post in enumerate(populations):
    for s, pre in enumerate(populations):
        if number[t, s] == 0:
            continue
        excites, w = s % 2 == 0, weights[t, s]
        bounds = {"low": 0.0, "high": np.inf} if excites else {"low": -np.inf, "high": 0.0}
        spread = abs(w) * (0.05 if (t, s) == (0, 2) else 0.1)
        mean, deviation = (1.5, 0.75) if excites else (0.75, 0.375)
        synapse = sim.StaticSynapse(
            weight=RandomDistribution("normal_clipped", mu=w, sigma=spread, rng=rng, **bounds),
            delay=RandomDistribution(
                "normal_clipped", mu=mean, sigma=deviation, low=timestep, high=20.0, rng=rng
            ),
        )
        sim.Projection(
            pre,
            post,
            sim.FixedTotalNumberConnector(int(number[t, s]), rng=rng),
            synapse,
            receptor_type="excitatory" if excites else "inhibitory",
        )
built = time.perf_counter()
sim.run(200.0)  # until the start has been forgotten
for population in populations:
    population.get_data("spikes", clear=True)
begun = time.perf_counter()
sim.run(options.time)
ended = time.perf_counter()

print(
    f"{size.sum()} cells, {number.sum()} synapses: built in {built - started:.1f} s, "
    f"{(ended - begun) / options.time * 1e3:.2f} s for each simulated second"
)
trains = [population.get_data("spikes").segments[0].spiketrains for population in populations]
print("            spikes/s  published  CV of intervals")
for name, published, cells in zip(names, published_rate, trains, strict=True):
    times = [np.asarray(train) for train in cells]
    intervals = [np.diff(train) for train in times if len(train) > 3]
    cv = np.mean([np.std(i) / np.mean(i) for i in intervals]) if intervals else np.nan
    rate = sum(map(len, times)) / len(times) / options.time * 1e3
    print(f"{name:12}{rate:8.2f}{published:11.2f}{cv:11.2f}")

if options.plot_figure:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    first, middles = 0, []
    for p, cells in enumerate(trains):
        shown = max(1, round(len(cells) / 20))  # one cell in twenty
        last = min(options.time + 200.0, 700.0)
        for k, train in enumerate(cells[:shown]):
            spikes = np.asarray(train)
            spikes = spikes[spikes < last]
            axes.plot(spikes, np.full(len(spikes), first + k), ".", ms=1.5, color="C3" if p % 2 else "C0")
        middles.append(first + shown / 2)
        first += shown
    axes.set(xlabel="time (ms)", yticks=middles, yticklabels=names, ylim=(first, 0))
    axes.set_title(f"Microcircuit, {size.sum()} cells, {options.simulator}")
    figure.savefig(options.plot_figure, dpi=120)

sim.end()
