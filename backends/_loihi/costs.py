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
from typing import NamedTuple

import numpy as np

from pynn_ext.chip.energy import femtojoules


class Operation(NamedTuple):
    """What one operation costs: energy in fJ, time in s; `source` if it is not that of its set."""

    energy: int
    time: float
    source: str = ""


def _op(picojoules: float, nanoseconds: float, source: str = "") -> Operation:
    return Operation(femtojoules(picojoules * 1e-12), nanoseconds * 1e-9, source)


NOTHING = _op(0.0, 0.0, "not in the table, counted as nothing")


@dataclass(frozen=True)
class Costs:
    """Energy and time of operations, and the time of the barrier.

    Attributes
    ----------
    name, source : str
        The set, and where it is from.
    dense, sparse, convolution : Operation
        An event at a synapse, by format of the list.
    idle, active : Operation
        A compartment in a step, without and with something to do; `active` is the whole, not what is added.
    spike_out : Operation
        A compartment that fires, on top.
    axon_out, axon_in : Operation
        A message at its source core, and at its destination core.
    hop_x, hop_y : Operation
        A message from tile to tile, east-west and north-south.
    local : Operation
        A message within a tile.
    link : Operation
        Its time is the least between two messages on one link of one mesh.
    learn : Operation
        Update of a synapse by a pairwise rule.
    barrier_tiles, barrier_s : tuple of float
        Time of the barrier for numbers of tiles in use.
    interpolated : bool
        Whether the barrier is interpolated in log2(tiles); otherwise the largest entry not above counts.
    """

    name: str
    source: str
    dense: Operation
    sparse: Operation
    convolution: Operation
    idle: Operation
    active: Operation
    spike_out: Operation
    axon_out: Operation
    axon_in: Operation
    hop_x: Operation
    hop_y: Operation
    local: Operation
    link: Operation
    learn: Operation
    barrier_tiles: tuple[float, ...]
    barrier_s: tuple[float, ...]
    interpolated: bool = False

    @property
    def synapse(self) -> tuple[Operation, Operation, Operation]:
        """Events at synapses, in the order of the formats."""
        return self.dense, self.sparse, self.convolution

    @property
    def operations(self) -> dict[str, Operation]:
        """All operations by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Operation)}

    def barrier(self, tiles: int) -> float:
        """Return the time (s) of the barrier that ends a step with so many tiles in use."""
        if self.interpolated:
            return float(np.interp(np.log2(max(tiles, 1)), np.log2(self.barrier_tiles), self.barrier_s))
        at = max(int(np.searchsorted(self.barrier_tiles, tiles, side="right")) - 1, 0)
        return self.barrier_s[at]


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
    learn=NOTHING,
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
    spike_out=NOTHING,
    axon_out=NOTHING,
    axon_in=NOTHING,
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
