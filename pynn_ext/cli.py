"""The command ``pynn-ext``: run a script, list backends and models, look over the installation, show examples.

Exit status: 0 all went well, 1 the script failed (with its own traceback) or something essential is missing, 2 wrong
usage, 3 the backend does not support what the script asks for.
"""

from __future__ import annotations

import argparse
import json
import sys

EPILOG = "A PyNN script runs unchanged; 'pynn-ext run script.py codegen' gives it the name of the backend."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pynn-ext", description=__doc__.splitlines()[0], epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a PyNN script")
    run.add_argument("--backend", help="given to the script as its first argument")
    run.add_argument("--progress", action="store_true", help="show progress even if the output is no terminal")
    run.add_argument("script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the script")
    for name, text in (("backends", "list the backends"), ("doctor", "look over the installation")):
        commands.add_parser(name, help=text).add_argument("--json", action="store_true")
    models = commands.add_parser("models", help="list the standard models")
    models.add_argument("--backend", default="codegen")
    models.add_argument("--json", action="store_true")
    example = commands.add_parser("example", help="list the examples, or print one")
    example.add_argument("name", nargs="?")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    from .errors import UsageError

    try:
        return _COMMANDS[options.command](options)
    except UsageError as error:
        print(f"pynn-ext: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    from .runner import run_script

    given = [options.backend] if options.backend else []
    return run_script(options.script, [*given, *options.arguments], progress=options.progress or sys.stderr.isatty())


def _backends(options: argparse.Namespace) -> int:
    from .plugins import backend_names, backend_summary

    found = {name: backend_summary(name) for name in backend_names()}
    _show(found, options.json)
    return 0


def _models(options: argparse.Namespace) -> int:
    from .plugins import load_backend
    from .runner import neutral_folder

    with neutral_folder():
        backend = load_backend(options.backend)
        from .models.registry import all_models
    found = {}
    for name, model in all_models().items():
        if hasattr(backend, name):
            found[name] = (model.__doc__ or "").strip().splitlines()[0]
    _show(found, options.json)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    checks = examine()
    if options.json:
        print(json.dumps([vars(check) for check in checks], indent=1))
    else:
        for check in checks:
            print(f"{'ok  ' if check.ok else 'FAIL' if check.essential else 'warn'}  {check.name}: {check.found}")
            if not check.ok:
                print(f"      {check.remedy}")
    return 0 if all(check.ok or not check.essential for check in checks) else 1


def _example(options: argparse.Namespace) -> int:
    from .runner import examples

    found = examples()
    if options.name is None:
        import ast

        _show({n: (ast.get_docstring(ast.parse(t)) or "").splitlines()[0] for n, t in found.items()}, False)
        return 0
    name = options.name.removesuffix(".py")
    if name not in found:
        from .errors import UsageError, suggestion

        raise UsageError(f"there is no example '{name}'", remedy=suggestion(name, found))
    print(found[name], end="")
    return 0


def _show(found: dict[str, str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=1))
        return
    width = max(map(len, found), default=0)
    for name, text in found.items():
        print(f"{name:{width}}  {text}")


_COMMANDS = {"run": _run, "backends": _backends, "models": _models, "doctor": _doctor, "example": _example}
