"""Inhibitory plasticity that holds the postsynaptic rate at a target (Vogels et al. 2011, Science 334:1569).

At a presynaptic spike ``w += eta (y - alpha)``, at a postsynaptic one ``w += eta x``, with ``alpha = 2 rho tau``;
x and y count the spikes of the pre- and the postsynaptic side, all pairs, with decay tau. rho is the target rate in
Hz and tau is in ms, so that ``alpha = 2e-3 rho tau``: 0.12 with the defaults (PyNN's mechanism for NEURON
leaves the factor out, and pairs nearest neighbours only; this one is NEST's ``vogels_sprekeler_synapse``). eta is in
units of the weight. Where weights are negative (w_max < 0) the same holds for their size. A weight dependence other
than the additive one multiplies what strengthens by ``f_plus/(w_max - w_min)`` and what weakens by ``f_minus/(w_max -
w_min)``."""

from typing import ClassVar

from pyNN.standardmodels import synapses

from .stdp import TimingDependence


class Vogels2011Rule(TimingDependence, synapses.Vogels2011Rule):
    __doc__ = synapses.Vogels2011Rule.__doc__
    status = "verified against NEST, and closed forms"
    units: ClassVar[dict[str, str]] = {"tau": "ms", "rho": "Hz"}
    pre_traces: ClassVar[dict[str, str]] = {"x": "tau"}
    post_traces: ClassVar[dict[str, str]] = {"y": "tau"}
    on_pre = "eta*({f_plus}*y - 2e-3*rho*tau*{f_minus})/{span}"
    on_post = "eta*{f_plus}*x/{span}"
