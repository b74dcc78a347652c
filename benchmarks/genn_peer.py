"""One measurement of one network in GeNN (single-threaded CPU code, double precision), in this process.

GeNN makes synapses when the compiled program is initialised, so loading counts as building; generating and compiling
the program is the first step. ``axonal_delay_steps`` of n let a spike act n + 1 steps later.
"""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from typing import Any

import numpy as np

from .measure import Clock
from .networks import Layered, Network, Plastic, Recurrent, network

LIF = {
    "C": "cm", "TauM": "tau_m", "Vrest": "v_rest", "Vreset": "v_reset", "Vthresh": "v_thresh",
    "TauRefrac": "tau_refrac",
}  # fmt: skip
#: Additive pair rule: each spike reads the other side's trace, decayed since its last change.
PAIR_RULE: dict[str, Any] = {
    "params": ["tau_plus", "tau_minus", "A_plus", "A_minus", "w_max"],
    "vars": [("g", "scalar")],
    "pre_vars": [("x", "scalar")],
    "post_vars": [("y", "scalar")],
    "pre_spike_code": "x = x * exp(-(t - st_pre) / tau_plus) + 1.0;",
    "post_spike_code": "y = y * exp(-(t - st_post) / tau_minus) + 1.0;",
    "pre_spike_syn_code": """
        addToPost(g);
        g = fmax(0.0, g - w_max * A_minus * y * exp(-(t - st_post) / tau_minus));
    """,
    "post_spike_syn_code": "g = fmin(w_max, g + w_max * A_plus * x * exp(-(t - st_pre) / tau_plus));",
}
#: Traub and Miles' cell by exponential Euler steps, as in the peer for Brian2.
HH: dict[str, Any] = {
    "params": ["gbar_Na", "gbar_K", "g_leak", "cm", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak"],
    "vars": [("V", "scalar"), ("m", "scalar"), ("n", "scalar"), ("h", "scalar"), ("wait", "scalar")],
    "sim_code": """
        const scalar u = V - v_offset;
        const scalar am = 0.32 * (13.0 - u) / expm1((13.0 - u) / 4.0);
        const scalar bm = 0.28 * (u - 40.0) / expm1((u - 40.0) / 5.0);
        const scalar an = 0.032 * (15.0 - u) / expm1((15.0 - u) / 5.0);
        const scalar bn = 0.5 * exp((10.0 - u) / 40.0);
        const scalar ah = 0.128 * exp((17.0 - u) / 18.0);
        const scalar bh = 4.0 / (1.0 + exp((40.0 - u) / 5.0));
        const scalar na = gbar_Na * m * m * m * h;
        const scalar k = gbar_K * n * n * n * n;
        const scalar g = na + k + g_leak;
        const scalar rest = (na * e_rev_Na + k * e_rev_K + g_leak * e_rev_leak + Isyn) / g;
        V = rest + (V - rest) * exp(-dt * g / cm);
        m = am / (am + bm) + (m - am / (am + bm)) * exp(-dt * (am + bm));
        n = an / (an + bn) + (n - an / (an + bn)) * exp(-dt * (an + bn));
        h = ah / (ah + bh) + (h - ah / (ah + bh)) * exp(-dt * (ah + bh));
        wait = fmax(0.0, wait - dt);
    """,
    "threshold_condition_code": "V > -20.0 && wait <= 0.0",
    "reset_code": "wait = 3.0;",
}


@cache
def kept(kind: str, name: str) -> Any:
    """Return a model of our own made by GeNN's function `kind`; GeNN does not keep it alive by itself."""
    import pygenn

    return getattr(pygenn, kind)(name, **{"pair_rule": PAIR_RULE, "hh": HH}[name])


def hh(model: Any, name: str, size: int, net: Recurrent, start: Any) -> Any:
    """Return a population of Hodgkin-Huxley cells."""
    parameters = {key: net.parameters[key] for key in HH["params"]}
    gates = {"m": 0.0, "n": 0.0, "h": 1.0, "wait": 0.0}
    kind = kept("create_neuron_model", "hh")
    return model.add_neuron_population(name, size, kind, parameters, {"V": start, **gates})


def lif(model: Any, name: str, size: int, net: Any, start: Any, current: float = 0.0) -> Any:
    """Return a population of integrate-and-fire cells."""
    parameters = {genn: net.parameters[pynn] for genn, pynn in LIF.items()}
    return model.add_neuron_population(
        name, size, "LIF", {**parameters, "Ioffset": current}, {"V": start, "RefracTime": 0.0}
    )


def sources(model: Any, name: str, trains: list[Any]) -> Any:
    """Return spike sources with the given spike times (ms)."""
    ends = np.cumsum([len(train) for train in trains])
    starts = np.concatenate([[0], ends[:-1]])
    population = model.add_neuron_population(
        name, len(trains), "SpikeSourceArray", {}, {"startSpike": starts, "endSpike": ends}
    )
    population.extra_global_params["spikeTimes"].set_init_values(np.concatenate(trains))
    return population


def receptor(net: Recurrent | Plastic, cells: Any, sign: str) -> Any:
    """Return the postsynaptic model of excitatory (``E``) or inhibitory (``I``) inputs."""
    from pygenn import create_var_ref, init_postsynaptic

    tau, reversal = net.parameters[f"tau_syn_{sign}"], net.parameters.get(f"e_rev_{sign}")
    if reversal is None:
        return init_postsynaptic("ExpCurr", {"tau": tau})
    return init_postsynaptic(
        "ExpCond", {"tau": tau, "E": reversal}, var_refs={"V": create_var_ref(cells, "V")}
    )


def recurrent(model: Any, net: Recurrent, rng: Any) -> list[Any]:
    """Return the populations of cells; both signs are populations of their own in GeNN."""
    from pygenn import init_sparse_connectivity, init_var, init_weight_update

    start = init_var("Uniform", {"min": net.start[0], "max": net.start[1]})
    sizes = {"E": net.excitatory, "I": net.size - net.excitatory}
    population = hh if net.cell.startswith("HH") else lif
    cells = {sign: population(model, sign, size, net, start) for sign, size in sizes.items()}
    steps = round(net.delay / net.timestep) - 1

    def connect(pre: Any, sign: str, post: str, weight: float, probability: float) -> None:
        synapses = model.add_synapse_population(
            f"{pre.name}_{post}", "SPARSE", pre, cells[post],
            init_weight_update("StaticPulseConstantWeight", {"g": weight}), receptor(net, cells[post], sign),
            init_sparse_connectivity("FixedProbability", {"prob": probability}),
        )  # fmt: skip
        synapses.axonal_delay_steps = steps

    for sign, weight in zip("EI", net.weights, strict=True):
        for post in "EI":
            connect(cells[sign], sign, post, weight, net.probability)
    if net.kick:
        kick = sources(model, "kick", [np.sort(rng.uniform(0.0, 50.0, rng.poisson(5))) for _ in range(20)])
        for post in "EI":
            connect(kick, "E", post, 0.1, 0.01)
    if net.drive:
        for sign in "EI":
            drive = {"weight": net.weights[0], "tauSyn": net.parameters["tau_syn_E"], "rate": net.drive}
            model.add_current_source(f"drive_{sign}", "PoissonExp", cells[sign], drive, {"current": 0.0})
    return list(cells.values())


def plastic(model: Any, net: Plastic, rng: Any) -> list[Any]:
    """Return the population of cells."""
    from pygenn import init_sparse_connectivity, init_var, init_weight_update

    cells = lif(model, "cells", net.size, net, init_var("Uniform", {"min": -65.0, "max": -50.0}))
    pre = model.add_neuron_population(
        "sources", net.sources, "Poisson", {"rate": net.rate}, {"timeStepToSpike": 0.0}
    )
    rule = init_weight_update(
        kept("create_weight_update_model", "pair_rule"),
        {**net.rule, "w_max": 2 * net.weight},
        {"g": net.weight},
        {"x": 0.0},
        {"y": 0.0},
    )
    synapses = model.add_synapse_population(
        "synapses", "SPARSE", pre, cells, rule, receptor(net, cells, "E"),
        init_sparse_connectivity("FixedProbability", {"prob": net.probability}),
    )  # fmt: skip
    synapses.axonal_delay_steps = round(net.delay / net.timestep) - 1
    return [cells]


def layered(model: Any, net: Layered, rng: Any) -> list[Any]:
    """Return the eight populations; delays are dendritic, as GeNN has them one for each synapse."""
    from pygenn import init_postsynaptic, init_sparse_connectivity, init_var, init_weight_update

    model.default_narrow_sparse_ind_enabled = True
    start = init_var("Normal", {"mean": -58.0, "sd": 5.0})
    cells = [
        lif(model, f"p{p}", int(net.sizes[p]), net, start, float(net.offsets[p]))
        for p in range(len(net.sizes))
    ]
    for p, population in enumerate(cells):
        drive = {"weight": net.weight, "tauSyn": net.tau_syn, "rate": float(net.external[p])}
        model.add_current_source(f"drive{p}", "PoissonExp", population, drive, {"current": 0.0})
    for (t, s), number in np.ndenumerate(net.numbers):
        if not number:
            continue
        mean, delay = float(net.weights[t, s]), 1.5 if net.weights[t, s] > 0 else 0.75
        edge = {"min": 0.0} if mean > 0 else {"max": 0.0}
        weight = init_var(
            "NormalClipped", {"min": -1e9, "max": 1e9, "mean": mean, "sd": abs(mean) / 10, **edge}
        )
        slots = {"mean": delay - net.timestep, "sd": delay / 2, "min": 0.0, "max": 63 * net.timestep}
        synapses = model.add_synapse_population(
            f"s{s}_{t}", "SPARSE", cells[s], cells[t],
            init_weight_update(
                "StaticPulseDendriticDelay", {}, {"g": weight, "d": init_var("NormalClippedDelay", slots)}
            ),
            init_postsynaptic("ExpCurr", {"tau": net.tau_syn}),
            init_sparse_connectivity("FixedNumberTotalWithReplacement", {"num": int(number)}),
        )  # fmt: skip
        synapses.max_dendritic_delay_timesteps = 64
    return cells


def made(model: Any, net: Network, rng: Any) -> list[Any]:
    """Return the populations of cells of a network."""
    if isinstance(net, Layered):
        return layered(model, net, rng)
    return recurrent(model, net, rng) if isinstance(net, Recurrent) else plastic(model, net, rng)


def main(name: str, scale: float, seed: int) -> None:
    """Measure and print."""
    net = network(name, scale)
    clock = Clock()
    from pygenn import GeNNModel

    with tempfile.TemporaryDirectory() as folder:
        model = GeNNModel("double", "network", backend="single_threaded_cpu")
        model.dt, model.seed, model.fuse_postsynaptic_models = net.timestep, 1 + seed, True
        clock.phase("import")
        cells = made(model, net, np.random.default_rng(seed))
        for population in cells:
            population.spike_recording_enabled = True
        model.build(folder)
        clock.phase("first")
        steps = round(net.duration / net.timestep)
        model.load(num_recording_timesteps=steps)
        clock.phase("build")
        for _ in range(steps):
            model.step_time()
        clock.phase("run")
        model.pull_recording_buffers_from_device()
        spikes = sum(len(population.spike_recording_data[0][0]) for population in cells)
        synapses = sum(group.get_sparse_pre_inds().size for group in connections(model))
        clock.finish(neurons=net.size, synapses=synapses, rate=spikes / net.size / net.duration * 1000.0)


def connections(model: Any) -> list[Any]:
    """Return the synapse populations with their connections read back."""
    groups = list(model.synapse_populations.values())
    for group in groups:
        group.pull_connectivity_from_device()
    return groups


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
