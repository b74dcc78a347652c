"""What a step costs: energy by component, and its time by three models.

A core goes through its compartments in order; g is the time since its last message. One that fires sends a message
to each core it reaches: the first is ready after g plus the time of an axon, each further one an axon later. Messages
take the links of dimension order (x first), and the destination core walks the list of synapses.

- ``simple``: the longer of the slowest core's generation and the slowest core's processing;
- ``detailed``: messages in order of their sending, with the density of messages on the links of each route, blocking
  when a route is full, and cores that process one message after the other (J. Boyle et al., IEEE TCAD 44(8), 2025,
  section V; SANA-FE 2.2.9);
- ``cycle``: every message through every router and buffer of the two meshes (`mesh`).

The barrier is added to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pynn_ext.chip.contracts import Barrier
from pynn_ext.chip.jit import kernel

from .costs import Costs

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ROWS, COLUMNS, CORES_PER_TILE, BUFFER = 4, 8, 4, 16
EAST, WEST, NORTH, SOUTH, PORTS = 0, 1, 2, 3, 4
LINKS = PORTS + CORES_PER_TILE


@dataclass(eq=False)
class Layout:
    """Where compartments are, and which cores each reaches.

    Parameters
    ----------
    core : ndarray
        int64, shape ``(n,)``: core (4 * tile + core of the tile) of each compartment; compartments of a core are
        processed in order.
    offsets, cores : ndarray
        int64: compartment i reaches ``cores[offsets[i]:offsets[i + 1]]``, in increasing order.
    synapses : ndarray
        int64, shape ``(len(cores), 3)``: synapses there, by format (dense, sparse, convolution).
    """

    core: Integers
    offsets: Integers
    cores: Integers
    synapses: Integers

    def __post_init__(self) -> None:
        self.order = np.argsort(self.core, kind="stable")
        self.tiles = len(np.unique(self.core // CORES_PER_TILE))

    @classmethod
    def of(cls, core: Any, pre: Any, post: Any, fmt: Any) -> Layout:
        """Return the layout of a network given synapse by synapse; `fmt` is 0, 1 or 2."""
        core, pre = np.asarray(core, np.int64), np.asarray(pre, np.int64)
        n_cores = int(core.max(initial=0)) + 1
        key = pre * n_cores + core[np.asarray(post, np.int64)] if len(pre) else np.empty(0, np.int64)
        unique, row = np.unique(key, return_inverse=True)
        synapses = np.zeros((len(unique), 3), np.int64)
        np.add.at(synapses, (row, np.asarray(fmt, np.int64)), 1)
        counts = (
            np.bincount(unique // n_cores, minlength=len(core))
            if len(unique)
            else np.zeros(len(core), np.int64)
        )
        return cls(
            core, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), unique % n_cores, synapses
        )


@dataclass(eq=False)
class StepMessages:
    """Messages of one step, core by core in the order in which they are sent; a destination of -1 is time without a
    message.

    Attributes
    ----------
    source, destination : ndarray
        int64: cores.
    generation, processing, hop : ndarray
        float64 (s): time until it is ready, to process it, and of its hops when nothing is in the way.
    hops : ndarray
        int64.
    row : ndarray
        int64: entry of the layout's `cores`, -1 for none.
    """

    source: Integers
    destination: Integers
    generation: Floats
    processing: Floats
    hop: Floats
    hops: Integers
    row: Integers


class StepCosts:
    """Energy and time of the steps of one network.

    Parameters
    ----------
    layout : Layout
        Where everything is.
    costs : Costs
        What everything costs.
    """

    def __init__(self, layout: Layout, costs: Costs) -> None:
        self.layout, self.costs = layout, costs
        source = np.repeat(layout.core, np.diff(layout.offsets)) // CORES_PER_TILE
        target = layout.cores // CORES_PER_TILE
        self.dx = np.abs(source // ROWS - target // ROWS)
        self.dy = np.abs(source % ROWS - target % ROWS)
        self.processing = costs.axon_in.time + layout.synapses @ np.array([c.time for c in costs.synapse])
        self.synapse_energy = layout.synapses @ np.array([c.energy for c in costs.synapse])
        local = (self.dx + self.dy) == 0
        self.hop = self.dx * costs.hop_x.time + self.dy * costs.hop_y.time + local * costs.local.time
        self.network_energy = (
            costs.axon_out.energy + costs.axon_in.energy + self.dx * costs.hop_x.energy
            + self.dy * costs.hop_y.energy + local * costs.local.energy
        )  # fmt: skip
        self.contract = Barrier(costs.barrier(layout.tiles))

    def rows(self, fired: Integers) -> Integers:
        """Return the entries of the layout's `cores` that spikes use, in order of `fired`."""
        first, count = self.layout.offsets[fired], np.diff(self.layout.offsets)[fired]
        starts = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
        return starts + np.arange(int(count.sum()))

    def energy(self, fired: Integers, active: npt.NDArray[np.bool_], learned: int = 0) -> dict[str, int]:
        """Return the dynamic energy (fJ) of a step by component.

        Parameters
        ----------
        fired : ndarray
            Compartments that fire.
        active : ndarray
            bool, shape ``(n,)``: compartments with something to do.
        learned : int
            Synapses that were updated by a rule.
        """
        c, busy = self.costs, int(np.count_nonzero(active))
        rows = self.rows(np.asarray(fired, np.int64))
        return {
            "soma": (len(active) - busy) * c.idle.energy
            + busy * c.active.energy
            + len(fired) * c.spike_out.energy,
            "synapse": int(self.synapse_energy[rows].sum()),
            "network": int(self.network_energy[rows].sum()),
            "learning": learned * c.learn.energy,
        }

    def messages(self, fired: Integers, active: npt.NDArray[np.bool_]) -> StepMessages:
        """Return the messages of a step."""
        layout, c = self.layout, self.costs
        spikes = np.zeros(len(layout.core), np.int64)
        spikes[np.asarray(fired, np.int64)] = 1
        soma = np.where(active, c.active.time, c.idle.time) + spikes * c.spike_out.time
        size = len(layout.core) + len(layout.cores) + 1
        source, row, generation = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size)
        n = collect(
            layout.order, layout.core, spikes, soma, layout.offsets, c.axon_out.time, source, row, generation
        )
        source, row, generation = source[:n], row[:n], generation[:n]
        real = row >= 0

        def per_row(values: Any) -> Any:
            return (
                np.where(real, values[np.maximum(row, 0)], 0)
                if len(values)
                else np.zeros(n, np.asarray(values).dtype)
            )

        destination = np.where(real, per_row(layout.cores), -1)
        return StepMessages(
            source,
            destination,
            generation,
            per_row(self.processing),
            per_row(self.hop),
            per_row(self.dx + self.dy),
            row,
        )

    def simple(self, m: StepMessages) -> float:
        """Return the time (s) of a step by the ``simple`` model."""
        real = m.destination >= 0
        send = np.bincount(m.source, m.generation) if len(m.source) else np.zeros(1)
        receive = np.bincount(m.destination[real], m.processing[real]) if real.any() else np.zeros(1)
        return self.contract.lasts(float(max(send.max(), receive.max())))

    def detailed(self, m: StepMessages) -> float:
        """Return the time (s) of a step by the ``detailed`` model."""
        if not len(m.source):
            return self.contract.lasts(0.0)
        end, *_ = schedule(m.source, m.destination, m.generation, m.processing, m.hop, m.hops)
        return self.contract.lasts(float(end))


@kernel
def collect(
    order: Any,
    core: Any,
    spikes: Any,
    soma: Any,
    offsets: Any,
    axon: float,
    source: Any,
    row: Any,
    generation: Any,
) -> int:
    """Go through the compartments core by core; return how many messages were written."""
    n, waiting = 0, 0.0
    for k in range(len(order)):
        i = order[k]
        waiting += soma[i]
        if spikes[i]:
            for r in range(offsets[i], offsets[i + 1]):
                source[n], row[n], generation[n] = core[i], r, waiting + axon
                waiting = 0.0
                n += 1
        if waiting > 0.0 and (k == len(order) - 1 or core[order[k + 1]] != core[i]):
            source[n], row[n], generation[n] = core[i], -1, waiting
            waiting = 0.0
            n += 1
    return n


@kernel
def link_at(k: int, source: int, destination: int) -> int:
    """Return the link that stands for the k-th tile of a route: the core's own port at the source, else the direction
    from which the message comes."""
    tile, target = source // CORES_PER_TILE, destination // CORES_PER_TILE
    x, y, tx, ty = tile // ROWS, tile % ROWS, target // ROWS, target % ROWS
    if k == 0:
        return tile * LINKS + PORTS + source % CORES_PER_TILE
    along = abs(tx - x)
    if k <= along:
        x += k if tx > x else -k
        return (x * ROWS + y) * LINKS + (EAST if tx > tile // ROWS else WEST)
    k -= along
    y += k if ty > y else -k
    return (tx * ROWS + y) * LINKS + (NORTH if ty > tile % ROWS else SOUTH)


@kernel
def ends(source: Any, cores: int) -> tuple[Any, Any]:
    """Return the first and the last message of each core, -1 for none."""
    first, last = np.full(cores, -1), np.full(cores, -1)
    for m in range(len(source) - 1, -1, -1):
        if last[source[m]] < 0:
            last[source[m]] = m
        first[source[m]] = m
    return first, last


@kernel
def schedule(
    source: Any, destination: Any, generation: Any, processing: Any, hop: Any, hops: Any
) -> tuple[float, Any, Any, Any]:
    """Send messages in order of time; return when the last is processed, and for each when it was sent, received and
    how long it was blocked.

    Its loops are in place: as functions, which Numba does not take in line, they need 1.4 times the time."""
    n, cores = len(source), int(max(source.max(), destination.max())) + 1
    sent, received, blocked = np.zeros(n), np.zeros(n), np.zeros(n)
    following, last = ends(source, cores)
    for core in range(cores):
        if following[core] >= 0:
            sent[following[core]] = generation[following[core]]
    density = np.zeros((cores // (CORES_PER_TILE * ROWS) + 1) * ROWS * LINKS)
    finish = np.zeros(cores)
    head, tail, after = np.full(cores, -1), np.full(cores, -1), np.full(n, -1)
    flying, mean, end = 0, 0.0, 0.0
    while True:
        core = -1
        for c in range(cores):
            if following[c] >= 0 and (core < 0 or sent[following[c]] < sent[following[core]]):
                core = c
        if core < 0:
            break
        m = following[core]
        t = sent[m]
        end = max(end, t)
        for d in range(cores):  # whoever has been received by now is no longer on the way
            while head[d] >= 0 and received[head[d]] <= t:
                gone = head[d]
                head[d] = after[gone]
                for k in range(hops[gone] + 1):
                    density[link_at(k, source[gone], destination[gone])] -= 1.0 / (hops[gone] + 2.0)
                if flying > 1:
                    mean += (mean - processing[gone]) / (flying - 1.0)
                else:
                    mean = 0.0
                flying -= 1
        if destination[m] >= 0:
            to = destination[m]
            congestion = 0.0
            for k in range(hops[m] + 1):
                congestion += density[link_at(k, source[m], to)]
            capacity = (hops[m] + 1) * BUFFER
            if congestion > capacity:
                blocked[m] = (congestion - capacity) * mean
                sent[m] += blocked[m]
            network = max(hop[m], congestion * mean / (hops[m] + 1.0))
            earliest = sent[m] + network
            received[m] = max(finish[to], earliest)
            finish[to] = max(finish[to] + processing[m], earliest + processing[m])
            end = max(end, finish[to])
            for k in range(hops[m] + 1):
                density[link_at(k, source[m], to)] += 1.0 / (hops[m] + 2.0)
            mean += (processing[m] - mean) / (flying + 1.0)
            flying += 1
            if head[to] < 0:
                head[to] = m
            else:
                after[tail[to]] = m
            tail[to] = m
        if m < last[core]:
            following[core] = m + 1
            sent[m + 1] = sent[m] + generation[m + 1]
            end = max(end, sent[m + 1])
        else:
            following[core] = -1
    return end, sent, received, blocked
