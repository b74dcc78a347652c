"""Recordings that go to files while a network runs, so that memory holds one chunk of them whatever the duration.

Each array is a file of plain numbers that only ever grows by whole appends: a process that dies leaves every chunk that
it had written, and what was written is read by mapping the file into memory, page by page as it is asked for."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError
from .probes import Probe, SpikeLog

SUFFIX = ".numbers"
DESCRIPTION = ".json"
TIMES, CELLS, CLOCK = np.dtype("<f8"), np.dtype("<i4"), np.dtype("<i8")


class Stream:
    """Rows of numbers in a file, empty at first.

    Parameters
    ----------
    path : path
    dtype : dtype
    width : int
        Numbers in a row.
    """

    def __init__(self, path: Path, dtype: Any, width: int = 1) -> None:
        self.path, self.dtype, self.width = path, np.dtype(dtype), width
        path.touch()

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows, shape ``(n, width)``, at the end."""
        with open(self.path, "ab") as file:
            file.write(np.ascontiguousarray(rows, dtype=self.dtype).data)

    def replace(self, rows: npt.NDArray[Any]) -> None:
        """Write over the first rows."""
        with open(self.path, "r+b") as file:
            file.write(np.ascontiguousarray(rows, dtype=self.dtype).data)

    def __len__(self) -> int:
        return self.path.stat().st_size // max(self.dtype.itemsize * self.width, 1)

    def array(self) -> npt.NDArray[Any]:
        """Return all rows, shape ``(n, width)``, read from the file as they are used; writing to them leaves the file
        as it is."""
        shape = len(self), self.width
        if not shape[0]:
            return np.empty(shape, dtype=self.dtype)
        return np.asarray(np.memmap(self.path, dtype=self.dtype, mode="c", shape=shape))


class Store:
    """The files of one simulation.

    Parameters
    ----------
    folder : path
        Made if it is missing.

    Raises
    ------
    NetworkError
        If there are recordings in it already, or it is no folder.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).absolute()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            full = any(self.folder.glob(f"*{SUFFIX}")) or any(self.folder.glob(f"*{DESCRIPTION}"))
        except OSError as error:
            raise NetworkError(
                f"record_to={str(folder)!r} cannot be used ({error.strerror})",
                where="setup",
                remedy="give a folder",
            ) from error
        if full:
            raise NetworkError(
                f"record_to={str(folder)!r} holds recordings already",
                where="setup",
                limit="recordings are never written over",
                remedy="give another folder, or remove this one",
            )
        self._number = itertools.count()
        self._clock = self.stream("clock", CLOCK)

    def note(self, segment: int, step: int) -> None:
        """Remember how far a segment has come."""
        with open(self._clock.path, "r+b") as file:
            file.seek(segment * CLOCK.itemsize)
            file.write(np.array([step], dtype=CLOCK).tobytes())

    def name(self, *parts: str) -> str:
        """Return a file name without suffix that says what is in it and occurs once."""
        words = [re.sub(r"[^\w.]+", "_", part)[:40] for part in parts]
        return "-".join([*words, f"{next(self._number):04d}"])

    def stream(self, name: str, dtype: Any, width: int = 1) -> Stream:
        """Return a new file of rows of numbers."""
        return Stream(self.folder / f"{name}{SUFFIX}", dtype, width)


class StreamedSpikes(SpikeLog):
    """Spikes in two files, of times and of cells."""

    def __init__(self, store: Store, label: str) -> None:
        super().__init__()
        self._store, self._label = store, label
        self.clear()

    def append(self, times: npt.NDArray[np.float64], index: npt.NDArray[np.int32]) -> None:
        """Add a chunk of spikes, later than all before."""
        super().append(times, index)
        for cells, moments in zip(self.index, self.times, strict=True):
            self.files[0].append(moments)
            self.files[1].append(cells)
        self.times, self.index = [], []

    def clear(self) -> None:
        """Begin new files."""
        super().clear()
        name = self._store.name(self._label, "spikes")
        self.files = (self._store.stream(f"{name}-times", TIMES), self._store.stream(f"{name}-cells", CELLS))

    def arrays(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        """Return ``(times, index)`` of all spikes, read from the files as they are used."""
        return paired(*self.files)

    def held(self) -> tuple[Stream, Stream]:
        """Return the files of times and cells."""
        return self.files


def paired(times: Stream, cells: Stream) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return times and cells of spikes; a time without a cell was the last that a process wrote."""
    n = min(len(times), len(cells))
    return times.array()[:n, 0], cells.array()[:n, 0]


@dataclass(eq=False)
class StreamedProbe(Probe):
    """Samples in a file, which `restart` begins anew."""

    store: Store | None = None
    file: Stream | None = field(default=None, init=False)

    def restart(self, step: int) -> None:
        """Begin again with the present value, as the sample at `step`, in a new file if there was more in the old."""
        assert self.store is not None
        first = self.group.state[self.variable][self.index][None, :]
        if self.file is None or step != self.start or len(self.file) > 1:
            name = self.store.name(self.group.label, self.variable)
            self.file = self.store.stream(name, first.dtype, len(self.index))
        self.start = step
        self.file.replace(first)
        self.chunks = self.file  # type: ignore[assignment]  # takes what an engine appends

    def samples(self) -> npt.NDArray[Any]:
        """Return all samples, shape ``(samples, n)``, read from the file as they are used."""
        return self.held().array()

    def held(self) -> Stream:
        """Return the file."""
        assert self.file is not None
        return self.file
