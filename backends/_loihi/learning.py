"""The learning engine of Loihi: traces, and sums of products, once per epoch.

Traces x1 x2 (before the synapse), y1 y2 y3 (after it) are integers of 7 bits with stochastic rounding, weights
and tags have 9 bits. The reward trace r1 belongs to all synapses (Davies 2018, table 1); that its arithmetic is that of
the other traces is inferred. A rule is ``z := z + sum_i S_i prod_j (V_ij + C_ij)`` for z in weight, delay, tag (Davies
2018, equation 4). What is not public of the chip, the order of roundings and the random generators, is that of
Lava 0.10.0 (``connection.py``, ``learning``): equal to it with its own draws.

Within an epoch of T steps, the step k of a neuron's first spike is kept; each further one adds the impulse at once and
is kept instead. ``impulse = n + f / 256``: value + n + [r < f], clipped to 0 … 127 (r = 0 for those further ones
of x). At the end of the epoch each trace is
run through again, ``h_s = floor(y) + [r < y - floor(y)]`` with ``y = exp(-1 / tau) h_{s-1}``, plus the impulse at
the step that was kept. Then for every synapse::

    acc = z << 7
    for each product: r = [its spike occurred], times each factor (a trace at the step of that spike, or at the
        end of the epoch; weight, tag, delay; sign if asked), clipped to its width W, times the mantissa
        r >>= max(0, sum of W + 4 - 15);  r <<= exponent + 7;  clipped to 16 bits
        acc = clip(acc + r)
    y = acc / 128;  z = floor(y) + [r_w < y - floor(y)], clipped

A product whose widths sum to more than 11 bits comes out smaller by the uncompensated shift, as on the chip (where,
according to nengo-loihi, it is by one bit less for two traces): `Product.shift` tells by how much."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pynn_ext.chip.formats import stochastic
from pynn_ext.errors import NetworkError

from .formats import TRACE

Integers = npt.NDArray[np.int64]

TRACES = ("x1", "x2", "y1", "y2", "y3")
REWARD = "r1"
WIDTH = {"x": 7, "y": 7, "r": 7, "w": 9, "t": 9, "d": 9, "C": 8, "0": 1}
ACCUMULATOR = 2**15
FRACTION = 7
CLIPS = {1: (-256, 255), 2: (0, 255), 3: (-255, 0)}
TAGS, TRACE_MAX = (-257, 255), TRACE.high


@dataclass(frozen=True)
class Factor:
    """``variable + constant`` or ``sgn(variable)``; a variable of "" is the constant alone."""

    variable: str
    constant: int | None = None
    sign: bool = False

    @property
    def width(self) -> int:
        """Bits of its value, without sign."""
        if not self.variable:
            return WIDTH["C"]
        return WIDTH["0"] if self.variable in ("x0", "y0") else WIDTH[self.variable[0]]


@dataclass(frozen=True)
class Product:
    """``mantissa * 2^exponent`` times factors, if its dependency (x0, y0 or u_k) is met."""

    dependency: str
    mantissa: int
    exponent: int
    factors: tuple[Factor, ...]

    @property
    def shift(self) -> int:
        """By how many bits the result is shifted down."""
        return max(0, sum(factor.width for factor in self.factors) + 4 - 15)


def parsed(text: str) -> list[Product]:
    """Return the products of a rule such as ``"2^-3*y0*x1 - 2^-3*x0*(y1 - 20)"``.

    Raises
    ------
    NetworkError
        If the text is no rule, or a number is beyond what the chip has.
    """
    products = []
    for sign, term in re.findall(
        r"([+-]?)\s*((?:\([^()]*\)|\^-?\d+|[^-+()\s]|\bsgn\([^()]*\)|\s(?![+-]))+)", text
    ):
        products.append(_product(-1 if sign == "-" else 1, term.replace(" ", ""), text))
    return products


def _product(sign: int, term: str, text: str) -> Product:
    dependency, mantissa, exponent, factors = "", sign, 0, []
    for part in term.split("*"):
        if re.fullmatch(r"[xy]0|u\d", part) and not dependency:
            dependency = part
        elif match := re.fullmatch(r"2\^(-?\d+)", part):
            exponent += int(match.group(1))
        elif re.fullmatch(r"\d+", part):
            mantissa *= int(part)
        elif match := re.fullmatch(r"sgn\((\w+)\)", part):
            factors.append(Factor(match.group(1), sign=True))
        elif match := re.fullmatch(r"\(?(\w+?)([+-]\d+)?\)?", part):
            factors.append(Factor(match.group(1), int(match.group(2)) if match.group(2) else None))
        else:
            raise NetworkError(
                f"'{part}' in the rule '{text}'", remedy="write factors such as x1, (y1 - 20), sgn(w), 2^-3"
            )
    while not -8 <= mantissa <= 7 and mantissa % 2 == 0:
        mantissa, exponent = mantissa // 2, exponent + 1
    if not -8 <= mantissa <= 7 or not -7 <= exponent <= 8 or not dependency:
        raise NetworkError(
            f"the product '{term}'", where=f"rule '{text}'",
            limit="a product has a mantissa of -8 to 7, an exponent of -7 to 8 and one of x0, y0, u0 … u9",
            remedy="scale the rule",
        )  # fmt: skip
    return Product(dependency, mantissa, exponent, tuple(factors))


@dataclass(frozen=True)
class TraceSetting:
    """Impulse (with a fraction of 256ths) and time constant in steps; 0 for no trace from step to step."""

    impulse: float = 0.0
    tau: float = 0.0

    @property
    def parts(self) -> tuple[int, int]:
        """Whole impulse, and 256ths."""
        whole = int(np.floor(self.impulse))
        return whole, round((self.impulse - whole) * 256)


Draw = Callable[[str], float]


@dataclass(eq=False)
class EpochEngine:
    """Traces of two groups and the synapses between them.

    Parameters
    ----------
    rules : dict of str to list of Product
        For ``"w"``, ``"t"`` (tag) and ``"d"`` (delay), as far as they learn.
    traces : dict of str to TraceSetting
        For ``x1`` … ``y3``, and for ``r1`` if there is a reward.
    pre, post : ndarray
        int64, shape ``(synapses,)``: neurons at the ends of each synapse.
    weight : ndarray
        int64, shape ``(synapses,)``.
    epoch : int
        Steps of an epoch.
    mode : int
        1 mixed, 2 excitatory, 3 inhibitory.
    draw : callable
        ``draw(kind)`` returns the next random number: ``"x decay"`` and ``"y decay"`` in [0, 1), ``"x impulse"`` and
        ``"y impulse"`` 0 … 255 (Lava: 0 … 127, so that it adds more than the fraction), ``"rounding"`` in [0, 1). The
        first four are asked for twice in each step, and so are ``"r decay"`` and ``"r impulse"`` if there is a reward.
    sizes : tuple of int
        Neurons before and after.
    bounds : tuple of int, optional
        Narrower limits of the weights, which the host would have to keep.

    Attributes
    ----------
    saturated : dict of str to int
        How often a trace (``x1`` …) or a tag (``t``) was held at its limit.
    """

    rules: dict[str, list[Product]]
    traces: dict[str, TraceSetting]
    pre: Integers
    post: Integers
    weight: Integers
    epoch: int
    mode: int
    draw: Draw
    sizes: tuple[int, int]
    bounds: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.names = (*TRACES, *(name for name in self.traces if name == REWARD))
        self.sides = "".join(dict.fromkeys(name[0] for name in self.names))
        self.traces = {name: self.traces.get(name, TraceSetting()) for name in self.names}
        self.weight = np.array(self.weight, dtype=np.int64)
        self.tag, self.delay = np.zeros_like(self.weight), np.zeros_like(self.weight)
        sizes = dict(zip("xyr", (*self.sizes, 1), strict=True))
        self.value = {name: np.zeros(sizes[name[0]], np.int64) for name in self.names}
        self.when = {side: np.zeros(sizes[side], np.int64) for side in self.sides}
        self._ends = {"x": self.pre, "y": self.post, "r": np.zeros_like(self.pre)}
        self.saturated = dict.fromkeys((*self.names, "t"), 0)
        self.step_number = 0

    def step(self, pre: Any, post: Any, rewards: int = 0) -> bool:
        """Advance by one step and return whether an epoch ended.

        Parameters
        ----------
        pre, post : ndarray
            bool: who fires in this step.
        rewards : int
            Reward spikes of this step.
        """
        self.step_number += 1
        k = (self.step_number - 1) % self.epoch + 1
        draws = {
            f"{side} {kind}": (self.draw(f"{side} {kind}"), self.draw(f"{side} {kind}"))
            for side in self.sides
            for kind in ("decay", "impulse")
        }
        for side, times in (("x", pre), ("y", post), ("r", [rewards]))[: len(self.sides)]:
            spikes = np.asarray(times, bool)
            r = 0 if side == "x" else draws[f"{side} impulse"][0]  # before the synapse none is drawn for it
            self._again(side, spikes & (self.when[side] > 0), r)
            for _ in range(rewards - 1 if side == "r" else 0):
                self._again(side, spikes, r)
            self.when[side][spikes] = k
        if k == self.epoch:
            self._end_of_epoch(draws)
        return k == self.epoch

    def _again(self, side: str, again: Any, r: float) -> None:
        """Add the impulses of spikes that are not the only ones of their neuron in this epoch."""
        if again.any():
            for name in (name for name in self.names if name[0] == side):
                self.value[name] = self._with_impulse(name, self.value[name], again, r)

    def _with_impulse(self, name: str, value: Integers, spikes: Any, r: float) -> Integers:
        whole, fraction = self.traces[name].parts
        more = value + np.where(spikes, whole + (r < fraction), 0)
        self.saturated[name] += int(np.count_nonzero(more > TRACE_MAX))
        return np.clip(more, 0, TRACE_MAX)

    def _end_of_epoch(self, draws: dict[str, tuple[float, float]]) -> None:
        history = {}
        for name in self.names:
            side = name[0]
            history[name] = self._history(name, draws[f"{side} decay"][1], draws[f"{side} impulse"][1])
        before = {"w": self.weight, "t": self.tag, "d": self.delay}
        r = self.draw("rounding")  # one for all three
        after = {name: self._learned(name, before, history, r) for name in "wdt" if self.rules.get(name)}
        self.weight, self.tag, self.delay = (after.get(name, before[name]) for name in "wtd")
        for name in self.names:
            self.value[name] = history[name][-1]
        for side in self.sides:
            self.when[side][:] = 0

    def _history(self, name: str, r_decay: float, r_impulse: float) -> Integers:
        """Return the trace at the beginning of the epoch and after each of its steps, shape ``(T + 1, n)``."""
        setting, when = self.traces[name], self.when[name[0]]
        factor = np.exp(-1.0 / setting.tau) if setting.tau else 0.0
        rows = [self.value[name]]
        for s in range(1, self.epoch + 1):
            value = stochastic(factor * rows[-1], r_decay)
            rows.append(self._with_impulse(name, value, when == s, r_impulse))
        return np.array(rows)

    def _learned(
        self, name: str, before: dict[str, Integers], history: dict[str, Integers], r: float
    ) -> Integers:
        accumulator = before[name] << FRACTION
        for product in self.rules[name]:
            accumulator = _clipped(accumulator + self._value(product, before, history))
        if name == "d" or (name == "w" and self.mode == 2):
            accumulator = np.maximum(accumulator, 0)
        elif name == "w" and self.mode == 3:
            accumulator = np.minimum(accumulator, 0)
        value = stochastic(accumulator / 2.0**FRACTION, r)
        low, high = {"w": self.bounds or CLIPS[self.mode], "t": TAGS, "d": (0, 255)}[name]
        if name == "t":
            self.saturated[name] += int(np.count_nonzero((value < low) | (value > high)))
        return np.clip(value, low, high)

    def _value(self, product: Product, before: dict[str, Integers], history: dict[str, Integers]) -> Integers:
        when, occurred = self._dependency(product.dependency)
        result = np.broadcast_to(occurred, self.weight.shape).astype(np.int64)
        for factor in product.factors:
            value = self._factor(factor.variable, when, before, history) + (factor.constant or 0)
            if factor.sign:
                value = np.sign(value)
            result = result * np.clip(value, -(2**factor.width), 2**factor.width - 1)
        result = (result * product.mantissa) >> product.shift
        exponent = product.exponent + FRACTION
        return _clipped(result << exponent if exponent >= 0 else result >> -exponent)

    def _dependency(self, name: str) -> tuple[Any, Any]:
        """Return the step at which traces are looked up, and whether the product counts, for each synapse."""
        if name[0] == "u":
            return self.epoch, (self.step_number // self.epoch) % 2 ** int(name[1:]) == 0
        steps = self.when[name[0]][self.ends(name[0])]
        return steps, steps > 0

    def ends(self, side: str) -> Integers:
        """Return, for each synapse, the neuron before it (``x``) or after it (``y``), or 0 (``r``)."""
        return self._ends[side]

    def _factor(self, name: str, when: Any, before: dict[str, Integers], history: dict[str, Integers]) -> Any:
        if not name:
            return np.array(0)
        if name in history:
            return history[name][when, self.ends(name[0])]
        if name in ("x0", "y0"):
            return (self.when[name[0]] > 0)[self.ends(name[0])].astype(np.int64)
        return before[name[0]]


def _clipped(values: Integers) -> Integers:
    return np.clip(values, -ACCUMULATOR - 1, ACCUMULATOR - 1)
