"""Synapse models as text: what a spike does on its way, and how the weight changes.

A synapse with delay d and dendritic fraction f sees the presynaptic spike at t + (1 - f) d and the
postsynaptic one at t + f d; its current arrives at t + d. If both reach it in the same step, each uses the
other's trace from before the step: a pair at zero distance does not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SynapseModel:
    """A synapse as text, in Brian2's syntax for statements.

    Parameters
    ----------
    name : str
        Name of the model, for messages.
    parameters : mapping of str to str
        Parameters besides ``weight`` and ``delay``, with their Brian2 unit names.
    state : mapping of str to float
        State variables per synapse and their initial values (0, or the name of a parameter).
    pre_traces, post_traces : mapping of str to str
        Trace name to the parameter that holds its time constant; the trace decays exponentially and is
        increased by 1 at each spike of its side.
    on_transmit : str
        Statements executed when the synapse sees a presynaptic spike, before transmission; they may use ``t``
        (ms), state, parameters, and must set ``transmitted`` if that is not the weight.
    on_pre, on_post : str
        Weight changes at a pre- and a postsynaptic spike; `on_pre` may use the postsynaptic traces, `on_post`
        the presynaptic ones.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, float | str] = field(default_factory=dict)
    pre_traces: Mapping[str, str] = field(default_factory=dict)
    post_traces: Mapping[str, str] = field(default_factory=dict)
    on_transmit: str = ""
    on_pre: str = ""
    on_post: str = ""

    @property
    def static(self) -> bool:
        """Whether the synapse only adds its weight."""
        return not (self.on_transmit or self.on_pre or self.on_post)
