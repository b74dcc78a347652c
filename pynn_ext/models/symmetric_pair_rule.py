"""Pairs that strengthen in either order (Hao, Huang, Dong and Xu 2020, Neural Networks 121:387).

At a presynaptic spike ``w += A_minus f_plus(w) q``, at a postsynaptic one ``w += A_plus f_plus(w) p``; p and q count
the spikes of the pre- and the postsynaptic side with decay tau_plus and tau_minus. One pair changes the weight by
``A exp(-|dt| / tau)``. The authors' code adds 0.1 to its traces and has a rate nu of 0.005: A = 0.1 nu.
"""

from typing import Any, ClassVar

from pyNN.standardmodels import STDPTimingDependence

from .stdp import TimingDependence


class SymmetricPairRule(TimingDependence, STDPTimingDependence):
    """Potentiation by pairs of either order; weights are held by scaling, see `pynn_ext.learning`.

    Parameters
    ----------
    tau_plus, tau_minus : float
        Decay of the trace of presynaptic and of postsynaptic spikes (ms).
    A_plus, A_minus : float
        Change by a pair in which the presynaptic spike is first, and by the other order.
    """

    status: ClassVar[str] = "exact: the window of the authors' code"
    default_parameters: ClassVar[dict[str, Any]] = {
        "tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 5e-4, "A_minus": 5e-4,
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {"tau_plus": "ms", "tau_minus": "ms"}
    pre_traces: ClassVar[dict[str, str]] = {"p": "tau_plus"}
    post_traces: ClassVar[dict[str, str]] = {"q": "tau_minus"}
    on_pre = "A_minus*{f_plus}*q"
    on_post = "A_plus*{f_plus}*p"
