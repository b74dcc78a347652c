"""Gap junction: ``I_post = g (v_pre - v_post)``, ``I_pre = g (v_post - v_pre)``, without delay.

One connection couples both cells; the weight is its conductance g (uS), in both directions. The current of a step
is computed from both membrane potentials at its beginning, before the spikes that arrive then, and is constant
during the step (first order in the time step; explicit, so that ``sum g dt / cm < 1`` must hold at every cell). It goes
where injected current goes."""

from typing import ClassVar

import numpy as np
from pyNN.standardmodels import synapses

from ..errors import NetworkError
from ..network import CellGroup, Connections, SynapseModel
from .base import Synapse


class ElectricalSynapse(Synapse, synapses.ElectricalSynapse):
    __doc__ = synapses.ElectricalSynapse.__doc__
    status = "verified against NEURON, and closed forms"
    units: ClassVar[dict[str, str]] = {"weight": "uS"}
    limits: ClassVar[dict[str, tuple[float, float]]] = {"weight": (0.0, float("inf"))}
    synapse_model = SynapseModel(
        "ElectricalSynapse",
        pre_state={"v_pre": "v"},
        post_state={"v_post": "v"},
        coupling="weight*(v_pre - v_post)",
        symmetric=True,
    )

    def check(self, connections: Connections, timestep: float) -> None:
        """Refuse conductances that the explicit coupling would turn into growing oscillations."""
        pre, post = connections.pre, connections.post
        ends = [(pre, connections.pre_indices()), (post, connections.post_index.astype(np.int64))]
        if pre is post:
            ends = [(post, np.concatenate([index for _, index in ends]))]
        for group, index in ends:
            if not isinstance(group, CellGroup) or "cm" not in group.parameters:
                continue
            weights = np.resize(connections.get("weight"), len(index))
            total = np.bincount(index, weights=weights, minlength=group.size)
            speed = total * timestep / group.parameter("cm")
            if speed.size and speed.max() >= 1.0:
                raise NetworkError(
                    f"gap junctions of {total[speed.argmax()]:g} uS in all at one cell of '{group.label}'",
                    where=connections.label,
                    limit=f"less than cm / timestep, {group.parameter('cm')[speed.argmax()] / timestep:g} uS",
                    remedy="use a smaller timestep or smaller weights",
                )
