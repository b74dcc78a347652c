"""Triplets of spikes (Pfister and Gerstner 2006, J. Neurosci. 26:9673): pairs whose effect depends on earlier spikes.

With the traces r1, r2 of the presynaptic side (tau_plus, tau_x) and o1, o2 of the postsynaptic one (tau_minus, tau_y),
each spike paired with all of the other side ::

    presynaptic spike:   w -= f_minus(w) o1 (A2_minus + A3_minus r2)
    postsynaptic spike:  w += f_plus(w)  r1 (A2_plus  + A3_plus  o2)

where r2 and o2 do not count the spike itself. The rule of the paper is the one with additive weight dependence; as in
PyNN's pair rule the amplitudes are then in units of w_max - w_min. Defaults: visual cortex, all to all (table 4).
"""

from typing import Any, ClassVar

from pyNN.standardmodels import STDPTimingDependence

from .stdp import TimingDependence


class TripletRule(TimingDependence, STDPTimingDependence):
    """The triplet rule of Pfister and Gerstner (2006), all-to-all.

    Parameters
    ----------
    tau_plus, tau_x : float
        Fast and slow trace of the presynaptic spikes (ms).
    tau_minus, tau_y : float
        Fast and slow trace of the postsynaptic spikes (ms).
    A2_plus, A3_plus : float
        Potentiation by pairs and by triplets.
    A2_minus, A3_minus : float
        Depression by pairs and by triplets.
    """

    status: ClassVar[str] = "verified against NEST's stdp_triplet_synapse"
    default_parameters: ClassVar[dict[str, Any]] = {
        "tau_plus": 16.8, "tau_x": 101.0, "tau_minus": 33.7, "tau_y": 125.0, "A2_plus": 5e-10, "A3_plus": 6.2e-3,
        "A2_minus": 7e-3, "A3_minus": 2.3e-4,
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {"tau_plus": "ms", "tau_x": "ms", "tau_minus": "ms", "tau_y": "ms"}
    pre_traces: ClassVar[dict[str, str]] = {"r1": "tau_plus", "r2": "tau_x"}
    post_traces: ClassVar[dict[str, str]] = {"o1": "tau_minus", "o2": "tau_y"}
    on_pre = "-{f_minus}*o1*(A2_minus + A3_minus*r2)"
    on_post = "{f_plus}*r1*(A2_plus + A3_plus*o2)"
