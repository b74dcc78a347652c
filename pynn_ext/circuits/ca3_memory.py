"""A content-addressable memory after hippocampal area CA3: learn, recall by cue or by content, forget
(Casanueva-Morato et al. 2024, Neural Netw. 178:106474).

A cue and the contents that spike with it three times, 1 ms apart, are stored as weights of 6 nA between them; one spike
of either recalls the other 5 to 7 ms later; storing under a known cue forgets what it held. Weights and latencies are
the paper's, so that spikes come in the same millisecond as on its machine, SpiNNaker. A latency from spike to spike is
a delay and the one step in which the cell answers, which holds on a grid of 0.5 ms. SpiNNaker's rule depresses when the
two spikes of a pair coincide; where such pairs do not count, as here and in NEST, the memory needs the time constants
and amplitudes below to forget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import NetworkError

__all__ = ["CA3Memory"]
SLOW, FAST = {"cm": 0.27, "tau_m": 3.0}, {"cm": 0.14, "tau_m": 0.5}
CELL = {"tau_refrac": 1.0, "tau_syn_E": 0.3, "tau_syn_I": 0.3, "v_rest": -60.0, "v_reset": -60.0}
WEIGHT = 6.0  # nA
TIMESTEP = 0.5  # ms
#: (time in ms, cues, contents): both given, they are stored; one of them, the other is recalled.
_Operation = tuple[float, Iterable[int], Iterable[int]]


class CA3Memory:
    """The memory's populations and projections.

    Parameters
    ----------
    sim : module
        The backend, set up with a timestep of 0.5 ms.
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
    """

    def __init__(self, sim: Any, n_cues: int, n_bits: int) -> None:
        if n_cues < 2 or n_bits < 1:
            raise NetworkError(
                f"{n_cues} cues, {n_bits} bits", where="CA3Memory", limit="two cues and one bit at least"
            )
        self.sim, self.n_cues, self.n_bits = sim, n_cues, n_bits
        self.step = float(sim.get_time_step())
        if abs(self.step - TIMESTEP) > 1e-9:
            raise NetworkError(
                f"a timestep of {self.step:g} ms",
                where="CA3Memory",
                limit=f"cells answer in one step of {TIMESTEP:g} ms",
                remedy=f"sim.setup(timestep={TIMESTEP:g}, min_delay={TIMESTEP:g})",
            )
        n, m = n_cues, n_bits
        sizes = {"cue": (n, SLOW), "content": (m, SLOW), "cue_out": (n, FAST), "content_out": (m, SLOW)}
        sizes |= {
            "gate": (m, FAST),
            "gate_off": (1, FAST),
            "cue_merge": (n, SLOW),
            "content_merge": (m, SLOW),
        }
        self.populations = {name: self._cells(name, *kind) for name, kind in sizes.items()}
        self.out = self._cells("out", n + m, SLOW, -57.5)
        self.learned: dict[str, Any] = {}
        self._wire()

    def _cells(self, name: str, size: int, kind: dict[str, float], v_thresh: float = -57.0) -> Any:
        population = self.sim.Population(
            size, self.sim.IF_curr_exp(v_thresh=v_thresh, **CELL, **kind), label=name
        )
        population.initialize(v=-60.0)
        return population

    def _wire(self) -> None:
        n, m, p = self.n_cues, self.n_bits, self.populations
        everyone = self.sim.AllToAllConnector()
        others = self.sim.FromListConnector(
            [(i, j) for i in range(n) for j in range(n) if i != j], column_names=[]
        )
        self._connect(p["cue"], p["cue_out"], WEIGHT, 2.0)
        self._connect(p["cue"], p["cue_out"], -WEIGHT * m, 3.0, others)
        self._connect(p["cue"], p["gate"], -WEIGHT, 2.0, everyone)
        self._connect(p["content"], p["gate"], 9.0, 1.0)
        self._connect(p["content"], p["gate_off"], WEIGHT, 1.0, everyone)
        self._connect(p["gate_off"], p["gate"], 2.0, 1.0, everyone)
        self._connect(p["gate"], p["content_out"], WEIGHT, 1.0)
        self._connect(p["cue_out"], p["cue_out"], -WEIGHT * m, 2.0, others)
        self.learned["contents"] = self._plastic(p["cue"], p["content"])
        self.learned["cues"] = self._plastic(p["content_out"], p["cue_out"])
        for name, part in (("cue", self.out[:n]), ("content", self.out[n:])):
            self._connect(p[name], p[f"{name}_merge"], WEIGHT, 3.0)
            self._connect(p[f"{name}_out"], p[f"{name}_merge"], WEIGHT, 1.0)
            self._connect(p[f"{name}_merge"], part, WEIGHT, 1.0)

    def _connect(self, pre: Any, post: Any, weight: float, latency: float, connector: Any = None) -> Any:
        synapse = self.sim.StaticSynapse(weight=weight, delay=latency - self.step)
        receptor = "inhibitory" if weight < 0 else "excitatory"
        connector = connector or self.sim.OneToOneConnector()
        return self.sim.Projection(pre, post, connector, synapse, receptor_type=receptor)

    def _plastic(self, pre: Any, post: Any) -> Any:
        sim = self.sim
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(tau_plus=1.0, tau_minus=1.0, A_plus=1.0, A_minus=1.6),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=WEIGHT),
            weight=0.0,
            delay=1.0 - self.step,
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
        """Connect the answers, cues and contents, one to one to as many cells; weight in their unit."""
        return self._connect(self.out, cells, weight, latency)

    def record(self) -> None:
        """Record the spikes of all populations."""
        for population in (*self.populations.values(), self.out):
            population.record("spikes")

    def stimulus(self, operations: Sequence[_Operation]) -> list[list[float]]:
        """Return the spike times of the sources for operations, which follow each other by 10 ms at least."""
        trains: list[list[float]] = [[] for _ in range(self.n_cues + self.n_bits)]
        for start, cues, contents in operations:
            asked = [*cues], [*contents]
            times = [start, start + 1.0, start + 2.0] if all(asked) else [start]
            for i in (*asked[0], *(self.n_cues + j for j in asked[1])):
                trains[i] += times
        return trains

    def answers(self, operations: Sequence[_Operation]) -> list[tuple[set[int], set[int]]]:
        """Return the cues and the contents that `out`, recorded, answered to each operation."""
        trains = [train.rescale("ms").magnitude for train in self.out.get_data().segments[-1].spiketrains]
        found = []
        for start, *_ in operations:  # the output lies 5 to 7 ms after the input
            active = {i for i, t in enumerate(trains) if ((t > start + 4.0) & (t < start + 8.0)).any()}
            cues = {i for i in active if i < self.n_cues}
            found.append((cues, {i - self.n_cues for i in active - cues}))
        return found
