"""What the wheel and the source distribution hold, compared with the sources."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest

import pynn_ext

CHECKOUT = Path(__file__).resolve().parents[2]
SUFFIXES = {".py", ".cpp", ".h", ".html", ".json", ".nir", ".typed"}


def files(root: Path, name: str) -> set[str]:
    """Source files of a folder, as paths below `name`."""
    return {
        f"{name}/{path.relative_to(root).as_posix()}" for path in root.rglob("*") if path.suffix in SUFFIXES
    }


def test_wheel_holds_every_source_and_nothing_else(source: Path, wheel: Path) -> None:
    """A sub-package missing from setup.cfg works in an editable install and is missing only here."""
    expected = files(source / "pynn_ext", "pynn_ext")
    for folder in ("backends", "examples"):
        expected |= files(source / folder, f"pynn_ext/{folder}")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("pynn_ext/")}
    assert held == expected


def test_top_level_of_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert top == {"pynn_ext", f"pynn_ext-{pynn_ext.__version__}.dist-info", "pynn_ext_alias.pth"}


def test_metadata(wheel: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(wheel, tmp_path, "zip")
    info = next(tmp_path.glob("*.dist-info"))
    metadata = Distribution.at(info).metadata
    assert metadata["Name"] == "pynn-ext"
    assert metadata["Version"] == pynn_ext.__version__
    assert metadata["License-Expression"] == "CECILL-2.1"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "CeCILL FREE SOFTWARE LICENSE AGREEMENT" in (info / "licenses" / "LICENSE").read_text()


def test_citation_names_the_version() -> None:
    citation = (CHECKOUT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == pynn_ext.__version__


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md names every package of setup.cfg."""
    from configparser import ConfigParser

    config = ConfigParser()
    config.read(CHECKOUT / "setup.cfg")
    listed = config["options"]["install_requires"] + "".join(config["options.extras_require"].values())
    names = {re.match(r"[\w-]+", line.strip())[0] for line in listed.splitlines() if line.strip()}
    reasons = (CHECKOUT / "docs" / "dependencies.md").read_text()
    assert not [name for name in sorted(names) if not re.search(rf"(?<![\w-]){name}(?![\w-])", reasons)]


def test_a_wheel_can_be_built_from_the_source_distribution(
    source: Path, wheel: Path, build_env: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(source, tmp_path / "source")
    hook = "import with_alias, sys; with_alias.build_sdist(sys.argv[1])"
    path = [str(tmp_path / "source" / "build_backend"), build_env.get("PYTHONPATH", "")]
    env = {**build_env, "PYTHONPATH": ":".join(filter(None, path))}
    subprocess.run(
        [sys.executable, "-c", hook, str(tmp_path)],
        cwd=tmp_path / "source",
        env=env,
        check=True,
        capture_output=True,
    )
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(
            tmp_path / "unpacked", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
        )
    root = next((tmp_path / "unpacked").iterdir())
    assert (root / "build_backend" / "with_alias.py").is_file()
    assert (root / "backends" / "toy.py").is_file()
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [*command, "-w", str(tmp_path), str(root)],
        env=build_env,
        check=True,
        capture_output=True,
        cwd=tmp_path,
    )
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(tmp_path / wheel.name) as second:
        assert set(first.namelist()) == set(second.namelist())


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "CITATION.cff"])
def test_the_usual_files_are_there(name: str) -> None:
    assert (CHECKOUT / name).stat().st_size > 100
