"""One measurement of one network in raw Brian2 (C++ standalone), in this process.

Synapses are made inside the compiled program, so its time outside the main loop counts as building; generating
and compiling the program is the first step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from .measure import TO_MB, Clock
from .networks import Layered, Network, Plastic, Recurrent, network

UNITS = {"tau": "ms", "v": "mV", "e": "mV", "C": "nF", "g": "uS", "gbar": "uS"}
CONDUCTANCES = "g_e*(e_rev_E - v) + g_i*(e_rev_I - v)"
DECAY = "dg_e/dt = -g_e/tau_syn_E : {0}\ndg_i/dt = -g_i/tau_syn_I : {0}\n"
HH = """
dv/dt = (g_leak*(e_rev_leak - v) + g_e*(e_rev_E - v) + g_i*(e_rev_I - v)
         - gbar_Na*(m*m*m)*h*(v - e_rev_Na) - gbar_K*(n*n*n*n)*(v - e_rev_K))/C_m : volt
dm/dt = a_m*(1 - m) - b_m*m : 1
dn/dt = a_n*(1 - n) - b_n*n : 1
dh/dt = a_h*(1 - h) - b_h*h : 1
a_m = 0.32*4/exprel((13*mV - v + v_offset)/(4*mV))/ms : Hz
b_m = 0.28*5/exprel((v - v_offset - 40*mV)/(5*mV))/ms : Hz
a_h = 0.128*exp((17*mV - v + v_offset)/(18*mV))/ms : Hz
b_h = 4/(1 + exp((40*mV - v + v_offset)/(5*mV)))/ms : Hz
a_n = 0.032*5/exprel((15*mV - v + v_offset)/(5*mV))/ms : Hz
b_n = 0.5*exp((10*mV - v + v_offset)/(40*mV))/ms : Hz
"""
CELLS = {  # equations, method, dimension of the synaptic variables
    "IF_cond_exp": (
        f"dv/dt = (v_rest - v)/tau_m + ({CONDUCTANCES})/C_m : volt (unless refractory)\n",
        "exponential_euler",
        "siemens",
    ),
    "IF_curr_exp": (
        "dv/dt = (v_rest - v)/tau_m + (g_e + g_i)/C_m : volt (unless refractory)\n",
        "exact",
        "amp",
    ),
    "HH_cond_exp": (HH, "exponential_euler", "siemens"),
}


def namespace(parameters: dict[str, float]) -> dict[str, Any]:
    """Return the parameters with Brian2's units; in Brian2 ``cm`` is the centimetre."""
    import brian2

    renamed = {"C_m" if name == "cm" else name: value for name, value in parameters.items()}
    return {name: value * getattr(brian2, UNITS[name.split("_")[0]]) for name, value in renamed.items()}


def cells(cell: str, size: int, parameters: dict[str, float], start: tuple[float, float]) -> Any:
    """Return a group of cells."""
    import brian2

    equations, method, unit = CELLS[cell]
    spiking = {"threshold": "v > -20*mV", "refractory": 3 * brian2.ms}
    if cell != "HH_cond_exp":
        spiking = {"threshold": "v > v_thresh", "reset": "v = v_reset", "refractory": "tau_refrac"}
        equations += "tau_refrac : second (constant, shared)\n"
    group = brian2.NeuronGroup(
        size, equations + DECAY.format(unit), method=method, namespace=namespace(parameters), **spiking
    )
    if "tau_refrac" in parameters:
        group.tau_refrac = parameters["tau_refrac"] * brian2.ms
    group.v = f"({start[0]} + rand()*({start[1] - start[0]}))*mV"
    return group


def recurrent(net: Recurrent) -> list[Any]:
    """Return all objects; the cells are the first."""
    import brian2

    group = cells(net.cell, net.size, net.parameters, net.start)
    dimension = CELLS[net.cell][2]
    unit = {"siemens": brian2.uS, "amp": brian2.nA}[dimension]
    objects = [group]
    parts = (group[: net.excitatory], "g_e", net.weights[0]), (group[net.excitatory :], "g_i", net.weights[1])
    for pre, variable, weight in parts:
        synapses = brian2.Synapses(
            pre, group, f"w : {dimension}", on_pre=f"{variable}_post += w", delay=net.delay * brian2.ms
        )
        synapses.connect(p=net.probability)
        synapses.w = weight * unit
        objects.append(synapses)
    if net.drive:
        inputs = round(net.inputs * 0.8)
        rate = net.drive / inputs * brian2.Hz
        objects.append(brian2.PoissonInput(group, "g_e", N=inputs, rate=rate, weight=net.weights[0] * unit))
    if net.kick:
        kick = brian2.PoissonGroup(20, rates="100*Hz*int(t < 50*ms)")
        synapses = brian2.Synapses(kick, group, on_pre="g_e_post += 0.1*uS", delay=net.delay * brian2.ms)
        synapses.connect(p=0.01)
        objects += [kick, synapses]
    return objects


def plastic(net: Plastic) -> list[Any]:
    """Return all objects; the cells are the first."""
    import brian2

    group = cells("IF_curr_exp", net.size, net.parameters, (-65.0, -50.0))
    sources = brian2.PoissonGroup(net.sources, rates=net.rate * brian2.Hz)
    rule = {n: value * brian2.ms if n.startswith("tau") else value for n, value in net.rule.items()}
    synapses = brian2.Synapses(
        sources,
        group,
        """w : amp
           dpre/dt = -pre/tau_plus : 1 (event-driven)
           dpost/dt = -post/tau_minus : 1 (event-driven)""",
        on_pre="g_e_post += w; pre += A_plus; w = clip(w + w_max*post, 0*amp, w_max)",
        on_post="post -= A_minus; w = clip(w + w_max*pre, 0*amp, w_max)",
        delay=net.delay * brian2.ms,
        namespace={**rule, "w_max": 2 * net.weight * brian2.nA},
    )
    synapses.connect(p=net.probability)
    synapses.w = net.weight * brian2.nA
    return [group, sources, synapses]


def layered(net: Layered) -> list[Any]:
    """Return all objects; the cells, of all populations, are the first."""
    import brian2
    import numpy as np

    rng, begin = np.random.default_rng(1), np.concatenate([[0], np.cumsum(net.sizes)])
    values = namespace({n: v for n, v in net.parameters.items() if not n.startswith("tau_syn")})
    group = brian2.NeuronGroup(
        int(begin[-1]),
        """dv/dt = (v_rest - v)/tau_m + (g_e + i_offset)/C_m : volt (unless refractory)
           dg_e/dt = -g_e/tau_syn : amp
           i_offset : amp""",
        method="exact",
        threshold="v > v_thresh",
        reset="v = v_reset",
        refractory=net.parameters["tau_refrac"] * brian2.ms,
        namespace={**values, "tau_syn": net.tau_syn * brian2.ms},
    )
    group.v = rng.normal(-58.0, 5.0, begin[-1]) * brian2.mV
    group.i_offset = np.repeat(net.offsets, net.sizes) * brian2.nA
    columns: list[list[Any]] = [[], [], [], []]
    for t in range(8):
        for s in range(8):
            n, mean = int(net.numbers[t, s]), float(net.weights[t, s])
            delay = 1.5 if mean > 0 else 0.75
            drawn = (
                rng.integers(begin[s], begin[s + 1], n),
                rng.integers(begin[t], begin[t + 1], n),
                rng.normal(mean, abs(mean) / 10, n),
                np.maximum(0.1, np.round(rng.normal(delay, delay / 2, n), 1)),
            )
            for column, values_ in zip(columns, drawn, strict=True):
                column.append(values_)
    pre, post, weight, delays = map(np.concatenate, columns)
    synapses = brian2.Synapses(group, group, "w : amp", on_pre="g_e_post += w")
    synapses.connect(i=pre, j=post)
    synapses.w, synapses.delay = weight * brian2.nA, delays * brian2.ms
    objects = [group, synapses]
    for p in range(8):
        n = max(1, round(float(net.external[p]) / 8.0))
        part = group[int(begin[p]) : int(begin[p + 1])]
        rate = float(net.external[p]) / n * brian2.Hz
        objects.append(brian2.PoissonInput(part, "g_e", N=n, rate=rate, weight=net.weight * brian2.nA))
    return objects


def made(net: Network) -> list[Any]:
    """Return all objects of a network."""
    if isinstance(net, Layered):
        return layered(net)
    return recurrent(net) if isinstance(net, Recurrent) else plastic(net)


def program_memory(folder: str) -> float:
    """Run the program again on its own and return its largest memory (MB)."""
    process = subprocess.Popen([os.path.join(folder, "main")], cwd=folder, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss * TO_MB


def main(name: str, scale: float, seed: int) -> None:
    """Measure and print."""
    net = network(name, scale)
    clock = Clock()
    import brian2

    with tempfile.TemporaryDirectory() as folder:
        brian2.set_device("cpp_standalone", build_on_run=False, directory=folder)
        brian2.seed(1 + seed)
        brian2.defaultclock.dt = net.timestep * brian2.ms
        clock.phase("import")
        objects = made(net)
        monitor = brian2.SpikeMonitor(objects[0])
        clock.phase("build")
        brian2.Network([*objects, monitor]).run(net.duration * brian2.ms)
        brian2.device.build(run=False, directory=folder, compile=True)
        clock.phase("first")
        start = time.perf_counter()
        brian2.device.run()
        loop = brian2.device._last_run_time  # by std::clock: CPU time, whatever else the machine does
        clock.figures["build_s"] += time.perf_counter() - start - loop
        clock.figures["run_s"] = clock.figures["run_cpu_s"] = loop
        rate = int(monitor.num_spikes) / net.size / net.duration * 1000.0
        synapses = sum(len(o) for o in objects if isinstance(o, brian2.Synapses))
        clock.finish(neurons=net.size, synapses=synapses, rate=rate, peak_mb=program_memory(folder))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
