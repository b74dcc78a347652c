"""Signals of several runs as one Neo block: a segment for each run between two resets that has any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import NetworkError

if TYPE_CHECKING:
    import neo


def block_of(
    segments: Iterable[tuple[int, list[neo.AnalogSignal]]], where: str, remedy: str, **attributes: Any
) -> neo.Block:
    """Return a block.

    Parameters
    ----------
    segments : iterable of (int, list of AnalogSignal)
        Number and signals of each segment; those without signals are left out.
    where, remedy : str
        What an error says.
    **attributes
        Of the block; `where` is its name if none is given.

    Raises
    ------
    NetworkError
        If there are no signals at all.
    """
    import neo

    block = neo.Block(**{"name": where, **attributes})
    for number, signals in segments:
        if signals:
            segment = neo.Segment(name=f"segment{number:03d}")
            segment.analogsignals.extend(signals)
            segment.block = block
            block.segments.append(segment)
    if not block.segments:
        raise NetworkError("there are no data", where=where, remedy=remedy)
    return block
