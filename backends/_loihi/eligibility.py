"""Eligibilities in the tags of the learning engine, which the reward trace turns into weight.

A rule with an eligibility c and a signal n, and what it becomes with tags ``t = q c`` and the reward trace ``r1 = n /
h``::

    c += A at spikes, dc/dt = -c / tau_c        t := t + q A at x0, y0 - (1 - exp(-P / tau_c)) t every P
    dw/dt = c (n - b)                           w := w + u h P' / q t (r1 - b / h) every P'

P and P' are powers of two of the epoch (u0 ... u9): a spike between two updates acts as if it came with the later one,
but each update is rounded at random, so the longest below a sixteenth of the time constants that the range of S allows,
or else the shortest beyond. q makes the coefficient of w exact, and leaves room in the 9 bits of a tag for about eight
times what the strongest pair changes; that of the decay is the first within 3 %."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pynn_ext.network import SynapseModel

from .learning import REWARD, TAGS, Factor, Product
from .microcode import (
    EXPONENT_MAX,
    EXPONENT_MIN,
    MANTISSA_MAX,
    UNITS,
    Microcode,
    Reward,
    add_all,
    approximated,
    begun,
    obtained,
)
from .polynomial import InexpressibleError, Term, terms

ROOM_FOR = 8
PERIODS, STEPS = 10, 16
LARGEST_CONSTANT = 127
#: How near the coefficients of the decay have to be, and of the weight before q is adjusted.
NEAR, ADJUSTED = 0.03, 0.3


def compiled(
    model: SynapseModel, values: Mapping[str, float], units: float, reward: Reward, epoch: float
) -> Microcode:
    """Return a rule with an eligibility on the engine.

    Parameters
    ----------
    model : SynapseModel
        Its `eligibility`.
    values : mapping of str to float
        Numbers for all parameters.
    units : float
        Units of a stored weight that are a weight of 1.
    reward : Reward
        The signal.
    epoch : float
        ms.

    Raises
    ------
    InexpressibleError
        If it needs coefficients that the engine has not.
    """
    rule = model.eligibility
    assert rule is not None
    code, found = begun(model, values), terms(model, values)
    strongest = max((_size(term, values) for term in found), default=0.0)
    if strongest == 0.0:
        raise InexpressibleError("no spike changes its eligibility")
    tau, baseline = values[rule.tau], round(values[rule.baseline] / reward.unit)
    if abs(baseline) > LARGEST_CONSTANT:
        raise InexpressibleError(
            f"a baseline of {baseline} units of r1, the engine adds at most {LARGEST_CONSTANT}"
        )
    factors = (Factor("t"), Factor(REWARD, -baseline or None))
    turned = _turned(
        units * reward.unit, TAGS[1] / ROOM_FOR / strongest, factors, _periods(min(tau, reward.tau), epoch)
    )
    every = 2 ** int(turned.dependency[1:]) * epoch
    code.products.append(turned)
    code.tag_unit = units * reward.unit * every / obtained([turned])
    add_all(code, found, code.tag_unit, units, code.tags)
    code.tags += _decay(code, tau, epoch, f"decay of {rule.state}")
    code.names[rule.signal], code.impulses[REWARD] = REWARD, 1.0 / reward.unit
    code.constants.append((rule.baseline, values[rule.baseline], baseline * reward.unit, "as the signal"))
    code.constants.append(("time between updates of the weight", epoch, every, "ms"))
    return code


def _size(term: Term, values: Mapping[str, float]) -> float:
    """Return the largest change by one pair."""
    if term.offset is None:
        return abs(term.coefficient)
    ends = [values.get(name, 0.0) for name in ("w_min", "w_max")]
    return abs(term.coefficient) * max(abs(end + term.offset) for end in ends)


def _periods(tau: float, epoch: float) -> list[tuple[int, float]]:
    """Return the periods to try, as powers of two and in ms, those first that are best."""
    all_of_them = [(k, 2**k * epoch) for k in range(PERIODS) if k == 0 or 2**k * epoch <= tau / 2]
    short = [each for each in all_of_them if each[1] <= tau / STEPS]
    return short[::-1] + all_of_them[len(short) :]


def _turned(
    amount: float, q: float, factors: tuple[Factor, ...], periods: list[tuple[int, float]]
) -> Product:
    """Return the product that turns tags into weight, `amount` / q each ms, for a q near the one given."""
    for k, period in periods:
        options = [
            Product(f"u{k}", m, e, factors)
            for e in range(EXPONENT_MIN, EXPONENT_MAX + 1)
            for m in range(1, MANTISSA_MAX + 1)
        ]
        asked = period * amount / q
        best = min(options, key=lambda product: abs(obtained([product]) / asked - 1.0))
        if abs(obtained([best]) / asked - 1.0) < ADJUSTED:
            return best
    longest = max(period for _, period in periods)
    least = obtained([Product("u0", 1, EXPONENT_MIN, factors)])
    raise InexpressibleError(
        f"weights change by {longest * amount / q:.3g} units per unit of the tag and of r1 in {longest:g} ms, the "
        f"engine has {least:.3g} and more"
    )


def _decay(code: Microcode, tau: float, epoch: float, what: str) -> list[Product]:
    """Return the products that let tags decay."""
    options = []
    for k, period in _periods(tau, epoch):
        asked = float(np.expm1(-period / tau))
        found = approximated(asked, Product(f"u{k}", 1, 0, (Factor("t"),)))
        options.append((abs(obtained(found) / asked - 1.0), period, asked, found))
    near = [option for option in options if option[0] < NEAR]
    off, period, asked, found = near[0] if near else min(options, key=lambda option: option[0])
    if off > 0.1:
        raise InexpressibleError(
            f"{what}: a coefficient of {asked:.3g} every {period:g} ms, which the engine has not"
        )
    code.constants.append((f"coefficient of {what} every {period:g} ms", asked, obtained(found), UNITS))
    return found
