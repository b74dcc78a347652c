"""Recording: PyNN's `Recorder` on top of probes and spike logs.

A variable may be recorded from any time on: cells that are added later form a signal of their own, which
starts when they were added, and their spikes count from then. Signals come in the order of the calls of
``record``; after a reset all of them start at 0 and those of one variable are one signal again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import recording

from ..errors import NetworkError, PynnExtError, pynn_error, suggestion
from ..network import Probe, SpikeLog, StreamedProbe, StreamedSpikes
from ..network.cells import column_name
from ..results import write_block
from .epochs import SPIKES, Epoch, neo_segment
from .stored import Description

if TYPE_CHECKING:
    import neo

NEVER = -1


class NothingRecordedError(PynnExtError, IndexError):
    """There are no data yet."""


class Recorder(recording.Recorder):
    """Records one population for itself and all its views."""

    clear_flag: bool

    def __init__(self, population: Any, file: Any = None) -> None:
        # without PyNN's, which says when recording began as a quantity, for which Quantities would be imported
        self.file, self.population = file, population
        self.recorded: dict[Any, set[Any]] = defaultdict(set)
        self.cache, self.clear_flag = recording.DataCache(), False
        self.sampling_interval, self.record_times = self._state.dt, False
        self._state.recorders.add(self)
        self._probes: dict[str, list[Probe]] = {}
        # the step from which each cell's spikes count
        self._since = np.full(population.size, NEVER, dtype=np.int64)
        self._cleared_at = 0
        self._description = Description(self, self._state.store) if self._state.store else None

    @property
    def _state(self) -> Any:
        return self._simulator.state

    # --- what is recorded ----------------------------------------------------------------------------------

    def record(
        self, variables: Any, ids: Any, sampling_interval: float | None = None, locations: Any = None
    ) -> None:
        """As PyNN's; a sampling interval is a multiple of the time step, and unknown variables get a
        suggestion."""
        if sampling_interval is not None:
            self._check_interval(sampling_interval)
        celltype = self.population.celltype
        for name in [variables] if isinstance(variables, str) else variables:
            if locations is None and not celltype.can_record(name):
                raise pynn_error(
                    "RecordingError",
                    f"{type(celltype).__name__} has no variable '{name}' to record",
                    where=self.population.label,
                    remedy=suggestion(name, celltype.recordable),
                )
        super().record(variables, ids, sampling_interval, locations)
        self.describe()

    def _check_interval(self, interval: float) -> None:
        steps = interval / self._state.dt
        if not steps > 0 or abs(steps - round(steps)) > 1e-6 or round(steps) < 1:
            raise NetworkError(
                f"a sampling_interval of {interval} ms",
                where=self.population.label,
                limit=f"it is a multiple of the timestep, {self._state.dt:g} ms",
                remedy=f"for example sampling_interval={max(1, round(abs(steps))) * self._state.dt:g}",
            )

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        group, step = self.population.group, self._state.network.step
        index = np.sort(self.population.id_to_index(list(new_ids))) if new_ids else np.empty(0, int)
        if variable.name == SPIKES:
            self._since[index] = step
            if group.spikes is None:
                store = self._state.store
                group.spikes = StreamedSpikes(store, group.label) if store else SpikeLog()
            return
        if sampling_interval is not None:
            self.sampling_interval = sampling_interval
        if not new_ids:
            return
        every = max(1, round(self.sampling_interval / self._state.dt))
        probes = self._probes.setdefault(variable.name, [])
        together = next((p for p in probes if p.start == step and p.every == every), None)
        if together is not None:
            index = np.union1d(together.index, index)
            self._state.network.remove_probe(together)
            probes.remove(together)
        column, cells, store = column_name(variable.name), index.astype(np.int32), self._state.store
        probe = (
            StreamedProbe(group, column, cells, every, store=store)
            if store
            else Probe(group, column, cells, every)
        )
        self._state.network.add_probe(probe)
        probes.append(probe)

    def _reset(self) -> None:
        for probes in self._probes.values():
            for probe in probes:
                self._state.network.remove_probe(probe)
        self._probes = {}
        self._since[:] = NEVER
        self.population.group.spikes = None
        self.sampling_interval = self._state.dt

    def clear(self) -> None:
        """Forget what has been recorded."""
        self.cache.clear()
        self.clear_flag = True
        self._clear_simulator()

    def _clear_simulator(self) -> None:
        self._cleared_at = self._state.network.step
        self._since[self._since != NEVER] = self._state.network.step
        if self.population.group.spikes is not None:
            self.population.group.spikes.clear()
        for probes in self._probes.values():
            for probe in probes:
                probe.restart(self._state.network.step)
        if self._description is not None:
            self._description.begin()

    def describe(self) -> None:
        """Write beside the files of this segment, if there are such, what is in them."""
        if self._description is not None:
            self._description.write(self._epoch({}))

    def store_to_cache(self, annotations: dict[str, Any] | None = None) -> None:
        """Keep the data of the time before a reset, unless there has been no time since they were
        cleared."""
        step = self._state.network.step
        if step != 0 and not (self.clear_flag and step == self._cleared_at):
            self.cache.store(self._epoch(annotations or {}))
        self.clear_flag = False
        self._since[self._since != NEVER] = 0

    # --- reading -------------------------------------------------------------------------------------------

    def _epoch(self, annotations: dict[str, Any]) -> Epoch:
        """Return everything recorded since the last reset or clear."""
        log = self.population.group.spikes
        return Epoch(
            number=self._state.segment_counter,
            t_stop=self._state.t,
            timestep=self._state.dt,
            recorded={variable.name: ids for variable, ids in self.recorded.items()},
            spikes=log.held() if log else (np.empty(0), np.empty(0, np.int32)),
            since=self._since.copy(),
            signals={
                name: [(p.start, p.every, p.index, p.held()) for p in probes]
                for name, probes in self._probes.items()
            },
            annotations=annotations,
        )

    def spikes_between(self, begin: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the spikes in ``(begin, end]`` (ms) as ``(cells, times)``, sorted by time, without making Neo objects
        of all that was recorded."""
        log = self.population.group.spikes
        times, index = log.arrays() if log else (np.empty(0), np.empty(0, np.int32))
        inside = slice(*np.searchsorted(times, [begin + 1e-9, end + 1e-9], side="right"))
        times, index = times[inside], index[inside]
        since = self._since[index]
        counts = (since >= 0) & ((since == 0) | (times > since * self._state.dt + 1e-9))
        return index[counts].astype(np.int64), times[counts].astype(float)

    def get(
        self, variables: Any, gather: bool = False, filter_ids: Any = None, clear: bool = False,
        annotations: Any = None, locations: Any = None,
    ) -> neo.Block:  # fmt: skip
        """Return the data as PyNN does; each call makes new Neo objects, so what is done to them changes no
        data here."""
        if isinstance(variables, str) and variables != "all":
            variables = [variables]
        epochs = [*self.cache, *([self._epoch({})] if self._state.running else [])]
        if not epochs:
            raise NothingRecordedError(
                "there are no data", where=self.population.label, remedy="call run() before get_data()"
            )
        import neo

        block = neo.Block(
            name=self.population.label,
            description=self.population.describe(),
            rec_datetime=epochs[0].ended,
            **{**self.metadata, **(annotations or {})},
        )
        for epoch in epochs:
            segment = neo_segment(epoch, self.population, variables, filter_ids)
            segment.description = block.description
            block.segments.append(segment)
            segment.block = block
        if clear:
            self.clear()
        return block

    def write(
        self, variables: Any, file: Any = None, gather: bool = False, filter_ids: Any = None, clear: bool = False,
        annotations: Any = None, locations: Any = None,
    ) -> None:  # fmt: skip
        """Write the data to a Neo IO or to a file whose suffix names the format."""
        data = self.get(variables, gather, filter_ids, clear, annotations=annotations, locations=locations)
        write_block(file or self.file, data)

    @property
    def metadata(self) -> dict[str, Any]:
        """PyNN's annotations of a block, and what the simulator changed (rounded delays)."""
        found = super().metadata
        if self._state.changes:
            found["changes"] = "; ".join(f"{where}: {what}" for where, what in self._state.changes.items())
        found.update(getattr(self._state.engine, "annotations", dict)())
        return found

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        cells = self.filter_recorded(variable, filter_ids)
        index, _ = self._epoch({}).spikes_of(self.population.size)
        counts = np.bincount(index, minlength=self.population.size).tolist()
        first = int(self.population.first_id)
        return {int(i): counts[int(i) - first] for i in sorted(cells)}
