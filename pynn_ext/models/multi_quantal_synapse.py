"""Short-term plasticity with n release sites (Loebel et al. 2009, Front. Comput. Neurosci. 3:27).

u is that of `StochasticTsodyksMarkramSynapse`; of the n - a empty sites ``B(n - a, 1 - e^(-h/tau_rec))`` recover,
of the a ready ones ``k ~ B(a, u)`` release, and ``k weight`` is transmitted: the weight is that of one quantum, as
in NEST's ``quantal_stp_synapse`` (PyNN's mechanism for NEURON divides it by n). Each site alone is a stochastic
Tsodyks-Markram synapse, so that k has the mean n m, with ``m = E[u x]`` of that recursion, and the variance ``n m (1
- m)``."""

from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from ..network import SynapseModel
from ..network.synapses import Columns
from .base import Synapse
from .stochastic_tsodyks_markram_synapse import USE
from .tsodyks_markram_synapse import facilitated

QUANTA = (
    USE
    + """a = clip(a, 0, n)
a = a + binomial(0, n - a, 1 - exp(-interval/tau_rec))
quanta = binomial(1, a, u)
a = a - quanta
transmitted = weight*quanta"""
)


def present(c: Columns, t: float) -> dict[str, Any]:
    """Return u at `t` (ms), and a, the ready sites that the last spike left: others recover by a draw at the next."""
    return {"u": facilitated(c, t - c["last"]), "a": c["a"]}


class MultiQuantalSynapse(Synapse, synapses.MultiQuantalSynapse):
    """Facilitating and depressing synapse with `n` independent release sites; the weight is that of one site.

    Arguments:
        `U`:
            maximal fraction of available resources.
        `n`:
            total number of release sites.
        `tau_rec`:
            depression time constant (ms).
        `tau_facil`:
            facilitation time constant (ms).
    """

    status = "exact: its statistics, in closed form"
    units: ClassVar[dict[str, str]] = {"tau_rec": "ms", "tau_facil": "ms"}
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "U": (0.0, 1.0),
        "n": (1.0, 1e6),
        "tau_rec": (0.0, float("inf")),
        "tau_facil": (0.0, float("inf")),
    }
    synapse_model = SynapseModel(
        "MultiQuantalSynapse",
        parameters={"U": "1", "n": "1", "tau_rec": "1", "tau_facil": "1"},
        state={"a": "n", "u": 0.0, "last": 0.0},
        on_transmit=QUANTA,
        observed=("u", "a"),
        present=present,
    )
