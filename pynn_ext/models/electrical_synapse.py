"""Gap junction: ``I_post = g (v_pre - v_post)``, ``I_pre = g (v_post - v_pre)``, without delay.

One connection couples both cells; the weight is its conductance g (uS), in both directions. The current of a step
is computed from both membrane potentials at its beginning, before the spikes that arrive then, and is constant
during the step (first order in the time step; explicit, so it needs ``sum g dt / cm < 1`` at every cell). It goes
where injected current goes."""

from typing import ClassVar

from pyNN.standardmodels import synapses

from ..network import SynapseModel
from .base import Synapse


class ElectricalSynapse(Synapse, synapses.ElectricalSynapse):
    __doc__ = synapses.ElectricalSynapse.__doc__
    units: ClassVar[dict[str, str]] = {"weight": "uS"}
    limits: ClassVar[dict[str, tuple[float, float]]] = {"weight": (0.0, float("inf"))}
    synapse_model = SynapseModel(
        "ElectricalSynapse",
        pre_state={"v_pre": "v"},
        post_state={"v_post": "v"},
        coupling="weight*(v_pre - v_post)",
        symmetric=True,
    )
