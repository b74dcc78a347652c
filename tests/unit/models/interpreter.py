"""Runs the statements of a synapse model in plain Python: what an engine must compute, without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pynn_ext.network import SynapseModel

FUNCTIONS = {"clip": np.clip, "exp": np.exp, "int": int, "ms": 1.0}


class Interpreter:
    """One synapse.

    Parameters
    ----------
    model : SynapseModel
        What to run.
    values : mapping of str to float
        ``weight`` and every parameter.
    """

    def __init__(self, model: SynapseModel, values: Mapping[str, float]) -> None:
        self.model = model
        self.values: dict[str, float] = {**model.state, **values}  # type: ignore[dict-item]
        self.traces = dict.fromkeys([*model.pre_traces, *model.post_traces], 0.0)
        self.time = 0.0

    def _execute(self, code: str) -> float:
        names: dict[str, Any] = {**FUNCTIONS, **self.values, **self.traces, "t": self.time}
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            exec(code, {"__builtins__": {}}, names)
        self.values.update({name: float(names[name]) for name in self.values})
        return float(names.get("transmitted", self.values["weight"]))

    def _advance(self, time: float) -> None:
        for name, tau in {**self.model.pre_traces, **self.model.post_traces}.items():
            self.traces[name] *= np.exp(-(time - self.time) / self.values[tau])
        self.time = time

    def pre(self, time: float) -> float:
        """A presynaptic spike: return what is transmitted."""
        self._advance(time)
        self._execute(self.model.on_pre)
        sent = self._execute(self.model.on_transmit)
        for name in self.model.pre_traces:
            self.traces[name] += 1.0
        return sent

    def post(self, time: float) -> None:
        """A postsynaptic spike."""
        self._advance(time)
        self._execute(self.model.on_post)
        for name in self.model.post_traces:
            self.traces[name] += 1.0

    def pairs(self, pre: Iterable[float], post: Iterable[float]) -> float:
        """Run spikes of both sides, at different times, and return the weight."""
        for time, kind in sorted([(t, "pre") for t in pre] + [(t, "post") for t in post]):
            getattr(self, kind)(time)
        return self.values["weight"]
