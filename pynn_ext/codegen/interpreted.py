"""The engine for machines without a C++ compiler: the same equations, statements, order of events and random
draws as the compiled one, run by NumPy. Slow, and correct up to rounding."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..network import CellGroup, Network, SourceGroup
from ..network.emitters import Emitter, emitter
from .couplings import halves
from .engine import CHUNK, Drivers
from .interpreted_cells import InterpretedCells
from .interpreted_couplings import CoupledCells
from .interpreted_projections import InterpretedProjection


class InterpretedEngine(Drivers):
    """Interpreted simulation of one `Network`.

    Parameters
    ----------
    network : Network
        What to simulate; read and written in place.
    threads : int
        Accepted as by `Engine`; there is always one.
    """

    name = "codegen"

    def __init__(self, network: Network, threads: int = 1) -> None:
        self.network = network
        self.threads = 1
        self._groups: dict[int, Emitter] = {}
        self._projections: list[InterpretedProjection] = []
        self._couplings: dict[tuple[int, str], CoupledCells] = {}
        self._inputs: list[Any] = []
        self._revision, self._seed = -1, network.seed
        self._last_step = network.step
        _load_brian()

    def run(self, steps: int) -> None:
        """Advance the network by `steps` time steps."""
        network = self.network
        if network.step == 0 and self._last_step != 0:
            self._reset()
        self._refresh()
        self._unsettled = True
        remaining = int(steps)
        with np.errstate(all="ignore"):  # NumPy evaluates both sides of a choice
            while remaining > 0:
                n = min(remaining, CHUNK)
                self._run_chunk(n)
                remaining -= n
            self._settle()
        self._last_step = network.step

    def _settle_synapses(self) -> None:
        for projection in self._projections:
            if not projection.static:
                projection.settle(self.network.step)

    def _refresh(self) -> None:
        network = self.network
        if self._revision != network.revision:
            self._rebuild()
            self._revision = network.revision
        for group in self._groups.values():
            group.refresh()
        for projection in self._projections:
            projection.refresh(network.step)
        for coupling in self._couplings.values():
            coupling.refresh()
        self._kept = self._keep_histories()
        slots = 2 + max((p.max_delay for p in self._projections), default=1)
        for group in self._groups.values():
            group.slots = max(group.slots, slots)

    def _rebuild(self) -> None:
        network = self.network
        if network.seed != self._seed:  # only a reset changes it
            self._groups, self._projections, self._seed = {}, [], network.seed
        for group in network.groups:
            if id(group) not in self._groups:
                self._groups[id(group)] = self._emitter(group)
        known = {id(p.connections): p for p in self._projections}
        self._projections = [
            known.get(id(c))
            or InterpretedProjection(
                c, self._groups[id(c.pre)], self._groups[id(c.post)], network.timestep, network.seed
            )
            for c in network.connections
            if not c.model.coupling
        ]
        self._couplings = {}
        for half in (half for c in network.connections if c.model.coupling for half in halves(c)):
            coupled = self._groups[id(half.cells)]
            assert isinstance(coupled, InterpretedCells)
            key = id(half.cells), half.variable
            self._couplings.setdefault(key, CoupledCells(coupled, half.variable, network.timestep)).add(half)
        self._inputs = []
        for injection in network.injections:
            cells = self._groups[id(injection.group)]
            assert isinstance(cells, InterpretedCells)
            self._inputs.append(cells.open_input())

    def _emitter(self, group: CellGroup | SourceGroup) -> Emitter:
        timestep = self.network.timestep
        return (
            InterpretedCells(group, timestep, self.network.seed)
            if isinstance(group, CellGroup)
            else emitter(group, timestep)
        )

    def _run_chunk(self, n: int) -> None:
        network = self.network
        waves = [np.asarray(injection.waveform(network.step, n)) for injection in network.injections]
        samples: list[list[Any]] = [[] for _ in network.probes]
        for i in range(n):
            self._before(network.step, i, waves)
            for group in self._groups.values():
                if isinstance(group, InterpretedCells):
                    self._deliver(group, network.step)
                    group.advance(network.step)
            network.step += 1
            for probe, rows in zip(network.probes, samples, strict=True):
                if (network.step - probe.start) % probe.every == 0:
                    rows.append(probe.group.state[probe.variable][probe.index])
        for probe, rows in zip(network.probes, samples, strict=True):
            if rows:
                probe.chunks.append(np.array(rows))
        for group in self._groups.values():
            group.collect()

    def _before(self, step: int, i: int, waves: list[Any]) -> None:
        for group in self._groups.values():
            group.forget(step + 1)
            group.source_step(step, self.network.seed)
        if waves and (i == 0 or any(wave[i] != wave[i - 1] for wave in waves)):
            for column in self._inputs:
                column[:] = 0.0
            for injection, column, wave in zip(self.network.injections, self._inputs, waves, strict=True):
                np.add.at(column, injection.index, wave[i])
        for coupling in self._couplings.values():
            coupling.act(step)
        for history in self._kept:
            history.remember(step)
        for projection in self._projections:
            if not projection.static:
                projection.plastic_step(step)

    def _deliver(self, group: Emitter, step: int) -> None:
        for projection in self._projections:
            if projection.static and projection.post is group:
                projection.deliver(step)

    def close(self) -> None:
        """Nothing is held outside Python."""


def _load_brian() -> None:
    hook = sys.excepthook
    try:
        from . import brian  # noqa: F401
    finally:
        sys.excepthook = hook  # Brian2 replaces it by one that blames Brian2 for any error of the script
