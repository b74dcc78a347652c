"""Neo blocks into files of any format Neo writes.

NWB asks for more than a block of simulated data says: when the session began and an identifier no other file has. The
first is the moment the block's first segment was recorded, the second is random.

A file is written whole or not at all, as everything in this package, if its name is given or the format writes it in
one go. A `NixIO` of the user's is open already: what is written to it grows in place.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import uuid4

from .atomic import written

#: Formats that open their file only to write it.
AT_ONCE = ("PickleIO", "NeoMatlabIO", "NWBIO")
#: Files to which a block is added.
GROWING = (".nix", ".h5")


def write_block(to: Any, block: Any) -> None:
    """Write a block, adding what the format asks for.

    Parameters
    ----------
    to : path or neo.io.baseio.BaseIO
        A file whose suffix names the format, or a Neo IO. What the user set on that (``NWBIO(...,
        session_start_time=...)``) stays as it is.
    block : neo.Block
        The NIX and NWB writers of Neo rename and annotate what they write: pass a block that is used nowhere else.
    """
    if isinstance(to, str | Path):
        _write_file(Path(to), block)
    elif type(to).__name__ in AT_ONCE and to.filename and getattr(to, "nwb_file_mode", "w") == "w":
        name = to.filename
        with written(name) as temporary:
            to.filename = str(temporary)
            try:
                _write(to, block, Path(name).stem)
            finally:
                to.filename = name
    else:
        _write(to, block, Path(to.filename or "block").stem)


def _write_file(path: Path, block: Any) -> None:
    from pyNN.recording import get_io

    with written(path) as temporary:
        if path.suffix in GROWING and path.exists():
            copyfile(path, temporary)
        else:
            temporary.unlink()
        io = get_io(str(temporary))
        _write(io, block, path.stem)
        if hasattr(io, "close"):
            io.close()


def _write(io: Any, block: Any, stem: str) -> None:
    if "nwb" in io.extensions:
        began = block.rec_datetime or datetime.now()
        io.annotations.setdefault("session_start_time", began.astimezone())
        io.annotations.setdefault("session_description", block.description or block.name or "simulation")
        io.annotations.setdefault("identifier", f"{stem}-{uuid4()}")
    io.write_block(block)
