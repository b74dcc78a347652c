"""What is in the files of ``setup(record_to=...)``: a description of each population and segment, written before any of
their data, from which the Neo blocks are made again in another process, after a crash too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import NetworkError
from ..network import Store, Stream
from ..network.streams import CELLS, CLOCK, DESCRIPTION, SUFFIX, TIMES
from ..results import write_text
from .epochs import SPIKES, Epoch, neo_segment

if TYPE_CHECKING:
    import neo


class Description:
    """Keeps the descriptions of one population up to date.

    Parameters
    ----------
    recorder : Recorder
    store : Store
        The files of the simulation.
    """

    def __init__(self, recorder: Any, store: Store) -> None:
        self._recorder, self._store = recorder, store
        self._paths: dict[int, Path] = {}
        self._files: set[Path] = set()

    def write(self, epoch: Epoch) -> None:
        """Describe the present segment."""
        if not epoch.recorded:
            return
        streams = [*epoch.spikes, *(part[3] for parts in epoch.signals.values() for part in parts)]
        self._files.update(stream.path for stream in streams if isinstance(stream, Stream))
        population = self._recorder.population
        if epoch.number not in self._paths:
            name = self._store.name(population.label, f"segment{epoch.number:03d}")
            self._paths[epoch.number] = self._store.folder / f"{name}{DESCRIPTION}"
        write_text(self._paths[epoch.number], json.dumps(self._content(epoch)))

    def _content(self, epoch: Epoch) -> dict[str, Any]:
        population = self._recorder.population
        first = int(population.first_id)
        times = epoch.spikes[0]
        return {
            "population": population.label,
            "size": population.size,
            "first_id": first,
            "description": population.describe(),
            "annotations": {name: _plain(value) for name, value in self._recorder.metadata.items()},
            "segment": epoch.number,
            "timestep": epoch.timestep,
            "recorded": {name: sorted(int(i) - first for i in ids) for name, ids in epoch.recorded.items()},
            "since": epoch.since.tolist(),
            "spikes": [stream.path.name for stream in epoch.spikes] if isinstance(times, Stream) else None,
            "signals": [
                {
                    "variable": name,
                    "units": population.find_units(_named(name)),
                    "file": stream.path.name,
                    "type": stream.dtype.str,
                    "cells": cells.tolist(),
                    "start": start,
                    "every": every,
                }
                for name, parts in epoch.signals.items()
                for start, every, cells, stream in parts
            ],
        }

    def begin(self) -> None:
        """Remove the files of what has been cleared, and describe the new ones."""
        old = {*self._files, *self._paths.values()}
        self._files, self._paths = set(), {}
        self._recorder.describe()
        for path in old - self._files:
            path.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _named(name: str) -> Any:
    from pyNN.recording import Variable

    return Variable(location=None, name=name, label=None)


@dataclass
class _Population:
    """What the making of Neo objects asks of a population."""

    label: str
    size: int
    first_id: int
    units: dict[str, str]

    def find_units(self, variable: Any) -> str:
        """Return the unit of a recorded variable."""
        return self.units.get(variable.name, "dimensionless")


def read_recordings(folder: Path | str) -> list[neo.Block]:
    """Read what ``setup(record_to=folder)`` has written, of a simulation that has ended, runs, or was killed.

    Parameters
    ----------
    folder : path

    Returns
    -------
    list of neo.Block
        One for each population that recorded, as its `get_data` returns them. Signals are mapped from the files: their
        pages are read when they are used.

    Raises
    ------
    NetworkError
        If there are no recordings.
    """
    place = Path(folder)
    found: dict[int, list[dict[str, Any]]] = {}
    for path in sorted(place.glob(f"*{DESCRIPTION}")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(content["first_id"], []).append(content)
    if not found:
        raise NetworkError(
            f"there are no recordings in {str(folder)!r}",
            where="read_recordings",
            remedy="give the folder that setup(record_to=...) was given",
        )
    clock = _existing(place, f"clock{SUFFIX}", CLOCK).array()[:, 0]
    return [_block(place, sorted(found[first], key=lambda c: c["segment"]), clock) for first in sorted(found)]


def _block(place: Path, contents: list[dict[str, Any]], clock: np.ndarray) -> neo.Block:
    import neo

    head = contents[0]
    block = neo.Block(name=head["population"], description=head["description"], **head["annotations"])
    for content in contents:
        units = {signal["variable"]: signal["units"] for signal in content["signals"]}
        population = _Population(head["population"], head["size"], head["first_id"], units)
        segment = neo_segment(_epoch(place, content, clock), population, "all", None)
        segment.description = block.description
        block.segments.append(segment)
        segment.block = block
    return block


def _epoch(place: Path, content: dict[str, Any], clock: np.ndarray) -> Epoch:
    signals: dict[str, list[tuple[int, int, np.ndarray, Any]]] = {}
    for signal in content["signals"]:
        cells = np.array(signal["cells"], dtype=np.int32)
        stream = _existing(place, signal["file"], signal["type"], len(cells))
        signals.setdefault(signal["variable"], []).append((signal["start"], signal["every"], cells, stream))
    spikes: tuple[Any, Any] = np.empty(0), np.empty(0, np.int32)
    if content["spikes"]:
        spikes = tuple(map(_existing, [place] * 2, content["spikes"], (TIMES, CELLS)))  # type: ignore[assignment]
    number, first = content["segment"], content["first_id"]
    return Epoch(
        number=number,
        t_stop=max(_ends(content, signals, spikes, clock)) * content["timestep"],
        timestep=content["timestep"],
        recorded={name: {first + i for i in cells} for name, cells in content["recorded"].items()},
        spikes=spikes,
        since=np.array(content["since"], dtype=np.int64),
        signals=signals,
        annotations={},
    )


def _ends(
    content: dict[str, Any], signals: Any, spikes: tuple[Any, Any], clock: np.ndarray
) -> Iterator[float]:
    """Give the steps that a segment has reached for certain: chunks may be there that the clock does not know of."""
    number = content["segment"]
    yield int(clock[number]) if number < len(clock) else 0
    for parts in signals.values():
        for start, every, _, stream in parts:
            yield start + every * (len(stream) - 1)
    if content["recorded"].get(SPIKES) and isinstance(spikes[0], Stream) and len(spikes[0]):
        yield float(np.ceil(spikes[0].array()[-1, 0] / content["timestep"] - 1e-9))


def _existing(place: Path, name: str, dtype: Any, width: int = 1) -> Stream:
    return Stream(place / name, dtype, width)
