"""What comes and when: a spiking reservoir learns to predict one of two events after a cue.

After a cue either A comes, at one time, or B, at another. A readout of the reservoir's spikes learns when each comes,
by a gated delta rule at every millisecond; another learns how probable each is, at the end of each trial (after Yamada
and Chao 2025, arXiv 2510.14382; the constants are inferred). Their product is the prediction, at best a
bump at each time as high as the event is probable. Half way the times and the probabilities change.

600 Izhikevich cells of four kinds, Dale's law, fixed weights; every trial is a run after reset().

python what_and_when.py SIMULATOR [--trials N] [--plot-figure [FILE]]
"""

import numpy as np
from pyNN.utility import get_simulator

from pynn_ext.learning.observation import spikes_between
from pynn_ext.learning.readouts import WhatReadout, WhenReadout

sim, options = get_simulator(
    ("--trials", "trials of each half", {"type": int, "default": 120}),
    ("--plot-figure", "plot the results", {"metavar": "FILE", "nargs": "?", "const": "what_and_when.png"}),
)
N, TRIAL, CUE, WIDTH = 600, 600.0, 50.0, 25.0
KINDS = {
    "RS": (0.02, -65.0, 8.0),
    "IB": (0.02, -55.0, 4.0),
    "CH": (0.02, -50.0, 2.0),
    "FS": (0.1, -65.0, 2.0),
}
BLOCKS = [((200.0, 400.0), 0.7), ((300.0, 500.0), 0.3)]  # times of A and B, probability of A
rng = np.random.default_rng(1)


def reservoir():
    """Build the cells with their recurrent weights, their noise and the cue."""
    n_exc = int(0.8 * N)
    counts = [int(0.4 * N), int(0.25 * N), n_exc - int(0.4 * N) - int(0.25 * N), N - n_exc]
    a, c, d = np.repeat(np.array(list(KINDS.values())), counts, axis=0).T
    a, d = a * rng.uniform(0.3, 1.5, N), d * rng.uniform(0.7, 1.3, N)
    bias = rng.uniform(3.0, 7.0, N)  # mV/ms
    cells = sim.Population(N, sim.Izhikevich(a=a, b=0.2, c=c, d=d, i_offset=bias * 1e-3), label="reservoir")
    cells.initialize(v=-65.0, u=-13.0)
    cells.record("spikes")
    connected = rng.random((N, N)) < 0.1
    np.fill_diagonal(connected, False)
    size = np.abs(rng.normal(1.0, 0.25, (N, N))) * 0.13  # mV
    for rows, sign, kind in ((slice(0, n_exc), 6.0, "excitatory"), (slice(n_exc, N), -24.0, "inhibitory")):
        pairs = [(i, j, sign * size[i + rows.start, j], 1.0) for i, j in np.argwhere(connected[rows])]
        synapses = sim.FromListConnector(pairs)
        sim.Projection(cells[rows], cells, synapses, sim.StaticSynapse(), receptor_type=kind)
    noise = sim.Population(N, sim.SpikeSourcePoisson(rate=90.0))
    sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.4, delay=1.0))
    cued = np.flatnonzero(rng.random(N) < 0.5)
    for low, high in zip(np.arange(0.2, 1.0, 0.1), np.arange(0.3, 1.05, 0.1), strict=True):
        part = cued[rng.permutation(len(cued))[: len(cued) // 8]]
        pulse = sim.DCSource(amplitude=20e-3 * (low + high) / 2, start=1.0, stop=CUE)
        cells[part].inject(pulse)
    return cells


def prediction(cells, when, what, trials=3):
    """Return the mean prediction of a few trials without learning, shape (2, ms), smoothed over 15 ms."""
    found = []
    for _ in range(trials):
        sim.run(TRIAL)
        traces = when.trial(TRIAL)
        smooth = [np.convolve(np.maximum(y, 0), np.ones(15) / 15, "same") for y in when.output(traces)]
        found.append(np.array(smooth) * what.output(traces)[:, None])
        last = spikes_between(cells, 0.0, TRIAL, clear=True)
        sim.reset()
    return np.mean(found, axis=0), what.output(traces), last


def bumps(times, p):
    """Return what should be predicted."""
    t = np.arange(TRIAL)
    return np.array(
        [q * np.exp(-((t - c) ** 2) / (2 * WIDTH**2)) for c, q in zip(times, (p, 1 - p), strict=True)]
    )


def main():
    sim.setup(timestep=0.5, min_delay=0.5, rng_seed=3, fresh_noise=True)
    cells = reservoir()
    events = []

    def schedule(trial):
        times, p = BLOCKS[trial // options.trials]
        while len(events) <= trial:
            events.append(int(rng.random() > p))
        return events[trial], times[events[trial]]

    when, what = WhenReadout(cells, 2, schedule), WhatReadout(cells, 2, schedule, rate=0.02)
    results = []
    for times, p in BLOCKS:
        for _ in range(options.trials):
            sim.run(TRIAL, callbacks=[when, what])
            cells.get_data(clear=True)
            sim.reset()
        got, probability, raster = prediction(cells, when, what)
        results.append((times, p, got, raster))
        peaks = got[:, 60:].argmax(axis=1) + 60
        error, zero = np.abs(got - bumps(times, p)).mean(), np.abs(bumps(times, p)).mean()
        print(
            f"A at {times[0]:.0f} ms (p = {p:.1f}), B at {times[1]:.0f} ms: peaks at {peaks[0]} and {peaks[1]} ms, "
            f"p = {probability[0]:.2f} and {probability[1]:.2f}, error {error:.3f} (of no prediction {zero:.3f})"
        )
    cosines = [
        a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(when.weights, what.weights, strict=True)
    ]
    print(f"cosine of the two readouts' weights: {cosines[0]:.3f} and {cosines[1]:.3f}")
    if options.plot_figure:
        plot(results, options.plot_figure)
    sim.end()


def plot(results, filename):
    """Draw the spikes of a trial and both predictions."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(3, 1, sharex=True, figsize=(8, 7), layout="constrained")
    cells, times = results[0][3]
    panels[0].plot(times, cells, ".", markersize=1, color="black")
    panels[0].axvspan(0, CUE, color="tab:orange", alpha=0.3, linewidth=0)
    panels[0].set(ylabel="cell", title="reservoir (cue shaded)")
    for axes, (latencies, p, got, _) in zip(panels[1:], results, strict=True):
        for k, (name, color) in enumerate((("A", "tab:blue"), ("B", "tab:red"))):
            axes.plot(got[k], color=color, label=f"{name} predicted")
            axes.plot(bumps(latencies, p)[k], color=color, linestyle="--", label=f"{name} true")
        axes.set(ylabel="prediction", title=f"p(A) = {p}, p(B) = {1 - p:.1f}")
    panels[1].legend(ncols=2)
    panels[2].set_xlabel("time after the cue's onset (ms)")
    figure.savefig(filename, dpi=120)


if __name__ == "__main__":
    main()
