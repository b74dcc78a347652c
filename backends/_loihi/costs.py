"""Energy and time of each operation: the published set and the one fitted to silicon. They disagree; never mix them.

`DAVIES` is table 2 of M. Davies et al., IEEE Micro 38(1):82-99 (2018): before silicon, 0.75 V; a synaptic operation is
a minimum in energy and a maximum in time. Its barrier (113 ns for 1 tile to 465 ns for 32) is interpolated linearly
in log2(tiles). `SANAFE` is ``arch/loihi.yaml`` of SANA-FE 2.2.9 (J. Boyle et al., IEEE TCAD 44(8), 2025), fitted to a
Nahuku board; its authors give errors of up to 11.7 % in energy and 24.3 % in time. A link's time between messages is in
neither table: 3.44 spikes/ns pass through the middle of a tile (Davies 2018, table 2), shared here by the four links
there, one in each direction of each mesh; SANA-FE's BookSim2 has one virtual channel, which takes two cycles of 1 ns
for each message. Leakage, 104 mW a chip (E. P. Frady et al., NICE 2020: 3.34 W for 32 chips), is reported apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from pynn_ext.chip.energy import femtojoules
from pynn_ext.chip.record import energy


class Operation(NamedTuple):
    """What one operation costs: energy in fJ, time in s; `source` if it is not that of its set."""

    energy: int
    time: float
    source: str = ""


def _op(picojoules: float, nanoseconds: float, source: str = "") -> Operation:
    return Operation(femtojoules(picojoules * 1e-12), nanoseconds * 1e-9, source)


NOTHING = _op(0.0, 0.0, "not in the table, counted as nothing")


def _operation(what: str) -> Any:
    return energy(NOTHING, what, source="the set's")


@dataclass(frozen=True)
class Costs:
    """Energy and time of operations, and the time of the barrier.

    Parameters
    ----------
    name, source : str
        The set, and where it is from.
    barrier_tiles, barrier_s : tuple of float
        Time of the barrier for numbers of tiles in use.
    interpolated : bool
        Whether the barrier is interpolated in log2(tiles); otherwise the largest entry not above counts.
    dense, sparse, … : Operation
        See the declarations.
    """

    name: str
    source: str
    barrier_tiles: tuple[float, ...]
    barrier_s: tuple[float, ...]
    interpolated: bool = False
    dense: Operation = _operation("an event at a synapse of a dense list")
    sparse: Operation = _operation("of a sparse list")
    convolution: Operation = _operation("of a convolution")
    idle: Operation = _operation("a compartment in a step with nothing to do")
    active: Operation = _operation("with something to do, all in all")
    spike_out: Operation = _operation("a compartment that fires, on top")
    axon_out: Operation = _operation("a message at its source core")
    axon_in: Operation = _operation("a message at its destination core")
    hop_x: Operation = _operation("a message from tile to tile, east-west")
    hop_y: Operation = _operation("north-south")
    local: Operation = _operation("a message within a tile")
    link: Operation = _operation("from message to message on one link of one mesh, at least")
    learn: Operation = _operation("update of a synapse by a pairwise rule")

    @property
    def synapse(self) -> tuple[Operation, Operation, Operation]:
        """Events at synapses, in the order of the formats."""
        return self.dense, self.sparse, self.convolution

    def barrier(self, tiles: int) -> float:
        """Return the time (s) of the barrier that ends a step with so many tiles in use."""
        if self.interpolated:
            return float(np.interp(np.log2(max(tiles, 1)), np.log2(self.barrier_tiles), self.barrier_s))
        at = max(int(np.searchsorted(self.barrier_tiles, tiles, side="right")) - 1, 0)
        return self.barrier_s[at]

    @property
    def barrier_text(self) -> str:
        """The barrier in words."""
        tiles, times = self.barrier_tiles, [f"{1e9 * s:g}" for s in self.barrier_s]
        if self.interpolated:
            return (
                f"{times[0]} to {times[-1]} ns for {tiles[0]} to {tiles[-1]} tiles, linear in their logarithm"
            )
        return f"{', '.join(times)} ns from {', '.join(map(str, tiles))} tiles on"


SANAFE = Costs(
    name="sanafe",
    source="SANA-FE 2.2.9, arch/loihi.yaml, fitted to a Nahuku board (J. Boyle et al., IEEE TCAD 44(8), 2025)",
    dense=_op(35.5, 3.8),
    sparse=_op(33.6, 4.7),
    convolution=_op(24.0, 3.1),
    idle=_op(51.2, 6.0),
    active=_op(51.2 + 21.6, 6.0 + 3.7),
    spike_out=_op(69.3, 30.0),
    axon_out=_op(111.0, 5.1),
    axon_in=_op(0.0, 16.0),
    hop_x=_op(3.0, 4.1),
    hop_y=_op(4.2, 6.5),
    local=_op(0.0, 0.0),
    link=_op(0.0, 2.0, "its BookSim2: one virtual channel takes two cycles of 1 ns for each message"),
    barrier_tiles=(1, 2, 4, 29),
    barrier_s=(0.6e-6, 1.0e-6, 1.4e-6, 1.8e-6),
)

DAVIES = Costs(
    name="davies",
    source="M. Davies et al., IEEE Micro 38(1):82-99 (2018), table 2: before silicon, 0.75 V",
    dense=_op(23.6, 3.5),
    sparse=_op(23.6, 3.5),
    convolution=_op(23.6, 3.5),
    idle=_op(52.0, 5.3),
    active=_op(81.0, 8.4),
    hop_x=_op(3.0, 4.1),
    hop_y=_op(4.0, 6.5),
    local=_op(1.7, 2.1),
    link=_op(0.0, 1.2, "derived: 3.44 spikes/ns through the middle of a tile, shared by four links"),
    learn=_op(120.0, 6.1),
    barrier_tiles=(1, 32),
    barrier_s=(113e-9, 465e-9),
    interpolated=True,
)
SETS = {"davies": DAVIES, "sanafe": SANAFE}
