"""The file of results: one JSON object a line, each flushed to the disk before the next point counts as done.

A line that was cut off in the middle, by a crash of the machine, is not counted; its point is run again. The first line
says what was swept: a file goes on only with the same script (by its hash), backend and arguments.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .grid import Point

MAX_BYTES = 1 << 30


def heading(task: dict[str, Any]) -> dict[str, Any]:
    """Return what all points have in common."""
    digest = hashlib.sha256(Path(task["script"]).read_bytes()).hexdigest()
    same = {key: task[key] for key in ("backend", "arguments", "reference", "measure")}
    return {"sweep": 1, "script": Path(task["script"]).name, "sha256": digest, **same}


class Store:
    """Results on disk.

    Parameters
    ----------
    path : path
        Made if it is missing.
    common : dict
        As `heading` returns it.

    Raises
    ------
    UsageError
        If the file holds another sweep.
    """

    def __init__(self, path: Path, common: dict[str, Any]) -> None:
        self.path = path
        self.rows: dict[str, dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = list(self._lines()) if path.exists() else []
        if lines and lines[0] != common:
            differs = [key for key in common if lines[0].get(key) != common[key]]
            raise UsageError(
                f"{path} holds another sweep: {', '.join(differs)} differ",
                remedy="name another --folder, or delete the file",
            )
        self.rows = {line["key"]: line for line in lines[1:]}
        self._file = path.open("a", encoding="utf-8")
        if not lines:
            self._write(common)

    def _lines(self) -> Iterator[dict[str, Any]]:
        size = self.path.stat().st_size
        if size > MAX_BYTES:
            raise UsageError(f"{self.path} has {size} bytes", limit=f"{MAX_BYTES}")
        data = self.path.read_bytes()
        whole, newline, cut = data.rpartition(b"\n")
        if cut:  # a line without its end: it was being written when the machine stopped
            with self.path.open("r+b") as file:
                file.truncate(len(whole) + len(newline))
        for line in whole.splitlines():
            yield json.loads(line)

    def _write(self, row: dict[str, Any]) -> None:
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def add(self, point: Point, result: dict[str, Any]) -> dict[str, Any]:
        """Append the result of a point and return its row."""
        row = {"key": point.key(), "parameters": point.columns(), **result}
        self._write(row)
        self.rows[row["key"]] = row
        return row

    def done(self, point: Point) -> bool:
        """Whether a point has a result; one that failed is run again."""
        row = self.rows.get(point.key())
        return row is not None and not row["error"]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
