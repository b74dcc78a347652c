"""A small network: two populations of integrate-and-fire cells, driven by Poisson spike trains.

python small_network.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.random import NumpyRNG
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "small_network.png"},
    )
)

sim.setup(timestep=0.1, min_delay=0.5)

rng = NumpyRNG(seed=1)
cells = sim.Population(20, sim.IF_cond_exp(tau_m=15.0, tau_refrac=2.0), label="cells")
followers = sim.Population(20, sim.IF_cond_exp(tau_m=15.0, tau_refrac=2.0), label="followers")
noise = sim.Population(100, sim.SpikeSourcePoisson(rate=40.0), label="noise")

drive = sim.StaticSynapse(weight=0.006, delay=1.0)
sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.3, rng=rng), drive)
feedforward = sim.StaticSynapse(weight=0.012, delay=2.0)
sim.Projection(cells, followers, sim.FixedProbabilityConnector(0.5, rng=rng), feedforward)

for population in (cells, followers):
    population.record("spikes")
    population[0:2].record("v")

sim.run(500.0)

for population in (cells, followers):
    print(f"{population.label}: {population.mean_spike_count() / 0.5:.1f} spikes/s")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    panels = []
    for population in (cells, followers):
        data = population.get_data().segments[0]
        v = data.filter(name="v")[0]
        same = {"xlim": (0, 500), "yticks": True}
        panels.append(Panel(v, ylabel="v (mV)", data_labels=[population.label], **same))
        panels.append(Panel(data.spiketrains, ylabel="cell", markersize=1, **same))
    panels[-1].options.update(xticks=True, xlabel="time (ms)")
    Figure(*panels, title="A small network", annotations=f"Simulated with {options.simulator}").save(
        options.plot_figure
    )

sim.end()
