"""The network that an engine runs when an interconnect carries its spikes: a *shadow* of the one described.

Each synapse between cores starts from a relay, a source that fires when the message arrives. Synapses, their
plasticity included, therefore sit at their target and see the spike when it gets there. Groups, probes and
injections are shared with the network."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..network import ArraySource, Connections, Network
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
    for block in network.connections:
        parts = _split(block, routes, first, shadow)
        shadow.parts.append((block, parts))
        for part in parts:
            shadow.network.add_connections(part)
    return shadow


def _split(block: Connections, routes: Routes, first: dict[int, int], shadow: Shadow) -> list[Connections]:
    pre, post = block.pre_indices(), block.post_index.astype(np.int64)
    pre_core = routes.core_of[first[id(block.pre)] + pre]
    post_core = routes.core_of[first[id(block.post)] + post]
    remote = (pre_core >= 0) & (pre_core != post_core)  # sources are outside: their spikes come directly
    parts = []
    for chosen, through in ((~remote, False), (remote, True)):
        at = np.flatnonzero(chosen)
        if not at.size:
            continue
        source, index = (_relay(block, pre[at], post_core[at], shadow)) if through else (block.pre, pre[at])
        columns = {n: c[at] if c.ndim else c for n, c in block.columns.items()}
        parts.append(
            Connections.build(
                source, block.post, block.receptor, block.model, index, post[at], block.delays()[at],
                {**columns, ORIGIN: at.astype(float)}, block.dendritic_delay_fraction, block.label,
            )
        )  # fmt: skip
    return parts


def _relay(block: Connections, pre: Indices, core: Indices, shadow: Shadow) -> tuple[ArraySource, Indices]:
    relay = shadow.relays.get(id(block.pre))
    if relay is None:
        relay = Relay(ArraySource(0, f"axons of {block.pre.label}"), {})
        shadow.relays[id(block.pre)] = relay
        shadow.network.add_group(relay.source)
    pairs, inverse = np.unique(np.stack([pre, core]), axis=1, return_inverse=True)
    numbers = [relay.axons.setdefault((int(cell), int(at)), len(relay.axons)) for cell, at in pairs.T]
    relay.source.size = len(relay.axons)
    return relay.source, np.array(numbers, dtype=np.int64)[inverse.reshape(-1)]
