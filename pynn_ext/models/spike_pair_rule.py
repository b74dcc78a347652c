"""Pairs of spikes (Song, Miller and Abbott 2000, Nat. Neurosci. 3:919): each with all of the other side.

At a postsynaptic spike ``w += A_plus f_plus(w) x``, at a presynaptic one ``w -= A_minus f_minus(w) y``; x and y
count the spikes of the pre- and the postsynaptic side with decay tau_plus and tau_minus."""

from typing import ClassVar

from pyNN.standardmodels import synapses

from .stdp import TimingDependence


class SpikePairRule(TimingDependence, synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__
    status = "exact: closed forms"
    units: ClassVar[dict[str, str]] = {"tau_plus": "ms", "tau_minus": "ms"}
    pre_traces: ClassVar[dict[str, str]] = {"x": "tau_plus"}
    post_traces: ClassVar[dict[str, str]] = {"y": "tau_minus"}
    on_pre = "-A_minus*{f_minus}*y"
    on_post = "A_plus*{f_plus}*x"
