"""Reward: a `DopaminePool` or `ModulatorPool` as the reward trace r1 of the learning engine.

The spikes that release into the pool are reward spikes. Each adds an impulse to r1, the same for all, which stands for
``n += w / tau``; r1 decays with tau. Every core has the trace, and rounds it on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pynn_ext.chip.synapses import Synapses, deliver
from pynn_ext.mapping import Problem
from pynn_ext.network import CellGroup, Connections, Network

from .compartments import SLOTS
from .microcode import Reward, room

#: The signal of a pool, and its time constant.
POOLS = {"DopaminePool": ("n", "tau_n"), "ModulatorPool": ("m", "tau")}
#: Reward spikes per ms that r1 has room for, on average.
REWARD_RATE = 0.02


def is_pool(group: Any) -> bool:
    """Whether a group is a reward trace instead of cells."""
    return isinstance(group, CellGroup) and group.model.name in POOLS


def of_cells(network: Network) -> Network:
    """Return the network without pools and what reaches them, to be placed on cores."""
    found = Network(network.timestep, network.seed, network.step)
    found.groups = [group for group in network.groups if not is_pool(group)]
    found.connections = [block for block in network.connections if not is_pool(block.post)]
    return found


def problems(network: Network) -> Iterator[Problem]:
    """Give what of the pools, and of the rules that they modulate, the engine cannot express."""
    for group in network.groups:
        if is_pool(group):
            assert isinstance(group, CellGroup)
            yield from _pool_problems(group, [block for block in network.connections if block.post is group])
    for block in network.connections:
        if is_pool(block.pre):
            yield Problem(block.label, "spikes of a pool", "a reward trace fires no spikes", "leave it out")
        if block.modulator is not None and not is_pool(block.modulator):
            yield Problem(
                block.label, f"a modulator of type {block.modulator.model.name}",
                f"the learning engine has a reward trace, which is a {' or '.join(POOLS)}", "use one of these",
            )  # fmt: skip


def _pool_problems(group: CellGroup, blocks: list[Connections]) -> Iterator[Problem]:
    if group.size != 1:
        yield Problem(
            group.label, f"a pool of {group.size} cells", "one reward trace for all synapses of a rule",
            "a pool of one cell for each Projection that differs",
        )  # fmt: skip
    if "level" in group.parameters and np.any(group.parameter("level") != 0.0):
        yield Problem(
            group.label, "a level other than 0", "a reward trace decays to 0", "let spikes release all of it"
        )
    weights = np.concatenate([block.get("weight") for block in blocks if len(block)] or [np.ones(1)])
    if np.any(weights <= 0) or np.any(weights != weights[0]):
        yield Problem(
            group.label, f"released amounts of {weights.min():g} to {weights.max():g}",
            "each reward spike adds the same positive impulse", "give all synapses onto the pool one weight",
        )  # fmt: skip
    for block in blocks:
        if not block.model.static:
            yield Problem(
                block.label, f"{block.model.name} onto a pool", "its weight is fixed", "StaticSynapse"
            )


class Channel:
    """One pool: the reward spikes of each step.

    Parameters
    ----------
    group : CellGroup
        The pool.
    blocks : list of Connections
        What releases into it.
    first : dict of int to int
        By ``id`` of a group, the vertex of its first cell.
    vertices : int
        Cells and sources.
    """

    def __init__(
        self, group: CellGroup, blocks: list[Connections], first: dict[int, int], vertices: int
    ) -> None:
        weight = next((float(block.get("weight")[0]) for block in blocks if len(block)), 1.0)
        self.signal, constant = POOLS[group.model.name]
        tau = float(group.parameter(constant)[0])
        impulse = room(tau, REWARD_RATE)
        self.reward = Reward(impulse, weight / tau / impulse, tau)
        empty = [np.empty(0, np.int64)]
        pre = [block.pre_indices() + first[id(block.pre)] for block in blocks]
        delay = [block.delays().astype(np.int64) for block in blocks]
        self.synapses = Synapses.of(
            vertices, np.concatenate(pre or empty), 0, 1, np.concatenate(delay or empty)
        )
        self.reset()

    def reset(self) -> None:
        """Forget spikes under way."""
        self.ring, self._touched = np.zeros((SLOTS, 1), np.int64), np.zeros(1, np.int64)

    def step(self, rows: Any, step: int) -> int:
        """Return how many reward spikes arrive in a step in which the vertices `rows` spike."""
        s = self.synapses
        deliver(rows, step, s.offsets, s.target, s.weight, s.delay, self.ring, self._touched)
        arrived = int(self.ring[step % SLOTS, 0])
        self.ring[step % SLOTS, 0] = 0
        return arrived
