"""The network of one simulation: groups, connections, injected currents and probes, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from .cells import DOUBLE, CellGroup
from .connections import Connections
from .probes import Probe
from .sources import SourceGroup

Waveform = Callable[[int, int], npt.NDArray[np.float64]]


@dataclass(eq=False)
class Injection:
    """One current into some cells of a group.

    `waveform(first, n)` returns the amplitude (nA) that acts from step ``first + i`` to the next, float64,
    shape ``(n,)``."""

    group: CellGroup
    index: npt.NDArray[np.int32]
    waveform: Waveform


@dataclass(eq=False)
class Network:
    """Everything an engine needs to run.

    Attributes
    ----------
    timestep : float
        Integration step (ms); `step` counts them.
    seed : int
        Seed of the native random streams.
    dtype : dtype
        Of the state of cells and of weights: float64, or float32 for single precision.
    revision : int
        Increases when something is added, so that engines prepare again.
    """

    timestep: float = 0.1
    seed: int = 0
    step: int = 0
    groups: list[CellGroup | SourceGroup] = field(default_factory=list)
    connections: list[Connections] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    revision: int = 0
    dtype: np.dtype[Any] = DOUBLE

    def add_group(self, group: CellGroup | SourceGroup) -> None:
        """Add a group of cells or sources."""
        group.stream = len(self.groups)
        self.groups.append(group)
        self.revision += 1

    def check(self, group: CellGroup | SourceGroup, where: str = "") -> None:
        """Refuse a group of another network, which no engine would run.

        Raises
        ------
        NetworkError
            If `group` was not added to this network.
        """
        at = self.groups[group.stream : group.stream + 1]  # where `add_group` put it
        if not any(known is group for known in (*at, *self.groups)):
            raise NetworkError(
                f"'{group.label}' was made before the last setup()",
                where=where,
                limit="a simulation has the populations that were made since",
                remedy="make the Population after setup()",
            )

    def add_connections(self, connections: Connections) -> None:
        """Add a block of connections."""
        for group in (connections.pre, connections.post, connections.modulator):
            if group is not None:
                self.check(group, connections.label)
        connections.stream = len(self.connections)
        self.connections.append(connections)
        self.revision += 1

    def add_injection(self, injection: Injection) -> None:
        """Add an injected current."""
        self.check(injection.group)
        self.injections.append(injection)
        self.revision += 1

    def add_probe(self, probe: Probe) -> None:
        """Add a probe and take its first sample now."""
        self.check(probe.group)
        probe.restart(self.step)
        self.probes.append(probe)
        self.revision += 1

    def sample_start(self) -> None:
        """Take first samples again where nothing has run since: state may have been initialised after
        `add_probe`."""
        for probe in self.probes:
            if probe.start == self.step:
                probe.restart(self.step)

    def remove_probe(self, probe: Probe) -> None:
        """Stop recording `probe`."""
        self.probes.remove(probe)
        self.revision += 1

    def reset(self) -> None:
        """Go back to step 0: state, plastic weights and random streams as at the start; recordings begin
        anew."""
        self.step = 0
        for group in self.groups:
            group.reset()
            if group.spikes is not None:
                group.spikes.clear()
        for connections in self.connections:
            connections.reset()
        for probe in self.probes:
            probe.restart(0)
        self.revision += 1
