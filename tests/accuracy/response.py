"""One cell, or a few, under given spikes and currents: what was recorded, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyNN.codegen as sim


@dataclass(frozen=True)
class Input:
    """Spikes at `times` (ms) that reach `receptor` through one synapse each.

    `weight` is in PyNN's unit of the cell (nA, uS or mV), `delay` in ms.
    """

    times: Sequence[float]
    weight: float
    receptor: str = "excitatory"
    delay: float = 1.0


class Response:
    """What was recorded from a population.

    Attributes
    ----------
    times : ndarray
        Times of the samples (ms), if a state variable was recorded.
    spikes : list of ndarray
        Spike times of each cell (ms).
    """

    def __init__(self, population: Any, segment: int = -1) -> None:
        recorded = population.get_data().segments[segment]
        self.signals = {signal.name: signal.magnitude for signal in recorded.analogsignals}
        self.spikes = [train.magnitude for train in recorded.spiketrains]
        self.times = np.empty(0)
        for signal in recorded.analogsignals:
            self.times = np.arange(len(signal)) * float(signal.sampling_period) + float(signal.t_start)

    def __getitem__(self, variable: str) -> np.ndarray:
        """Return the samples of the first cell, shape ``(n,)``."""
        return self.signals[variable][:, 0]


def respond(
    cell_type: Any,
    duration: float,
    *inputs: Input,
    record: Sequence[str] = ("v",),
    current: Any = None,
    initial: dict[str, Any] | None = None,
    size: int = 1,
) -> Response:
    """Run `size` cells of a type for `duration` ms, after `sim.setup`."""
    cells = sim.Population(size, cell_type, initial_values=initial or {})
    for given in inputs:
        connect(cells, given)
    if current is not None:
        current.inject_into(cells)
    cells.record([*record, "spikes"])
    sim.run(duration)
    return Response(cells)


def connect(cells: Any, given: Input, synapse: Any = None) -> Any:
    """Connect a source of given spikes to all cells and return the projection."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(given.times)))
    synapse = synapse or sim.StaticSynapse(weight=given.weight, delay=given.delay)
    return sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=given.receptor)
