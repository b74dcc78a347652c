"""The record of a chip: a frozen dataclass in which every number has a meaning, a unit and a source.

A field is declared with the group it belongs to::

    cores: int = limit(128, "cores of a chip", source="Davies 2018")
    potential: Format = arithmetic(Format(24, overflow="saturate"), "membrane potential", source="…")
    time: TimeContract = timing(Barrier(), "how steps end", source="…")
    hop: float = energy(3.0, "a message from tile to tile", "pJ", source="…")

`entries` gives them back, for the chip's page and for checks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..errors import NetworkError, suggestion

#: The groups of fields, in the order of a page.
GROUPS = ("limits", "arithmetic", "time", "energy")


def _declares(group: str) -> Callable[..., Any]:
    def declared(value: Any, what: str, unit: str = "", *, source: str) -> Any:
        return field(default=value, metadata={"group": group, "what": what, "unit": unit, "source": source})

    declared.__doc__ = (
        f"""Return a field of the group '{group}': its value, what it is, its unit and its source."""
    )
    return declared


limit, arithmetic, timing, energy = (_declares(group) for group in GROUPS)


@dataclass(frozen=True)
class Entry:
    """A field of a record as it is shown."""

    name: str
    group: str
    what: str
    value: Any
    unit: str
    source: str


def entries(record: Any) -> Iterator[Entry]:
    """Give the declared fields of a record in order."""
    for declared in fields(record):
        if "group" in declared.metadata:
            yield Entry(declared.name, value=getattr(record, declared.name), **declared.metadata)


def digest(record: Any) -> str:
    """Return the SHA-256 of everything that a record says, in hexadecimal."""
    return hashlib.sha256(repr(record).encode()).hexdigest()


def revision(value: Any, standard: Any, presets: Mapping[str, Any]) -> Any:
    """Return the record that ``setup(chip=...)`` names.

    Parameters
    ----------
    value : record, dict or str
        A record, the name of a preset, or what differs from the standard one (or from that of the entry ``"preset"``).
    standard : record
        The chip as it is.
    presets : mapping of str to record
        By name.

    Raises
    ------
    NetworkError
        If there is no such preset, or no such field of the record.
    """
    if isinstance(value, type(standard)):
        return value
    if isinstance(value, dict):
        known = [declared.name for declared in fields(standard)]
        changes = {name: entry for name, entry in value.items() if name != "preset"}
        unknown = next((name for name in changes if name not in known), None)
        if unknown is not None:
            raise NetworkError(
                f"the chip has no '{unknown}'",
                where="setup(chip=...)",
                remedy=suggestion(str(unknown), known),
            )
        return replace(revision(value.get("preset", standard), standard, presets), **changes)
    if not isinstance(value, str) or value not in presets:
        raise NetworkError(f"chip={value!r}", where="setup", remedy=suggestion(str(value), presets))
    return presets[value]
