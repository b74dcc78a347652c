"""Energy and time of each operation: the published set and the one fitted to silicon. They disagree; never mix them.

`DAVIES` is table 2 of M. Davies et al., IEEE Micro 38(1):82-99 (2018): before silicon, 0.75 V; a synaptic operation is
a minimum in energy and a maximum in time. Its barrier (113 ns for 1 tile to 465 ns for 32) is interpolated linearly
in log2(tiles). `SANAFE` is ``arch/loihi.yaml`` of SANA-FE 2.2.9 (J. Boyle et al., IEEE TCAD 44(8), 2025), fitted to a
Nahuku board; its authors give errors of up to 11.7 % in energy and 24.3 % in time. A link's time between messages is in
neither table: 3.44 spikes/ns pass through the middle of a tile (Davies 2018, table 2), shared here by the four links
there, one in each direction of each mesh; SANA-FE's BookSim2 has one virtual channel, which takes two cycles of 1 ns
for each message. Leakage, 104 mW a chip (E. P. Frady et al., NICE 2020: 3.34 W for 32 chips), is reported apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

PICO, NANO = 1e-12, 1e-9
LEAKAGE_W = 3.34 / 32


@dataclass(frozen=True)
class Costs:
    """Energy (J) and time (s) of operations.

    Attributes
    ----------
    name : str
        ``"davies"`` or ``"sanafe"``.
    synapse : tuple
        Of one event, by format of the synapses: dense, sparse, convolution.
    idle, active : tuple
        A compartment in a step, without and with something to do; `active` is the whole, not what is added.
    spike_out : tuple
        A compartment that fires, on top.
    axon_in, axon_out : tuple
        A message at its destination core, and at its source core.
    hop_x, hop_y : tuple
        A message from tile to tile, east-west and north-south.
    local : tuple
        A message within a tile.
    link_s : float
        Least time (s) between two messages on one link of one mesh.
    learn : tuple
        Update of a synapse by a pairwise rule.
    barrier_tiles, barrier_s : tuple of float
        Time of the barrier for numbers of tiles in use.
    interpolated : bool
        Whether the barrier is interpolated in log2(tiles); otherwise the largest entry not above counts.
    """

    name: str
    synapse: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    idle: tuple[float, float]
    active: tuple[float, float]
    spike_out: tuple[float, float]
    axon_in: tuple[float, float]
    axon_out: tuple[float, float]
    hop_x: tuple[float, float]
    hop_y: tuple[float, float]
    local: tuple[float, float]
    link_s: float
    learn: tuple[float, float]
    barrier_tiles: tuple[float, ...]
    barrier_s: tuple[float, ...]
    interpolated: bool = False

    def barrier(self, tiles: int) -> float:
        """Return the time (s) of the barrier that ends a step with so many tiles in use."""
        if self.interpolated:
            return float(np.interp(np.log2(max(tiles, 1)), np.log2(self.barrier_tiles), self.barrier_s))
        at = max(int(np.searchsorted(self.barrier_tiles, tiles, side="right")) - 1, 0)
        return self.barrier_s[at]


def _pj_ns(energy: float, time: float) -> tuple[float, float]:
    return energy * PICO, time * NANO


SANAFE = Costs(
    name="sanafe",
    synapse=(_pj_ns(35.5, 3.8), _pj_ns(33.6, 4.7), _pj_ns(24.0, 3.1)),
    idle=_pj_ns(51.2, 6.0),
    active=_pj_ns(51.2 + 21.6, 6.0 + 3.7),
    spike_out=_pj_ns(69.3, 30.0),
    axon_in=_pj_ns(0.0, 16.0),
    axon_out=_pj_ns(111.0, 5.1),
    hop_x=_pj_ns(3.0, 4.1),
    hop_y=_pj_ns(4.2, 6.5),
    local=_pj_ns(0.0, 0.0),
    link_s=2.0 * NANO,
    learn=_pj_ns(0.0, 0.0),
    barrier_tiles=(1, 2, 4, 29),
    barrier_s=(0.6e-6, 1.0e-6, 1.4e-6, 1.8e-6),
)

DAVIES = replace(
    SANAFE,
    name="davies",
    synapse=(_pj_ns(23.6, 3.5),) * 3,
    idle=_pj_ns(52.0, 5.3),
    active=_pj_ns(81.0, 8.4),
    spike_out=_pj_ns(0.0, 0.0),
    axon_in=_pj_ns(0.0, 0.0),
    axon_out=_pj_ns(0.0, 0.0),
    hop_x=_pj_ns(3.0, 4.1),
    hop_y=_pj_ns(4.0, 6.5),
    local=_pj_ns(1.7, 2.1),
    link_s=1.2 * NANO,
    learn=_pj_ns(120.0, 6.1),
    barrier_tiles=(1, 32),
    barrier_s=(113e-9, 465e-9),
    interpolated=True,
)
SETS = {"davies": DAVIES, "sanafe": SANAFE}
