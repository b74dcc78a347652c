"""Versions of installed packages are those that `importlib.metadata` tells."""

from importlib.metadata import PackageNotFoundError, version

import pytest

from pynn_ext._versions import installed_version


@pytest.mark.parametrize("package", ["neo", "numpy", "sympy", "brian2", "quantities"])
def test_the_version_is_that_of_the_metadata(package):
    assert installed_version(package) == version(package)


def test_two_descriptions_are_left_to_importlib(tmp_path, monkeypatch):
    (tmp_path / "neither").mkdir()
    (tmp_path / "neither" / "__init__.py").write_text("")
    for number in ("1.0", "2.0"):
        folder = tmp_path / f"neither-{number}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: neither\nVersion: {number}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_version("neither") == version("neither")


def test_a_package_that_is_not_installed_has_none():
    with pytest.raises(PackageNotFoundError):
        installed_version("no_such_package_anywhere")
