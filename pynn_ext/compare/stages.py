"""From software to the chip in steps, so that a difference can be attributed.

A backend's simulator names its steps: settings of ``setup()`` with which the same script runs on part of what makes the
chip, for example its quantised values in floating point, or its cores with an ideal interconnect. Each step is compared
with the reference (what has been lost so far) and with the step before (what this step loses). Losses need not add up:
spike trains that part once are no less apart when something else differs too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..runner import simulator_module
from .limits import overall
from .own import own_measures
from .pairs import agreement, pairs

if TYPE_CHECKING:
    from .comparison import BackendResult


@dataclass(frozen=True)
class Stage:
    """One step on the way to a chip.

    Attributes
    ----------
    name : str
        For people: ``backend``, or ``backend, what it is``.
    backend : str
    settings : dict
        Keywords of ``setup()``.
    """

    name: str
    backend: str
    settings: dict[str, Any]


def stages_of(backend: str) -> list[Stage]:
    """Return the steps to a backend, the backend itself last; other simulators have no steps before it."""
    simulator = getattr(simulator_module(backend), "simulator", None)
    steps = getattr(simulator, "stages", {})
    return [Stage(f"{backend}, {name}", backend, dict(settings)) for name, settings in steps.items()] + [
        Stage(backend, backend, {})
    ]


@dataclass(frozen=True)
class Cost:
    """What one step costs.

    Attributes
    ----------
    stage : str
        Name of the step.
    total, alone : dict of str to float
        Measures of agreement with the reference, and with the step before.
    task : dict of str to float
        What the user's function returns for this step.
    """

    stage: str
    total: dict[str, float]
    alone: dict[str, float]
    task: dict[str, float]


def costs(results: Sequence[BackendResult], tolerance: float, measure: str | None = None) -> list[Cost]:
    """Return the cost of each result on the way from the first to the last; those that failed are left out.

    Parameters
    ----------
    results : sequence of BackendResult
        The reference, then the steps in order.
    tolerance : float
        ms.
    measure : str, optional
        ``FILE.py:FUNCTION``.
    """
    good = [r for r in results if r.ok and r.recordings is not None and r.recordings.populations]
    found = []
    for position, result in enumerate(good):
        assert result.recordings is not None
        total, alone = (
            _agreement(other, result, tolerance) for other in (good[0], good[max(position - 1, 0)])
        )
        task = own_measures(measure, result.recordings) if measure else {}
        found.append(Cost(result.backend, total, alone, task))
    return found


def _agreement(one: BackendResult, other: BackendResult, tolerance: float) -> dict[str, float]:
    assert one.recordings is not None and other.recordings is not None
    return overall([agreement(pair, tolerance) for pair in pairs(one.recordings, other.recordings)])


def measure_path(named: str | None) -> str | None:
    """Return ``FILE.py:FUNCTION`` with the whole path of the file."""
    if named is None:
        return None
    path, _, function = named.rpartition(":")
    return f"{Path(path).resolve()}:{function}"
