"""The figures of what a chip did: latencies by hops, use of the cores against their limits, energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .figures import COLOURS, plot, svg

MOST_CORES, MOST_HOPS = 40, 6


def energy(parts: Mapping[str, Mapping[str, float]], unit: str) -> str:
    """Return a stacked bar for each kind of energy, dynamic and static, and its components."""
    figure, axes = plot(1, height=0.9 + 0.45 * len(parts))
    axis = axes[0, 0]
    handles: dict[str, Any] = {}
    colours = {
        name: COLOURS[n % len(COLOURS)] for n, name in enumerate(n for part in parts.values() for n in part)
    }
    for kind, part in parts.items():
        left = 0.0
        for name, value in part.items():
            bar = axis.barh(kind, value, left=left, color=colours[name], height=0.6)
            handles.setdefault(f"{name} {value:,.0f}" if value >= 100 else f"{name} {value:.3g}", bar)
            left += value
    axis.invert_yaxis()
    axis.set_xlabel(f"energy ({unit})")
    figure.legend(
        handles.values(), handles.keys(), frameon=False, fontsize="small", ncols=4, loc="outside upper left"
    )
    return svg(figure, "energy by component")


def latencies(edges: Sequence[float], hops: Mapping[str, Sequence[int]]) -> str:
    """Return the distribution of latencies and its cumulative sum, for each number of hops."""
    figure, axes = plot(1, 2, height=2.8)
    counts, cumulative = axes[0]
    shown = list(hops.items())[:: max(1, -(-len(hops) // MOST_HOPS))]
    for n, (h, values) in enumerate(shown):
        label = f"{h} hop{'' if h == '1' else 's'}"
        colour = COLOURS[n % len(COLOURS)]
        counts.stairs(values, edges, color=colour, label=label)
        share = np.concatenate([[0], np.cumsum(values)]) / max(sum(values), 1)
        cumulative.plot(edges, share, color=colour, label=label)
    counts.set_ylabel("messages")
    cumulative.set_ylabel("part of the messages")
    cumulative.set_ylim(0, 1.02)
    for axis in (counts, cumulative):
        axis.set_xlabel("latency (cycles)")
    cumulative.legend(frameon=False, fontsize="small")
    return svg(figure, "latencies by hops")


def use(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how full each core is, in per cent of each limit that the rows tell: of a row, `name` is the used
    number and ``of`` or ``of_name`` the limit."""
    figure, axes = plot(1, height=2.6)
    axis, rows = axes[0, 0], rows[:MOST_CORES]
    limits = {
        (k.removeprefix("of_") if k != "of" else "cells"): k
        for k in rows[0]
        if k == "of" or k.startswith("of_")
    }
    width = 0.8 / max(len(limits), 1)
    for n, (name, limit) in enumerate(limits.items()):
        full = [100.0 * row[name] / row[limit] if row[limit] else 0.0 for row in rows]
        at = np.arange(len(rows)) + (n - (len(limits) - 1) / 2) * width
        axis.bar(at, full, width, color=COLOURS[n % len(COLOURS)], label=name)
    axis.axhline(100.0, color="#000000", lw=0.8, ls="--")
    axis.set_xticks(range(len(rows)), [str(row["core"]) for row in rows])
    axis.set_xlabel("core")
    axis.set_ylabel("% of the limit")
    figure.legend(frameon=False, fontsize="small", ncols=len(limits) or 1, loc="outside upper left")
    return svg(figure, "use of the cores against their limits")
