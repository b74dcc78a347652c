"""Both learning engines, every trace and weight in every step, with the random numbers that were recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynn_ext.backends._loihi import weights
from pynn_ext.backends._loihi.learning import EpochEngine, TraceSetting, parsed

from . import lava_rules
from .step_learning import StepEngine

GOLDEN = Path(__file__).parent / "loihi"
LAVA: list[dict[str, Any]] = json.loads((GOLDEN / "lava_learning.json").read_text())
LAVA_TRACES = np.load(GOLDEN / "lava_learning.npz")
BRIAN: list[dict[str, Any]] = json.loads((GOLDEN / "brian2loihi_learning.json").read_text())
BRIAN_TRACES = np.load(GOLDEN / "brian2loihi_learning.npz")
RULES = np.load(lava_rules.RECORDED)
MODES = {"MIXED": 1, "EXCITATORY": 2, "INHIBITORY": 3}


class Recorded:
    """The random numbers of a run, in the order in which they were drawn."""

    def __init__(self, rand: dict[str, list[Any]]) -> None:
        names = {"x decay": "x_decay", "x impulse": "x_imp", "y decay": "y_decay", "y impulse": "y_imp"}
        self.left = {kind: [r for pair in rand[name] for r in pair] for kind, name in names.items()}
        self.left["rounding"] = list(rand["w_round_per_epoch"])

    def __call__(self, kind: str) -> float:
        return self.left[kind].pop(0)


@pytest.mark.parametrize("case", LAVA, ids=lambda case: f"{case['id']}")
def test_equal_to_lava(case: dict[str, Any]) -> None:
    traces = {n: TraceSetting(case[f"{n}_impulse"], case[f"{n}_tau"]) for n in ("x1", "x2", "y1", "y2", "y3")}
    rules = {"w": parsed(case["dw"]) if case["dw"] else []}
    for name, key in (("t", "dt"), ("d", "dd")):
        if case[key]:
            rules[name] = parsed(case[key])
    w0 = np.array(case["w0"])
    to, of = (part.ravel() for part in np.indices(w0.shape))
    engine = EpochEngine(
        rules,
        traces,
        of,
        to,
        w0.ravel(),
        case["t_epoch"],
        MODES[case["sign_mode"]],
        Recorded(case["rand"]),
        (3, 2),
    )
    pre, post = np.array(case["pre"], bool), np.array(case["post"], bool)
    for t in range(case["T"]):
        engine.step(pre[:, t], post[:, t])
        for name, value in engine.value.items():
            assert np.array_equal(value, LAVA_TRACES[f"{name}_{case['id']}"][t]), (t, name)
        for name, values in (("weights", engine.weight), ("tag_1", engine.tag), ("tag_2", engine.delay)):
            assert np.array_equal(values.reshape(w0.shape), LAVA_TRACES[f"{name}_{case['id']}"][t]), (t, name)


@pytest.mark.parametrize("seed", range(lava_rules.CASES))
def test_rules_for_weights_tags_and_delays_together(seed: int) -> None:
    case = lava_rules.Case.random(seed)
    to, of = (part.ravel() for part in np.indices(case.weights.shape))
    engine = EpochEngine(
        {name: parsed(case.rules[f"d{name}"]) for name in "wtd"},
        {name: TraceSetting(case.impulses[name], case.taus[name]) for name in lava_rules.TRACES},
        of, to, case.weights.ravel(), case.epoch, case.mode, lava_rules.Streams(seed),
        (lava_rules.PRE, lava_rules.POST),
    )  # fmt: skip
    for t in range(lava_rules.STEPS):
        engine.step(case.pre[:, t], case.post[:, t])
        found = {**engine.value, "weights": engine.weight, "tag_1": engine.tag, "tag_2": engine.delay}
        for name, values in found.items():
            expected = RULES[f"{name}_{seed}"][t]
            assert np.array_equal(values.reshape(expected.shape), expected), (t, name, case.rules)


def plain(dependency: str) -> str:
    """Lava keeps the number of u apart."""
    return "u" if dependency[0] == "u" else dependency


@pytest.mark.parametrize("case", LAVA, ids=lambda case: f"{case['id']}")
def test_rules_are_read_as_lava_reads_them(case: dict[str, Any]) -> None:
    for key in ("dw", "dt", "dd"):
        if case[key]:
            expected = [
                (p["dep"], p["mant"], p["exp"] - 7, [(f["var"], f["const"], f["sgn"]) for f in p["factors"]])
                for p in case["product_series"][key]
            ]
            found = [
                (
                    plain(p.dependency),
                    p.mantissa,
                    p.exponent,
                    [(f.variable, f.constant, f.sign) for f in p.factors],
                )
                for p in parsed(case[key])
            ]
            assert found == expected


@pytest.mark.parametrize("case", BRIAN, ids=lambda case: f"{case['id']}")
def test_equal_to_brian2_loihi(case: dict[str, Any]) -> None:
    number = case["id"]

    def recorded(name: str) -> np.ndarray:
        return np.asarray(BRIAN_TRACES[f"{name}_{number}"])

    def decide(name: str, probability: Any) -> Any:
        taken = recorded(f"{name}_add")[engine.step_number]
        chance = float(np.ravel(probability)[0])
        assert not (chance == 0 and taken), (engine.step_number, name)  # a certain outcome leaves no choice
        return abs(int(taken))

    traces = {n: TraceSetting(case["imp"][n], case["tau"][n]) for n in case["traces"]}
    mode = case["sign_mode"]
    engine = StepEngine(parsed(case["dw"]), traces, [[case["w0"]]], case["num_weight_bits"], mode, decide)
    for t in range(case["T"]):
        engine.step([t in case["pre"]], [t - 1 in case["post_spikes"]])
        for name in case["traces"]:
            assert engine.seen[name][0] == recorded(f"{name}_used")[t], (t, name)
            assert engine.value[name][0] == recorded(f"{name}_end")[t], (t, name)
        assert engine.weight[0, 0] == recorded("w")[t], t
        assert weights.effective(engine.weight[0, 0], case["w_exp"]) == recorded("w_act")[t], t
