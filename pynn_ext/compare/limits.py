"""Limits on how far backends may part, as text: ``metric<value`` or ``metric>value``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError, suggestion
from .pairs import Agreement

if TYPE_CHECKING:
    from .comparison import Comparison

#: What can be limited, from an `Agreement`.
METRICS = {
    "coincident": lambda a: a.coincident,
    "rate": lambda a: abs(a.rate[1] - a.rate[0]) / a.rate[0] if a.rate[0] else abs(a.rate[1]),
    "cv": lambda a: abs(a.cv[1] - a.cv[0]),
    "rate_correlation": lambda a: a.rate_correlation,
    "isi": lambda a: a.isi,
    "spike": lambda a: a.spike,
    "synchronisation": lambda a: a.synchronisation,
}


def overall(agreements: Sequence[Agreement]) -> dict[str, float]:
    """Return the mean of each metric over populations and segments, weighted by their spikes."""
    weights = np.array([max(sum(a.spikes), 1) for a in agreements], dtype=float)
    found = {}
    for name, value in METRICS.items():
        values = np.array([value(a) for a in agreements], dtype=float)
        known = np.isfinite(values)
        found[name] = (
            float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")
        )
    return found


@dataclass(frozen=True)
class Limit:
    """``metric < value`` or ``metric > value``."""

    metric: str
    sign: str
    value: float

    def holds(self, agreement: Agreement) -> bool:
        """Return whether it holds; what is not a number (a correlation of constants) holds."""
        found = METRICS[self.metric](agreement)
        if found != found:
            return True
        return found < self.value if self.sign == "<" else found > self.value


def parsed(text: str) -> Limit:
    """Return the limit that `text` states.

    Raises
    ------
    UsageError
        If it states none.
    """
    match = re.fullmatch(r"\s*(\w+)\s*([<>])\s*([-+.\deE]+)\s*", text)
    try:
        value = float(match.group(3)) if match else None
    except ValueError:
        value = None
    if match is None or value is None:
        raise UsageError(
            f"--fail {text!r}", remedy="write metric<value or metric>value, for example 'spike<0.1'"
        )
    if match.group(1) not in METRICS:
        raise UsageError(f"there is no metric {match.group(1)!r}", remedy=suggestion(match.group(1), METRICS))
    return Limit(match.group(1), match.group(2), value)


def broken(comparison: Comparison, limits: list[Limit]) -> list[str]:
    """Return a line for each limit that does not hold, by backend and population."""
    return [
        f"{result.backend}: {agreement.population}: {limit.metric} is {METRICS[limit.metric](agreement):.6g}, "
        f"not {limit.sign} {limit.value:g}"
        for result in comparison.results[1:]
        for agreement in result.agreements
        for limit in limits
        if not limit.holds(agreement)
    ]
