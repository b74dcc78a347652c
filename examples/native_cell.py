"""A cell type of your own from Brian2 equations: a leaky cell whose threshold rises with each spike.

python native_cell.py BACKEND
"""

from pyNN.utility import get_simulator

sim, options = get_simulator()
sim.setup(timestep=0.1)

AdaptiveThreshold = sim.native_cell_type(
    "AdaptiveThreshold",
    equations="""
        dv/dt = (v_rest - v)/tau_m + (g*(e_rev - v) + i_offset + i_inj)/cm : volt (unless refractory)
        dg/dt = -g/tau_syn : siemens
        dtheta/dt = (theta_0 - theta)/tau_theta : volt
    """,
    parameters={
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
cells.record(["spikes", "v", "theta"])
sim.run(500.0)
for train in cells.get_data().segments[0].spiketrains:
    intervals = train.magnitude[1:] - train.magnitude[:-1]
    print(
        f"cell {train.annotations['source_index']}: first interval {intervals[0]:.1f}, last {intervals[-1]:.1f} ms"
    )
sim.end()
