"""The synapses that the weights of expressive leaky memory neurons describe."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NetworkError

__all__ = ["connect_elm"]


def connect_elm(sim: Any, sources: Any, cells: Any, delay: float | None = None) -> list[Any]:
    """Connect inputs to all cells of a population of ``ELM``, one projection for each branch.

    Parameters
    ----------
    sim : module
        The backend.
    sources : Population, PopulationView or Assembly
        The inputs; the first half is excitatory, the second inhibitory.
    cells : Population
        Of ``ELM``.
    delay : float, optional
        ms; the smallest one if not given.

    Returns
    -------
    list of Projection

    Raises
    ------
    NetworkError
        If the sources are not as many as the neuron has inputs.
    """
    weights = cells.celltype.weights
    if sources.size != weights.n_inputs:
        raise NetworkError(
            f"{sources.size} sources",
            where=f"connect_elm({cells.label})",
            limit=f"the neuron has {weights.n_inputs} inputs, the first half excitatory",
            remedy="give one source for each of them",
        )
    branches = len(weights.tau_b)
    strength = np.maximum(weights.w_s, 0.0) * np.where(weights.inputs < weights.n_inputs // 2, 1.0, -1.0)
    branch = np.repeat(np.arange(branches), len(weights.w_s) // branches)
    made = []
    for k in range(branches):
        here = np.flatnonzero((branch == k) & weights.present & (strength != 0.0))
        synapses = np.column_stack([weights.inputs[here], strength[here]])
        every = np.repeat(np.arange(cells.size), len(here))
        rows = np.column_stack(
            [np.tile(synapses[:, 0], cells.size), every, np.tile(synapses[:, 1], cells.size)]
        )
        connector = sim.FromListConnector(rows, column_names=["weight"])
        synapse = sim.StaticSynapse(delay=delay) if delay else sim.StaticSynapse()
        made.append(sim.Projection(sources, cells, connector, synapse, receptor_type=f"branch{k}"))
    return made
