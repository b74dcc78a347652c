"""Background conductance that fluctuates as an Ornstein-Uhlenbeck process (Destexhe et al. 2001, Neuroscience 107:13).

``i = [gsyn]+ (e_syn - v)`` with ``gsyn = g_0 + y``; in a step ``y <- y e + sigma sqrt(1 - e^2) N(0, 1)``, ``e =
exp(-dt / tau)``, which is exact for any time step; the conductance is constant during a step and is not negative. The
point-conductance model of cortical background is two of them, with the defaults for excitation and ``g_0=0.057,
sigma=0.0066, tau=10.5, e_syn=-75`` for inhibition::

    PointNeuron(LIF(), exc=FluctuatingConductance(), inh=FluctuatingConductance(g_0=0.057, ...))

A spike that arrives adds w to y. Draws depend on the seed, the population, the cell and the step only."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels.base import StandardPostSynapticResponse

from .base import Receptor
from .composition import Response

# a normal number from two uniform ones (Box and Muller 1958)
STEP = """size = sqrt(-2*log(rand()))
y = y*exp(-dt/tau) + sigma*sqrt(1 - exp(-2*dt/tau))*size*cos(6.283185307179586*rand())
gsyn = g_0 + y"""


class FluctuatingConductanceResponse(Receptor, StandardPostSynapticResponse):
    """Conductance that fluctuates around a mean, for synaptic background without its cells."""

    status = "exact: mean, standard deviation and autocorrelation, in closed form"
    aliases = ("FluctuatingConductance",)
    conductance_based = True
    default_parameters: ClassVar[dict[str, Any]] = {
        **{"locations": 0.5, "g_0": 0.012, "sigma": 0.003, "tau": 2.7, "e_syn": 0.0}
    }
    default_initial_values: ClassVar[dict[str, float]] = {"gsyn": 0.012, "y": 0.0}
    recordable = ("gsyn",)
    units: ClassVar[dict[str, str]] = {
        **{"g_0": "uS", "sigma": "uS", "tau": "ms", "e_syn": "mV", "gsyn": "uS", "y": "uS"}
    }
    response = Response(
        equations="gsyn : siemens\ny : siemens",
        current="clip(g_0 + y, 0*siemens, 1e9*siemens)*(e_syn - v)",
        parameters={"g_0": "siemens", "sigma": "siemens", "tau": "second", "e_syn": "volt"},
        target="y",
        after=STEP,
    )
