"""NMDA receptor: a slow conductance that magnesium blocks at rest (Jahr and Stevens 1990, J. Neurosci. 10:3178).

``i = g B(v) (e_syn - v)`` with ``B(v) = 1 / (1 + [Mg] / 3.57 mM exp(-0.062 v / mV))``; ``dx/dt = -x / tau_rise``, a
spike adds w to x, and ``dg/dt = -g / tau_decay + alpha x (1 - g / g_max)``. With g_max = inf, the default, g is
linear in the spikes; with a finite one it saturates there. B is 1/2 at -20.5 mV for 1 mM.

Because the current is not linear in v, the cell is integrated by Runge and Kutta's fourth order, in steps of at most
0.1 ms. CARLsim's NMDA receptor and NEST's ``iaf_bw_2001`` have the same block."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels.base import StandardPostSynapticResponse

from .base import Receptor
from .composition import Response

BLOCK = "1/(1 + mg/3.57*exp(-0.062*v/mV))"


class NMDAPostSynapticResponse(Receptor, StandardPostSynapticResponse):
    """Conductance with rise and decay times and the voltage-dependent block by magnesium."""

    status = (
        "exact: curve of the block and ratio of peak currents, in closed form; integrated to fourth order"
    )
    aliases = ("NMDAPSR",)
    conductance_based = True
    default_parameters: ClassVar[dict[str, Any]] = {
        **{"locations": 0.5, "e_syn": 0.0, "tau_rise": 2.0, "tau_decay": 100.0, "mg": 1.0, "alpha": 0.5},
        "g_max": float("inf"),
    }
    default_initial_values: ClassVar[dict[str, float]] = {"gsyn": 0.0, "x": 0.0, "block": 0.0}
    recordable = ("gsyn", "block")
    units: ClassVar[dict[str, str]] = {
        **{
            "e_syn": "mV",
            "tau_rise": "ms",
            "tau_decay": "ms",
            "mg": "mM",
            "alpha": "/ms",
            "g_max": "uS",
            "gsyn": "uS",
        },
        **{"x": "uS", "block": ""},
    }
    response = Response(
        equations="dgsyn/dt = alpha*x*(1 - gsyn/g_max) - gsyn/tau_decay : siemens\n"
        "dx/dt = -x/tau_rise : siemens\n"
        "block : 1",
        current=f"gsyn*({BLOCK})*(e_syn - v)",
        parameters={
            **{"e_syn": "volt", "tau_rise": "second", "tau_decay": "second", "mg": "1", "alpha": "hertz"},
            "g_max": "siemens",
        },
        target="x",
        rectifying=True,
        after=f"block = {BLOCK}",
    )
