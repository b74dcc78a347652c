"""One point of a sweep, as an executor runs it: plain data in, plain data out."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

from ..compare.comparison import run_backend
from ..compare.own import own_measures
from .measures import measures


def run_point(task: dict[str, Any]) -> dict[str, Any]:
    """Run the script at one point and return its measures, or why there are none.

    Parameters
    ----------
    task : dict
        ``script``, ``backend``, ``arguments``, ``settings`` (keywords of ``setup()``), ``reference`` (name of the
        backend to compare with, or None), ``measure`` (``file.py:function`` or None), ``limit`` (s or None).

    Returns
    -------
    dict
        ``measures`` (dict of str to float) and ``error`` (text, empty if the script ended well).
    """
    with tempfile.TemporaryDirectory(prefix="pynn-ext-sweep-") as folder:
        result = run_backend(
            Path(task["script"]),
            task["backend"],
            task["arguments"],
            Path(folder, "run"),
            task["limit"],
            task["settings"],
        )
        if not result.ok or result.recordings is None:
            return {"measures": {}, "error": result.error}
        reference = None
        if task["reference"]:
            other = run_backend(
                Path(task["script"]),
                task["reference"],
                task["arguments"],
                Path(folder, "reference"),
                task["limit"],
            )
            if not other.ok or other.recordings is None:
                return {"measures": {}, "error": f"the reference {task['reference']} failed: {other.error}"}
            reference = other.recordings
        found = measures(result.recordings, reference)
        if task["measure"]:
            found |= own_measures(task["measure"], result.recordings)
    return {"measures": {k: v if math.isfinite(v) else None for k, v in found.items()}, "error": ""}
