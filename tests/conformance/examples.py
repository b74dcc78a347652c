"""Runs PyNN's examples and compares their results with those that pyNN.nest or pyNN.neuron gave.

The reference, ``examples.json``, is made by ``python -m tests.conformance.record``.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import warm

from .pynn_tests import PASSED, Outcome

REFERENCE = Path(__file__).with_suffix(".json")
# runs of one script with several sets of arguments; and what two scripts cannot do without
VARIANTS = {"VAbenchmarks.py": ["CUBA", "COBA", "COBA --use-views", "COBA --use-assembly"]}
PLOT = {"connections.py": "--plot-figure conn", "nineml_neuron.py": "--plot-figure nineml.png"}
# in PyNN's repository, not in its distribution: networks of one publication each, and tools
OTHER_FOLDERS = {"Potjans2014", "iaf_sfa_relref", "tools"}
OFFERS_PLOT = re.compile(r'"--plot-figure",\s*"[^"]*",\s*\{"action": "store_true"')


def command_lines(source: Path) -> list[str]:
    """Return script and arguments of each run: every example that takes a simulator's name, with its figures."""
    lines = []
    folder = source / "examples"
    for path in [*sorted(folder.glob("*.py")), *sorted(folder.glob("*/*.py"))]:
        text = path.read_text()
        asks = "get_simulator(" in text or "get_script_args(" in text
        if asks and path.parent.name not in OTHER_FOLDERS:
            name = path.relative_to(folder)
            plot = PLOT.get(path.name, "--plot-figure" if OFFERS_PLOT.search(text) else "")
            for variant in VARIANTS.get(path.name, [""]):
                lines.append(" ".join(f"{name} {variant} {plot}".split()))
    return lines


def run(
    source: Path, line: str, backend: str, folder: Path, mend: bool = False
) -> tuple[Outcome, dict[str, Any], str]:
    """Run one example in a process of its own, in a copy of PyNN's folder of examples.

    Parameters
    ----------
    source : Path
        Root of PyNN's source tree.
    line : str
        One of `command_lines`.
    backend : str
        ``pyNN.<backend>``.
    folder : Path
        Working folder, which does not exist yet.
    mend : bool
        Whether PyNN's known defects are mended first; for the simulators of the reference.

    Returns
    -------
    outcome : Outcome
        "passed", or the class of the exception that ended the script.
    result : dict
        From `observe`.
    output : str
        What the script printed.
    """
    shutil.copytree(source / "examples", folder)
    place = (folder / line.split()[0]).parent
    (place / "Results").mkdir(exist_ok=True)
    result = folder.with_suffix(".json")
    script, *arguments = line.removeprefix(f"{place.name}/").split()
    module = "tests.conformance.record" if mend else "tests.conformance.observe"
    try:
        done = warm.run(module, [str(result), backend, script, *arguments], place)
    except subprocess.TimeoutExpired:
        return Outcome("Timeout"), {}, ""
    if done.returncode == 0:
        return Outcome(PASSED), json.loads(result.read_text()), done.stdout
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    kind, _, message = last.partition(": ")
    return Outcome(kind.rpartition(".")[2], message), {}, done.stdout


def check(source: Path, line: str, backend: str, folder: Path) -> Outcome:
    """Run one example; its outcome is "Deviation" if the result is not that of the reference."""
    outcome, result, output = run(source, line, backend, folder)
    reference = dict(json.loads(REFERENCE.read_text()).get(line, {}))
    if outcome.kind != PASSED or not reference.pop("simulator", None):
        return outcome
    found = list(deviations(result, reference, TOLERANCES.get(line, Tolerance())))
    if SAYS.get(line, "") not in output:
        found.append(f"it does not say '{SAYS[line]}'")
    return Outcome("Deviation", "; ".join(found)) if found else outcome


@dataclass(frozen=True)
class Tolerance:
    """How far a result may be from the reference, relative to it, and why."""

    relative: float = 0.05
    connections: float = 0.0
    why: str = ""
    leave: tuple[str, ...] = ()  # names of what is not compared


# the example that makes no network
SAYS = {"distrib_example.py": "gathered (3, again): [0. 1. 2. 3. 4.]"}
LAST_SENT = "what pyNN.neuron gives as the weight of a dynamic synapse is what it transmitted last"
TOLERANCES = {
    "VAbenchmarks.py COBA --use-assembly --plot-figure": Tolerance(
        0.15, why="chaotic, at a time step of 0.1 ms"
    ),
    "brunel.py": Tolerance(
        0.7, why="50 cells drawn without a seed, spikes of 100 ms and potentials of 4 cells"
    ),
    "random_numbers.py --plot-figure": Tolerance(0.6, 0.3, why="uses each simulator's own random numbers"),
    "simpleRandomNetwork_csa.py": Tolerance(0.2, 0.15, why="csa draws connections without a seed"),
    "stochastic_deterministic_comparison.py --plot-figure": Tolerance(leave=("weight",), why=LAST_SENT),
    "stochastic_tsodyksmarkram.py --plot-figure": Tolerance(leave=("weight",), why=LAST_SENT),
    "stdp_network.py": Tolerance(0.1, 0.1, why="places cells without a seed"),
}


def deviations(result: Any, reference: Any, tolerance: Tolerance, path: str = "") -> Iterator[str]:
    """Yield where a result differs from the reference.

    Sizes, shapes and the names of files must be equal. Numbers of spikes and what weights, delays, signals and times
    of spikes are on average may deviate by the relative tolerance, spike counts also by two, signals and times also by
    a tenth of their standard deviation. Figures must be images of more than 10 kB.
    """
    name = path.rpartition(".")[2]
    if name in tolerance.leave:
        return
    if isinstance(reference, dict):
        if "image" in reference:
            if not (result.get("image") and result["bytes"] > 10_000):
                yield f"{path} is no image of more than 10 kB"
        elif not isinstance(result, dict) or result.keys() != reference.keys():
            yield f"{path}: {list(result)}, not {list(reference)}"
        elif "std" in reference:
            # a column of constants has rounding errors, hence 1e-9
            room = tolerance.relative * abs(reference["mean"]) + 1e-9
            if name not in ("weight", "delay"):
                room += max(0.1, tolerance.relative) * reference["std"]
            if not abs(result["mean"] - reference["mean"]) <= room:
                yield f"{path}: mean {result['mean']:.6g}, not {reference['mean']:.6g} +- {room:.2g}"
            if not math.isclose(
                result["std"], reference["std"], rel_tol=max(0.1, 2 * tolerance.relative), abs_tol=room
            ):
                yield f"{path}: standard deviation {result['std']:.6g}, not {reference['std']:.6g}"
        else:
            for key, value in reference.items():
                yield from deviations(result[key], value, tolerance, f"{path}.{key}")
    elif isinstance(reference, list) and name != "shape":
        if len(result) != len(reference):
            yield f"{path}: {len(result)}, not {len(reference)}"
        for index, (own, other) in enumerate(zip(result, reference, strict=False)):
            yield from deviations(own, other, tolerance, f"{path}.{index}")
    elif name == "spikes":
        if abs(result - reference) > max(2, tolerance.relative * reference):
            yield f"{path}: {result} spikes, not {reference}"
    elif name in ("connections", "lines"):
        if abs(result - reference) > tolerance.connections * reference:
            yield f"{path}: {result} {name}, not {reference}"
    elif result != reference:
        yield f"{path}: {result}, not {reference}"
