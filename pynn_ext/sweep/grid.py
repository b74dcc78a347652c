"""The points of a sweep: the product of all axes, in the order in which they are given.

An axis is a parameter of the script (an option or a positional argument), a keyword of ``setup()``, or an entry of its
``chip`` keyword.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ..errors import UsageError


@dataclass(frozen=True)
class Point:
    """One setting of everything that is varied.

    Attributes
    ----------
    script, setup, chip : dict of str to object
        Values by name; they can be written as JSON.
    """

    script: dict[str, Any] = field(default_factory=dict)
    setup: dict[str, Any] = field(default_factory=dict)
    chip: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        """What the script gets: ``--name value`` for a name that begins with a dash, else the value alone."""
        given: list[str] = []
        for name, value in self.script.items():
            if value is True:
                given += [name]
            elif value is not False:
                given += [name, str(value)] if name.startswith("-") else [str(value)]
        return given

    @property
    def settings(self) -> dict[str, Any]:
        """Keywords for ``setup()``."""
        return {**self.setup, **({"chip": self.chip} if self.chip else {})}

    def columns(self) -> dict[str, Any]:
        """Return the values by the names of a table: ``NAME`` of the script, ``setup.NAME``, ``chip.NAME``."""
        script = {name.lstrip("-"): value for name, value in self.script.items()}
        return (
            script
            | {f"setup.{name}": value for name, value in self.setup.items()}
            | {f"chip.{name}": value for name, value in self.chip.items()}
        )

    def key(self) -> str:
        """Return a text that is the same for equal points only."""
        return json.dumps([self.script, self.setup, self.chip], sort_keys=True)


def points(
    script: Mapping[str, Sequence[Any]] | None = None,
    setup: Mapping[str, Sequence[Any]] | None = None,
    chip: Mapping[str, Sequence[Any]] | None = None,
) -> list[Point]:
    """Return the product of all axes; without any there is one point.

    Raises
    ------
    UsageError
        If an axis has no value, or values that cannot be written as JSON.
    """
    axes = [
        (kind, name, list(values))
        for kind, group in (("script", script), ("setup", setup), ("chip", chip))
        for name, values in (group or {}).items()
    ]
    for kind, name, values in axes:
        if not values:
            raise UsageError(f"{kind} parameter {name} has no values", remedy=f"for example {name}=1,2")
        try:
            json.dumps(values)
        except TypeError:
            raise UsageError(
                f"{kind} parameter {name} has values that are not plain",
                limit="numbers, text, lists, true and false",
            ) from None
    found = []
    for chosen in product(*(values for _, _, values in axes)):
        point = Point({}, {}, {})
        for (kind, name, _), value in zip(axes, chosen, strict=True):
            getattr(point, kind)[name] = value
        found.append(point)
    return found


def parsed_axis(text: str) -> tuple[str, list[Any]]:
    """Return the name and the values of ``NAME=VALUE,VALUE,…``; a value that is JSON (a number, true) is that.

    Raises
    ------
    UsageError
        If there is no name or no value.
    """
    name, equals, values = text.partition("=")
    if not name or not equals or not values:
        raise UsageError(f"{text!r} is no axis", remedy="write NAME=VALUE,VALUE, for example cells=64,128")
    return name, [_value(value) for value in values.split(",")]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
