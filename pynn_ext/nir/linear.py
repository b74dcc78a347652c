"""A chain of NIR's linear nodes as one sparse matrix, a bias and delays.

``y(t) = M x(t - before - after) + bias``: `before` belongs to the elements of x, `after` to those of y. Convolutions
and pools are matrices too: with stride s, dilation d and padding p, output o takes the inputs ``s o - p + d k`` for
each place k of the kernel that lie inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array, eye_array

from ..errors import UnsupportedError


@dataclass(frozen=True)
class LinearMap:
    """What lies between two populations.

    Attributes
    ----------
    matrix : csr_array, shape (n_out, n_in)
    bias : ndarray, shape (n_out,)
    before, after : ndarray, shape (n_in,) and (n_out,)
        Delays in s.
    shape : tuple of int
        Shape of the output, whose product is n_out.
    """

    matrix: csr_array
    bias: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    shape: tuple[int, ...]

    @classmethod
    def identity(cls, shape: tuple[int, ...]) -> LinearMap:
        """Return the map that changes nothing."""
        n = int(np.prod(shape))
        return cls(csr_array(eye_array(n)), np.zeros(n), np.zeros(n), np.zeros(n), shape)

    @property
    def is_identity(self) -> bool:
        """Whether the matrix changes nothing."""
        n, m = self.matrix.shape
        return n == m and abs(self.matrix - eye_array(n)).sum() == 0

    def then(self, name: str, node: Any) -> LinearMap:
        """Return this map followed by a linear node."""
        try:
            follow = NODES[type(node).__name__]
        except KeyError:
            raise UnsupportedError(
                f"a node of type {type(node).__name__}",
                where=f"NIR node '{name}'",
                limit=f"between neurons: {', '.join(sorted(NODES))}",
            ) from None
        return follow(self, name, node)

    def multiplied(self, name: str, matrix: Any, bias: Any, shape: tuple[int, ...]) -> LinearMap:
        """Return this map followed by ``matrix y + bias``."""
        matrix = csr_array(matrix)
        if matrix.shape[1] != self.matrix.shape[0]:
            raise UnsupportedError(
                f"{self.matrix.shape[0]} values go into it",
                where=f"NIR node '{name}'",
                limit=f"it takes {matrix.shape[1]}",
            )
        if (self.after != self.after[:1]).any():
            raise UnsupportedError(
                "delays that differ between two linear nodes",
                where=f"NIR node '{name}'",
                limit="a synapse has one delay",
                remedy="put the Delay next to a neuron",
            )
        delay = self.after[0] if len(self.after) else 0.0
        return replace(
            self,
            matrix=csr_array(matrix @ self.matrix),
            bias=matrix @ self.bias + np.asarray(bias, dtype=float).reshape(-1),
            after=np.full(matrix.shape[0], delay),
            shape=shape,
        )


Linear = Callable[[LinearMap, str, Any], LinearMap]

#: NIR's node types that are linear, ``{name: (map so far, name, node) -> map}``.
NODES: dict[str, Linear] = {}


def _linear(*kinds: str) -> Callable[[Linear], Linear]:
    def register(function: Linear) -> Linear:
        NODES.update(dict.fromkeys(kinds, function))
        return function

    return register


@_linear("Affine", "Linear")
def _affine(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    weight = np.asarray(node.weight, dtype=float)
    return so_far.multiplied(
        name, weight, getattr(node, "bias", np.zeros(weight.shape[0])), (weight.shape[0],)
    )


@_linear("Scale")
def _scale(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    scale = np.broadcast_to(np.asarray(node.scale, dtype=float), so_far.shape).reshape(-1)
    return so_far.multiplied(name, diags_array(scale), np.zeros(len(scale)), so_far.shape)


@_linear("Flatten")
def _flatten(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    return replace(so_far, shape=(len(so_far.bias),))


@_linear("Delay")
def _delay(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    delay = np.broadcast_to(np.asarray(node.delay, dtype=float).reshape(-1), len(so_far.bias))
    if so_far.is_identity:  # right after the source, where each element may have its own
        return replace(so_far, before=so_far.before + delay)
    return replace(so_far, after=so_far.after + delay)


@_linear("Conv1d", "Conv2d")
def _convolution(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    return _convolved(
        so_far, name, node.weight, node.bias, node.stride, node.padding, node.dilation, node.groups
    )


@_linear("SumPool2d")
def _sum_pool(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    return _pooled(so_far, name, node, 1.0)


@_linear("AvgPool2d")
def _average_pool(so_far: LinearMap, name: str, node: Any) -> LinearMap:
    return _pooled(so_far, name, node, 1.0 / float(np.prod(np.broadcast_to(node.kernel_size, 2))))


def _pooled(so_far: LinearMap, name: str, node: Any, value: float) -> LinearMap:
    channels = so_far.shape[0]
    kernel = np.full((channels, 1, *(int(k) for k in np.broadcast_to(node.kernel_size, 2))), value)
    return _convolved(so_far, name, kernel, np.zeros(channels), node.stride, node.padding, 1, channels)


def _convolved(
    so_far: LinearMap,
    name: str,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> LinearMap:
    weight = np.asarray(weight, dtype=float)
    kernel = weight.shape[2:]
    if len(so_far.shape) != 1 + len(kernel) or so_far.shape[0] != weight.shape[1] * groups:
        raise UnsupportedError(
            f"an input of shape {so_far.shape}",
            where=f"NIR node '{name}'",
            limit=f"it takes {weight.shape[1] * groups} channels of {len(kernel)} dimensions",
        )
    steps, spread = (np.broadcast_to(value, len(kernel)).astype(int) for value in (stride, dilation))
    reach = spread * (np.array(kernel) - 1)
    if isinstance(padding, str):
        # "same": what is odd goes to the end, as in the frameworks NIR comes from
        low, total = (reach // 2, reach) if padding == "same" else (0 * reach, 0 * reach)
    else:
        low = np.broadcast_to(padding, len(kernel)).astype(int)
        total = 2 * low
    size = np.array(so_far.shape[1:])
    shape = (weight.shape[0], *(int(n) for n in (size + total - reach - 1) // steps + 1))
    matrix = _kernel_matrix(weight, size, shape, steps, spread, low, groups)
    area = int(np.prod(shape[1:]))
    return so_far.multiplied(name, matrix, np.repeat(np.broadcast_to(bias, shape[0]), area), shape)


def _kernel_matrix(
    weight: NDArray[np.float64], size: NDArray[Any], shape: tuple[int, ...], steps: NDArray[Any],
    spread: NDArray[Any], low: NDArray[Any], groups: int,
) -> coo_array:  # fmt: skip
    """Return the matrix of a convolution from ``(channels, *size)`` to `shape`."""
    outputs = np.indices(shape[1:]).reshape(len(size), -1)
    rows, columns, values = [], [], []
    per_group = shape[0] // groups
    for place in product(*map(range, weight.shape[2:])):
        inputs = outputs * steps[:, None] - low[:, None] + spread[:, None] * np.array(place)[:, None]
        inside = np.flatnonzero(((inputs >= 0) & (inputs < size[:, None])).all(axis=0))
        places = np.ravel_multi_index(tuple(inputs[:, inside]), tuple(size))
        for out in range(shape[0]):
            for channel in range(weight.shape[1]):
                source = out // per_group * weight.shape[1] + channel
                rows.append(out * outputs.shape[1] + inside)
                columns.append(source * int(np.prod(size)) + places)
                values.append(np.full(len(inside), weight[(out, channel, *place)]))
    total = (shape[0] * outputs.shape[1], weight.shape[1] * groups * int(np.prod(size)))
    return coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=total)
