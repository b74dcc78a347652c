"""Exponential traces of spikes on a grid of time: ``dx/dt = -x/tau``, and 1 is added at each spike.

The trace at a grid point holds the spikes up to and including it, each decayed from its own time."""

from __future__ import annotations

import numpy as np

from ..errors import NetworkError


class Traces:
    """Traces of `size` cells, window after window.

    Parameters
    ----------
    size : int
        Number of cells.
    tau : float
        ms.
    resolution : float
        Distance of grid points (ms).

    Attributes
    ----------
    x : ndarray
        Trace of each cell at the last grid point.
    """

    def __init__(self, size: int, tau: float, resolution: float) -> None:
        for name, value in (("tau", tau), ("resolution", resolution)):
            if not (np.isfinite(value) and value > 0):
                raise NetworkError(f"{name}={value} ms", where="Traces", limit="it is positive")
        self.tau, self.resolution = float(tau), float(resolution)
        self.x = np.zeros(size)

    def advance(self, cells: np.ndarray, times: np.ndarray, begin: float, end: float) -> np.ndarray:
        """Take the spikes of ``(begin, end]`` and return the traces at the grid points ``begin + k resolution``, k
        from 1, up to `end`.

        Parameters
        ----------
        cells, times : ndarray
            As of `spikes_between`.

        Returns
        -------
        ndarray
            float64, shape ``(points, size)``.
        """
        points = round((end - begin) / self.resolution)
        if points < 1 or abs(begin + points * self.resolution - end) > 1e-6:
            raise NetworkError(
                f"a window of {end - begin:g} ms",
                where="Traces",
                limit=f"whole grid points, {self.resolution:g} ms apart",
                remedy="choose an interval that is a multiple of the resolution",
            )
        at = np.maximum(np.ceil((times - begin) / self.resolution - 1e-9).astype(np.int64), 1)
        decay = np.exp(-(at * self.resolution - (times - begin)) / self.tau)
        added = np.zeros((points, len(self.x)))
        np.add.at(added, (at - 1, cells), decay)
        k = np.exp(-self.resolution / self.tau)
        x = self.x
        for row in added:  # becomes the traces
            row += k * x
            x = row
        self.x = x.copy()
        return added
