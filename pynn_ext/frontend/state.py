"""The state of one backend: clock, settings, the network under construction, and the engine that runs it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
from pyNN import common

from ..errors import NetworkError, StrictError, pynn_error, suggestion
from ..network import CellGroup, Connections, Network, Store
from .interrupts import INTERRUPTS, Pieces, StoppedError

logger = logging.getLogger("PyNN")
DEFAULT_SEED = 42
PRECISIONS: dict[str, np.dtype[Any]] = {"double": np.dtype(np.float64), "single": np.dtype(np.float32)}


class ID(int, common.IDMixin):
    """Identity of a cell, as PyNN expects it."""

    # There is one process. PyNN asks each cell that it records, and each would ask its population.
    local = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "parent":
            raise AttributeError(name)
        if not self.celltype.has_parameter(name):
            raise unknown_parameter(
                name, self.celltype, f"{self.parent.label}[{self.parent.id_to_index(self)}]"
            )
        return self.as_view().get(name)


def unknown_parameter(name: str, celltype: Any, where: str) -> Exception:
    """Return an error for a parameter that a cell type lacks."""
    return pynn_error(
        "NonExistentParameterError",
        f"{type(celltype).__name__} has no parameter '{name}'",
        where=where,
        remedy=suggestion(name, celltype.get_parameter_names()),
    )


def segment_seed(seed: int, segment: int) -> int:
    """Return the seed of what is drawn in a segment, 63 bits of a hash of both."""
    return int(np.random.SeedSequence((seed, segment)).generate_state(1, np.uint64)[0] >> np.uint64(1))


class State(common.control.BaseState):
    """What PyNN's common code calls the simulator state.

    Parameters
    ----------
    engine_factory : callable
        ``engine_factory(network, threads=...)`` returns an object with ``run(steps)``.
    options : mapping of str to object, optional
        Further keywords of the engine, with their defaults; such an engine gets ``report`` too.
    precisions : collection of str
        What the engine can compute in; empty if it has an arithmetic of its own, of which it says itself what it
        rounds.

    Attributes
    ----------
    check_trace : callable
        ``check_trace(connections, name)`` raises an error if it is known that a trace of plastic synapses will not be
        readable.
    """

    def __init__(
        self,
        engine_factory: Callable[..., Any],
        options: Mapping[str, Any] | None = None,
        precisions: Collection[str] = (),
    ) -> None:
        super().__init__()
        self.check_trace: Callable[[Connections, str], None] = lambda connections, name: None
        self._engine_factory, self._options, self._precisions = engine_factory, options, precisions
        self.configure()

    def configure(
        self,
        timestep: float = 0.1,
        min_delay: float | str = "auto",
        max_delay: float | str = "auto",
        threads: int = 1,
        rng_seed: int = DEFAULT_SEED,
        strict: bool = False,
        fresh_noise: bool = False,
        precision: str = "double",
        record_to: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Destroy the present network and begin an empty one with these settings."""
        if not timestep > 0:
            raise NetworkError(
                f"a timestep of {timestep} ms", limit="it must be positive", remedy="for example timestep=0.1"
            )
        for name, value, least in (("threads", threads, 1), ("rng_seed", rng_seed, 0)):
            if not isinstance(value, int | np.integer) or value < least:
                raise NetworkError(
                    f"{name}={value!r}",
                    where="setup",
                    limit=f"a whole number, {least} or more",
                    remedy="leave it out for the default",
                )
        self.dt, self.threads, self.rng_seed, self.strict = float(timestep), threads, int(rng_seed), strict
        self.fresh_noise = fresh_noise
        if precision not in PRECISIONS:
            raise NetworkError(
                f"precision={precision!r}", where="setup", remedy=suggestion(str(precision), PRECISIONS)
            )
        self.precision = precision if precision in self._precisions else "double"
        self.configured_min_delay, self.configured_max_delay = min_delay, max_delay
        self.options = {**(self._options or {}), **(options or {})}
        self.store = None if record_to is None else Store(record_to)
        self.clear()
        if precision not in (*self._precisions, "double"):
            own = "computes in double precision" if self._precisions else "has an arithmetic of its own"
            self.report(
                f"precision={precision!r} has no effect, the backend {own}",
                "setup",
                "leave out 'precision'",
            )

    def clear(self) -> None:
        """Forget populations, recorders, and files that were to be written at the end."""
        self.num_processes, self.mpi_rank = 1, 0
        self.network = Network(timestep=self.dt, seed=self.rng_seed, dtype=PRECISIONS[self.precision])
        self.engine: Any = None
        self.recorders: set[Any] = set()
        self.write_on_end: list[Any] = []
        self.id_counter = 1
        self.current_sources: list[Any] = []
        self.spike_sources: list[Any] = []
        self.synapse_recorders: list[Any] = []
        self.unsettled: set[Any] = set()
        self.changes: dict[str, str] = {}
        self.rounded: dict[str, dict[str, int]] = {"delays": {}, "refractory periods": {}}
        self._refractory_periods: dict[
            CellGroup, tuple[int, Any]
        ] = {}  # revision and periods at the last run
        self._pieces = Pieces()
        self.segment_counter = -1
        self.reset()

    def reset(self) -> None:
        """Return to time 0; a new segment begins."""
        self.running = False
        self.t_start = 0
        self.settle()
        self.segment_counter += 1
        if self.fresh_noise and self.segment_counter:
            self.network.seed = segment_seed(self.rng_seed, self.segment_counter)
        self.network.reset()
        for recorder in self.synapse_recorders:
            recorder.begin_segment(self.segment_counter - 1)
        for recorder in self.recorders:
            recorder.describe()
        for source in (*self.current_sources, *self.spike_sources):
            source.rewind()

    @property
    def t(self) -> float:
        """Present time (ms)."""
        return self.network.step * self.dt

    def settle(self) -> None:
        """Put delays of single connections into effect."""
        for piece in self.unsettled:
            piece.settle()
        self.unsettled = set()

    def step_of(self, time: float) -> int:
        """Return the step nearest to `time` (ms), ties up."""
        return math.floor(time / self.dt + 0.5 + 1e-9)

    def run(self, simtime: float) -> None:
        """Advance by `simtime` ms."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Advance to `tstop` ms, rounded to the nearest step."""
        steps = self.step_of(tstop) - self.network.step
        self.settle()
        self._report_refractory_periods()
        self._say_what_was_rounded()
        if self.engine is None:
            told = {} if self._options is None else {"report": self.report, **self.options}
            self.engine = self._engine_factory(self.network, threads=self.threads, **told)
        self.network.sample_start()
        self.running = True
        self._run_steps(max(steps, 0))

    def _run_steps(self, steps: int) -> None:
        """Let the engine run, divided where synapses are sampled."""
        network, end = self.network, self.network.step + steps
        for recorder in self.synapse_recorders:
            recorder.sample(network.step)
        while True:
            until = min([end, *(recorder.next_step(network.step) for recorder in self.synapse_recorders)])
            self._advance(until - network.step)
            for recorder in self.synapse_recorders:
                recorder.sample(network.step)
            if network.step >= end:
                return

    def _advance(self, steps: int) -> None:
        """Run the engine in pieces, and no further than the first Ctrl-C."""
        with INTERRUPTS.listening() as heard:
            if not heard and not INTERRUPTS.asked:
                self._run_engine(steps)
                return
            with getattr(self.engine, "whole", nullcontext)():
                for n in self._pieces.of(steps):
                    if INTERRUPTS.asked and n:
                        raise StoppedError
                    self._run_engine(n)

    def _run_engine(self, steps: int) -> None:
        self.engine.run(steps)
        if self.store is not None:
            self.store.note(self.segment_counter, self.network.step)

    def _delay_in_use(self, choose: Callable[[Any], Any], default: float) -> float:
        self.settle()
        delays = [choose(c.delay_steps) for c in self.network.connections if len(c) and not c.model.coupling]
        return float(choose(np.array(delays))) * self.dt if delays else default

    @property
    def min_delay(self) -> float:
        """Smallest delay (ms): as given to `setup`, else the smallest in use, else the time step."""
        if self.configured_min_delay != "auto":
            return float(self.configured_min_delay)
        return self._delay_in_use(np.min, self.dt)

    @property
    def max_delay(self) -> float:
        """Largest delay (ms): as given to `setup`, else the largest in use, else the time step."""
        if self.configured_max_delay != "auto":
            return float(self.configured_max_delay)
        return self._delay_in_use(np.max, self.dt)

    @property
    def default_delay(self) -> float:
        """Delay (ms) of a synapse that gives none."""
        return self.dt if self.configured_min_delay == "auto" else float(self.configured_min_delay)

    def report(self, change: str, where: str, remedy: str) -> None:
        """Keep that a value was changed, and say it once per object; under ``setup(strict=True)`` that is an
        error."""
        self._refuse_if_strict(change, where, remedy)
        if where not in self.changes:
            logger.warning("%s: %s", where, change)
        self.changes[where] = change

    def _refuse_if_strict(self, change: str, where: str, remedy: str) -> None:
        if self.strict:
            raise StrictError(
                change, where=where, limit="setup(strict=True) forbids silent changes", remedy=remedy
            )

    def report_rounded(self, kind: str, count: int, where: str, again: bool = False) -> None:
        """Keep that values of an object were rounded to time steps, `count` so far; the next run says it, of all
        objects in one line. Of one object it is said once, or `again` each time."""
        change = f"{count} {kind} were rounded to multiples of {self.dt:g} ms"
        self._refuse_if_strict(
            change, where, f"choose {kind} that are multiples of the timestep, or another timestep"
        )
        if again or where not in self.changes or where in self.rounded[kind]:
            self.rounded[kind][where] = count
        self.changes[where] = change

    def _report_refractory_periods(self) -> None:
        """Compare the periods in use with those that were asked for, where these are new or have changed. What a chip
        makes of the first ones it says itself."""
        told = self.engine is None and not self._precisions
        for group in self.network.groups:
            if not isinstance(group, CellGroup) or not group.model.refractory:
                continue
            revision, known = self._refractory_periods.get(group, (None, None))
            if revision == group.revision:
                continue
            asked = group.refractory_time()
            self._refractory_periods[group] = group.revision, asked
            if known is not None and np.array_equal(known, asked):
                continue
            used = group.refractory_period(self.dt) * self.dt
            rounded = np.abs(used - asked) > 1e-9 * np.maximum(used, 1.0)
            if rounded.any() and not told:
                where = f"{group.label} ({group.model.refractory})"
                self.report_rounded("refractory periods", int(rounded.sum()), where, again=True)

    def _say_what_was_rounded(self) -> None:
        for kind, counts in self.rounded.items():
            if not counts:
                continue
            first = next(iter(counts))
            n = len(counts) - 1
            of = "projection" if kind == "delays" else "population"
            others = f" and {n} further {of}{'s' * (n > 1)}" if n else ""
            logger.warning(
                "%s%s: %d %s were rounded to multiples of %g ms",
                first,
                others,
                sum(counts.values()),
                kind,
                self.dt,
            )
            counts.clear()

    def delay_steps(self, delays: Any, where: str) -> tuple[Any, int]:
        """Return delays (ms) in steps, rounded to the nearest, ties up, and how many were rounded."""
        delays = np.asarray(delays, dtype=float)
        if not np.all(np.isfinite(delays)):
            raise NetworkError(
                "a delay is not a number", where=where, remedy="give every connection a finite delay"
            )
        steps = np.floor(delays / self.dt + 0.5 + 1e-9)
        if steps.size and steps.min() < 1:
            raise NetworkError(
                f"a delay of {delays.min():g} ms",
                where=where,
                limit=f"a delay is at least one time step, {self.dt:g} ms",
                remedy="increase the delay or reduce the timestep given to setup()",
            )
        rounded = np.abs(steps * self.dt - delays) > 1e-9 * np.maximum(delays, 1.0)
        return steps.astype(np.int32), int(rounded.sum())
