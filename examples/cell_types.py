"""The same current step into every kind of cell: how the standard models differ.

python cell_types.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "cell_types.png"},
    )
)

sim.setup(timestep=0.05, min_delay=0.1)

amplitudes = {  # (nA); each model has a scale of its own
    "IF_curr_exp": 1.0,
    "IF_curr_alpha": 1.0,
    "IF_cond_exp": 1.0,
    "IF_cond_alpha": 1.0,
    "EIF_cond_exp_isfa_ista": 0.8,
    "EIF_cond_alpha_isfa_ista": 0.8,
    "HH_cond_exp": 0.5,
    "Izhikevich": 0.01,
}

cells, steps = {}, []  # a current source lives as long as something refers to it
for name, amplitude in amplitudes.items():
    cells[name] = sim.Population(1, getattr(sim, name)(), label=name)
    step = sim.DCSource(amplitude=amplitude, start=50.0, stop=250.0)
    step.inject_into(cells[name])
    steps.append(step)
    cells[name].record(["spikes", "v"])

sim.run(300.0)

for name, population in cells.items():
    (train,) = population.get_data().segments[0].spiketrains
    first = f"{train[0].item():.2f} ms" if len(train) else "none"
    print(f"{name:25} {len(train):3} spikes, first {first}")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    panels = [
        Panel(
            population.get_data().segments[0].filter(name="v")[0],
            ylabel="v (mV)",
            yticks=True,
            data_labels=[name],
        )
        for name, population in cells.items()
    ]
    panels[-1].options.update(xticks=True, xlabel="time (ms)")
    Figure(*panels, title="A current step into every kind of cell", size=(8, 14)).save(options.plot_figure)

sim.end()
