"""A chip whose cores sit at the routers of a mesh: from its record to placed cells and an interconnect."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ..chip.contracts import TimeContract
from ..chip.noc import Mesh
from ..errors import NetworkError
from ..network import Network
from .graph import SpikeGraph
from .limits import CoreLimits
from .partition import partition
from .place import place
from .route import Routes, route


class MeshRecord(Protocol):
    """What a record of such a chip holds; `backends/mesh.py` explains each."""

    name: str
    columns: int
    rows: int
    cells: int
    inputs: int
    flit_bits: int
    message_bits: int
    route_delay: int
    speculative: bool
    virtual_channels: int
    buffer: int
    torus: bool
    biological_ms: float
    time: TimeContract
    soma_pj: float
    synapse_pj: float
    router_pj: float
    link_pj: float
    static_mw: float


class Plan:
    """Places a network on a chip.

    Parameters
    ----------
    chip : MeshRecord
        Its parameters.
    partition, placement : str
        Methods, see `partition` and `place`.
    """

    def __init__(self, chip: MeshRecord, partition: str, placement: str) -> None:
        self.chip, self.partition, self.placement = chip, partition, placement

    @property
    def mesh(self) -> Mesh:
        """The interconnect."""
        chip = self.chip
        return Mesh(
            chip.columns, chip.rows, torus=chip.torus, buffer=chip.buffer, route_delay=chip.route_delay,
            speculative=chip.speculative,
            virtual_channels=max(chip.virtual_channels, 2 if chip.torus else 1),
        )  # fmt: skip

    @property
    def flits(self) -> int:
        """Flits of a message."""
        return -(-self.chip.message_bits // self.chip.flit_bits)

    def cycles(self, timestep: float) -> int:
        """Return the clock cycles in a time step (ms).

        Raises
        ------
        NetworkError
            If a time step is no whole number of cycles.
        """
        if self.chip.time.waits:
            return 1  # a step takes as many cycles as it takes
        exact = timestep / self.chip.biological_ms
        if round(exact) < 1 or abs(exact - round(exact)) > 1e-6 * exact:
            raise NetworkError(
                f"a timestep of {timestep:g} ms",
                where="setup",
                limit=f"it is a whole number of cycles of {self.chip.biological_ms:g} ms",
                remedy=f"for example timestep={max(1, round(exact)) * self.chip.biological_ms:g}",
            )
        return round(exact)

    def __call__(self, network: Network, spikes: Any = None) -> tuple[SpikeGraph, Routes]:
        """Return the graph of a network and the routes of its placed cells.

        Raises
        ------
        MappingError
            If it does not fit.
        """
        chip = self.chip
        graph = SpikeGraph.of(network, spikes)
        limits = CoreLimits(cells=chip.cells, axons_in=chip.inputs)
        cores = chip.columns * chip.rows
        clusters = partition(graph, limits, cores, self.partition, f"the chip '{chip.name}'")
        places = place(clusters.traffic(), self.distance(), self.placement)
        return graph, route(clusters, places, cores)

    def distance(self) -> Any:
        """Return hops between cores, shape ``(cores, cores)``."""
        at = np.arange(self.chip.columns * self.chip.rows)
        y, x = np.divmod(at, self.chip.columns)
        dx, dy = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
        if self.chip.torus:
            dx, dy = np.minimum(dx, self.chip.columns - dx), np.minimum(dy, self.chip.rows - dy)
        return (dx + dy).astype(float)
