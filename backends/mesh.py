"""A generic chip: any network, its cells on the cores of a mesh, its spikes carried cycle by cycle.

Time contract: asynchronous. Cells and synapses are those of `codegen`, in floating point; what differs is when
spikes arrive. A spike for cells of the same core goes there directly, for every other core it becomes one
message. The mesh is simulated cycle by cycle (input-queued routers, virtual channels, credits, dimension-order
routing); a message's latency, converted by the biological time of a cycle, is added to the synapse's delay and
rounded to the time step. Spike sources are outside the chip: their spikes come directly.

Presets: ``default``, and ``pycarl``, the companion tools of PyCARL (Balaji et al. 2020, IJCNN): crossbars of
128 × 128, a mesh of 5 × 5, flits of 32 bit, buffers of 4, 100 cycles to 1 ms, and three cycles a hop (3 H + 5 in an
empty mesh; their routers take 3 H + 3).

Not modelled: arithmetic of a chip (see `loihi`, `neurocorex`), loss of spikes, what the cores themselves take in
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pynn_ext.codegen import build_core, choose_engine
from pynn_ext.errors import NetworkError, suggestion

build_core()  # on a new machine the core is compiled while PyNN is imported


@dataclass(frozen=True)
class MeshChip:
    """Parameters of the chip.

    Parameters
    ----------
    name : str
        Name for messages.
    columns, rows : int
        Cores in x and y, one at each router.
    cells, inputs : int
        Cells of a core, and sources that may reach them: columns and rows of its crossbar.
    flit_bits, message_bits : int
        A message takes ``ceil(message_bits / flit_bits)`` flits.
    route_delay : int
        Cycles that a router needs to find the way; 0 for look-ahead.
    speculative : bool
        Whether a flit asks for the switch together with the virtual channel: a cycle less.
    virtual_channels, buffer : int
        Virtual channels of a port, and flits that each holds.
    torus : bool
        Whether links wrap around.
    biological_ms : float
        Biological time of a clock cycle (ms).
    soma_pj, synapse_pj, router_pj, link_pj : float
        Energy (pJ) of a step of a cell, an event at a synapse, and a flit in a router and on a link.
    static_mw : float
        Static power of a router (mW) at one second of biological time per second.
    """

    name: str = "default"
    columns: int = 8
    rows: int = 8
    cells: int = 256
    inputs: int = 1024
    flit_bits: int = 32
    message_bits: int = 32
    route_delay: int = 1
    speculative: bool = False
    virtual_channels: int = 2
    buffer: int = 4
    torus: bool = False
    biological_ms: float = 1e-4
    # of the order of published digital chips (Davies et al. 2018, IEEE Micro 38:82, table 2)
    soma_pj: float = 52.0
    synapse_pj: float = 23.6
    router_pj: float = 1.63
    link_pj: float = 0.80
    static_mw: float = 0.0


CHIP = MeshChip()
PRESETS = {
    "default": CHIP,
    # SpiNeMap's configuration and power table: router 0.762 + 0.534 + 0.221 + 0.06 + 0.05 pJ, link of 0.5 mm 0.8 pJ
    "pycarl": replace(
        CHIP, name="pycarl", columns=5, rows=5, cells=128, inputs=128, route_delay=0, speculative=True,
        virtual_channels=1, buffer=4, biological_ms=0.01, router_pj=1.627, link_pj=0.80,
    ),
}  # fmt: skip
OPTIONS = {"chip": "default", "partition": "greedy", "placement": "refine", "interconnect": "closed"}


def chip_of(value: Any) -> MeshChip:
    """Return the chip that ``setup(chip=...)`` names: a preset, a `MeshChip`, or a dictionary of what differs
    from the default."""
    if isinstance(value, MeshChip):
        return value
    if isinstance(value, dict):
        unknown = next((name for name in value if not hasattr(CHIP, name)), None)
        if unknown:
            raise NetworkError(
                f"the chip has no '{unknown}'",
                where="setup(chip=...)",
                remedy=suggestion(unknown, vars(CHIP)),
            )
        return replace(CHIP, **value)
    if value not in PRESETS:
        raise NetworkError(f"chip={value!r}", where="setup", remedy=suggestion(str(value), PRESETS))
    return PRESETS[value]


def engine(
    network: Any, threads: int = 1, report: Any = None, chip: Any = "default", partition: str = "greedy",
    placement: str = "refine", interconnect: str = "closed",
) -> Any:  # fmt: skip
    """Return the engine for a network."""
    from pynn_ext.mapping.cosimulation import CosimulationEngine
    from pynn_ext.mapping.mesh_chip import Plan

    record = chip_of(chip)
    return CosimulationEngine(
        network, partial(choose_engine, threads=threads), Plan(record, partition, placement), interconnect
    )


from pynn_ext.frontend.chips import ChipSimulator  # noqa: E402

simulator = ChipSimulator(__name__, "mesh", engine, options=OPTIONS)
globals().update(simulator.namespace())
__all__ = sorted(simulator.namespace())  # noqa: PLE0605
