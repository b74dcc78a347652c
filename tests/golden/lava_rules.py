"""Random learning rules for weights, tags and delays, and the script that records what Lava makes of them.

``python -m tests.golden.lava_rules`` (with ``pip install lava-nc==0.10.0``) rewrites ``lava_rules.npz``. The random
numbers are Lava's own streams: see `Streams`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_suffix(".npz")
CASES, STEPS, PRE, POST = 24, 60, 3, 2
TRACES = ("x1", "x2", "y1", "y2", "y3")
VARIABLES = ("weights", "tag_1", "tag_2")


class Streams:
    """Lava's random numbers: four seeded streams, one number at the start and two in each step; the rounding of
    synaptic variables one at the start and one in each epoch."""

    def __init__(self, seed: int) -> None:
        kinds = ("x decay", "x impulse", "y decay", "y impulse")
        self.generators = {kind: np.random.default_rng(seed + k) for k, kind in enumerate(kinds)}
        self.generators["rounding"] = np.random.default_rng(2)
        for kind in self.generators:
            self(kind)

    def __call__(self, kind: str) -> float:
        generator = self.generators[kind]
        return float(generator.integers(0, 128, 1)[0] if kind.endswith("impulse") else generator.random(1)[0])


def _factor(rng: np.random.Generator) -> str:
    name = rng.choice([*TRACES, "w", "t", "d"])
    constant = rng.integers(1, 60)
    kinds = [name] * 3 + [f"({name} - {constant})", f"({name} + {constant})"]
    kinds += [f"sgn({rng.choice(['w', 't', 'd'])})", rng.choice(["x0", "y0"])]
    return str(kinds[rng.integers(len(kinds))])


def _rule(rng: np.random.Generator, u: str) -> str:
    rule = ""
    for k in range(rng.integers(1, 4)):
        mantissa = [str(rng.integers(1, 8))] if rng.random() < 0.4 else []
        factors = [_factor(rng) for _ in range(rng.integers(1, 4))]
        term = "*".join([f"2^{rng.integers(-6, 3)}", *mantissa, str(rng.choice(["x0", "y0", u])), *factors])
        rule += (rng.choice([" + ", " - "]) if k else "") + term
    return rule


@dataclass(frozen=True)
class Case:
    """A synapse array of 3 × 2 with rules for everything that can learn."""

    seed: int
    rules: dict[str, str]
    epoch: int
    mode: int
    impulses: dict[str, float]
    taus: dict[str, float]
    weights: np.ndarray
    pre: np.ndarray
    post: np.ndarray

    @classmethod
    def random(cls, seed: int) -> Case:
        """Return a case."""
        rng = np.random.default_rng(seed)
        mode, u = int(rng.integers(1, 4)), f"u{rng.integers(0, 3)}"
        low, high = {1: (-200, 200), 2: (0, 255), 3: (-255, 0)}[mode]
        return cls(
            seed, {name: _rule(rng, u) for name in ("dw", "dt", "dd")}, int(rng.integers(1, 9)), mode,
            {name: float(rng.choice([0, 8, 16, 20.5, 33.3, 127, 0.7])) for name in TRACES},
            {name: float(rng.choice([0, 1, 2.5, 10, 20, 100])) for name in TRACES},
            rng.integers(low, high, (POST, PRE)), rng.random((PRE, STEPS)) < 0.25, rng.random((POST, STEPS)) < 0.25,
        )  # fmt: skip


def recorded_by_lava(case: Case) -> dict[str, np.ndarray]:
    """Return traces and synaptic variables after each step, by Lava's own learning connection."""
    from lava.magma.core.learning.constants import GradedSpikeCfg
    from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
    from lava.magma.core.model.py.connection import LearningConnectionModelBitApproximate
    from lava.utils.weightutils import SignMode

    class Ignores:
        def __init__(self, parameters: Any) -> None:
            pass

    class Connection(LearningConnectionModelBitApproximate, Ignores):
        pass

    class Port:
        def recv(self) -> Any:
            return self.value

    rule = Loihi2FLearningRule(
        **case.rules, t_epoch=case.epoch, rng_seed=case.seed,
        **{f"{name}_impulse": value for name, value in case.impulses.items()},
        **{f"{name}_tau": value for name, value in case.taus.items()},
    )  # fmt: skip
    mode = {1: SignMode.MIXED, 2: SignMode.EXCITATORY, 3: SignMode.INHIBITORY}[case.mode]
    connection = Connection(
        {
            "learning_rule": rule, "shape": (POST, PRE), "sign_mode": mode,
            "graded_spike_cfg": GradedSpikeCfg.USE_REGULAR_IMPULSE,
        }
    )  # fmt: skip
    for names, size in ((("x1", "x2", "tx", "x0"), PRE), (("y1", "y2", "y3", "ty", "y0"), POST)):
        for name in names:
            setattr(connection, name, np.zeros(size, bool if name[1] == "0" else int))
    connection.weights, connection.s_in_bap = case.weights.copy(), Port()
    connection.tag_1, connection.tag_2 = np.zeros_like(case.weights), np.zeros_like(case.weights)
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*TRACES, *VARIABLES)}
    for t in range(STEPS):
        connection.time_step, connection.s_in_bap.value = t + 1, case.post[:, t]
        connection.recv_traces(case.pre[:, t].astype(int))
        if connection.lrn_guard():
            connection.run_lrn()
        for name, values in found.items():
            values.append(np.array(getattr(connection, name)))
    return {name: np.array(values).astype(np.int16) for name, values in found.items()}


def main() -> None:
    """Record."""
    found = {}
    for seed in range(CASES):
        for name, values in recorded_by_lava(Case.random(seed)).items():
            found[f"{name}_{seed}"] = values
    np.savez_compressed(RECORDED, **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
