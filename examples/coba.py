"""The balanced network of Vogels and Abbott (2005): a kick of 50 ms starts activity that sustains itself.

python coba.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--plot-figure", "plot the results to a file", {"metavar": "FILE", "nargs": "?", "const": "coba.png"}),
    ("--duration", "simulated time in ms", {"type": float, "default": 1000.0}),
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
    synapse = sim.StaticSynapse(weight=weight, delay=0.2)
    for post in (excitatory, inhibitory):
        sim.Projection(pre, post, sim.FixedProbabilityConnector(p, rng=rng), synapse, receptor_type=receptor)

excitatory.record("spikes")
inhibitory.record("spikes")
excitatory[:2].record("v")
sim.run(options.duration)

for population in (excitatory, inhibitory):
    rate = population.mean_spike_count() / options.duration * 1000.0
    print(f"{population.label}: {rate:.1f} spikes/s")

if options.plot_figure:
    import numpy as np
    import quantities as pq
    from neo import AnalogSignal
    from pyNN.utility.plotting import Figure, Panel

    data = excitatory.get_data().segments[0]
    times = np.concatenate([train.magnitude for train in data.spiketrains])
    bin_size = 2.0  # ms
    counts, _ = np.histogram(times, np.arange(0.0, options.duration + bin_size / 2, bin_size))
    rate = AnalogSignal(counts / 3.2 / bin_size, units="Hz", sampling_period=bin_size * pq.ms, name="rate")
    Figure(
        Panel(data.spiketrains[:800], ylabel="cell", markersize=0.5, xlim=(0, options.duration), yticks=True),
        Panel(rate, ylabel="spikes/s", xlim=(0, options.duration), yticks=True, legend=False),
        Panel(
            data.filter(name="v")[0], ylabel="v (mV)", xlabel="time (ms)", xlim=(0, options.duration),
            xticks=True, yticks=True, legend=False, linewidth=0.7,
        ),
        title=f"4000 cells, 320 000 synapses: {1000 * len(times) / 3200 / options.duration:.1f} spikes/s",
        annotations=f"Simulated with {options.simulator}", size=(9, 7),
    ).save(options.plot_figure)  # fmt: skip
sim.end()
