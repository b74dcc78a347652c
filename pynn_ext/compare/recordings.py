"""What one backend recorded while it ran a script, as plain arrays, in one file.

Populations are numbered in the order in which they were created, which is the same for every backend
that runs the same script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..results import write_text, written

FILE, MAX_BYTES = "recordings.npz", 8 << 30


@dataclass(eq=False)
class Signal:
    """Samples of one variable.

    Attributes
    ----------
    values : ndarray
        float64, shape ``(samples, cells)``.
    cells : ndarray
        int64, shape ``(cells,)``.
    t_start, interval : float
        ms.
    units : str
        Unit of the values.
    """

    values: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]
    t_start: float
    interval: float
    units: str


@dataclass(eq=False)
class Segment:
    """One run, from time 0 or the last reset on.

    Attributes
    ----------
    t_stop : float
        ms.
    times, index : ndarray
        float64 (ms) and int64: the spikes in order of time, and who fired.
    recorded : ndarray
        int64: the cells whose spikes were recorded.
    signals : dict of str to Signal
        By variable.
    """

    t_stop: float
    times: npt.NDArray[np.float64]
    index: npt.NDArray[np.int64]
    recorded: npt.NDArray[np.int64]
    signals: dict[str, Signal] = field(default_factory=dict)

    def train(self, cell: int) -> npt.NDArray[np.float64]:
        """Return the spike times of a cell (ms)."""
        return self.times[self.index == cell]


@dataclass(eq=False)
class Recorded:
    """One population."""

    label: str
    size: int
    celltype: str
    segments: list[Segment] = field(default_factory=list)


@dataclass(eq=False)
class Recordings:
    """Everything a backend recorded, and what it says of itself.

    Attributes
    ----------
    about : dict
        ``backend``, ``timestep`` (ms), ``exit_code``, ``summary`` (times, counts), ``annotations`` and
        ``provenance``.
    """

    populations: list[Recorded]
    about: dict[str, Any]

    @property
    def backend(self) -> str:
        """Name of the backend."""
        return str(self.about["backend"])

    def save(self, folder: Path) -> None:
        """Write to ``recordings.npz`` and ``about.json`` in `folder`."""
        arrays: dict[str, Any] = {}
        tree: list[Any] = []
        for p, population in enumerate(self.populations):
            segments = []
            for s, segment in enumerate(population.segments):
                key = f"{p}/{s}"
                arrays |= {
                    f"{key}/times": segment.times,
                    f"{key}/index": segment.index,
                    f"{key}/recorded": segment.recorded,
                }
                signals = {}
                for name, signal in segment.signals.items():
                    arrays |= {f"{key}/{name}/values": signal.values, f"{key}/{name}/cells": signal.cells}
                    signals[name] = {
                        "t_start": signal.t_start,
                        "interval": signal.interval,
                        "units": signal.units,
                    }
                segments.append({"t_stop": segment.t_stop, "signals": signals})
            tree.append(
                {"label": population.label, "size": population.size, "celltype": population.celltype}
                | {"segments": segments}
            )
        with written(folder / FILE) as temporary:
            np.savez(temporary, **arrays)
        write_text(folder / "about.json", json.dumps({**self.about, "populations": tree}, indent=1))

    @classmethod
    def load(cls, folder: Path) -> Recordings:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If the files do not belong together or are larger than 8 GB.
        """
        about = json.loads((folder / "about.json").read_text())
        tree = about.pop("populations")
        if (folder / FILE).stat().st_size > MAX_BYTES:
            raise ValueError(f"{folder / FILE} is larger than {MAX_BYTES >> 30} GB")
        populations = []
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            for p, entry in enumerate(tree):
                segments = []
                for s, part in enumerate(entry["segments"]):
                    key = f"{p}/{s}"
                    signals = {
                        name: Signal(arrays[f"{key}/{name}/values"], arrays[f"{key}/{name}/cells"], **details)
                        for name, details in part["signals"].items()
                    }
                    times, index, recorded = (arrays[f"{key}/{n}"] for n in ("times", "index", "recorded"))
                    segments.append(Segment(part["t_stop"], times, index, recorded, signals))
                populations.append(Recorded(entry["label"], entry["size"], entry["celltype"], segments))
        return cls(populations, about)
