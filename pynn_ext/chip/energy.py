"""Energy by component, in whole femtojoules: sums are exact and do not depend on the order of events.

What an event costs is *dynamic*: a count times the energy of one. What flows whether anything happens or not is
*static*: a power times a time. The two are never added up here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

#: The unit (J).
FEMTO = 1e-15


def femtojoules(joules: float) -> int:
    """Return an energy (J) in whole femtojoules."""
    return round(joules / FEMTO)


class Ledger:
    """Energy of a run.

    Parameters
    ----------
    *components : str
        Components with dynamic energy, which is 0 at first.

    Examples
    --------
    >>> ledger = Ledger("soma", "synapse")
    >>> ledger.spend("synapse", 3, 23_600)
    >>> ledger.flow("leakage", 0.1, 1e-6)
    >>> ledger.report()["energy_nJ"]["synapse"], ledger.report()["static_energy_nJ"]
    (0.0708, {'leakage': 100.0})
    """

    def __init__(self, *components: str) -> None:
        self.dynamic: dict[str, int] = dict.fromkeys(components, 0)
        self.static: dict[str, int] = {}

    def spend(self, component: str, events: int | npt.NDArray[Any], each: int | npt.NDArray[Any]) -> None:
        """Add events, and what each of them costs (fJ)."""
        self.dynamic[component] += int(np.sum(np.asarray(events) * np.asarray(each)))

    def add(self, energies: Mapping[str, int]) -> None:
        """Add energies (fJ) by component."""
        for component, energy in energies.items():
            self.dynamic[component] += int(energy)

    def flow(self, component: str, power: float, time: float) -> None:
        """Add what a static power (W) amounts to in some time (s)."""
        self.static[component] = self.static.get(component, 0) + femtojoules(power * time)

    def report(self) -> dict[str, dict[str, float]]:
        """Return ``energy_nJ`` and ``static_energy_nJ``, by component."""
        return {
            "energy_nJ": {name: energy / 1e6 for name, energy in self.dynamic.items()},
            "static_energy_nJ": {name: energy / 1e6 for name, energy in self.static.items()},
        }
