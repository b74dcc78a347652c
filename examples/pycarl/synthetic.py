"""PyCARL's synthetic networks S_1000, S_1500, S_2000 and S_2500: three layers, connected all to all.

The first layer relays Poisson spikes of 100 spikes/s, one source to a cell, so that it lies on the chip as in
SpiNeMap's files of S_1000. Layers and synapses between them: 400-400-200 with 240,000, 500-500-500 with 500,000,
800-400-800 with 640,000, 900-900-700 with 1,440,000. All cells are Izhikevich's regular spiking ones (2003).

python synthetic.py SIMULATOR [--cells {1000,1500,2000,2500}] [--duration MS] [--plot-figure [FILE]]
"""

from itertools import pairwise

from pyNN.utility import get_simulator

LAYERS = {1000: (400, 400, 200), 1500: (500, 500, 500), 2000: (800, 400, 800), 2500: (900, 900, 700)}
sim, options = get_simulator(
    ("--cells", "how many", {"type": int, "default": 1000, "choices": list(LAYERS)}),
    ("--duration", "what to simulate (ms)", {"type": float, "default": 1000.0}),
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "synthetic.png"},
    ),
)

sim.setup(timestep=0.5, min_delay=1.0, rng_seed=42)
cell = sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0)
sizes = LAYERS[options.cells]
layers = [sim.Population(n, cell, label=f"layer {i}") for i, n in enumerate(sizes, 1)]
poisson = sim.Population(sizes[0], sim.SpikeSourcePoisson(rate=100.0), label="Poisson")
sim.Projection(poisson, layers[0], sim.OneToOneConnector(), sim.StaticSynapse(weight=30.0, delay=1.0))
synapses = 0
for pre, post in pairwise(layers):
    # a cell fires at about the same rate however many cells are before it
    synapse = sim.StaticSynapse(weight=300.0 / pre.size, delay=1.0)
    synapses += sim.Projection(pre, post, sim.AllToAllConnector(), synapse).size()
for layer in layers:
    layer.record("spikes")

sim.run(options.duration)

print(f"{sum(sizes)} cells, {synapses} synapses between layers")
for layer in layers:
    print(f"{layer.label}: {layer.mean_spike_count() / options.duration * 1000:.1f} spikes/s")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    panels = [
        Panel(
            layer.get_data().segments[0].spiketrains,
            ylabel=layer.label,
            markersize=1,
            yticks=True,
            xticks=True,
        )
        for layer in layers
    ]
    Figure(*panels, title=f"S_{options.cells}", annotations=f"Simulated with {options.simulator}").save(
        options.plot_figure
    )
sim.end()
