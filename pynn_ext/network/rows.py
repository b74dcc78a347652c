"""Synapses in the order of `Connections`, without a sort of all of them at once.

`layout_order` sorts by counting, 16 bits at a time, least significant first: time grows with the number of synapses
alone. `RowBuilder` takes blocks of synapses of ascending sources, so that besides the result only one block is in
memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
DIGIT = 16  # bits; NumPy sorts integers of this size by counting


def counted_order(values: Array, order: Array | None = None) -> Array:
    """Return the stable order of `values` (not negative) among the entries of `order`, or of all."""
    largest, shift = int(values.max(initial=0)), 0
    while shift == 0 or largest >> shift:
        digit = (values >> shift).astype(np.uint16) if shift or largest >> DIGIT else values.astype(np.uint16)
        found = np.argsort(digit if order is None else digit[order], kind="stable")
        order = found if order is None else order[found]
        shift += DIGIT
    assert order is not None
    return order


def layout_order(row: Array, post: Array) -> Array:
    """Return the stable order by `row`, then by `post`."""
    ascending = bool(np.all(post[1:] >= post[:-1]))
    return counted_order(row, None if ascending else counted_order(post))


class RowBuilder:
    """Collects the synapses of `n_pre` sources onto `n_post` cells.

    Parameters
    ----------
    n : int
        Number of all synapses, or an estimate.
    dtype : dtype
        Of weights, where it matters: as long as all of them are float32 numbers, they are kept as such.
    """

    def __init__(self, n_pre: int, n_post: int, n: int, dtype: Any = np.float64) -> None:
        self._lossy = np.dtype(dtype) == np.float32
        self._n_pre = n_pre
        self._post = np.empty(n, dtype=np.uint16 if n_post <= 65536 else np.uint32)
        self._weight: Array = np.empty(n, dtype=np.float32)
        self._shared: float | None = None
        self._filled = 0
        self._blocks: list[tuple[int, int, Array]] = []  # first source, least delay, counts of both

    def __len__(self) -> int:
        return self._filled

    def add(self, first: int, counts: Array, post: Array, steps: int | Array, weight: float | Array) -> None:
        """Add the synapses of the sources from `first` on, ``counts[i]`` of each, one source after the other.

        `steps` and `weight` are one number or one per synapse; a weight that is one number is so in all blocks."""
        row = np.repeat(np.arange(len(counts)), counts)
        delays = np.asarray(steps)
        least = int(delays.min(initial=1 << 30)) if delays.ndim else int(delays)
        kinds = int(delays.max(initial=least)) - least + 1 if delays.ndim else 1
        member = row * kinds + (delays - least) if delays.ndim else row
        order = self._order(member, post, sorted_rows=delays.ndim == 0)
        begin, end = self._filled, self._filled + len(post)
        if end > len(self._post):
            self._grow(end)
        self._post[begin:end] = post if order is None else post[order]
        if np.ndim(weight):
            self._add_weight(begin, end, np.asarray(weight) if order is None else np.asarray(weight)[order])
        else:
            self._shared = float(weight)
        table = np.bincount(member, minlength=len(counts) * kinds).astype(np.int32)
        self._blocks.append((first, least, table.reshape(len(counts), kinds)))
        self._filled = end

    def _order(self, member: Array, post: Array, sorted_rows: bool) -> Array | None:
        if sorted_rows:
            same = member[1:] == member[:-1]
            if np.all((post[1:] >= post[:-1]) | ~same):
                return None
        return layout_order(member, post)

    def _grow(self, n: int) -> None:
        n += n // 8
        self._post, self._weight = np.resize(self._post, n), np.resize(self._weight, n)

    def _add_weight(self, begin: int, end: int, values: Array) -> None:
        if self._weight.dtype == np.float32:
            short = values.astype(np.float32)
            if self._lossy or np.array_equal(short, values):
                self._weight[begin:end] = short
                return
            self._weight = self._weight.astype(np.float64)
        self._weight[begin:end] = values

    def finish(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], Array, Array]:
        """Return delays of the classes, offsets, targets and weights of the layout."""
        used: set[int] = set()
        for _, least, table in self._blocks:
            used.update((least + np.flatnonzero(table.sum(axis=0))).tolist())
        delays = np.array(sorted(used) or [1], dtype=np.int32)
        counts = np.zeros((self._n_pre, len(delays)), dtype=np.int64)
        for first, least, table in self._blocks:
            present = np.flatnonzero(table.sum(axis=0))
            counts[first : first + len(table), np.searchsorted(delays, least + present)] = table[:, present]
        offsets = np.zeros(counts.size + 1, dtype=np.int64)
        np.cumsum(counts.reshape(-1), out=offsets[1:])
        n = self._filled
        weight = np.array(self._shared) if self._shared is not None else self._weight[:n]
        post = self._post
        return delays, offsets, post if len(post) == n else post[:n].copy(), weight
