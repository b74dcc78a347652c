"""Which stimulus was shown? From the Neo block to a decoder of scikit-learn.

Four odours excite four overlapping fifths of a population of input neurons, which drive a recurrent network of
excitatory and inhibitory cells. Each presentation is a run of its own after reset() and so a segment of the block;
spike counts by Elephant are the features of a logistic regression, judged by cross-validation. A decoder that sees
a single time bin shows when the network knows.

python decoding.py SIMULATOR [--presentations N] [--plot-figure [FILE]]
"""

import numpy as np
import quantities as pq
from elephant.conversion import BinnedSpikeTrain
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.utility import get_simulator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sim, options = get_simulator(
    ("--presentations", "presentations of each odour", {"type": int, "default": 20}),
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "decoding.png"},
    ),
)

ODOURS, INPUTS, DURATION, BIN = 4, 100, 200.0, 20.0
sim.setup(timestep=0.1, fresh_noise=True)  # other simulators draw anew after reset() without being asked
rng = NumpyRNG(seed=5)
inputs = sim.Population(INPUTS, sim.SpikeSourcePoisson(rate=5.0), label="inputs")
excitatory = sim.Population(80, sim.IF_curr_exp(tau_refrac=2.0), label="excitatory")
inhibitory = sim.Population(20, sim.IF_curr_exp(tau_refrac=2.0), label="inhibitory")
cells = excitatory + inhibitory
cells.initialize(v=RandomDistribution("uniform", low=-65.0, high=-52.0, rng=rng))
connector = sim.FixedProbabilityConnector(0.1, rng=rng)
delays = RandomDistribution("uniform", low=1.0, high=3.0, rng=rng)
for source, weight, receptor in (
    (inputs, 0.9, "excitatory"),
    (excitatory, 0.3, "excitatory"),
    (inhibitory, -1.5, "inhibitory"),
):
    synapse = sim.StaticSynapse(weight=weight, delay=delays)
    sim.Projection(source, cells, connector, synapse, receptor_type=receptor)
excitatory.record("spikes")

shown = np.tile(np.arange(ODOURS), options.presentations)
for n, odour in enumerate(shown):
    if n:
        sim.reset()
    rates = np.full(INPUTS, 5.0)
    rates[odour * INPUTS // 5 : (odour + 2) * INPUTS // 5] = 25.0
    inputs.set(rate=rates, start=50.0)  # 50 ms without any input
    sim.run(DURATION)
block = excitatory.get_data()

# presentations x cells x bins
counts = np.array(
    [
        BinnedSpikeTrain(list(segment.spiketrains), bin_size=BIN * pq.ms, t_stop=DURATION * pq.ms).to_array()
        for segment in block.segments
    ]
)
decoder = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
answers = cross_val_predict(decoder, counts.sum(axis=2), shown, cv=5)
by_bin = [cross_val_score(decoder, counts[:, :, b], shown, cv=5).mean() for b in range(counts.shape[2])]
print(
    f"{(answers == shown).mean():.0%} of {len(shown)} presentations decoded (chance {1 / ODOURS:.0%}); "
    f"from 20 ms before the odour {by_bin[1]:.0%}, from 20 ms at the end {by_bin[-1]:.0%}"
)

if options.plot_figure:
    import matplotlib.pyplot as plt

    figure, (raster, accuracy, confusion) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    raster.eventplot([train.magnitude for train in block.segments[0].spiketrains], colors="k", linewidths=0.7)
    raster.set(
        xlim=(0, DURATION), xlabel="time (ms)", ylabel="excitatory cell", title="odour 0, first presentation"
    )
    accuracy.stairs(by_bin, np.arange(len(by_bin) + 1) * BIN)
    accuracy.axhline(1 / ODOURS, color="gray", linestyle=":")
    accuracy.axvline(50.0, color="gray", linewidth=0.7)
    accuracy.set(xlabel="time (ms)", ylabel="decoded", ylim=(0, 1.02), title=f"from {BIN:.0f} ms of spikes")
    table = np.zeros((ODOURS, ODOURS), dtype=int)
    np.add.at(table, (shown, answers), 1)
    confusion.imshow(table, cmap="Blues")
    for (row, column), value in np.ndenumerate(table):
        confusion.text(
            column, row, value, ha="center", va="center", color="w" if value > table.max() / 2 else "k"
        )
    confusion.set(xlabel="decoded odour", ylabel="odour", xticks=range(ODOURS), yticks=range(ODOURS))
    confusion.set_title("from all spikes")
    figure.savefig(options.plot_figure)
sim.end()
