"""Projections of the interpreted engine: static delivery, and plastic synapses with the core's order of events.

In a step traces decay first and the scale grows, then postsynaptic spikes act, then presynaptic ones, and only then
both enter the traces; what was sent into the dendrite arrives last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import Connections
from ..network.emitters import Emitter, Indices
from ..network.synapse_draws import binomial, projection_key, spike_keys, uniform
from .interpreted_cells import InterpretedCells
from .projections import (
    axonal_dendritic,
    late_variables,
    same_layout,
    scale_steps,
    synapse_columns,
    transposed,
    varying,
)

Rows = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def spread(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return all numbers of the ranges ``first[i] … last[i] - 1``, one range after the other."""
    lengths = last - first
    ends = np.cumsum(lengths)
    return np.arange(lengths.sum()) + np.repeat(first - ends + lengths, lengths)


def batches(spikes: Indices) -> Iterator[tuple[Indices, npt.NDArray[np.int64]]]:
    """Divide spikes so that no cell occurs twice in a batch: their synapses can then be written at once.

    Each batch comes with the number of spikes of the same cell before each of its spikes."""
    begins = np.concatenate([[True], spikes[1:] != spikes[:-1]]) if len(spikes) else np.empty(0, bool)
    entries = np.arange(len(spikes))
    repeat = entries - np.maximum.accumulate(np.where(begins, entries, 0))
    if len(np.unique(spikes)) == len(spikes):
        yield spikes, repeat
    else:
        yield from zip(spikes[:, None], repeat[:, None], strict=True)


class InterpretedProjection:
    """One block of connections."""

    def __init__(
        self, connections: Connections, pre: Emitter, post: Emitter, timestep: float, seed: int = 0
    ) -> None:
        self.connections, self.pre, self.post, self.timestep = connections, pre, post, timestep
        self.static = connections.model.static
        self._random = projection_key(seed, connections.stream)
        self._revision = self._modulated = -1
        self._key: Any = None
        self._until = -1  # step up to which traces and scale are computed
        self._layout: list[npt.NDArray[Any]] = []
        self._traces: dict[str, npt.NDArray[np.float64]] = {}
        self.reach: dict[str, int] = {}
        self._seen: list[dict[str, npt.NDArray[Any]]] = []  # of the postsynaptic cells, by class and name

    @property
    def max_delay(self) -> int:
        """Largest delay in steps."""
        return int(self.connections.delay_steps.max(initial=1))

    def refresh(self, step: int) -> None:
        """Bring what is derived from the connections up to date, before a run that begins at `step`."""
        c = self.connections
        decays = c.model.scale is not None and c.model.scale.decay  # with a parameter of the modulator
        if decays and c.modulator is not None and c.modulator.revision != self._modulated:
            self._revision, self._modulated = -1, c.modulator.revision
        if c.model.scale and self._until < 0:  # later pieces of a run go on where the last one ended
            self._until = step
        if self._revision == c.revision:
            return
        variable, self._factor = c.post.model.receptors[c.receptor]
        self._receptor = c.post.state[variable]
        self._classes = len(c.delay_steps)
        if not self.static:
            self._plastic()
        self._revision = c.revision

    def _plastic(self) -> None:
        c = self.connections
        self._axonal, self._dendritic = axonal_dendritic(c)
        self.reach = late_variables(c)
        layout: list[npt.NDArray[Any]] = [c.delay_steps, self._axonal, c.offsets]
        if not same_layout(self._layout, layout):
            self._layout = layout
            self._pending: list[deque[Any]] = [deque() for _ in c.delay_steps]
        taus = {**c.model.pre_traces, **c.model.post_traces}
        self._decay = {trace: np.exp(-self.timestep / c.class_values[tau]) for trace, tau in taus.items()}
        for trace in taus:
            rows = c.pre.size if trace in c.model.pre_traces else c.post.size
            if trace not in self._traces or self._traces[trace].shape != (rows, self._classes):
                self._traces[trace] = np.zeros((rows, self._classes), dtype=c.dtype)
        self._begin_scale()
        self._write_programs()
        if c.model.on_post or self._own:
            self._post_offsets, self._post_synapse, self._post_pre = transposed(c)

    def _begin_scale(self) -> None:
        c = self.connections
        self._steps = scale_steps(c, self.timestep) if c.model.scale else None
        name = self._steps.signal if self._steps else ""
        self._own = name in c.model.post_state
        self._signal_name, self._signal = (
            name,
            np.atleast_1d(synapse_columns(c)[name]) if name else np.empty(0),
        )
        self._scale = np.ones(self._classes)
        self._integral = np.zeros(max(len(self._signal), 1) * self._classes)
        if self._steps:
            self._gain = self._steps.gain.reshape(-1, self._classes)

    def _write_programs(self) -> None:
        from .brian import Statements
        from .synapse_statements import growing, rescaling, seeing, stepping, synapse_variables

        c = self.connections
        arrays = varying(c)
        if self._key != (asdict(c.model), arrays):
            statements = Statements(synapse_variables(c.model, arrays)[1])
            self._see = statements.program(seeing(c.model), iterate="_syn", whole=False)
            self._grow = statements.program(growing(c.model), iterate="_syn", whole=False)
            self._sweep = statements.program(stepping(c.model), iterate="_syn", whole=False)
            self._rescaling = statements.program(rescaling(c.model), iterate="_syn", whole=False)
            self._key = asdict(c.model), arrays
        self._time = np.zeros(1)
        for program in (self._see, self._grow, self._sweep, self._rescaling):
            columns = {n: v.astype(c.dtype_of(n), copy=False) for n, v in synapse_columns(c).items()}
            program.namespace.update({f"P_{n}": np.atleast_1d(v) for n, v in columns.items()})
            program.namespace.update({f"P_{n}": v.reshape(-1) for n, v in self._traces.items()})
            program.namespace.update(P_dt=np.array([self.timestep], dtype=c.dtype), P_t=self._time)

    def _rows(self, spikes: Indices, member: int) -> Rows:
        row = spikes.astype(np.int64) * self._classes + member
        return self.connections.offsets[row], self.connections.offsets[row + 1]

    def deliver(self, step: int) -> None:
        """Add the weights of static synapses whose spikes arrive at `step`."""
        c = self.connections
        for member, delay in enumerate(c.delay_steps):
            spikes = self.pre.at(step - int(delay))
            if spikes.size:
                synapses = spread(*self._rows(spikes, member))
                weight = c.columns["weight"]
                values = weight[synapses].astype(c.dtype) if weight.ndim else weight
                np.add.at(self._receptor, c.post_index[synapses], self._factor * values)

    def plastic_step(self, step: int) -> None:
        """Everything that happens at plastic synapses at `step`."""
        self._look_back(step)
        self._advance(step)
        self._time[0] = step * self.timestep
        if self.connections.model.on_step:
            self._run_all(self._sweep, step)
        if self.connections.model.on_post:
            for member, shift in enumerate(self._dendritic):
                for spikes, repeat in batches(self.post.at(step - int(shift))):
                    self._run_targets(self._grow, spikes, repeat, member, step)
        for member, shift in enumerate(self._axonal):
            for spikes, repeat in batches(self.pre.at(step - int(shift))):
                self._see_spikes(spikes, repeat, member, step)
        self._enter_traces(step)
        for pending in self._pending:
            while pending and pending[0][0] <= step:
                self._add(*pending.popleft()[1:])

    def _look_back(self, step: int) -> None:
        """Find what the synapses of each class see of their postsynaptic cells at `step`."""
        c = self.connections
        if self.reach:
            assert isinstance(self.post, InterpretedCells)
            kept = {name: self.post.histories.of(variable) for name, variable in c.model.post_state.items()}
            self._seen = [
                {name: history.at(step, int(shift)) for name, history in kept.items()}
                for shift in self._dendritic
            ]
        else:
            self._seen = [{n: c.post.state[v] for n, v in c.model.post_state.items()}] * self._classes

    def _signal_of(self, member: int) -> npt.NDArray[Any]:
        """Return the signal that the synapses of a class see."""
        return self._seen[member][self._signal_name] if self._own else self._signal

    def _advance(self, step: int) -> None:
        """Traces and scale as they are at `step`, before its spikes."""
        if step <= self._until:
            return
        self._until = step
        for trace, values in self._traces.items():
            values *= self._decay[trace]
        if self._steps:
            self._time[0] = step * self.timestep
            self._scale *= self._steps.growth
            if self._signal.size:
                signal = np.stack([self._signal_of(member) for member in range(self._classes)], axis=1)
                self._integral += (signal * self._gain / self._scale).reshape(-1)
            if step % self._steps.period == 0:
                self._rescale(step)
            elif self._own:
                self._fold_cells(step, False)

    def _rescale(self, step: int) -> None:
        if self._own:
            self._fold_cells(step, True)
        else:
            self._run_all(self._rescaling, step)
        self._integral[:], self._scale[:] = 0.0, 1.0

    def _fold_cells(self, step: int, whole: bool) -> None:
        """Bring the synapses of postsynaptic cells up to date whose signal has ended, or of all."""
        for member in range(self._classes):
            integral = self._integral[member :: self._classes]
            which = whole | (self._signal_of(member) == 0.0)
            cells = np.flatnonzero(which & (integral != 0.0)).astype(np.int32)
            self._run_targets(self._rescaling, cells, np.zeros(len(cells), np.int64), member, step)
            integral[cells] = 0.0

    def settle(self, step: int) -> None:
        """Bring synapses that are kept on a scale to `step`, for whoever reads them."""
        if self._steps:
            self._look_back(step)
            self._advance(step)
            if (self._scale != 1.0).any():
                self._rescale(step)

    def _run_all(self, program: Any, step: int) -> None:
        c = self.connections
        rows = np.repeat(np.arange(len(c.offsets) - 1), np.diff(c.offsets))
        keys = np.repeat(spike_keys(self._random, step, np.array([1 << 32])), len(rows))
        for member in range(self._classes):
            synapses = np.flatnonzero(rows % self._classes == member)
            source, target = rows[synapses] // self._classes, c.post_index[synapses].astype(np.int64)
            self._execute(program, synapses, source, target, member, keys[: len(synapses)])

    def _run_targets(
        self, program: Any, spikes: Indices, repeat: npt.NDArray[np.int64], member: int, step: int
    ) -> None:
        row = spikes.astype(np.int64) * self._classes + member
        first, last = self._post_offsets[row], self._post_offsets[row + 1]
        entries = spread(first, last)
        if entries.size:
            source, target = self._post_pre[entries].astype(np.int64), np.repeat(spikes, last - first)
            keys = np.repeat(spike_keys(self._random, ~step, repeat), last - first)
            self._execute(program, self._post_synapse[entries], source, target, member, keys)

    def _see_spikes(self, spikes: Indices, repeat: npt.NDArray[np.int64], member: int, step: int) -> None:
        first, last = self._rows(spikes, member)
        synapses = spread(first, last)
        if not synapses.size:
            return
        target = self.connections.post_index[synapses].astype(np.int64)
        keys = np.repeat(spike_keys(self._random, step, repeat), last - first)
        self._execute(self._see, synapses, np.repeat(spikes, last - first), target, member, keys)
        values = np.broadcast_to(self._see.namespace["transmitted"], synapses.shape).copy()
        later = int(self.connections.delay_steps[member] - self._axonal[member])
        if later:
            self._pending[member].append((step + later, target, values))
        else:
            self._add(target, values)

    def _execute(
        self,
        program: Any,
        synapses: npt.NDArray[Any],
        source: npt.NDArray[Any],
        target: npt.NDArray[Any],
        member: int,
        keys: npt.NDArray[np.uint64],
    ) -> None:
        """Run statements on synapses with the given cells at their ends, with draws from `keys`."""
        here = slice(member, member + 1)  # the scale is that of the class
        each = self._own or len(self._signal) > 1
        program.namespace.update(
            P_scale=self._scale[here], P_integral=self._integral[slice(None) if each else here]
        )
        program.namespace.update({f"P_{name}": values for name, values in self._seen[member].items()})
        program.namespace.update(uniform=partial(uniform, keys), binomial=partial(binomial, keys))
        pre, post = (end.astype(np.int64) * self._classes + member for end in (source, target))
        program(_syn=synapses, _source=source, _target=target, _pre=pre, _post=post)

    def _enter_traces(self, step: int) -> None:
        model = self.connections.model
        for trace, values in self._traces.items():
            presynaptic = trace in model.pre_traces
            group, shifts = (self.pre, self._axonal) if presynaptic else (self.post, self._dendritic)
            for member, shift in enumerate(shifts):
                spikes = group.at(step - int(shift))
                if trace in model.nearest:
                    values[spikes, member] = 1.0
                else:
                    np.add.at(values[:, member], spikes, 1.0)

    def trace(self, name: str) -> npt.NDArray[np.float64]:
        """Return a trace as the spikes of the present step would find it, one value per synapse."""
        # on a scale they have been brought up to the present step
        present = self._traces[name] * (1.0 if self._steps else self._decay[name])
        return present.reshape(-1)[self.connections.trace_rows(name)]

    def _add(self, target: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        np.add.at(self._receptor, target, self._factor * values)

    def reset(self) -> None:
        """Traces to zero, nothing under way."""
        for trace in self._traces.values():
            trace[:] = 0.0
        self._layout, self._revision, self._until = [], -1, -1
