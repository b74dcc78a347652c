"""A function of the user's that measures a run, such as the accuracy of a task."""

from __future__ import annotations

import runpy

from ..errors import UsageError
from .recordings import Recordings


def own_measures(named: str, recordings: Recordings) -> dict[str, float]:
    """Call ``FILE.py:FUNCTION`` with the recordings of a run and return its numbers by name.

    Raises
    ------
    UsageError
        If there is no such file or function.
    """
    path, _, name = named.rpartition(":")
    try:
        function = runpy.run_path(path)[name]
    except (OSError, KeyError) as error:
        raise UsageError(
            f"--measure {named}: {error}",
            remedy="write FILE.py:FUNCTION; it gets the recordings and returns a dict",
        ) from error
    return {key: float(value) for key, value in function(recordings).items()}
