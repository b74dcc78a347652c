"""Runs a network on a chip: the same clock, sources, probes and spike logs as for every engine around a
`Program`, which is the network in the chip's own numbers.

A program is made when the network has changed since the last run; the integer state of cells that are still
there goes along, so ``run(a); run(b)`` equals ``run(a + b)`` to the bit."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from ..errors import UnsupportedError
from ..network import CellGroup, Connections, Network, SpikeLog
from ..network.emitters import Emitter, Indices, emitter
from .roundings import Roundings

Report = Callable[[str, str, str], None]
Emitted = list[tuple[int, Indices]]


def refuse_trace(connections: Connections, name: str) -> NoReturn:
    """Raise the error of a chip whose traces cannot be read."""
    raise UnsupportedError(
        f"recording of '{name}'", where=connections.label, limit="this chip's traces cannot be read",
        remedy="record the weight; record(None) ends a recording",
    )  # fmt: skip


class Program(ABC):
    """A network in a chip's numbers.

    Groups are named by their position in ``network.groups``.
    """

    roundings: Roundings

    @abstractmethod
    def advance(self, step: int, emitted: Emitted) -> Emitted:
        """Advance by one time step.

        Parameters
        ----------
        step : int
            The step from ``step`` to ``step + 1``.
        emitted : list of (int, ndarray)
            Spikes of sources at time ``step``, and who fired; an index may occur several times.

        Returns
        -------
        list of (int, ndarray)
            Cells that fired; their spikes are at time ``step + 1``.
        """

    @abstractmethod
    def read(self, group: int, variable: str) -> npt.NDArray[np.float64]:
        """Return the present values of a state variable, in PyNN's units."""

    @abstractmethod
    def write(self, group: int, variable: str, values: npt.NDArray[np.float64]) -> None:
        """Set the present values of a state variable."""

    def inject(self, group: int, currents: npt.NDArray[np.float64]) -> None:
        """Set the injected current of each cell (nA)."""
        raise NotImplementedError

    def adopt(self, before: Program, groups: dict[int, int]) -> None:
        """Take over the state of the program that ran before.

        Parameters
        ----------
        before : Program
            It.
        groups : dict of int to int
            Position of each group that was there already, and its position then.
        """
        for now, then in groups.items():
            for variable in self.variables(now):
                self.write(now, variable, before.read(then, variable))

    @abstractmethod
    def variables(self, group: int) -> tuple[str, ...]:
        """Return the names of a group's state variables."""

    @abstractmethod
    def reset(self) -> None:
        """Forget state, spikes under way and counts; take the weights from the network again."""

    def store_weights(self) -> None:  # noqa: B027  few chips learn
        """Write weights that the chip has changed back to the network."""

    def plastic_trace(self, connections: Connections, name: str) -> npt.NDArray[np.float64]:
        """Return what the registers of a trace hold for each synapse, in units of one spike."""
        refuse_trace(connections, name)

    def tell(self, report: Report) -> None:  # noqa: B027  few chips change anything while they run
        """Hand what changed values during the run to ``report(change, where, remedy)``."""

    def report(self) -> dict[str, Any]:
        """Return what was counted since the last reset."""
        return {}


class ChipEngine:
    """Simulation of a network by a model of a chip.

    Parameters
    ----------
    network : Network
        What to simulate; state and weights are written back after each run.
    compile : callable
        ``compile(network, roundings, **options)`` returns the `Program`, or raises `MappingError` with
        everything that does not fit.
    threads : int
        Accepted as by other engines; there is always one.
    report : callable
        Called with ``(change, where, remedy)`` for everything that is changed.
    **options
        For `compile`.
    """

    def __init__(
        self, network: Network, compile: Callable[..., Program], *, report: Report, threads: int = 1, **options: Any
    ) -> None:  # fmt: skip
        self.network, self._compile, self._report, self._options = network, compile, report, options
        self._program: Program | None = None
        self._emitters: dict[int, Emitter] = {}
        self._known: list[Any] = []
        self._key: Any = None
        self._last_step = 0
        self._pulled: dict[tuple[int, str], npt.NDArray[np.float64]] = {}

    #: All of its state is in its own arrays, so that it can be kept and put back.
    restorable = True

    def run(self, steps: int) -> None:
        """Advance the network by `steps` time steps."""
        network = self.network
        if network.step == 0 and self._last_step != 0:
            self._pulled = {}
            if self._program is not None:
                self._program.reset()
            for source in self._emitters.values():
                source.reset()
        self._refresh()
        self._push()
        self._simulate(int(steps))
        self._pull()
        self._last_step = network.step
        assert self._program is not None
        self._program.tell(self._report)

    def plastic_trace(self, connections: Connections, name: str) -> npt.NDArray[np.float64]:
        """Return what the chip holds of a trace, one value per synapse."""
        assert self._program is not None
        return self._program.plastic_trace(connections, name)

    # --- the program ---------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        network = self.network
        key = (
            [(id(g), g.revision) for g in network.groups if isinstance(g, CellGroup)],
            [id(g) for g in network.groups],
            [(id(c), c.revision) for c in network.connections],
            [id(i) for i in network.injections],
        )
        for position, group in enumerate(network.groups):
            if not isinstance(group, CellGroup):
                if position not in self._emitters:
                    self._emitters[position] = emitter(group, network.timestep)
                self._emitters[position].slots = 2
                self._emitters[position].refresh()
        if key == self._key:
            return
        roundings = Roundings()
        program = self._compile(network, roundings, **self._options)
        program.roundings = roundings
        roundings.tell(self._report)
        if self._program is None:
            self._pulled = {}
        else:
            then = {id(group): position for position, group in enumerate(self._known)}
            program.adopt(
                self._program,
                {
                    now: then[id(group)]
                    for now, group in enumerate(network.groups)
                    if id(group) in then and isinstance(group, CellGroup)
                },
            )
        self._program, self._key, self._known = program, key, list(network.groups)

    def _states(self) -> list[tuple[int, str, npt.NDArray[np.float64]]]:
        program = self._program
        assert program is not None
        return [
            (position, variable, group.state[variable])
            for position, group in enumerate(self.network.groups)
            if isinstance(group, CellGroup)
            for variable in program.variables(position)
        ]

    def _push(self) -> None:
        """Give the program the state that was set since the last run."""
        assert self._program is not None
        for position, variable, column in self._states():
            pulled = self._pulled.get((position, variable))
            if pulled is None or not np.array_equal(pulled, column):
                self._program.write(position, variable, column)

    def _pull(self) -> None:
        assert self._program is not None
        for position, variable, column in self._states():
            column[:] = self._program.read(position, variable)
            self._pulled[position, variable] = column.copy()
        self._program.store_weights()
        self._key = (*self._key[:2], [(id(c), c.revision) for c in self.network.connections], self._key[3])

    # --- the loop ------------------------------------------------------------------------------------------

    def _simulate(self, steps: int) -> None:
        network, program = self.network, self._program
        assert program is not None
        waves = [np.asarray(i.waveform(network.step, steps)) for i in network.injections]
        logs: dict[int, list[tuple[int, Indices]]] = {}
        samples: list[list[Any]] = [[] for _ in network.probes]
        position = {id(group): n for n, group in enumerate(network.groups)}
        for i in range(steps):
            self._inject(waves, i, position)
            for number, fired in program.advance(network.step, self._emitted()):
                logs.setdefault(number, []).append((network.step + 1, fired))
            network.step += 1
            for probe, rows in zip(network.probes, samples, strict=True):
                if (network.step - probe.start) % probe.every == 0:
                    rows.append(program.read(position[id(probe.group)], probe.variable)[probe.index])
        for probe, rows in zip(network.probes, samples, strict=True):
            if rows:
                probe.chunks.append(np.array(rows))
        for source in self._emitters.values():
            source.collect()
        for number, found in logs.items():
            log_spikes(network.groups[number].spikes, found, network.timestep)

    def _emitted(self) -> Emitted:
        network, emitted = self.network, []
        for position, source in self._emitters.items():
            source.forget(network.step + 1)
            source.source_step(network.step, network.seed)
            index = source.at(network.step)
            if index.size:
                emitted.append((position, index))
        return emitted

    def _inject(self, waves: list[Any], i: int, position: dict[int, int]) -> None:
        if not waves or (i > 0 and all(wave[i] == wave[i - 1] for wave in waves)):
            return
        assert self._program is not None
        columns: dict[int, npt.NDArray[np.float64]] = {}
        for injection, wave in zip(self.network.injections, waves, strict=True):
            number = position[id(injection.group)]
            column = columns.setdefault(number, np.zeros(injection.group.size))
            np.add.at(column, injection.index, wave[i])
        for number, column in columns.items():
            self._program.inject(number, column)

    # --- results -------------------------------------------------------------------------------------------

    @property
    def program(self) -> Program | None:
        """The network in the chip's numbers; None before the first run."""
        return self._program

    def report(self) -> dict[str, Any]:
        """Return what the chip did since the last reset, and what was rounded on the way to it."""
        assert self._program is not None
        return {**self._program.report(), "roundings": self._program.roundings.rows()}

    def annotations(self) -> dict[str, Any]:
        """Return the report as text, for the annotations of a block."""
        if self._program is None:
            return {}
        return {"chip_report": json.dumps(self.report(), default=_plain)}


def log_spikes(log: SpikeLog | None, found: list[tuple[int, Indices]], timestep: float) -> None:
    """Append spikes, given as steps and cells, to a log."""
    if log is not None and found:
        steps = np.repeat([step for step, _ in found], [len(index) for _, index in found])
        index = np.concatenate([index for _, index in found]).astype(np.int32)
        log.append(steps * timestep, index)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in a report")
