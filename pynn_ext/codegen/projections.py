"""How connections of the network become a record of the core: static rows, or plastic ones with traces and a
transposed index."""

from __future__ import annotations

import ctypes
import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..network import Connections, SynapseModel
from . import cache
from .beside import changed_together, lay_beside
from .build import build_core
from .costly import in_blocks
from .groups import CellDriver, GroupDriver
from .library import ProjectionRecord, address, function, is_single, plastic, pointers

PACKED = 400_000  # plastic synapses from which on their index is packed; fewer stay in the cache as they are
LARGEST_EXPONENT = 4.0  # of a scale: digits that are lost to cancellation are as many as those of e^4

CALL = re.compile(r"\*\*|\b(?!clip|int|abs|uniform|binomial)[A-Za-z_]\w*\(")


class ProjectionDriver:
    """One block of connections and the arrays derived from it."""

    def __init__(
        self, connections: Connections, pre: GroupDriver, post: GroupDriver, timestep: float
    ) -> None:
        self.connections, self.pre, self.post, self.timestep = connections, pre, post, timestep
        self.record = ProjectionRecord()
        self.traces: list[np.ndarray[Any, Any]] = []
        self._revision = self._lent = self._modulated = -1
        self._queues, self._n_queues = 0, 0
        self._layout: list[np.ndarray[Any, Any]] = []
        self._transposed: tuple[list[np.ndarray[Any, Any]], Any] = ([], ())
        self._unit: tuple[Any, ...] = ()
        self.variable, self.factor = connections.post.model.receptors[connections.receptor]
        self.bundled = self.restless = False  # restless: changed after it had been bundled
        self.reach: dict[str, int] = {}
        if not connections.model.static:
            build_core(is_single(connections.dtype), "plastic")  # while the unit of the model is made

    @property
    def max_delay(self) -> int:
        """Largest delay in steps."""
        return int(self.connections.delay_steps.max(initial=1))

    def refresh(self, step: int) -> bool:
        """Bring the record up to date before a run that begins at `step`; return whether anything changed."""
        c = self.connections
        decays = c.model.scale is not None and c.model.scale.decay  # with a parameter of the modulator
        if decays and c.modulator is not None and c.modulator.revision != self._modulated:
            self._revision, self._modulated = -1, c.modulator.revision
        if c.revision == (self._lent if self.bundled else self._revision):
            return False
        self.variable, self.factor = c.post.model.receptors[c.receptor]
        together = () if c.model.static else changed_together(c.model, varying(c))
        lay_beside(c, together)
        weight = c.columns["weight"]
        self._keep: list[Any] = [c.offsets, c.post_index, weight, c.delay_steps]
        record = self.record
        record.pre, record.post = ctypes.addressof(self.pre.record), ctypes.addressof(self.post.record)
        record.offsets, record.targets = address(c.offsets), address(c.post_index)
        record.wide = c.post_index.dtype == np.uint32
        record.weight = address(weight)
        record.varied = 0 if not weight.ndim else 2 if weight.dtype == np.float32 else 1
        record.factor, record.receptor = self.factor, address(c.post.state[self.variable])
        record.beside = len(together) if "weight" in together else 1
        record.classes, record.delay = len(c.delay_steps), address(c.delay_steps)
        record.stream = c.stream
        record.diagonal = c.model.static and diagonal(c)
        if not c.model.static:
            self._plastic(step)
        self._revision = c.revision
        return True

    def forget(self) -> None:
        """Let go of arrays that a bundle has taken over."""
        self._keep, self._revision, self._lent = [], -1, self.connections.revision

    def looks_up(self) -> bool:
        """Whether it needs the presynaptic spikes as lists."""
        return not (self.record.diagonal and self.pre.counted)

    def feeds(self) -> bool:
        """Whether its spikes may be added where the cells are integrated: they are counted, each cell has a source, and
        all synapses have one weight."""
        each = self.record.diagonal and self.connections.pre.size >= self.connections.post.size
        return bool(each and self.pre.counted and not self.record.varied)

    def _plastic(self, step: int) -> None:
        c, record = self.connections, self.record
        axonal, dendritic = axonal_dendritic(c)
        library, names = self._library()
        everything = synapse_columns(c)
        columns = [everything[name].astype(c.dtype_of(name), copy=False) for name in names]
        first = len(names) - len(c.model.post_state)
        columns[first:] *= len(c.delay_steps)  # the core lets each class see its own past of the cells
        taus = [*c.model.pre_traces.values(), *c.model.post_traces.values()]
        decay = np.array([np.exp(-self.timestep / c.class_values[tau]) for tau in taus], dtype=c.dtype)
        classes = len(c.delay_steps)
        rows = [c.pre.size] * len(c.model.pre_traces) + [c.post.size] * len(c.model.post_traces)
        if [t.shape for t in self.traces] != [(n * classes,) for n in rows]:
            self.traces = [np.zeros(n * classes, dtype=c.dtype) for n in rows]
        nearest = np.array(
            [trace in c.model.nearest for trace in (*c.model.pre_traces, *c.model.post_traces)], np.int64
        )
        self._keep += [nearest]
        record.nearest = address(nearest)
        if c.model.on_step:
            record.sweep = function(library, "sweep32" if record.wide else "sweep16")
        scale: list[np.ndarray[Any, Any]] = []
        if c.model.scale:
            scale = self._rescaled(library, everything, names, step)
        column_pointers, trace_pointers = pointers(columns), pointers([*self.traces, *scale])
        self._keep += [dendritic, axonal, columns, decay, column_pointers, trace_pointers, library]
        record.axonal, record.dendritic = address(axonal), address(dendritic)
        record.see = function(library, "see32" if record.wide else "see16")
        record.columns, record.traces = ctypes.addressof(column_pointers), ctypes.addressof(trace_pointers)
        record.seen, record.n_seen = first, len(c.model.post_state)
        self._look_back(late_variables(c))
        record.n_pre_traces, record.n_post_traces = len(c.model.pre_traces), len(c.model.post_traces)
        record.decay, record.whole = address(decay), is_whole(c.model)
        if c.model.on_post:
            record.grow = function(library, "grow")
        if c.model.on_post or record.own:
            self._transpose()
        self._make_queues(axonal, step)

    def _core(self) -> ctypes.CDLL:
        return plastic(is_single(self.connections.dtype))

    def _look_back(self, reach: dict[str, int]) -> None:
        """Point to the histories of the variables that the model reads late."""
        self.reach, record = reach, self.record
        if not reach:
            record.histories = None
            return
        assert isinstance(self.post, CellDriver)
        kept = [self.post.histories.of(variable) for variable in self.connections.model.post_state.values()]
        histories = (ctypes.c_void_p * len(kept))(*(ctypes.addressof(h.record) for h in kept))
        self._keep += [kept, histories]
        record.histories = ctypes.addressof(histories)

    def _rescaled(
        self, library: ctypes.CDLL, everything: dict[str, np.ndarray[Any, Any]], names: list[str], step: int
    ) -> list[np.ndarray[Any, Any]]:
        """Prepare the scale of the model and return it and the integral of its signal; both are at rest between
        runs."""
        c, record = self.connections, self.record
        steps = scale_steps(c, self.timestep)
        scale, until = np.ones(len(c.delay_steps)), np.array([step])
        signal = everything.get(steps.signal, np.empty(0))
        integral = np.zeros(max(signal.size, 1) * len(scale))
        record.rescale = function(library, "rescale32" if record.wide else "rescale16")
        record.fold = function(library, "fold")
        record.own = names.index(steps.signal) if steps.signal in c.model.post_state else 0
        record.period, record.until = steps.period, address(until)
        record.scale, record.growth = address(scale), address(steps.growth)
        record.signal, record.signals = address(signal), signal.size
        record.integral, record.gain = address(integral), address(steps.gain)
        self._keep += [scale, until, steps, signal, integral]
        return [scale, integral]

    def _library(self) -> tuple[ctypes.CDLL, list[str]]:
        """The unit; it is looked up again only if a column has become an array or a number."""
        c = self.connections
        arrays = varying(c)
        if self._unit[:2] != (c.model, arrays):
            self._unit = (c.model, arrays, synapse_library(c))
        return self._unit[2]

    def _transpose(self) -> None:
        """Index the synapses by their targets, unless they were before some value was changed."""
        c, record = self.connections, self.record
        layout: list[np.ndarray[Any, Any]] = [c.delay_steps, c.offsets, c.post_index]
        if not same_layout(self._transposed[0], layout):
            library = self._core()
            offsets = np.zeros(c.post.size * len(c.delay_steps) + 1, np.int64)
            library.survey(record, address(offsets))
            if len(c) < PACKED:
                record.entry_bytes = 0
            n, size = (len(c), record.entry_bytes) if record.entry_bytes else (2 * len(c), 4)
            entries = np.empty(n, f"u{size}")
            record.post_offsets, record.entries = address(offsets), address(entries)
            library.pack(record)
            self._transposed = (layout, (offsets, entries))

    def _make_queues(self, axonal: np.ndarray[Any, Any], step: int) -> None:
        """What is under way in the dendrites stays so only as long as the layout and the parts of the delays do."""
        layout: list[np.ndarray[Any, Any]] = [self.connections.delay_steps, axonal, self.connections.offsets]
        if not same_layout(self._layout, layout):
            self.close()
            self._queues, self._n_queues = self._core().make_queues(len(axonal)), len(axonal)
            self._layout = layout
            self.record.since = step
        self.record.pending = self._queues

    def trace(self, name: str) -> np.ndarray[Any, Any]:
        """Return a trace as the spikes of the present step would find it, float64, one value per synapse."""
        c = self.connections
        taus = {**c.model.pre_traces, **c.model.post_traces}
        if not self.traces:
            return np.zeros(len(c))
        values = self.traces[list(taus).index(name)].reshape(-1, len(c.delay_steps))
        # on a scale they have been brought up to the present step
        elapsed = 0.0 if c.model.scale else self.timestep
        present = values * np.exp(-elapsed / c.class_values[taus[name]])
        return present.reshape(-1)[c.trace_rows(name)]

    def reset(self) -> None:
        """Traces to zero, nothing under way."""
        for trace in self.traces:
            trace[:] = 0.0
        if self._n_queues:
            self.close()
            self._revision = -1

    def close(self) -> None:
        """Free what belongs to the core."""
        if self._n_queues:
            self._core().free_queues(self._queues, self._n_queues)
        self._queues, self._n_queues, self._layout = 0, 0, []


@dataclass(frozen=True)
class ScaleSteps:
    """What a `Scale` does in a step.

    Attributes
    ----------
    signal : str
    growth : ndarray
        Of the scale, shape ``(classes,)``.
    gain : ndarray
        What a signal of 1 at the end of a step adds to its integral at a scale of 1, shape ``(cells * classes,)``.
    period : int
        Steps after which the scale returns to 1.
    """

    signal: str
    growth: np.ndarray[Any, Any]
    gain: np.ndarray[Any, Any]
    period: int


def scale_steps(c: Connections, timestep: float) -> ScaleSteps:
    """Return the steps of the scale of connections."""
    scale = c.model.scale
    assert scale is not None
    tau = c.class_values[scale.tau]
    growth = np.exp(np.minimum(timestep / tau, 600.0))
    group = c.post if scale.signal in c.model.post_state else c.modulator
    rates = np.broadcast_to(1.0 / tau, (group.size if group else 1, len(tau)))
    if group and scale.decay:
        rates = rates + 1.0 / group.parameter(scale.decay)[:, None]
    gain = np.expm1(np.minimum(timestep * rates, 600.0)) / rates
    period = max(int(LARGEST_EXPONENT * tau.min(initial=np.inf) / timestep), 1) if len(tau) else 1
    return ScaleSteps(scale.signal, growth, np.ascontiguousarray(gain.reshape(-1)), period)


def diagonal(c: Connections) -> bool:
    """Return whether source i has one synapse, onto cell i."""
    n = len(c)
    if len(c.delay_steps) != 1 or n != c.pre.size or n > c.post.size:
        return False
    index = np.arange(n)
    return bool(np.array_equal(c.offsets[:n], index) and np.array_equal(c.post_index, index))


def is_whole(model: SynapseModel) -> bool:
    """Return whether the synapses of a model cannot be divided among threads.

    A row that is cut must give the same bits, which functions promise in blocks only. And the state of cells of other
    threads must not be read while these change it."""
    code = "\n".join([model.on_pre, model.on_transmit])
    calls = CALL.search(code) and not in_blocks(code)
    return bool(calls or model.scale or model.on_step or model.pre_state or model.modulator_state)


def same_layout(old: list[np.ndarray[Any, Any]], new: list[np.ndarray[Any, Any]]) -> bool:
    """Return whether delays and rows are as they were."""
    return len(old) == len(new) and all(a is b or np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def axonal_dendritic(c: Connections) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the two parts of each class's delay in steps, int32."""
    dendritic = np.floor(c.dendritic_delay_fraction * c.delay_steps + 0.5 + 1e-9).astype(np.int32)
    return (c.delay_steps - dendritic).astype(np.int32), dendritic


def late_variables(c: Connections) -> dict[str, int]:
    """Return the state variables of the postsynaptic cells that some of these synapses see late, and how many steps at
    most."""
    if c.model.coupling or not c.model.post_state:
        return {}
    longest = int(axonal_dendritic(c)[1].max(initial=0))
    return dict.fromkeys(c.model.post_state.values(), longest) if longest else {}


def transposed(c: Connections) -> tuple[np.ndarray[Any, Any], ...]:
    """Index the synapses by (postsynaptic cell, class).

    Returns
    -------
    offsets, synapse, pre : ndarray
        Where each such row begins and ends, and of its entries the synapse and the presynaptic cell; int64,
        uint32, uint32.
    """
    classes = len(c.delay_steps)
    rows = np.repeat(np.arange(len(c.offsets) - 1), np.diff(c.offsets))
    row = c.post_index.astype(np.int64) * classes + rows % classes
    order = np.argsort(row, kind="stable").astype(np.uint32)
    counts = np.bincount(row, minlength=c.post.size * classes)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return offsets, order, (rows[order] // classes).astype(np.uint32)


def synapse_columns(c: Connections) -> dict[str, np.ndarray[Any, Any]]:
    """Return all columns that statements may use: of the synapses, and the state of the cells that they read."""
    columns = dict(c.columns)
    for group, names in (
        (c.pre, c.model.pre_state),
        (c.post, c.model.post_state),
        (c.modulator, c.model.modulator_state),
    ):
        columns.update({name: group.state[variable] for name, variable in names.items()})  # type: ignore[union-attr]
    return columns


def varying(c: Connections) -> frozenset[str]:
    """Return the names of the columns that have one value for each synapse, or, of a modulator, each cell."""
    names = {name for name, column in c.columns.items() if column.ndim}
    if c.modulator is not None and c.modulator.size > 1:
        names |= set(c.model.modulator_state)
    return frozenset(names)


def synapse_library(c: Connections) -> tuple[ctypes.CDLL, list[str]]:
    """Return the compiled unit of a model for these connections, and the names of its columns in their order."""
    arrays = varying(c)
    library, notes = cache.library(
        ["synapse", asdict(replace(c.model, present=None)), sorted(arrays), str(c.dtype)],
        lambda: _generate_synapse(c.model, arrays, c.dtype),
    )
    return library, notes["columns"]


def _generate_synapse(model: Any, arrays: frozenset[str], dtype: Any) -> tuple[str, dict[str, Any]]:
    from .synapse_unit import synapse_unit

    unit = synapse_unit(model, arrays, dtype)
    return unit.source, {"columns": unit.columns, "traces": unit.traces}
