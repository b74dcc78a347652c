"""PyNN's additive pair rule on the learning engine.

``dw = S x1 y0 - S' y1 x0`` with decays tau_plus and tau_minus. A pair at distance 0 has to change a weight by
``A_plus (w_max - w_min)``, in units of the stored weight; impulses between 20 and 40 leave the traces room up to 127,
and ``S = 2^e`` with the exponent that gives one. Axonal and dendritic delay: the chip delays in the accumulator of the
target, and learning sees both spikes when they are fired. Random numbers are counters hashed with the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pynn_ext.errors import UnsupportedError
from pynn_ext.network import CellGroup, Connections
from pynn_ext.network.draws import mix

from .learning import EpochEngine, Factor, Product, TraceSetting

if TYPE_CHECKING:
    from .program import LoihiProgram

SMALLEST, LARGEST = -7, 8
GOLDEN, MASK = 0x9E3779B97F4A7C15, 2**64 - 1


class Draws:
    """Uniform numbers, each a hash of the seed, the stream and how many were drawn before."""

    def __init__(self, seed: int, stream: int) -> None:
        start = np.array([(seed * GOLDEN + stream * 0xD1342543DE82EF95 + 1) & MASK], dtype=np.uint64)
        self.start, self.drawn = int(mix(start)[0]), 0

    def __call__(self, kind: str) -> float:
        self.drawn += 1
        bits = int(mix(np.array([(self.start + self.drawn * GOLDEN) & MASK], dtype=np.uint64))[0])
        return float(bits >> 57) if kind.endswith("impulse") else (bits >> 11) * 2.0**-53


class Plasticity:
    """One block of plastic synapses."""

    def __init__(
        self, program: LoihiProgram, span: slice, block: Connections, stored: Any, mode: int
    ) -> None:
        self.program, self.span, self.block = program, span, block
        network = program.network
        post = program.position[id(block.post)]
        assert isinstance(block.post, CellGroup)
        registers = program.registers[post]
        self.units = registers.scale * registers.gain[block.receptor][block.post_index] / 64
        values = {name: _single(block, name) for name in ("w_min", "w_max", "A_plus", "A_minus")}
        taus = {name: _single(block, name) for name in ("tau_plus", "tau_minus")}
        unit = _same(self.units, block, "the units of its weights")
        span_units = (values["w_max"] - values["w_min"]) * unit
        rule, traces = [], {}
        for trace, spike, amount, tau, sign in (
            ("x1", "y0", values["A_plus"], taus["tau_plus"], 1),
            ("y1", "x0", values["A_minus"], taus["tau_minus"], -1),
        ):
            impulse, exponent = _impulse(amount * span_units, block)
            traces[trace] = TraceSetting(impulse, tau / network.timestep)
            rule.append(Product(spike, sign, exponent, (Factor(trace),)))
        bounds = sorted((round(values["w_min"] * unit), round(values["w_max"] * unit)))
        self.first = {"x": program.first[program.position[id(block.pre)]], "y": program.first[post]}
        self.engine = EpochEngine(
            {"w": rule}, traces, block.pre_indices(), block.post_index.astype(np.int64), stored,
            program.settings["epoch"], mode, Draws(network.seed, span.start), (block.pre.size, block.post.size),
            (bounds[0], bounds[1]),
        )  # fmt: skip

    def step(self, pre: Any, post: Any) -> int:
        """Let the engine see who fired; return how many synapses were updated."""
        spikes = []
        for side, vertices in (("x", pre), ("y", post)):
            size = self.block.pre.size if side == "x" else self.block.post.size
            index = vertices - self.first[side]
            fired = np.zeros(size, bool)
            fired[index[(index >= 0) & (index < size)]] = True
            spikes.append(fired)
        if not self.engine.step(*spikes):
            return 0
        self.program.set_weights(self.span, self.engine.weight)
        return len(self.engine.weight)

    def store(self) -> None:
        """Write the weights back to the network, in its units."""
        self.block.columns["weight"][:] = self.engine.weight / self.units


def _single(block: Connections, name: str) -> float:
    source = block.columns[name] if name in block.columns else block.class_values[name]
    return float(_same(source, block, name))


def _same(values: Any, block: Connections, name: str) -> float:
    values = np.asarray(values)
    if values.size and np.any(np.abs(values - values.flat[0]) > 1e-12 * np.abs(values.flat[0])):
        raise UnsupportedError(
            f"different values of {name} within a projection", where=block.label,
            limit="the synapses of a list share one learning rule", remedy="make a projection for each value",
        )  # fmt: skip
    return float(values.flat[0]) if values.size else 0.0


def _impulse(change: float, block: Connections) -> tuple[float, int]:
    """Return an impulse of 20 to 40 and an exponent whose product is the change of a weight by a pair at distance 0."""
    if change == 0:
        return 0.0, 0
    exponent = int(np.ceil(np.log2(abs(change) / 40.0)))
    if not SMALLEST <= exponent <= LARGEST:
        raise UnsupportedError(
            f"a pair of spikes that changes a weight by {change:g} units", where=block.label,
            limit=f"the learning engine has {20 * 2.0**SMALLEST:g} to {40 * 2.0**LARGEST:g}",
            remedy="change A_plus and A_minus, or w_max",
        )  # fmt: skip
    return round(change / 2.0**exponent * 256) / 256, exponent
