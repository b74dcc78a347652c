"""Connections from kernels over inputs and delays, and from patterns on dendritic segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyNN.connectors as pynn

from ..errors import NetworkError
from .described import DescribedConnector

Rows = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


class KernelConnector(DescribedConnector, pynn.Connector):
    """Connect by kernels over inputs and delays: each entry of one sign is a synapse with its own weight and delay
    (Grimaldi and Perrinet 2023, Biol. Cybern. 117:373).

    A neuron sums up ``B_c(t) = sum K[c, i, d] A_i(t - d)``, or over an image ``sum K[c, p, d, y, x] A_p(t - d, ..)``.
    A projection to an inhibitory receptor makes the negative entries, one to any other receptor the positive ones, so
    that two projections with the same connector make all of them. Several synapses may join one pair of cells, with
    different delays.

    Parameters
    ----------
    kernel : array_like
        Shape ``(n_post, n_pre, depth)``, with the weights in the unit of the receptor; or shape ``(classes, channels,
        depth, height, width)``, odd in height and width, which is applied at each place of an image.
    threshold : float
        Entries whose size is not larger make no synapse.
    resolution : float
        Difference of the delays of neighbouring entries (ms).
    least_delay : float
        Delay of the first ones (ms).
    image : tuple of int, optional
        ``(height, width)``, for a kernel of five dimensions. Cells are numbered ``(channel, y, x)`` before the
        projection and ``(class, y, x)`` behind it; there are no connections from beyond the border.
    """

    parameter_names = ("threshold", "resolution", "least_delay")

    def __init__(
        self,
        kernel: npt.ArrayLike,
        threshold: float = 0.0,
        resolution: float = 1.0,
        least_delay: float = 1.0,
        image: tuple[int, int] | None = None,
        safe: bool = True,
        callback: Any = None,
    ) -> None:
        super().__init__(safe, callback)
        self.kernel, self.image = np.array(kernel, dtype=float), image
        self.threshold, self.resolution = float(threshold), float(resolution)
        self.least_delay = float(least_delay)
        shape = self.kernel.shape
        if len(shape) != (3 if image is None else 5) or not np.isfinite(self.kernel).all():
            raise NetworkError(
                f"a kernel of shape {shape}" + ("" if image is None else f" for an image {image}"),
                where="KernelConnector",
                limit="finite numbers of shape (n_post, n_pre, depth), or with image=(height, width) of shape "
                "(classes, channels, depth, height, width)",
            )
        if image is not None and (shape[3] % 2 == 0 or shape[4] % 2 == 0):
            raise NetworkError(
                f"a kernel of {shape[3]} x {shape[4]} places",
                where="KernelConnector",
                limit="height and width are odd, so that there is one in the middle",
            )

    def connect(self, projection: Any) -> None:
        """Make the synapses of the sign that the receptor takes."""
        if projection.shape != self._shape():
            raise NetworkError(
                f"{projection.shape[0]} cells to {projection.shape[1]}",
                where=str(projection.label),
                limit=f"the kernel is for {self._shape()[0]} to {self._shape()[1]}",
                remedy="give it the shape (n_post, n_pre, depth)",
            )
        inhibitory = projection.receptor_type in ("inhibitory", "GABA", "GABAA", "GABAB")
        kept = -self.kernel if inhibitory else self.kernel
        pre, post, delays, weights = self._rows(np.where(kept > self.threshold, kept, 0.0))
        if inhibitory and not projection.post.conductance_based:
            weights = -weights
        if len(pre):
            values = {"weight": weights, "delay": self.least_delay + self.resolution * delays}
            projection._connect_block(pre, post, values)
        if self.callback is not None:
            self.callback(1.0)

    def _shape(self) -> tuple[int, int]:
        places = 1 if self.image is None else int(np.prod(self.image))
        return self.kernel.shape[1] * places, self.kernel.shape[0] * places

    def _rows(self, kernel: npt.NDArray[np.float64]) -> Rows:
        entries = np.nonzero(kernel)
        weights = kernel[entries]
        if self.image is None:
            post, pre, delays = entries
            return pre, post, delays.astype(float), weights
        (height, width), (c, p, d, dy, dx) = self.image, entries
        y, x = (grid.ravel() for grid in np.mgrid[:height, :width])
        # the input at (y - dy, x - dx) from the middle of the kernel
        from_y = y[:, None] - (dy - kernel.shape[3] // 2)
        from_x = x[:, None] - (dx - kernel.shape[4] // 2)
        place, entry = np.nonzero((from_y >= 0) & (from_y < height) & (from_x >= 0) & (from_x < width))
        pre = (p[entry] * height + from_y[place, entry]) * width + from_x[place, entry]
        post = c[entry] * height * width + place
        return pre, post, d[entry].astype(float), weights[entry]


class SegmentConnector(DescribedConnector, pynn.Connector):
    """Connect a dendritic segment of ``ActiveDendriteNeuron`` to samples of the cells of patterns (Ahmad and Hawkins
    2016).

    Each neuron draws `s` of the active cells of each pattern. A cell that several patterns share has one synapse.
    Each synapse takes back after t_win of the neuron what it brought, so that there are two connections per synapse,
    of opposite weights.

    Parameters
    ----------
    patterns : sequence of sequences of int
        The cells of each pattern, as positions in the presynaptic population.
    s : int
        Synapses per pattern.
    rng : NumpyRNG, optional
        Source of the samples; without one the first `s` cells of each pattern are taken.
    """

    parameter_names = ("s",)

    def __init__(
        self, patterns: Any, s: int = 20, rng: Any = None, safe: bool = True, callback: Any = None
    ) -> None:
        super().__init__(safe, callback)
        self.patterns = [np.array(pattern, dtype=np.int64).ravel() for pattern in patterns]
        self.s, self.rng = s, rng
        sizes = [len(np.unique(pattern)) for pattern in self.patterns]
        if not sizes or min(sizes) < s or sizes != [len(pattern) for pattern in self.patterns]:
            raise NetworkError(
                f"{len(sizes)} patterns of {min(sizes, default=0)} to {max(sizes, default=0)} different cells, s = {s}",
                where="SegmentConnector",
                limit="each pattern names at least s cells, none of them twice",
            )

    def connect(self, projection: Any) -> None:
        """Draw the synapses of each neuron and make two connections for each."""
        n_post = projection.post.size
        if "t_win" not in projection.post.celltype.default_parameters:
            raise NetworkError(
                f"'{projection.post.label}' has no segments",
                where=str(projection.label),
                limit="a SegmentConnector leads to ActiveDendriteNeuron, receptor_type='seg0' and so on",
            )
        chosen = [np.unique(np.concatenate([self._sample(p) for p in self.patterns])) for _ in range(n_post)]
        pre = np.concatenate(chosen)
        post = np.repeat(np.arange(n_post), [len(c) for c in chosen])
        space = projection.synapse_type.native_parameters
        weight, delay = (float(space[name].base_value) for name in ("weight", "delay"))
        window = np.broadcast_to(projection.post.get("t_win"), (n_post,))[post]
        values = {
            "weight": np.repeat([weight, -weight], len(pre)),
            "delay": np.concatenate([np.full(len(pre), delay), delay + window]),
        }
        projection._connect_block(np.tile(pre, 2), np.tile(post, 2), values)
        if self.callback is not None:
            self.callback(1.0)

    def _sample(self, pattern: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if self.rng is None:
            return pattern[: self.s]
        return pattern[self.rng.permutation(np.arange(len(pattern)))[: self.s]]
