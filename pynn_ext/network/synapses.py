"""Synapse models as text: what a spike does on its way, how the weight changes, and what flows without spikes.

A synapse with delay d and dendritic fraction f sees the presynaptic spike at t + (1 - f) d and the
postsynaptic one at t + f d; its current arrives at t + d. If both reach it in the same step, each uses the
other's trace from before the step: a pair at zero distance does not count. The state of the postsynaptic cell that it
reads goes the same way as that cell's spikes: it is that of f d before, and before the first step the initial one. That
of the presynaptic cell and of a modulator, and what a coupling reads, is the present one.

Statements may draw: ``uniform(k)`` is the k-th number in [0, 1) of this synapse at this spike, ``binomial(k, n,
p)`` the number of successes in n trials of probability p. Draws are a hash of the seed, the projection, the
synapse, the step and k: they depend neither on threads, nor on how a run is divided, nor on other synapses.

A modulator is a state variable of another population: one cell for all synapses, or one cell for each postsynaptic
cell. `on_step` is executed for every synapse in every step.

State that decays from spike to spike is kept on a `Scale`, on which it is constant: nothing is computed for a synapse
between its spikes, and no exponential at them.

A synapse with a `coupling` transmits in every step: the sum of it over the synapses of a cell acts on that cell
from t_k to t_(k+1), computed from the state at t_k, before the spikes that arrive at t_k have acted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Columns = Mapping[str, Any]  # of floats or arrays of one value per synapse


@dataclass(frozen=True)
class Scale:
    """What makes decaying state constant, and what it adds up to together with a signal s.

    Let t_R be the time of the last rescaling. Statements may use ``scale``, which is ``e^((t - t_R)/tau)``, and with
    a signal ``integral``, the integral of ``s e^(-(t' - t_R)/tau)`` from t_R to t: state that decays with tau is kept
    as its value times ``scale``, and its product with s, integrated, is what is kept times ``integral``. `on_rescale`
    of the model brings a synapse to ``scale = 1`` and ``integral = 0``. It is executed for all synapses every few tau
    and before anything is read; where s belongs to the postsynaptic cells, only for those of cells whose s is or was
    not zero, and also when s has become zero: it then has to leave alone what does not depend on ``integral``.

    Parameters
    ----------
    tau : str
        The parameter that holds the time constant.
    signal : str
        One of `modulator_state` or `post_state`, or nothing.
    decay : str
        Parameter of the signal's cells that holds the time constant with which it decays during a step; constant in
        steps if empty.
    """

    tau: str
    signal: str = ""
    decay: str = ""


@dataclass(frozen=True)
class Eligibility:
    """What a synapse with an eligibility c and a signal M computes, for hardware that does it in steps.

    Spikes change c, ``dc/dt = -c/tau``, and ``dw/dt = c (M - baseline)``.

    Parameters
    ----------
    on_pre, on_post : str
        Change of c at a pre- and a postsynaptic spike, in terms of traces, parameters and ``weight``.
    tau, baseline : str
        Parameters that hold the time constant (ms) and the signal without effect.
    state : str
        The state variable of the model that holds c.
    signal : str
        One of `modulator_state`.
    """

    on_pre: str
    on_post: str
    tau: str
    baseline: str
    state: str
    signal: str


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
        increased by 1 at each spike of its side, after all statements of the step.
    nearest : tuple of str
        Traces that become 1 at a spike instead of growing by 1: only the latest spike counts.
    modulator_state : mapping of str to str
        Name in the statements to the state variable of the modulator's cells that it reads.
    pre_state, post_state : mapping of str to str
        Name in the statements to the state variable of the pre- and the postsynaptic cell that it reads.
    on_transmit : str
        Statements executed when the synapse sees a presynaptic spike, before transmission; they may use ``t``
        (ms), state, parameters, and must set ``transmitted`` if that is not the weight.
    on_pre, on_post : str
        Weight changes at a pre- and a postsynaptic spike; both may use all traces, as they are before the
        spikes of the step.
    on_step : str
        Statements of every step, executed before those of the spikes of the step.
    scale : Scale or None
    on_rescale : str
        Statements that bring a synapse from ``scale`` and ``integral`` to 1 and 0.
    observed : tuple of str
        State and modulator's variables that can be recorded besides the traces.
    present : callable or None
        Of state that statements bring up to date only at spikes: given the columns and a time (ms), returns what it has
        become by then, under the names of the state and perhaps of more that is `observed`.
    eligibility : Eligibility or None
        What the statements amount to, if they are those of an eligibility.
    coupling : str
        Expression that acts in every step; such a model has no other statements and no traces.
    couples_to : str
        What the sum of the coupling becomes: the injected current ``"i_inj"``, or a state variable of the
        postsynaptic cells that their equations declare without dynamics.
    symmetric : bool
        Whether the coupling acts on the presynaptic cell as well, with the two sides exchanged.
    needs : str
        Cells that have the state that it reads, for messages.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, float | str] = field(default_factory=dict)
    pre_traces: Mapping[str, str] = field(default_factory=dict)
    post_traces: Mapping[str, str] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()
    modulator_state: Mapping[str, str] = field(default_factory=dict)
    pre_state: Mapping[str, str] = field(default_factory=dict)
    post_state: Mapping[str, str] = field(default_factory=dict)
    on_transmit: str = ""
    on_pre: str = ""
    on_post: str = ""
    on_step: str = ""
    scale: Scale | None = None
    on_rescale: str = ""
    observed: tuple[str, ...] = ()
    present: Callable[[Columns, float], dict[str, Any]] | None = None
    eligibility: Eligibility | None = None
    coupling: str = ""
    couples_to: str = "i_inj"
    symmetric: bool = False
    needs: str = ""

    @cached_property
    def times(self) -> frozenset[str]:
        """State that holds times (ms), as ``last = t/ms`` says; it is kept in double precision always."""
        statements = "\n".join((self.on_transmit, self.on_pre, self.on_post, self.on_step))
        return frozenset(re.findall(r"^\s*(\w+) = t/ms$", statements, re.MULTILINE)) & set(self.state)

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of what changes while the network runs and can be recorded, besides the weight."""
        return (*self.pre_traces, *self.post_traces, *self.observed)

    @property
    def static(self) -> bool:
        """Whether the synapse only adds its weight."""
        return not (self.on_transmit or self.on_pre or self.on_post or self.on_step or self.coupling)
