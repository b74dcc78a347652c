"""A cell type of your own from Brian2 equations: a leaky cell whose threshold rises with each spike.

python native_cell.py SIMULATOR [--plot-figure [FILE]]     (SIMULATOR: codegen)
"""

from pyNN.utility import get_simulator

sim, options = get_simulator(
    (
        "--plot-figure",
        "plot the results to a file",
        {"metavar": "FILE", "nargs": "?", "const": "native_cell.png"},
    )
)
sim.setup(timestep=0.1)

AdaptiveThreshold = sim.native_cell_type(
    "AdaptiveThreshold",
    equations="""
        dv/dt = (v_rest - v)/tau_m + (g*(e_rev - v) + i_offset + i_inj)/cm : volt (unless refractory)
        dg/dt = -g/tau_syn : siemens
        dtheta/dt = (theta_0 - theta)/tau_theta : volt
    """,
    parameters={  # default value in PyNN's units (mV, ms, nA, nF, uS), and the physical dimension
        "v_rest": (-65.0, "volt"),
        "tau_m": (20.0, "second"),
        "cm": (1.0, "farad"),
        "i_offset": (0.0, "amp"),
        "e_rev": (0.0, "volt"),
        "tau_syn": (5.0, "second"),
        "theta_0": (-50.0, "volt"),
        "theta_jump": (2.0, "volt"),
        "tau_theta": (80.0, "second"),
        "tau_refrac": (2.0, "second"),
    },
    threshold="v >= theta",
    reset="v = v_rest; theta += theta_jump",
    refractory="tau_refrac",
    receptors={"excitatory": "g"},
    initial_values={"v": -65.0, "theta": -50.0},
)

cells = sim.Population(3, AdaptiveThreshold(i_offset=[0.8, 1.0, 1.2]), label="adaptive")
source = sim.Population(1, sim.SpikeSourceArray(spike_times=[200.0, 210.0, 220.0]))
sim.Projection(
    source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.05), receptor_type="excitatory"
)
cells.record(["spikes", "v", "theta"])
sim.run(500.0)

data = cells.get_data().segments[0]
for i, train in enumerate(data.spiketrains):
    intervals = train.magnitude[1:] - train.magnitude[:-1]
    print(f"cell {i}: {len(train)} spikes, first interval {intervals[0]:.1f}, last {intervals[-1]:.1f} ms")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    Figure(
        Panel(data.filter(name="v")[0], ylabel="v (mV)", yticks=True),
        Panel(
            data.filter(name="theta")[0],
            ylabel="threshold (mV)",
            xlabel="time (ms)",
            xticks=True,
            yticks=True,
        ),
        title="A threshold that rises with each spike",
    ).save(options.plot_figure)
sim.end()
