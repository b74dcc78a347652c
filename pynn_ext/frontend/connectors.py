"""PyNN's connectors: the same connections from the same random streams, in blocks instead of cell by cell.

A connector hands its connections over with ``projection._connect_block(pre_index, post_index, parameters,
location_selector)``: positions in ``projection.pre`` and ``projection.post`` in the order in which PyNN
creates the connections, and for each parameter (by its native name) a float or one float64 per connection.
Connectors that are not redefined here call ``projection._convergent_connect``, as ever.

The names of this module are those of `pyNN.connectors`; where a class is not redefined, it is PyNN's. Connectors that
PyNN lacks are in `kernel_connector`.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.connectors as pynn
from pyNN.parameters import LazyArray

from . import connection_maps as maps
from .described import DescribedConnector
from .fixed_number_connectors import (  # noqa: F401  (exported below)
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedTotalNumberConnector,
)
from .kernel_connector import KernelConnector, SegmentConnector
from .list_connectors import FromFileConnector, FromListConnector, connect_rows  # noqa: F401
from .map_connector import MapConnector, RandomMapConnector
from .random import NativeRNG, is_numpy
from .row_blocks import RowBlocks, ranges
from .synapse_values import SynapseValues


class AllToAllConnector(MapConnector, pynn.AllToAllConnector):
    __doc__ = pynn.AllToAllConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Connect all pairs, block by block."""
        values = self._synapse_values(projection)
        exclude = not self.allow_self_connections and self._is_recurrent(projection)
        for first, stop in self._column_ranges(projection):
            pairs = maps.all_pairs(projection.pre.size, first, stop, exclude_self=exclude)
            if not exclude:
                pairs = self._without_forbidden(projection, pairs)
            self._connect_pairs(projection, values, pairs, stop)


class OneToOneConnector(MapConnector, pynn.OneToOneConnector):
    __doc__ = pynn.OneToOneConnector.__doc__

    def connect(self, projection: Any) -> None:
        index = np.arange(min(projection.shape), dtype=maps.index_type(*projection.shape))
        self._connect_pairs(projection, self._synapse_values(projection), (index, index.copy()))


class _ProbabilityConnector(RandomMapConnector):
    """Common part of the connectors that decide for each pair.

    lazyarray copies the generator together with the random numbers that are compared with the probability.
    PyNN's connectors therefore draw from a copy: projections made with one generator repeat its numbers, and
    the generator is as it was before. A `NativeRNG` goes on instead.
    """

    def _shares_stream(self, values: SynapseValues) -> bool:
        return False


class FixedProbabilityConnector(_ProbabilityConnector, pynn.FixedProbabilityConnector):
    __doc__ = pynn.FixedProbabilityConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Draw for each pair, or with a `NativeRNG` for each connection."""
        rng, n_pre = deepcopy(self.rng), projection.pre.size
        if isinstance(rng, NativeRNG):
            self._connect_natively(projection, rng)
            return
        if not is_numpy(rng):
            pynn.FixedProbabilityConnector.connect(self, projection)
            return
        values = self._synapse_values(projection)
        for first, stop in self._column_ranges(projection):
            flat = maps.random_flat(rng.rng, (stop - first) * n_pre, self.p_connect)
            pairs = self._without_forbidden(projection, maps.flat_to_pairs(flat, n_pre, first))
            self._connect_pairs(projection, values, pairs, stop)

    def _connect_natively(self, projection: Any, rng: NativeRNG) -> None:
        """Draw the gaps between the connections of one source after the other."""
        n_pre, n_post = projection.shape
        blocks = RowBlocks(self, projection, round(n_pre * n_post * self.p_connect * 1.001) + 64)
        for first, stop in ranges(n_post * self.p_connect, n_pre):
            flat = maps.geometric_flat(rng.generator, (stop - first) * n_post, self.p_connect)
            post, pre = maps.flat_to_pairs(flat, n_post, first)
            pre, post = self._without_forbidden(projection, (pre, post))
            blocks.add(first, np.bincount(pre - first, minlength=stop - first), post)
        blocks.finish()


class DistanceDependentProbabilityConnector(
    _ProbabilityConnector, pynn.DistanceDependentProbabilityConnector
):
    __doc__ = pynn.DistanceDependentProbabilityConnector.__doc__


class IndexBasedProbabilityConnector(_ProbabilityConnector, pynn.IndexBasedProbabilityConnector):
    __doc__ = pynn.IndexBasedProbabilityConnector.__doc__


class DisplacementDependentProbabilityConnector(
    _ProbabilityConnector, pynn.DisplacementDependentProbabilityConnector
):
    __doc__ = pynn.DisplacementDependentProbabilityConnector.__doc__

    def __init__(
        self,
        disp_function: Callable[[npt.NDArray[Any]], Any],
        allow_self_connections: bool | str = True,
        location_selector: Any = None,
        rng: Any = None,
        safe: bool = True,
        callback: Callable[[float], Any] | None = None,
    ) -> None:
        super().__init__(disp_function, allow_self_connections, rng=rng, callback=callback)
        self.location_selector, self.safe = location_selector, safe  # PyNN forgets these two


class SmallWorldConnector(DescribedConnector, pynn.SmallWorldConnector):
    __doc__ = pynn.SmallWorldConnector.__doc__

    def connect(self, projection: Any) -> None:
        raise NotImplementedError(
            "PyNN does not define which connections SmallWorldConnector makes (pyNN.connectors leaves it "
            "unimplemented), so no two backends would agree. "
            "Remedy: make the list yourself and use FromListConnector"
        )


class ArrayConnector(MapConnector, pynn.ArrayConnector):
    __doc__ = pynn.ArrayConnector.__doc__

    def connect(self, projection: Any) -> None:
        connection_map = LazyArray(self.array, projection.shape)
        if not isinstance(connection_map.base_value, np.ndarray):
            self._connect_with_map(projection, connection_map)
            return
        pairs = maps.pairs_of_matrix(connection_map.base_value.astype(bool))
        self._connect_pairs(projection, self._synapse_values(projection), pairs)


class CloneConnector(MapConnector, pynn.CloneConnector):
    __doc__ = pynn.CloneConnector.__doc__

    def _connect_with_map(
        self, projection: Any, connection_map: LazyArray, distance_map: LazyArray | None = None
    ) -> None:
        pairs = maps.pairs_of_matrix(connection_map.base_value)
        self._connect_pairs(projection, self._synapse_values(projection, distance_map), pairs)


class CSAConnector(MapConnector, pynn.CSAConnector):
    __doc__ = pynn.CSAConnector.__doc__

    def connect(self, projection: Any) -> None:
        csa = pynn.csa
        n_pre, n_post = projection.shape
        # as PyNN spells it: csa takes a pair as an interval that includes both ends
        finite = csa.cross((0, n_pre - 1), (0, n_post - 1)) * self.cset
        if csa.arity(self.cset) == 2:
            rows = np.array(list(finite), dtype=float).reshape(-1, 4)
            connect_rows(self, projection, rows, ("weight", "delay"))
            return
        addresses = np.array(list(finite), dtype=np.int64).reshape(-1, 2)
        flat = np.unique(addresses[:, 1] * n_pre + addresses[:, 0])
        self._connect_pairs(projection, self._synapse_values(projection), maps.flat_to_pairs(flat, n_pre))


_CONNECTORS = {
    name: value
    for name, value in {**vars(pynn), **globals()}.items()
    if isinstance(value, type) and issubclass(value, pynn.Connector) and name in vars(pynn)
}
_CONNECTORS |= {connector.__name__: connector for connector in (KernelConnector, SegmentConnector)}
globals().update(_CONNECTORS)
__all__ = sorted(_CONNECTORS)
