"""Why a network does not fit a chip: all reasons at once.

A pass adds a `Problem` for each thing the chip cannot do and goes on looking; `raise_if_any` then raises one
`MappingError` that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import MappingError


@dataclass(frozen=True)
class Problem:
    """One thing that the chip cannot do.

    Parameters
    ----------
    where : str
        Label of the population or projection.
    what : str
        What is asked for, with its value.
    limit : str
        What the chip has.
    remedy : str
        What to do.
    """

    where: str
    what: str
    limit: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        if self.limit:
            text += f"; {self.limit}"
        if self.remedy:
            text += f". Remedy: {self.remedy}"
        return text


def raise_if_any(problems: Iterable[Problem], chip: str) -> None:
    """Raise what was found.

    Raises
    ------
    MappingError
        If there is any problem; its ``problems`` holds them all.
    """
    found = list(dict.fromkeys(problems))
    if not found:
        return
    first = found[0]
    if len(found) == 1:
        raise MappingError(
            f"{first.what}; the network does not fit {chip}", where=first.where, limit=first.limit, remedy=first.remedy,
            problems=found,
        )  # fmt: skip
    lines = "".join(f"\n  {n}. {problem}" for n, problem in enumerate(found, 1))
    raise MappingError(f"the network does not fit {chip}, for {len(found)} reasons:{lines}", problems=found)
