"""Receptor with an exponentially decaying conductance: a spike adds w to g, ``dg/dt = -g / tau_syn``, and the current
is ``g (e_syn - v)``."""

from pyNN.standardmodels import receptors

from .base import Receptor
from .composition import Response

CONDUCTANCE_CURRENT = "gsyn*(e_syn - v)"


class CondExpPostSynapticResponse(Receptor, receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    status = "verified against NEURON, and closed forms"
    aliases = ("ExpPSR",)
    recordable = ("gsyn",)
    response = Response(
        equations="dgsyn/dt = -gsyn/tau_syn : siemens",
        current=CONDUCTANCE_CURRENT,
        parameters={"tau_syn": "second", "e_syn": "volt"},
        target="gsyn",
    )
