"""Versions of installed packages, without `importlib.metadata` where possible.

That module reads what it finds with the modules for e-mail, whose imports take a tenth of the time to a first step.
Where exactly one folder beside a package describes it, the line of its file ``METADATA`` is read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def installed_version(package: str) -> str:
    """Return the version of the distribution that has a package's name.

    Parameters
    ----------
    package : str
        Name of a top-level package, which is not imported.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If there is none.
    """
    spec = find_spec(package)
    if spec is not None and spec.origin:
        beside = Path(spec.origin).parents[1]
        found = [*beside.glob(f"{package}-*.dist-info/METADATA")]
        if len(found) == 1:
            with open(found[0], encoding="utf-8", errors="replace") as file:
                for line in file:
                    if line.startswith("Version: "):
                        return line.removeprefix("Version: ").strip()
    from importlib.metadata import version

    return version(package)
