"""What a co-simulation did, as plain data: use of the cores, messages and their latency, order, energy."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..chip import traffic
from ..chip.energy import Ledger, femtojoules
from ..chip.record import digest
from ..network import CellGroup

if TYPE_CHECKING:
    from .cosimulation import CosimulationEngine

COMPONENTS = ("soma", "synapse", "router", "link")
BINS = 40  # of a histogram of latencies
FRAMES = 20  # of the map of messages over time


def report(engine: CosimulationEngine) -> dict[str, Any]:
    """Return the report of a run since the last reset."""
    chip, network, cells = engine.plan.chip, engine.network, engine.graph.n_cells
    found: dict[str, Any] = {
        "chip": chip.name,
        "chip_sha256": digest(chip),
        "interconnect": engine.interconnect,
        "time_contract": engine.contract.name,
        "timestep_ms": network.timestep,
        "simulated_ms": network.step * network.timestep,
        "cores": int(np.count_nonzero(engine.routes.use.cells)),
        "spikes": int(engine.fired[:cells].sum()),
        "input_spikes": int(engine.fired[cells:].sum()),
    }
    found["use"] = _use(engine)
    found |= _energy(engine)
    if engine.interconnect != "ideal":
        found |= _messages(engine)
    return found


def _use(engine: CosimulationEngine) -> list[dict[str, Any]]:
    use, chip = engine.routes.use, engine.plan.chip
    return [
        {
            "core": int(core), "cells": int(use.cells[core]), "of": chip.cells, "inputs": int(use.axons_in[core]),
            "of_inputs": chip.inputs, "synapses": int(use.synapses[core]), "outputs": int(use.axons_out[core]),
        }
        for core in np.flatnonzero(use.cells)
    ]  # fmt: skip


def _energy(engine: CosimulationEngine) -> dict[str, Any]:
    chip, routes = engine.plan.chip, engine.routes
    fan_out = np.add.reduceat(np.append(routes.synapses, 0), routes.offsets[:-1]) * (
        np.diff(routes.offsets) > 0
    )
    events = int(engine.fired @ fan_out)
    updates = engine.network.step * sum(g.size for g in engine.network.groups if isinstance(g, CellGroup))
    routers, links = 0, 0
    if engine.interconnect != "ideal":
        trace, _ = engine.trace()
        links = int(trace.hops.sum()) * engine.flits
        routers = links + len(trace) * engine.flits
    events_of = {
        "cell_updates": updates,
        "synaptic_events": events,
        "router_flits": routers,
        "link_flits": links,
    }
    ledger, costs = Ledger(*COMPONENTS), (chip.soma_pj, chip.synapse_pj, chip.router_pj, chip.link_pj)
    for component, count, cost in zip(COMPONENTS, events_of.values(), costs, strict=True):
        ledger.spend(component, count, femtojoules(cost * 1e-12))
    seconds = engine.network.step * engine.network.timestep * 1e-3
    ledger.flow("routers", chip.static_mw * 1e-3 * chip.columns * chip.rows, seconds)
    return {**ledger.report(), **events_of}


def _messages(engine: CosimulationEngine) -> dict[str, Any]:
    copies = copies_of(engine)
    distortion = traffic.interval_distortion(copies)
    inversions, part = traffic.inversions(copies)
    here = traffic.latency(copies)
    return {
        "messages": len(copies),
        "in_flight": int(np.isnan(copies.arrived).sum()) - len(engine.lost),
        "acted_later": engine.shifted,
        "lost": len(engine.lost),
        **_steps(engine, here),
        "network_latency_cycles": asdict(traffic.network_latency(copies)),
        "latency_histogram": _histogram(copies),
        "latency_by_hops": [{"hops": h, **asdict(d)} for h, d in traffic.latency_by_hops(copies).items()],
        "interval_distortion_cycles": {
            "mean absolute": distortion.mean_absolute, "rms": distortion.rms, "largest": distortion.largest,
            "relative": distortion.relative,
        },
        "disorder": {
            "within flows": traffic.flow_disorder(copies), "at destinations": traffic.destination_disorder(copies),
            "inversions": inversions, "part of all pairs": part,
        },
        "busiest_links": _links(engine),
        "late": engine.late,
        "heat": _heat(engine, copies),
    }  # fmt: skip


def _steps(engine: CosimulationEngine, latency: traffic.Distribution) -> dict[str, Any]:
    """Return what a cycle means: a part of a step, or, if steps wait, what a step consists of."""
    if engine.contract.waits:
        lengths = np.array(engine.lengths, dtype=float)
        return {
            "latency_cycles": asdict(latency),
            "cycles_of_steps": asdict(traffic.Distribution.of(lengths)),
        }
    ms = engine.network.timestep / engine.cycles
    return {
        "cycles_per_step": engine.cycles,
        "latency_cycles": {**asdict(latency), "mean_ms": latency.mean * ms},
    }


def _elapsed(engine: CosimulationEngine) -> int:
    """Return the cycles that have passed, at least 1."""
    passed = engine.noc.now if engine.contract.waits else engine.network.step * engine.cycles
    return max(passed, 1)


def copies_of(engine: CosimulationEngine) -> traffic.Copies:
    """Return all messages as copies of spikes; those under way, and lost ones, have not arrived."""
    trace, vertex = engine.trace()
    arrived = np.where(trace.arrived >= 0, trace.arrived, np.nan)
    arrived[engine.lost] = np.nan
    return traffic.Copies(
        vertex,
        trace.destination,
        trace.generated.astype(float),
        arrived,
        trace.injected.astype(float),
        trace.hops,
    )


def _histogram(copies: traffic.Copies) -> dict[str, Any]:
    """Return how many messages took how many cycles, by hops: edges of the bins and counts."""
    received = copies.received()
    latency = received.arrived - received.generated
    edges = np.linspace(0.0, max(float(np.ceil(latency.max(initial=1.0))), 1.0), BINS + 1)
    return {
        "edges": edges.tolist(),
        "hops": {
            str(h): np.histogram(latency[received.hops == h], edges)[0].tolist()
            for h in np.unique(received.hops)
        },
    }


def _links(engine: CosimulationEngine) -> list[dict[str, Any]]:
    flits, cycles = engine.noc.traffic[:, :4], _elapsed(engine)
    found = []
    for at in np.argsort(-flits.ravel(), kind="stable")[:10]:
        router, port = divmod(int(at), 4)
        if flits[router, port]:
            found.append(
                {"link": link_name(router, port, engine.plan.chip.columns), "flits": int(flits[router, port]),
                 "use": float(flits[router, port] / cycles)}
            )  # fmt: skip
    return found


def link_name(router: int, port: int, columns: int) -> str:
    """Return what the link of a router in a direction is called."""
    y, x = divmod(router, columns)
    return f"({x}, {y}) {('east', 'west', 'north', 'south')[port]}"


def _heat(engine: CosimulationEngine, copies: traffic.Copies) -> dict[str, Any]:
    """Return messages that arrive at each core, in equal parts of the time."""
    chip, stop = engine.plan.chip, _elapsed(engine)
    received = copies.received()
    part = np.minimum((received.arrived * FRAMES / stop).astype(int), FRAMES - 1)
    counts = np.zeros((FRAMES, chip.columns * chip.rows), dtype=np.int64)
    np.add.at(counts, (part, received.destination), 1)
    unit = "cycles" if engine.contract.waits else "ms"
    width = (stop if engine.contract.waits else engine.network.step * engine.network.timestep) / FRAMES
    frames = [
        {"label": f"{n * width:.4g} to {(n + 1) * width:.4g} {unit}", "values": values.tolist()}
        for n, values in enumerate(counts)
    ]
    return {"columns": chip.columns, "frames": frames}
