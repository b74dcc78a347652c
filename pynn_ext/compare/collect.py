"""The process that runs a script on one backend and keeps what it records: ``python -m pynn_ext.compare.collect
FOLDER BACKEND SETTINGS SCRIPT [arguments]``. SETTINGS is a JSON object: keywords of ``setup()`` that go before the
script's own.

The script is not changed. PyNN's common code is watched: every new population is noted, and its data are read
when the script ends or, before that, whenever they would be lost: at the next ``setup`` and when they are
cleared. Everything is written even if the script fails half-way."""

from __future__ import annotations

import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError, suggestion
from ..results import provenance, written
from ..runner import execute, safe_imports, simulator_module
from .recordings import Recorded, Recordings, Segment, Signal

NIX_TRAINS = 100  #: NIX takes 20 to 40 ms for each


class Collector:
    """Notes the populations that a script records, and reads them."""

    def __init__(self) -> None:
        self._alive: list[Any] = []
        self._kept: list[Recorded] = []
        self._number: dict[int, int] = {}
        self.blocks: list[Any] = []
        self.timestep = float("nan")
        self.seed: int | None = None

    def note(self, recorder: Any) -> None:
        """Take notice of the recorder of a new population."""
        self._alive.append(recorder)
        self.timestep = float(recorder._simulator.state.dt)
        self.seed = getattr(recorder._simulator.state, "rng_seed", None)  # ours tell

    def read_all(self, complain: bool = True) -> None:
        """Read every population whose simulator still has its data, and forget it; say which has none, or not."""
        for recorder in self._alive:
            self.read(recorder, complain)
        self._alive, self._number = [], {}

    def read(self, recorder: Any, complain: bool = True) -> None:
        """Read what a population has recorded, if anything."""
        population = recorder.population
        if not any(recorder.recorded.values()):
            return
        try:
            block = recorder.get("all")
        except Exception as error:  # nothing was run, or the simulator is gone
            if complain:
                print(f"pynn-ext: no data of {population.label}: {error}", file=sys.stderr)
            return
        if id(recorder) not in self._number:
            self._number[id(recorder)] = len(self._kept)
            self._kept.append(Recorded(population.label, population.size, type(population.celltype).__name__))
        self.blocks.append(block)
        kept = self._kept[self._number[id(recorder)]]
        kept.segments += [_segment(segment, population) for segment in block.segments]

    def recordings(self, about: dict[str, Any]) -> Recordings:
        """Return everything that was read."""
        annotations = self.blocks[-1].annotations if self.blocks else {}
        told = {key: annotations[key] for key in ("changes", "chip_report") if key in annotations}
        return Recordings(
            self._kept, {**about, "timestep": self.timestep, "seed": self.seed, "annotations": told}
        )


def _segment(segment: Any, population: Any) -> Segment:
    first = int(population.first_id)
    trains = list(segment.spiketrains)
    cells = np.array([_cell(train, first) for train in trains], dtype=np.int64)
    times = [np.asarray(train.rescale("ms").magnitude, dtype=float) for train in trains]
    index = np.repeat(cells, [len(t) for t in times])
    flat = np.concatenate(times) if times else np.empty(0)
    order = np.lexsort((index, flat))
    signals = {}
    for signal in segment.analogsignals:
        channels = signal.array_annotations.get("channel_index", np.arange(signal.shape[1]))
        signals[signal.name] = Signal(
            np.asarray(signal.magnitude, dtype=float), np.asarray(channels, dtype=np.int64),
            float(signal.t_start.rescale("ms")), float(signal.sampling_period.rescale("ms")),
            str(signal.units.dimensionality),
        )  # fmt: skip
    stops = [float(train.t_stop.rescale("ms")) for train in trains]
    stops += [s.t_start + (len(s.values) - 1) * s.interval for s in signals.values()]
    return Segment(max(stops, default=0.0), flat[order], index[order], cells, signals)


def _cell(train: Any, first_id: int) -> int:
    """Return the index in the population of the cell that fired."""
    if "source_index" in train.annotations:
        return int(train.annotations["source_index"])
    known = train.annotations
    return int(known.get("source_id", known.get("channel_id"))) - first_id


@contextmanager
def watching(collector: Collector) -> Iterator[None]:
    """Let PyNN's common code tell the collector."""
    from pyNN import common

    replaced: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        original = getattr(owner, name)
        replaced.append((owner, name, original))
        setattr(owner, name, make(original))

    def noting(original: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            collector.note(self.recorder)
            # a backend's own recorder need not call the methods of PyNN's
            owner = next(cls for cls in type(self.recorder).__mro__ if "clear" in vars(cls))
            if (owner, "clear") not in [what[:2] for what in replaced]:
                replace(owner, "clear", reading_first)

        return init

    def reading_first(original: Any) -> Any:
        def clear(self: Any) -> Any:
            collector.read(self)
            return original(self)

        return clear

    def reading_all_first(original: Any) -> Any:
        def setup(*args: Any, **kwargs: Any) -> Any:
            collector.read_all()
            return original(*args, **kwargs)

        return setup

    replace(common.Population, "__init__", noting)
    replace(common, "setup", reading_all_first)
    try:
        yield
    finally:
        for owner, name, original in reversed(replaced):
            setattr(owner, name, original)


@contextmanager
def deciding(backend: str, settings: dict[str, Any]) -> Iterator[None]:
    """Let `settings` go before what the script gives to ``setup()``; entries of ``chip`` one by one.

    Raises
    ------
    UsageError
        If the backend has no such setting.
    """
    if not settings:
        yield
        return
    module = simulator_module(backend)
    original = module.setup
    known = getattr(module, "simulator", None) and module.simulator.settings()
    for name in settings:
        if known and name not in known:
            raise UsageError(f"setup() of {backend} takes no {name!r}", remedy=suggestion(name, known))
    signature = inspect.signature(original)

    def setup(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        own = {name: value for name, value in bound.arguments.items() if name != "extra_params"}
        own |= bound.arguments.get("extra_params", {})
        decided = dict(settings)
        if isinstance(decided.get("chip"), dict):
            chip = own.get("chip") or {}
            if not isinstance(chip, dict):
                raise UsageError(
                    f"setup(chip={chip!r}) of the script is no dictionary",
                    remedy="vary setup's chip as a whole",
                )
            decided["chip"] = {**chip, **decided["chip"]}
        return original(**{**own, **decided})

    module.setup = setup
    try:
        yield
    finally:
        module.setup = original


def write_nix(blocks: list[Any], path: Path) -> str:
    """Write Neo blocks to a NIX file; return why not, or an empty string."""
    missing = "nixio is missing. Remedy: pip install nixio"
    trains = sum(len(segment.spiketrains) for block in blocks for segment in block.segments)
    if trains > NIX_TRAINS:
        return f"{trains} spike trains would take NIX 20 to 40 ms each; recordings.npz has them"
    try:
        from neo.io import NixIO
    except ImportError:
        return missing
    try:
        with written(path) as temporary:
            temporary.unlink()
            with NixIO(str(temporary), mode="ow") as file:
                file.write_all_blocks(blocks)
    except ImportError:
        return missing
    return ""


def main(argv: list[str]) -> int:
    """Run a script and write what it recorded; return its exit code."""
    folder, backend, settings, script, *arguments = argv
    collector = Collector()
    with safe_imports(), watching(collector), deciding(backend, json.loads(settings)):
        began = time.perf_counter()
        code, watch = execute(script, arguments, backend)
        total = time.perf_counter() - began
        collector.read_all(complain=code == 0)  # the error of a script that failed is what counts
    summary = {**watch.summary(), "total_s": round(total, 6)}
    about = {"backend": backend, "exit_code": code, "summary": summary, "provenance": provenance(script)}
    collector.recordings(about).save(Path(folder))
    why_not = write_nix(collector.blocks, Path(folder, "data.nix"))
    if why_not:
        print(f"pynn-ext: no data.nix: {why_not}", file=sys.stderr)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
