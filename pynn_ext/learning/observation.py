"""What a procedure sees of a network, on any backend: spikes and samples of a window of time, weights as arrays.

Everything goes through PyNN's interface. Recorded data grow while a network runs and each reading goes through
all of them; a procedure that is called often should be given populations of which it may clear the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NetworkError


def spikes_between(
    population: Any, begin: float, end: float, *, clear: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes of a population (or view) in ``(begin, end]``.

    Parameters
    ----------
    population : Population or PopulationView
        Its spikes are recorded.
    begin, end : float
        ms, since the last ``reset()``.
    clear : bool
        Whether all data recorded from it so far are dropped.

    Returns
    -------
    cells : ndarray
        int64, positions in `population`, sorted by time.
    times : ndarray
        float64 (ms).
    """
    recorder: Any = population.recorder
    if not any(variable.name == "spikes" and cells for variable, cells in recorder.recorded.items()):
        raise NetworkError(
            "a procedure asks for spikes that are not recorded",
            where=str(population.label),
            remedy="call record('spikes') before the run",
        )
    if hasattr(recorder, "spikes_between"):  # one of ours: the arrays themselves
        found = _own_spikes(population, recorder.spikes_between(begin, end))
        if clear:
            recorder.clear()
        return found
    trains = _segment(population, "spikes", clear).spiketrains
    if getattr(trains, "_items", None) is None:  # neo made no object per train yet, and need not
        ids, times = trains.multiplexed
        times = np.asarray(times, dtype=float)
        first = np.asarray(population.all_cells, dtype=np.int64)
        order = np.argsort(first)
        cells = (
            order[np.searchsorted(first[order], np.asarray(ids, dtype=np.int64))]
            if len(ids)
            else np.empty(0, int)
        )
    else:
        parts = [train.rescale("ms").magnitude for train in trains]
        times = np.concatenate([np.empty(0), *parts])
        known = [train.annotations for train in trains]  # NEURON's trains have a channel_id only
        index = [int(population.id_to_index(a.get("source_id", a.get("channel_id")))) for a in known]
        cells = np.repeat(np.array(index, dtype=np.int64), [len(part) for part in parts])
    inside = (times > begin + 1e-9) & (times <= end + 1e-9)
    order = np.argsort(times[inside], kind="stable")
    return cells[inside][order].astype(np.int64), times[inside][order]


def _own_spikes(population: Any, spikes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes of a population's recorder by their positions in `population`, which may be a view of it."""
    cells, times = spikes
    position = np.full(population.recorder.population.size, -1, dtype=np.int64)
    ids = np.asarray(population.all_cells, dtype=np.int64) - int(population.recorder.population.first_id)
    position[ids] = np.arange(len(ids))
    mine = position[cells] >= 0
    return position[cells[mine]], times[mine]


def samples_between(
    population: Any, variable: str, begin: float, end: float, *, clear: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the samples of a recorded variable in ``(begin, end]``.

    Returns
    -------
    times : ndarray
        float64, shape ``(samples,)`` (ms).
    values : ndarray
        float64, shape ``(samples, size)``.
    """
    signals = [s for s in _segment(population, variable, clear).analogsignals if s.name == variable]
    if not signals:
        raise NetworkError(
            f"'{variable}' is not recorded", where=str(population.label), remedy="call record()"
        )
    signal = signals[0]
    times = signal.times.rescale("ms").magnitude
    inside = (times > begin + 1e-9) & (times <= end + 1e-9)
    return times[inside], np.asarray(signal.magnitude, dtype=float)[inside]


def _segment(population: Any, variable: str, clear: bool) -> Any:
    return population.get_data(variable, clear=clear).segments[-1]


class Weights:
    """The weights of a projection as one array.

    Parameters
    ----------
    projection : Projection
        At most one synapse per pair of cells.

    Attributes
    ----------
    exists : ndarray of bool
        Shape ``(n_pre, n_post)``: where there is a synapse.
    """

    def __init__(self, projection: Any) -> None:
        self.projection = projection
        self.exists = np.isfinite(self._read())
        if self.exists.sum() != len(projection):
            raise NetworkError(
                f"{len(projection)} synapses between {self.exists.sum()} pairs of cells",
                where=str(projection.label),
                limit="at most one synapse per pair",
                remedy="put the others into projections of their own",
            )

    def _read(self) -> np.ndarray:
        return np.asarray(self.projection.get("weight", format="array"), dtype=float)

    def read(self) -> np.ndarray:
        """Return the weights, float64, shape ``(n_pre, n_post)``; 0 where there is no synapse."""
        return np.where(self.exists, self._read(), 0.0)

    def write(self, weights: np.ndarray) -> None:
        """Set the weights from an array of that shape; values where there is no synapse are ignored."""
        weights = np.asarray(weights, dtype=float)
        if weights.shape != self.exists.shape or not np.isfinite(weights[self.exists]).all():
            raise NetworkError(
                f"weights of shape {weights.shape}, {np.isfinite(weights).sum()} of them finite",
                where=str(self.projection.label),
                limit=f"finite weights of shape {self.exists.shape}",
            )
        self.projection.set(weight=weights)


class SignedWeights:
    """Weights of either sign, as two projections between the same cells: PyNN wants one sign in each.

    Parameters
    ----------
    excitatory, inhibitory : Projection
        Between the same populations, with a synapse between the same pairs of cells.
    """

    def __init__(self, excitatory: Any, inhibitory: Any) -> None:
        self.excitatory, self.inhibitory = Weights(excitatory), Weights(inhibitory)
        self.exists = self.excitatory.exists
        self._sign = 1.0 if _is_current(inhibitory) else -1.0
        if not np.array_equal(self.exists, self.inhibitory.exists):
            raise NetworkError(
                "the excitatory and the inhibitory projection connect different pairs of cells",
                where=f"{excitatory.label}, {inhibitory.label}",
                remedy="make both with the same list of pairs, for example AllToAllConnector()",
            )

    def read(self) -> np.ndarray:
        """Return the weights, shape ``(n_pre, n_post)``; 0 where there is no synapse."""
        return self.excitatory.read() + self._sign * self.inhibitory.read()

    def write(self, weights: np.ndarray) -> None:
        """Set positive weights in one projection and negative ones in the other; the partner of each is 0."""
        weights = np.asarray(weights, dtype=float)
        self.excitatory.write(np.maximum(weights, 0.0))
        self.inhibitory.write(self._sign * np.minimum(weights, 0.0))


def _is_current(projection: Any) -> bool:
    return not projection.post.conductance_based
