"""The rooms of the house: who may import whom, what nobody may call, and how long a file may be.

Arrows point down: backends → frontend → models → network, backends → codegen → network. A room may skip
floors but never look up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
MAX_LINES = 450

#: What each room may import of ours. The modules of ``TOP`` make up the command and may import everything.
BELOW = {
    "errors": set(),
    "network": {"errors"},
    "models": {"network", "errors"},
    "codegen": {"network", "models", "errors", "_versions"},
    "circuits": {"errors"},
    "results": {"errors"},
    "analysis": {"errors"},
    "nir": {"errors"},
    "frontend": {"network", "models", "results", "errors"},
    "learning": {"results", "errors"},
    "chip": {"errors"},
    "mapping": {"chip", "network", "errors"},
    "dialects": {"errors"},
    "compare": {"results", "errors", "runner", "plugins", "progress", "_callable"},
    "sweep": {"compare", "results", "errors", "runner", "plugins", "progress", "_callable"},
    "backends": {"frontend", "codegen", "mapping", "chip", "models", "network", "results", "errors"},
    "plugins": {"errors", "_deferred"},
    "_deferred": {"_versions"},
    "_versions": set(),
    "_alias": {"plugins"},
    "_callable": set(),
    "__init__": {"_alias", "plugins", "errors", "compare", "sweep", "frontend"},
}
TOP = {
    "catalogue",
    "chip_pages",
    "cli",
    "__main__",
    "doctor",
    "listings",
    "model_pages",
    "progress",
    "runner",
}

#: Third-party packages that a room must do without.
FOREIGN = {
    "network": {"pyNN", "brian2"},
    "chip": {"pyNN", "brian2"},
    "mapping": {"pyNN", "brian2"},
    "codegen": {"pyNN"},
    "plugins": {"pyNN", "brian2"},
}

FORBIDDEN_MODULES = {"pickle", "cPickle", "_pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
FORBIDDEN_CALLS = {"exec", "eval", "yaml.load", "yaml.unsafe_load", "os.system", "os.popen"}
FORBIDDEN_TRUE = {"shell", "allow_pickle"}


def modules() -> dict[str, Path]:
    """Every module of ours, ``{dotted name as installed: file}``."""
    found = {}
    for folder, package in (("pynn_ext", "pynn_ext"), ("backends", "pynn_ext.backends")):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            found[".".join([package, *path.relative_to(CHECKOUT / folder).with_suffix("").parts])] = path
    return found


MODULES = modules()


def room(module: str) -> str:
    """Second part of a dotted name: the sub-package, or the module itself at the top."""
    return module.split(".")[1]


def imports(name: str, tree: ast.AST) -> Iterator[str]:
    """Absolute dotted names a module imports, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(name.split(".")[: -node.level]) if node.level else ""
            source = ".".join(filter(None, [base, node.module]))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def upward(name: str, text: str) -> list[str]:
    """Imports of ours that a module must not have."""
    here = room(name)
    if here in TOP:
        return []
    ours = [module for module in imports(name, ast.parse(text)) if module.split(".")[0] == "pynn_ext"]
    return [
        module
        for module in ours
        if module.count(".") and room(module) not in BELOW[here] | {here, "__version__"}
    ]


def dangers(text: str) -> list[str]:
    """Calls and imports that would execute what a data file says."""
    found = []
    tree = ast.parse(text)
    for module in imports("pynn_ext.any", tree):
        if module.split(".")[0] in FORBIDDEN_MODULES:
            found.append(f"import {module}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS or called.removeprefix("builtins.") in FORBIDDEN_CALLS:
                found.append(called)
            for keyword in node.keywords:
                constant = isinstance(keyword.value, ast.Constant) and keyword.value.value in (False, None)
                if keyword.arg in FORBIDDEN_TRUE and not constant:
                    found.append(f"{called}({keyword.arg}=…)")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_no_arrow_points_up(name: str) -> None:
    assert not upward(name, MODULES[name].read_text())


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in FOREIGN])
def test_rooms_do_without(name: str) -> None:
    found = {module.split(".")[0] for module in imports(name, ast.parse(MODULES[name].read_text()))}
    assert not found & FOREIGN[room(name)]


def test_brian2_is_imported_in_one_file_of_the_engine() -> None:
    """The glue to Brian2's internals has one place."""
    users = {
        name
        for name, path in MODULES.items()
        if room(name) == "codegen"
        and any(module.split(".")[0] == "brian2" for module in imports(name, ast.parse(path.read_text())))
    }
    assert users <= {"pynn_ext.codegen.brian"}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_executes_data(name: str) -> None:
    assert not dangers(MODULES[name].read_text())


def test_the_chip_kernel_and_the_mapping_name_no_chip() -> None:
    chips = {path.stem for path in (CHECKOUT / "backends").glob("*.py")} - {"__init__", "codegen", "mesh"}
    rooms = {name: path for name, path in MODULES.items() if room(name) in ("chip", "mapping")}
    assert chips and not {
        name for name, path in rooms.items() if any(chip in path.read_text().lower() for chip in chips)
    }


def test_no_file_is_too_long() -> None:
    sources = [
        *MODULES.values(),
        *(CHECKOUT / "pynn_ext").rglob("*.cpp"),
        *(CHECKOUT / "pynn_ext").rglob("*.h"),
    ]
    lengths = {str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines()) for path in sources}
    assert not {path: n for path, n in lengths.items() if n > MAX_LINES}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[name].read_text()))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pynn_ext.network.cells", "from ..frontend import state"),
        ("pynn_ext.network.cells", "def f():\n    import pynn_ext.codegen.engine"),
        ("pynn_ext.codegen.engine", "from .. import frontend"),
        ("pynn_ext.frontend.state", "from pynn_ext.backends import codegen"),
        ("pynn_ext.frontend.state", "from pynn_ext import plugins"),
    ],
)
def test_an_upward_arrow_is_seen(name: str, line: str) -> None:
    assert upward(name, line)


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from shelve import open",
        "exec('1')",
        "import builtins; builtins.eval('1')",
        "yaml.load(f)",
        "subprocess.run('ls', shell=True)",
        "numpy.load(f, allow_pickle=flag)",
    ],
)
def test_a_danger_is_seen(line: str) -> None:
    assert dangers(line)
