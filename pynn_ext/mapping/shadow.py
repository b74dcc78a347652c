"""The network that an engine runs when an interconnect carries its spikes: a *shadow* of the one described.

Each synapse between cores starts from a relay, a source that fires when the message arrives. Synapses, their
plasticity included, therefore sit at their target and see the spike when it gets there. Groups, probes and
injections are shared with the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import ArraySource, CellGroup, Connections, Network, SourceGroup
from .route import Routes

ORIGIN = "synapse of the network"
Indices = npt.NDArray[np.int64]


@dataclass(eq=False)
class Relay:
    """Sources that fire when messages arrive: one for each axon, a pair of a cell and a remote core.

    Attributes
    ----------
    source : ArraySource
        In the shadow network.
    axons : dict of (int, int) to int
        Cell of the group and core, to the index in `source`.
    """

    source: ArraySource
    axons: dict[tuple[int, int], int]

    def fire(self, step: int, index: Indices) -> None:
        """Let sources fire at `step`, which the engine has not reached yet."""
        source = self.source
        order = np.sort(index)
        source.times = np.concatenate([source.times[source.position :], np.full(len(order), float(step))])
        source.steps = np.concatenate([source.steps[source.position :], np.full(len(order), step)])
        source.index = np.concatenate([source.index[source.position :], order.astype(np.int32)])
        source.position = 0
        source.revision += 1


@dataclass(eq=False)
class Shadow:
    """The network that the engine runs in the closed loop."""

    network: Network
    relays: dict[int, Relay] = field(default_factory=dict)
    parts: list[tuple[Connections, list[Connections]]] = field(default_factory=list)

    def refresh(self) -> None:
        """Take over what has been set in the network since."""
        for block, parts in self.parts:
            for part in parts:
                if part.dendritic_delay_fraction != block.dendritic_delay_fraction:
                    part.dendritic_delay_fraction = block.dendritic_delay_fraction
                    part.revision += 1
                origin = part.columns[ORIGIN].astype(np.int64)
                delays = block.delays()[origin]
                if not np.array_equal(part.delays(), delays):
                    part.set_delays(delays)
                    origin = part.columns[ORIGIN].astype(np.int64)
                for name, column in block.columns.items():
                    wanted = column[origin] if column.ndim else column
                    if not np.array_equal(part.get(name), np.broadcast_to(wanted, (len(part),))):
                        part.set(name, wanted)
                        origin = part.columns[ORIGIN].astype(np.int64)

    def store(self) -> None:
        """Write what synapses have learnt back to the network they came from."""
        for block, parts in self.parts:
            for part in parts:
                origin = part.columns[ORIGIN].astype(np.int64)
                for name in block.initial:
                    block.columns[name][origin] = part.columns[name]

    def gathered(self, block: Connections, read: Callable[[Connections], Any]) -> npt.NDArray[np.float64]:
        """Return what ``read(part)`` gives of all parts of a block of the network, in the order of the block."""
        values = np.zeros(len(block))
        for part in next(parts for whole, parts in self.parts if whole is block):
            values[part.columns[ORIGIN].astype(np.int64)] = read(part)
        return values


def shadow_of(network: Network, routes: Routes, first: dict[int, int]) -> Shadow:
    """Return a network in which synapses between cores start from relays.

    Parameters
    ----------
    network : Network
        Groups, probes and injections are shared with it.
    routes : Routes
        Cores of its cells.
    first : dict of int to int
        Vertex of the first member of each group, by the ``id`` of the group.
    """
    shadow = Shadow(Network(network.timestep, network.seed, network.step, list(network.groups)))
    shadow.network.probes, shadow.network.injections = network.probes, network.injections
    # All axons first, because a synapse block is made for a number of sources.
    divided = [_divide(block, routes, first) for block in network.connections]
    sources = [_relay(block, d, shadow) for block, d in zip(network.connections, divided, strict=True)]
    for block, division, (source, index) in zip(network.connections, divided, sources, strict=True):
        parts = [
            _part(block, block.pre, division.pre[division.local], division.local),
            _part(block, source, index, division.remote),
        ]
        shadow.parts.append((block, [part for part in parts if part is not None]))
        for part in shadow.parts[-1][1]:
            shadow.network.add_connections(part)
    return shadow


@dataclass(frozen=True)
class Division:
    """Synapses of one block that stay on a core, or come from outside, and those that cross the interconnect.

    Attributes
    ----------
    pre, post_core : ndarray
        Source and core of the target of every synapse.
    local, remote : ndarray
        Numbers of the synapses of either kind.
    """

    pre: Indices
    post_core: Indices
    local: Indices
    remote: Indices


def _divide(block: Connections, routes: Routes, first: dict[int, int]) -> Division:
    pre, post = block.pre_indices(), block.post_index.astype(np.int64)
    pre_core = routes.core_of[first[id(block.pre)] + pre]
    post_core = routes.core_of[first[id(block.post)] + post]
    remote = (pre_core >= 0) & (pre_core != post_core)  # sources are outside: their spikes come directly
    return Division(pre, post_core, np.flatnonzero(~remote), np.flatnonzero(remote))


def _part(
    block: Connections, source: CellGroup | SourceGroup | None, index: Indices, at: Indices
) -> Connections | None:
    """Return the synapses `at` of a block as a block of its own, or None if there are none."""
    if source is None or not at.size:
        return None
    columns = {n: c[at] if c.ndim else c for n, c in block.columns.items()}
    return Connections.build(
        source, block.post, block.receptor, block.model, index, block.post_index.astype(np.int64)[at],
        block.delays()[at], {**columns, ORIGIN: at.astype(float)}, block.dendritic_delay_fraction, block.label,
        block.modulator,
    )  # fmt: skip


def _relay(block: Connections, division: Division, shadow: Shadow) -> tuple[ArraySource | None, Indices]:
    """Return the relay of a block's source group, and the index in it of each remote synapse's source."""
    pre, core = division.pre[division.remote], division.post_core[division.remote]
    if not len(pre):
        return None, pre
    relay = shadow.relays.get(id(block.pre))
    if relay is None:
        relay = Relay(ArraySource(0, f"axons of {block.pre.label}"), {})
        shadow.relays[id(block.pre)] = relay
        shadow.network.add_group(relay.source)
    pairs, inverse = np.unique(np.stack([pre, core]), axis=1, return_inverse=True)
    numbers = [relay.axons.setdefault((int(cell), int(at)), len(relay.axons)) for cell, at in pairs.T]
    relay.source.size = len(relay.axons)
    return relay.source, np.array(numbers, dtype=np.int64)[inverse.reshape(-1)]
