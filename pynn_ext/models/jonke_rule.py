"""Pairs with an exponential dependence on the weight (Jonke, Legenstein, Habenschuss and Maass 2017, J. Neurosci.
37:8511, after Nessler et al. 2013, PLoS Comput. Biol. 9:e1003037).

At a postsynaptic spike ``w += A_plus f_plus(w) x - beta span``, at a presynaptic one ``w -= A_minus f_minus(w) y +
beta span``; x and y count the spikes of the pre- and the postsynaptic side with decay tau_plus and tau_minus, span is
``w_max - w_min``. With `ExponentialWeightDependence`, ``f_plus = span exp(mu_plus u)`` and ``f_minus = span
exp(mu_minus u)``, ``u = (w - w_min)/span``, it is NEST's ``jonke_synapse`` of Wmax 1 with ``lambda = A_plus``, ``alpha
= A_minus / A_plus`` and our ``beta`` as its ``lambda beta``; potentiation that falls with the weight has a negative
mu_plus. Both go with all other parts."""

from typing import Any, ClassVar

from pyNN.standardmodels import STDPTimingDependence, STDPWeightDependence

from .stdp import SPAN, TimingDependence, WeightDependence


class JonkeRule(TimingDependence, STDPTimingDependence):
    """Pairs, and a constant depression at each spike of either side.

    Parameters
    ----------
    tau_plus, tau_minus : float
        Decay of the traces (ms).
    A_plus, A_minus : float
        Change by a pair of either order, in units of w_max - w_min.
    beta : float
        Depression by a spike of either side, in the same units.
    """

    status: ClassVar[str] = "verified against NEST's jonke_synapse"
    default_parameters: ClassVar[dict[str, Any]] = {
        "tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.01, "A_minus": 0.01, "beta": 0.0,
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {"tau_plus": "ms", "tau_minus": "ms"}
    pre_traces: ClassVar[dict[str, str]] = {"x": "tau_plus"}
    post_traces: ClassVar[dict[str, str]] = {"y": "tau_minus"}
    on_pre = "-A_minus*{f_minus}*y - beta*{whole}"
    on_post = "A_plus*{f_plus}*x - beta*{whole}"


class ExponentialWeightDependence(WeightDependence, STDPWeightDependence):
    """Changes depend exponentially on the weight.

    Parameters
    ----------
    w_min, w_max : float
        Bounds of the weight, in its units.
    mu_plus, mu_minus : float
        Exponents of potentiation and of depression.
    """

    status: ClassVar[str] = "verified against NEST's jonke_synapse"
    default_parameters: ClassVar[dict[str, Any]] = {
        "w_min": 0.0, "w_max": 1.0, "mu_plus": 0.0, "mu_minus": 0.0,
    }  # fmt: skip
    f_plus = f"{SPAN}*exp((weight - w_min)*(mu_plus/(w_max - w_min + 1e-300)))"
    f_minus = f"{SPAN}*exp((weight - w_min)*(mu_minus/(w_max - w_min + 1e-300)))"

    def __init__(
        self, w_min: float = 0.0, w_max: float = 1.0, mu_plus: float = 0.0, mu_minus: float = 0.0
    ) -> None:
        super().__init__(w_min=w_min, w_max=w_max, mu_plus=mu_plus, mu_minus=mu_minus)
