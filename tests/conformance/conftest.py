"""PyNN's source tree, once per session."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pynn_source import SourceMissingError, unpack


@pytest.fixture(scope="session")
def pynn_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of PyNN's unpacked source distribution."""
    try:
        return unpack(tmp_path_factory.mktemp("pynn"))
    except SourceMissingError as error:
        pytest.skip(str(error))
