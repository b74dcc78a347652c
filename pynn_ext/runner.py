"""Runs an unmodified script in this process, shows its progress, and says at the end what happened."""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import UnsupportedError, UsageError

PIECES = 100  # a run is shown in this many pieces


@contextlib.contextmanager
def neutral_folder() -> Iterator[None]:
    """Work in an empty folder: importing Brian2 evaluates ./brian_preferences, importing PyNN runs ./settings.py."""
    here = os.getcwd()
    path = [entry for entry in sys.path if entry not in ("", ".", here)]
    saved, sys.path[:] = sys.path[:], path
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(here)
            sys.path[:] = saved


def run_script(script: str, arguments: list[str], progress: bool = False) -> int:
    """Run `script` as ``__main__`` with `arguments` and return the exit status.

    Raises
    ------
    UsageError
        If there is no such script.
    """
    if not os.path.isfile(script):
        raise UsageError(f"there is no script '{script}'", remedy="'pynn-ext example' lists scripts to begin with")
    with neutral_folder():
        import pyNN.utility  # noqa: F401

        simulators = _load(arguments)
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    watch = _Watch(progress)
    for simulator in simulators:
        watch.follow(simulator)
    begin = time.perf_counter()
    status = _execute(script)
    watch.report(time.perf_counter() - begin)
    return status


def _load(arguments: list[str]) -> list[Any]:
    from .plugins import backend_names, load_backend

    return [load_backend(name).simulator for name in backend_names() if name in arguments]


def _execute(script: str) -> int:
    import traceback

    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        first = next((i for i, f in enumerate(frames) if os.path.abspath(f.filename) == os.path.abspath(script)), 0)
        tail = error.__traceback__
        for _ in range(first):
            tail = tail.tb_next if tail else None
        traceback.print_exception(type(error), error, tail)
        return 3 if isinstance(error, UnsupportedError) else 1
    return 0


class _Watch:
    """Divides the runs of a simulator into pieces and counts what was simulated."""

    def __init__(self, progress: bool) -> None:
        self.progress, self.simulators, self.simulated = progress, list[Any](), 0.0

    def follow(self, simulator: Any) -> None:
        """Watch the runs of `simulator`."""
        self.simulators.append(simulator)
        state = simulator.state
        run_until = state.run_until

        def watched(tstop: float) -> None:
            start = state.t
            began = time.perf_counter()
            pieces = PIECES if self.progress else 1
            for piece in range(1, pieces + 1):
                run_until(start + (tstop - start) * piece / pieces if piece < pieces else tstop)
                if self.progress:
                    self._show(piece / pieces, time.perf_counter() - began)
            self.simulated += state.t - start

        state.run_until = watched

    def _show(self, fraction: float, elapsed: float) -> None:
        left = elapsed * (1.0 - fraction) / fraction
        end = "\n" if fraction >= 1.0 else ""
        print(f"\r{100 * fraction:3.0f} %  {left:6.1f} s left", end=end, file=sys.stderr, flush=True)

    def report(self, wall: float) -> None:
        """Print one line of what happened."""
        for simulator in self.simulators:
            network = simulator.state.network
            neurons, synapses = simulator.state.neurons_and_synapses()
            logs = [group.spikes for group in network.groups if group.spikes is not None]
            spikes = sum(len(log.arrays()[0]) for log in logs)
            print(
                f"{simulator.name}: {neurons} neurons, {synapses} synapses, {self.simulated:g} ms simulated"
                f" in {wall:.2f} s, {spikes} recorded spikes",
                file=sys.stderr,
            )


def examples() -> dict[str, str]:
    """Return the text of each example by name."""
    here = Path(__file__).parent
    folder = next((f for f in (here / "examples", here.parent / "examples") if f.is_dir()), None)
    if folder is None:
        return {}
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}
