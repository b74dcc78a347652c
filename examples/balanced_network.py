"""A sparse balanced network: excitation and inhibition cancel, and cells fire irregularly.

After Brunel N (2000), J. Comput. Neurosci. 8:183-208, with a tenth of the cells and as many connections per
cell as that allows.

python balanced_network.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "balanced_network.png"},
    )
)

n_exc, n_inh, epsilon = 1000, 250, 0.1
g, eta, delay, tau_m, theta, cm, tau_syn = 6.0, 1.5, 1.5, 20.0, 20.0, 0.25, 0.5
j = 0.8  # jump of the membrane potential if a synaptic current acted at once (mV)
weight = j * cm / tau_syn  # amplitude of the current with that charge (nA)
external = eta * theta / (j * tau_m) * 1000.0  # rate of all external inputs of a cell together (spikes/s)

sim.setup(timestep=0.1, min_delay=delay)

rng = NumpyRNG(seed=2000)
cell = sim.IF_curr_exp(
    tau_m=tau_m,
    cm=cm,
    v_rest=0.0,
    v_reset=10.0,
    v_thresh=theta,
    tau_refrac=2.0,
    tau_syn_E=tau_syn,
    tau_syn_I=tau_syn,
)
exc = sim.Population(n_exc, cell, label="excitatory")
inh = sim.Population(n_inh, cell, label="inhibitory")
start = RandomDistribution("uniform", low=0.0, high=theta, rng=rng)
to_e = sim.StaticSynapse(weight=weight, delay=delay)
to_i = sim.StaticSynapse(weight=-g * weight, delay=delay)
for post in (exc, inh):
    post.initialize(v=start)
    noise = sim.Population(post.size, sim.SpikeSourcePoisson(rate=external), label=f"input of {post.label}")
    sim.Projection(noise, post, sim.OneToOneConnector(), to_e, receptor_type="excitatory")
    for pre, synapse, receptor in ((exc, to_e, "excitatory"), (inh, to_i, "inhibitory")):
        connector = sim.FixedNumberPreConnector(int(epsilon * pre.size), rng=rng)
        sim.Projection(pre, post, connector, synapse, receptor_type=receptor)
    post.record("spikes")
exc[0:1].record("v")

t_stop = 1000.0
sim.run(t_stop)

for population in (exc, inh):
    print(f"{population.label}: {population.mean_spike_count() / t_stop * 1000:.1f} spikes/s")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    data = exc.get_data().segments[0]
    Figure(
        Panel(data.spiketrains[:100], ylabel="cell", markersize=1, xlim=(0, t_stop), yticks=True),
        Panel(
            data.filter(name="v")[0],
            ylabel="v (mV)",
            xlabel="time (ms)",
            xlim=(0, t_stop),
            xticks=True,
            yticks=True,
            legend=False,
        ),
        title="A sparse balanced network",
        annotations=f"Simulated with {options.simulator}",
    ).save(options.plot_figure)

sim.end()
