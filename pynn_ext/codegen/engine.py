"""Runs a network: keeps the core's records in step with it, and advances it in chunks.

Everything is found by comparing revision counters, so `run` may follow any change of the network: parameters,
weights, new groups, projections, probes. State and weights stay in the network's own arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np

from ..network import Connections, Network
from .build import build_core
from .bundles import Bundles, candidates
from .couplings import CouplingDriver, halves
from .groups import INPUT, CellDriver, GroupDriver, driver
from .histories import Histories, History
from .library import (
    BundleRecord,
    CoreRecord,
    CouplingRecord,
    GroupRecord,
    InjectionRecord,
    ProbeRecord,
    ProjectionRecord,
    SliceRecord,
    address,
    core,
    function,
    is_single,
    plastic,
)
from .projections import ProjectionDriver
from .threads import Trial, division, load

LEAST_LOAD = 1500.0  # cells, or the like; with fewer it is not tried whether threads are worth it
MERGED = 8.0  # times as many, if synapses are merged: a bundle is made for one division
HELD = 1 << 25  # bytes of samples that are held until they are handed over
LEAST_PLASTIC = 2_000_000  # plastic synapses; a row in parts, and two more meetings in a step, cost as much
CHUNK = 2000  # steps between looks at signals, and the length of a waveform that is held in memory


class Drivers:
    """What the compiled and the interpreted engine have alike: one driver for each group and each projection."""

    network: Network
    _groups: dict[Any, Any]
    _projections: list[Any]
    _within = _unsettled = False

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Make one run of those within: synapses are brought up to date at its end only, and so its last bits do not
        depend on how it was divided."""
        self._within = True
        try:
            yield
        finally:
            self._within = False
            self._settle()

    def _settle(self) -> None:
        """Bring synapses up to date, for whoever reads them, unless more of a run follows."""
        if self._unsettled and not self._within:
            self._unsettled = False
            self._settle_synapses()

    def _settle_synapses(self) -> None:
        raise NotImplementedError

    def _reset(self) -> None:
        for group in self._groups.values():
            group.reset()
        for projection in self._projections:
            projection.reset()

    def _keep_histories(self) -> list[History]:
        """Keep state variables for as long as a projection looks back; return what is kept."""
        needed: dict[Histories, dict[str, int]] = {}
        for projection in self._projections:
            reach = needed.setdefault(projection.post.histories, {})
            for variable, steps in projection.reach.items():
                reach[variable] = max(steps, reach.get(variable, 0))
        return [h for histories, reach in needed.items() for h in histories.keep(reach, self.network.step)]

    def plastic_trace(self, connections: Connections, name: str) -> Any:
        """Return a trace of plastic synapses at the present time, before the spikes of this step; float64, one value
        per synapse."""
        for projection in self._projections:
            if projection.connections is connections:
                return projection.trace(name)
        return np.zeros(len(connections))


class Engine(Drivers):
    """Compiled simulation of one `Network`.

    Parameters
    ----------
    network : Network
        What to simulate; read and written in place.
    threads : int
        Number of threads; results do not depend on it.
    """

    name = "codegen"

    def __init__(self, network: Network, threads: int = 1) -> None:
        self.network = network
        self.threads = max(1, min(int(threads), 64))
        self._groups: dict[int, GroupDriver] = {}
        self._projections: list[ProjectionDriver] = []
        self._couplings: list[CouplingDriver] = []
        self._bundles = Bundles()
        self._revision = -1
        self._last_step = network.step
        self._form: list[bool] = []
        self._trial: Trial | None = None
        self._rooms: list[np.ndarray[Any, Any]] = []  # for samples that are to come
        self._core = CoreRecord()
        build_core(is_single(network.dtype))

    def run(self, steps: int) -> None:
        """Advance the network by `steps` time steps."""
        network = self.network
        if network.step == 0 and self._last_step != 0:
            self._reset()
        self._refresh()
        self._unsettled = True
        remaining = int(steps)
        self._rooms = [np.empty((0, len(probe.index)), network.dtype) for probe in network.probes]
        try:
            while remaining > 0:
                n = self._chosen(min(remaining, self._chunk))
                begun = perf_counter()
                self._run_chunk(n, remaining)
                if self._trial is not None:
                    self._trial.tell(n, perf_counter() - begun)
                remaining -= n
        finally:  # synapses may be read, even after an interrupt
            self._rooms = []
            self._settle()
        self._last_step = network.step

    def _settle_synapses(self) -> None:
        if self._core.plastic:
            plastic(is_single(self.network.dtype)).settle(ctypes.byref(self._core), self.network.step)

    def _chosen(self, n: int) -> int:
        """Choose the number of threads; return for how many of the next `n` steps."""
        if self._trial is None:
            return n
        threads, n = self._trial.choose(n)
        if threads != self._core.threads:
            self._bind(threads)
        return n

    def _run_chunk(self, n: int, remaining: int) -> None:
        network = self.network
        waves = [
            np.ascontiguousarray(injection.waveform(network.step, n)) for injection in network.injections
        ]
        for record, wave in zip(self._injections, waves, strict=True):
            record.wave = address(wave)
        outputs = self._outputs(n, remaining)
        for group in self._groups.values():
            group.look_ahead(network.step, n, network.seed)
        library = core(is_single(network.dtype))
        library.run(ctypes.byref(self._core), network.step, n)
        network.step += n
        for probe, out in zip(network.probes, outputs, strict=True):
            if len(out):
                probe.chunks.append(out)
        for group in self._groups.values():
            group.collect()

    def _outputs(self, n: int, remaining: int) -> list[np.ndarray[Any, Any]]:
        """Return where the samples of the next `n` steps go: into memory for many more, which comes in larger pages."""
        step, outputs = self.network.step, []
        ahead = max(n, min(remaining, self._held))
        for k, (probe, record) in enumerate(zip(self.network.probes, self._probes, strict=True)):
            rows, more = probe.rows(step, n), probe.rows(step, ahead)
            if len(self._rooms[k]) < rows:
                self._rooms[k] = np.empty((more, len(probe.index)), self.network.dtype)
            out, self._rooms[k] = self._rooms[k][:rows], self._rooms[k][rows:]
            record.out = address(out)
            outputs.append(out)
        return outputs

    def _refresh(self) -> None:
        network = self.network
        if self._revision != network.revision:
            self._rebuild()
            self._revision = network.revision
        for group in self._groups.values():
            group.refresh(network.step)
        changed = [projection.refresh(network.step) for projection in self._projections]
        form = [group.counted for group in self._groups.values()]
        if any(changed) or form != self._form:
            self._share_projections()
        self._bundles.settle()
        if any([coupling.refresh() for coupling in self._couplings]):
            self._share_couplings()

    def _rebuild(self) -> None:
        network = self.network
        for group in network.groups:
            if id(group) not in self._groups:
                self._groups[id(group)] = driver(group, network.timestep, network.seed)
            self._groups[id(group)].reseed(network.seed)
        known = {id(p.connections): p for p in self._projections}
        self._projections = [
            known.get(id(c))
            or ProjectionDriver(c, self._groups[id(c.pre)], self._groups[id(c.post)], network.timestep)
            for c in network.connections
            if not c.model.coupling
        ]
        coupled = {id(d.half.connections) for d in self._couplings}
        for c in network.connections:
            if c.model.coupling and id(c) not in coupled:
                self._couplings += map(CouplingDriver, halves(c))
        self._share_groups()
        self._share_injections()
        self._share_couplings()
        self._share_probes()
        self._share_projections()

    def _share_groups(self) -> None:
        records = [self._groups[id(group)].record for group in self.network.groups]
        self._group_pointers = (ctypes.POINTER(GroupRecord) * max(len(records), 1))(
            *map(ctypes.pointer, records)
        )
        self._core.n_groups, self._core.groups = len(records), ctypes.addressof(self._group_pointers)
        self._core.h, self._core.seed = self.network.timestep, self.network.seed

    def _feed(self) -> None:
        """Let each group of cells add the spikes of one source to each cell in its own loop."""
        fed: dict[GroupDriver, str] = {}
        for p in self._projections:
            if not isinstance(p.pre, CellDriver):
                p.pre.refresh(self.network.step)
            p.record.feeds = p.feeds()
            if p.record.feeds:
                fed.setdefault(p.post, p.variable)
        for group in self._groups.values():
            if isinstance(group, CellDriver):
                group.feed(fed.get(group))

    def _share_projections(self) -> None:
        for projection in self._projections:
            projection.refresh(self.network.step)
        self._feed()
        for group in self._groups.values():
            group.refresh(self.network.step)
        self._divide()
        threads = self._core.threads
        divisions = zip(self.network.groups, self._divisions[threads], strict=True)
        bounds = {id(group): ends.tolist() for group, ends in divisions}
        records, slices = self._bundles.share(self._projections, bounds, threads)
        if threads == 1 or records:  # bundles are made for one division
            self._trial = None
        elif self._trial is None:
            self._trial = Trial(threads)
        self._bundle_records = (BundleRecord * len(records))(*records)
        self._slices = (SliceRecord * len(slices))(*slices)
        self._core.n_bundles, self._core.bundles = len(records), ctypes.addressof(self._bundle_records)
        self._core.n_slices, self._core.slices = len(slices), ctypes.addressof(self._slices)
        self._keep_spikes()
        kept = [ctypes.addressof(h.record) for h in self._keep_histories()]
        self._histories = (ctypes.c_void_p * max(len(kept), 1))(*kept)
        self._core.n_histories, self._core.histories = len(kept), ctypes.addressof(self._histories)
        alone = [p for p in self._projections if not p.bundled]
        for projection in alone:
            projection.refresh(self.network.step)
        single = [p.record for p in alone]
        self._records = (ProjectionRecord * max(len(single), 1))(*single)
        self._core.n_projections, self._core.projections = len(single), ctypes.addressof(self._records)
        learns = any(record.see for record in single)
        library = plastic(is_single(self.network.dtype)) if learns else None
        self._core.plastic = function(library, "plastic_step") if library else None

    def _divide(self) -> None:
        """Divide all cells among the threads, with few threads where there is little to do."""
        groups = self.network.groups
        loads = load(self.network)
        least = LEAST_LOAD * (MERGED if candidates(self._projections) else 1)
        threads = self.threads if sum(loads) >= least else 1
        plastic = sum(len(c) for c in self.network.connections if not (c.model.static or c.model.coupling))
        self._core.divided = plastic >= LEAST_PLASTIC
        self._divisions = {n: division(groups, loads, n) for n in {1, threads}}
        self._bind(threads)

    def _bind(self, threads: int) -> None:
        """Give the core this number of threads."""
        self._core.threads = threads
        for group, bounds in zip(self.network.groups, self._divisions[threads], strict=True):
            self._groups[id(group)].record.bounds = address(bounds)

    def _keep_spikes(self) -> None:
        """Spikes stay for as long as a projection looks for them, in the form that it looks for."""
        for group in self._groups.values():
            mine = [p for p in self._projections if group in (p.pre, p.post)]
            slots = 2 + max((p.max_delay for p in mine), default=1)
            listed = any(p.bundled or p.looks_up() for p in mine if p.pre is group)
            group.keep(slots, listed, self.network.step)
        self._form = [group.counted for group in self._groups.values()]

    def _share_injections(self) -> None:
        opened: set[int] = set()
        records = []
        for injection in self.network.injections:
            cells = self._groups[id(injection.group)]
            assert isinstance(cells, CellDriver)
            column = cells.open_input()
            first = id(column) not in opened
            opened.add(id(column))
            record = InjectionRecord(count=len(injection.index), cells=injection.group.size, opens=first)
            record.column, record.index = address(column), address(injection.index)
            records.append(record)
        self._injections = (InjectionRecord * len(records))(*records)
        self._core.n_injections, self._core.injections = len(records), ctypes.addressof(self._injections)

    def _share_couplings(self) -> None:
        opened: set[int] = set()
        for coupling in self._couplings:
            half, record = coupling.half, coupling.record
            cells = self._groups[id(half.cells)]
            assert isinstance(cells, CellDriver)
            injects = half.variable == INPUT
            into = cells.open_coupling() if injects else half.cells.state[half.variable]
            base = cells.injected if injects else None
            record.group, record.into = ctypes.addressof(cells.record), address(into)
            record.base, record.opens = None if base is None else address(base), id(into) not in opened
            opened.add(id(into))
        self._coupling_records = (CouplingRecord * len(self._couplings))(*(c.record for c in self._couplings))
        self._core.n_couplings = len(self._couplings)
        self._core.couplings = ctypes.addressof(self._coupling_records)

    def _share_probes(self) -> None:
        records = []
        for probe in self.network.probes:
            record = ProbeRecord(count=len(probe.index), every=probe.every, start=probe.start)
            record.column, record.index = address(probe.group.state[probe.variable]), address(probe.index)
            records.append(record)
        self._probes = (ProbeRecord * len(records))(*records)
        step = (
            sum(len(probe.index) / probe.every for probe in self.network.probes) * self.network.dtype.itemsize
        )
        self._held = max(1, int(HELD / step)) if step else CHUNK
        self._chunk = min(CHUNK, self._held)
        self._core.n_probes, self._core.probes = len(records), ctypes.addressof(self._probes)

    def close(self) -> None:
        """Free the core's memory."""
        for group in self._groups.values():
            group.close()
        for projection in self._projections:
            projection.close()
        self._groups, self._projections = {}, []

    def __del__(self) -> Any:
        try:
            self.close()
        except Exception:  # the interpreter may be shutting down
            return
