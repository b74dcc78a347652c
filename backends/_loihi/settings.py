"""What ``setup`` may ask of Loihi: revisions of its record, and settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from pynn_ext.chip.formats import Format
from pynn_ext.errors import NetworkError, suggestion

from .weights import BITS

MOST_CHIPS, LONGEST_EPOCH = 32, 63


def checked(
    chip: Any, standard: Any, named: Mapping[str, Collection[str]], settings: Mapping[str, Any]
) -> None:
    """Refuse what the model cannot be.

    Parameters
    ----------
    chip, standard : Chip
        The record that was asked for, and the chip as it is.
    named : mapping of str to collection of str
        Settings that are one of several names.
    settings : mapping of str to object
        As given to ``setup``.

    Raises
    ------
    NetworkError
        What, the limit, and the remedy.
    """
    for name, known in named.items():
        if settings[name] not in known:
            raise NetworkError(
                f"{name}={settings[name]!r}", where="setup", remedy=suggestion(str(settings[name]), known)
            )
    if settings["chips"] != "auto":
        _whole("chips", settings["chips"], 1, MOST_CHIPS, "'auto', or 1 to 32")
    _whole("epoch", settings["epoch"], 1, LONGEST_EPOCH, "1 to 63 steps")
    for field in fields(chip):
        value, usual = getattr(chip, field.name), getattr(standard, field.name)
        where = f"setup(chip={{'{field.name}': ...}})"
        if isinstance(usual, Format) and value != usual:
            raise NetworkError(
                f"{field.name} of another format", where=where, limit="the model computes in the chip's formats",
                remedy="leave it out",
            )  # fmt: skip
        if field.name in ("delay_max", "refractory_max"):
            _whole(field.name, value, 1, usual, f"the register has room for {usual} steps", where)
        elif isinstance(usual, int) and field.name != "weight_bits":
            _whole(field.name, value, 1, 2**31, "a positive number", where)
    if chip.weight_bits not in BITS[1:]:
        raise NetworkError(
            f"weight_bits={chip.weight_bits!r}", where="setup(chip={'weight_bits': ...})",
            limit=f"the chip stores {', '.join(map(str, BITS[1:]))} bits", remedy="choose one of them",
        )  # fmt: skip


def _whole(name: str, value: Any, least: int, most: int, limit: str, where: str = "setup") -> None:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise NetworkError(
            f"{name}={value!r}", where=where, limit=limit, remedy="leave it out for the usual one"
        )
