"""Why two backends part: the most likely cause of a first divergence, from what the other backend says it
changed and did.

A chip names every rounding with the population or projection it concerns, and its interconnect every message
that came late. The cause is looked for in this order: a message lost or late before the divergence; values of
the diverging population, or of projections into it, that were clipped; those that were rounded, the largest
relative deviation first; other changes; different random input."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from .pairs import Divergence
from .recordings import Recordings

OURS_ARE_ALIKE = (
    "backends of pynn_ext draw the same random numbers; other simulators have streams of their own"
)


def chip_report(recordings: Recordings) -> dict[str, Any]:
    """Return the report of a chip, empty for other backends."""
    text = recordings.about.get("annotations", {}).get("chip_report")
    return dict(json.loads(text)) if text else {}


def cause(divergence: Divergence, reference: Recordings, other: Recordings) -> str:
    """Return the most likely cause, in a sentence."""
    report, same = chip_report(other), chip_report(reference).get("roundings", [])
    roundings = [entry for entry in report.get("roundings", []) if entry not in same]  # both have the others
    found = _messages(divergence, report) or _values(divergence, roundings)
    if found:
        return found
    changes = other.about.get("annotations", {}).get("changes")
    if changes:
        return f"{other.backend} changed values: {changes}"
    if other.about.get("timestep") != reference.about.get("timestep"):
        return f"time steps differ: {reference.about['timestep']:g} and {other.about['timestep']:g} ms"
    if (
        divergence.what == "shifted"
        and abs(divergence.shift) <= 2 * float(reference.about["timestep"]) + 1e-9
    ):
        return "another integration method: the spikes are at most two time steps apart"
    if not report and not {reference.backend, other.backend} <= _ours():
        return f"random input may differ: {OURS_ARE_ALIKE}"
    return "no rounding or delay was reported: integration methods differ, and the network amplifies it"


def _ours() -> set[str]:
    from ..plugins import backend_names

    return set(backend_names())


def _messages(divergence: Divergence, report: dict[str, Any]) -> str:
    for message in report.get("late", []):
        if message["time"] <= divergence.time:
            where = f" at link {message['link']}" if message.get("link") else ""
            return (
                f"a spike of {message['source']} for {message['target']} came {message['by']}{where}, "
                f"at {message['time']:g} ms"
            )
    return ""


def _values(divergence: Divergence, roundings: list[dict[str, Any]]) -> str:
    """Clipped values first, then the largest relative deviation; those that concern the population first."""

    def concerns(entry: dict[str, Any]) -> bool:
        where = str(entry["where"])
        return where == divergence.population or where.endswith(f"→{divergence.population}")

    changed = [entry for entry in roundings if entry["changed"] or entry["clipped"]]
    if not changed:
        return ""
    worst = max(
        changed,
        key=lambda e: (concerns(e), e["clipped"] > 0, isfinite(e["worst_relative"]), e["worst_relative"]),
    )
    became = f"{worst['asked']:.6g} {worst['unit']} became {worst['got']:.6g}"
    if worst["clipped"]:
        return f"{worst['clipped']} values of {worst['quantity']} of {worst['where']} are clipped: {became}"
    return f"{worst['quantity']} of {worst['where']} rounded by up to {100 * worst['worst_relative']:.3g} %: {became}"
