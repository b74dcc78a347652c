"""Receptor with an alpha-shaped conductance: ``dg/dt = (x - g) / tau_syn``, ``dx/dt = -x / tau_syn``; a spike adds
``e w`` to x, so that g peaks at w after tau_syn."""

import math

from pyNN.standardmodels import receptors

from .base import Receptor
from .composition import Response
from .cond_exp_response import CONDUCTANCE_CURRENT


class CondAlphaPostSynapticResponse(Receptor, receptors.CondAlphaPostSynapticResponse):
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    status = "verified against NEST, and closed forms"
    aliases = ("AlphaPSR",)
    recordable = ("gsyn",)
    response = Response(
        equations="dgsyn/dt = (x - gsyn)/tau_syn : siemens\ndx/dt = -x/tau_syn : siemens",
        current=CONDUCTANCE_CURRENT,
        parameters={"tau_syn": "second", "e_syn": "volt"},
        target="x",
        factor=math.e,
    )
