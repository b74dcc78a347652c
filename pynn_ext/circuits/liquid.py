"""A liquid: excitatory and inhibitory cells on a grid that connect with probability ``C exp(-(D / lambda)^2)`` (Maass,
Natschläger and Markram 2002, Neural Comput. 14:2531; constants of Ivanov and Michmizos 2021, NALSM)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import NetworkError

__all__ = ["Liquid"]
#: C of the pairs, presynaptic first: E excitatory, I inhibitory.
PROBABILITIES = {"EE": 0.2, "EI": 0.1, "IE": 0.3, "II": 0.05}
#: NALSM's cells: v counts from rest.
CELL = {
    **{"v_rest": 0.0, "v_reset": 0.0, "v_thresh": 20.0, "tau_m": 64.0, "cm": 1.0, "tau_refrac": 2.0},
    **{"tau_syn_E": 1.0, "tau_syn_I": 1.0},
}


class Liquid:
    """A recurrent network on a grid.

    Parameters
    ----------
    sim : module
        The backend.
    shape : tuple of int
        Cells along x, y and z.
    inhibitory : float
        Their share; which places they take is drawn.
    probabilities : mapping
        C of the pairs ``EE``, ``EI`` (from E to I), ``IE``, ``II``.
    length : float
        lambda, in distances of the grid.
    cell : cell type, optional
        NALSM's, an ``IF_curr_exp``, if none is given.
    weight : float
        Size of all weights, in the unit of the cell; negative where inhibitory currents want that.
    delay : float, optional
        ms; the smallest one if not given.
    synapse : callable, optional
        Returns the synapse type of a pair, ``synapse("EE")``, in place of weight and delay.
    rng : numpy Generator or int, optional

    Attributes
    ----------
    exc, inh : Population
    cells : Assembly
        Both, the excitatory ones first.
    projections : dict of str to Projection
        By pair.
    """

    def __init__(
        self,
        sim: Any,
        shape: tuple[int, int, int] = (10, 10, 10),
        inhibitory: float = 0.2,
        probabilities: Mapping[str, float] = PROBABILITIES,
        length: float = 3.0,
        cell: Any = None,
        weight: float = 3.0,
        delay: float | None = None,
        synapse: Callable[[str], Any] | None = None,
        rng: Any = None,
    ) -> None:
        n = int(np.prod(shape))
        n_inh = round(inhibitory * n)
        if len(shape) != 3 or min(shape) < 1 or not 0 < n_inh < n or set(probabilities) != set(PROBABILITIES):
            raise NetworkError(
                f"a grid of {shape}, {inhibitory:g} of it inhibitory, probabilities of {', '.join(probabilities)}",
                where="Liquid",
                limit=f"three lengths, both kinds of cells, and the pairs {', '.join(PROBABILITIES)}",
            )
        self.sim, self.length, self.delay = sim, float(length), delay
        self.rng = np.random.default_rng(rng)
        self.weight = float(weight)
        cell = sim.IF_curr_exp(**CELL) if cell is None else cell
        places = self.rng.permutation(np.stack(np.meshgrid(*map(np.arange, shape)), axis=-1).reshape(-1, 3))
        self.exc = sim.Population(n - n_inh, cell, label="liquid, excitatory")
        self.inh = sim.Population(n_inh, cell, label="liquid, inhibitory")
        self.exc.positions, self.inh.positions = places[n_inh:].T, places[:n_inh].T
        for cells in (self.exc, self.inh):
            if "v_rest" in cells.celltype.default_parameters:
                cells.initialize(v=cells.get("v_rest"))
        self.cells = sim.Assembly(self.exc, self.inh, label="liquid")
        ends = {"E": self.exc, "I": self.inh}
        self.projections = {
            pair: self._connect(ends[pair[0]], ends[pair[1]], pair, c, synapse)
            for pair, c in probabilities.items()
        }

    def _connect(self, pre: Any, post: Any, pair: str, c: float, synapse: Callable[[str], Any] | None) -> Any:
        distance = np.linalg.norm(pre.positions.T[:, None] - post.positions.T[None], axis=2)
        linked = self.rng.random(distance.shape) < c * np.exp(-((distance / self.length) ** 2))
        if pre is post:
            np.fill_diagonal(linked, False)
        receptor = "excitatory" if pair[0] == "E" else "inhibitory"
        kind = synapse(pair) if synapse else self._synapse(self.weight, receptor, post)
        connector = self.sim.ArrayConnector(linked)
        return self.sim.Projection(pre, post, connector, kind, receptor_type=receptor)

    def _synapse(self, weight: float, receptor: str, post: Any) -> Any:
        negative = receptor == "inhibitory" and not post.celltype.conductance_based
        times = {"delay": self.delay} if self.delay else {}
        return self.sim.StaticSynapse(weight=-weight if negative else weight, **times)

    def connect_input(
        self, sources: Any, density: float = 0.15, excitatory: float = 0.5, weight: float | None = None
    ) -> dict[str, Any]:
        """Connect inputs to all cells with a probability; the sign of each connection is drawn.

        Parameters
        ----------
        sources : Population
        density : float
            Probability of a connection.
        excitatory : float
            Probability that it excites.
        weight : float, optional
            As that of the liquid.

        Returns
        -------
        dict of str to Projection
            ``excitatory E``, ``excitatory I``, ``inhibitory E``, ``inhibitory I``.
        """
        made = {}
        size = self.weight if weight is None else weight
        for name, post in (("E", self.exc), ("I", self.inh)):
            draws = self.rng.random((sources.size, post.size))
            masks = {"excitatory": draws < density * excitatory}
            masks["inhibitory"] = (draws < density) & ~masks["excitatory"]
            for receptor, mask in masks.items():
                made[f"{receptor} {name}"] = self.sim.Projection(
                    sources,
                    post,
                    self.sim.ArrayConnector(mask),
                    self._synapse(size, receptor, post),
                    receptor_type=receptor,
                )
        return made
