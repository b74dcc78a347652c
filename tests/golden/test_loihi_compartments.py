"""Every value of u, v and every spike equal to three emulators that others wrote, within the range of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynn_ext.backends._loihi import weights
from pynn_ext.backends._loihi.compartments import Compartments, Core, Synapses

GOLDEN = Path(__file__).parent / "loihi"
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "cases.json").read_text())
NOISY: list[dict[str, Any]] = json.loads((GOLDEN / "nengoloihi_noise.json").read_text())
FAMILIES = sorted({case["family"] for case in CASES})


@cache
def golden(name: str) -> Any:
    return np.load(GOLDEN / f"{name}.npz")


def single(case: dict[str, Any]) -> Core:
    axons = case["axons"]
    c = Compartments(
        1, case["decay_u"], case["decay_v"], case["vth_mant"] * 64, case["bias_mant"] << case["bias_exp"],
        case["refractory"],
    )  # fmt: skip
    w = [weights.effective(weights.stored(a["w"], a["nbits"], a["mode"]), a["w_exp"]) for a in axons]
    rows = np.arange(len(axons)) + 1
    return Core(c, Synapses.of(1 + len(axons), rows, np.zeros(len(axons)), w, [a["delay"] for a in axons]))


def network(case: dict[str, Any]) -> Core:
    n = case["N"]
    c = Compartments(n, case["decay_u"], case["decay_v"], case["vth_mant"] * 64, 0, case["refractory"])
    synapses = np.array([[n + i, j, w, d] for i, j, w, d in case["in_syn"]] + case["rec_syn"])
    w = [weights.effective(weights.stored(x, 8, 2 if x >= 0 else 3)) for x in synapses[:, 2]]
    return Core(c, Synapses.of(n + case["n_in"], synapses[:, 0], synapses[:, 1], w, synapses[:, 3]))


def run(case: dict[str, Any]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    core = network(case) if case["family"] == "net" else single(case)
    spikes = case["in_spikes"] if case["family"] == "net" else [a["spikes"] for a in case["axons"]]
    due: dict[int, list[int]] = {}
    for line, times in enumerate(spikes):
        for t in times:
            due.setdefault(t, []).append(core.compartments.n + line)
    found: dict[str, list[np.ndarray]] = {"u": [], "v": [], "s": []}
    for t in range(case["T"]):
        fired = core.step(np.array(due.get(t, []), dtype=np.int64))
        s = np.zeros(core.compartments.n, np.int64)
        s[fired] = 1
        for name, values in (("u", core.compartments.u), ("v", core.compartments.v), ("s", s)):
            found[name].append(values.copy())
    return {name: np.array(rows).T for name, rows in found.items()}, core.beyond


def decides(name: str, case: dict[str, Any], beyond: np.ndarray) -> bool:
    """Whether an emulator is right about a case: see the README of the traces.

    Parameters
    ----------
    beyond : ndarray
        How often an accumulator or a current wrapped, or a potential saturated.
    """
    if name == "brian2loihi":
        return not beyond.any()  # has no limits
    floored = any(axon["mode"] == 1 and axon["nbits"] < 8 and axon["w"] < 0 for axon in case.get("axons", ()))
    return name == "nengoloihi" or not (beyond[0] or floored)


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_to_the_emulators(family: str) -> None:
    cases = [case for case in CASES if case["family"] == family]
    decided = dict.fromkeys(("nengoloihi", "brian2loihi", "lava"), 0)
    undecided = []
    for case in cases:
        found, beyond = run(case)
        names = [
            name for name in decided if f"u_{case['id']}" in golden(name) and decides(name, case, beyond)
        ]
        for name in names:
            for variable in "uvs":
                expected = np.asarray(golden(name)[f"{variable}_{case['id']}"]).reshape(found[variable].shape)
                assert np.array_equal(found[variable], expected), (case["id"], name, variable)
            decided[name] += 1
        if not names:
            undecided.append(case["id"])
    assert len(undecided) <= 0.05 * len(cases), undecided
    if family == "qover":
        assert decided["nengoloihi"] == len(cases)
    elif family == "overflow":
        assert decided["nengoloihi"] == decided["lava"] == len(cases)


def test_noise_with_the_recorded_draws() -> None:
    for case in NOISY:
        where = 2 if case["noise_at_membrane"] else 1
        c = Compartments(
            1, case["decay_u"], case["decay_v"], case["vth_mant"] * 64, case["bias"], case["refractory"],
            noise_at=where, noise_exponent=case["noise_exp"], noise_mantissa=case["noise_mant_offset"],
        )  # fmt: skip
        core = Core(c, Synapses.of(1, [], [], [], []))
        for t in range(case["T"]):
            fired = core.step(np.empty(0, np.int64), np.array([case["rand"][t]]))
            assert (c.u[0], c.v[0], len(fired)) == (case["u"][t], case["v"][t], case["s"][t])


def test_plain_python_gives_the_same_bytes() -> None:
    code = (
        "import hashlib, tests.golden.test_loihi_compartments as t\n"
        "cases = [c for c in t.CASES if c['family'] in ('net', 'qover')][::6]\n"
        "print(hashlib.sha256(b''.join(t.run(c)[0][k].tobytes() for c in cases for k in 'uvs')).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
            cwd=Path(__file__).parents[2],
        ).stdout  # fmt: skip
        for flag in "01"
    }
    assert len(found) == 1 and len(found.pop()) == 65
