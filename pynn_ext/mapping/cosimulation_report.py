"""What a co-simulation did, as plain data: use of the cores, messages and their latency, order, energy."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..chip import traffic
from ..network import CellGroup

if TYPE_CHECKING:
    from .cosimulation import CosimulationEngine

FRAMES = 20  # of the map of messages over time


def report(engine: CosimulationEngine) -> dict[str, Any]:
    """Return the report of a run since the last reset."""
    chip, network = engine.plan.chip, engine.network
    found: dict[str, Any] = {
        "chip": chip.name,
        "interconnect": engine.interconnect,
        "cycles_per_step": engine.cycles,
        "timestep_ms": network.timestep,
        "simulated_ms": network.step * network.timestep,
        "cores": int(np.count_nonzero(engine.routes.use.cells)),
        "spikes": int(engine.fired.sum()),
    }
    found["use"] = _use(engine)
    found["energy_pJ"], counts = _energy(engine)
    found |= counts
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


def _energy(engine: CosimulationEngine) -> tuple[dict[str, float], dict[str, int]]:
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
    seconds = engine.network.step * engine.network.timestep * 1e-3
    energy = {
        "soma": updates * chip.soma_pj, "synapse": events * chip.synapse_pj, "router": routers * chip.router_pj,
        "link": links * chip.link_pj, "static": chip.static_mw * 1e9 * seconds * chip.columns * chip.rows,
    }  # fmt: skip
    return energy, {
        "cell_updates": updates,
        "synaptic_events": events,
        "router_flits": routers,
        "link_flits": links,
    }


def _messages(engine: CosimulationEngine) -> dict[str, Any]:
    copies = copies_of(engine)
    distortion = traffic.interval_distortion(copies)
    inversions, part = traffic.inversions(copies)
    ms = engine.network.timestep / engine.cycles
    here = traffic.latency(copies)
    return {
        "messages": len(copies),
        "in_flight": int(np.isnan(copies.arrived).sum()),
        "acted_later": engine.shifted,
        "latency_cycles": {**asdict(here), "mean_ms": here.mean * ms},
        "network_latency_cycles": asdict(traffic.network_latency(copies)),
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


def copies_of(engine: CosimulationEngine) -> traffic.Copies:
    """Return all messages as copies of spikes; those under way have not arrived."""
    trace, vertex = engine.trace()
    arrived = np.where(trace.arrived >= 0, trace.arrived, np.nan)
    return traffic.Copies(
        vertex,
        trace.destination,
        trace.generated.astype(float),
        arrived,
        trace.injected.astype(float),
        trace.hops,
    )


def _links(engine: CosimulationEngine) -> list[dict[str, Any]]:
    flits, cycles = engine.noc.traffic[:, :4], max(engine.network.step * engine.cycles, 1)
    found = []
    for at in np.argsort(-flits.ravel(), kind="stable")[:10]:
        router, port = divmod(int(at), 4)
        if flits[router, port]:
            y, x = divmod(router, engine.plan.chip.columns)
            found.append(
                {"link": f"({x}, {y}) {('east', 'west', 'north', 'south')[port]}", "flits": int(flits[router, port]),
                 "use": float(flits[router, port] / cycles)}
            )  # fmt: skip
    return found


def _heat(engine: CosimulationEngine, copies: traffic.Copies) -> dict[str, Any]:
    """Return messages that arrive at each core, in equal parts of the time."""
    chip, stop = engine.plan.chip, max(engine.network.step * engine.cycles, 1)
    received = copies.received()
    part = np.minimum((received.arrived * FRAMES / stop).astype(int), FRAMES - 1)
    counts = np.zeros((FRAMES, chip.columns * chip.rows), dtype=np.int64)
    np.add.at(counts, (part, received.destination), 1)
    width = engine.network.step * engine.network.timestep / FRAMES
    frames = [
        {"label": f"{n * width:.4g} to {(n + 1) * width:.4g} ms", "values": values.tolist()}
        for n, values in enumerate(counts)
    ]
    return {"columns": chip.columns, "frames": frames}
