"""The figures of a report, as SVG that goes into the page: no files, no network, and colours that follow the
page's own in print and in dark mode."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from .pairs import Pair
from .recordings import Recordings

MOST_SPIKES, MOST_CELLS = 4000, 200
COLOURS = ("#3b7dd8", "#e07b39", "#3fa66b", "#b8529e", "#c9a227", "#7a7a7a")


def plot(rows: int = 1, columns: int = 1, height: float = 2.6, width: float = 9.0) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UnsupportedError("a report needs matplotlib", remedy="pip install matplotlib") from error
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def svg(figure: Any, title: str) -> str:
    """Return a figure as an SVG element whose black is the page's text colour."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"(?i)#000000", "currentColor", text)
    text = re.sub(r"<text ", '<text fill="currentColor" ', text)
    text = re.sub(r'\swidth="[\d.]+pt"|\sheight="[\d.]+pt"', "", text, count=2)
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(title)}" ', 1)


def rasters(runs: Sequence[Recordings], population: int, segment: int) -> str:
    """Return the spikes of one population on every backend, in one raster, over the rates on the same axis."""
    figure, axes = plot(2)
    raster, rate = axes[:, 0]
    parts = [(run.backend, run.populations[population].segments[segment]) for run in runs]
    cells = parts[0][1].recorded
    chosen = cells[:: max(1, -(-len(cells) // MOST_CELLS))]
    t_stop = max(part.t_stop for _, part in parts)
    width = max(t_stop / 100, 1e-9)
    edges = np.arange(0.0, t_stop + width, width)
    for n, (backend, part) in enumerate(parts):
        keep = np.flatnonzero(np.isin(part.index, chosen))
        keep = keep[:: max(1, -(-len(keep) // MOST_SPIKES))]
        colour = COLOURS[n % len(COLOURS)]
        offset = 0.3 * n / max(len(parts), 1)
        behind = len(parts) - 1 - n  # wider, so that it shows below the others
        raster.plot(
            part.times[keep],
            part.index[keep] + offset,
            "|",
            ms=3 + 1.5 * behind,
            mew=0.8 + 0.4 * behind,
            color=colour,
        )
        counts = np.histogram(part.times, edges)[0]
        rates = counts / (width * 1e-3 * max(len(part.recorded), 1))
        rate.step(edges[:-1], rates, where="post", color=colour, label=backend, lw=1.2 + 1.6 * behind)
    raster.set_ylabel("cell")
    raster.set_xlim(0, t_stop)
    rate.set_xlim(0, t_stop)
    rate.set_ylabel("spikes/s")
    rate.set_xlabel("time (ms)")
    rate.legend(frameon=False, fontsize="small", ncols=len(parts))
    return svg(figure, f"spikes and rates of {runs[0].populations[population].label}")


def traces(runs: Sequence[Recordings], population: int, segment: int, name: str) -> str:
    """Return the first recorded cell's signal on every backend that recorded it."""
    figure, axes = plot(1)
    for n, run in enumerate(runs):
        signal = run.populations[population].segments[segment].signals.get(name)
        if signal is None:
            continue
        step = max(1, len(signal.values) // 3000)
        t = signal.t_start + signal.interval * np.arange(len(signal.values))
        axes[0, 0].plot(
            t[::step], signal.values[::step, 0], lw=0.9, color=COLOURS[n % len(COLOURS)], label=run.backend
        )
        axes[0, 0].set_ylabel(f"{name} ({signal.units})")
    axes[0, 0].set_xlabel("time (ms)")
    axes[0, 0].legend(frameon=False, fontsize="small", ncols=len(runs))
    return svg(figure, f"{name} of {runs[0].populations[population].label}")


def intervals(pair: Pair, reference: str, other: str) -> str:
    """Return mean intervals per neuron, one backend against the other, and the distribution of all."""
    figure, axes = plot(1, 2, height=3.0)
    scatter, histogram = axes[0]
    means, found = [], ([], [])  # type: tuple[list[tuple[float, float]], tuple[list[Any], list[Any]]]
    for _, a, b in pair.trains():
        for train, into in zip((a, b), found, strict=True):
            into.append(np.diff(train))
        if len(a) > 1 and len(b) > 1:
            means.append((float(np.diff(a).mean()), float(np.diff(b).mean())))
    x, y = np.array(means).reshape(-1, 2).T
    scatter.plot(x, y, ".", ms=4, color=COLOURS[1], alpha=0.7)
    if len(x):
        low, high = min(x.min(), y.min()), max(x.max(), y.max())
        scatter.plot([low, high], [low, high], color="#000000", lw=0.6)
    scatter.set_xlabel(f"mean interval on {reference} (ms)")
    scatter.set_ylabel(f"on {other} (ms)")
    pooled = [np.concatenate(part) if part else np.empty(0) for part in found]
    top = max([np.percentile(p, 99) for p in pooled if len(p)], default=1.0)
    for n, (name, p) in enumerate(zip((reference, other), pooled, strict=True)):
        histogram.hist(p, bins=50, range=(0, max(top, 1e-9)), histtype="step", color=COLOURS[n], label=name)
    histogram.set_xlabel("interval (ms)")
    histogram.set_ylabel("count")
    histogram.legend(frameon=False, fontsize="small")
    return svg(figure, f"intervals of {pair.population.label}")


def distances(pair: Pair, scales: Sequence[float] = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)) -> str:
    """Return Victor-Purpura and van Rossum distance per spike against the time scale, for up to 20 neurons."""
    from elephant.spike_train_dissimilarity import van_rossum_distance, victor_purpura_distance
    from neo import SpikeTrain
    from quantities import ms

    pairs = [(a, b) for _, a, b in pair.trains() if len(a) or len(b)]
    pairs = pairs[:: max(1, -(-len(pairs) // 20))]
    figure, axes = plot(1, 2, height=2.6)
    trains = [[SpikeTrain(t, units="ms", t_stop=pair.t_stop + 1e-6) for t in both] for both in pairs]
    spikes = [max(len(a) + len(b), 1) for a, b in pairs]
    victor, rossum = [], []
    for scale in scales:
        v = [victor_purpura_distance(two, 1.0 / (scale * ms))[0, 1] for two in trains]
        r = [van_rossum_distance(two, scale * ms)[0, 1] for two in trains]
        victor.append(round(float(np.mean(np.array(v) / spikes)), 6) if v else 0.0)
        rossum.append(round(float(np.mean(np.array(r) / np.sqrt(spikes))), 6) if r else 0.0)
    for axis, values, name in zip(
        axes[0], (victor, rossum), ("Victor-Purpura / spike", "van Rossum / √spikes"), strict=True
    ):
        axis.semilogx(scales, values, "o-", ms=4, color=COLOURS[1])
        axis.set_xlabel("time scale (ms)")
        axis.set_ylabel(name)
        axis.set_ylim(0, None if any(values) else 1)
        axis.set_xticks(scales, [f"{scale:g}" for scale in scales])
        axis.set_xticks([], minor=True)
    return svg(figure, f"distances of {pair.population.label}")
