"""Where a result comes from: versions, machine, and the hash of the script."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PACKAGES = ("pynn-ext", "PyNN", "neo", "numpy", "brian2", "numba", "elephant", "nest-simulator", "neuron")


def provenance(script: Path | str | None = None) -> dict[str, Any]:
    """Return versions of Python and of the packages that are installed, the machine, the time, and the SHA-256
    of `script`."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "packages": {name: number for name in PACKAGES if (number := _version(name))},
    }
    if script is not None:
        data = Path(script).read_bytes()
        found["script"] = {"name": Path(script).name, "sha256": hashlib.sha256(data).hexdigest()}
    return found


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # takes a tenth of the time to a first step

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
