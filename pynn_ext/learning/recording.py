"""Recording of what a procedure follows: its state, and the signals that it learns by, as regular samples.

A procedure knows its variables at its updates, or on the grid of its `resolution` if it says so; a sample at time t is
the last value at or before t, and NaN before there is any. Variables of synapses and of the cells at their ends belong
to the projections whose weights the procedure reads (`Link`): there ``projection.record`` finds them, where the backend
has it, and everywhere `LearningProcedure.record` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import neo
import numpy as np
import quantities as pq

TOLERANCE = 1e-6  # ms


@dataclass(frozen=True)
class Variable:
    """Something that a procedure follows.

    Parameters
    ----------
    over : {"synapse", "pre", "post", ""}
        Whose values they are: those of synapses (an array of shape ``(n_pre, n_post)``), of cells at either end, or
        others, and then each number is a channel.
    units : str
        ``weight`` in it stands for those of the weights.
    """

    over: str = ""
    units: str = "dimensionless"


@dataclass(frozen=True, eq=False)
class Link:
    """The projection, or the two of opposite signs, whose weights a procedure reads.

    Parameters
    ----------
    projections : tuple of Projection
    exists : ndarray of bool
        Shape ``(n_pre, n_post)``.
    """

    projections: tuple[Any, ...]
    exists: np.ndarray

    @classmethod
    def of(cls, weights: Any) -> Link:
        """Return that of `Weights` or `SignedWeights`, or of a projection whose synapses are not told apart."""
        if not hasattr(weights, "exists"):
            return cls((weights,), np.zeros((0, 0), dtype=bool))
        parts = (weights.excitatory, weights.inhibitory) if hasattr(weights, "excitatory") else (weights,)
        return cls(tuple(part.projection for part in parts), weights.exists)

    @property
    def weight_units(self) -> str:
        """Units of the weights."""
        projection = self.projections[0]
        return getattr(projection, "weight_units", "uS" if projection.post.conductance_based else "nA")

    def row(self, over: str, value: Any) -> np.ndarray:
        """Return a value as one number per channel; synapses as ``get(..., format="list")`` lists them."""
        value = np.asarray(value, dtype=float)
        return value.T[self.exists.T] if over == "synapse" else value.ravel()

    def indices(self, over: str) -> dict[str, np.ndarray]:
        """Return what tells the channels."""
        post, pre = np.nonzero(self.exists.T)
        found = {"presynaptic_index": pre, "postsynaptic_index": post}
        if over in ("pre", "post"):
            side = 0 if over == "pre" else 1
            return {f"{over}synaptic_index": np.arange(self.exists.shape[side])}
        return found if over == "synapse" else {}


class Track:
    """Samples of one variable.

    Parameters
    ----------
    name : str
    variable : Variable
    link : Link or None
    interval : float
        ms.
    start : float or None
        Time of the first sample (ms); None for the time of the first value.
    """

    def __init__(
        self, name: str, variable: Variable, link: Link | None, interval: float, start: float | None
    ) -> None:
        self.name, self.variable, self.link = name, variable, link
        self.interval, self.start = float(interval), start
        self.rows: list[np.ndarray] = []
        self.first = 0  # which sample the first row is
        self.until = -np.inf
        self.held: np.ndarray | None = None

    def row(self, value: Any) -> np.ndarray:
        """Return a value as one number per channel."""
        return (
            self.link.row(self.variable.over, value)
            if self.link
            else np.ravel(np.asarray(value, dtype=float))
        )

    def due(self, end: float) -> np.ndarray:
        """Return the times of the samples up to `end` that are not taken yet."""
        start = end if self.start is None else self.start
        last = np.floor((end - start + TOLERANCE) / self.interval)
        return start + self.interval * np.arange(self.first + len(self.rows), last + 1)

    def take(self, times: np.ndarray, values: Any) -> None:
        """Take the samples that are due up to the last of `times`, given the values at these."""
        self.start = float(times[0]) if self.start is None else self.start
        due = self.due(float(times[-1]))
        at = np.searchsorted(times, due + TOLERANCE, side="right") - 1
        last = self.row(values[-1])
        before = np.full(last.shape, np.nan) if self.held is None else self.held
        self.rows += [self.row(values[i]) if i >= 0 else before for i in at.tolist()]
        self.until, self.held = float(times[-1]), last

    def forget(self) -> None:
        """Drop the samples; those to come are taken at the same times."""
        self.first, self.rows = self.first + len(self.rows), []

    def again(self, start: float | None) -> Track:
        """Return an empty one of the same variable."""
        return Track(self.name, self.variable, self.link, self.interval, start)

    def signal(self, name: str, projection: str = "") -> neo.AnalogSignal:
        """Return the samples, of shape ``(samples, channels)``, under a name and with the label of a projection."""
        weight = self.link.weight_units if self.link else "dimensionless"
        return neo.AnalogSignal(
            np.array(self.rows), units=self.variable.units.replace("weight", weight),
            t_start=((self.start or 0.0) + self.first * self.interval) * pq.ms, sampling_period=self.interval * pq.ms,
            name=name, array_annotations=self.link.indices(self.variable.over) if self.link else {},
            source_projection=projection or (str(self.link.projections[0].label) if self.link else ""),
        )  # fmt: skip
