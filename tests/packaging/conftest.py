"""Builds the wheel once and makes small virtual environments with PyNN and the package.

No test touches the checkout or the interpreter that runs it: everything is built from a copy of the sources,
to which a backend named ``toy`` has been added, and PyNN and its dependencies come from a folder of links to
the site-packages of the running interpreter, without this package.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = ("pynn_ext", "backends", "build_backend", "examples")
TOY = '"""A toy, for tests."""\n\nSTATE = object()\n\n\ndef setup(**parameters):\n    return 0\n'


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command and show what it printed if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


class Environment:
    """A virtual environment: an interpreter and its site-packages."""

    def __init__(self, folder: Path, build_env: dict[str, str]) -> None:
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        self.folder, self._build_env = folder, build_env
        self.python = folder / "bin" / "python"
        self.site = next((folder / "lib").glob("python3*/site-packages"))

    def see(self, site: Path) -> None:
        """Add a second site directory behind the own one, as the one below is with system-site-packages."""
        (self.site / "zz_below.pth").write_text(f"import site; site.addsitedir({str(site)!r})\n")

    def pip(self, *arguments: object) -> None:
        """Run the outer pip on this environment, without an index."""
        run(
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.python,
            *arguments,
            env=self._build_env,
            cwd=self.folder,
        )

    def install(self, *arguments: object) -> None:
        """Install without dependencies."""
        self.pip("install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", *arguments)

    def run(self, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        """Run Python outside the checkout."""
        return run(self.python, *arguments, env={"PATH": "/usr/bin:/bin", **env}, cwd=self.folder)


def is_this_package(name: str) -> bool:
    return "pynn_ext" in name.lower() or "pynn-ext" in name.lower()


def is_pynn(name: str) -> bool:
    return name == "pyNN" or name.lower().startswith("pynn-")


def link_farm(folder: Path, leave_out: Callable[[str], bool]) -> Path:
    """Link everything in the running interpreter's site-packages that is not left out."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not leave_out(entry.name) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture(scope="session")
def build_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with which setuptools is new enough to build without isolation."""
    env = {"PATH": "/usr/bin:/bin", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
    try:
        installed = int(version("setuptools").split(".")[0])
    except ModuleNotFoundError:
        installed = 0
    if installed < 77:
        target = tmp_path_factory.mktemp("setuptools")
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", target, "setuptools>=77")
        env["PYTHONPATH"] = str(target)
    return env


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the wheel is built from, plus the backend ``toy``."""
    copy = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in CHECKOUT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, copy)
    (copy / "backends" / "toy.py").write_text(TOY)
    return copy


@pytest.fixture(scope="session")
def wheel(source: Path, build_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a second copy so that the first stays free of build products."""
    work = tmp_path_factory.mktemp("wheel")
    shutil.copytree(source, work / "source")
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
        *("--wheel-dir", work, work / "source"),
        env=build_env,
    )
    return next(work.glob("*.whl"))


@pytest.fixture(scope="session")
def below(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site directory with PyNN and everything else, but not this package."""
    return link_farm(tmp_path_factory.mktemp("below") / "site", is_this_package)


@pytest.fixture(scope="session")
def below_without_pynn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without PyNN."""
    return link_farm(tmp_path_factory.mktemp("below") / "site", lambda n: is_this_package(n) or is_pynn(n))


@pytest.fixture
def environment(tmp_path: Path, build_env: dict[str, str]) -> Environment:
    """An empty virtual environment."""
    return Environment(tmp_path / "venv", build_env)


@pytest.fixture(scope="session")
def installed(
    tmp_path_factory: pytest.TempPathFactory, build_env: dict[str, str], wheel: Path, below: Path
) -> Environment:
    """A virtual environment with the wheel; tests must not change it."""
    environment = Environment(tmp_path_factory.mktemp("installed") / "venv", build_env)
    environment.see(below)
    environment.install(wheel)
    return environment
