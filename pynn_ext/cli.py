"""The command ``pynn-ext``: run a script, list backends and models, check the installation, show examples.

Exit codes: 0 ok, 1 the script failed (its own traceback is shown as it is) or something essential is missing, 2
the command was not understood, 3 the backend does not support what was asked, 4 a comparison breaks a given
limit. Nothing but the standard library is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

#: Options of the commands that run a script, and whether a value follows. A value of --script, --setup and --chip may
#: begin with a dash.
OURS = {
    "sweep": {
        "--backend": 1,
        "--reference": 1,
        "--script": 1,
        "--setup": 1,
        "--chip": 1,
        "--measure": 1,
        "--show": 1,
        "--pareto": 1,
        "--plot": 1,
        "--folder": 1,
        "--scheduler": 1,
        "--workers": 1,
        "--limit": 1,
        "--json": 0,
    },
    "run": {"--backend": 1, "--replace": 1, "--progress": 0, "--no-progress": 0, "--json": 0},
    "compare": {
        "--backends": 1,
        "--report": 1,
        "--folder": 1,
        "--tolerance": 1,
        "--limit": 1,
        "--fail": 1,
        "--stages": 0,
        "--measure": 1,
        "--json": 0,
    },
}


def main(argv: list[str] | None = None) -> int:
    """Execute a command.

    Parameters
    ----------
    argv : list of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    given = sys.argv[1:] if argv is None else argv
    rest: list[str] = []
    if given and given[0] in OURS:
        given, rest = split_run(given)
    parser = _parser()
    options = parser.parse_args(given)
    if options.command is None:
        parser.print_help(sys.stderr)
        return 2
    from .errors import PynnExtError

    try:
        return int(options.function(options, rest))
    except PynnExtError as error:
        parts = [error.what, error.limit, error.remedy and f"Remedy: {error.remedy}"]
        print(f"pynn-ext: {'. '.join(filter(None, parts))}", file=sys.stderr)
        return _code(error)
    except BrokenPipeError:  # the reader, for example ``head``, has seen enough
        sys.stderr.close()
        return 0


def _code(error: Exception) -> int:
    from .errors import UnsupportedError, UsageError

    return 2 if isinstance(error, UsageError) else 3 if isinstance(error, UnsupportedError) else 1


def split_run(given: list[str]) -> tuple[list[str], list[str]]:
    """Divide the arguments of a command that runs a script into its own, with the script, and the script's.

    The command's options may stand before or after the script; after ``--`` everything belongs to the script.
    """
    known = OURS[given[0]]
    ours, theirs, script = given[:1], [], None
    arguments = iter(given[1:])
    for argument in arguments:
        name = argument.split("=", 1)[0]
        if argument == "--":
            theirs += [next(arguments, "")] if script is None else []
            theirs += list(arguments)
        elif name in known:
            ours.append(argument)
            if known[name] and "=" not in argument:
                ours += [value for value in [next(arguments, None)] if value is not None]
        elif script is None and not argument.startswith("-"):
            script = argument
        elif script is None:
            ours.append(argument)
        else:
            theirs.append(argument)
    if script is None and theirs:
        script = theirs.pop(0)
    return [*ours, *(["--", script] if script else [])], theirs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pynn-ext",
        description="Run an unchanged PyNN script on a compiled engine; Neo comes out.",
        epilog="exit codes: 0 ok, 1 the script failed, 2 usage, 3 not supported by the backend, 4 a limit is broken",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_run(commands)
    _add_compare(commands)
    _add_sweep(commands)
    backends = _add(commands, "backends", _backends, "list the backends, or show the record of a chip")
    backends.add_argument(
        "name", nargs="?", metavar="NAME", help="a chip: its limits, arithmetic, time, energy"
    )
    models = _add(
        commands, "models", _models, "list cell types, synapse types and current sources, or show one"
    )
    models.add_argument(
        "name", nargs="?", metavar="NAME", help="show this one: parameters, equations, method"
    )
    models.add_argument(
        "--backend", metavar="NAME", help="say which of them this backend has, and why not the others"
    )
    _add(commands, "doctor", _doctor, "check the installation and say what to type if something is missing")
    example = _add(commands, "example", _example, "list the examples, or print one")
    example.add_argument("name", nargs="?", metavar="NAME")
    example.add_argument(
        "--path", action="store_true", help="print where the script lies instead of the script"
    )
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *args: Any) -> None:
        from . import __version__

        print(f"pynn-ext {__version__}")
        parser.exit()


def _add(commands: Any, name: str, function: Any, summary: str, **options: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False, **options
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=name, function=function)
    return parser


def _add_run(commands: Any) -> None:
    parser = _add(
        commands,
        "run",
        _run,
        "run an unmodified PyNN script",
        usage="pynn-ext run SCRIPT [--backend NAME] [script arguments]",
        epilog="The options may stand before or after SCRIPT; everything after -- goes to the script.",
    )
    parser.add_argument("script", metavar="SCRIPT")
    parser.add_argument(
        "--backend",
        metavar="NAME",
        help="run on this backend: it becomes the script's first argument, or replaces the one the script imports",
    )
    parser.add_argument(
        "--replace", metavar="NAME", help="the backend in the script, for example nest, whose place is taken"
    )
    parser.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show progress with the time remaining (default: on a terminal)",
    )


def _run(options: argparse.Namespace, arguments: list[str]) -> int:
    from .runner import run

    progress = sys.stderr.isatty() if options.progress is None else options.progress
    return run(options.script, arguments, options.backend, options.replace, progress, options.json)


def _add_compare(commands: Any) -> None:
    parser = _add(
        commands,
        "compare",
        _compare,
        "run an unmodified PyNN script on several backends and say where and why they part",
        usage="pynn-ext compare SCRIPT --backends A,B,… [options] [script arguments]",
        epilog="The first backend is the reference. Exit code 4: a limit given by --fail is broken.",
    )
    parser.add_argument("script", metavar="SCRIPT")
    parser.add_argument("--backends", metavar="A,B", required=True, help="names, the reference first")
    parser.add_argument("--report", metavar="FILE", help="write the report (HTML) to this file as well")
    parser.add_argument("--folder", metavar="FOLDER", help="where results go (default: SCRIPT-compare)")
    parser.add_argument(
        "--tolerance", metavar="MS", type=float, help="spikes closer than this agree (default: a step)"
    )
    parser.add_argument("--limit", metavar="SECONDS", type=float, help="stop a backend after this time")
    parser.add_argument(
        "--stages", action="store_true", help="go to each chip in steps and say what each costs"
    )
    parser.add_argument(
        "--measure",
        metavar="FILE.py:FUNCTION",
        help="with each step, numbers from its recordings: task accuracy",
    )
    parser.add_argument(
        "--fail",
        metavar="METRIC<VALUE",
        action="append",
        default=[],
        help="exit with 4 unless this holds for every backend and population, for example 'spike<0.1' or "
        "'coincident>0.95'; may be given several times",
    )


def _compare(options: argparse.Namespace, arguments: list[str]) -> int:
    from .compare.comparison import compare
    from .compare.limits import broken, parsed

    limits = [parsed(text) for text in options.fail]
    folder = Path(options.folder or f"{Path(options.script).stem}-compare")
    names = [name for name in options.backends.split(",") if name]
    found = compare(
        options.script, names, arguments, folder=folder, tolerance=options.tolerance, limit=options.limit,
        stages=options.stages, measure=options.measure,
    )  # fmt: skip
    if options.report:
        found.save(folder, options.report)
    if options.json:
        import json

        print(json.dumps(found.as_dict(), indent=1))
    else:
        print(found.verdict())
        print(f"pynn-ext: {options.report or folder / 'report.html'}", file=sys.stderr)
    lines = broken(found, limits)
    for line in lines:
        print(f"pynn-ext: {line}", file=sys.stderr)
    if not all(result.ok for result in found.results):
        return 1
    return 4 if lines else 0


def _add_sweep(commands: Any) -> None:
    parser = _add(
        commands,
        "sweep",
        _sweep,
        "run an unmodified PyNN script at every point of a grid of settings",
        usage="pynn-ext sweep SCRIPT --backend NAME [--script|--setup|--chip NAME=A,B]... [options] [arguments]",
        epilog="Exit code 1: a point failed. The same command goes on where an interrupted one stopped.",
    )
    parser.add_argument("script", metavar="SCRIPT")
    parser.add_argument("--backend", metavar="NAME", required=True)
    parser.add_argument("--reference", metavar="NAME", help="compare each point with this backend")
    for name, what in (
        ("script", "an argument of the script, for example --script=--cells=100,200"),
        ("setup", "a keyword of setup(), for example --setup partition=sequential,greedy"),
        ("chip", "an entry of setup(chip=...), for example --chip cells=64,128"),
    ):
        parser.add_argument(
            f"--{name}",
            dest=f"{name}_axes",
            metavar="NAME=A,B",
            action="append",
            default=[],
            help=f"vary {what}",
        )
    parser.add_argument(
        "--measure", metavar="FILE.py:FUNCTION", help="further numbers from a run's recordings"
    )
    parser.add_argument("--show", metavar="A,B", help="measures in the printed table (default: a few)")
    parser.add_argument("--pareto", metavar="X,Y", help="draw these two measures; max:NAME if large is good")
    parser.add_argument("--plot", metavar="FILE", help="where to draw them (default: FOLDER/pareto.png)")
    parser.add_argument(
        "--folder", metavar="FOLDER", help="where results go and go on (default: SCRIPT-sweep)"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, or mpi (under mpirun)")
    parser.add_argument(
        "--workers", metavar="N", type=int, help="local processes (default: one for each core)"
    )
    parser.add_argument("--limit", metavar="SECONDS", type=float, help="stop a point after this time")


def _sweep(options: argparse.Namespace, arguments: list[str]) -> int:
    from .sweep.command import execute

    return execute(options, arguments)


# --- lists ------------------------------------------------------------------------------------------------------


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


def _backends(options: argparse.Namespace, rest: list[str]) -> int:
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


def _models(options: argparse.Namespace, rest: list[str]) -> int:
    from .plugins import backend_summary
    from .runner import safe_imports

    if options.backend:
        backend_summary(options.backend)  # refuses an unknown name before anything slow is imported
    with safe_imports():
        from . import catalogue

        if options.name:
            entry = catalogue.entry(options.name)
            _print_table([entry.as_dict()], [], True) if options.json else print(catalogue.markdown(entry))
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


def _doctor(options: argparse.Namespace, rest: list[str]) -> int:
    from .doctor import essential_missing, examine, report

    findings = examine()
    print(report(findings, options.json))
    return 1 if essential_missing(findings) else 0


# --- examples -----------------------------------------------------------------------------------------------------


def examples_folder() -> Path:
    """Return the folder of the examples: in the package once installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "examples"
    return inside if inside.is_dir() else here.parent / "examples"


def _example(options: argparse.Namespace, rest: list[str]) -> int:
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


if __name__ == "__main__":
    raise SystemExit(main())
