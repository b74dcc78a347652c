"""Base of the connectors that go from one postsynaptic cell to the next: joins their columns to blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil
from typing import Any

import numpy as np
import pyNN.connectors as pynn
from pyNN.common import Population
from pyNN.parameters import LazyArray

from . import connection_maps as maps
from .connecting import tell
from .connection_maps import Index, Pairs
from .described import DescribedConnector
from .random import NativeRNG, adopt
from .synapse_values import DistanceMap, SynapseValues, Values, check_values

PAIRS_PER_BLOCK = 32 * 2**20  # candidate pairs; bounds the memory that a block needs
PROGRESS_REPORTS = 20


class MapConnector(DescribedConnector, pynn.MapConnector):
    """Base of the connectors that decide for each postsynaptic cell which sources connect to it."""

    def _generate_distance_map(self, projection: Any) -> LazyArray:
        return LazyArray(DistanceMap(projection), shape=projection.shape)

    def _synapse_values(self, projection: Any, distance_map: LazyArray | None = None) -> SynapseValues:
        return SynapseValues(dict(self._parameters_from_synapse_type(projection, distance_map).items()))

    def _shares_stream(self, values: SynapseValues) -> bool:
        """Whether drawing the connections of all cells before any parameter could change what is drawn."""
        return values.is_random and (not hasattr(self, "rng") or id(self.rng) in values.rngs)

    def _standard_connect(
        self,
        projection: Any,
        connection_map_generator: Callable[[], Iterable[Any]],
        distance_map: LazyArray | None = None,
    ) -> None:
        columns = connection_map_generator()
        values = self._synapse_values(projection, distance_map)
        batch = _Batch(self, projection, values, by_column=self._shares_stream(values))
        for index, column in enumerate(columns):
            batch.add(index, maps.sources_of_column(column, projection.pre.size))
            tell(projection, index / projection.post.size)
        batch.finish()

    def _column_ranges(self, projection: Any) -> Iterator[tuple[int, int]]:
        """Yield ranges of postsynaptic positions, each with a bounded number of candidate pairs."""
        n_pre, n_post = projection.shape
        step = max(1, PAIRS_PER_BLOCK // max(1, n_pre))
        if self.callback is not None and not isinstance(getattr(self, "rng", None), NativeRNG):
            step = min(step, ceil(n_post / PROGRESS_REPORTS))
        for first in range(0, n_post, step):
            yield first, min(first + step, n_post)

    def _connect_pairs(
        self, projection: Any, values: SynapseValues, pairs: Pairs, done: int | None = None
    ) -> None:
        """Create connections whose parameters are still to be evaluated; `done` columns are then complete."""
        pre, post = pairs
        if len(pre):
            self._hand_over(projection, pre, post, values.sample(pre, post))
        share = (projection.post.size if done is None else done) / projection.post.size
        tell(projection, share)
        if self.callback is not None:
            self.callback(share)

    def _hand_over(self, projection: Any, pre: Index, post: Index, parameters: Values) -> None:
        if self.safe:
            check_values(projection, parameters, post)
        projection._connect_block(pre, post, parameters, self.location_selector)

    def _is_recurrent(self, projection: Any) -> bool:
        pre, post = projection.pre, projection.post
        return isinstance(pre, Population) and isinstance(post, Population) and pre == post

    def _without_forbidden(self, projection: Any, pairs: Pairs) -> Pairs:
        """Drop the pairs that `allow_self_connections` forbids."""
        pre, post = pairs
        if self.allow_self_connections is True:
            return pairs
        if self._is_recurrent(projection):
            keep = pre > post if self.allow_self_connections == "NoMutual" else pre != post
        elif self.allow_self_connections == "NoMutual":
            raise NotImplementedError(
                "allow_self_connections='NoMutual' needs a connection of a Population to itself, not of "
                f"{projection.pre.label} to {projection.post.label}"
            )
        else:
            keep = maps.cell_ids(projection.pre)[pre] != maps.cell_ids(projection.post)[post]
        return pre[keep], post[keep]


class _Batch:
    """Collects the connections of single postsynaptic cells into blocks.

    Parameters
    ----------
    by_column : bool
        Draw the parameters of each cell before the connections of the next.
    """

    def __init__(
        self, connector: MapConnector, projection: Any, values: SynapseValues, by_column: bool
    ) -> None:
        self._connector, self._projection, self._values, self._by_column = (
            connector,
            projection,
            values,
            by_column,
        )
        self._kind = maps.index_type(*projection.shape)
        self._limits = [stop for _, stop in connector._column_ranges(projection)]
        self._clear()

    def _clear(self) -> None:
        self._sources: list[Index] = []
        self._columns: list[int] = []
        self._parameters: list[Values] = []

    def add(self, column: int, sources: Index) -> None:
        """Connect `sources` to the cell at position `column`; columns come in ascending order."""
        while self._limits and column >= self._limits[0]:
            self._flush()
        if len(sources):
            self._sources.append(sources.astype(self._kind, copy=False))
            self._columns.append(column)
            if self._by_column:
                self._parameters.append(self._values.sample(sources, np.full(len(sources), column)))

    def finish(self) -> None:
        """Hand over what is left."""
        while self._limits:
            self._flush()

    def _flush(self) -> None:
        connector, done = self._connector, self._limits.pop(0)
        if self._sources:
            pre = np.concatenate(self._sources)
            counts = [len(sources) for sources in self._sources]
            post = np.repeat(np.asarray(self._columns, dtype=self._kind), counts)
            if self._by_column:
                connector._hand_over(self._projection, pre, post, _joined(self._parameters, counts))
            else:
                connector._hand_over(self._projection, pre, post, self._values.sample(pre, post))
        if connector.callback is not None:
            connector.callback(done / self._projection.post.size)
        self._clear()


def _joined(parts: list[Values], counts: list[int]) -> Values:
    """Concatenate per-column parameters; constants stay constants."""
    return {
        name: np.concatenate([part[name] for part in parts]) if isinstance(first, np.ndarray) else first
        for name, first in parts[0].items()
    }


class RandomMapConnector(MapConnector):
    """Connector with a random number generator."""

    @property
    def rng(self) -> Any:
        """The generator; a plain ``pyNN.random.NativeRNG`` is replaced by this backend's."""
        return self._rng

    @rng.setter
    def rng(self, rng: Any) -> None:
        self._rng = adopt(rng)
