"""Watches the simulations of a script: progress with the time remaining, and one line of what happened.

Every backend of ours advances through `State.run_until`. While a `Watch` is active that call is made in pieces
that end on the time grid, which changes no result: the state between two pieces is the state between two calls
of ``run``. Spikes are counted as they reach the logs, so ``get_data(clear=True)`` and ``reset`` lose none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TextIO

PIECE = 0.2  # seconds of wall time between two looks at the clock
QUIET = 1.0  # seconds before a progress line appears at all


def duration(seconds: float) -> str:
    """Return a duration as people write it: ``0.031 s``, ``12 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if seconds < 59.5:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(round(seconds)), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


class Bar:
    """One line on a terminal, written over and over.

    Parameters
    ----------
    stream : file
        Where it goes, normally standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream, self._width, self._shown = stream, 0, 0.0

    def show(self, now: float, first: float, last: float, elapsed: float) -> None:
        """Show that the simulation is at `now` on its way from `first` to `last` (ms), after `elapsed` seconds."""
        clock = time.perf_counter()
        if clock - self._shown < PIECE / 2:
            return
        self._shown = clock
        done = (now - first) / (last - first) if last > first else 1.0
        remaining = f"{duration(elapsed * (1 - done) / done)} left" if done > 0 else ""
        self._write(f"{done:4.0%}  {now:.6g} of {last:.6g} ms  {remaining}")

    def _write(self, text: str) -> None:
        self.stream.write("\r" + text.ljust(self._width))
        self.stream.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Remove the line."""
        if self._width:
            self.stream.write("\r" + " " * self._width + "\r")
            self.stream.flush()
            self._width = 0


class Watch:
    """Counts what the simulations do between `start` and `stop`.

    Parameters
    ----------
    progress : bool
        Whether to show a line with the time remaining once a run takes longer than a second.
    stream : file
        Where progress is shown; standard error by default.

    Attributes
    ----------
    simulated : float
        Simulated time (ms), all runs together.
    wall : float
        Wall time (s) in those runs, callbacks of the script not included.
    spikes : int
        Recorded spikes.
    networks : int
        How many networks ran.
    """

    def __init__(self, progress: bool = False, stream: TextIO | None = None) -> None:
        self._bar = Bar(stream or sys.stderr) if progress else None
        self.simulated, self.wall, self.spikes, self.networks = 0.0, 0.0, 0, 0
        self._last: Any = None
        self._steps = 1
        self._span: tuple[float, float, float] | None = None
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to watch every backend of ours, those that are imported later included."""
        from .frontend.simulator import Simulator
        from .frontend.state import State
        from .network import SpikeLog

        watch = self
        run_until, append, init = State.run_until, SpikeLog.append, Simulator.__init__

        def watched_run_until(state: Any, tstop: float) -> None:
            watch._run(state, tstop, run_until)

        def watched_append(log: Any, times: Any, index: Any) -> None:
            watch.spikes += len(times)
            append(log, times, index)

        def watched_init(simulator: Any, *args: Any, **kwargs: Any) -> None:
            init(simulator, *args, **kwargs)
            simulator.run, simulator.run_until = watch._whole(simulator)

        self._replace(State, "run_until", watched_run_until)
        self._replace(SpikeLog, "append", watched_append)
        if self._bar:
            self._replace(Simulator, "__init__", watched_init)

    def stop(self) -> None:
        """Leave the classes as they were."""
        while self._undo:
            self._undo.pop()()
        if self._bar:
            self._bar.clear()

    def _replace(self, owner: type, name: str, value: Any) -> None:
        original = getattr(owner, name)
        self._undo.append(lambda: setattr(owner, name, original))
        setattr(owner, name, value)

    # --- while it runs -------------------------------------------------------------------------------------

    def _whole(self, simulator: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return `run` and `run_until` of a simulator, which note where a run with callbacks will end."""
        inner = simulator.run_until

        def run_until(time_point: float, callbacks: Any = None) -> Any:
            outer, self._span = self._span, (simulator.state.t, time_point, time.perf_counter())
            try:
                return inner(time_point, callbacks)
            finally:
                self._span = outer
                if self._bar:
                    self._bar.clear()

        def run(simtime: float, callbacks: Any = None) -> Any:
            return run_until(simulator.state.t + simtime, callbacks)

        run.__doc__, run_until.__doc__ = simulator.run.__doc__, inner.__doc__
        return run, run_until

    def _run(self, state: Any, tstop: float, run_until: Callable[[Any, float], None]) -> None:
        began, before = time.perf_counter(), state.t
        if state.network is not self._last:
            self._last, self.networks, self._steps = state.network, self.networks + 1, 1
        try:
            if self._bar:
                self._in_pieces(state, tstop, run_until)
            run_until(state, tstop)
        finally:
            self.wall += time.perf_counter() - began
            self.simulated += state.t - before

    def _in_pieces(self, state: Any, tstop: float, run_until: Callable[[Any, float], None]) -> None:
        """Advance almost to `tstop`, in pieces of about `PIECE` seconds; the caller does the rest."""
        assert self._bar is not None
        first, last, began = self._span or (state.t, tstop, time.perf_counter())
        dt = state.dt
        while state.t + self._steps * dt < tstop - dt:
            piece = time.perf_counter()
            run_until(state, (state.network.step + self._steps) * dt)
            now = time.perf_counter()
            faster = PIECE / max(now - piece, 1e-9)
            self._steps = max(1, int(self._steps * min(faster, 4.0)))
            if now - began > QUIET:
                self._bar.show(state.t, first, last, now - began)
        if time.perf_counter() - began > QUIET:
            self._bar.show(state.t, first, last, time.perf_counter() - began)

    # --- what happened -------------------------------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """Return the figures by name; `neurons` and `synapses` are those of the network that ran last."""
        from .network import CellGroup

        groups = self._last.groups if self._last else []
        neurons = sum(group.size for group in groups if isinstance(group, CellGroup))
        return {
            "networks": self.networks,
            "neurons": neurons,
            "spike_sources": sum(group.size for group in groups) - neurons,
            "synapses": sum(map(len, self._last.connections)) if self._last else 0,
            "simulated_ms": round(self.simulated, 9),
            "run_s": round(self.wall, 6),
            "recorded_spikes": self.spikes,
        }

    def line(self, total: float) -> str:
        """Return the one line; `total` is the wall time (s) of the whole script."""
        if not self.networks:
            return f"no simulation by a backend of pynn-ext; {duration(total)} in all"
        figures = self.summary()
        several = f"{self.networks} networks, the last with " if self.networks > 1 else ""
        sources = f" and {figures['spike_sources']:,} spike sources" if figures["spike_sources"] else ""
        return (
            f"{several}{figures['neurons']:,} neurons{sources}, {figures['synapses']:,} synapses: "
            f"{self.simulated:.6g} ms simulated in {duration(self.wall)} ({duration(total)} in all), "
            f"{self.spikes:,} recorded spikes"
        )
