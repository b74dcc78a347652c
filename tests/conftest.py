"""For every test: the names ``pyNN.<backend>`` work from a checkout; compiled units go to a folder of the session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import pynn_ext  # noqa: F401  (makes pyNN.codegen importable where the package is not installed)


@pytest.fixture(scope="session", autouse=True)
def compiled_units(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the session's own, so that tests neither use nor fill the user's."""
    if "PYNN_EXT_CACHE" in os.environ:
        yield Path(os.environ["PYNN_EXT_CACHE"])
        return
    folder = tmp_path_factory.mktemp("cache")
    folder.chmod(0o700)
    os.environ["PYNN_EXT_CACHE"] = str(folder)
    yield folder
    del os.environ["PYNN_EXT_CACHE"]
