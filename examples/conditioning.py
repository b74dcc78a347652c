"""Conditioning by dopamine: the one stimulus that is followed by reward comes to win over all others.

1000 Izhikevich cells see 50 stimuli, each a spike of the same 50 excitatory cells, one every 200 ms or so. Up to a
second after stimulus 0 a reward releases dopamine; by then others have come. Pairs of spikes leave traces in the
synapses, their eligibility, which dopamine turns into weight: only those of stimulus 0 are eligible whenever reward
comes (Izhikevich 2007, Cereb. Cortex 17:2443, figure 2; there 100 stimuli for an hour. For five minutes to do, here is
twice the dopamine, and to keep the network calm three times the inhibition and a third more depression). Weights stand
still in the first and the last 20 s, which lack reward.

python conditioning.py SIMULATOR [--duration S] [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator

sim, options = get_simulator(
    ("--duration", "seconds of conditioning", {"type": float, "default": 300.0}),
    ("--plot-figure", "plot the results", {"metavar": "FILE", "nargs": "?", "const": "conditioning.png"}),
)
N_EXC, N_INH, CHANCE, STIMULI, GROUP = 800, 200, 0.1, 50, 50
TEST, WATCHED, SHOWN = 20e3, 4e3, 20.0  # ms: of a test, of eligibility, and after a stimulus
DURATION = 2 * TEST + 1e3 * options.duration
RULE = {"A_plus": 0.1, "A_minus": 0.2, "tau_plus": 20.0, "tau_minus": 20.0, "tau_c": 1e3, "w_max": 4.0}
rng = np.random.default_rng(4)


def schedule():
    """Return the times of each stimulus, shape (stimuli, times), and those of rewards."""
    rounds = int(DURATION / (200.0 * STIMULI))
    order = np.concatenate([rng.permutation(STIMULI) for _ in range(rounds)])
    times = (200.0 * np.arange(len(order)) + rng.uniform(10.0, 110.0, len(order))).round()
    shown = np.array([times[order == k] for k in range(STIMULI)])
    rewarded = shown[0][(shown[0] > TEST) & (shown[0] < DURATION - TEST - 2e3)]
    return shown, (rewarded + rng.uniform(100.0, 1000.0, len(rewarded))).round()


def network(stimuli, rewards):
    """Return the excitatory cells, those that each stimulus reaches, and the synapses between them."""
    exc = sim.Population(N_EXC, sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0), label="excitatory")
    inh = sim.Population(N_INH, sim.Izhikevich(a=0.1, b=0.2, c=-65.0, d=2.0), label="inhibitory")
    pool = sim.Population(1, sim.DopaminePool(tau_n=200.0), label="dopamine")
    reward = sim.Population(1, sim.SpikeSourceArray(spike_times=rewards), label="reward")
    release = sim.StaticSynapse(weight=20.0, delay=1.0)
    sim.Projection(reward, pool, sim.AllToAllConnector(), release, receptor_type="dopamine")
    rule = sim.DopamineSTDP(pool, weight=1.0, delay=1.0, **RULE)
    chance = [sim.FixedProbabilityConnector(CHANCE, rng=sim.NumpyRNG(seed=k)) for k in range(3)]
    plastic = sim.Projection(exc, exc, chance[0], rule)
    sim.Projection(exc, inh, chance[1], rule)
    fixed = sim.StaticSynapse(weight=-3.0, delay=1.0)
    sim.Projection(inh, exc, chance[2], fixed, receptor_type="inhibitory")
    for cells in (exc, inh):
        cells.initialize(v=-65.0, u=-13.0)
        kicks = sim.Population(cells.size, sim.SpikeSourcePoisson(rate=1.0))
        sim.Projection(kicks, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=20.0, delay=1.0))
    groups = [rng.permutation(N_EXC)[:GROUP] for _ in range(STIMULI)]
    source = sim.Population(STIMULI, sim.SpikeSourceArray(spike_times=list(stimuli)), label="stimuli")
    pairs = sim.FromListConnector([(k, int(i)) for k, group in enumerate(groups) for i in group])
    sim.Projection(source, exc, pairs, sim.StaticSynapse(weight=40.0, delay=1.0))
    return exc, groups, plastic


def by_stimulus(signal, groups):
    """Return the mean over the synapses of each stimulus's cells, shape (stimuli, samples)."""
    pre = signal.array_annotations["presynaptic_index"]
    return np.array([signal.magnitude[:, np.isin(pre, group)].mean(axis=1) for group in groups])


def responses(cells, times, groups, stimuli, begin):
    """Return how many cells besides its own fire within 20 ms of each stimulus, mean over a test."""
    found = []
    for group, when in zip(groups, stimuli, strict=True):
        other = ~np.isin(cells, group)
        shown = when[(when >= begin) & (when < begin + TEST)]
        found.append(np.mean([len(set(cells[other & (times > t) & (times < t + SHOWN)])) for t in shown]))
    return np.array(found)


def main():
    sim.setup(timestep=1.0, min_delay=1.0, rng_seed=6)
    stimuli, rewards = schedule()
    exc, groups, plastic = network(stimuli, rewards)
    exc.record("spikes")
    watch = rewards[0] - 2e3
    sim.run(watch)
    plastic.record(["c", "n"], sampling_interval=50.0)
    sim.run(WATCHED)
    seen = plastic.get_data().segments[0]
    plastic.record(None)
    plastic.record("weight", sampling_interval=10e3)
    sim.run(DURATION - watch - WATCHED)
    trains = [train.magnitude for train in exc.get_data().segments[0].spiketrains]
    cells, times = np.repeat(np.arange(N_EXC), list(map(len, trains))), np.concatenate(trains)
    weights = by_stimulus(plastic.get_data().segments[0].analogsignals[0], groups)
    before, after = (responses(cells, times, groups, stimuli, t) for t in (0.0, DURATION - TEST))
    print(
        f"weights of stimulus 0: {weights[0, -1]:.2f} mV, of the others {weights[1:, -1].mean():.2f} "
        f"({weights[1:, -1].min():.2f} to {weights[1:, -1].max():.2f}); all were 1"
    )
    for when, found in (("before", before), ("after", after)):
        mean, most = found[1:].mean(), found[1:].max()
        print(f"{when:6s} {found[0]:.0f} cells answer stimulus 0, {mean:.0f} another (at most {most:.0f})")
    if options.plot_figure:
        plot(cells, times, stimuli, rewards, seen, groups, weights, before, after)
    sim.end()


def plot(cells, times, stimuli, rewards, seen, groups, weights, before, after):
    """Draw stimuli before and after, dopamine and eligibility, weights over time, and the responses."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    shift = 0.0
    for begin, name in ((0.0, "before"), (DURATION - TEST, "after")):
        for k in (0, 7):
            t = stimuli[k][stimuli[k] >= begin][0]
            near = (times > t - 20) & (times < t + 60)
            color = "tab:red" if k == 0 else "black"
            panels[0, 0].plot(times[near] - t + shift, cells[near], ".", markersize=2, color=color)
            panels[0, 0].text(shift - 15, N_EXC + 15, f"{k}, {name}", fontsize=9)
            shift += 90.0
    panels[0, 0].set(
        xlabel="time (ms), 20 ms before to 60 ms after a stimulus",
        ylabel="excitatory cell",
        title="answers to stimuli 0 and 7",
        ylim=(0, 850),
    )
    signals = {signal.name: signal for signal in seen.analogsignals}
    course = by_stimulus(signals["c"], groups)
    t, axes = (signals["c"].times.magnitude - rewards[0]) / 1e3, panels[0, 1]
    axes.plot(t, course[1:].T, color="tab:gray", linewidth=0.4)
    axes.plot(t, course[0], color="tab:red", label="stimulus 0")
    axes.set(xlabel="time from the reward (s)", ylabel="eligibility, others gray (mV)")
    other = axes.twinx()
    other.plot(t, signals["n"].magnitude[:, 0], color="tab:blue", linestyle="--")
    other.set_ylabel("dopamine (kHz)", color="tab:blue")
    axes.legend(fontsize=8)
    seconds = rewards[0] / 1e3 + 2.0 + 10.0 * np.arange(weights.shape[1])
    panels[1, 0].plot(seconds, weights[1:].T, color="tab:gray", linewidth=0.4)
    panels[1, 0].plot(seconds, weights[0], color="tab:red", linewidth=2)
    panels[1, 0].set(xlabel="time (s)", ylabel="mean weight of a stimulus's cells (mV)")
    panels[1, 1].plot(before, "o", color="tab:gray", label="before", markersize=4)
    panels[1, 1].plot(after, "o", color="tab:red", label="after", markersize=4)
    panels[1, 1].set(xlabel="stimulus (0 is rewarded)", ylabel="other cells that answer")
    panels[1, 1].legend()
    figure.savefig(options.plot_figure, dpi=110)


if __name__ == "__main__":
    main()
