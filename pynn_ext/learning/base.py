"""What every learning procedure is: an object that `run(callbacks=[...])` calls every `interval` ms.

PyNN calls each callback with the present time and expects the next time at which it wants to be called. That is
the whole contract with a backend, and so a procedure, which reads spikes and samples and writes weights and
parameters through PyNN, works on every one of them: ours, chips and pyNN.nest included.

A procedure acts at ``start + interval``, ``start + 2 interval``, ...; PyNN also calls it when a run begins and
ends, and then it only says when it is due. After ``reset()`` it begins again at ``start + interval`` and keeps what it
learned. What it follows can be recorded (`record`, or ``projection.record``). What it keeps is in the attributes that
`state_names` names and in `history`; `save` writes both to one file of arrays and JSON, and `restore` reads them back
into an object made in the same way."""

from __future__ import annotations

import json
import weakref
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import neo
import numpy as np

from ..errors import NetworkError, suggestion
from ..results import block_of, written
from .recording import Link, Track, Variable

TOLERANCE = 1e-6  # ms; times of a backend are sums or products of its time step
MAX_BYTES = 2**31  # of a file that `restore` reads


class History:
    """Values over time, one list per name.

    Attributes
    ----------
    columns : dict of str to list
        Under ``"t"`` the times (ms), under each other name one value or array per time.
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {"t": []}

    def append(self, t: float, **values: Any) -> None:
        """Add one value or array (copied) of each name at time `t` (ms); the names are always the same."""
        if self.columns["t"] and set(values) != set(self.columns) - {"t"}:
            raise NetworkError(
                f"the history holds {sorted(set(self.columns) - {'t'})} and was given {sorted(values)}",
                limit="every entry has the same names",
            )
        self.columns["t"].append(float(t))
        for name, value in values.items():
            self.columns.setdefault(name, []).append(np.array(value, dtype=float))

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the values of `name`, float64, shape ``(times, ...)``."""
        return np.array(self.columns[name], dtype=float)

    def __len__(self) -> int:
        return len(self.columns["t"])


class LearningProcedure(ABC):
    """A callback that changes a network as it runs.

    Parameters
    ----------
    interval : float
        Time between two calls of `update` (ms).
    start : float
        Time from which the intervals count (ms).

    Attributes
    ----------
    history : History
        What `update` appended.
    updates : int
        How often `update` was called.
    since : float
        Time of the last update, or from which time it is called (ms).
    """

    #: What its numbers were checked against, and what is inferred.
    status: ClassVar[str] = ""
    #: Models that a backend must have for it.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Attributes that hold what was learned: numbers, arrays, or random generators.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: What can be recorded: attributes, or names of the history.
    variables: ClassVar[Mapping[str, Variable]] = {}

    def __init__(self, interval: float, *, start: float = 0.0) -> None:
        if not (np.isfinite(interval) and interval > 0):
            raise NetworkError(
                f"an interval of {interval} ms",
                where=type(self).__name__,
                limit="it is positive",
                remedy="for example the length of one trial, or interval=1.0",
            )
        self.interval, self.start = float(interval), float(start)
        self.history = History()
        self.updates = 0
        self.since = self._due = self._last = self.start
        self._begun = False
        self.resolution = self.interval
        self.links: list[Link] = []
        self._watched: weakref.WeakSet[Track] = weakref.WeakSet()  # by whoever recorded them
        self._tracks: list[Track] = []
        self._number = 0  # of the present segment, from one reset to the next
        self._segments: list[tuple[int, list[Track]]] = []
        self._values: dict[tuple[str, Link | None], Any] = {}  # the last ones that were said

    def __call__(self, t: float) -> float:
        """Call `update` if it is due, and return the next time at which it is (ms)."""
        t = float(t)
        if self._begun and (t < self._last - TOLERANCE or self._counted() != self._number):  # reset()
            self.rewind()
            self._begun = False
            self._begin_segment()
        if not self._begun:  # perhaps long after the simulation began
            self._number = self._counted()
            self.since, self._due, self._begun = t, self._next(t), True
            self._take(t)
        elif t >= self._due - TOLERANCE:
            self.update(t)
            self._take(t)
            self.updates += 1
            self.since, self._due = t, self._next(t)
        self._last = t
        return self._due

    def _counted(self) -> int:
        """Return the number of the present segment as the backend counts them, where a projection tells, or that of
        the resets that the times of calls showed."""
        for projection in (projection for link in self.links for projection in link.projections):
            state = getattr(getattr(projection, "_simulator", None), "state", None)
            counter = getattr(state, "segment_counter", None)
            if counter is not None:
                return int(counter)
        return self._number

    def _next(self, t: float) -> float:
        passed = max(np.floor((t - self.start + TOLERANCE) / self.interval), 0.0)
        return float(self.start + (passed + 1) * self.interval)

    @abstractmethod
    def update(self, t: float) -> None:
        """Read, learn and write at time `t` (ms)."""

    def rewind(self) -> None:
        """Forget what refers to times before ``reset()``."""
        return None

    # --- recording -----------------------------------------------------------------------------------------

    def link(self, *weights: Any) -> None:
        """Say whose weights are read; the projections then know the procedure, where they record."""
        self.links = [Link.of(each) for each in weights]
        for projection in (projection for link in self.links for projection in link.projections):
            if hasattr(projection, "procedures"):
                projection.procedures.append(weakref.ref(self))

    def present(self, name: str, link: Link | None = None) -> Any:
        """Return the present value of a variable, or None if there is none yet."""
        value = getattr(self, name, None)
        if value is not None and not callable(value):
            return value
        if (name, link) in self._values:
            return self._values[name, link]
        column = self.history.columns.get(name)
        return column[-1] if column else None

    def track(self, name: str, link: Link | None, interval: float | None, start: float | None) -> Track:
        """Return samples of a variable that are taken as long as somebody keeps them."""
        track = Track(name, self.variables[name], link, interval or self.resolution, start)
        self._watch(track)
        return track

    def _watch(self, track: Track) -> None:
        value = self.present(track.name, track.link) if self._begun else None
        track.held = None if value is None else track.row(value)
        self._watched.add(track)

    def sampled(self, times: np.ndarray, link: Link | None = None, **values: Any) -> None:
        """Say, in `update`, what variables were at more times than now.

        Parameters
        ----------
        times : ndarray
            ms, shape ``(points,)``, the last one now.
        link : Link, optional
            Whose variables these are, if there are several.
        **values : array_like
            Shape ``(points, ...)``.
        """
        for name, of_name in values.items():
            links: list[Link | None] = [*self.links] if link is None and self.links else [link]
            for each in links:
                self._values[name, each] = of_name[-1]
                for track in self.watching(name, each):
                    track.take(times, of_name)

    def watching(self, name: str, link: Link | None = None) -> list[Track]:
        """Return the samples of a variable that somebody keeps."""
        return [track for track in self._watched if track.name == name and track.link is link]

    def _take(self, t: float) -> None:
        for track in list(self._watched):
            track.start = t if track.start is None else track.start
            value = None if track.until > t - TOLERANCE else self.present(track.name, track.link)
            if value is not None:
                track.take(np.array([t]), [value])

    def record(self, variables: str | Iterable[str], sampling_interval: float | None = None) -> None:
        """Record variables from now on; on every backend.

        Parameters
        ----------
        variables : str or list of str
            Of `variables`, or ``"all"``.
        sampling_interval : float, optional
            ms; by default the finest that the procedure knows them at.
        """
        names = [variables] if isinstance(variables, str) else list(variables)
        for name in self.variables if names == ["all"] else names:
            if name not in self.variables:
                raise NetworkError(
                    f"{type(self).__name__} has no '{name}' to record",
                    where=type(self).__name__,
                    limit=f"there are: {', '.join(self.variables) or 'none'}",
                    remedy=suggestion(name, self.variables),
                )
            if sampling_interval is not None and not (
                np.isfinite(sampling_interval) and sampling_interval > 0
            ):
                raise NetworkError(
                    f"a sampling_interval of {sampling_interval} ms",
                    where=type(self).__name__,
                    limit="positive",
                )
            each = self.variables[name].over in ("synapse", "pre")
            self._tracks = [track for track in self._tracks if track.name != name]
            links: list[Link | None] = [*(self.links if each else self.links[:1])]
            for link in links or [None]:
                start = self._last if self._begun else None
                self._tracks.append(self.track(name, link, sampling_interval, start))

    def get_data(self, clear: bool = False) -> neo.Block:
        """Return what `record` recorded: a segment for each run between two resets, up to the last update. It has the
        number that it has in the data of populations; runs without samples have none.

        Channels of synapses have the annotations ``presynaptic_index`` and ``postsynaptic_index``, those of cells
        one of them.
        """
        block = block_of(
            (
                (number, [track.signal(track.name) for track in tracks if track.rows])
                for number, tracks in [*self._segments, (self._number, self._tracks)]
            ),
            type(self).__name__,
            "call record(), and run(callbacks=[...])",
        )
        if clear:
            self._segments = []
            for track in self._tracks:
                track.forget()
        return block

    def _begin_segment(self) -> None:
        if any(track.rows for track in self._tracks):
            self._segments.append((self._number, self._tracks))
        self._number = max(self._counted(), self._number + 1)
        for track in self._tracks:
            self._watched.discard(track)
        self._tracks = [track.again(None) for track in self._tracks]
        for track in self._tracks:
            self._watch(track)

    # --- saving --------------------------------------------------------------------------------------------

    def save(self, path: Path | str) -> None:
        """Write state and history to a ``.npz`` file, whole or not at all."""
        arrays = {name: np.asarray(value) for name, value in self._scalars().items()}
        for name in self.state_names:
            value = getattr(self, name)
            arrays[f"state.{name}"] = _generator_text(value) if _is_generator(value) else np.asarray(value)
        arrays.update({f"history.{name}": self.history[name] for name in self.history.columns})
        for name, array in arrays.items():
            if array.dtype == object:
                raise NetworkError(f"'{name}' is not an array of numbers", where=type(self).__name__)
        with written(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    def restore(self, path: Path | str) -> None:
        """Read what `save` wrote by a procedure of the same class and shapes.

        Raises
        ------
        NetworkError
            If the file is not of this class, holds other names or other shapes, or is too large.
        """
        arrays = _read(path, type(self).__name__)
        told: dict[str, Any] = {name: arrays.pop(name, "nothing") for name in self._scalars()}
        if str(told["class"]) != type(self).__name__:
            raise NetworkError(
                f"{path} holds the state of {told['class']}",
                where=type(self).__name__,
                limit="the same class",
            )
        state = {name: arrays.pop(f"state.{name}", None) for name in self.state_names}
        kept: dict[str, Any] = {}
        for name, array in state.items():
            kept[name] = self._checked(name, array, path)
        for name, value in kept.items():
            setattr(self, name, value)
        columns = {name.removeprefix("history."): array for name, array in arrays.items()}
        self.history.columns = {name: list(array) for name, array in columns.items()}
        self.updates = int(told["updates"])
        self._due, self._last, self.since = (float(told[name]) for name in ("due", "last", "since"))
        self._begun, self._number = True, self._counted()

    def _scalars(self) -> dict[str, Any]:
        times = {"due": self._due, "last": self._last, "since": self.since}
        return {"class": type(self).__name__, "updates": self.updates, **times}

    def _checked(self, name: str, array: np.ndarray | None, path: Path | str) -> Any:
        present = getattr(self, name)
        if array is None:
            raise NetworkError(f"{path} has no '{name}'", where=type(self).__name__)
        if _is_generator(present):
            generator = np.random.default_rng()
            generator.bit_generator.state = json.loads(str(array))
            return generator
        if np.shape(array) != np.shape(present):
            raise NetworkError(
                f"'{name}' in {path} has shape {np.shape(array)}",
                where=type(self).__name__,
                limit=f"here it has {np.shape(present)}",
                remedy="make the procedure with the arguments it had when it was saved",
            )
        return array.item() if np.ndim(array) == 0 else array


def _is_generator(value: Any) -> bool:
    return isinstance(value, np.random.Generator)


def _generator_text(generator: np.random.Generator) -> np.ndarray:
    return np.array(json.dumps(generator.bit_generator.state))


def _read(path: Path | str, where: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file; it is data from outside, so nothing in it is executed and its size is bounded."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise NetworkError(f"{path} is not a .npz file", where=where) from error
    if size > MAX_BYTES:
        raise NetworkError(f"{path} holds {size} bytes", where=where, limit=f"at most {MAX_BYTES}")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, KeyError) as error:
        raise NetworkError(f"{path} holds what is not an array of numbers", where=where) from error
