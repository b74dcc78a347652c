"""A content-addressable memory after hippocampal area CA3: learn, recall by cue or by content, forget
(Casanueva-Morato et al. 2024, Neural Netw. 178:106474).

A cue and the contents that spike with it three times, 1 ms apart, are stored as weights of 6 nA between them; one spike
of either recalls the other 5 to 7 ms later; storing under a known cue forgets what it held. Weights and latencies are
the paper's, so that spikes come in the same millisecond as on its machine, SpiNNaker. SpiNNaker's rule depresses when
the two spikes of a pair coincide; where such pairs do not count, as here and in NEST, the memory needs the time
constants and amplitudes below to forget.

A latency from spike to spike is a delay and the time a cell takes to answer, which is one step of 0.5 ms. In shorter
steps it answers sooner: delays, refractory periods and amplitudes of plasticity make up for the difference, so that
arrivals, ends of refractoriness and changes of weights stay where they were. In longer steps every time is longer by
the same factor (`CA3Memory.pace`), as the shortest latency, 1 ms, is a delay of one step and a step to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import NetworkError

__all__ = ["CA3Memory"]
SLOW, FAST = {"cm": 0.27, "tau_m": 3.0}, {"cm": 0.14, "tau_m": 0.5}
TAU_SYN, REST, THRESHOLD, OUT_THRESHOLD = 0.3, -60.0, -57.0, -57.5
WEIGHT = 6.0  # nA
TAU_PLASTIC, A_PLUS, A_MINUS = 1.0, 1.15, 1.8
LEAST_STEP, TIMESTEP = 0.1, 0.5  # ms; the paper's constants are for the second
REFRACTORY = 1.5  # ms, from the arrival of what made the cell fire
#: (time in ms, cues, contents): both given, they are stored; one of them, the other is recalled.
_Operation = tuple[float, Iterable[int], Iterable[int]]


class CA3Memory:
    """The memory's populations and projections.

    Parameters
    ----------
    sim : module
        The backend, set up with a timestep of 0.5 ms, a longer one, or one from 0.1 ms that divides 1 ms. In 0.1 ms
        a cue that was forgotten may be recalled too where many memories overlap (3 of 945 random operations).
        pyNN.nest needs ``spike_precision="on_grid"``.
    n_cues, n_bits : int
        Cues, of which one at a time is used, and contents.

    Attributes
    ----------
    populations : dict of str to Population
        ``cue``, ``content`` (what is asked), ``cue_out``, ``content_out`` (what is answered), ``gate``, ``gate_off``,
        ``cue_merge``, ``content_merge``.
    out : Population
        Cues, then contents.
    learned : dict of str to Projection
        ``contents`` from cues to contents, ``cues`` from contents to cues: the plastic weights.
    pace : float
        Factor of all times: 1, and in a timestep above 0.5 ms the timestep over 0.5 ms.
    """

    def __init__(self, sim: Any, n_cues: int, n_bits: int) -> None:
        if n_cues < 2 or n_bits < 1:
            raise NetworkError(
                f"{n_cues} cues, {n_bits} bits", where="CA3Memory", limit="two cues and one bit at least"
            )
        self.sim, self.n_cues, self.n_bits = sim, n_cues, n_bits
        self.step = float(sim.get_time_step())
        if self.step < LEAST_STEP - 1e-9 or (
            self.step < TIMESTEP and abs(1 / self.step - round(1 / self.step)) > 1e-6
        ):
            raise NetworkError(
                f"a timestep of {self.step:g} ms",
                where="CA3Memory",
                limit=f"from {LEAST_STEP:g} ms on, where shorter than {TIMESTEP:g} ms a part of 1 ms",
                remedy=f"sim.setup(timestep={TIMESTEP:g}, min_delay={TIMESTEP:g})",
            )
        self.pace = max(self.step / TIMESTEP, 1.0)
        n, m = n_cues, n_bits
        sizes = {"cue": (n, SLOW), "content": (m, SLOW), "cue_out": (n, FAST), "content_out": (m, SLOW)}
        sizes |= {
            "gate": (m, FAST),
            "gate_off": (1, FAST),
            "cue_merge": (n, SLOW),
            "content_merge": (m, SLOW),
        }
        self.populations = {name: self._cells(name, *kind) for name, kind in sizes.items()}
        self.out = self._cells("out", n + m, SLOW, OUT_THRESHOLD)
        self.learned: dict[str, Any] = {}
        self._wire()

    def _answer(self, kind: dict[str, float]) -> float:
        """Return the time from an input of `WEIGHT` to the spike (ms, before the pace): whole steps, by the PSP."""
        step, tau_m = self.step / self.pace, kind["tau_m"]
        t = step * np.arange(1, round(TIMESTEP / step) + 2)
        psp = np.exp(-t / tau_m) - np.exp(-t / TAU_SYN)
        psp *= WEIGHT / kind["cm"] * tau_m * TAU_SYN / (tau_m - TAU_SYN)
        return float(t[np.argmax(psp >= THRESHOLD - REST)])

    def _cells(self, name: str, size: int, kind: dict[str, float], v_thresh: float = THRESHOLD) -> Any:
        times = {"tau_m": kind["tau_m"], "tau_syn_E": TAU_SYN, "tau_syn_I": TAU_SYN, "cm": kind["cm"]}
        times["tau_refrac"] = REFRACTORY - self._answer(kind)
        paced = {key: self.pace * value for key, value in times.items()}  # cm, so that potentials stay
        cell = self.sim.IF_curr_exp(v_thresh=v_thresh, v_rest=REST, v_reset=REST, **paced)
        population = self.sim.Population(size, cell, label=name)
        population.initialize(v=REST)
        return population

    def _wire(self) -> None:
        n, m, p = self.n_cues, self.n_bits, self.populations
        everyone = self.sim.AllToAllConnector()
        others = self.sim.FromListConnector(
            [(i, j) for i in range(n) for j in range(n) if i != j], column_names=[]
        )
        self._connect(p["cue"], p["cue_out"], WEIGHT, 2.0, kind=FAST)
        self._connect(p["cue"], p["cue_out"], -WEIGHT * m, 3.0, others, FAST)
        self._connect(p["cue"], p["gate"], -WEIGHT, 2.0, everyone, FAST)
        self._connect(p["content"], p["gate"], 9.0, 1.0, kind=FAST)
        self._connect(p["content"], p["gate_off"], WEIGHT, 1.0, everyone, FAST)
        self._connect(p["gate_off"], p["gate"], 2.0, 1.0, everyone, FAST)
        self._connect(p["gate"], p["content_out"], WEIGHT, 1.0)
        self._connect(p["cue_out"], p["cue_out"], -WEIGHT * m, 2.0, others, FAST)
        self.learned["contents"] = self._plastic(p["cue"], p["content"], SLOW)
        self.learned["cues"] = self._plastic(p["content_out"], p["cue_out"], FAST)
        for name, part in (("cue", self.out[:n]), ("content", self.out[n:])):
            self._connect(p[name], p[f"{name}_merge"], WEIGHT, 3.0)
            self._connect(p[f"{name}_out"], p[f"{name}_merge"], WEIGHT, 1.0)
            self._connect(p[f"{name}_merge"], part, WEIGHT, 1.0)

    def _connect(
        self,
        pre: Any,
        post: Any,
        weight: float,
        latency: float,
        connector: Any = None,
        kind: dict[str, float] = SLOW,
    ) -> Any:
        delay = self.pace * (latency - self._answer(kind))
        synapse = self.sim.StaticSynapse(weight=weight, delay=delay)
        receptor = "inhibitory" if weight < 0 else "excitatory"
        connector = connector or self.sim.OneToOneConnector()
        return self.sim.Projection(pre, post, connector, synapse, receptor_type=receptor)

    def _plastic(self, pre: Any, post: Any, kind: dict[str, float]) -> Any:
        sim, delay, tau = self.sim, 1.0 - self._answer(kind), self.pace * TAU_PLASTIC
        later = np.exp((delay - (1.0 - TIMESTEP)) / TAU_PLASTIC)  # a postsynaptic spike reaches the synapse
        timing = sim.SpikePairRule(
            tau_plus=tau, tau_minus=tau, A_plus=A_PLUS * later, A_minus=A_MINUS / later
        )
        weights = sim.AdditiveWeightDependence(w_min=0.0, w_max=WEIGHT)
        rule = sim.STDPMechanism(
            timing_dependence=timing, weight_dependence=weights, weight=0.0, delay=self.pace * delay
        )
        return sim.Projection(pre, post, sim.AllToAllConnector(), rule)

    def connect_in(self, sources: Any) -> tuple[Any, Any]:
        """Connect ``n_cues + n_bits`` sources, the cues first, one to one; return the two projections."""
        if sources.size != self.n_cues + self.n_bits:
            raise NetworkError(
                f"{sources.size} sources",
                where="CA3Memory",
                limit=f"{self.n_cues} cues and {self.n_bits} bits, in this order",
            )
        parts = (sources[: self.n_cues], "cue"), (sources[self.n_cues :], "content")
        first, second = (self._connect(part, self.populations[name], WEIGHT, 1.0) for part, name in parts)
        return first, second

    def connect_out(self, cells: Any, weight: float = WEIGHT, latency: float = 1.0) -> Any:
        """Connect the answers, cues and contents, one to one to as many cells that answer in one step; weight in their
        unit, latency in ms of pace 1."""
        synapse = self.sim.StaticSynapse(weight=weight, delay=self.pace * latency - self.step)
        return self.sim.Projection(self.out, cells, self.sim.OneToOneConnector(), synapse)

    def record(self) -> None:
        """Record the spikes of all populations."""
        for population in (*self.populations.values(), self.out):
            population.record("spikes")

    def stimulus(self, operations: Sequence[_Operation]) -> list[list[float]]:
        """Return the spike times of the sources for operations, 10 ms times the pace apart at least."""
        trains: list[list[float]] = [[] for _ in range(self.n_cues + self.n_bits)]
        for start, cues, contents in operations:
            asked = [*cues], [*contents]
            times = [start + self.pace * k for k in range(3)] if all(asked) else [start]
            for i in (*asked[0], *(self.n_cues + j for j in asked[1])):
                trains[i] += times
        return trains

    def answers(self, operations: Sequence[_Operation]) -> list[tuple[set[int], set[int]]]:
        """Return the cues and the contents that `out`, recorded, answered to each operation."""
        trains = [train.rescale("ms").magnitude for train in self.out.get_data().segments[-1].spiketrains]
        found = []
        begin, end = 4.0 * self.pace, 8.0 * self.pace  # the output lies 5 to 7 ms after the input
        for start, *_ in operations:
            active = {i for i, t in enumerate(trains) if ((t > start + begin) & (t < start + end)).any()}
            cues = {i for i in active if i < self.n_cues}
            found.append((cues, {i - self.n_cues for i in active - cues}))
        return found
