"""The balanced network of Vogels and Abbott (2005): a kick of 50 ms starts activity that sustains itself.

python coba.py BACKEND [--plot-figure coba.png]
"""

from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--plot-figure", "Write a figure to this file", {"metavar": "FILE"}),
    ("--duration", "Simulated time in ms", {"type": float, "default": 1000.0}),
)
sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2)
rng = NumpyRNG(seed=42)

cell = sim.IF_cond_exp(
    tau_m=20.0, cm=0.2, v_rest=-60.0, v_thresh=-50.0, v_reset=-60.0, tau_refrac=5.0,
    tau_syn_E=5.0, tau_syn_I=10.0, e_rev_E=0.0, e_rev_I=-80.0,
)  # fmt: skip
excitatory = sim.Population(3200, cell, label="excitatory")
inhibitory = sim.Population(800, cell, label="inhibitory")
kick = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=50.0), label="kick")
for population in (excitatory, inhibitory):
    population.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))

for pre, weight, receptor, p in (
    (excitatory, 0.004, "excitatory", 0.02),
    (inhibitory, 0.051, "inhibitory", 0.02),
    (kick, 0.1, "excitatory", 0.01),
):
    for post in (excitatory, inhibitory):
        sim.Projection(
            pre,
            post,
            sim.FixedProbabilityConnector(p, rng=NumpyRNG(seed=len(post) + len(pre))),
            sim.StaticSynapse(weight=weight, delay=0.2),
            receptor_type=receptor,
        )

excitatory.record("spikes")
inhibitory.record("spikes")
excitatory[:3].record("v")
sim.run(options.duration)

for population in (excitatory, inhibitory):
    rate = population.mean_spike_count() / options.duration * 1000.0
    print(f"{population.label}: {rate:.1f} spikes/s")

if options.plot_figure:
    import numpy as np
    from pyNN.utility.plotting import Figure, Panel

    data = excitatory.get_data().segments[0]
    trains = data.spiketrains
    counts, edges = np.histogram(np.concatenate([t.magnitude for t in trains]), 200, (0, options.duration))
    rates = counts / len(trains) / np.diff(edges) * 1000.0
    figure = Figure(
        Panel(trains[:400], ylabel="cell", markersize=0.4, xlim=(0, options.duration)),
        Panel(data.filter(name="v")[0], ylabel="v (mV)", xticks=True, xlabel="time (ms)", yticks=True),
        title=f"3200 excitatory cells at {rates.mean():.1f} spikes/s",
    )
    figure.save(options.plot_figure)
sim.end()
