"""The build backend of setuptools, plus one ``.pth`` file in the normal and in the editable wheel.

PyNN finds a simulator by ``import pyNN.<name>`` and reads no registry, so the name must be importable in
every script, before anything of this package has been imported. Python executes a ``.pth`` line of a site
directory at start; ours appends a finder to ``sys.meta_path``. A ``build_py`` command that writes the file
would not be run for an editable wheel (PEP 660), hence a backend of our own (PEP 517, ``backend-path``).

The line holds the finder itself, as a class without a module: at start nothing is imported but ``sys`` and no
further file is read. Being last, it is asked only for names nobody else knows; on the first unknown
``pyNN.<name>`` it hands over to `pynn_ext._alias`. It therefore cannot fail at start, even if the package is
damaged or gone.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (the hooks that need no change)

PTH_NAME = "pynn_ext_alias.pth"
PTH_LINE = (
    "import sys; sys.meta_path.append(type('PynnExtFinder', (), {'find_spec': staticmethod("
    "lambda name, path=None, target=None: "
    "__import__('pynn_ext._alias')._alias.find_spec(name) if name[:5] == 'pyNN.' else None)}))\n"
)


def _add_pth(wheel: Path) -> None:
    """Write `wheel` anew with the ``.pth`` file at its top and a line for it in RECORD."""
    data = PTH_LINE.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    temporary = wheel.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        pth = zipfile.ZipInfo(PTH_NAME, members[0][0].date_time)
        pth.external_attr = 0o100644 << 16
        archive.writestr(pth, data)
        for info, content in members:
            if info.filename.endswith(".dist-info/RECORD"):
                content += f"{PTH_NAME},sha256={digest},{len(data)}\n".encode()
            archive.writestr(info, content)
    temporary.replace(wheel)


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build a wheel (PEP 517)."""
    name = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    _add_pth(Path(wheel_directory, name))
    return name


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build an editable wheel (PEP 660)."""
    name = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    _add_pth(Path(wheel_directory, name))
    return name
