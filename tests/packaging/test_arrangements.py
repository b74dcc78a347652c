"""``import pyNN.<name>`` and ``get_simulator()`` however PyNN and this package are installed."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from pynn_ext.plugins import backend_names

NAMES = ["toy", *backend_names()]

SCRIPT = """
import sys
from pyNN.utility import get_simulator
sim, options = get_simulator()
name = sys.argv[1]
import importlib, pyNN
real = importlib.import_module("pynn_ext.backends." + name)
assert sim is real is getattr(pyNN, name) is sys.modules["pyNN." + name], sim
assert sim is importlib.import_module("pyNN." + name)
assert real.__name__ == real.__spec__.name == "pynn_ext.backends." + name, real.__spec__
assert real.__spec__.origin == real.__file__
assert importlib.reload(real) is real
assert pyNN.__version__ and pyNN.__file__ and pyNN.__spec__.loader is not None
assert [finder.__name__ for finder in sys.meta_path if getattr(finder, "__name__", "") == "PynnExtFinder"]
import pyNN.mock
assert pyNN.mock.__spec__.name == "pyNN.mock"
assert importlib.util.find_spec("pyNN.no_such_simulator") is None
try:
    import pyNN.no_such_simulator
except ModuleNotFoundError as error:
    assert error.name == "pyNN.no_such_simulator", error
else:
    raise AssertionError("imported a simulator that is not there")
print("fine", real.__file__)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def check(environment, script: Path, home: Path) -> None:
    """Run the script once with each backend; the backend must lie below `home`."""
    for name in NAMES:
        word, _, where = environment.run(script, name).stdout.splitlines()[-1].partition(" ")
        assert word == "fine"
        assert Path(where).resolve().is_relative_to(home.resolve())


def test_normal_install_above_an_environment_with_pynn(installed, script: Path) -> None:
    check(installed, script, installed.site)


def test_normal_install_beside_pynn(environment, below_without_pynn: Path, wheel: Path, script: Path) -> None:
    environment.see(below_without_pynn)
    copy_pynn(environment.site)
    environment.install(wheel)
    check(environment, script, environment.site)


def test_normal_install_below(environment, below: Path, installed, script: Path) -> None:
    """This package and PyNN both in the environment below; nothing but other things in the one above."""
    environment.see(installed.site)
    check(environment, script, installed.site)


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_editable_install(
    environment, below: Path, source: Path, tmp_path: Path, script: Path, mode: str
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(source, checkout)
    environment.see(below)
    environment.install(
        *([] if mode == "lenient" else ["--config-settings=editable_mode=strict"]), "-e", checkout
    )
    check(environment, script, checkout)


@pytest.mark.parametrize("editable", [False, True])
def test_pynn_itself_editable(
    environment,
    below_without_pynn: Path,
    wheel: Path,
    source: Path,
    tmp_path: Path,
    script: Path,
    editable: bool,
) -> None:
    environment.see(below_without_pynn)
    project = tmp_path / "pynn"
    copy_pynn(project)
    (project / "setup.cfg").write_text(
        f"[metadata]\nname = PyNN\nversion = {pynn_version()}\n[options]\npackages = pyNN\n"
    )
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    environment.install("-e", project)
    if editable:
        checkout = tmp_path / "checkout"
        shutil.copytree(source, checkout)
        environment.install("-e", checkout)
        check(environment, script, checkout)
    else:
        environment.install(wheel)
        check(environment, script, environment.site)


def test_checkout_on_pythonpath(environment, below: Path, source: Path) -> None:
    """Without a .pth file the name works once the package has been imported."""
    environment.see(below)
    line = "import pynn_ext, pynn_ext.backends.toy as a, pyNN.toy as b; assert a is b; print(a.__file__)"
    where = environment.run("-c", line, PYTHONPATH=str(source)).stdout.strip()
    assert Path(where) == source / "backends" / "toy.py"


def test_run_from_the_root_of_a_checkout(installed, source: Path) -> None:
    """The checkout shadows the installed package, and its own backends are used."""
    line = f"import sys; sys.path.insert(0, {str(source)!r}); import pyNN.toy; print(pyNN.toy.__file__)"
    assert Path(installed.run("-c", line).stdout.strip()) == source / "backends" / "toy.py"


def test_backends_cannot_be_imported_by_itself(environment, source: Path) -> None:
    line = "try:\n import backends\nexcept ImportError as error:\n print(error)"
    message = environment.run("-c", line, PYTHONPATH=str(source)).stdout
    assert "pynn_ext.backends" in message
    assert "Remedy" in message


def test_a_real_module_of_pynn_wins(environment, below_without_pynn: Path, wheel: Path) -> None:
    environment.see(below_without_pynn)
    copy_pynn(environment.site)
    (environment.site / "pyNN" / "toy.py").write_text("REAL = True\n")
    environment.install(wheel)
    environment.run("-c", "import pyNN.toy; assert pyNN.toy.REAL")


def test_entry_point_of_another_distribution(environment, below: Path, wheel: Path) -> None:
    environment.see(below)
    environment.install(wheel)
    (environment.site / "other_backend.py").write_text('"""Another one."""\n')
    info = environment.site / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pynn_ext.backends]\nother = other_backend\n")
    environment.run(
        "-c",
        "import pynn_ext, pyNN.other, other_backend; assert pyNN.other is other_backend\n"
        "assert 'other' in pynn_ext.backend_names() and pynn_ext.backend_summary('other') == 'Another one.'",
    )


def test_uninstalling_leaves_nothing(environment, below: Path, wheel: Path) -> None:
    environment.see(below)
    before = sorted(environment.folder.rglob("*"))
    environment.install(wheel)
    assert (environment.site / "pynn_ext_alias.pth").is_file()
    environment.pip("uninstall", "--quiet", "--yes", "pynn-ext")
    assert sorted(environment.folder.rglob("*")) == before


def pynn_version() -> str:
    from importlib.metadata import version

    return version("PyNN")


def copy_pynn(target: Path) -> None:
    """Copy the running interpreter's PyNN, which stands for a checkout of it."""
    real = Path(sysconfig.get_path("purelib")) / "pyNN"
    shutil.copytree(real, target / "pyNN", ignore=shutil.ignore_patterns("__pycache__", "*.mod", "*.so"))
