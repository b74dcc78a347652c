"""The commands that list what there is, or show one of it: backends, models, examples.

Each prints a table, with ``--json`` the same rows as JSON.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def _print_table(rows: list[dict[str, Any]], columns: list[str], as_json: bool) -> None:
    """Print rows as JSON, or as columns of which the last may be long."""
    if as_json:
        import json

        print(json.dumps(rows, indent=2))
        return
    widths = {c: max([len(str(row[c])) for row in rows], default=0) for c in columns[:-1]}
    for row in rows:
        cells = [str(row[c]).ljust(widths[c]) for c in columns[:-1]]
        print("  ".join([*cells, str(row[columns[-1]])]).rstrip())


def backends(options: argparse.Namespace, rest: list[str]) -> int:
    """Execute ``pynn-ext backends``."""
    from .plugins import backend_names, backend_summary
    from .runner import safe_imports

    if options.name:
        summary = backend_summary(options.name)  # refuses an unknown name before anything slow is imported
        with safe_imports():
            from . import chip_pages

            if options.json:
                from dataclasses import asdict

                record = [asdict(entry) for entry in chip_pages.record_of(options.name)]
                _print_table([row | {"value": chip_pages.shown(row["value"])} for row in record], [], True)
            else:
                print(f"# {summary}\n\n{chip_pages.page(options.name)}")
        return 0
    rows = [{"name": name, "summary": backend_summary(name)} for name in backend_names()]
    _print_table(rows, ["name", "summary"], options.json)
    return 0


def models(options: argparse.Namespace, rest: list[str]) -> int:
    """Execute ``pynn-ext models``."""
    from .plugins import backend_summary
    from .runner import safe_imports

    if options.backend:
        backend_summary(options.backend)  # refuses an unknown name before anything slow is imported
    with safe_imports():
        from . import catalogue, model_pages

        if options.name:
            entry = catalogue.entry(options.name)
            _print_table([entry.as_dict()], [], True) if options.json else print(model_pages.markdown(entry))
            return 0
        rows = [entry.as_dict() for entry in (*catalogue.entries(), *catalogue.procedure_entries())]
        refused = catalogue.refusals(options.backend) if options.backend else {}
    columns = ["name", "kind", "status", "backends", "summary"]
    if options.backend:
        columns[3] = "available"
        rows = [row | {"available": "yes"} for row in rows if options.backend in row["backends"]]
        no = {"kind": "-", "status": "-", "available": "no"}
        rows += [no | {"name": name, "summary": reason} for name, reason in sorted(refused.items())]
    if not options.json:
        short = [{"status": row["status"].split()[0].rstrip(":,")} for row in rows]
        rows = [
            row
            | s
            | {"backends": " ".join(row.get("backends", [])), "summary": row.get("described", row["summary"])}
            for row, s in zip(rows, short, strict=True)
        ]
    _print_table(rows, columns, options.json)
    return 0


def examples_folder() -> Path:
    """Return the folder of the examples: in the package once installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "examples"
    return inside if inside.is_dir() else here.parent / "examples"


def example(options: argparse.Namespace, rest: list[str]) -> int:
    """Execute ``pynn-ext example``."""
    import ast

    from .errors import UsageError, suggestion

    folder = examples_folder()
    paths = [path for path in sorted(folder.rglob("*.py")) if path.stem[0] != "_"]
    scripts = {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}
    if options.name:
        path = scripts.get(options.name.removesuffix(".py"))
        if path is None:
            raise UsageError(
                f"there is no example named {options.name!r}", remedy=suggestion(options.name, scripts)
            )
        text = path.read_text(encoding="utf-8")
        if options.json:
            _print_table(
                [{"name": options.name.removesuffix(".py"), "path": str(path), "script": text}], [], True
            )
        else:
            sys.stdout.write(f"{path}\n" if options.path else text)
        return 0
    rows = []
    for name, path in scripts.items():
        summary = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        rows.append({"name": name, "path": str(path), "summary": summary})
    _print_table(rows, ["name", "path" if options.path else "summary"], options.json)
    return 0
