"""Compartments of Loihi, in the chip's integers.

In step t, for every compartment::

    q = wrap22(sum of the effective weights of all spikes due at t, + noise at the current)
    u = wrap24(decay(u, D_u) + q)
    v = decay(v, D_v) + wrap24(u + bias + noise at the membrane), clipped to [vmin, vmax]
    if refractory: v = 0
    spike if v > threshold: v = 0, refractory for `refractory - 1` steps

``decay(x, D) = sign(x) * ((|x| * (4096 - D)) >> 12)`` truncates towards zero; ``wrapN`` is two's complement. An
input spike of step t with delay d is in q of step t + d, a spike that a compartment fires in step t in q of step
t + 1 + d.

Noise is ``int((r + 64 m) * 2^(e - 7))`` for a random integer r of -127 … 127, a mantissa offset m and an exponent
e.

A compartment may be a dendrite of another one: it never fires, and what it passes, its u or its v after this step,
is added to u + bias of that one (a join that adds). No bit-level description of joins is public; that the order is
this one is inferred. Everything else is as in

Sources: M. Davies et al., Loihi, IEEE Micro 38(1):82-99 (2018); widths, order and roundings as in the emulators of
nengo-loihi 1.1.0, brian2-loihi 0.5.2 (C. Michaelis et al., Front. Neuroinform. 16, 2022; checked against the
chip) and Lava 0.10.0. That q wraps rests on nengo-loihi alone, that v saturates on nengo-loihi and Lava."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pynn_ext.chip.fixed import toward_zero, wrap
from pynn_ext.chip.jit import kernel
from pynn_ext.chip.synapses import Synapses, deliver

from .formats import ACCUMULATOR, CURRENT, DECAY, POTENTIAL

Integers = npt.NDArray[np.int64]

Q_BITS, U_BITS, DECAY_BITS = ACCUMULATOR.bits, CURRENT.bits, DECAY.bits
V_MAX = POTENTIAL.high
PASSES_U, PASSES_V = 1, 2
SLOTS = 64  # delays of 0 to 62


@kernel
def decayed(x: int, decay: int) -> Any:
    """`x` after a step."""
    return toward_zero(x * (4096 - decay), DECAY_BITS)


@kernel
def update(
    q: Any, u: Any, v: Any, countdown: Any, decay_u: Any, decay_v: Any, bias: Any, threshold: Any, refractory: Any,
    v_min: Any, v_max: Any, noise: Any, noise_at: Any, passes: Any, dendrites: Any, fired: Any, beyond: Any,
) -> int:  # fmt: skip
    """Advance all compartments by a step; write who fires to `fired` and return how many. `q` is emptied; `beyond`
    counts accumulators and currents that wrap, and potentials that saturate."""
    for i in range(len(u)):
        current = q[i]
        q[i] = 0
        if noise_at[i] == 1:
            current += noise[i]
        wrapped = wrap(current, Q_BITS)
        total = decayed(u[i], decay_u[i]) + wrapped
        u[i] = wrap(total, U_BITS)
        beyond[0] += wrapped != current
        beyond[1] += u[i] != total
        if passes[i] == PASSES_V:
            v[i] = min(max(decayed(v[i], decay_v[i]) + u[i], v_min[i]), v_max[i])
    count = 0
    for i in range(len(u)):
        if passes[i] != 0:
            continue
        x = u[i] + bias[i]
        for d in dendrites[i]:
            if d >= 0:
                x += u[d] if passes[d] == PASSES_U else v[d]
        if noise_at[i] == 2:
            x += noise[i]
        potential = decayed(v[i], decay_v[i]) + wrap(x, U_BITS)
        limited = min(max(potential, v_min[i]), v_max[i])
        beyond[2] += limited != potential
        potential = limited
        if countdown[i] > 0:
            potential = 0
        if potential > threshold[i]:
            fired[count] = i
            count += 1
            potential = 0
            countdown[i] = refractory[i]
        v[i] = potential
        countdown[i] = max(0, countdown[i] - 1)
    return count


@dataclass(eq=False)
class Compartments:
    """Registers and state of `n` compartments.

    Attributes
    ----------
    decay_u, decay_v : ndarray
        int64, shape ``(n,)``: effective decays, 0 … 4096; the registers are ``decay_u - 1`` and ``decay_v``.
    threshold : ndarray
        int64: threshold mantissa times 64.
    bias : ndarray
        int64: mantissa times two to the exponent.
    refractory : ndarray
        int64: the register, 1 … 63; 1 for no refractory step.
    v_min, v_max : ndarray
        int64: limits of v.
    noise_at : ndarray
        int64: 0 no noise, 1 added to q, 2 added to u + bias.
    noise_exponent, noise_mantissa : ndarray
        int64: e, and the offset m.
    passes : ndarray
        int64: 0 for a compartment that fires, 1 for a dendrite that passes u, 2 for one that passes v.
    dendrites : ndarray
        int64, shape ``(n, 2)``: the dendrites of each compartment, -1 for none.
    u, v, countdown : ndarray
        int64: state.
    """

    n: int
    decay_u: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    decay_v: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    threshold: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    bias: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    refractory: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    v_min: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    v_max: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    noise_at: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    noise_exponent: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    noise_mantissa: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    passes: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    dendrites: Integers = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        standard = {
            "decay_u": 4096, "decay_v": 0, "threshold": 100 * 64, "refractory": 1, "v_min": -V_MAX, "v_max": V_MAX,
        }  # fmt: skip
        names = ("decay_u", "decay_v", "threshold", "bias", "refractory", "v_min", "v_max", "noise_at")
        if not self.dendrites.size:
            self.dendrites = np.full((self.n, 2), -1, np.int64)
        for name in (*names, "noise_exponent", "noise_mantissa", "passes"):
            given = np.asarray(getattr(self, name), dtype=np.int64)
            if not given.size:
                given = np.asarray(standard.get(name, 0), dtype=np.int64)
            setattr(self, name, np.broadcast_to(given, (self.n,)).copy())
        self.reset()

    def reset(self) -> None:
        """Return to u = v = 0, not refractory."""
        self.u, self.v, self.countdown = (np.zeros(self.n, np.int64) for _ in range(3))

    def noise(self, draws: Any) -> Integers:
        """Return the noise for random integers of -127 … 127, shape ``(n,)``."""
        scaled = (np.asarray(draws) + 64 * self.noise_mantissa) * 2.0 ** (self.noise_exponent - 7)
        return np.trunc(scaled).astype(np.int64)


class Core:
    """All compartments of a chip and their synapses, step by step.

    Rows of `synapses` are the compartments that fire first, then sources outside.

    Attributes
    ----------
    events : int
        Synaptic operations of the last step.
    touched : ndarray
        int64, shape ``(n,)``: 1 where a compartment got input in the last step.
    beyond : ndarray
        int64, shape ``(3,)``: how often since the reset an accumulator or a current wrapped, or a potential saturated.
    """

    def __init__(self, compartments: Compartments, synapses: Synapses) -> None:
        self.compartments, self.synapses = compartments, synapses
        self.reset()

    def reset(self) -> None:
        """Return to the beginning, without spikes under way."""
        n = self.compartments.n
        self.compartments.reset()
        self.step_number = 0
        self.ring = np.zeros((SLOTS, n), np.int64)
        self.fired = np.zeros(n, np.int64)
        self.before: Integers = np.empty(0, np.int64)
        self.events, self.touched = 0, np.zeros(n, np.int64)
        self.beyond = np.zeros(3, np.int64)

    def step(self, inputs: Integers, draws: Any = None) -> Integers:
        """Advance by one step and return who fired, in increasing order.

        Parameters
        ----------
        inputs : ndarray
            Sources outside that fire in this step, as rows of `synapses`; one may fire several times.
        draws : ndarray, optional
            Random integers for the noise, shape ``(n,)``.
        """
        c, s, t = self.compartments, self.synapses, self.step_number
        self.touched[:] = 0
        self.events = 0
        for rows in (self.before, np.asarray(inputs, dtype=np.int64)):
            if len(rows):
                self.events += deliver(
                    rows, t, s.offsets, s.target, s.weight, s.delay, self.ring, self.touched
                )
        noise = c.noise(draws) if draws is not None else np.zeros(c.n, np.int64)
        count = update(
            self.ring[t % SLOTS], c.u, c.v, c.countdown, c.decay_u, c.decay_v, c.bias, c.threshold, c.refractory,
            c.v_min, c.v_max, noise, c.noise_at, c.passes, c.dendrites, self.fired,
            self.beyond,
        )  # fmt: skip
        self.before = self.fired[:count].copy()
        self.step_number += 1
        return self.before
