"""The settings that nothing beats: a point is on the Pareto front if no other is at least as good in all objectives and
better in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UsageError

if TYPE_CHECKING:
    from .sweeping import Sweep


def front(values: ArrayLike) -> NDArray[np.bool_]:
    """Return which rows are on the front.

    Parameters
    ----------
    values : array_like, shape (n, objectives)
        Smaller is better. A row with a NaN is never on the front.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    table = np.atleast_2d(np.asarray(values, dtype=float))
    known = np.isfinite(table).all(axis=1)
    no_worse = (table[:, None] <= table[None]).all(axis=2)
    better = (table[:, None] < table[None]).any(axis=2)
    beaten = ((no_worse & better) & known[:, None]).any(axis=0)
    return known & ~beaten


def objective(name: str) -> tuple[str, float]:
    """Return the measure and the sign by which it is minimised: ``max:NAME`` is to be large."""
    return (name.removeprefix("max:"), -1.0) if name.startswith("max:") else (name, 1.0)


def plot(found: Sweep, x: str, y: str, path: Path) -> None:
    """Draw all points in two measures, the front joined and labelled, to `path`.

    Raises
    ------
    UsageError
        If no point has both measures, or matplotlib is missing.
    """
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError as missing:
        raise UsageError("the plot needs matplotlib", remedy="pip install matplotlib") from missing
    axes, signs = zip(*map(objective, (x, y)), strict=True)
    values = np.array([[found.value(row, name) for name in axes] for row in found.rows])
    chosen = front(values * np.array(signs))
    if not chosen.any():
        raise UsageError(
            f"no point has both {axes[0]} and {axes[1]}", remedy=f"choose from {', '.join(found.measures())}"
        )
    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    axis.plot(*values[~chosen].T, "o", color="0.7", label="beaten by another")
    order = np.flatnonzero(chosen)[np.argsort(values[chosen, 0])]
    axis.plot(*values[order].T, "o-", color="tab:red", label="Pareto front")
    for row in order:
        axis.annotate(
            found.label(found.rows[row]),
            values[row],
            textcoords="offset points",
            xytext=(5, 5),
            fontsize="small",
        )
    axis.set(
        **{
            f"{a}label": name + (" (large is good)" if s < 0 else "")
            for a, name, s in zip("xy", axes, signs, strict=True)
        }
    )
    axis.margins(0.15)
    axis.legend(fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
