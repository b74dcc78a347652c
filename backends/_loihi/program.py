"""A network on Loihi: placed on cores, in registers, stepped in the chip's integers.

Time contract: barrier. A step lasts as long as its slowest core or message takes and ends with the barrier, so a
spike is never late; the interconnect decides the time and energy of a step, not what is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pynn_ext.mapping import (
    CoreLimits,
    Roundings,
    Routes,
    SpikeGraph,
    SynapseMemory,
    quantize,
    raise_if_any,
)
from pynn_ext.mapping.engine import Emitted, Program, Report
from pynn_ext.network import CellGroup, Connections, Network

from . import report, reward
from .compartments import Compartments, Core, Synapses
from .costs import SETS
from .placement import Placer
from .plasticity import Plasticity, rule_problems, rules
from .quantize import ONE, SOMA, Registers, Stored, problems, registers, weights
from .timing import Layout, StepCosts


class LoihiProgram(Program):
    """See the module.

    Parameters
    ----------
    network : Network
        What to run.
    roundings : Roundings
        Gets an entry for everything that is rounded.
    chip : Chip
        Record of limits.
    settings : dict
        ``chips``, ``costs``, ``timing``, ``partition``, ``placement``, ``spikes``.
    placer : Placer, optional
        Gives a network that it has placed before the same places.
    """

    def __init__(
        self, network: Network, roundings: Roundings, chip: Any, settings: dict[str, Any], placer: Placer | None = None
    ) -> None:  # fmt: skip
        plastic = [block for block in network.connections if not block.model.static]
        found = [problem for block in plastic for problem in rule_problems(block)]
        raise_if_any([*problems(network, chip), *reward.problems(network), *found], chip.name)
        self.network, self.chip, self.settings = network, chip, settings
        self.placeable = reward.of_cells(network)
        self._number()
        self._registers(roundings)
        self._synapses(roundings)
        self._rules(roundings)
        self._place(placer or Placer())
        self.core = Core(self._compartments(), self.synapses)
        self.costs = StepCosts(self._layout(), SETS[settings["costs"]])
        self.reset()

    # --- from the network to registers ------------------------------------------------------------------

    def _number(self) -> None:
        """Number cells first, then sources, as `SpikeGraph` does."""
        groups = self.network.groups
        cells = [n for n, g in enumerate(groups) if isinstance(g, CellGroup) and not reward.is_pool(g)]
        order = cells + [n for n, group in enumerate(groups) if not isinstance(group, CellGroup)]
        starts = np.concatenate([[0], np.cumsum([groups[n].size for n in order])]).astype(np.int64)
        self.cells = cells
        self.first = {n: int(start) for n, start in zip(order, starts, strict=False)}
        self.position = {id(group): n for n, group in enumerate(groups)}
        self.n = sum(groups[n].size for n in cells)
        self.vertices = int(starts[-1])

    def _registers(self, roundings: Roundings) -> None:
        network = self.network
        self.registers: dict[int, Registers] = {}
        for n in self.cells:
            group = network.groups[n]
            assert isinstance(group, CellGroup)
            into = [block for block in network.connections if block.post is group]
            strongest = self._largest_injection(group)
            self.registers[n] = registers(group, into, network.timestep, roundings, strongest)
        self._dendrites()

    def _rules(self, roundings: Roundings) -> None:
        network = self.network
        first = {id(network.groups[n]): start for n, start in self.first.items()}
        #: by position of the pool
        self.channels = {
            n: reward.Channel(
                group, [b for b in network.connections if b.post is group], first, self.vertices
            )
            for n, group in enumerate(network.groups)
            if isinstance(group, CellGroup) and reward.is_pool(group)
        }
        rewards = {id(network.groups[n]): channel.reward for n, channel in self.channels.items()}
        self.rules, found = rules(self.blocks, network.timestep, self.settings["epoch"], rewards)
        raise_if_any(found, self.chip.name)
        for rule in self.rules.values():
            rule.tell(roundings, network.timestep)

    def _dendrites(self) -> None:
        """Number the compartments: cells as they are, then the dendrites, group by group."""
        self.dendrite_of: dict[tuple[int, int], int] = {}
        self.compartments = self.n
        for n in self.cells:
            for d in range(len(self.registers[n].dendrites)):
                self.dendrite_of[n, d] = self.compartments
                self.compartments += self.network.groups[n].size

    def _largest_injection(self, group: CellGroup) -> float:
        """Return what all currents into a group may add up to, judged by their first hundred seconds."""
        total, steps = 0.0, max(1, int(1e5 / self.network.timestep))
        for injection in self.network.injections:
            if injection.group is group:
                total += float(np.abs(injection.waveform(0, min(steps, 200_000))).max(initial=0.0))
        return total

    def _synapses(self, roundings: Roundings) -> None:
        source, target, weight, delay, cells = [], [], [], [], []
        self.blocks: list[tuple[Connections, Stored]] = []
        for block in self.placeable.connections:
            pre, post = self.position[id(block.pre)], self.position[id(block.post)]
            where = block.label or f"{block.pre.label}→{block.post.label}"
            stored = weights(block, self.registers[post], self.chip.weight_bits, roundings, where)
            self.blocks.append((block, stored))
            source.append(block.pre_indices() + self.first[pre])
            site = self.registers[post].site[block.receptor]
            start = self.first[post] if site == SOMA else self.dendrite_of[post, site]
            target.append(block.post_index.astype(np.int64) + start)
            cells.append(block.post_index.astype(np.int64) + self.first[post])
            weight.append(stored.effective)
            delay.append(block.delays().astype(np.int64))
        empty = [np.empty(0, np.int64)]
        joined = [np.concatenate(part or empty) for part in (source, target, weight, delay)]
        order = np.argsort(joined[0], kind="stable")
        #: where the synapses of the blocks, one block after another, are
        self.row_of = np.empty(len(order), np.int64)
        self.row_of[order] = np.arange(len(order))
        self.synapses = Synapses.of(self.vertices, *joined)
        self.pre, self.post = joined[0], np.concatenate(cells or empty)

    def _compartments(self) -> Compartments:
        total = self.compartments
        found = Compartments(total, dendrites=np.full((total, 2), -1, np.int64))
        for n in self.cells:
            r, at = self.registers[n], self._span(n)
            for name in ("decay_u", "decay_v", "threshold", "refractory"):
                getattr(found, name)[at] = getattr(r, name)
            found.bias[at] = r.bias()
            for d, dendrite in enumerate(r.dendrites):
                start = self.dendrite_of[n, d]
                there = slice(start, start + self.network.groups[n].size)
                found.decay_u[there] = found.decay_v[there] = dendrite.decay
                found.passes[there] = dendrite.passes
                found.dendrites[at, d] = np.arange(there.start, there.stop)
        return found

    # --- placement --------------------------------------------------------------------------------------

    def _place(self, placer: Placer) -> None:
        chip, settings = self.chip, self.settings
        sizes = {id(self.network.groups[n]): 1 + len(self.registers[n].dendrites) for n in self.cells}
        graph = SpikeGraph.of(self.network, settings.get("spikes"), self._profiles(), sizes)
        slots = 8
        while slots <= int(self.synapses.delay.max(initial=0)):
            slots *= 2
        self.limits = CoreLimits(
            cells=min(chip.compartments, chip.accumulators // slots), axons_in=chip.input_axons,
            axons_out=chip.output_axons, profiles=chip.profiles, memory=self._memory(slots),
        )  # fmt: skip
        self.chips, self.routes = placer(graph, self.limits, chip, settings)

    def _profiles(self) -> dict[int, Any]:
        """Number the different sets of decays, refractoriness and threshold."""
        found: dict[int, Any] = {}
        for n in self.cells:
            r = self.registers[n]
            table = np.stack([r.decay_u, r.decay_v, r.refractory, r.threshold])
            kinds = np.unique(table, axis=1, return_inverse=True)[1].reshape(-1)
            found[id(self.network.groups[n])] = kinds + 100_000 * n
        return found

    def _memory(self, slots: int) -> SynapseMemory:
        """Lists of synapses of 8 weight bits, as many delay and tag bits as needed, and an index of 10 bits."""
        chip = self.chip
        delay_bits = 0 if self.synapses.delay.max(initial=0) == 0 else (slots - 1).bit_length()
        tag_bits = 9 if any(rule.code.tags for rule in self.rules.values()) else 0
        bits = chip.weight_bits + delay_bits + tag_bits + 10
        return SynapseMemory(chip.memory_words, 64, bits, chip.list_header_bits, chip.list_block)

    def _layout(self) -> Layout:
        inner = self.pre < self.n  # what comes from outside is sent by the host
        parts = [self.routes.core_of[: self.n]]
        for (n, _), _start in sorted(self.dendrite_of.items(), key=lambda item: item[1]):
            parts.append(self.routes.core_of[self._span(n)])  # beside its cell
        core = np.concatenate(parts)
        return Layout.of(core, self.pre[inner], self.post[inner], np.ones(int(inner.sum()), np.int64))

    # --- the step ---------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget state, spikes under way and counts; take the weights from the network again."""
        self.core.reset()
        self.core.compartments.bias[:] = self._compartments().bias
        self._load_weights()
        for channel in self.channels.values():
            channel.reset()
        self.plasticity = [
            Plasticity(self, at, self.rules[id(block)], stored)
            for at, (block, stored) in zip(self._spans(), self.blocks, strict=True)
            if id(block) in self.rules
        ]
        self.counts = report.Counts(self)

    def _spans(self) -> list[slice]:
        ends = np.cumsum([0, *(len(block) for block, _ in self.blocks)])
        return [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]

    def _load_weights(self) -> None:
        ignored = Roundings()
        for n, (span, (block, _)) in enumerate(zip(self._spans(), self.blocks, strict=True)):
            if not block.model.static:
                post = self.position[id(block.post)]
                stored = weights(block, self.registers[post], self.chip.weight_bits, ignored, block.label)
                self.blocks[n] = (block, stored)
                self.set_weights(span, stored.effective)

    def set_weights(self, span: slice, added: Any) -> None:
        """Put effective weights into the synaptic memory."""
        self.synapses.weight[self.row_of[span]] = added

    def advance(self, step: int, emitted: Emitted) -> Emitted:
        """Advance by one time step."""
        inputs = [self.first[n] + index.astype(np.int64) for n, index in emitted]
        outside = np.concatenate(inputs) if inputs else np.empty(0, np.int64)
        before = self.core.before
        now = self.core.step_number
        fired = self.core.step(outside)
        self.counts.step(fired, self._learn(np.concatenate([before, outside]), before, now))
        found = []
        for n in self.cells:
            first = self.first[n]
            a, b = np.searchsorted(fired, [first, first + self.network.groups[n].size])
            if b > a:
                found.append((n, (fired[a:b] - first).astype(np.int32)))
        return found

    def _learn(self, pre: Any, post: Any, step: int) -> Any:
        """Let all rules see the spikes of a step; return how many synapses were updated on each core."""
        groups = self.network.groups
        rewards = {id(groups[n]): channel.step(pre, step) for n, channel in self.channels.items()}
        updated = np.zeros(len(self.routes.use.cells), np.int64)
        for rule in self.plasticity:
            if rule.step(pre, post, rewards):
                updated += rule.on_core
        return updated

    # --- state ------------------------------------------------------------------------------------------

    def _span(self, group: int) -> slice:
        return slice(self.first[group], self.first[group] + self.network.groups[group].size)

    def variables(self, group: int) -> tuple[str, ...]:
        """Return the names of a group's state variables."""
        if group in self.channels:
            return (self.channels[group].signal,)
        cells = self.network.groups[group]
        assert isinstance(cells, CellGroup)
        if cells.model.name != "IF_curr_exp":
            return ("v",)
        return ("v", "isyn_exc", "isyn_inh") if self.registers[group].dendrites else ("v", "isyn_exc")

    def read(self, group: int, variable: str) -> Any:
        """Return v (mV), or a current (nA) before the next spikes act, which is u decayed by a step: isyn_exc is that
        of both receptors where they share one."""
        if group in self.channels:
            return np.array([next((rule.signal for rule in self._modulated(group)), 0.0)])
        r, c = self.registers[group], self.core.compartments
        if variable == "v":
            return r.v_zero + c.v[self._span(group)] / r.scale
        at, units = self._current(group, variable)
        return c.u[at] / units

    def _modulated(self, group: int) -> list[Plasticity]:
        """Return the rules that a pool modulates."""
        return [rule for rule in self.plasticity if rule.block.modulator is self.network.groups[group]]

    def _current(self, group: int, variable: str) -> tuple[slice, Any]:
        """Return where a current is, and the units of u that are 1 nA a step later."""
        r = self.registers[group]
        if variable == "isyn_exc":
            at, receptor = self._span(group), "excitatory"
        else:
            start, receptor = self.dendrite_of[group, 0], "inhibitory"
            at = slice(start, start + self.network.groups[group].size)
        kept = np.maximum(ONE - self.core.compartments.decay_u[at], 1) / ONE
        return at, r.scale * r.gain[receptor] / kept

    def write(self, group: int, variable: str, values: Any) -> None:
        """Set v or the current, rounded to the chip's units."""
        if group in self.channels:
            for rule in self._modulated(group):
                rule.signal = float(values[0])
            return
        r, at, c = self.registers[group], self._span(group), self.core.compartments
        if variable == "v":
            c.v[at] = np.clip(quantize.round_half_up((values - r.v_zero) * r.scale), c.v_min[at], c.v_max[at])
        else:
            at, units = self._current(group, variable)
            c.u[at] = quantize.round_half_up(values * units)

    def inject(self, group: int, currents: Any) -> None:
        """Let the host set the biases to the offset and an injected current (nA)."""
        self.core.compartments.bias[self._span(group)] = self.registers[group].bias(currents)

    def adopt(self, before: Program, groups: dict[int, int]) -> None:
        """Take over state, spikes under way and refractoriness."""
        super().adopt(before, groups)
        assert isinstance(before, LoihiProgram)
        self.core.step_number, self.counts = before.core.step_number, before.counts.continued(self)
        for now, then in groups.items():
            if now in self.channels:
                self.channels[now].ring = before.channels[then].ring
                continue
            here, there = self._span(now), before._span(then)
            ratio = self.registers[now].scale / before.registers[then].scale
            self.core.compartments.countdown[here] = before.core.compartments.countdown[there]
            size, pairs = self.network.groups[now].size, [(here, there)]
            for d in range(min(len(self.registers[now].dendrites), len(before.registers[then].dendrites))):
                a, b = self.dendrite_of[now, d], before.dendrite_of[then, d]
                pairs.append((slice(a, a + size), slice(b, b + size)))
                for name in "uv":
                    column = getattr(before.core.compartments, name)[pairs[-1][1]] * ratio
                    getattr(self.core.compartments, name)[pairs[-1][0]] = np.rint(column)
            for mine, theirs in pairs:
                self.core.ring[:, mine] = np.rint(before.core.ring[:, theirs] * ratio)
        then_of = {id(rule.block): rule for rule in before.plasticity}
        for rule in self.plasticity:
            if id(rule.block) in then_of:
                rule.adopt(then_of[id(rule.block)])
        shift = {before.first[then] + i: self.first[now] + i for now, then in groups.items() if now in self.first
                 for i in range(self.network.groups[now].size)}  # fmt: skip
        self.core.before = np.array(
            sorted(shift[int(i)] for i in before.core.before if int(i) in shift), np.int64
        )

    def plastic_trace(self, connections: Connections, name: str) -> Any:
        """Return the registers of a trace after the last epoch, in units of one spike, for each synapse."""
        return next(rule for rule in self.plasticity if rule.block is connections).trace(name)

    def store_weights(self) -> None:
        """Write weights that the chip has changed back to the network."""
        for rule in self.plasticity:
            rule.store()

    def tell(self, report: Report) -> None:
        """Say how often a register was too small."""
        what = ("sums of inputs wrapped around", "currents wrapped around", "potentials reached their limit")
        bits = (self.chip.accumulator.bits, self.chip.current.bits, self.chip.potential.bits)
        for text, size, count in zip(what, bits, self.core.beyond.tolist(), strict=True):
            if count:
                where = f"{self.chip.name}: registers of {size} bits"
                report(f"{count} times {text}", where, "use smaller weights or fewer inputs at once")
        for rule in self.plasticity:
            for name, count in rule.engine.saturated.items():
                if count:
                    small = "a tag" if name == "t" else f"the trace {name}"
                    remedy = "fewer spikes, or shorter time constants"
                    report(f"{count} times {small} reached its limit", f"{rule.block.label}: {small}", remedy)

    def report(self) -> dict[str, Any]:
        """Return what was counted since the last reset."""
        return self.counts.report()

    @property
    def placed(self) -> Routes:
        """Where everything is."""
        return self.routes
