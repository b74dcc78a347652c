"""Which spikes of the two sides are paired (Morrison, Diesmann and Gerstner 2008, Biol. Cybern. 98:459, section 4.1).

``"all"``: each spike with all earlier ones of the other side.

``"nearest"``: each spike with the latest earlier one of the other side (NEST's ``stdp_nn_symm_synapse``).

``"pre_centred"``: a presynaptic spike with the latest earlier postsynaptic spike and with the first later one, so that
the latter is paired with all presynaptic spikes since the one before it (``stdp_nn_pre_centered_synapse``).

``"restricted"``: only spikes that follow one another directly, whichever side they are of
(``stdp_nn_restr_synapse``).

Traces belong to cells, not to synapses. The sum over the presynaptic spikes since the last postsynaptic one is ``x -
x_0 z``, where x is the trace of all, x_0 its value at the last postsynaptic spike, which a synapse remembers, and z the
decay since then. Whether the last spike of one side is later than that of the other is seen from two traces of nearest
spikes with the same decay. Spikes of the same step are not paired; in the order of spikes the presynaptic one is the
later, as in NEST."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..errors import UnsupportedError


@dataclass(frozen=True)
class Rule:
    """A timing dependence as an engine takes it.

    Attributes
    ----------
    pre_traces, post_traces : mapping of str to str
    nearest : tuple of str
    state : mapping of str to float
        As those of `SynapseModel`.
    on_pre, on_post : str
        Changes at a spike of either side, see `TimingDependence`.
    after_post : str
        Statements after the change at a postsynaptic spike.
    """

    pre_traces: Mapping[str, str]
    post_traces: Mapping[str, str]
    on_pre: str
    on_post: str
    nearest: tuple[str, ...] = ()
    state: Mapping[str, float] = field(default_factory=dict)
    after_post: str = ""

    def times(self, factor: str) -> Rule:
        """Return the rule with its changes multiplied."""
        on_pre, on_post = (text and f"{factor}*({text})" for text in (self.on_pre, self.on_post))
        return replace(self, on_pre=on_pre, on_post=on_post)

    def with_name(self, name: str, by: str) -> Rule:
        """Return the rule with a name replaced in its changes."""
        on_pre, on_post = (substituted(text, name, by) for text in (self.on_pre, self.on_post))
        return replace(self, on_pre=on_pre, on_post=on_post)


def every(rule: Rule) -> Rule:
    """Pair all."""
    return rule


def nearest(rule: Rule) -> Rule:
    """Pair with the latest spike only."""
    return replace(rule, nearest=(*rule.pre_traces, *rule.post_traces))


def substituted(text: str, trace: str, by: str) -> str:
    """Return `text` with an expression in the place of a trace."""
    return re.sub(rf"\b{trace}\b", by, text)


def pair_traces(rule: Rule, pairing: str) -> tuple[str, str, str, str]:
    """Return both traces of a rule of pairs with the parameters of their decay."""
    if not len(rule.pre_traces) == len(rule.post_traces) == 1:
        raise UnsupportedError(
            f"pairing={pairing!r}",
            where="a rule with several traces of a side",
            limit="it is defined for rules of pairs",
            remedy="pairing='all' or 'nearest'",
        )
    ((x, tau_x),), ((y, tau_y),) = rule.pre_traces.items(), rule.post_traces.items()
    return x, tau_x, y, tau_y


def pre_centred(rule: Rule) -> Rule:
    """Pair presynaptic spikes with the postsynaptic ones directly before and after them."""
    x, tau_x, y, _ = pair_traces(rule, "pre_centred")
    return replace(
        rule,
        post_traces={**rule.post_traces, "since_post": tau_x},
        nearest=(y, "since_post"),
        state={**rule.state, "paired": 0.0},
        on_post=substituted(rule.on_post, x, f"({x} - paired*since_post)"),
        after_post=f"{rule.after_post}\npaired = {x}",
    )


def restricted(rule: Rule) -> Rule:
    """Pair only spikes that follow one another directly."""
    x, tau_x, y, tau_y = pair_traces(rule, "restricted")
    return replace(
        rule,
        pre_traces={**rule.pre_traces, "since_pre": tau_y},
        post_traces={**rule.post_traces, "since_post": tau_x},
        nearest=(x, y, "since_pre", "since_post"),
        on_post=substituted(rule.on_post, x, f"({x}*int({x} >= since_post))"),
        on_pre=substituted(rule.on_pre, y, f"({y}*int({y} > since_pre))"),
    )


PAIRINGS: dict[str, Callable[[Rule], Rule]] = {
    "all": every,
    "nearest": nearest,
    "pre_centred": pre_centred,
    "restricted": restricted,
}
