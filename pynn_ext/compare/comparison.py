"""Runs a script on several backends, each in a process of its own, and says where and why they part.

The first backend is the reference. A backend that fails does not take the others with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError, suggestion
from ..plugins import backend_names
from ..progress import duration
from ..results import provenance, write_text
from ..runner import OFFICIAL
from .causes import cause, chip_report
from .pairs import Agreement, Divergence, agreement, first_divergence, pairs
from .recordings import Recordings
from .stages import Cost, Stage, costs, measure_path, stages_of

LAST_LINES = 12


@dataclass(eq=False)
class BackendResult:
    """What one backend did, compared with the reference.

    Attributes
    ----------
    backend : str
        Name.
    recordings : Recordings or None
        What it recorded; None if it failed before it recorded anything.
    error : str
        The last lines it wrote, if it failed.
    divergence : Divergence or None
        The first spike that differs from the reference; None if none does.
    cause : str
        The most likely cause of it.
    agreements : list of Agreement
        By population and segment.
    """

    backend: str
    recordings: Recordings | None
    error: str = ""
    divergence: Divergence | None = None
    cause: str = ""
    agreements: list[Agreement] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the script ended well."""
        return self.recordings is not None and self.recordings.about["exit_code"] == 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        found: dict[str, Any] = {"backend": self.backend, "ok": self.ok, "error": self.error}
        if self.recordings:
            found |= {k: self.recordings.about[k] for k in ("summary", "timestep", "provenance")}
            found["changes"] = self.recordings.about["annotations"].get("changes", "")
            found["chip_report"] = chip_report(self.recordings)
        found["divergence"] = asdict(self.divergence) if self.divergence else None
        found["cause"] = self.cause
        found["agreement"] = [asdict(a) for a in self.agreements]
        return found


@dataclass(eq=False)
class Comparison:
    """The result of `compare`.

    Attributes
    ----------
    script : str
        Path.
    arguments : list of str
        What the script was given besides the backend.
    tolerance : float
        ms; spikes of a neuron that are closer agree.
    results : list of BackendResult
        The reference first.
    steps : dict of str to list of Cost
        For each backend the way to it in steps, if that was asked for.
    """

    script: str
    arguments: list[str]
    tolerance: float
    results: list[BackendResult]
    steps: dict[str, list[Cost]] = field(default_factory=dict)

    @property
    def reference(self) -> BackendResult:
        """The backend that the others are compared with."""
        return self.results[0]

    def __getitem__(self, backend: str) -> BackendResult:
        for result in self.results:
            if result.backend == backend:
                return result
        raise KeyError(backend)

    def verdict(self) -> str:
        """Return one line per backend that says how it agrees with the reference."""
        return "\n".join(_verdict(result, self) for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, as it stands in ``report.json``."""
        return {
            "script": self.script, "arguments": self.arguments, "tolerance_ms": self.tolerance,
            "reference": self.reference.backend, "provenance": provenance(self.script),
            "verdict": self.verdict().split("\n"), "backends": [result.as_dict() for result in self.results],
            "steps": {name: [asdict(cost) for cost in costs] for name, costs in self.steps.items()},
        }  # fmt: skip

    def html(self) -> str:
        """Return the report as one self-contained page."""
        from .report import page

        return page(self)

    def _repr_html_(self) -> str:
        from .report import summary

        return summary(self)

    def save(self, folder: Path | str, report: Path | str | None = None) -> None:
        """Write ``report.json`` and ``report.html`` (or `report`) to `folder`."""
        write_text(Path(folder, "report.json"), json.dumps(self.as_dict(), indent=1, allow_nan=True))
        write_text(report or Path(folder, "report.html"), self.html())


def _verdict(result: BackendResult, whole: Comparison) -> str:
    name = result.backend
    if not result.ok:
        lines = result.error.strip().splitlines()
        return f"{name}: failed: {lines[-1] if lines else 'no output'}"
    assert result.recordings is not None
    seconds = result.recordings.about["summary"]["total_s"]
    if result is whole.reference:
        return f"{name}: the reference, {seconds:.3g} s"
    if not whole.reference.recordings or not whole.reference.recordings.populations:
        return f"{name}: nothing was recorded, so there is nothing to compare, {seconds:.3g} s"
    if result.divergence is None:
        return f"{name}: every spike agrees within {whole.tolerance:g} ms, {seconds:.3g} s"
    d = result.divergence
    shift = f" by {d.shift:+.3g} ms" if d.what == "shifted" else ""
    return (
        f"{name}: parts at {d.time:.6g} ms, {d.population}[{d.cell}], a spike is {d.what}{shift}, after {d.agreed} "
        f"spikes that agree; likely cause: {result.cause}; {seconds:.3g} s"
    )


def compare(
    script: Path | str, backends: Sequence[str], arguments: Sequence[str] = (), *, folder: Path | str | None = None,
    tolerance: float | None = None, limit: float | None = None, stages: bool = False, measure: str | None = None,
    say: Callable[[str], None] | None = None,
) -> Comparison:  # fmt: skip
    """Run an unmodified script on several backends and compare what it records.

    Parameters
    ----------
    script : path
        A PyNN script.
    backends : sequence of str
        Names, the reference first; PyNN's own (``nest``, ``neuron``, ``brian2``) too, where they are installed.
    arguments : sequence of str
        Further arguments of the script.
    folder : path, optional
        Where recordings (one folder per backend, with a NIX file), ``report.json`` and ``report.html`` go; without
        it nothing is kept on disk.
    tolerance : float, optional
        Spikes of a neuron within this time (ms) agree; one time step by default.
    limit : float, optional
        Seconds after which a backend is stopped.
    stages : bool
        Whether to go to each chip in steps (quantised values, ideal interconnect, the whole chip) and say what each
        costs.
    measure : str, optional
        ``FILE.py:FUNCTION``: gets the `Recordings` of a step and returns numbers by name, such as the accuracy of a
        task.
    say : callable, optional
        Gets a line of text when a backend begins and when it ends.

    Returns
    -------
    Comparison

    Raises
    ------
    UsageError
        If there is no such backend, or fewer than two are named.
    """
    _check(backends)
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            return compare(
                script, backends, arguments, folder=temporary, tolerance=tolerance, limit=limit, stages=stages,
                measure=measure, say=say,
            )  # fmt: skip
    plan = [Stage(backends[0], backends[0], {})]
    for backend in backends[1:]:
        plan += stages_of(backend) if stages or measure else [Stage(backend, backend, {})]
    found = _compared(Path(script), plan, list(arguments), Path(folder), tolerance, limit, say)
    if stages or measure:
        for backend in backends[1:]:
            way = [
                found.reference,
                *(r for r, s in zip(found.results, plan, strict=True) if s.backend == backend),
            ]
            found.steps[backend] = costs(way, found.tolerance, measure_path(measure))
    found.save(folder)
    return found


def _check(backends: Sequence[str]) -> None:
    known = {*backend_names(), *OFFICIAL}
    for name in backends:
        if name not in known:
            raise UsageError(f"there is no backend named {name!r}", remedy=suggestion(name, known))
    if len(set(backends)) < 2 or len(set(backends)) < len(backends):
        raise UsageError(
            f"backends {', '.join(backends) or 'none'}",
            remedy="name at least two different ones: --backends codegen,nest",
        )


def _compared(
    script: Path,
    plan: list[Stage],
    arguments: list[str],
    folder: Path,
    tolerance: float | None,
    limit: float | None,
    say: Callable[[str], None] | None,
) -> Comparison:
    results = []
    for number, stage in enumerate(plan, 1):
        where = folder / stage.name.replace(", ", "-").replace(" ", "-")
        began = time.monotonic()
        if say:
            say(f"{stage.name} runs, {number} of {len(plan)}")
        result = run_backend(script, stage.backend, arguments, where, limit, stage.settings)
        if say:
            say(
                f"{stage.name} {'ended' if result.ok else 'failed'} after {duration(time.monotonic() - began)}"
            )
        result.backend = stage.name
        if result.recordings:
            result.recordings.about["backend"] = stage.name
        results.append(result)
    reference = results[0].recordings
    if tolerance is None:
        steps = [r.recordings.about["timestep"] for r in results if r.recordings]
        tolerance = max([step for step in steps if step == step], default=0.1)
    for result in results[1:]:
        if reference is not None and result.recordings is not None and result.recordings.populations:
            found = pairs(reference, result.recordings)
            result.divergence = first_divergence(found, tolerance)
            result.agreements = [agreement(pair, tolerance) for pair in found]
            if result.divergence:
                result.cause = cause(result.divergence, reference, result.recordings)
    return Comparison(str(script), arguments, tolerance, results)


def run_backend(
    script: Path, backend: str, arguments: list[str], folder: Path, limit: float | None = None,
    settings: dict[str, Any] | None = None,
) -> BackendResult:  # fmt: skip
    """Run a script on one backend in a process of its own, which writes what it recorded to `folder`.

    `settings` are keywords of ``setup()`` that go before those the script gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("about.json", "recordings.npz", "data.nix"):
        (folder / old).unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pynn_ext.compare.collect",
        str(folder),
        backend,
        json.dumps(settings or {}),
        str(script),
        *arguments,
    ]
    with (folder / "log.txt").open("w") as log:
        try:
            subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, check=False, timeout=limit,
                env={"MPLBACKEND": "Agg", **os.environ},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            log.write(f"\nstopped after {limit:g} s\n")
    text = (folder / "log.txt").read_text(errors="replace")
    recordings = Recordings.load(folder) if (folder / "about.json").exists() else None
    failed = recordings is None or recordings.about["exit_code"] != 0
    return BackendResult(backend, recordings, "\n".join(text.splitlines()[-LAST_LINES:]) if failed else "")
