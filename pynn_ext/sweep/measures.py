"""Numbers of one run: what it recorded, what the chip reports, how far it is from the reference.

======================  ==========================================================================================
``spikes``              recorded spikes
``rate.POPULATION``     mean rate of the recorded cells, over all segments (spikes/s)
``run_s``, ``total_s``  seconds of simulating, and of everything
``energy_nJ``           all components of the chip, static ones too; ``energy_nJ.COMPONENT`` each
other names             what the chip's report calls them: every number in it that is not in a list; ``report.NAME`` if
                        the name is one of those above (``report.spikes``: what the chip counts)
``coincident`` …        agreement with the reference, the mean over populations weighted by their spikes
======================  ==========================================================================================
"""

from __future__ import annotations

from typing import Any

from ..compare.causes import chip_report
from ..compare.limits import overall
from ..compare.pairs import agreement, pairs
from ..compare.recordings import Recorded, Recordings


def measures(recordings: Recordings, reference: Recordings | None = None) -> dict[str, float]:
    """Return the numbers of a run, by name."""
    summary = recordings.about["summary"]
    found: dict[str, float] = {
        "spikes": sum(len(s.times) for p in recordings.populations for s in p.segments),
        "run_s": summary["run_s"],
        "total_s": summary["total_s"],
    }
    for population in recordings.populations:
        found[f"rate.{population.label}"] = _rate(population)
    report = chip_report(recordings)
    numbers = _numbers(report)
    energies = [v for k, v in numbers.items() if k.partition(".")[0] in ("energy_nJ", "static_energy_nJ")]
    found |= {"energy_nJ": sum(energies)} if energies else {}
    found |= {f"report.{name}" if name in found else name: value for name, value in numbers.items()}
    if reference is not None:
        found |= _agreement(reference, recordings)
    return found


def _rate(population: Recorded) -> float:
    cells_ms = sum(len(segment.recorded) * segment.t_stop for segment in population.segments)
    return (
        1e3 * sum(len(segment.times) for segment in population.segments) / cells_ms
        if cells_ms
        else float("nan")
    )


def _numbers(report: dict[str, Any], prefix: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in report.items():
        if isinstance(value, dict):
            found |= _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[prefix + name] = value
    return found


def _agreement(reference: Recordings, other: Recordings) -> dict[str, float]:
    step = max(reference.about["timestep"], other.about["timestep"])
    return overall([agreement(pair, step) for pair in pairs(reference, other)])
