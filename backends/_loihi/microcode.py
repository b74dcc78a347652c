"""A plasticity rule as products of the learning engine.

A rule fits the engine if the change of a weight at a spike is a sum of products of traces, the weight and numbers,
which are the `terms` of its `polynomial`::

    w := w + sum_i c_i prod_j T_ij w^m_i  ->  z := z + sum_i S_i prod_j V_ij (w + C_i)

On the chip a spike adds an impulse I to a trace, ``V = I T``, and a weight is ``u`` units large, so that ``S_i = u c_i
/ (prod I u^m)``. The statements mean traces as they are before a spike; the engine's have the impulse of that spike
already, so a trace of the side that fires becomes ``V - I``. S is a mantissa of four bits times a power of two. For
each trace the impulse is chosen between 20 and 40 (less where S would be too small, or where 100 spikes/s would take
the trace beyond 127) such that one product is exact; where another one is not, a second product adds what is missing.
A product that the engine cannot have, and that is less than a hundredth of another one at the same spikes (the
A2_plus of `TripletRule`), is left out, which is among the roundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from pynn_ext.network import SynapseModel

from .formats import TRACE
from .learning import REWARD, Factor, Product
from .polynomial import InexpressibleError, Term, terms

CHIP_TRACES = {"x": ("x1", "x2"), "y": ("y1", "y2", "y3")}
MANTISSA_MIN, MANTISSA_MAX = -8, 7
EXPONENT_MIN, EXPONENT_MAX = -7, 8
LARGEST_CONSTANT = 255
TRACE_MAX = TRACE.high
LEAST_IMPULSE, LARGEST_IMPULSE = 1.0, 40.0
#: Spikes per ms that a trace has room for, on average.
RATE = 0.1
CLOSE = 0.01
UNITS = "units of the chip"


@dataclass
class Microcode:
    """A rule on the engine.

    Attributes
    ----------
    products, tags : list of Product
        For the weight and the tag.
    tag_unit : float
        Units of a tag that are an eligibility of 1.
    impulses, room : dict of str to float
        By trace of the engine: the impulse, and the largest that leaves room for others.
    taus : dict of str to str
        By trace of the engine: the parameter that is its time constant.
    names : dict of str to str
        By trace of the rule: the engine's.
    constants : list of (str, float, float, str)
        Coefficients and offsets: what, asked for, obtained, and unit.
    """

    products: list[Product] = field(default_factory=list)
    tags: list[Product] = field(default_factory=list)
    tag_unit: float = 1.0
    impulses: dict[str, float] = field(default_factory=dict)
    room: dict[str, float] = field(default_factory=dict)
    taus: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    constants: list[tuple[str, float, float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Reward:
    """The reward trace r1: its impulse, what a unit of it is of the signal, and its time constant (ms)."""

    impulse: float
    unit: float
    tau: float


def compiled(
    model: SynapseModel, values: Mapping[str, float], units: float, reward: Reward | None = None
) -> Microcode:
    """Return a rule without eligibility on the engine.

    Parameters
    ----------
    model : SynapseModel
        Its statements.
    values : mapping of str to float
        Numbers for all parameters.
    units : float
        Units of a stored weight that are a weight of 1.
    reward : Reward, optional
        What its modulator is.

    Raises
    ------
    InexpressibleError
        If it is no sum of products, or needs more traces or other coefficients than the engine has.
    """
    code = begun(model, values)
    if reward is not None:
        code.names |= dict.fromkeys(model.modulator_state, REWARD)
        code.impulses[REWARD] = 1.0 / reward.unit
    add_all(code, terms(model, values), units, units, code.products)
    return code


def begun(model: SynapseModel, values: Mapping[str, float]) -> Microcode:
    """Return microcode without products, its traces named."""
    code = Microcode()
    for side, traces in (("x", model.pre_traces), ("y", model.post_traces)):
        if len(traces) > len(CHIP_TRACES[side]):
            raise InexpressibleError(
                f"it needs {len(traces)} traces of one side, the engine has {len(CHIP_TRACES[side])}"
            )
        for name, chip in zip(traces, CHIP_TRACES[side], strict=False):
            code.names[name], code.taus[chip] = chip, traces[name]
            code.room[chip] = room(values[traces[name]])
    return code


def room(tau: float, rate: float = RATE) -> float:
    """Return the largest impulse of a trace (time constant in ms) that leaves room for so many spikes per ms."""
    return min(LARGEST_IMPULSE, TRACE_MAX / (1.0 + rate * tau))


def add_all(
    code: Microcode, found: list[Term], units: float, weight_units: float, products: list[Product]
) -> None:
    """Add the products of all terms to those of a variable.

    Parameters
    ----------
    code : Microcode
        From `begun`.
    found : list of Term
        What changes the variable.
    units, weight_units : float
        Units of the variable, and of a stored weight, that are 1 in the statements.
    products : list of Product
        Of `code`: for the variable.
    """
    for term in sorted(found, key=lambda term: (len(term.traces), term.side)):
        if _negligible(term, found, units):
            code.constants.append((f"coefficient of {term}", units * term.coefficient, 0.0, UNITS))
        else:
            products += _products(code, term, units, weight_units)
    for trace in code.taus:
        code.impulses.setdefault(trace, 0.0)


def _negligible(term: Term, others: list[Term], units: float) -> bool:
    """Whether a term is less than the engine can add at a spike, and next to nothing beside others of its side."""

    def size(each: Term) -> float:
        return abs(each.coefficient * (1.0 if each.offset is None else max(abs(each.offset), 1.0 / units)))

    largest = max(size(other) for other in others if other.side == term.side)
    return size(term) * units < LEAST_IMPULSE * 2.0**EXPONENT_MIN and size(term) < CLOSE * largest


def _products(code: Microcode, term: Term, units: float, weight_units: float) -> list[Product]:
    """Return the products of a term."""
    factors, scale = [], units * term.coefficient
    for trace in (code.names[name] for name in term.traces):
        factors.append(Factor(trace))
        scale /= code.impulses.get(trace, 1.0)
    if term.offset is not None:
        constant = round(term.offset * weight_units)
        scale /= weight_units
        if abs(constant) > LARGEST_CONSTANT:
            raise InexpressibleError(f"{term}: the engine adds at most {LARGEST_CONSTANT} units to a weight")
        factors.append(Factor("w", constant or None))
        offset = (f"offset of the weight in {term}", term.offset, constant / weight_units, "as the weight")
        code.constants.append(offset)
    shape = Product(f"{term.side}0", 1, 0, tuple(factors))
    free = [
        factor.variable
        for factor in factors
        if factor.variable in code.taus and factor.variable not in code.impulses
    ]
    for trace in dict.fromkeys(free[1:]):
        code.impulses[trace] = 0.75 * code.room[trace]
        scale /= code.impulses[trace]
    if free:
        code.impulses[free[0]], exponent = _impulse(scale, shape.shift, term, code.room[free[0]])
        found = [replace(shape, mantissa=1 if scale > 0 else -1, exponent=exponent)]
        scale /= code.impulses[free[0]]
    else:
        found = approximated(scale, shape)
        if abs(obtained(found) - scale) > 0.1 * abs(scale):
            raise InexpressibleError(
                f"{term}: a coefficient of {scale:.3g} on the engine, which is out of its range"
            )
    code.constants.append((f"coefficient of {term}", scale, obtained(found), UNITS))
    return [_before_its_own_spike(one, code.impulses, term.side) for one in found]


def _impulse(change: float, shift: int, term: Term, largest: float) -> tuple[float, int]:
    """Return an impulse (a multiple of 1 / 256), and the exponent of S, such that their product is the change."""
    exponent = max(int(np.ceil(np.log2(abs(change) / largest))), EXPONENT_MIN - shift)
    impulse = round(abs(change) / 2.0**exponent * 256) / 256
    if impulse < LEAST_IMPULSE or exponent + shift > EXPONENT_MAX:
        low, high = (
            LEAST_IMPULSE * 2.0 ** (EXPONENT_MIN - shift),
            largest * 2.0 ** (EXPONENT_MAX - shift),
        )
        raise InexpressibleError(
            f"{term}: a change of {abs(change):.3g} units of the stored weight, the engine has {low:.3g} to {high:.3g}"
        )
    return impulse, exponent + shift


def obtained(products: list[Product]) -> float:
    """Return what products of the same factors add up to."""
    return sum(p.mantissa * 2.0 ** (p.exponent - p.shift) for p in products)


def approximated(scale: float, shape: Product) -> list[Product]:
    """Return up to two products of the factors of `shape` whose S add up to `scale` as nearly as they can."""
    found: list[Product] = []
    rest = scale
    while abs(rest) > CLOSE * abs(scale) and len(found) < 2:
        options = [
            replace(shape, mantissa=m, exponent=e)
            for e in range(EXPONENT_MIN, EXPONENT_MAX + 1)
            for m in range(MANTISSA_MIN, MANTISSA_MAX + 1)
            if m
        ]
        best = min(options, key=lambda p: abs(obtained([p]) - rest))
        left = rest - obtained([best])
        if abs(left) >= abs(rest):
            break
        found.append(best)
        rest = left
    return found


def _before_its_own_spike(product: Product, impulses: Mapping[str, float], side: str) -> Product:
    """Take the impulse of a spike out of the traces of its own side: ``V`` becomes ``V - I``, I rounded."""
    factors = tuple(
        replace(factor, constant=-round(impulses[factor.variable]) or None)
        if factor.variable[0] == side and factor.variable in impulses
        else factor
        for factor in product.factors
    )
    return replace(product, factors=factors)
