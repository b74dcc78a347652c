"""PyCARL's hello world: a source, a cell, and a current that is switched on after 100 ms.

python hello_world.py SIMULATOR [--plot-figure [FILE]]
"""

from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "hello_world.png"},
    )
)

sim.setup(timestep=0.5, min_delay=1.0, rng_seed=42)
source = sim.Population(1, sim.SpikeSourcePoisson(rate=10.0), label="source")
cell = sim.Population(1, sim.Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0), label="cell")
sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
current = sim.DCSource(amplitude=0.07, start=100.0, stop=1000.0)  # 70 mV/ms
current.inject_into(cell)
cell.record(["spikes", "v"])

sim.run(100.0)
before = int(cell.mean_spike_count())
sim.run(900.0)
print(f"{before} spikes without the current, {int(cell.mean_spike_count()) - before} with it")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    data = cell.get_data().segments[0]
    Figure(
        Panel(data.filter(name="v")[0], ylabel="v (mV)", xticks=True, yticks=True, xlabel="time (ms)"),
        title="Hello world", annotations=f"Simulated with {options.simulator}",
    ).save(options.plot_figure)  # fmt: skip
sim.end()
