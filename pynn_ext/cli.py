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

from . import listings


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
    given, rest = split_run(sys.argv[1:] if argv is None else argv)
    parser, _ = _parser()
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

    The command's options may stand before or after the script; after ``--`` everything belongs to the script. A value
    may begin with a dash. Other commands keep all arguments.
    """
    commands = _parser()[1]
    actions = commands[given[0]]._actions if given and given[0] in commands else []
    if not any(action.dest == "script" for action in actions):
        return given, []
    known = {
        name: action.nargs != 0  # whether a value follows
        for action in actions
        if action.dest != "help"  # behind a script it asks for the script's
        for name in action.option_strings
    }
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


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser, and those of the commands."""
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
    _add_backends(commands)
    _add_models(commands)
    _add(commands, "doctor", _doctor, "check the installation and say what to type if something is missing")
    _add_example(commands)
    return parser, commands.choices


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
        say=lambda line: print(f"pynn-ext: {line}", file=sys.stderr, flush=True),
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


def _add_backends(commands: Any) -> None:
    parser = _add(commands, "backends", listings.backends, "list the backends, or show the record of a chip")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a chip: its limits, arithmetic, time, energy"
    )


def _add_models(commands: Any) -> None:
    summary = "list cell types, synapse types and current sources, or show one"
    parser = _add(commands, "models", listings.models, summary)
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="show this one: parameters, equations, method"
    )
    parser.add_argument(
        "--backend", metavar="NAME", help="say which of them this backend has, and why not the others"
    )


def _doctor(options: argparse.Namespace, arguments: list[str]) -> int:
    from .doctor import essential_missing, examine, report

    findings = examine()
    print(report(findings, options.json))
    return 1 if essential_missing(findings) else 0


def _add_example(commands: Any) -> None:
    parser = _add(commands, "example", listings.example, "list the examples, or print one")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument(
        "--path", action="store_true", help="print where the script lies instead of the script"
    )


if __name__ == "__main__":
    raise SystemExit(main())
