"""A cell type of one's own, written as equations in Brian2's syntax.

The quadratic integrate-and-fire cell: tau dv/dt = a (v - v_rest)(v - v_crit) + R (I + I_syn), reset from v_peak
to v_reset. For simulators that make cell types from equations (here: codegen).

python own_cell_type.py SIMULATOR [--plot-figure]
"""

from pyNN.utility import get_simulator, normalized_filename

sim, options = get_simulator(("--plot-figure", "plot the results to a file", {"action": "store_true"}))

sim.setup(timestep=0.1)

QuadraticCell = sim.native_cell_type(
    "QuadraticCell",
    equations="""
        dv/dt = (a*(v - v_rest)*(v - v_crit) + (i_syn + i_offset + i_inj)*r)/tau : volt (unless refractory)
        di_syn/dt = -i_syn/tau_syn : amp
    """,
    parameters={
        "a": (0.04, "1/volt"),
        "r": (20.0, "ohm"),
        "tau": (10.0, "second"),
        "tau_syn": (5.0, "second"),
        "v_rest": (-65.0, "volt"),
        "v_crit": (-50.0, "volt"),
        "v_peak": (30.0, "volt"),
        "v_reset": (-60.0, "volt"),
        "i_offset": (0.0, "amp"),
    },
    threshold="v >= v_peak",
    reset="v = v_reset",
    refractory="1 ms",
    receptors={"excitatory": "i_syn"},
    initial_values={"v": -65.0},
    method="rk4",
    conductance_based=False,
)

cells = sim.Population(3, QuadraticCell(i_offset=[0.0, 0.15, 0.3]), label="quadratic")
source = sim.Population(1, sim.SpikeSourceArray(spike_times=[50.0, 100.0, 150.0]))
sim.Projection(
    source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3), receptor_type="excitatory"
)
cells.record(["spikes", "v", "i_syn"])

sim.run(200.0)

for i, train in enumerate(cells.get_data().segments[0].spiketrains):
    print(f"cell {i}: {len(train)} spikes")

if options.plot_figure:
    from pyNN.utility.plotting import Figure, Panel

    data = cells.get_data().segments[0]
    filename = normalized_filename("Results", "own_cell_type", "png", options.simulator)
    Figure(
        Panel(data.filter(name="v")[0], ylabel="v (mV)", yticks=True),
        Panel(
            data.filter(name="i_syn")[0], ylabel="i_syn (nA)", xlabel="time (ms)", xticks=True, yticks=True
        ),
        title="The quadratic integrate-and-fire cell",
    ).save(filename)
    print(filename)

sim.end()
