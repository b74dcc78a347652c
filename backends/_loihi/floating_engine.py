"""Loihi's quantised network in floating point, as an engine: one step on the way from software to the chip.

The network is placed and quantised as for the chip and then run by the engine of `codegen`, so what differs from the
original is the rounding of parameters, and what differs from the chip its arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from pynn_ext.codegen import choose_engine
from pynn_ext.errors import UnsupportedError
from pynn_ext.mapping import Roundings
from pynn_ext.network import CellGroup, Connections, Network, Probe

from .floating import floating_point


def refuse_trace(connections: Connections, name: str) -> NoReturn:
    """Raise the error of this arithmetic, in which weights stand still."""
    raise UnsupportedError(
        f"recording of '{name}'", where=f"{connections.label}, setup(arithmetic='float')",
        limit="weights keep their first values", remedy="use arithmetic='chip'",
    )  # fmt: skip


class FloatingEngine:
    """Simulation of the network that the chip would hold.

    Parameters
    ----------
    network : Network
        What to simulate. Spikes, potentials and nothing else are written back.
    compile : callable
        ``compile(network, roundings, **options)`` returns the `LoihiProgram`.
    report : callable
        Called with ``(change, where, remedy)`` for everything that is rounded.
    threads : int
    **options
        For `compile`.
    """

    def __init__(
        self, network: Network, compile: Callable[..., Any], *, report: Any, threads: int = 1, **options: Any
    ) -> None:
        self.network, self._compile, self._report, self._options = network, compile, report, options
        self.threads = threads
        self._key: Any = None
        self._last_step = 0

    def run(self, steps: int) -> None:
        """Advance the network by `steps` time steps."""
        network = self.network
        if network.step == 0 and self._last_step != 0:
            self._key = None
        self._refresh()
        self._ideal.probes = [self._probe(probe) for probe in network.probes]
        self._ideal.revision += 1
        for group, ideal in self._cells:
            ideal.spikes = group.spikes
        self._engine.run(int(steps))
        network.step = self._last_step = self._ideal.step
        for group, ideal in self._cells:
            group.state["v"][:] = ideal.state["v"]

    def _refresh(self) -> None:
        network = self.network
        key = (
            [(id(g), g.revision if isinstance(g, CellGroup) else 0) for g in network.groups],
            [(id(c), c.revision) for c in network.connections],
            [id(i) for i in network.injections],
        )
        if key == self._key:
            return
        if self._key is not None and network.step > 0:
            raise UnsupportedError(
                "parameters or structure that change after the network has run",
                where="setup(arithmetic='float')",
                remedy="change them before run() or after reset(), or use arithmetic='chip'",
            )
        self._roundings = Roundings()
        program = self._compile(network, self._roundings, **self._options)
        self._roundings.tell(self._report)
        for block in network.connections:
            if not block.model.static:
                change = (
                    "weights keep their first values: the learning engine is part of the chip's arithmetic"
                )
                self._report(change, f"{block.label}, setup(arithmetic='float')", "use arithmetic='chip'")
        self._chip, self._key = program.chip, key
        self._ideal = floating_point(program)
        pairs = zip(network.groups, self._ideal.groups, strict=True)
        cells = [(a, b) for a, b in pairs if isinstance(a, CellGroup) and isinstance(b, CellGroup)]
        self._cells = [(a, b) for a, b in cells if a is not b]
        self._engine = choose_engine(self._ideal, threads=self.threads)

    def _probe(self, probe: Probe) -> Probe:
        if probe.variable != "v":
            raise UnsupportedError(
                f"recording of '{probe.variable}'",
                where=f"{probe.group.label}, setup(arithmetic='float')",
                limit="spikes and v",
                remedy="use arithmetic='chip'",
            )
        ideal = next(ideal for group, ideal in self._cells if group is probe.group)
        return Probe(ideal, "v", probe.index, probe.every, probe.start, probe.chunks)

    def plastic_trace(self, connections: Connections, name: str) -> Any:
        """Refuse: in this arithmetic weights stand still."""
        refuse_trace(connections, name)

    def report(self) -> dict[str, Any]:
        """Return what was rounded on the way to the chip."""
        return {"chip": self._chip.name, "arithmetic": "floating point", "roundings": self._roundings.rows()}

    def annotations(self) -> dict[str, Any]:
        """Return the report as text, for the annotations of a block."""
        return {"chip_report": json.dumps(self.report())} if self._key else {}
