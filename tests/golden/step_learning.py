"""Learning in every step, as brian2-loihi does it: the other published reading of the learning engine.

In step t, for each trace the rounding of its decay is decided first (from its value before this step's spike);
a spike adds the impulse, up to 127; the rule sees the traces with it; then ``trace = int(trace (1 - 1 / tau)) +
decision``. A postsynaptic spike reaches the synapse one step later. ``dw`` is rounded away from zero, and

    w = clip(w + (int(dw / lsb) + r) * lsb),   r = ±1 with the probability of what int() cuts off

with lsb = 2^(8 - (bits - mixed)). Source: brian2-loihi 0.5.2 (C. Michaelis et al., Front. Neuroinform. 16, 2022).
It differs from the learning engine of our chip in order, rounding and decay, and the chip's own choice is not public.
Here it shows that rules, weights and traces are read as brian2-loihi reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pynn_ext.backends._loihi.learning import Product, TraceSetting
from pynn_ext.backends._loihi.weights import MIXED, RANGES

from pynn_ext.chip.formats import ROUNDINGS

Decide = Callable[[str, Any], Any]


@dataclass(eq=False)
class StepEngine:
    """Traces of two groups and the synapses between them, all to all.

    Parameters
    ----------
    rule : list of Product
        For the weight; unlike in `learning.EpochEngine` exponents are exact and x0, y0 may stand together.
    traces : dict of str to TraceSetting
        For ``x1`` … ``y3``.
    weight : ndarray
        int64, shape ``(post, pre)``.
    bits, mode : int
        Format of the weights.
    decide : callable
        ``decide(name, probability)`` returns 0 or 1 for each entry of `probability`; `name` is a trace or ``"w"``.
    """

    rule: list[Product]
    traces: dict[str, TraceSetting]
    weight: Any
    bits: int
    mode: int
    decide: Decide

    def __post_init__(self) -> None:
        self.weight = np.array(self.weight, dtype=np.int64)
        post, pre = self.weight.shape
        size = {"x": pre, "y": post}
        self.value = {name: np.zeros(size[name[0]], np.int64) for name in self.traces}
        self.seen = dict(self.value)
        self.step_number = 0
        self.lsb = 2 ** (8 - (self.bits - (1 if self.mode == MIXED else 0)))

    def step(self, pre: Any, post: Any) -> None:
        """Advance by one step: who fires before the synapse now, and after it one step ago (bool)."""
        spikes = {"x": np.asarray(pre, bool), "y": np.asarray(post, bool)}
        for name, value in self.value.items():
            setting = self.traces[name]
            kept = float(f"{1 - 1 / setting.tau:.15g}")
            decision = self.decide(name, value * kept - np.floor(value * kept))
            value = np.minimum(value + int(setting.impulse) * spikes[name[0]], 127)
            self.seen[name] = value
            self.value[name] = np.floor(value * kept).astype(np.int64) + decision
        self._learn(spikes)
        self.step_number += 1

    def _learn(self, spikes: dict[str, Any]) -> None:
        change = sum(self._product(product, spikes) for product in self.rule)
        change = ROUNDINGS["away from zero"](np.asarray(change, dtype=float))
        whole = np.trunc(change / self.lsb)
        rest = np.abs(change / self.lsb - whole)
        added = np.sign(change) * self.decide("w", rest)
        low, high = RANGES[self.mode]
        self.weight = np.clip(self.weight + ((whole + added) * self.lsb).astype(np.int64), low, high)

    def _product(self, product: Product, spikes: dict[str, Any]) -> Any:
        value = np.full(self.weight.shape, product.mantissa * 2.0**product.exponent)
        for name in (product.dependency, *(factor.variable for factor in product.factors)):
            value = value * self._variable(name, spikes)
        return value

    def _variable(self, name: str, spikes: dict[str, Any]) -> Any:
        if name[0] == "u":
            return float(self.step_number % 2 ** int(name[1:]) == 0)
        if name == "w":
            return self.weight
        value = spikes[name[0]] if name[1] == "0" else self.seen[name]
        return value[None, :] if name[0] == "x" else value[:, None]
