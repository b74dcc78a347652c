"""The command ``pynn-ext sweep``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .grid import parsed_axis
from .pareto import plot
from .sweeping import sweep


def execute(options: argparse.Namespace, arguments: list[str]) -> int:
    """Run the sweep, print a table and draw a plot; return the exit code, 1 if a point failed."""
    folder = Path(options.folder or f"{Path(options.script).stem}-sweep")
    axes = {
        kind: dict(map(parsed_axis, getattr(options, f"{kind}_axes"))) for kind in ("script", "setup", "chip")
    }
    try:
        found = sweep(
            options.script, options.backend, arguments=arguments, parameters=axes["script"], setup=axes["setup"],
            chip=axes["chip"], reference=options.reference, measure=options.measure, folder=folder,
            scheduler=options.scheduler, workers=options.workers, limit=options.limit, progress=not options.json,
        )  # fmt: skip
    except KeyboardInterrupt:
        print(
            f"\npynn-ext: interrupted; the same command goes on with {folder}/results.jsonl", file=sys.stderr
        )
        return 130
    if options.json:
        print(json.dumps(found.rows, indent=1))
    else:
        print(found.table(_columns(options.show, found)))
    if options.pareto:
        x, _, y = options.pareto.partition(",")
        path = Path(options.plot or folder / "pareto.png")
        plot(found, x, y, path)
        print(f"pynn-ext: {path}", file=sys.stderr)
    print(f"pynn-ext: {folder / 'table.csv'}", file=sys.stderr)
    return 1 if any(row["error"] for row in found.rows) else 0


def _columns(shown: str | None, found: Any) -> list[str]:
    known = found.measures()
    if shown:
        return [name for name in shown.split(",") if name]
    usual = ["spikes", "energy_nJ", "latency_cycles.mean", "lost", "spike", "run_s"]
    return [name for name in usual if name in known]
