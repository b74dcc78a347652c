"""What every learning procedure is: an object that `run(callbacks=[...])` calls every `interval` ms.

PyNN calls each callback with the present time and expects the next time at which it wants to be called. That is
the whole contract with a backend, and so a procedure, which reads spikes and samples and writes weights and
parameters through PyNN, works on every one of them: ours, chips and pyNN.nest included.

A procedure acts at ``start + interval``, ``start + 2 interval``, ...; PyNN also calls it when a run begins and
ends, and then it only says when it is due. After ``reset()`` it begins again at ``start + interval`` and keeps what it
learned. What it keeps is in the attributes that `state_names` names and in `history`; `save` writes both to one
file of arrays and JSON, and `restore` reads them back into an object made in the same way."""

from __future__ import annotations

import json
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import NetworkError
from ..results import written

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

    def __call__(self, t: float) -> float:
        """Call `update` if it is due, and return the next time at which it is (ms)."""
        t = float(t)
        if self._begun and t < self._last - TOLERANCE:  # time went back: reset()
            self.rewind()
            self._begun = False
        if not self._begun:  # perhaps long after the simulation began
            self.since, self._due, self._begun = t, self._next(t), True
        elif t >= self._due - TOLERANCE:
            self.update(t)
            self.updates += 1
            self.since, self._due = t, self._next(t)
        self._last = t
        return self._due

    def _next(self, t: float) -> float:
        passed = max(np.floor((t - self.start + TOLERANCE) / self.interval), 0.0)
        return float(self.start + (passed + 1) * self.interval)

    @abstractmethod
    def update(self, t: float) -> None:
        """Read, learn and write at time `t` (ms)."""

    def rewind(self) -> None:
        """Forget what refers to times before ``reset()``."""
        return None

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
        self._begun = True

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
