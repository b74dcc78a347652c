"""Connections that a connector makes source by source, in blocks of a bounded size.

Where both ends are whole populations and synapses have nothing but weights and delays, each block goes straight into
the layout of `Connections`, so that what is in memory besides the result is one block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import CellGroup, Connections, SynapseModel
from ..network.rows import RowBuilder
from . import connection_maps as maps
from .connecting import tell
from .pieces import Member, Piece, members
from .projection_checks import check_limits, check_weight, one_fraction
from .synapse_values import SynapseValues, check_values

Counts = npt.NDArray[np.integer[Any]]
PER_BLOCK = 1 << 20  # synapses
PLAIN = {"weight", "delay", "dendritic_delay_fraction"}


def ranges(expected: npt.NDArray[Any] | float, n_pre: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of sources with about `PER_BLOCK` synapses; `expected` is a number for each source or for all."""
    if np.ndim(expected) == 0:
        step = max(1, min(n_pre, int(PER_BLOCK / max(float(expected), 1e-9))))
        yield from ((first, min(first + step, n_pre)) for first in range(0, n_pre, step))
        return
    ends = np.cumsum(expected)
    first = 0
    while first < n_pre:
        before = ends[first - 1] if first else 0
        stop = max(first + 1, int(np.searchsorted(ends, before + PER_BLOCK, side="right")))
        yield first, min(stop, n_pre)
        first = stop


class RowBlocks:
    """Takes blocks of synapses over for one projection.

    Parameters
    ----------
    connector, projection : Connector, Projection
    expected : int
        About how many synapses there will be.
    """

    def __init__(self, connector: Any, projection: Any, expected: int) -> None:
        self._connector, self._projection = connector, projection
        self._values: SynapseValues = connector._synapse_values(projection)
        self._ends = self._whole()
        self._rows: RowBuilder | None = None
        if self._ends:
            (n_pre, n_post), network = projection.shape, projection._simulator.state.network
            self._rows = RowBuilder(n_pre, n_post, expected, network.dtype)
        self._fraction, self._rounded = 1.0, 0
        self._pairs: list[maps.Pairs] = []  # kept if parameters are evaluated by postsynaptic cell

    def _whole(self) -> tuple[Member, Member] | None:
        projection = self._projection
        model: SynapseModel | None = getattr(projection.synapse_type, "synapse_model", None)
        if model is None or not model.static or model.parameters or model.state:
            return None
        ends = members(projection.pre), members(projection.post)
        if any(len(end) != 1 for end in ends) or not isinstance(ends[1][0].population.group, CellGroup):
            return None
        pre, post = ends[0][0], ends[1][0]
        for member in (pre, post):
            if not np.array_equal(member.cells, np.arange(member.population.size)):
                return None
        return pre, post

    def add(self, first: int, counts: Counts, post: npt.NDArray[Any]) -> None:
        """Connect ``counts[i]`` times source ``first + i`` to the cells `post`, one source after the other."""
        projection = self._projection
        pre = np.repeat(np.arange(first, first + len(counts), dtype=np.int32), counts)
        if self._values.goes_by_column:
            self._pairs.append((pre, post))
            return
        if len(post):
            self._take(first, counts, pre, post)
        done = (first + len(counts)) / projection.pre.size
        tell(projection, done)
        if self._connector.callback is not None:
            self._connector.callback(done)

    def _take(self, first: int, counts: Counts, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> None:
        projection = self._projection
        values = self._values.sample(pre, post)
        if self._connector.safe:
            check_values(projection, values, post)
        if self._rows is None or not set(values) <= PLAIN:
            projection._connect_block(pre, post, values, self._connector.location_selector)
        else:
            check_weight(values["weight"], str(projection.label))
            check_limits(values, projection.synapse_type, str(projection.label))
            self._fraction = one_fraction(values.get("dendritic_delay_fraction", 1.0), str(projection.label))
            state = projection._simulator.state
            steps, rounded = state.delay_steps(values.get("delay", state.dt), str(projection.label))
            self._rounded += rounded * (1 if np.ndim(steps) else len(post))
            self._rows.add(first, counts, post, steps, values["weight"])

    def finish(self) -> None:
        """Hand over what went straight into the layout."""
        projection, rows = self._projection, self._rows
        if self._pairs:
            pre, post = (np.concatenate(ends) for ends in zip(*self._pairs, strict=True))
            self._connector._connect_pairs(projection, self._values, maps.pairs_by_target(pre, post))
            return
        if rows is None or not len(rows):
            return
        assert self._ends is not None
        source, target = self._ends
        projection._refuse_locations(self._connector.location_selector)
        projection._report_rounded(self._rounded)
        connections = Connections.from_rows(
            source.population.group,
            target.population.group,
            projection.receptor_type,
            projection.synapse_type.synapse_model,
            rows,
            str(projection.label),
        )
        connections.dendritic_delay_fraction = self._fraction
        projection._take(Piece(connections, source, target))
