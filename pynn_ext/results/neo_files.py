"""Neo blocks into files of any format Neo writes.

NWB asks for more than a block of simulated data says: when the session began and an identifier no other file has. The
first is the moment the block's first segment was recorded, the second is random.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4


def write_block(io: Any, block: Any) -> None:
    """Write a block, adding what the format asks for.

    Parameters
    ----------
    io : neo.io.baseio.BaseIO
        What the user set on it (``NWBIO(..., session_start_time=...)``) stays as it is.
    block : neo.Block
        The NIX and NWB writers of Neo rename and annotate what they write: pass a block that is used nowhere else.
    """
    if "nwb" in io.extensions:
        began = block.rec_datetime or datetime.now()
        io.annotations.setdefault("session_start_time", began.astimezone())
        io.annotations.setdefault("session_description", block.description or block.name or "simulation")
        io.annotations.setdefault("identifier", f"{Path(io.filename).stem}-{uuid4()}")
    io.write_block(block)
