"""Coupled copies: ``dx_i/dt = f(x_i) - kappa sum_j L_ij x_j`` with the Laplacian L of a graph (Bouvrie and Slotine
2010, arXiv:1001.2457).

For a noisy gradient system of curvature lam the mean of n copies has the variance ``sigma^2 / (2 lam n)`` and the
copies vary around it by ``1/n sum_k sigma^2 / (2 (lam + kappa lambda_k))`` over the eigenvalues ``lambda_k > 0``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

__all__ = ["couple", "coupled", "laplacian", "ring"]


def laplacian(graph: Any) -> npt.NDArray[np.float64]:
    """Return the Laplacian of a graph, float64, shape ``(n, n)``: the sums of its rows on the diagonal, minus the
    graph.

        Parameters ---------- graph : array or Projection Weights of the edges, shape ``(n, n)``, entry ``[i, j]``
        from j to i; of a projection of a population to itself the weights of its connections. Edges of a node to
        itself do not count.

    Raises
    ------
    NetworkError
        If the graph is not square.
    """
    if hasattr(graph, "get"):
        weights = np.nan_to_num(np.array(graph.get("weight", format="array"), dtype=float)).T
    else:
        weights = np.array(graph, dtype=float)
    if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
        raise NetworkError(
            f"a graph of shape {weights.shape}",
            where="laplacian",
            limit="there is a row and a column for each node",
        )
    np.fill_diagonal(weights, 0.0)
    return np.diag(weights.sum(axis=1)) - weights


def couple(
    sim: Any, cells: Any, kappa: float, graph: Any = None, variable: str = "v", target: str | None = None
) -> Any:
    """Couple the cells of a population through a graph.

    Parameters
    ----------
    sim : module
        The backend.
    cells : Population
        Its cells have the state variable `variable` and an input `target`.
    kappa : float
        Strength of the coupling, in units of `target` per unit of `variable`; with ``v`` a conductance (uS).
    graph : array of shape (n, n), optional
        Weights of the edges, entry ``[i, j]`` from j to i; all to all with weight 1 if none is given.
    variable : str
        What is coupled.
    target : str, optional
        The input that the coupling acts on: the injected current for ``v``, else what `coupled` adds to a cell type.

    Returns
    -------
    Projection
        Of type ``ElectricalSynapse`` for ``v`` and a symmetric graph, else ``DiffusiveCoupling``.

    Raises
    ------
    NetworkError
        If the graph has not one row for each cell, or no edge.
    """
    n = cells.size
    weights = np.ones((n, n)) if graph is None else np.array(graph, dtype=float)
    if weights.shape != (n, n):
        raise NetworkError(
            f"a graph of shape {weights.shape} for {n} cells",
            where=f"couple({cells.label})",
            limit="there is a row and a column for each cell",
        )
    symmetric = bool(np.array_equal(weights, weights.T))
    edges = np.triu(weights, 1) if symmetric else weights - np.diag(np.diag(weights))
    post, pre = np.nonzero(edges)
    if not len(pre):
        raise NetworkError(
            "a graph without edges", where=f"couple({cells.label})", limit="there is one at least"
        )
    rows = np.column_stack([pre, post, kappa * edges[post, pre]])
    if variable == "v" and target is None and symmetric:
        synapse = sim.ElectricalSynapse()
    else:
        into = target or ("i_inj" if variable == "v" else f"{variable}_coupling")
        synapse = sim.DiffusiveCoupling(variable=variable, target=into, symmetric=symmetric)
    connector = sim.FromListConnector(rows, column_names=["weight"])
    return sim.Projection(cells, cells, connector, synapse)


def coupled(cell_type: type, variable: str) -> type:
    """Return a cell type with an input ``<variable>_coupling`` that is added to the slope of `variable`.

    The coupled part of the equations is integrated by explicit steps, ``x += dt coupling``, before each step of the
    rest; it has the unit of `variable` per ms.

    Raises
    ------
    NetworkError
        If the cell type has no such state variable.
    """
    own = getattr(cell_type, "cell_model", None)
    if hasattr(own, "equations"):
        _with_input(own, variable)  # refuses what cannot be

    def initialize(self: Any, *args: Any, **parameters: Any) -> None:
        cell_type.__init__(self, *args, **parameters)  # type: ignore[misc]
        self.cell_model = _with_input(self.cell_model, variable)

    return type(
        cell_type.__name__,
        (cell_type,),
        {"__init__": initialize, "__module__": cell_type.__module__, "__doc__": cell_type.__doc__},
    )


def _with_input(model: Any, variable: str) -> Any:
    """Return a cell model with the input ``<variable>_coupling``."""
    if variable not in model.state_variables:
        raise NetworkError(
            f"{model.name} has no state variable '{variable}'",
            where="coupled",
            limit=f"it has {', '.join(model.state_variables)}",
        )
    starts = (f"d{variable}/dt", f"{variable} :")
    line = next(text for text in model.equations.splitlines() if text.strip().startswith(starts))
    unit = line.rsplit(":", 1)[1].split("(")[0].strip()
    slope = "hertz" if unit == "1" else f"{unit}/second"
    step = f"{variable} += {variable}_coupling*dt"  # where a time step is divided, dt is one part
    return replace(
        model,
        equations=f"{model.equations}\n{variable}_coupling : {slope}",
        before="\n".join(filter(None, [step, model.before])),
    )


def ring(sim: Any, cells: Any) -> tuple[Any, Any]:
    """Close a population of ``UltraDLIF`` to a ring in the order of its cells; return the two projections."""
    n = cells.size
    projections = []
    for target, shift in (("left", -1), ("right", 1)):
        rows = [((i + shift) % n, i, 1.0) for i in range(n)]
        connector = sim.FromListConnector(rows, column_names=["weight"])
        synapse = sim.GradedSynapse(source="v", target=target)
        projections.append(sim.Projection(cells, cells, connector, synapse))
    return projections[0], projections[1]
