"""Recurrent weights of low rank and given spectral radius, as initial weights: ``W = rho / |lambda_max| U V^T``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

__all__ = ["LowRankWeights"]


class LowRankWeights:
    """Weights ``U V^T`` with normal U and V, scaled to a spectral radius (the inferred form of an initialization with
    which rich or lazy learning begins, Liu et al. 2023, arXiv:2310.08513).

    Parameters
    ----------
    rank : int
    radius : float
        Largest absolute eigenvalue.
    rng : numpy Generator or int, optional
    """

    def __init__(self, rank: int, radius: float = 1.0, rng: Any = None) -> None:
        if rank < 1 or not (np.isfinite(radius) and radius > 0):
            raise NetworkError(
                f"rank {rank}, radius {radius:g}", where="LowRankWeights", limit="both are positive"
            )
        self.rank, self.radius, self.rng = rank, float(radius), np.random.default_rng(rng)

    def matrix(self, n: int) -> npt.NDArray[np.float64]:
        """Return weights of shape ``(n, n)``, entry ``[i, j]`` from i to j; n is at least the rank."""
        if n < self.rank:
            raise NetworkError(f"{n} cells", where="LowRankWeights", limit=f"at least the rank, {self.rank}")
        u, v = self.rng.standard_normal((2, n, self.rank))
        # the eigenvalues of U V^T other than 0 are those of V^T U
        return u @ v.T * (self.radius / np.abs(np.linalg.eigvals(v.T @ u)).max())

    def connect(
        self,
        sim: Any,
        cells: Any,
        scale: float = 1.0,
        delay: float | None = None,
        self_connections: bool = True,
    ) -> tuple[Any, Any]:
        """Connect a population to itself: positive weights excite, negative ones inhibit.

        Parameters
        ----------
        sim : module
        cells : Population
            With receptors ``excitatory`` and ``inhibitory``.
        scale : float
            Factor from the weights of the matrix to those of the cells.
        delay : float, optional
            ms; the smallest one if not given.
        self_connections : bool
            Whether a cell reaches itself; rank and radius are those of the matrix with its diagonal.

        Returns
        -------
        tuple of Projection
            The excitatory and the inhibitory one.
        """
        weights = scale * self.matrix(cells.size)
        if not self_connections:
            np.fill_diagonal(weights, 0.0)
        times = {"delay": delay} if delay else {}
        made = []
        for receptor, sign in (("excitatory", 1.0), ("inhibitory", -1.0)):
            pre, post = np.nonzero(sign * weights > 0)
            size = weights[pre, post]
            rows = np.column_stack([pre, post, np.abs(size) if cells.conductance_based else size])
            connector = sim.FromListConnector(rows, column_names=["weight"])
            made.append(
                sim.Projection(cells, cells, connector, sim.StaticSynapse(**times), receptor_type=receptor)
            )
        return made[0], made[1]
