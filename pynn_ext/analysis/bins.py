"""Spike trains as a table of bits, by Elephant's binning."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError


def as_bits(trains: Sequence[Any], bin_size: float, t_start: float | None, t_stop: float | None) -> NDArray:
    """Return which train has at least one spike in which bin.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain, length n
    bin_size : float
        In ms.
    t_start, t_stop : float or None
        First and last moment in ms; None stands for those that all trains share. Bins are open at their end, so that
        a spike at t_stop is in none.

    Returns
    -------
    ndarray of bool, shape (n, bins)

    Raises
    ------
    UsageError
        If there is no train, if the bins are not positive, or if Elephant is missing.
    """
    if not len(trains):
        raise UsageError("there is no spike train", remedy="record('spikes') before the run")
    if not bin_size > 0:
        raise UsageError(f"bin_size is {bin_size} ms", limit="more than 0 ms")
    try:
        import quantities as pq
        from elephant.conversion import BinnedSpikeTrain
    except ImportError as missing:
        raise UsageError("bins need Elephant", remedy="pip install elephant") from missing

    limits = {"t_start": t_start, "t_stop": t_stop}
    quantity = {name: limit * pq.ms for name, limit in limits.items() if limit is not None}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Binning discarded")  # spikes at t_stop, in no bin
        binned = BinnedSpikeTrain(list(trains), bin_size=bin_size * pq.ms, **quantity)
    return np.atleast_2d(binned.to_bool_array())
