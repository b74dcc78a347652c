"""The report of a comparison: one self-contained HTML page, and a short table for notebooks.

The template escapes everything but the figures, which are made here."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import chip_tables, figures
from .pairs import Agreement, pairs
from .step_tables import steps_table

if TYPE_CHECKING:
    from .comparison import BackendResult, Comparison

MOST_POPULATIONS, MOST_SEGMENTS = 8, 4


def page(comparison: Comparison) -> str:
    """Return the page."""
    from jinja2 import Environment, FileSystemLoader

    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    template = Environment(loader=loader, autoescape=True).get_template("report.html")
    good = [r for r in comparison.results if r.recordings is not None and r.recordings.populations]
    about = comparison.as_dict()["provenance"]
    return template.render(
        title=f"{Path(comparison.script).name} on {', '.join(r.backend for r in comparison.results)}",
        about=f"{about['written']} · {about['machine']} · Python {about['python']}",
        verdict=[
            {"text": text, "ok": result.ok and result.divergence is None}
            for text, result in zip(comparison.verdict().split("\n"), comparison.results, strict=True)
        ],
        runs=[_run(result) for result in comparison.results if result.recordings],
        script=about["script"]["name"], sha256=about["script"]["sha256"],
        failures=[{"backend": r.backend, "error": r.error} for r in comparison.results if not r.ok],
        agreement=[_row(r.backend, a) for r in comparison.results[1:] for a in r.agreements
            if a.segment < MOST_SEGMENTS
        ],
        further=sum(a.segment >= MOST_SEGMENTS for r in comparison.results[1:] for a in r.agreements),
        reference=comparison.reference.backend, tolerance=f"{comparison.tolerance:g}",
        steps=[steps_table(name, found) for name, found in comparison.steps.items()],
        versions=_versions(good), figures=_figures(good), chips=[chip for r in good if (chip := chip_tables.chip(r))],
        warnings=[
            {"backend": r.backend, "text": text}
            for r in good if r.recordings
            for text in filter(None, r.recordings.about["annotations"].get("changes", "").split("; "))
        ],
    )  # fmt: skip


def summary(comparison: Comparison) -> str:
    """Return a short table, as a notebook shows it."""
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in comparison.verdict().split("\n"))
    names = ("backend", "population", "spikes", "rate", "coincident", "isi", "spike")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(_row(r.backend, a)[name]))}</td>" for name in names) + "</tr>"
        for r in comparison.results[1:]
        for a in r.agreements
    )
    return f"<ul>{lines}</ul><table><tr>{head}</tr>{rows}</table>"


def _run(result: BackendResult) -> dict[str, Any]:
    assert result.recordings is not None
    about = result.recordings.about
    figures_of = about["summary"]
    known = figures_of["networks"] > 0
    versions = ", ".join(f"{name} {number}" for name, number in about["provenance"]["packages"].items())
    return {
        "backend": result.backend,
        "neurons": f"{figures_of['neurons']:,}" if known else "–",
        "synapses": f"{figures_of['synapses']:,}" if known else "–",
        "simulated": f"{figures_of['simulated_ms']:g}" if known else "–",
        "run": f"{figures_of['run_s']:.3g}" if known else "–",
        "total": f"{figures_of['total_s']:.3g}",
        "versions": versions,
        "seed": str(about["seed"]) if about.get("seed") is not None else "–",
        "chip": (chip_tables.chip_report(result.recordings).get("chip_sha256") or "–")[:16],
    }


def _versions(good: list[BackendResult]) -> list[str]:
    """Return the versions, once if they are those of all backends."""
    told = {r.backend: _run(r)["versions"] for r in good}
    if len(set(told.values())) == 1:
        return list(told.values())[:1]
    return [f"{backend}: {text}" for backend, text in told.items()]


def _row(backend: str, a: Agreement) -> dict[str, Any]:
    return {
        "backend": backend,
        "population": a.population,
        "segment": a.segment,
        "spikes": f"{a.spikes[0]:,} → {a.spikes[1]:,}",
        "rate": f"{a.rate[0]:.4g} → {a.rate[1]:.4g}",
        "coincident": f"{100 * a.coincident:.4g} %",
        "cv": f"{a.cv[0]:.3f} → {a.cv[1]:.3f}",
        "correlation": f"{a.rate_correlation:.4f}",
        "isi": f"{a.isi:.4f}",
        "spike": f"{a.spike:.4f}",
        "sync": f"{a.synchronisation:.4f}",
        "signals": ", ".join(f"{name} {value:.4g}" for name, value in a.signals.items()),
    }


def _figures(good: list[BackendResult]) -> list[dict[str, Any]]:
    from markupsafe import Markup

    found: list[dict[str, Any]] = []

    def add(title: str, svg: str, note: str = "") -> None:
        found.append({"title": title, "svg": Markup(svg), "note": note})  # made by figures.py, not by users

    runs = [r.recordings for r in good if r.recordings]
    if not runs:
        return found
    for p, population in enumerate(runs[0].populations[:MOST_POPULATIONS]):
        shared = [run for run in runs if len(run.populations) > p and run.populations[p].segments]
        if not population.segments:
            continue
        if any(len(run.populations[p].segments[0].recorded) for run in shared):
            add(f"Spikes of {population.label}", figures.rasters(shared, p, 0))
        for name in population.segments[0].signals:
            add(f"{name} of {population.label}", figures.traces(shared, p, 0, name))
    for result in good[1:]:
        assert result.recordings is not None
        for pair in pairs(runs[0], result.recordings)[:MOST_POPULATIONS]:
            if pair.number or not len(pair.reference.times) or not len(pair.other.times):
                continue
            where = f"{pair.population.label}, {result.backend}"
            add(f"Intervals of {where}", figures.intervals(pair, runs[0].backend, result.backend))
            if all(np.array_equal(a, b) for _, a, b in pair.trains()):
                add(
                    f"Distance against time scale, {where}",
                    "",
                    "0 at every time scale: all trains are equal.",
                )
                continue
            add(f"Distance against time scale, {where}", figures.distances(pair))
    return found
