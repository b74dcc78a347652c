"""A ring of cell groups that fire in turn, started and stopped by an input: small enough for a NeuroCoreX.

python neurocorex_ring.py SIMULATOR [--plot-figure [FILE]]

On `neurocorex` the script also writes the bytes that make a board do the same, and prints figures of the chip's
report; the spikes are those of `codegen`.
"""

from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "neurocorex_ring.png"},
    )
)

STEP = 0.96  # ms, the only time step of the chip
GROUPS, MEMBERS = 8, 10

sim.setup(timestep=STEP, clean=True)

start = sim.Population(1, sim.SpikeSourceArray(spike_times=[5 * STEP]), label="start")
stop = sim.Population(1, sim.SpikeSourceArray(spike_times=[66 * STEP]), label="stop")
cells = sim.Population(
    GROUPS * MEMBERS,
    sim.IF_curr_delta(tau_m=1e9, v_rest=-65.0, v_reset=-65.0, v_thresh=-55.0, tau_refrac=STEP),
    label="ring",
)
group = [cells[k * MEMBERS : (k + 1) * MEMBERS] for k in range(GROUPS)]

everyone = sim.AllToAllConnector()
for k in range(GROUPS):
    onward = sim.StaticSynapse(weight=1.2, delay=STEP)
    sim.Projection(group[k], group[(k + 1) % GROUPS], everyone, onward)
sim.Projection(start, group[0], everyone, sim.StaticSynapse(weight=12.0, delay=STEP))
sim.Projection(
    stop, group[3], everyone, sim.StaticSynapse(weight=-30.0, delay=STEP), receptor_type="inhibitory"
)

cells.record("spikes")
group[3][0:1].record("v")  # of the group that is stopped: others are reset in the step in which they fire
sim.run(100 * STEP)

data = cells.get_data().segments[0]
for k in range(GROUPS):
    times = data.spiketrains[k * MEMBERS]
    print(f"group {k} fires at {', '.join(f'{float(t):.2f}' for t in times)} ms")

if hasattr(sim, "write_stream"):
    size = sim.write_stream("neurocorex_ring.bin")
    report = sim.chip_report()
    energy = sum(report["energy_nJ"].values()) + sum(report["static_energy_nJ"].values())
    print(f"{size} bytes for the board, {report['fast_cycles']} clock cycles, {energy * 1e-6:.1f} mJ")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    (v,) = data.filter(name="v")
    Figure(
        Panel(v, ylabel="potential (mV)", xlim=(0, 100 * STEP), yticks=True),
        Panel(data.spiketrains, xlabel="time (ms)", xlim=(0, 100 * STEP), xticks=True, yticks=True),
    ).save(options.plot_figure)

sim.end()
