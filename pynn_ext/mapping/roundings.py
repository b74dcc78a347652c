"""What became of every value on its way to the chip: asked for, obtained, and how far off.

Nothing is rounded or clipped without an entry; under ``setup(strict=True)`` an entry is an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Rounding:
    """The values of one quantity of one population or projection.

    Attributes
    ----------
    where, quantity, unit : str
        What was rounded.
    values, changed, clipped : int
        How many values there are, differ from what was asked for, and hit a limit.
    worst, mean : float
        Largest and mean absolute deviation, in `unit`.
    worst_relative : float
        Largest deviation relative to the value asked for (of those that are not 0).
    asked, got : float
        The value with the largest absolute deviation, as asked for and as obtained.
    remedy : str
        What avoids it.
    """

    where: str
    quantity: str
    unit: str
    values: int
    changed: int
    clipped: int
    worst: float
    mean: float
    worst_relative: float
    asked: float
    got: float
    remedy: str = "choose values the chip has, or accept the rounding"

    def __str__(self) -> str:
        text = f"{self.changed} of {self.values} values of {self.quantity} are rounded"
        text += f", by at most {self.worst:.4g} {self.unit}"
        text += f" ({100 * self.worst_relative:.3g} %): {self.asked:.6g} became {self.got:.6g}"
        return text + (f"; {self.clipped} are clipped" if self.clipped else "")


class Roundings:
    """All entries of a network, in order of discovery."""

    def __init__(self) -> None:
        self.entries: list[Rounding] = []

    def add(
        self,
        where: str,
        quantity: str,
        asked: Any,
        got: Any,
        unit: str,
        clipped: int = 0,
        tolerance: float = 1e-12,
        remedy: str = "",
    ) -> None:
        """Compare the values asked for with those obtained (same shape) and keep the result."""
        asked, got = np.broadcast_arrays(np.asarray(asked, float), np.asarray(got, float))
        if not asked.size:
            return
        off = np.abs(got - asked)
        size = np.abs(asked)
        relative = np.divide(off, size, out=np.zeros(off.shape), where=size > 0)
        at = int(off.argmax())
        changed = int(np.count_nonzero(off > tolerance * np.maximum(size, 1e-300)))
        self.entries.append(
            Rounding(
                where, quantity, unit, asked.size, changed, int(clipped), float(off.max()), float(off.mean()),
                float(relative.max()), float(asked.flat[at]), float(got.flat[at]),
                remedy or Rounding.remedy,
            )
        )  # fmt: skip

    def tell(self, report: Callable[[str, str, str], None]) -> None:
        """Hand every entry that changed something to ``report(change, where, remedy)``."""
        for entry in self.entries:
            if entry.changed or entry.clipped:
                report(str(entry), f"{entry.where}: {entry.quantity}", entry.remedy)

    def rows(self) -> list[dict[str, Any]]:
        """Return the entries as plain dictionaries."""
        return [asdict(entry) for entry in self.entries]
