"""sPyNNaker's ``neo_convertor``: what Neo blocks hold as rows of cell, time and value.

Times are in ms; the number of a cell is its index in the population."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]


def convert_data(block: Any, name: str, run: int = 0) -> Rows:
    """Return what was recorded in a run as rows, by cell and then time.

    Parameters
    ----------
    block : neo.Block
        As `get_data` returns it.
    name : str
        Name of the variable, or ``"spikes"``.
    run : int
        Number of the segment.

    Returns
    -------
    ndarray, shape (n, 2) or (n, 3)
        Index of the cell, time (ms) and, except for spikes, value.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    if run >= len(block.segments):
        raise ValueError(f"run {run} of {len(block.segments)}; runs are numbered from 0")
    if name == "spikes":
        return convert_spiketrains(block.segments[run].spiketrains)
    return convert_analog_signal(block.segments[run].filter(name=name)[0])


def convert_analog_signal(signal: Any, time_unit: Any = "ms") -> Rows:
    """Return a signal as rows of cell, time (in `time_unit`) and value, shape (n, 3)."""
    times = signal.times.rescale(time_unit).magnitude
    cells = np.repeat(signal.array_annotations["channel_index"], len(times))
    return np.column_stack([cells, np.tile(times, signal.shape[1]), signal.magnitude.T.ravel()])


def convert_data_list(block: Any, name: str, runs: Iterable[int] | None = None) -> list[Rows]:
    """Return `convert_data` of each run, or of those given."""
    return [convert_data(block, name, run) for run in (range(len(block.segments)) if runs is None else runs)]


def convert_v_list(block: Any, runs: Iterable[int] | None = None) -> list[Rows]:
    """Return the potentials of each run."""
    return convert_data_list(block, "v", runs)


def convert_gsyn_exc_list(block: Any, runs: Iterable[int] | None = None) -> list[Rows]:
    """Return the excitatory conductances, or currents, of each run."""
    return convert_data_list(block, "gsyn_exc", runs)


def convert_gsyn_inh_list(block: Any, runs: Iterable[int] | None = None) -> list[Rows]:
    """Return the inhibitory conductances, or currents, of each run."""
    return convert_data_list(block, "gsyn_inh", runs)


def convert_gsyn(excitatory: Any, inhibitory: Any) -> Rows:
    """Return both conductances of the first run as rows of cell, time, excitatory and inhibitory value, shape (n, 4).

    Raises
    ------
    ValueError
        If they are not of the same cells and times.
    """
    rows, others = convert_data(excitatory, "gsyn_exc"), convert_data(inhibitory, "gsyn_inh")
    if not np.array_equal(rows[:, :2], others[:, :2]):
        raise ValueError("gsyn_exc and gsyn_inh are not of the same cells and times")
    return np.column_stack([rows, others[:, 2]])


def convert_spiketrains(spiketrains: Any) -> Rows:
    """Return spike trains as rows of index of the cell and time (ms), shape (n, 2)."""
    if not len(spiketrains):
        return np.empty((0, 2))
    cells = [np.full(len(train), train.annotations["source_index"]) for train in spiketrains]
    times = [train.rescale("ms").magnitude for train in spiketrains]
    return np.column_stack([np.concatenate(cells), np.concatenate(times)])


def convert_spikes(block: Any, run: int = 0) -> Rows:
    """Return the spikes of a run, see `convert_data`."""
    return convert_data(block, "spikes", run)


def count_spiketrains(spiketrains: Any) -> int:
    """Return the number of spikes in all trains."""
    return sum(map(len, spiketrains))


def count_spikes(block: Any) -> int:
    """Return the number of spikes of the first run."""
    return count_spiketrains(block.segments[0].spiketrains)


def matrix_of(rows: Rows) -> Rows:
    """Return the rows of a signal as a matrix of the values, a row for each time and a column for each cell."""
    cells = len(np.unique(rows[:, 0]))
    return rows[:, 2].reshape(cells, -1).T


CONVERTOR = SimpleNamespace(
    **{name: value for name, value in globals().items() if name.startswith(("convert_", "count_"))}
)
