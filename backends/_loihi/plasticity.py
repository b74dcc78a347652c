"""PyNN's plastic synapses on the learning engine.

`polynomial` expands the statements of a rule, `microcode` makes products of its terms. Learning sees a spike in the
step of its time, before and after the synapse alike (a postsynaptic spike reaches the synapse one step after it was
fired, as in brian2-loihi, which was checked against the chip): the delay of a synapse acts in the accumulator of the
target, after it. PyNN's rule sees pairs that are ``(2 f - 1) delay`` further apart, with f the dendritic fraction of
the delay; unless f is 0.5 that is among the roundings. A pair in one step counts on the chip, for both sides. Random
numbers are counters hashed with the seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pynn_ext.errors import UnsupportedError
from pynn_ext.mapping import Problem, Roundings
from pynn_ext.network import Connections
from pynn_ext.network.draws import mix

from . import eligibility
from .learning import REWARD, TRACE_MAX, EpochEngine, TraceSetting
from .microcode import Microcode, Reward, compiled
from .polynomial import InexpressibleError, terms
from .quantize import Stored
from .weights import effective

if TYPE_CHECKING:
    from .program import LoihiProgram

GOLDEN, MASK = 0x9E3779B97F4A7C15, 2**64 - 1
ALIKE = "dendritic_delay_fraction=0.5, with which both sides see a pair alike: here spikes learn when they are fired"
REMEDY = "nearest: SpikePairRule with AdditiveWeightDependence"


class Draws:
    """Uniform numbers, each a hash of the seed, the stream and how many were drawn before."""

    def __init__(self, seed: int, stream: int) -> None:
        start = np.array([(seed * GOLDEN + stream * 0xD1342543DE82EF95 + 1) & MASK], dtype=np.uint64)
        self.start, self.drawn = int(mix(start)[0]), 0

    def __call__(self, kind: str) -> float:
        self.drawn += 1
        bits = int(mix(np.array([(self.start + self.drawn * GOLDEN) & MASK], dtype=np.uint64))[0])
        return float(bits >> 56) if kind.endswith("impulse") else (bits >> 11) * 2.0**-53


class Rule:
    """The rule of one block in microcode."""

    def __init__(
        self, block: Connections, stored: Stored, timestep: float, epoch: int, reward: Reward | None
    ) -> None:
        self.block, self.units, self.reward = block, stored.units, reward
        self.unit = _same(self.units, block, "the units of its weights")
        self.values = _values(block)
        self.code = self._compiled(epoch * timestep)
        self.traces = {
            name: TraceSetting(self.code.impulses[name], self.values[tau] / timestep)
            for name, tau in self.code.taus.items()
        }
        if reward is not None:
            self.traces[REWARD] = TraceSetting(reward.impulse, reward.tau / timestep)

    def _compiled(self, epoch: float) -> Microcode:
        model = self.block.model
        if model.eligibility is None:
            return compiled(model, self.values, self.unit, self.reward)
        assert self.reward is not None  # `reward.problems` sees to it
        return eligibility.compiled(model, self.values, self.unit, self.reward, epoch)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Limits of the weights in the chip's units, if the rule has any."""
        if not {"w_min", "w_max"} <= set(self.values):
            return None
        low, high = sorted(round(self.values[name] * self.unit) for name in ("w_min", "w_max"))
        return low, high

    def tell(self, roundings: Roundings, timestep: float) -> None:
        """Note what was rounded."""
        where, code, block = self.block.label, self.code, self.block
        for name in ("w_min", "w_max"):
            if name in self.values:
                asked = self.values[name]
                roundings.add(where, name, asked, round(asked * self.unit) / self.unit, "as the weight")
        for what, asked, got, unit in code.constants:
            roundings.add(where, what, asked, got, unit, tolerance=1e-3)
        apart = (2 * block.dendritic_delay_fraction - 1) * block.delays() * timestep
        quantity = "what delays add to the distance of pairs (dendritic_delay_fraction)"
        roundings.add(where, quantity, apart, np.zeros_like(apart), "ms", remedy=ALIKE)


def rule_problems(block: Connections) -> Iterator[Problem]:
    """Give what of a rule the engine cannot express, whatever the units of its weights."""
    try:
        terms(block.model, _values(block))
    except (InexpressibleError, UnsupportedError) as error:
        yield _problem(block, error)


def rules(
    blocks: list[tuple[Connections, Stored]], timestep: float, epoch: int, rewards: dict[int, Reward]
) -> tuple[dict[int, Rule], list[Problem]]:
    """Return the rules of all plastic blocks by the ``id`` of the block, and the problems with them.

    Parameters
    ----------
    blocks : list of (Connections, Stored)
        All of the network.
    timestep : float
        ms.
    epoch : int
        Steps.
    rewards : dict of int to Reward
        By the ``id`` of the pool.
    """
    found, problems = {}, []
    for block, stored in blocks:
        if not block.model.static and len(block):
            try:
                found[id(block)] = Rule(block, stored, timestep, epoch, rewards.get(id(block.modulator)))
            except (InexpressibleError, UnsupportedError) as error:
                problems.append(_problem(block, error))
    return found, problems


def check_trace(block: Connections, name: str) -> None:
    """Refuse a trace that is in no term of the rule; that a term is too small for the chip only its unit of weights
    shows."""
    try:
        used = {trace for term in terms(block.model, _values(block)) for trace in term.traces}
    except (InexpressibleError, UnsupportedError):
        return  # whoever maps the network says so
    if name not in used:
        refuse_unused(block, name)


def refuse_unused(block: Connections, name: str) -> NoReturn:
    """Raise the error of a trace that the rule on the chip does without."""
    raise UnsupportedError(
        f"recording of '{name}'", where=block.label, limit="the rule on the chip does without this trace",
        remedy="record another, or the weight",
    )  # fmt: skip


def _problem(block: Connections, error: Exception) -> Problem:
    if isinstance(error, UnsupportedError):
        return Problem(block.label, error.what, error.limit, error.remedy)
    limit = "the learning engine adds products of traces and the weight at spikes"
    return Problem(block.label, f"{block.model.name}: {error}", limit, REMEDY)


class Plasticity:
    """One block of plastic synapses."""

    def __init__(self, program: LoihiProgram, span: slice, rule: Rule, stored: Stored) -> None:
        self.program, self.span, self.rule, self.block = program, span, rule, rule.block
        self.exponent = stored.exponent
        block, network = rule.block, program.network
        pre, post = (program.position[id(group)] for group in (block.pre, block.post))
        self.first = {"x": program.first[pre], "y": program.first[post]}
        products = {"w": rule.code.products, "t": rule.code.tags}
        self.engine = EpochEngine(
            products, rule.traces, block.pre_indices(), block.post_index.astype(np.int64),
            stored.values, program.settings["epoch"], stored.mode, Draws(network.seed, span.start),
            (block.pre.size, block.post.size), rule.bounds,
        )  # fmt: skip
        core = program.routes.core_of[self.engine.post + self.first["y"]]
        #: plastic synapses of each core
        self.on_core = np.bincount(core, minlength=len(program.routes.use.cells))

    def step(self, pre: Any, post: Any, rewards: dict[int, int]) -> int:
        """Let the engine see the spikes of a step, and the reward spikes by ``id`` of the pool; return how many
        synapses were updated."""
        fired = {}
        for side, vertices in (("x", pre), ("y", post)):
            size = self.block.pre.size if side == "x" else self.block.post.size
            index = vertices - self.first[side]
            fired[side] = np.zeros(size, bool)
            fired[side][index[(index >= 0) & (index < size)]] = True
        if not self.engine.step(fired["x"], fired["y"], rewards.get(id(self.block.modulator), 0)):
            return 0
        self.program.set_weights(self.span, effective(self.engine.weight, self.exponent))
        return len(self.engine.weight)

    def trace(self, name: str) -> Any:
        """Return the registers of a trace of the rule in units of one spike, float64, one value per synapse."""
        chip = self.rule.code.names[name]
        impulse = self.rule.code.impulses[chip]
        if not impulse:
            refuse_unused(self.block, name)
        return self.engine.value[chip][self.engine.ends(chip[0])] / impulse

    def adopt(self, before: Plasticity) -> None:
        """Take over traces, tags and how many numbers were drawn."""
        engine, old = self.engine, before.engine
        for name in engine.value:
            engine.value[name] = old.value[name].copy()
        engine.when = {side: when.copy() for side, when in old.when.items()}
        engine.step_number, engine.tag, engine.delay = old.step_number, old.tag.copy(), old.delay.copy()
        assert isinstance(engine.draw, Draws) and isinstance(old.draw, Draws)
        engine.draw = old.draw

    @property
    def signal(self) -> float:
        """The reward trace in units of the signal."""
        assert self.rule.reward is not None
        return float(self.engine.value[REWARD][0] * self.rule.reward.unit)

    @signal.setter
    def signal(self, value: float) -> None:
        assert self.rule.reward is not None
        self.engine.value[REWARD][0] = min(max(round(value / self.rule.reward.unit), 0), TRACE_MAX)

    def store(self) -> None:
        """Write weights and eligibilities back to the network, in its units."""
        columns, rule = self.block.columns, self.block.model.eligibility
        columns["weight"][:] = self.engine.weight / self.rule.units
        if rule is not None:
            columns[rule.state][:] = self.engine.tag / self.rule.code.tag_unit


def _values(block: Connections) -> dict[str, float]:
    sources = {**block.columns, **block.class_values}
    return {
        name: float(_same(sources[name], block, name)) for name in block.model.parameters if name in sources
    }


def _same(values: Any, block: Connections, name: str) -> float:
    values = np.asarray(values)
    if values.size and np.any(np.abs(values - values.flat[0]) > 1e-12 * np.abs(values.flat[0])):
        raise UnsupportedError(
            f"different values of {name} within a projection", where=block.label,
            limit="the synapses of a list share one learning rule", remedy="make a projection for each value",
        )  # fmt: skip
    return float(values.flat[0]) if values.size else 0.0
