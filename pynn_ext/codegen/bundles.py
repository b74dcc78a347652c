"""Static projections of one group with a weight each, merged for delivery; see ``core/bundles.h``.

In a network of many populations the synapses that one spike reaches after one delay are spread over all projections, a
few in each. A bundle holds them side by side, for each thread those of its cells, and is then their only copy: the
connections lend it their arrays, and what asks for these gets them back from the bundle. At the next run they are lent
again; weights that have changed are written into the bundle, and only another layout ends the loan.

Where a source has few synapses for each delay, they are all read and copied when it fires, see ``core/schedule.h``."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import Connections
from .groups import GroupDriver
from .library import BundleRecord, PartRecord, ShareRecord, SliceRecord, address, core, merger
from .multiples import are_multiples, common_unit, from_multiples, multiples
from .projections import ProjectionDriver

LEAST_SYNAPSES = 100_000  # below, all of them stay in the cache anyway
MOST_SYNAPSES = 2_000_000_000  # of which 32 bits can tell the places
LONG_ROW = 256  # synapses that follow one another even without a bundle
SHORT_SEGMENT = 20  # synapses of one source and delay: fewer are copied when it fires
LONG_DELAY = 500  # steps: what is under way would take as much memory as the synapses
PIECE = 8  # as in schedule.h
NARROW = 1 << 16  # places that 16 bits can tell apart
PAGE = 1 << 21  # bytes of a huge page

Array = npt.NDArray[Any]


def candidates(projections: list[ProjectionDriver]) -> list[list[ProjectionDriver]]:
    """Return the projections that are worth a bundle, by presynaptic group, each onto a receptor of its own."""
    found: dict[int, dict[tuple[int, str], ProjectionDriver]] = {}
    for p in projections:
        c = p.connections
        if c.model.static and c.varies and not p.restless and len(c):
            found.setdefault(id(c.pre), {}).setdefault((id(c.post), p.variable), p)
    worthwhile = [list(group.values()) for group in found.values() if _worthwhile(list(group.values()))]
    # those onto one receptor follow one another: the sums that they reach stay in the cache
    return sorted(worthwhile, key=lambda group: group[0].variable)


def _worthwhile(members: list[ProjectionDriver]) -> bool:
    synapses = sum(len(p.connections) for p in members)
    rows = sum(p.connections.pre.size * len(p.connections.delay_steps) for p in members)
    return LEAST_SYNAPSES <= synapses < min(LONG_ROW * rows, MOST_SYNAPSES)


def is_single(weight: Array) -> bool:
    """Return whether float32 holds these numbers as they are."""
    return weight.dtype == np.float32 or bool(np.array_equal(weight.astype(np.float32), weight))


def paged(n: int, dtype: Any) -> Array:
    """Return `n` zeros, on huge pages if the system has them: places are looked up at random, each page by its own
    address."""
    size = np.dtype(dtype).itemsize
    if n < PAGE // 32 or not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.zeros(n, dtype=dtype)
    memory = mmap.mmap(-1, (size * n // PAGE + 2) * PAGE)
    with contextlib.suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    numbers = np.frombuffer(memory, dtype=dtype)
    first = -address(numbers) % PAGE // size
    return numbers[first : first + n]


@dataclass
class Section:
    """The sums of one receptor variable of one group in the rows of all threads."""

    post: GroupDriver
    variable: str
    factor: float
    bounds: list[int]
    base: list[int]


class Layout:
    """Where the sums of each (receptor variable, group) are in the row of each thread."""

    def __init__(self, members: list[ProjectionDriver], bounds: dict[int, list[int]], threads: int) -> None:
        self.sections: dict[tuple[int, str], Section] = {}
        ends = [0] * threads
        # all cells of one receptor together: a projection has one, so its bundle reaches over fewer places
        for p in sorted(members, key=lambda p: p.variable):
            key = (id(p.connections.post), p.variable)
            if key in self.sections:
                continue
            b = bounds[id(p.connections.post)]  # whole blocks, as cells are integrated by such
            self.sections[key] = Section(p.post, p.variable, p.factor, b, list(ends))
            ends = [end + b[t + 1] - b[t] for t, end in enumerate(ends)]
        dtype = members[0].connections.dtype if members else np.float64
        self.rows = [paged(max(end, 1), dtype) for end in ends]

    def records(self) -> list[SliceRecord]:
        """Return the slices that are added to the receptors."""
        found = []
        for section in self.sections.values():
            receptor = section.post.group.state[section.variable]  # type: ignore[union-attr]
            for t, row in enumerate(self.rows):
                record = SliceRecord(low=section.bounds[t], high=section.bounds[t + 1], thread=t)
                record.post, record.factor = ctypes.addressof(section.post.record), section.factor
                record.receptor, record.row = address(receptor), address(row) + row.itemsize * section.base[t]
                found.append(record)
        return found


class Bundle:
    """The merged synapses of some projections of one group.

    Parameters
    ----------
    members : list of ProjectionDriver
        What it is made of; their connections are lent.
    layout : Layout
        Places of the sums.
    """

    def __init__(self, members: list[ProjectionDriver], layout: Layout) -> None:
        self.members, self.layout = members, layout
        self.revisions = [p.connections.revision for p in members]
        self.delays = np.unique(np.concatenate([p.connections.delay_steps for p in members])).astype(np.int32)
        weights = [p.connections.columns["weight"] for p in members]
        self._given = [weight.dtype for weight in weights]
        self._returned: dict[int, tuple[Array, Array]] = {}  # what a member was given last
        self._places()
        self.unit = None if self._wide else common_unit(weights)
        self._weight = np.dtype(
            np.uint16 if self.unit else np.float32 if all(map(is_single, weights)) else np.float64
        )
        self._merge()
        self.lend()

    def _places(self) -> None:
        """Each member's sections in the order of the row, and which of its classes a class of the bundle is."""
        keys = [(id(p.connections.post), p.variable) for p in self.members]
        sections = [self.layout.sections[key] for key in keys]
        self._sections = sections
        threads = range(len(self.layout.rows))
        self._origin = [min(s.base[t] for s in sections) for t in threads]
        ends = [max(s.base[t] + s.bounds[t + 1] - s.bounds[t] for s in sections) for t in threads]
        self._wide = max(end - self._origin[t] for t, end in enumerate(ends)) > NARROW
        self._class = []
        for p in self.members:
            own = {int(d): i for i, d in enumerate(p.connections.delay_steps)}
            self._class.append(np.array([own.get(int(d), -1) for d in self.delays], dtype=np.int64))

    def _part(self, m: int, t: int, targets: Array, offsets: Array, weights: Array) -> PartRecord:
        section = self._sections[m]
        record = PartRecord(low=section.bounds[t], high=section.bounds[t + 1])
        record.base = section.base[t] - self._origin[t]
        record.offsets, record.targets, record.weights = map(address, (offsets, targets, weights))
        record.wide = targets.dtype == np.uint32
        record.classes, record.member = len(self.members[m].connections.delay_steps), address(self._class[m])
        return record

    def _merge(self) -> None:
        cells, classes = self.members[0].connections.pre.size, len(self.delays)
        self._shares: list[tuple[Array, Array, Array]] = []
        self._schedules: list[int | None] = []
        arrays = []
        for p in self.members:
            c = p.connections
            arrays.append((c.post_index, c.offsets, self._kept(c.columns["weight"])))
        for t in range(len(self.layout.rows)):
            order = sorted(range(len(self.members)), key=lambda m: self._sections[m].base[t])
            parts = (PartRecord * len(order))(*(self._part(m, t, *arrays[m]) for m in order))
            bytes_ = self._weight.itemsize
            words = merger().merge_share(
                parts, len(order), cells, classes, None, None, None, self._wide, bytes_
            )
            offsets = np.empty(cells * classes + 1, dtype=np.uint32)
            data = np.empty(words + PIECE, dtype=self._weight)
            present = np.zeros(cells, dtype=np.uint64)
            share = (offsets, data, present)
            merger().merge_share(parts, len(order), cells, classes, *map(address, share), self._wide, bytes_)
            self._shares.append(share)
            self._schedules.append(self._schedule(words, cells * classes))

    def _kept(self, weights: Array) -> Array:
        """Weights as the bundle keeps them."""
        return multiples(weights, self.unit) if self.unit else weights.astype(self._weight, copy=False)

    def _fit(self, weights: Array) -> bool:
        """Whether the bundle can keep these."""
        if self.unit:
            return are_multiples(weights, self.unit)
        return self._weight == np.float64 or is_single(weights)

    def _schedule(self, words: int, segments: int) -> int | None:
        """What a share keeps of spikes under way; nothing if its segments are long, which are then read when they
        act."""
        size = self._weight.itemsize
        synapses = words * size / (size + (4 if self._wide else 2))
        if synapses >= SHORT_SEGMENT * segments or self.delays[-1] > LONG_DELAY:
            return None
        library = core()
        schedule: int = library.make_schedule(len(self.delays), int(self.delays[-1]))
        weakref.finalize(self, library.free_schedule, schedule)
        return schedule

    def lend(self) -> None:
        """Take the arrays of all members that are as they were when they were merged."""
        for m, (p, revision) in enumerate(zip(self.members, self.revisions, strict=True)):
            if p.connections.revision == revision:
                self._returned.pop(m, None)
                p.connections.lend(self.give_back)
                p.forget()

    def give_back(self, connections: Connections) -> None:
        """Make the arrays of a member again."""
        m = next(i for i, p in enumerate(self.members) if p.connections is connections)
        n, cells = len(connections), connections.pre.size
        targets = np.empty(n, dtype=np.uint16 if connections.post.size <= NARROW else np.uint32)
        offsets = np.empty(cells * len(connections.delay_steps) + 1, dtype=np.int64)
        weights = np.empty(n, dtype=self._weight)
        threads = range(len(self.layout.rows))
        parts = (PartRecord * len(threads))(*(self._part(m, t, targets, offsets, weights) for t in threads))
        shares = self._share_records()
        size = self._weight.itemsize
        merger().split_shares(parts, shares, len(threads), cells, len(self.delays), self._wide, size)
        given = self._given[m]
        weights = (
            from_multiples(weights, self.unit, given) if self.unit else weights.astype(given, copy=False)
        )
        connections.take_back(offsets, targets, weights)
        self._returned[m] = (offsets, targets)

    def is_in_place(self, m: int) -> bool:
        """Whether a member has its synapses where they were, each with a weight."""
        c = self.members[m].connections
        offsets, targets = self._returned.get(m, (None, None))
        return c.varies and c.offsets is offsets and c.post_index is targets

    def write(self, m: int) -> bool:
        """Take new weights of a member into the bundle, unless more has changed or they need more memory."""
        c = self.members[m].connections
        if not self.is_in_place(m) or not self._fit(c.columns["weight"]):
            return False
        self._given[m] = c.columns["weight"].dtype
        (offsets, targets), weights = self._returned[m], self._kept(c.columns["weight"])
        threads = range(len(self.layout.rows))
        parts = (PartRecord * len(threads))(*(self._part(m, t, targets, offsets, weights) for t in threads))
        merger().write_weights(
            parts,
            self._share_records(),
            len(threads),
            c.pre.size,
            len(self.delays),
            self._wide,
            weights.itemsize,
        )
        self.revisions[m] = c.revision
        for schedule in filter(None, self._schedules):  # what it holds are copies of the old ones
            core().clear_schedule(schedule)
        return True

    def _share_records(self) -> Any:
        records = []
        for (offsets, data, present), schedule, row, origin in zip(
            self._shares, self._schedules, self.layout.rows, self._origin, strict=True
        ):
            record = ShareRecord(wide=self._wide, schedule=schedule)
            record.offsets, record.data, record.present = map(address, (offsets, data, present))
            record.row = address(row) + row.itemsize * origin
            records.append(record)
        return (ShareRecord * len(records))(*records)

    def record(self) -> BundleRecord:
        """Return what the core works on."""
        self._records = self._share_records()
        record = BundleRecord(classes=len(self.delays), bytes=self._weight.itemsize, unit=self.unit or 1.0)
        record.pre = ctypes.addressof(self.members[0].pre.record)
        record.delay, record.shares = address(self.delays), ctypes.addressof(self._records)
        return record


class Bundles:
    """All bundles of an engine, kept as long as projections, weights and the division among threads stay."""

    def __init__(self) -> None:
        self._bundles: list[Bundle] = []
        self._layout: Layout | None = None
        self._key: Any = None

    def share(
        self, projections: list[ProjectionDriver], bounds: dict[int, list[int]], threads: int
    ) -> tuple[list[BundleRecord], list[SliceRecord]]:
        """Merge what is worth it; the projections that are left have `bundled` false."""
        for bundle in self._bundles:
            for m, p in enumerate(bundle.members):
                if p.connections.revision == bundle.revisions[m] or bundle.write(m):
                    continue
                if bundle.unit and bundle.is_in_place(m):
                    self._key = None  # merged again, with weights of more bytes
                else:
                    p.restless = True
        groups = candidates(projections)
        key = ([[id(p) for p in group] for group in groups], bounds)
        if key != self._key:
            self._key, self._bundles = key, []
            self._layout = Layout([p for group in groups for p in group], bounds, threads)
            self._bundles = [Bundle(group, self._layout) for group in groups]
        bundled = {id(p) for bundle in self._bundles for p in bundle.members}
        for p in projections:
            p.bundled = id(p) in bundled
        assert self._layout is not None
        return [bundle.record() for bundle in self._bundles], self._layout.records() if bundled else []

    def settle(self) -> None:
        """Lend again what was asked for since the last run."""
        for bundle in self._bundles:
            bundle.lend()
