"""Receptor with an exponentially decaying current: a spike adds w to i, ``di/dt = -i / tau_syn``."""

from pyNN.standardmodels import receptors

from .base import Receptor
from .composition import Response


class CurrExpPostSynapticResponse(Receptor, receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    status = "verified against NEST, and closed forms"
    recordable = ("isyn",)
    response = Response(
        equations="disyn/dt = -isyn/tau_syn : amp",
        current="isyn",
        parameters={"tau_syn": "second"},
        target="isyn",
        linear=True,
    )
