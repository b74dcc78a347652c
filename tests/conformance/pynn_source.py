"""PyNN's source distribution, which holds what its wheel lacks: its tests and examples.

It is fetched by pip when it is first needed, checked by its hash each time, and kept as it came in the user's cache
folder. ``PYNN_EXT_PYNN_SDIST`` may name a copy instead, for machines without network.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "0.13.0"
SHA256 = "da2821e45055a88de6cf34896067eaaebcabbfdfb7883dd147353e7b78617815"
NAME = f"pynn-{VERSION}.tar.gz"
VARIABLE = "PYNN_EXT_PYNN_SDIST"


class SourceMissingError(Exception):
    """The distribution is neither here nor can it be fetched."""


def archive() -> Path:
    """Return the path of the distribution, fetched if need be.

    Raises
    ------
    SourceMissingError
        If pip cannot fetch it.
    ValueError
        If what is there is another file.
    """
    given = os.environ.get(VARIABLE)
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pynn_ext_tests" / NAME
    path = Path(given) if given else kept
    if not given and not path.exists():
        _fetch(path)
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{path} is not {NAME} of the package index; delete it")
    return path


def _fetch(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(f"PyNN=={VERSION} --hash=sha256:{SHA256}\n")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "--retries=1",
            "--timeout=15",
        ]
        options = ["--no-deps", "--no-binary=PyNN", "--requirement", str(requirements), "--dest", folder]
        done = subprocess.run([*pip, "download", *options], capture_output=True, text=True, timeout=180)
        if done.returncode:
            problem = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise SourceMissingError(
                f"{NAME} cannot be fetched ({problem}); {VARIABLE} may name a copy of it"
            )
        (Path(folder) / NAME).replace(target)


def unpack(folder: Path) -> Path:
    """Unpack the distribution into `folder` and return the root of its tree."""
    with tarfile.open(archive()) as tar:
        # Python 3.11.2 has no filters; the hash says that the archive is PyNN's
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return folder / NAME.removesuffix(".tar.gz")
