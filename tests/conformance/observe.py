"""``python -m tests.conformance.observe OUTPUT BACKEND SCRIPT ...`` runs an example as it is and notes what came of it.

Every population and projection is noticed when it is made. When the script ends a network, by `end()`, by another
`setup()` or by its own end, the numbers of spikes, the recorded signals, weights and delays are summed up, whatever the
script itself does with them. Works with any PyNN backend.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from neo.io import PickleIO
from pyNN import common

import pynn_ext  # noqa: F401  (makes pyNN.<backend> importable from a checkout)


class Observer:
    """Notices what a script makes.

    Attributes
    ----------
    networks : list of dict
        A summary of each network that the script has ended.
    """

    def __init__(self, backend: Any) -> None:
        self.networks: list[dict[str, Any]] = []
        self._populations: list[Any] = []
        self._projections: list[Any] = []
        self._notice(common.Population, self._populations)
        self._notice(common.Projection, self._projections)
        common.setup = self._before(common.setup)
        backend.end = self._before(backend.end)

    def _notice(self, cls: Any, objects: list[Any]) -> None:
        original = cls.__init__

        @functools.wraps(original)
        def wrapped(instance: Any, *args: Any, **kwargs: Any) -> None:
            objects.append(instance)
            original(instance, *args, **kwargs)

        cls.__init__ = wrapped

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.finish_network()
            return function(*args, **kwargs)

        return wrapped

    def finish_network(self) -> None:
        """Sum up the present network and forget it."""
        if self._populations:
            populations = [_population(p) for p in self._populations]
            self.networks.append(
                {"populations": populations, "projections": [_projection(p) for p in self._projections]}
            )
        self._populations.clear()
        self._projections.clear()


def _numbers(values: Any) -> dict[str, float]:
    values = np.asarray(values, dtype=float)
    return {"mean": float(values.mean()), "std": float(values.std())} if values.size else {}


def _population(population: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"cells": population.size}
    recorder = population.recorder
    if not any(recorder.recorded.values()) and not any(True for _ in recorder.cache):
        return found
    segments = []
    for segment in population.get_data().segments:
        trains = [np.asarray(train.rescale("ms").magnitude) for train in segment.spiketrains]
        times = np.concatenate([np.empty(0), *trains])
        summary: dict[str, Any] = {"trains": len(trains), "spikes": len(times)}
        if len(times):
            summary["spike_times"] = _numbers(times)
        signals = {s.name: {"shape": list(s.shape), **_numbers(s.magnitude)} for s in segment.analogsignals}
        segments.append({**summary, "signals": signals})
    return {**found, "segments": segments}


def _projection(projection: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"connections": projection.size()}
    known = projection.synapse_type.get_parameter_names()
    for name in ("weight", "delay"):
        if found["connections"] and name in known:
            found[name] = _numbers(projection.get(name, format="list", with_address=False))
    return found


def _files(folder: Path, before: set[Path], backend: str) -> dict[str, Any]:
    """Return what is in each new file, by its name without the backend's name, the day and the time."""
    found = {}
    for path in sorted(set(folder.rglob("*")) - before):
        if path.is_file():
            name = str(path.relative_to(folder)).replace(backend, "SIMULATOR")
            name = re.sub(r"\d{8}-\d{4,6}", "TIME", name)
            found[re.sub(r"\b\d{8}\b", "DATE", name)] = _content(path)
    return found


def _content(path: Path) -> dict[str, Any]:
    if path.suffix == ".pkl":
        segments = [s for block in PickleIO(str(path)).read() for s in block.segments]
        spikes = sum(len(train) for s in segments for train in s.spiketrains)
        return {
            "segments": len(segments),
            "spikes": spikes,
            "signals": sum(len(s.analogsignals) for s in segments),
        }
    if path.suffix == ".png":
        data = path.read_bytes()
        return {"image": data.startswith(b"\x89PNG"), "bytes": len(data)}
    return {"lines": len(path.read_bytes().splitlines())}


def main(output: str, name: str, script: str, *arguments: str) -> None:
    """Run `script` in the current folder; write a JSON file, of what was done before an error too."""
    folder = Path.cwd()
    before = set(folder.rglob("*"))
    observer = Observer(importlib.import_module(f"pyNN.{name}"))
    sys.argv = [script, name, *arguments]
    sys.path.insert(0, str(folder))
    runpy.run_path(script, run_name="__main__")
    observer.finish_network()
    result = {"networks": observer.networks, "files": _files(folder, before, name)}
    Path(output).write_text(json.dumps(result))


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "Agg")
    main(*sys.argv[1:])
