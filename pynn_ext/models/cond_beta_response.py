"""Receptor with a conductance that is a difference of two exponentials (beta function).

``dg/dt = c x - g / tau_decay``, ``dx/dt = -x / tau_rise``; a spike adds w to x. With ``r = tau_decay / tau_rise`` and
``c = exp(ln(r) / (r - 1)) / tau_rise`` the conductance peaks at w, as in NEST's ``iaf_cond_beta``. At r = 1
c has a limit, that of the alpha function; there r is shifted by 6e-8, which is the relative error of g."""

from pyNN.standardmodels import receptors

from .base import Receptor
from .composition import Response
from .cond_exp_response import CONDUCTANCE_CURRENT

RATIO = "(tau_decay/tau_rise + 6e-8*int(abs(tau_decay/tau_rise - 1) < 3e-8))"


class CondBetaPostSynapticResponse(Receptor, receptors.CondBetaPostSynapticResponse):
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    status = "verified against NEST, and closed forms"
    aliases = ("BetaPSR",)
    recordable = ("gsyn",)
    response = Response(
        equations=f"dgsyn/dt = exp(log({RATIO})/({RATIO} - 1))/tau_rise*x - gsyn/tau_decay : siemens\n"
        "dx/dt = -x/tau_rise : siemens",
        current=CONDUCTANCE_CURRENT,
        parameters={"tau_rise": "second", "tau_decay": "second", "e_syn": "volt"},
        target="x",
    )
