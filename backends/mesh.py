"""A generic chip: any network, its cells on the cores of a mesh, its spikes carried cycle by cycle.

Time contract: asynchronous, or any other by ``chip={"time": "barrier"}``. Cells and synapses are those of `codegen`,
in floating point; what differs is when spikes arrive. A spike for cells of the same core goes there directly, for
every other core it becomes one message. The mesh is simulated cycle by cycle (input-queued routers, virtual channels,
credits, dimension-order routing); a message's latency, converted by the biological time of a cycle, is added to the
synapse's delay and rounded to the time step. Spike sources are outside the chip: their spikes come directly.

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

from pynn_ext.chip.contracts import Asynchronous, TimeContract, contract_of
from pynn_ext.chip.record import energy, limit, revision, timing
from pynn_ext.codegen import build_core, choose_engine, draw_partners

build_core()  # on a new machine the core is compiled while PyNN is imported


PUBLISHED = "Davies et al. 2018, IEEE Micro 38:82, table 2"
SPINEMAP = "SpiNeMap (Balaji et al. 2020, IEEE TVLSI 28:76), power table"
FREE = "a free parameter"


@dataclass(frozen=True)
class MeshChip:
    """Parameters of the chip; `pynn_ext.chip.record` shows them."""

    name: str = "default"
    columns: int = limit(8, "cores in x, one at each router", source=FREE)
    rows: int = limit(8, "cores in y", source=FREE)
    cells: int = limit(256, "cells of a core: columns of its crossbar", source=FREE)
    inputs: int = limit(1024, "sources that may reach a core: rows of its crossbar", source=FREE)
    flit_bits: int = limit(32, "width of a flit", "bit", source=FREE)
    message_bits: int = limit(32, "width of a message", "bit", source=FREE)
    virtual_channels: int = limit(2, "virtual channels of a port", source=FREE)
    buffer: int = limit(4, "flits that each virtual channel holds", source=FREE)
    torus: bool = limit(False, "whether links wrap around", source=FREE)
    route_delay: int = timing(
        1, "cycles to find the way; 0 for look-ahead", source="BookSim2 (Jiang et al. 2013, ISPASS), default"
    )
    speculative: bool = timing(
        False, "whether the switch is asked for with the virtual channel: a cycle less",
        source="BookSim2, default",
    )  # fmt: skip
    biological_ms: float = timing(1e-4, "biological time of a clock cycle", "ms", source=FREE)
    time: TimeContract = timing(
        Asynchronous(), "when a message acts; any contract, or its name", source="docs/timing_model.md"
    )
    soma_pj: float = energy(52.0, "a step of a cell", "pJ", source=PUBLISHED)
    synapse_pj: float = energy(23.6, "an event at a synapse", "pJ", source=PUBLISHED)
    router_pj: float = energy(1.63, "a flit in a router", "pJ", source=SPINEMAP)
    link_pj: float = energy(0.80, "a flit on a link", "pJ", source=SPINEMAP)
    static_mw: float = energy(
        0.0, "static power of a router at one second of biological time per second", "mW", source=FREE
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", contract_of(self.time))


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


def engine(
    network: Any, threads: int = 1, report: Any = None, chip: Any = "default", partition: str = "greedy",
    placement: str = "refine", interconnect: str = "closed",
) -> Any:  # fmt: skip
    """Return the engine for a network."""
    from pynn_ext.mapping.cosimulation import CosimulationEngine
    from pynn_ext.mapping.mesh_chip import Plan

    record = revision(chip, CHIP, PRESETS)
    return CosimulationEngine(
        network, partial(choose_engine, threads=threads), Plan(record, partition, placement), interconnect
    )


from pynn_ext.frontend.chips import ChipSimulator  # noqa: E402

STAGES = {"ideal interconnect": {"interconnect": "ideal"}}
simulator = ChipSimulator(
    __name__,
    "mesh",
    engine,
    options=OPTIONS,
    stages=STAGES,
    precisions=("double",),
    draw_partners=draw_partners,
)
globals().update(simulator.namespace())
__all__ = sorted(simulator.namespace())  # noqa: PLE0605
