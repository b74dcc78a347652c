"""Any network on the compiled engine, with its spikes carried by a network on chip.

Every cell sits on a core. A spike for cells of the same core goes there directly; for each other core it
becomes one message. Three settings of the interconnect make a difference attributable:

- ``ideal``: messages take no time;
- ``trace``: cells run as if they took none, and the messages are carried to see what they would do;
- ``closed``: a message acts in the step that the chip's time contract (`chip.contracts`) assigns to the cycle in
  which it arrives, as if its spike had been fired then, and takes the synapse's own delay. Delay, reordering and loss
  act on the receiving cells, and so on everything after, in the same run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..chip.contracts import TimeContract
from ..chip.noc import Messages, Trace
from ..chip.noc import Network as Interconnect
from ..errors import NetworkError, UnsupportedError, suggestion
from ..network import CellGroup, Connections, Network, SourceGroup, SpikeLog, StreamedSpikes
from .cosimulation_report import link_name, report
from .mesh_chip import Plan
from .shadow import Shadow, shadow_of
from .tally import tallied

SETTINGS = ("ideal", "trace", "closed")
MOST_LATE = 50  # late messages that a report names
Indices = npt.NDArray[np.int64]


class CosimulationEngine:
    """Simulation of a network whose cores are connected by a mesh.

    Parameters
    ----------
    network : Network
        What to simulate.
    inner : callable
        ``inner(network)`` returns the engine that runs cells and synapses.
    plan : Plan
        Places the cells and describes the mesh.
    interconnect : str
        ``"ideal"``, ``"trace"`` or ``"closed"``.
    """

    def __init__(
        self, network: Network, inner: Callable[[Network], Any], plan: Plan, interconnect: str = "closed"
    ) -> None:
        if interconnect not in SETTINGS:
            raise NetworkError(
                f"interconnect={interconnect!r}", where="setup", remedy=suggestion(interconnect, SETTINGS)
            )
        self.network, self._inner, self.plan, self.interconnect = network, inner, plan, interconnect
        self.mesh, self.flits, self.cycles = plan.mesh, plan.flits, plan.cycles(network.timestep)
        self.contract: TimeContract = plan.chip.time
        self._structure: Any = None
        self._revisions: Any = None
        self._last_step = 0

    def run(self, steps: int) -> None:
        """Advance the network by `steps` time steps."""
        network = self.network
        if network.step == 0 and self._last_step != 0:
            self._begin()
        self._refresh()
        for group in self._senders:
            if group.spikes is None:
                group.spikes = SpikeLog()  # how the interconnect learns who fired
            elif isinstance(group.spikes, StreamedSpikes):
                raise NetworkError(
                    f"the spikes of '{group.label}' are recorded to files",
                    where="setup(record_to=...)",
                    limit="the interconnect needs them in memory",
                    remedy="leave out 'record_to'",
                )
        with tallied((group, self._fired_of(group)) for group in self._others):
            self._advance(int(steps))
        self._last_step = network.step

    def _advance(self, steps: int) -> None:
        if self.interconnect == "closed":
            for _ in range(steps):
                self._step()
            assert self._shadow is not None
            self._shadow.store()
        else:
            self._run_open(steps)

    def plastic_trace(self, connections: Connections, name: str) -> npt.NDArray[np.float64]:
        """Return a trace of plastic synapses at the present time; a synapse sees a spike when its message arrives."""
        if self._shadow is None:
            return np.asarray(self._engine.plastic_trace(connections, name))
        return self._shadow.gathered(connections, lambda part: self._engine.plastic_trace(part, name))

    # --- preparation ---------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        network = self.network
        structure = [id(g) for g in network.groups], [(id(c), len(c)) for c in network.connections]
        revisions = [c.revision for c in network.connections]
        if structure != self._structure:
            if self._structure is not None and network.step > 0:
                raise UnsupportedError(
                    "cells or synapses that are added after the network has run",
                    limit="cells are placed on cores before the first run",
                    remedy="build the whole network before run(), or call reset() first",
                )
            self._place()
            self._begin()
        elif revisions != self._revisions and self._shadow is not None:
            self._shadow.refresh()
        self._structure, self._revisions = structure, revisions
        if self._shadow is not None:
            self._shadow.network.probes, self._shadow.network.injections = network.probes, network.injections
            self._shadow.network.revision += 1

    def _place(self) -> None:
        self.graph, self.routes = self.plan(self.network)
        cells = [group for group in self.network.groups if isinstance(group, CellGroup)]
        groups = cells + [group for group in self.network.groups if not isinstance(group, CellGroup)]
        starts = np.concatenate([[0], np.cumsum([group.size for group in groups])])
        self._first = {id(group): int(start) for group, start in zip(groups, starts, strict=False)}
        routes, n = self.routes, self.graph.n_cells
        vertex = np.repeat(np.arange(len(self.graph)), np.diff(routes.offsets))
        remote = (vertex < n) & (routes.cores != routes.core_of[vertex])
        #: the axons of cells: vertex and remote core of each, by vertex
        self._axon_vertex, self._axon_core = vertex[remote], routes.cores[remote]
        self._axons = np.concatenate(
            [[0], np.cumsum(np.bincount(self._axon_vertex, minlength=n)[:n])]
        ).astype(np.int64)
        self._senders = [
            group for group in cells
            if self._axons[self._first[id(group)] + group.size] > self._axons[self._first[id(group)]]
        ]  # fmt: skip
        #: those whose spikes the interconnect does not need: they are only counted
        self._others = [group for group in groups if group not in self._senders]

    def _fired_of(self, group: CellGroup | SourceGroup) -> Indices:
        """Return the counts of a group's spikes, as a part of those of all."""
        first = self._first[id(group)]
        return self.fired[first : first + group.size]

    def _begin(self) -> None:
        """Start from time 0 with an empty interconnect."""
        self.noc = Interconnect(self.mesh)
        #: spikes of each vertex, whatever way they take
        self.fired = np.zeros(len(self.graph), dtype=np.int64)
        self._sent: list[Indices] = []  # axon of each delivery, in the order in which they were sent
        self._axon_of = np.empty(0, dtype=np.int64)
        self.shifted, self.late = 0, []  # type: ignore[var-annotated]
        self.lost: list[int] = []  # rows of the trace
        self.lengths: list[int] = []  # cycles of the steps that had to wait for messages
        self._shadow: Shadow | None = None
        if self.interconnect == "closed":
            self._shadow = shadow_of(self.network, self.routes, self._first)
            self._relays()
        self._engine = self._inner(self.network if self._shadow is None else self._shadow.network)

    def _relays(self) -> None:
        """Find the relay of each axon."""
        assert self._shadow is not None
        self._relay_of = np.full(len(self._axon_vertex), -1, dtype=np.int64)
        self._index_of = np.zeros(len(self._axon_vertex), dtype=np.int64)
        self._relay_list = list(self._shadow.relays.values())
        number = {
            (int(v), int(c)): a
            for a, (v, c) in enumerate(zip(self._axon_vertex, self._axon_core, strict=True))
        }
        for n, (group, relay) in enumerate(self._shadow.relays.items()):
            for (cell, core), index in relay.axons.items():
                axon = number[self._first[group] + cell, core]
                self._relay_of[axon], self._index_of[axon] = n, index

    # --- the loop ------------------------------------------------------------------------------------------

    def _step(self) -> None:
        network, shadow = self.network, self._shadow
        assert shadow is not None
        self._deliver(network.step)
        seen = [len(group.spikes.index) for group in self._senders if group.spikes is not None]
        shadow.network.step = network.step
        self._engine.run(1)
        network.step += 1
        fired = [
            self._first[id(group)] + np.concatenate(group.spikes.index[before:]).astype(np.int64)
            for group, before in zip(self._senders, seen, strict=True)
            if group.spikes is not None and len(group.spikes.index) > before
        ]
        if fired:
            vertices = np.sort(np.concatenate(fired))
            self._send(np.full(len(vertices), network.step), vertices)

    def _run_open(self, steps: int) -> None:
        network = self.network
        seen = [len(group.spikes.index) for group in self._senders if group.spikes is not None]
        self._engine.run(steps)
        times, vertices = [np.empty(0)], [np.empty(0, dtype=np.int64)]
        for group, before in zip(self._senders, seen, strict=True):
            assert group.spikes is not None
            times += group.spikes.times[before:]
            vertices += [
                self._first[id(group)] + index.astype(np.int64) for index in group.spikes.index[before:]
            ]
        when = np.rint(np.concatenate(times) / network.timestep).astype(np.int64)
        who = np.concatenate(vertices)
        order = np.lexsort((who, when))
        if self.interconnect == "trace":
            self._carry(when[order], who[order])
        else:
            np.add.at(self.fired, who, 1)

    def _carry(self, steps: Indices, vertices: Indices) -> None:
        """Carry messages that nobody waits for, or step by step if steps wait for their messages."""
        if not self.contract.waits:
            self._send(steps, vertices)
            self._note(self.noc.advance(self.network.step * self.cycles))
            return
        edges = np.flatnonzero(np.diff(steps)) + 1
        for part in np.split(np.arange(len(steps)), edges):
            self._send(steps[part], vertices[part])
            self._note(self._arrivals(0))

    def _arrivals(self, step: int) -> Indices:
        """Return the deliveries that arrive in time for a step."""
        if not self.contract.waits:
            return self.noc.advance(self.contract.until(step, self.cycles))
        begin, waiting = self.noc.now, self.noc.in_flight > 0
        arrived = self.noc.drain()
        if waiting:
            self.lengths.append(self.noc.now - begin)
        return arrived

    def _send(self, steps: Indices, vertices: Indices) -> None:
        """Send one message for each remote core that each vertex reaches."""
        np.add.at(self.fired, vertices, 1)
        counts = np.diff(self._axons)[vertices]
        total = int(counts.sum())
        if not total:
            return
        starts = np.repeat(self._axons[vertices] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        axon = starts + np.arange(total)
        source = self.routes.core_of[self._axon_vertex[axon]]
        generated = (
            np.full(total, self.noc.now) if self.contract.waits else np.repeat(steps, counts) * self.cycles
        )
        self.noc.send(Messages(generated, source, self._axon_core[axon], self.flits))
        self._sent.append(axon)

    def _deliver(self, step: int) -> None:
        """Let relays fire whose messages act in this step."""
        arrived = self._arrivals(step)
        if not len(arrived):
            return
        axon = self._note(arrived)
        for n, relay in enumerate(self._relay_list):
            mine = self._relay_of[axon] == n
            if mine.any():
                relay.fire(step, self._index_of[axon[mine]])

    def _note(self, arrived: Indices) -> Indices:
        """Keep what came late; return the axons of the deliveries that act."""
        if self._sent:
            self._axon_of = np.concatenate([self._axon_of, *self._sent])
            self._sent = []
        axon = self._axon_of[arrived]
        if self.contract.waits or not len(arrived):
            return axon
        trace = self.noc.rows(arrived)
        late = self.contract.late(trace.generated, trace.arrived, self.cycles)
        for k in np.flatnonzero(late)[: MOST_LATE - len(self.late)]:
            self.late.append(self._late(trace, int(k), int(axon[k])))
        if self.contract.loses:
            self.lost += arrived[late].tolist()
            return axon[~late]
        self.shifted += int(np.count_nonzero(late))
        return axon

    def _late(self, trace: Trace, row: int, axon: int) -> dict[str, Any]:
        cycles = int(trace.arrived[row] - trace.generated[row])
        ms = self.network.timestep / self.cycles
        return {
            "time": float(trace.arrived[row] * ms),
            "source": self.graph.label(int(self._axon_vertex[axon])),
            "target": f"core {self._axon_core[axon]}",
            "by": f"{cycles} cycles ({cycles * ms:.4g} ms) late, {int(trace.hops[row])} hops, "
            f"{int(trace.blocked[row])} cycles blocked",
            "link": self._busiest(int(trace.source[row]), int(trace.destination[row]))
            if trace.blocked[row]
            else "",
        }

    def _busiest(self, source: int, destination: int) -> str:
        """Return the link on a message's way that carried most, where it is most likely to have waited."""
        path = self.mesh.path(source, destination)
        flits = self.noc.traffic[:, :4]
        return link_name(*max(path, key=lambda link: flits[link]), self.plan.chip.columns) if path else ""

    def trace(self) -> tuple[Trace, Indices]:
        """Return every message since the last reset, and the vertex that fired for each."""
        if self._sent:
            self._axon_of = np.concatenate([self._axon_of, *self._sent])
            self._sent = []
        return self.noc.trace(), self._axon_vertex[self._axon_of]

    def report(self) -> dict[str, Any]:
        """Return what was done since the last reset, as plain data."""
        return report(self)

    def annotations(self) -> dict[str, Any]:
        """Return the report as text, for the annotations of a block."""
        if self._structure is None:
            return {}
        return {"chip_report": json.dumps(report(self))}
