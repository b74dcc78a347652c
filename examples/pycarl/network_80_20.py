"""PyCARL's 80-20 network: 800 excitatory and 200 inhibitory cells, with --stdp plastic synapses.

Izhikevich cells (2003), regular and fast spiking; every pair of cells is connected with probability 0.1, and a Poisson
source of 10 spikes/s drives each cell. With --stdp, synapses of excitatory cells follow the additive pair rule.

python network_80_20.py SIMULATOR [--stdp] [--duration MS] [--plot-figure [FILE]]
"""

from pyNN.random import NumpyRNG
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--stdp", "plastic synapses", {"action": "store_true"}),
    ("--duration", "what to simulate (ms)", {"type": float, "default": 1000.0}),
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "network_80_20.png"},
    ),
)

sim.setup(timestep=0.5, min_delay=1.0, rng_seed=42)
rng = NumpyRNG(seed=1)
exc = sim.Population(800, sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0), label="excitatory")
inh = sim.Population(200, sim.Izhikevich(a=0.1, b=0.2, c=-65.0, d=2.0), label="inhibitory")

W_MAX = 1.0  # mV
static = sim.StaticSynapse(weight=0.5 * W_MAX, delay=1.0)
plastic = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.1, A_minus=0.12),
    weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=W_MAX),
    weight=0.5 * W_MAX,
    delay=1.0,
    dendritic_delay_fraction=1.0,
)
learning = []
for post in (exc, inh):
    noise = sim.Population(post.size, sim.SpikeSourcePoisson(rate=10.0), label=f"noise to {post.label}")
    sim.Projection(noise, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
    connector = sim.FixedProbabilityConnector(0.1, allow_self_connections=False, rng=rng)
    synapse = plastic if options.stdp else static
    learning.append(sim.Projection(exc, post, connector, synapse, receptor_type="excitatory"))
    inhibition = sim.StaticSynapse(weight=-1.0, delay=1.0)
    sim.Projection(inh, post, connector, inhibition, receptor_type="inhibitory")
    post.record("spikes")

sim.run(options.duration)

for population in (exc, inh):
    print(f"{population.label}: {population.mean_spike_count() / options.duration * 1000:.1f} spikes/s")
if options.stdp:
    weights = [w for p in learning for w in p.get("weight", format="list", with_address=False)]
    print(f"mean weight {sum(weights) / len(weights):.3f} mV, {len(weights)} plastic synapses")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    panels = [
        Panel(p.get_data().segments[0].spiketrains, ylabel=p.label, markersize=1, yticks=True, xticks=True)
        for p in (exc, inh)
    ]
    Figure(*panels, title="80-20 network", annotations=f"Simulated with {options.simulator}").save(
        options.plot_figure
    )
sim.end()
