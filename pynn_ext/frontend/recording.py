"""Recording: PyNN's `Recorder` on top of probes and spike logs.

A variable may be recorded from any time on: cells that are added later form a signal of their own, which
starts when they were added. Signals come in the order of the calls of ``record``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import neo
import numpy as np
import quantities as pq
from pyNN import recording

from ..network import CellGroup, Probe, SpikeLog

SPIKES = "spikes"


class Recorder(recording.Recorder):
    """Records one population for itself and all its views."""

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._probes: dict[str, list[Probe]] = {}
        self._spikes_from = 0.0

    @property
    def _state(self) -> Any:
        return self._simulator.state

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        group = self.population.group
        if variable.name == SPIKES:
            if group.spikes is None:
                group.spikes = SpikeLog()
            return
        if sampling_interval is not None:
            self.sampling_interval = sampling_interval
        if not new_ids:
            return
        every = max(1, int(round(self.sampling_interval / self._state.dt)))
        index = np.sort(self.population.id_to_index(list(new_ids))).astype(np.int32)
        probes = self._probes.setdefault(variable.name, [])
        together = next((p for p in probes if p.start == self._state.network.step and p.every == every), None)
        if together is not None:
            index = np.union1d(together.index, index).astype(np.int32)
            self._state.network.remove_probe(together)
            probes.remove(together)
        probe = Probe(group, variable.name, index, every)
        self._state.network.add_probe(probe)
        probes.append(probe)

    def _reset(self) -> None:
        for probes in self._probes.values():
            for probe in probes:
                self._state.network.remove_probe(probe)
        self._probes = {}
        self.population.group.spikes = None

    def _clear_simulator(self) -> None:
        if self.population.group.spikes is not None:
            self.population.group.spikes.clear()
        for probes in self._probes.values():
            for probe in probes:
                probe.restart(self._state.network.step)

    # --- reading -------------------------------------------------------------------------------------------

    def _spikes(self, ids: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return ``(cell indices, times)`` of the spikes of the cells `ids`, in order of time."""
        log = self.population.group.spikes
        if log is None:
            return np.empty(0, np.int64), np.empty(0)
        times, index = log.arrays()
        if len(ids) < self.population.size:
            wanted = np.zeros(self.population.size, dtype=bool)
            if len(ids):
                wanted[self.population.id_to_index(list(ids))] = True
            keep = wanted[index]
            times, index = times[keep], index[keep]
        return index.astype(np.int64), times.astype(float)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        index, times = self._spikes(ids)
        return index + int(self.population.first_id), times.copy()

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        index, _ = self._spikes(ids)
        counts = np.bincount(index, minlength=self.population.size)
        return {int(i): int(counts[self.population.id_to_index(i)]) for i in ids}

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[np.ndarray, None]:
        index = np.array([self.population.id_to_index(i) for i in ids])
        first = self._probes[variable.name][0]
        return first.samples()[:, np.searchsorted(first.index, index)], None

    def _get_current_segment(
        self, filter_ids: Any = None, variables: Any = "all", clear: bool = False
    ) -> neo.Segment:
        segment = neo.Segment(
            name=f"segment{self._state.segment_counter:03d}",
            description=self.population.describe(),
            rec_datetime=datetime.now(),
        )
        for variable in self.recorded:
            if variables != "all" and variable not in variables:
                continue
            ids = sorted(self.filter_recorded(variable, filter_ids))
            if variable.name == SPIKES:
                self._add_spiketrains(segment, ids)
            else:
                for probe in self._probes.get(variable.name, []):
                    self._add_signal(segment, variable, probe, ids)
        return segment

    def _add_spiketrains(self, segment: neo.Segment, ids: list[Any]) -> None:
        """Add the trains as one list, whose members neo makes when they are asked for."""
        index, times = self._spikes(ids)
        channels = np.array([int(i) for i in ids], dtype=np.int64)
        # the recorded time of a source is the one given, which may lie half a step behind the end of the run
        t_stop = max(self._state.t, float(times.max())) if len(times) else self._state.t
        trains = neo.spiketrainlist.SpikeTrainList.from_spike_time_array(
            times * pq.ms,
            index + int(self.population.first_id),
            channels,
            t_stop=t_stop * pq.ms,
            units="ms",
            t_start=self._recording_start_time,
            source_population=self.population.label,
            source_index=channels - int(self.population.first_id),
        )
        trains.segment = segment
        segment.spiketrains = trains

    def _add_signal(self, segment: neo.Segment, variable: Any, probe: Probe, ids: list[Any]) -> None:
        index = np.array([self.population.id_to_index(i) for i in ids], dtype=np.int64)
        chosen = np.isin(index, probe.index)
        index = index[chosen]
        if not len(index):
            return
        units = self.population.find_units(variable)
        signal = neo.AnalogSignal(
            probe.samples()[:, np.searchsorted(probe.index, index)],
            units="dimensionless" if units == "unknown" else units,
            t_start=probe.start * self._state.dt * pq.ms,
            sampling_period=probe.every * self._state.dt * pq.ms,
            name=variable.name,
            channel_ids=np.array([int(i) for i, keep in zip(ids, chosen, strict=True) if keep]),
            source_population=self.population.label,
            array_annotations={"channel_index": index},
        )
        signal.segment = segment
        segment.analogsignals.append(signal)


def can_record(population: Any, variable: str) -> bool:
    """Return whether `variable` is a state variable of the population's cells."""
    return isinstance(population.group, CellGroup) and variable in population.group.state
