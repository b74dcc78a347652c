"""What was recorded between two resets, as arrays, and the Neo segment made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.recording import Variable

from ..network import Stream
from ..network.streams import paired

if TYPE_CHECKING:
    import neo

SPIKES = "spikes"


@dataclass(eq=False, repr=False)  # PyNN makes a text of each that it stores, for a message of the debug level
class Epoch:
    """The data of one segment.

    Attributes
    ----------
    number : int
        Number of the segment.
    t_stop, timestep : float
        ms.
    recorded : dict of str to set of ID
        The cells of which each variable is recorded, in the order of the calls of ``record``.
    spikes : tuple of ndarray or of Stream
        Times (ms) and cells.
    since : ndarray
        For each cell the step from which its spikes count, negative for never.
    signals : dict of str to list of tuple
        For each variable ``(first step, steps between samples, cells, samples)``; the samples may be a `Stream`.
    """

    number: int
    t_stop: float
    timestep: float
    recorded: dict[str, set[Any]]
    spikes: tuple[Any, Any]
    since: np.ndarray
    signals: dict[str, list[tuple[int, int, np.ndarray, Any]]]
    annotations: dict[str, Any]
    ended: datetime = field(default_factory=datetime.now)

    def spike_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return times (ms) and cells of everything that was logged."""
        times, cells = self.spikes
        return paired(times, cells) if isinstance(times, Stream) else (times, cells)

    def spikes_of(self, size: int, cells: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return ``(cells, times)`` of the spikes that count, of all `size` cells or of `cells`."""
        times, index = self.spike_arrays()
        keep = self.since[index] >= 0
        if cells is not None and len(cells) < size:
            wanted = np.zeros(size, dtype=bool)
            wanted[cells] = True
            keep &= wanted[index]
        late = self.since[index] > 0
        if late.any():
            keep &= ~late | (np.floor(times / self.timestep + 0.5 + 1e-9) > self.since[index])
        return index[keep].astype(np.int64), times[keep].astype(float)


def neo_segment(
    epoch: Epoch, population: Any, variables: Any, filter_ids: Iterable[Any] | None
) -> neo.Segment:
    """Return new Neo objects for the data of some variables (a list, or ``"all"``) and cells (or None for
    all)."""
    import neo

    segment = neo.Segment(name=f"segment{epoch.number:03d}", rec_datetime=epoch.ended, **epoch.annotations)
    wanted = None if filter_ids is None else set(filter_ids)
    for name, recorded in epoch.recorded.items():
        if variables != "all" and name not in variables:
            continue
        ids = np.array(sorted(recorded if wanted is None else recorded & wanted), dtype=np.int64)
        if name == SPIKES:
            _add_spiketrains(segment, epoch, population, ids)
        else:
            _add_signals(segment, epoch, population, name, ids)
    return segment


def _add_spiketrains(segment: neo.Segment, epoch: Epoch, population: Any, ids: np.ndarray) -> None:
    """Add the trains as one list, whose members neo makes when they are asked for."""
    from neo.core.spiketrainlist import SpikeTrainList
    from quantities import ms

    cells = ids - int(population.first_id)
    index, times = epoch.spikes_of(population.size, cells)
    # the recorded time of a source is the one given, which may lie half a step behind the end of the run
    t_stop = max(epoch.t_stop, float(times.max())) if len(times) else epoch.t_stop
    starts = epoch.since[cells]
    lists = []
    for start in np.unique(starts):
        chosen = starts == start
        mine = slice(None) if chosen.all() else np.isin(index, cells[chosen])
        lists.append(
            SpikeTrainList.from_spike_time_array(
                times[mine] * ms,
                index[mine] + int(population.first_id),
                ids[chosen],
                t_stop=t_stop * ms,
                units="ms",
                t_start=start * epoch.timestep * ms,
                source_population=population.label,
                source_index=cells[chosen],
            )
        )
    if not lists:
        return
    trains = lists[0]
    if len(lists) > 1:
        unordered = [train for part in lists for train in part]
        trains = SpikeTrainList(sorted(unordered, key=lambda train: train.annotations["channel_id"]))
    trains.segment = segment
    segment.spiketrains = trains


def _add_signals(segment: neo.Segment, epoch: Epoch, population: Any, name: str, ids: np.ndarray) -> None:
    """Add one signal for all cells whose samples were taken at the same times."""
    import neo
    from quantities import ms

    index = ids - int(population.first_id)
    together: dict[tuple[int, int], list[tuple[np.ndarray, np.ndarray]]] = {}
    for start, every, cells, samples in epoch.signals.get(name, []):
        whole = samples.array() if isinstance(samples, Stream) else samples
        together.setdefault((start, every), []).append((cells, whole))
    for (start, every), parts in together.items():
        cells = np.concatenate([part for part, _ in parts])
        order = np.argsort(cells)
        chosen = np.isin(index, cells)
        if not chosen.any():
            continue
        columns = order[np.searchsorted(cells[order], index[chosen])]
        whole = parts[0][1] if len(parts) == 1 else np.hstack([samples for _, samples in parts])
        signal = neo.AnalogSignal(
            whole if _mapped(whole, columns) else whole[:, columns],
            units=_units(population, name),
            t_start=start * epoch.timestep * ms,
            sampling_period=every * epoch.timestep * ms,
            name=name,
            channel_ids=ids[chosen],
            source_population=population.label,
            array_annotations={"channel_index": index[chosen]},
        )
        signal.segment = segment
        segment.analogsignals.append(signal)


def _mapped(whole: np.ndarray, columns: np.ndarray) -> bool:
    """Return whether all columns of a file are asked for in order: its pages need not be copied."""
    return isinstance(whole.base, np.memmap) and np.array_equal(columns, np.arange(whole.shape[1]))


def _units(population: Any, name: str) -> str:
    units = population.find_units(Variable(location=None, name=name, label=None))
    return "dimensionless" if units == "unknown" else units
