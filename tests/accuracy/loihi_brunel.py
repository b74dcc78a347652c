"""PyNN's ``brunel.py`` on Loihi against the same quantised network in floating point.

The script is PyNN's, with other values of its own parameters. Its network is compared in two ways: *open loop*, where
the cells of the chip get the spikes of the floating-point network instead of their own, so that only the arithmetic of
the cells differs, and *closed loop*, over beginnings that each have other Poisson input. ::

    python -m tests.accuracy.loihi_brunel order=5000 downscale=5 simtime=200 beginnings=60
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pynn_ext.backends.loihi as loihi
from pynn_ext.backends._loihi.floating import floating_point
from pynn_ext.backends._loihi.program import LoihiProgram

from pynn_ext.codegen import choose_engine
from pynn_ext.network import SpikeLog
from tests.conformance.pynn_source import unpack

Events = tuple[Any, Any]


def build(source: Path, **parameters: float) -> LoihiProgram:
    """Build the network of the script and return it on the chip, after one step.

    Parameters
    ----------
    source : Path
        Root of PyNN's source tree.
    **parameters
        Of the script: ``order``, ``downscale``, ``simtime`` and so on.
    """
    text = (source / "examples" / "brunel.py").read_text().partition("# === Run simulation")[0]
    for name, value in parameters.items():
        text, found = re.subn(rf"(?m)^{name}\s*=.*$", f"{name} = {value}", text)
        assert found == 1, name
    text = text.replace(".sample(Nrec).record('spikes')", ".record('spikes')")
    arguments, sys.argv = sys.argv, ["brunel.py", "loihi"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, "brunel.py", "exec"), {"__name__": "brunel"})
    finally:
        sys.argv = arguments
    loihi.run(loihi.get_time_step())
    program = loihi.simulator.state.engine.program
    assert isinstance(program, LoihiProgram)
    return program


def in_floating_point(program: LoihiProgram, steps: int, seed: int) -> Any:
    """Run the network in floating point; all its groups log their spikes."""
    network = floating_point(program)
    network.step, network.seed = 0, seed
    for group in network.groups:
        if not hasattr(group, "model"):
            group.reset()
        group.spikes = SpikeLog()
    choose_engine(network).run(steps)
    return network


def events(program: LoihiProgram, network: Any, cells: bool) -> Events:
    """Return steps, and rows of the chip's synaptic memory, of the spikes of all cells or of all sources, in order."""
    step, row = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, group in enumerate(network.groups):
        if (number in program.cells) == cells:
            times, index = group.spikes.arrays()
            step.append(np.rint(times / network.timestep).astype(np.int64))
            row.append(index.astype(np.int64) + program.first[number])
    steps, rows = np.concatenate(step), np.concatenate(row)
    order = np.lexsort((rows, steps))
    return steps[order], rows[order]


def open_loop(program: LoihiProgram, steps: int, seed: int) -> tuple[int, int, int]:
    """Return how many spikes the chip's cells fire that get the spikes of the floating-point network, how many that one
    fires, and how many are the same cell's in the same step."""
    network = in_floating_point(program, steps, seed)
    given, inputs = events(program, network, True), events(program, network, False)
    program.core.reset()
    for number in program.cells:
        program.write(number, "v", program.network.groups[number].initial["v"])
    fired = set()
    for step in range(steps):
        program.core.before = _at(given, step)
        fired |= {(step + 1, int(cell)) for cell in program.core.step(_at(inputs, step))}
    ideal = set(zip(given[0].tolist(), given[1].tolist(), strict=True))
    return len(fired), len(ideal), len(fired & ideal)


def _at(spikes: Events, step: int) -> Any:
    first, last = np.searchsorted(spikes[0], [step, step + 1])
    return spikes[1][first:last]


def closed_loop(program: LoihiProgram, steps: int, seed: int) -> tuple[int, int]:
    """Return how many spikes the cells fire on the chip and in floating point, with the Poisson input of a seed."""
    program.network.seed = seed
    loihi.reset()
    loihi.run(steps * program.network.timestep)
    ideal = in_floating_point(program, steps, seed)
    chip, floating = (
        sum(len(network.groups[number].spikes.arrays()[0]) for number in program.cells)
        for network in (program.network, ideal)
    )
    return chip, floating


def main() -> None:
    """Print counts over many beginnings, with the standard error of their ratio."""
    logging.disable(logging.WARNING)
    asked = {name: float(value) for name, _, value in (argument.partition("=") for argument in sys.argv[1:])}
    beginnings, simtime = int(asked.pop("beginnings", 20)), asked.get("simtime", 100.0)
    with tempfile.TemporaryDirectory() as folder:
        program = build(unpack(Path(folder)), **asked)
    steps = round(simtime / program.network.timestep)
    driven = np.array([open_loop(program, steps, seed) for seed in range(min(beginnings, 5))]).sum(axis=0)
    print(f"open loop    chip {driven[0]}  floating point {driven[1]}  in the same step {driven[2]}")
    counts = np.array([closed_loop(program, steps, seed) for seed in range(beginnings)], dtype=float)
    mean, spread = counts.mean(axis=0), counts.std(axis=0, ddof=1)
    error = float(np.hypot(*(spread / mean))) / np.sqrt(beginnings)
    ratio = mean[0] / mean[1] - 1
    print(f"closed loop  chip {mean[0]:.0f}  floating point {mean[1]:.0f}  {ratio:+.2%} ± {error:.2%}")
    print(f"             spread of one run {spread[0] / mean[0]:.1%} and {spread[1] / mean[1]:.1%}")


if __name__ == "__main__":
    main()
