"""Connectors that draw a given number of partners for each cell, or of connections for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyNN.connectors as pynn
from pyNN.random import RandomDistribution

from ..errors import pynn_error
from . import connection_maps as maps
from .connecting import tell
from .connection_maps import Index, Pairs
from .map_connector import PAIRS_PER_BLOCK, RandomMapConnector
from .random import NativeRNG, is_numpy
from .row_blocks import RowBlocks, ranges

WORTHWHILE = 1 << 20  # pairs of cells; for fewer no library is compiled, only one used that is there


class _FixedNumber(RandomMapConnector):
    """Common part of the connectors that draw a number of partners for each cell."""

    def _rng_uniform_int_exclude(self, n: int, size: int, exclude: int) -> Index:
        drawn = self.rng.next(n, "uniform_int", {"low": 0, "high": size}, mask=None)
        again = np.flatnonzero(drawn == exclude)
        while (
            again.size
        ):  # PyNN selects the wrong elements from the second time on, which ends in an IndexError
            drawn[again] = self.rng.next(again.size, "uniform_int", {"low": 0, "high": size}, mask=None)
            again = np.flatnonzero(drawn == exclude)
        return drawn

    def _excludes_self(self, projection: Any) -> bool:
        excludes = not self.allow_self_connections and projection.pre == projection.post
        if excludes and projection.pre.size < 2:
            raise pynn_error(
                "ConnectionError",
                f"{type(self).__name__} without self-connections has no partner to choose from",
                where=str(projection.label),
                limit="the population has 1 cell",
                remedy="allow_self_connections=True, or n=0",
            )
        return bool(excludes)

    def _partners(self, n: int, size: int, exclude: int | None) -> Index:
        """Draw `n` partners of one cell as PyNN does: whole sets while `n` exceeds them, then a part."""
        if n == 0:
            return np.empty(0, np.int64)
        if self.with_replacement:
            if exclude is not None:
                return self._rng_uniform_int_exclude(n, size, exclude)
            return self.rng.next(n, "uniform_int", {"low": 0, "high": size}, mask=None)
        cells = np.arange(size)
        if exclude is not None:
            cells = np.delete(cells, exclude)
        whole, rest = divmod(n, cells.size)
        parts = [cells] * whole
        if rest:
            parts.append(self.rng.permutation(cells)[:rest])
        return np.concatenate(parts)

    def _drawn(self, projection: Any, counts: Index, first: int, size: int, excludes: bool) -> Index:
        """Draw the partners of the cells from `first` on, one after the other; at once where that is possible."""
        found = self._together(projection, counts, first, size, excludes)
        if found is not None:
            return found
        if self.with_replacement and not excludes and size:
            return np.asarray(
                self.rng.rng.randint(0, size, int(counts.sum()))
            )  # draws of one stream are splittable
        cells = enumerate(counts.tolist(), first)
        return np.concatenate([self._partners(n, size, cell if excludes else None) for cell, n in cells])

    def _together(
        self,
        projection: Any,
        counts: Index,
        first: int,
        size: int,
        excludes: bool,
        drawn: tuple[int, int] | None = None,
    ) -> Index | None:
        """Draw by the routine of the backend, with the counts if they are `drawn`; None if it has none."""
        together = getattr(projection._simulator, "draw_partners", None)
        if together is None:
            return None
        worth = len(counts) * size >= WORTHWHILE
        excluded = first if excludes else None
        found = together(
            self.rng.rng, counts, size, excluded, self.with_replacement, drawn=drawn, worth_compiling=worth
        )
        return None if found is None else np.asarray(found)

    def _native_partners(self, projection: Any, n_cells: int, size: int) -> Pairs:
        counts = np.full(n_cells, self.n) if isinstance(self.n, int) else self.n.next(n_cells)
        return maps.draw_partners(
            self.rng.generator,
            counts,
            size,
            exclude_self=self._excludes_self(projection),
            with_replacement=self.with_replacement,
        )


class FixedNumberPreConnector(_FixedNumber, pynn.FixedNumberPreConnector):
    __doc__ = pynn.FixedNumberPreConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        if isinstance(self.rng, NativeRNG):
            pairs = self._native_partners(projection, n_post, n_pre)
            self._connect_pairs(projection, self._synapse_values(projection), pairs)
            return
        excludes = self._excludes_self(projection)
        values = self._synapse_values(projection)
        if is_numpy(self.rng) and not self._shares_stream(values):
            whole = isinstance(self.n, int)
            counts = np.full(n_post, self.n) if whole else self._get_num_pre(n_post).astype(np.int64)
            for first, stop in self._column_ranges(projection):
                share = counts[first:stop]
                pre = self._drawn(projection, share, first, n_pre, excludes)
                self._connect_pairs(projection, values, (pre, np.repeat(np.arange(first, stop), share)), stop)
            return

        def columns() -> Iterator[Index]:
            for index, n in enumerate(self._get_num_pre(n_post)):
                yield self._partners(int(n), n_pre, index if excludes else None)

        self._standard_connect(projection, columns)


class FixedNumberPostConnector(_FixedNumber, pynn.FixedNumberPostConnector):
    __doc__ = pynn.FixedNumberPostConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        if isinstance(self.rng, NativeRNG):
            targets, sources = self._native_partners(projection, n_pre, n_post)
            blocks = RowBlocks(self, projection, len(targets))
            counts: Index = np.bincount(sources, minlength=n_pre)
            ends = np.concatenate([[0], np.cumsum(counts)])
            for first, stop in ranges(counts, n_pre):
                blocks.add(first, counts[first:stop], targets[ends[first] : ends[stop]])
            blocks.finish()
            return
        excludes = self._excludes_self(projection)
        if is_numpy(self.rng) and (isinstance(self.n, int) or self.n.rng is not self.rng):
            counts = np.array([int(self._get_num_post()) for _ in range(n_pre)])
            parts = []
            step = max(1, PAIRS_PER_BLOCK // max(1, n_post))
            for first in range(0, n_pre, step):
                stop = min(first + step, n_pre)
                parts.append(self._drawn(projection, counts[first:stop], first, n_post, excludes))
                tell(projection, stop / n_pre)
        else:
            parts, counts = self._with_numbers(projection, excludes)
        targets = np.concatenate(parts)
        sources = np.repeat(np.arange(n_pre), counts)
        pairs = maps.pairs_by_target(sources, targets)
        self._connect_pairs(projection, self._synapse_values(projection), pairs)

    def _with_numbers(self, projection: Any, excludes: bool) -> tuple[list[Index], Index]:
        """Draw the targets of each source, where the number of them comes from the same stream.

        Returns
        -------
        parts : list of ndarray
            Targets, by source.
        counts : ndarray
            int64, shape ``(n_pre,)``.
        """
        n_pre, n_post = projection.shape
        counts, parts, begin = np.zeros(n_pre, np.int64), [], 0
        limits = self._limits_of_n()
        step = max(1, PAIRS_PER_BLOCK // max(1, n_post, *limits)) if limits else n_pre
        while limits and begin < n_pre:
            share = counts[begin : begin + step]
            found = self._together(projection, share, begin, n_post, excludes, limits)
            if found is None:
                break
            parts.append(found)
            begin += len(share)
            tell(projection, begin / n_pre)
        for source in range(begin, n_pre):
            part = self._partners(int(self._get_num_post()), n_post, source if excludes else None)
            counts[source] = len(part)
            parts.append(part)
            tell(projection, source / n_pre)
        return parts, counts

    def _limits_of_n(self) -> tuple[int, int] | None:
        """Return the bounds of whole numbers that a NumPy stream gives evenly; None for any other distribution."""
        if not (is_numpy(self.rng) and self.n.name == "uniform_int"):
            return None
        low, high = self.n.parameters["low"], self.n.parameters["high"]
        return (int(low), int(high)) if low == int(low) and high == int(high) else None


class FixedTotalNumberConnector(_FixedNumber, pynn.FixedTotalNumberConnector):
    __doc__ = """
    Make `n` connections between random sources and random targets.

    With a ``NumpyRNG`` the connections are those of PyNN 0.13, which draws with replacement and allows
    self-connections whatever is asked; with a ``NativeRNG`` both arguments are obeyed.
    """

    def connect(self, projection: Any) -> None:
        n = self.n if isinstance(self.n, int) else int(self.n.next())
        if isinstance(self.rng, NativeRNG) and self.with_replacement:
            self._connect_natively(projection, n)
            return
        if isinstance(self.rng, NativeRNG):
            pairs = self._native_pairs(projection, n)
        else:
            # PyNN draws how many connections this MPI process makes: all of them, but it uses the stream
            n = int(RandomDistribution("binomial", (n, 1.0), rng=self.rng).next())
            pairs = self._draw_pairs(projection, n)
        self._connect_pairs(projection, self._synapse_values(projection), maps.pairs_by_target(*pairs))

    def _draw_pairs(self, projection: Any, n: int) -> Pairs:
        n_pre, n_post = projection.shape
        if is_numpy(self.rng):
            return maps.alternating_integers(self.rng.rng, n_pre, n_post, n)
        targets = np.arange(n_post)
        sources, chosen = np.empty(n, np.int64), np.empty(n, np.int64)
        for k in range(n):
            sources[k] = self.rng.next(1, "uniform_int", {"low": 0, "high": n_pre}, mask=None)[0]
            chosen[k] = self.rng.choice(targets, size=1)[0]
        return sources, chosen

    def _connect_natively(self, projection: Any, n: int) -> None:
        """Draw how many of the connections each source has, then their targets."""
        n_pre, n_post = projection.shape
        excludes = self._excludes_self(projection) if n else False
        generator = self.rng.generator
        counts = generator.multinomial(n, np.full(n_pre, 1.0 / n_pre)) if n_pre else np.empty(0, np.int64)
        blocks = RowBlocks(self, projection, n)
        for first, stop in ranges(counts, n_pre):
            share = counts[first:stop]
            targets = generator.integers(0, n_post - excludes, int(share.sum()), dtype=np.int32)
            if excludes:
                targets += targets >= np.repeat(np.arange(first, stop), share)
            blocks.add(first, share, targets)
        blocks.finish()

    def _native_pairs(self, projection: Any, n: int) -> Pairs:
        n_pre, n_post = projection.shape
        excludes = self._excludes_self(projection) if n else False
        choices = n_pre - 1 if excludes else n_pre
        whole, rest = divmod(n, choices * n_post)
        part = self.rng.generator.choice(choices * n_post, rest, replace=False, shuffle=False)
        flat = np.concatenate((np.tile(np.arange(choices * n_post), whole), part))
        targets, sources = np.divmod(np.sort(flat), choices)
        return sources + (sources >= targets) if excludes else sources, targets
