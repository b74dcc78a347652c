"""Which cells are connected: pairs of positions, postsynaptic cell by postsynaptic cell.

Functions that take a `numpy.random.RandomState` consume exactly the numbers that PyNN's connectors do. Those
that take a `numpy.random.Generator` serve `NativeRNG` and draw about as many numbers as there are
connections.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.integer[Any]]
Pairs = tuple[Index, Index]  # presynaptic and postsynaptic positions

CHUNK = 1 << 16  # random numbers at a time: stays in the cache


def index_type(n_pre: int, n_post: int) -> type[np.signedinteger[Any]]:
    """Return the smaller integer type that holds all positions."""
    return np.int32 if max(n_pre, n_post) < 2**31 else np.int64


def cell_ids(population: Any) -> npt.NDArray[np.int64]:
    """Return the IDs of all cells of a population, view or assembly as plain integers."""
    return np.asarray(population.all_cells).astype(np.int64)


def flat_to_pairs(flat: Index, n_pre: int, first: int = 0) -> Pairs:
    """Split positions in a matrix stored column by column, which begins at column `first`."""
    kind = index_type(n_pre, first + int(flat[-1]) // n_pre + 1 if len(flat) else first)
    if len(flat) and int(flat[-1]) < 2**31:
        flat = flat.astype(np.int32)  # divides twice as fast
    post, pre = np.divmod(flat, n_pre)
    return pre.astype(kind, copy=False), (post + first).astype(kind, copy=False)


def all_pairs(n_pre: int, first: int, stop: int, *, exclude_self: bool = False) -> Pairs:
    """Return every pair with a target in ``[first, stop)``, or only those of different positions."""
    kind = index_type(n_pre, stop)
    columns = np.arange(first, stop, dtype=kind)
    if not exclude_self:
        return np.tile(np.arange(n_pre, dtype=kind), stop - first), np.repeat(columns, n_pre)
    sources = np.arange(n_pre - 1, dtype=kind)
    pre = sources + (sources >= columns[:, None])
    return pre.ravel().astype(kind, copy=False), np.repeat(columns, n_pre - 1)


def pairs_of_matrix(matrix: npt.NDArray[np.bool_]) -> Pairs:
    """Return the pairs that are True in a matrix of shape ``(n_pre, n_post)``."""
    post, pre = np.nonzero(np.ascontiguousarray(matrix.T))
    return pre, post


def pairs_by_target(pre: Index, post: Index) -> Pairs:
    """Sort by target; pairs with the same target keep their order."""
    order = np.argsort(post, kind="stable")
    return pre[order], post[order]


def sources_of_column(column: Any, n_pre: int) -> Index:
    """Return the sources that one column of a connection map stands for.

    Parameters
    ----------
    column : bool or array_like
        True for all, False for none, a boolean array of length `n_pre`, or an array of positions. lazyarray
        reduces a column of length 1 to a NumPy scalar, which is accepted too.
    """
    values = np.asarray(column)
    if values.dtype == bool:
        if values.ndim == 0:
            return np.arange(n_pre if values else 0)
        return np.flatnonzero(values)
    return np.atleast_1d(values).astype(np.int64)


def random_flat(state: np.random.RandomState, size: int, p: float) -> npt.NDArray[np.int64]:
    """Return the positions among `size` uniform numbers of those that are below `p`."""
    found = []
    for start in range(0, size, CHUNK):
        hits = np.flatnonzero(state.random_sample(min(CHUNK, size - start)) < p)
        hits += start
        found.append(hits)
    return np.concatenate(found) if found else np.empty(0, np.int64)


def geometric_flat(generator: np.random.Generator, size: int, p: float) -> npt.NDArray[np.int64]:
    """Return the successes of `size` Bernoulli trials; draws the gaps between them (geometric skipping)."""
    if p <= 0 or size == 0:
        return np.empty(0, np.int64)
    if p >= 1:
        return np.arange(size)
    found, last = [], -1
    while last < size - 1:
        expected = (size - 1 - last) * p
        gaps = generator.geometric(p, int(expected + 4 * np.sqrt(expected) + 8))
        positions = last + np.cumsum(np.minimum(gaps, size + 1))
        found.append(positions[positions < size])
        last = int(positions[-1])
    return np.concatenate(found)


def alternating_integers(state: np.random.RandomState, n_pre: int, n_post: int, n: int) -> Pairs:
    """Draw a source, a target, a source, … `n` times."""
    if n_pre == n_post:
        drawn = state.randint(0, n_pre, size=2 * n)
    else:
        drawn = state.randint(0, np.tile([n_pre, n_post], n))
    return drawn[0::2], drawn[1::2]


def distinct_integers(generator: np.random.Generator, counts: Index, size: int) -> Pairs:
    """Draw for each row ``counts[row]`` distinct integers below `size`, ``counts <= size / 2``.

    Values already drawn in the row are drawn again, all rows together; every set is equally likely because
    the procedure does not distinguish between values.

    Returns
    -------
    values, rows : ndarray
        Sorted by row, then by value.
    """
    counts = np.asarray(counts, dtype=np.int64)
    rows = np.arange(len(counts), dtype=np.int64)
    keys = np.empty(0, np.int64)
    missing = counts
    while missing.any():
        new = np.repeat(rows, missing) * size + generator.integers(0, size, int(missing.sum()))
        keys = np.unique(np.concatenate((keys, new)))
        missing = counts - np.bincount(keys // size, minlength=len(counts))
    return keys % size, keys // size


def subsets(generator: np.random.Generator, counts: Index, size: int) -> Pairs:
    """As `distinct_integers`, for any counts: complements above half of `size`, whole sets above `size`."""
    counts = np.asarray(counts, dtype=np.int64)
    whole, rest = np.divmod(counts, size)
    many = rest > size // 2
    values, rows = distinct_integers(generator, np.where(many, size - rest, rest), size)
    if many.any():
        inverted = np.zeros((int(many.sum()), size), dtype=bool)
        selected = many[rows]
        inverted[(np.cumsum(many) - 1)[rows[selected]], values[selected]] = True
        complement_rows, complement = np.nonzero(~inverted)
        values = np.concatenate((values[~selected], complement))
        rows = np.concatenate((rows[~selected], np.flatnonzero(many)[complement_rows]))
    if whole.any():
        values = np.concatenate((values, np.tile(np.arange(size), int(whole.sum()))))
        rows = np.concatenate((rows, np.repeat(np.arange(len(counts)), whole * size)))
    order = np.lexsort((values, rows))
    return values[order], rows[order]


def draw_partners(
    generator: np.random.Generator, counts: Index, size: int, *, exclude_self: bool, with_replacement: bool
) -> Pairs:
    """Draw ``counts[row]`` partners out of `size` for each row.

    Parameters
    ----------
    exclude_self : bool
        Row k must not get partner k.

    Returns
    -------
    partners, rows : ndarray
        Sorted by row.
    """
    choices = size - 1 if exclude_self else size
    if with_replacement:
        rows = np.repeat(np.arange(len(counts)), counts)
        partners = generator.integers(0, choices, len(rows)) if len(rows) else rows.copy()
    else:
        partners, rows = subsets(generator, counts, choices)
    if exclude_self:
        partners = partners + (partners >= rows)
    return partners, rows
