"""Spike-timing-dependent plasticity: the change of a weight against the time between pre- and postsynaptic spike.

One pair of spikes for each time difference. A strong synapse makes the postsynaptic cell fire when it should;
the weight of the plastic one is read before and after.

python stdp_curve.py SIMULATOR [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "stdp_curve.png"},
    )
)

sim.setup(timestep=0.1, min_delay=0.1)

differences = np.concatenate([np.arange(-60.0, 0.0, 4.0), np.arange(4.0, 61.0, 4.0)])
n = len(differences)
pre_times = [[100.0] for _ in differences]
kick_times = [[100.0 + difference] for difference in differences]

pre = sim.Population(n, sim.SpikeSourceArray(spike_times=pre_times), label="pre")
kick = sim.Population(n, sim.SpikeSourceArray(spike_times=kick_times), label="kick")
post = sim.Population(n, sim.IF_curr_exp(tau_syn_E=0.5, tau_refrac=20.0), label="post")
post.record("spikes")

rule = sim.STDPMechanism(
    timing_dependence=sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012),
    weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.02),
    weight=0.01,
    delay=0.1,
    dendritic_delay_fraction=1.0,
)
plastic = sim.Projection(pre, post, sim.OneToOneConnector(), rule)
sim.Projection(kick, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=40.0, delay=0.1))

sim.run(200.0)
# A weight changes when its synapse is used; reading it at the end shows all changes so far.
weights = np.array([weight for *_, weight in sorted(plastic.get("weight", format="list"))])
times = np.array([train[0].rescale("ms").item() for train in post.get_data().segments[0].spiketrains])

print("t_post - t_pre (ms)   change of weight (nA)")
for interval, weight in zip(times - 100.0, weights, strict=True):
    print(f"{interval:19.1f}   {weight - 0.01:+.3e}")

if options.plot_figure:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.plot(times - 100.0, (weights - 0.01) / 0.02, "o")
    plt.axhline(0.0, color="grey", linewidth=0.5)
    plt.xlabel("t_post - t_pre (ms)")
    plt.ylabel("change of weight / w_max")
    plt.title(f"Pair rule, simulated with {options.simulator}")
    plt.tight_layout()
    plt.savefig(options.plot_figure)

sim.end()
