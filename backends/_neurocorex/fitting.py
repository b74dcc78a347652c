"""What of a network fits on the chip, where its cells and sources are, and the scale of its potentials.

The scale s (chip units per mV) is the largest for which the highest threshold is at most 64.0 (half of the range, the
rest is for input that exceeds it) and the largest weight at most 127, and of these the one with the smallest rounding
of weights.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pynn_ext.mapping import Problem, check
from pynn_ext.mapping.quantize import round_half_up
from pynn_ext.network import CellGroup, Connections, Network

from .stream import FIRST_COLUMN, FIRST_ROW, NEURONS

TIMESTEP = 0.96
PLASTIC = "SpikePairRule with AdditiveWeightDependence"
#: Input addresses with a defined meaning are 2 to 95; the last one has no synapses and fills empty steps.
FIRST_ADDRESS, PAD = 2, 95
SOURCES = PAD - FIRST_ADDRESS
HIGHEST_THRESHOLD = 64.0
LARGEST_WEIGHT = 127


class Layout:
    """Where each cell and source of a network is: neurons 0 to 89 and input addresses 2 to 94, in order."""

    def __init__(self, network: Network) -> None:
        self.start: dict[int, int] = {}
        neurons, sources = 0, FIRST_ADDRESS
        for group in network.groups:
            if isinstance(group, CellGroup):
                self.start[id(group)], neurons = neurons, neurons + group.size
            else:
                self.start[id(group)], sources = sources, sources + group.size
        self.neurons, self.sources = neurons, sources - FIRST_ADDRESS
        self.cells = [group for group in network.groups if isinstance(group, CellGroup)]

    def place(self, block: Connections) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return row and column of each synapse in its weight matrix."""
        columns = block.pre_indices() + self.start[id(block.pre)]
        if isinstance(block.pre, CellGroup):
            columns = columns + FIRST_COLUMN
        return block.post_index.astype(np.int64) + self.start[id(block.post)] + FIRST_ROW, columns


def problems(network: Network, layout: Layout) -> Iterator[Problem]:
    """Everything in a network that the chip cannot run."""
    yield from check.timestep(network, [TIMESTEP])
    remedy = (
        "IF_curr_delta is the nearest cell, StaticSynapse and additive SpikePairRule the nearest synapses"
    )
    yield from check.models(network, ["IF_curr_delta"], ["StaticSynapse", PLASTIC], remedy)
    yield from check.delays(network, 1)
    counts = (("neurons", layout.neurons, NEURONS), ("sources", layout.sources, SOURCES))
    for what, count, most in counts:
        if count > most:
            yield Problem(
                "network", f"{count} {what}", f"the chip has {most}", "make the populations smaller"
            )
    known = [group for group in layout.cells if group.model.name == "IF_curr_delta"]
    for group in known:
        yield from check.equal_parameters(
            group, {"v_reset": "v_rest"}, "the chip resets to rest", "set v_reset = v_rest"
        )
        yield from check.range_of(group, "tau_refrac", 0.0, 131071 * TIMESTEP, "shorten it")
        if np.any(group.parameter("v_thresh") <= group.parameter("v_rest")):
            yield Problem(
                group.label, "v_thresh is not above v_rest", "the chip starts at rest", "raise v_thresh"
            )
        if np.any(np.abs(group.initial["v"] - group.parameter("v_rest")) > 1e-9):
            yield Problem(
                group.label, "an initial v that is not v_rest", "the chip starts at rest", "leave it out"
            )
    if sum(int(np.count_nonzero(group.parameter("i_offset"))) for group in known) > 1:
        yield Problem(
            "network", "i_offset of several cells", "one neuron has a bias", "drive cells by a source"
        )
    for injection in network.injections:
        yield Problem(
            injection.group.label, "a current source", "the chip has none", "drive cells by a source"
        )
    for block in network.connections:
        if block.model.name == PLASTIC and not isinstance(block.pre, CellGroup):
            limit = "input weights do not learn on the chip (its rule writes other synapses)"
            yield Problem(block.label, "plastic synapses of a source", limit, "use StaticSynapse here")


def choose_scale(thresholds: npt.NDArray[np.float64], lateral: npt.NDArray[np.float64]) -> float:
    """Return the scale (chip units per mV).

    Parameters
    ----------
    thresholds : ndarray
        Heights above rest (mV), positive.
    lateral : ndarray
        Weights between neurons (mV).
    """
    limit = HIGHEST_THRESHOLD / thresholds.max()
    weights = np.abs(lateral[lateral != 0])
    if not weights.size:
        return float(limit)
    candidates = np.arange(LARGEST_WEIGHT, 0, -1) / weights.max()
    candidates = candidates[candidates <= limit * (1 + 1e-12)]
    if not len(candidates):
        return float(limit)
    errors = [np.max(np.abs(round_half_up(weights * s) - weights * s) / (weights * s)) for s in candidates]
    return float(candidates[int(np.argmin(np.round(errors, 12)))])
