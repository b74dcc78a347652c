"""Short-term depression and facilitation (Tsodyks, Uziel and Markram 2000, J. Neurosci. 20:RC50).

Between spikes an interval h apart, with z = 1 - x - y: ``u -> u e^(-h/tau_facil)``, ``y -> y
e^(-h/tau_psc)``, ``x -> x + y P_xy + z (1 - e^(-h/tau_rec))`` with ``P_xy = ((e^(-h/tau_rec) - 1) tau_rec -
(e^(-h/tau_psc) - 1) tau_psc) / (tau_psc - tau_rec)``; at a spike ``u += U (1 - u)``, and ``u x`` moves from x
to y and is transmitted in units of the weight. This is the exact recursion of NEST's ``tsodyks_synapse``;
tau_psc is the time constant of the receptor when the connection is made. A tau_facil of 0 means u = U.
Where tau_rec and tau_psc are equal, P_xy is 0/0 and tau_psc is taken 10^-6 longer (here NEST transmits nothing
and PyNN's ``TsodyksMarkramWA`` for NEURON gives NaN)."""

from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import synapses

from ..network import SynapseModel
from ..network.synapses import Columns
from .base import Synapse

RECURSION = """interval = t/ms - last
psc = tau_psc*(1 + 1e-6*int((tau_psc - tau_rec)**2 < 1e-14*tau_psc**2))
decay_rec = exp(-interval/tau_rec)
decay_psc = exp(-interval/psc)
z = 1 - x - y
x = x + z*(1 - decay_rec) + y*((decay_rec - 1)*tau_rec - (decay_psc - 1)*psc)/(psc - tau_rec)
y = y*decay_psc
u = u*exp(-interval/clip(tau_facil, 1e-9, 1e300))*int(tau_facil > 0)
u = u + U*(1 - u)
released = u*x
x = x - released
y = y + released
last = t/ms
transmitted = weight*released"""


def facilitated(c: Columns, interval: Any) -> Any:
    """Return u an `interval` (ms) after the last spike."""
    return (
        c["u"]
        * np.exp(-interval / np.clip(c["tau_facil"], 1e-9, None))
        * ((c["tau_facil"] > 0) | (interval <= 0))
    )


def present(c: Columns, t: float) -> dict[str, Any]:
    """Return u and the fractions of transmitter that are recovered (x), active (y) and inactive (z) at `t` (ms)."""
    interval, rec = t - c["last"], c["tau_rec"]
    psc = c["tau_psc"] * (1 + 1e-6 * ((c["tau_psc"] - rec) ** 2 < 1e-14 * c["tau_psc"] ** 2))
    decay_rec, decay_psc = np.exp(-interval / rec), np.exp(-interval / psc)
    moved = c["y"] * ((decay_rec - 1) * rec - (decay_psc - 1) * psc) / (psc - rec)
    x = c["x"] + (1 - c["x"] - c["y"]) * (1 - decay_rec) + moved
    y = c["y"] * decay_psc
    return {"u": facilitated(c, interval), "x": x, "y": y, "z": 1 - x - y}


class TsodyksMarkramSynapse(Synapse, synapses.TsodyksMarkramSynapse):
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    status = "verified against NEST, and closed forms"
    units: ClassVar[dict[str, str]] = {"tau_rec": "ms", "tau_facil": "ms"}
    synapse_model = SynapseModel(
        "TsodyksMarkramSynapse",
        parameters={"U": "1", "tau_rec": "1", "tau_facil": "1", "tau_psc": "1"},
        state={"x": 1.0, "y": 0.0, "u": 0.0, "last": 0.0},
        on_transmit=RECURSION,
        observed=("u", "x", "y", "z"),
        present=present,
    )

    def parameters_from_target(self, cell_parameters: dict[str, Any], receptor: str) -> dict[str, Any]:
        """Return ``tau_psc``: the receptor's time constant, or 3 ms (NEST's default) if it has none."""
        name = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}.get(receptor, "")
        return {"tau_psc": cell_parameters.get(name, 3.0)}
