"""Short-term depression and facilitation with one release site (Fuhrmann et al. 2002, J. Neurophysiol. 87:140).

The site is ready (R = 1) or empty. At a spike an interval h after the one before, ``u -> u e^(-h/tau_facil)``,
``u += U (1 - u)`` (a tau_facil of 0 means u = U); an empty site is ready again with probability ``1 -
e^(-h/tau_rec)``; a ready one releases with probability u, transmits the weight and is empty. The mean over
synapses is the deterministic recursion of Tsodyks and Markram whose transmitter is inactive at once (tau_psc =
0): ``E[released] = u x``, ``x -> 1 - (1 - x (1 - u)) e^(-h/tau_rec)``."""

from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from ..network import SynapseModel
from ..network.synapses import Columns
from .base import Synapse
from .tsodyks_markram_synapse import facilitated

#: Release probability at a spike; `interval` is also what the recovery uses.
USE = """interval = t/ms - last
u = u*exp(-interval/clip(tau_facil, 1e-9, 1e300))*int(tau_facil > 0)
u = u + U*(1 - u)
last = t/ms
"""
RELEASE = (
    USE
    + """R = 1 - (1 - R)*int(uniform(0) < exp(-interval/tau_rec))
released = R*int(uniform(1) < u)
R = R - released
transmitted = weight*released"""
)


def present(c: Columns, t: float) -> dict[str, Any]:
    """Return u at `t` (ms), and R as the last spike left it: an empty site recovers by a draw at the next one."""
    return {"u": facilitated(c, t - c["last"]), "R": c["R"]}


class StochasticTsodyksMarkramSynapse(Synapse, synapses.StochasticTsodyksMarkramSynapse):
    __doc__ = synapses.StochasticTsodyksMarkramSynapse.__doc__
    status = "exact: its statistics, in closed form"
    units: ClassVar[dict[str, str]] = {"tau_rec": "ms", "tau_facil": "ms"}
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "U": (0.0, 1.0),
        "tau_rec": (0.0, float("inf")),
        "tau_facil": (0.0, float("inf")),
    }
    synapse_model = SynapseModel(
        "StochasticTsodyksMarkramSynapse",
        parameters={"U": "1", "tau_rec": "1", "tau_facil": "1"},
        state={"R": 1.0, "u": 0.0, "last": 0.0},
        on_transmit=RELEASE,
        observed=("u", "R"),
        present=present,
    )
