"""For every test: the names ``pyNN.<backend>`` work from a checkout; compiled units go to a folder of the session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import pynn_ext  # noqa: F401  (makes pyNN.codegen importable where the package is not installed)


@pytest.fixture(scope="session", autouse=True)
def compiled_units(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the session's own, shared by its workers, so that tests neither use nor fill the user's."""
    if "PYNN_EXT_CACHE" in os.environ:
        yield Path(os.environ["PYNN_EXT_CACHE"])
        return
    base = tmp_path_factory.getbasetemp()
    parallel = "PYTEST_XDIST_WORKER" in os.environ  # then each worker has a folder in that of the session
    folder = (base.parent if parallel else base) / "cache"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PYNN_EXT_CACHE"] = str(folder)
    yield folder
    del os.environ["PYNN_EXT_CACHE"]
