"""Weights that change by factors: ``w <- w exp(change)`` (exponentiated gradient; J. Kivinen, M. K. Warmuth 1997,
Information and Computation 132:1).

A sign never changes (Dale's law), and under changes that are random log w does a random walk, so that weights become
log-normal. A weight of 0 stays 0. The change is that of the timing dependence: with `SpikePairRule` ``exp(A_plus x)``
at a postsynaptic and ``exp(-A_minus y)`` at a presynaptic spike. As a weight dependence of STDP it is inferred from
the update of learning rules by gradients, for which it was proposed.
"""

from typing import Any, ClassVar

from pyNN.standardmodels import STDPWeightDependence

from .stdp import WeightDependence


class ExponentiatedWeightDependence(WeightDependence, STDPWeightDependence):
    """The change of the timing dependence is an exponent.

    Parameters
    ----------
    w_min, w_max : float
        Limits of the weight, in its units; w_min above 0 keeps synapses from dying.
    """

    status: ClassVar[str] = "inferred for STDP; log-normal weights and constant signs verified"
    default_parameters: ClassVar[dict[str, Any]] = {"w_min": 1e-6, "w_max": 1.0}
    f_plus, f_minus, span, whole = "1", "1", "1", "1"

    def __init__(self, w_min: float = 1e-6, w_max: float = 1.0) -> None:
        super().__init__(w_min=w_min, w_max=w_max)

    @classmethod
    def moved(cls, amount: str) -> str:
        """Return the weight after a change."""
        return f"weight*exp({amount})"
