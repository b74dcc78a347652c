"""A content-addressable memory after hippocampal area CA3: learn, recall by cue or by content, forget.

Three input spikes, 1 ms apart, to a cue and some contents store a memory; one to either of them recalls the other;
storing under a known cue forgets what it held (Casanueva-Morato et al. 2024, Neural Networks 178:106474). Weights and
latencies are the paper's, so that spikes come in the same millisecond as on its machine, SpiNNaker. A latency from
spike to spike is a delay and one step of the grid. SpiNNaker's rule depresses when the two spikes of a pair coincide;
where such pairs do not count, as here and in NEST, the memory needs the time constants and amplitudes below to forget.
Works on codegen, mesh and pyNN.nest. Loihi stores nothing: it learns from spikes when fired, not a delay later.

python ca3_memory.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.utility import get_simulator

TIMESTEP = 0.5
SLOW, FAST = {"cm": 0.27, "tau_m": 3.0}, {"cm": 0.14, "tau_m": 0.5}
CELL = {"tau_refrac": 1.0, "tau_syn_E": 0.3, "tau_syn_I": 0.3, "v_rest": -60.0, "v_reset": -60.0}


def build(sim, cue_times, content_times):
    """Build the memory for lists of spike times (ms), one list per cue and per content; return its cells by name."""
    n, m = len(cue_times), len(content_times)

    def cells(size, kind, v_thresh=-57.0):
        population = sim.Population(size, sim.IF_curr_exp(v_thresh=v_thresh, **CELL, **kind))
        population.initialize(v=-60.0)
        population.record("spikes")
        return population

    def connect(pre, post, weight, latency, connector=None):
        synapse = sim.StaticSynapse(weight=weight, delay=latency - TIMESTEP)
        receptor = "inhibitory" if weight < 0 else "excitatory"
        sim.Projection(pre, post, connector or sim.OneToOneConnector(), synapse, receptor_type=receptor)

    def learn(pre, post):
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(tau_plus=1.0, tau_minus=1.0, A_plus=1.0, A_minus=1.6),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=6.0),
            weight=0.0,
            delay=1.0 - TIMESTEP,
        )
        sim.Projection(pre, post, sim.AllToAllConnector(), rule)

    source = sim.Population(n + m, sim.SpikeSourceArray(spike_times=cue_times + content_times))
    cue, content = cells(n, SLOW), cells(m, SLOW)  # what is asked
    cue_out, content_out = cells(n, FAST), cells(m, SLOW)  # what is answered
    gate, gate_off, cue_merge, content_merge = cells(m, FAST), cells(1, FAST), cells(n, SLOW), cells(m, SLOW)
    out = cells(n + m, SLOW, v_thresh=-57.5)
    everyone = sim.AllToAllConnector()
    others = sim.FromListConnector([(i, j) for i in range(n) for j in range(n) if i != j])
    connect(source[:n], cue, 6.0, 1.0)
    connect(source[n:], content, 6.0, 1.0)
    connect(cue, cue_out, 6.0, 2.0)
    connect(cue, cue_out, -6.0 * m, 3.0, others)
    connect(cue, gate, -6.0, 2.0, everyone)
    connect(content, gate, 9.0, 1.0)
    connect(content, gate_off, 6.0, 1.0, everyone)
    connect(gate_off, gate, 2.0, 1.0, everyone)
    connect(gate, content_out, 6.0, 1.0)
    connect(cue_out, cue_out, -6.0 * m, 2.0, others)
    learn(cue, content)
    learn(content_out, cue_out)
    for asked, answered, merge, part in [
        (cue, cue_out, cue_merge, out[:n]),
        (content, content_out, content_merge, out[n:]),
    ]:
        connect(asked, merge, 6.0, 3.0)
        connect(answered, merge, 6.0, 1.0)
        connect(merge, part, 6.0, 1.0)
    return out


def stimulus(operations, n, m):
    """Return the spike times (ms) of `n` cues and `m` contents for (time, cues, contents); both given: learn."""
    cue_times, content_times = [[] for _ in range(n)], [[] for _ in range(m)]
    for start, cues, contents in operations:
        spikes = [start, start + 1.0, start + 2.0] if cues and contents else [start]
        for times in [cue_times[i] for i in cues] + [content_times[i] for i in contents]:
            times += spikes
    return cue_times, content_times


def answers(out, operations, n):
    """Return, for each operation, the cues and the contents that the cells `out` answered."""
    trains = [train.rescale("ms").magnitude for train in out.get_data().segments[0].spiketrains]
    found = []
    for start, *_ in operations:  # the output lies 5 to 7 ms after the input
        active = [i for i, t in enumerate(trains) if ((t > start + 4.0) & (t < start + 8.0)).any()]
        found.append(({i for i in active if i < n}, {i - n for i in active if i >= n}))
    return found


def main():
    sim, options = get_simulator(
        (
            "--plot-figure",
            "plot the results to a file",
            {"metavar": "FILE", "nargs": "?", "const": "ca3_memory.png"},
        )
    )
    n, m = 3, 8
    steps = [({0}, {0, 1, 2, 7}), ({1}, {3, 4, 7}), ({0}, ()), ({1}, ()), ((), {4}), ((), {7})]
    steps += [({0}, {5, 6}), ({0}, ()), ((), {7})]  # cue 0 gets other contents
    operations = [(10.0 * k, *step) for k, step in enumerate(steps, 1)]
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, spike_precision="on_grid")
    out = build(sim, *stimulus(operations, n, m))
    sim.run(operations[-1][0] + 10.0)
    for (start, cues, contents), (got_cues, got) in zip(operations, answers(out, operations, n), strict=True):
        what = "learn " if cues and contents else "recall"
        print(
            f"{start:4.0f} ms  {what} cue {[*cues]} content {[*contents]}: cue {[*got_cues]} content {[*got]}"
        )
    if options.plot_figure:
        plot(out, operations, n, options)
    sim.end()


def plot(out, operations, n, options):
    """Draw the input and the spikes of the output cells over time, the cues above the contents."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    trains = [train.rescale("ms").magnitude for train in out.get_data().segments[0].spiketrains]
    asked = [times for part in stimulus(operations, n, len(trains) - n) for times in part]
    figure, panels = plt.subplots(
        2, 1, sharex=True, figsize=(9, 5), height_ratios=[n + 1, len(trains) - n], layout="constrained"
    )
    for axes, part, name in zip(panels, [slice(0, n), slice(n, None)], ["cue", "content"], strict=True):
        for data, color, label in [(asked[part], "tab:orange", "input"), (trains[part], "black", "output")]:
            lines = axes.eventplot(data, color=color, linewidths=2, linelengths=0.7)
            lines[0].set_label(label)
        room = 0.4 if axes is panels[0] else -0.4  # for the words
        axes.set(ylabel=name, yticks=range(len(trains[part])), ylim=(-0.6, len(trains[part]) + room))
        for start, cues, contents in operations:
            color = "tab:green" if cues and contents else "tab:blue"
            axes.axvspan(start - 1.0, start + 8.0, color=color, alpha=0.12, linewidth=0)
    for start, cues, contents in operations:
        panels[0].text(start, n - 0.25, "learn" if cues and contents else "recall")
    figure.legend(*panels[1].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    panels[1].set_xlabel("time (ms)")
    figure.suptitle(f"CA3 memory, simulated with {options.simulator}")
    figure.savefig(options.plot_figure)


if __name__ == "__main__":
    main()
